"""The console put together: screens, what stands before them, what an error looks like."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from importlib.resources import files
from itertools import chain

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from telewave.console import (
    audit_page,
    calls_page,
    campaign_page,
    campaigns_page,
    people_page,
    results_page,
    sign_in_page,
    today_page,
)
from telewave.console.frame import ASSETS, refused
from telewave.console.guard import App, Guard, Scope
from telewave.console.visit import (
    ChangePasswordFirst,
    Needs,
    SignInFirst,
    Workplace,
    signed_in,
    visit_of,
)
from telewave.kernel import Malformed, Missing, TelewaveError
from telewave.platform.files import keep_traceback
from telewave.platform.pages.library import chart_library

SCREENS = (
    sign_in_page,
    today_page,
    campaigns_page,
    campaign_page,
    results_page,
    calls_page,
    people_page,
    audit_page,
)
OPEN_TO_ALL = ("/sign-in", "/language", ASSETS)
"""Addresses that begin so need nobody signed in."""


class NoSuchPage(Missing):
    """There is no page {path}. Go on from the pages named above, or from the first: /"""

    code = "no_such_page"


class FormUnreadable(Malformed):
    """The form cannot be read: {fields} is missing or is not what it should be. Go back, fill it in, and send it
    again.
    """

    code = "form_unreadable"


class Unforeseen(TelewaveError):
    """Telewave met something it was not made for. What was finished before stays. The details are in {file} on the
    server: tell whoever looks after Telewave, and what you did.
    """

    code = "unforeseen"


def console(workplace: Workplace) -> FastAPI:
    """The application. Raises `ValueError` for a page that does not say who may see it."""
    app = FastAPI(title="Telewave", openapi_url=None, docs_url=None, redoc_url=None)
    app.state.workplace = workplace
    for screen in SCREENS:
        app.include_router(screen.router)
    app.add_api_route(ASSETS + "/{name}", _asset, methods=["GET"])
    app.add_exception_handler(TelewaveError, _told)
    app.add_exception_handler(HTTPException, _told_of_http)
    app.add_exception_handler(RequestValidationError, _told_of_form)
    app.add_middleware(Guard, refusal=lambda scope, error: _answer_of(app, scope, error))
    for route, needed in permissions_of(app):
        if needed is None and not route.path.startswith(OPEN_TO_ALL):
            raise ValueError(f"{route.path} does not say who may see it")
    return app


def permissions_of(app: FastAPI) -> Iterator[tuple[APIRoute, tuple[str, ...] | None]]:
    """Each route with the permissions of which one is needed: none of them for whoever is signed in; None: nobody needs
    to be.
    """
    for route in chain(app.routes, *(screen.router.routes for screen in SCREENS)):
        if isinstance(route, APIRoute):
            asked = [one.call for one in route.dependant.dependencies]
            named = [one.any_of for one in asked if isinstance(one, Needs)]
            yield route, named[0] if named else (() if signed_in in asked else None)


_ASSETS = {
    "page.css": ("telewave.platform.pages", "text/css"),
    "page.js": ("telewave.platform.pages", "text/javascript"),
    "console.css": ("telewave.console", "text/css"),
    "console.js": ("telewave.console", "text/javascript"),
}


def _asset(name: str) -> Response:
    """Styles and scripts, by their names alone."""
    kept = {"cache-control": "public, max-age=300"}
    if name == "echarts.min.js":
        return Response(chart_library(), media_type="text/javascript; charset=utf-8", headers=kept)
    if name not in _ASSETS:
        raise NoSuchPage(path=f"{ASSETS}/{name}")
    package, kind = _ASSETS[name]
    text = (files(package) / "assets" / name).read_text(encoding="utf-8")
    return Response(text, media_type=f"{kind}; charset=utf-8", headers=kept)


def _told(request: Request, error: Exception) -> Response:
    assert isinstance(error, TelewaveError)  # noqa: S101 - registered for these
    if isinstance(error, SignInFirst) and request.method == "GET":
        from urllib.parse import urlencode

        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse("/sign-in" + ("?" + urlencode({"to": asked}) if asked != "/" else ""), 303)
    if isinstance(error, ChangePasswordFirst):
        return RedirectResponse("/password", 303)
    return refused(visit_of(request), error)


def _told_of_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    answer = refused(visit_of(request), NoSuchPage(path=request.url.path[:200]))
    answer.status_code = error.status_code
    return answer


def _told_of_form(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    fields = sorted({str(one["loc"][-1]) for one in error.errors()})
    return refused(visit_of(request), FormUnreadable(fields=", ".join(fields)))


def _answer_of(app: FastAPI, scope: Scope, error: Exception) -> App:
    visit = visit_of(Request(dict(scope) | {"app": app}))
    if isinstance(error, TelewaveError):
        return refused(visit, error)
    text = "".join(traceback.format_exception(error))
    file = keep_traceback(text, visit.workplace.home.settings.home)
    return refused(visit, Unforeseen(file=file.name))
