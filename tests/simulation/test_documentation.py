"""The page on the city lists every assumption with its value, in both languages."""

from pathlib import Path

import pytest

from telewave.simulation.facts import ASSUMPTIONS
from telewave.simulation.response import CHANNELS

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize("page", ["reference/simulated-city.md", "zh/reference/simulated-city.md"])
def test_every_assumption_is_listed_with_its_value(page):
    text = (DOCS / page).read_text()
    listed = ASSUMPTIONS | {f"touch_{channel}": value for channel, value in CHANNELS.items()}
    missing = [name for name, value in listed.items() if f"| `{name}` | {value:g} |" not in text]
    assert not missing
