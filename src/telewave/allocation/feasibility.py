"""Whether minimum volumes can be met at all, and which limits stand against them. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Never

import numpy as np

from telewave.allocation.choosing import Chooser
from telewave.allocation.dual import Dual, price_range
from telewave.allocation.model import Floats, Limit, MinimumsMissed, NoPlanExists, Problem, shortfall
from telewave.allocation.prices import EXACT_UP_TO, first_prices, jittered, lowest_by_columns

NEAR_THE_TOP = 0.2
NAMED = 1e-3
PROVEN = 1e-6
"""Part of the minima that must be missing to prove that they contradict the limits."""


def check_reachable(problem: Problem) -> None:
    """Refuse a minimum that everybody eligible together cannot reach. Raises `NoPlanExists`."""
    for r in np.flatnonzero(problem.least):
        counting = np.flatnonzero(problem.use[r].max(0) > 0)
        if problem.amounts[r] > 0 and not any(np.isfinite(problem.values[:, j]).any() for j in counting):
            raise NoPlanExists(conflict=[problem.limits[int(r)].name])


def run_off(problem: Problem, prices: Floats) -> bool:
    """Whether the price of a minimum is so high that the minimum is hardly reachable."""
    low, _ = price_range(problem)
    return bool(np.any(prices[problem.least] < NEAR_THE_TOP * low[problem.least]))


def refuse_contradiction(problem: Problem) -> None:
    """Raise `NoPlanExists`, naming the limits that contradict each other, if they do.

    With all values zero and each limit counted in parts of its amount, the least total shortfall is computed by the
    same dual. Its prices are a certificate (Farkas): limits with a price are those in conflict. D is exact wherever it
    is computed, so a shortfall that is proven is true for problems of any size.
    """
    blank = np.where(np.isfinite(problem.values), np.float32(0), np.float32(-np.inf))
    parts = replace(problem, values=blank, limits=[_in_parts(limit) for limit in problem.limits])
    box = np.where(parts.least, -1.0, 0.0), np.where(parts.least, 0.0, _most_use(parts))
    scale = float(parts.use[parts.least].max(initial=0.0))
    if parts.subscribers <= EXACT_UP_TO:
        point = lowest_by_columns(Dual(Chooser(parts), box)).point
    else:
        point = jittered(parts, box, first_prices(parts, box, scale), scale).bound
    if point.value < -PROVEN:
        weight = np.abs(point.prices) / np.maximum(np.abs(box[0]), 1.0)
        raise NoPlanExists(
            conflict=[x.name for x, w in zip(problem.limits, weight, strict=True) if w > NAMED]
        )


def refuse_short(problem: Problem, loads: Floats) -> Never:
    """Refuse a plan that leaves minima short. Raises `NoPlanExists` where none can do better, else `MinimumsMissed`."""
    refuse_contradiction(problem)
    short = shortfall(problem, loads)
    names = [problem.limits[int(r)].name for r in np.flatnonzero(short)]
    raise MinimumsMissed(minimums=names, missing=round(float(short.sum()), 2))


def _in_parts(limit: Limit) -> Limit:
    amount = limit.amount or 1.0
    return replace(limit, use=limit.use / amount, amount=limit.amount / amount)


def _most_use(problem: Problem) -> Floats:
    """At which price of a maximum no shortfall of minima is worth its use. Shape (R,)."""
    gain = problem.use[problem.least].sum(0).max(initial=0.0)
    least_use = np.array([use[use > 0].min(initial=np.inf) for use in problem.use])
    return np.asarray(2 * gain / np.where(np.isfinite(least_use), least_use, 1.0) + 1)
