"""Telewave: open precision marketing for telecom operators.

The sub-packages are the capabilities, in the order of the loop they serve: records become features,
features become audiences and models, models become target groups, and so on to measurement.
"""

__version__ = "0.1.0"
