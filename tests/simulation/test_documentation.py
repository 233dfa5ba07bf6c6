"""The page of assumptions lists every one with its value, range and reason, in both languages."""

import pytest

from telewave.simulation.assumptions import ASSUMPTIONS, TABLE
from telewave.simulation.documentation import assumptions_markdown


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_assumption_is_listed_with_its_value_and_range(language):
    text = assumptions_markdown(language)
    every = [one for _, part in TABLE for one in part]
    rows = [f"| `{one.name}` | {one.value:g} | {one.low:g} | {one.high:g} | " for one in every]
    assert [row for row in rows if row not in text] == []
    assert len(ASSUMPTIONS) == len(every)


def test_every_value_lies_within_its_range():
    assert [one.name for _, part in TABLE for one in part if not one.low <= one.value <= one.high] == []
