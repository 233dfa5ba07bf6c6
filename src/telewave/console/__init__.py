"""The console: the campaign's work in a browser, for the people who do it.

Screens only: each calls the use cases that the command line calls, and shows their answers on the components of
`platform/pages`. A screen is `<what>_page.py` with a template of its name; `app.py` puts them together, `guard.py`
stands before all of them, `visit.py` says who asks. Nothing is kept here.
"""
