"""How far expected takers can be trusted: what was predicted beside what came, on periods that the model had not seen.
Pure.

Forward validation cuts its list into stretches of about equal size and knows of each the share of takers
predicted, p, and observed, o, with Wilson's interval [l, u]. A group holds the part of the list between two ranks,
so its expected takers E are split over the stretches that it overlaps, E = sum e_i. Had the predictions been off
as they were then, sum e_i o_i / p_i would come, and

    sum e_i o_i / p_i -+ sqrt(sum (e_i (o_i - bound_i) / p_i)^2 + z^2 E + (z t E)^2)

is its range: the intervals of independent shares combined (MOVER; Zou and Donner 2008, Stat. Med. 27), the chance of a
number of takers that is counted once (Poisson), and t, how far the rate differs from one period to the next beyond
chance: the card's `RateUncertainty`, which the plan forecasts with as well. Of the whole list the stretches tell what
that knows of all rows together, so that a plan and a report are as sure of the same takers. The range always holds E
itself. Response factors and margin are taken as given.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from telewave.kernel import Estimate, Inconclusive, Message
from telewave.kernel.intervals import Z95, wilson
from telewave.models.model import CalibrationBin, RankingQuality, RateUncertainty

METHOD = "predicted against observed on periods not seen (Wilson, MOVER), scatter between them, and chance (Poisson)"
SHALLOWEST = 0.02
FEWEST = 10


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the list from rank share `start` to `end` (0 to 1, best first), of which `takers` are expected."""

    start: float
    end: float
    takers: float


@dataclass(frozen=True, slots=True)
class Depth:
    """Takers in the best `share` of the list relative to as many rows at random, on periods not seen."""

    share: float
    lift: Estimate


def expected_takers(
    parts: Sequence[Part], judged: RankingQuality, rate: RateUncertainty
) -> Estimate | Inconclusive:
    """Takers expected of all `parts` together, with the range of the module's text; `rate`: the card's."""
    expected = sum(part.takers for part in parts)
    if judged.takers < FEWEST:
        return Inconclusive(
            Message("{takers} takers on periods not seen are too few to judge by.", takers=judged.takers)
        )
    bins = judged.calibration[::-1]  # best first, as the list
    share = [0.0] * len(bins)
    for part in parts:
        for k, weight in enumerate(_split(part, bins)):
            share[k] += part.takers * weight
    told = [(e / b.predicted, b.observed) for e, b in zip(share, bins, strict=True) if e > 0]
    centre = sum(scale * o.value for scale, o in told)
    chance = Z95**2 * (expected + (rate.between_periods * expected) ** 2)
    low = centre - math.sqrt(sum((scale * (o.value - o.low)) ** 2 for scale, o in told) + chance)
    high = centre + math.sqrt(sum((scale * (o.high - o.value)) ** 2 for scale, o in told) + chance)
    return Estimate(
        value=expected, low=max(0.0, min(low, expected)), high=max(high, expected), n=judged.n, method=METHOD
    )


def _split(part: Part, bins: Sequence[CalibrationBin]) -> list[float]:
    """How the takers of `part` are spread over the stretches: by predicted takers in its overlap with each; sums to
    1.
    """
    rows = sum(b.n for b in bins)
    overlaps, start = [], 0.0
    for b in bins:
        end = start + b.n / rows
        overlaps.append(max(0.0, min(end, part.end) - max(start, part.start)) * b.predicted)
        start = end
    total = sum(overlaps)
    return [overlap / total if total else 0.0 for overlap in overlaps]


def lift_at(judged: RankingQuality, share: float) -> Depth | None:
    """Lift of the best `share` of the list (at least the best 2 %, the finest that
    was kept); None where too few takers tell.

    The takers found there are a share of all takers, with Wilson's interval.
    """
    if judged.takers < FEWEST or share <= 0:
        return None
    depth = max(share, SHALLOWEST)
    found = wilson(round(_found(judged, depth) * judged.takers), judged.takers)
    lift = Estimate(
        value=found.value / depth,
        low=found.low / depth,
        high=found.high / depth,
        n=judged.takers,
        method=found.method,
    )
    return Depth(depth, lift)


def _found(judged: RankingQuality, depth: float) -> float:
    """Share of all takers among the best `depth` of the list, between the points of the gain curve."""
    for (x, found), (next_x, next_found) in zip(judged.gain, judged.gain[1:], strict=False):
        if depth <= next_x:
            return found + (next_found - found) * (depth - x) / (next_x - x)
    return 1.0
