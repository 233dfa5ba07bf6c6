"""What `make test` shows on some cases, and `make prove` on all."""

import os

import pytest

PROVING = os.environ.get("TELEWAVE_EXAMPLES") == "prove"


def some_of(values, number):
    """The values as parameters of a test: the first `number` always, the others for `make prove`."""
    return [
        pytest.param(value, marks=pytest.mark.prove if place >= number else ())
        for place, value in enumerate(values)
    ]


def examples(number):
    """How many examples a property is tried on: a third for `make test`, all for `make prove`."""
    return number if PROVING else max(3, number // 3)
