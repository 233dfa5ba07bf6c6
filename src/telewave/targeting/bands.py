"""The bands in which age and tenure are shown. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from telewave.kernel import Label

AGE, TENURE, ACTIVITY, DATA = "age", "tenure_months", "calls_3m", "data_mb_3m"

Bands = Mapping[str, "tuple[Band, ...]"]
"""Of each variable that is shown in bands, by its name."""


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch [low, high) of a variable with a name."""

    label: Label
    low: float
    high: float


TENURE_BANDS = (
    Band(Label("under 1 year", "不到 1 年"), -math.inf, 12),
    Band(Label("1–2 years", "1–2 年"), 12, 24),
    Band(Label("2–5 years", "2–5 年"), 24, 60),
    Band(Label("5–10 years", "5–10 年"), 60, 120),
    Band(Label("10 years and over", "10 年及以上"), 120, math.inf),
)


def age_bands(starts: Iterable[int]) -> tuple[Band, ...]:
    """Bands of whole years that begin at `starts`, and one below the first.

    >>> [band.label.en for band in age_bands((18, 24, 25))]
    ['under 18', '18–23', '24', '25 and over']
    """
    edges = sorted(set(starts))
    below = Band(Label(f"under {edges[0]}", f"不满 {edges[0]} 岁"), -math.inf, edges[0])
    above = Band(Label(f"{edges[-1]} and over", f"{edges[-1]} 岁及以上"), edges[-1], math.inf)
    between = (Band(_years(low, high - 1), low, high) for low, high in pairwise(edges))
    return (below, *between, above)


def _years(first: int, last: int) -> Label:
    told = str(first) if first == last else f"{first}–{last}"
    return Label(told, f"{told} 岁")


USUAL_BANDS: Bands = {AGE: age_bands((18, 24, 37, 46)), TENURE: TENURE_BANDS}
"""Where no case says at what ages its groups begin and end."""
