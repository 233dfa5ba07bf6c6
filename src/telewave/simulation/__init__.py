"""The simulated city: subscribers whose records can be observed, and the hidden truth behind them.

`simulate` writes records in the form of the table contracts and, in a folder of its own, the truth:
traits, chances and effects of contact. Only this package, and the judges of tests and benchmarks, may read
the truth. Figures that are calibrated to a source are in `facts`; what has no source is an assumption
there, and is listed as one in the documentation.
"""
