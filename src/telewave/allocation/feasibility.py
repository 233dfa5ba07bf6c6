"""Whether minimum volumes can be met at all, and which limits stand against them. Pure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from telewave.allocation.choosing import Chooser
from telewave.allocation.cutting_planes import polished
from telewave.allocation.dual import Dual, price_range
from telewave.allocation.model import Floats, NoPlanExists, Problem
from telewave.allocation.newton import newton

NEAR_THE_TOP = 0.2
NAMED = 1e-3


def check_reachable(problem: Problem) -> None:
    """Refuse a minimum that everybody eligible together cannot reach. Raises `NoPlanExists`."""
    for r in np.flatnonzero(problem.least):
        counting = (problem.use[r].max(0) > 0)[None, :]
        if problem.amounts[r] > 0 and not np.any(np.isfinite(problem.values) & counting):
            raise NoPlanExists(conflict=[problem.limits[int(r)].name])


def conflict(problem: Problem, prices: Floats) -> list[object]:
    """The names of limits that contradict each other; empty if a plan exists.

    Asked only where the price of a minimum has run off: then the least total shortfall is computed by the same dual with all
    values zero. Its prices are a certificate (Farkas): limits with a price are those in conflict.
    """
    low, high = price_range(problem)
    extent = np.where(problem.least, -low, high)
    if not np.any(np.abs(prices[problem.least]) > NEAR_THE_TOP * extent[problem.least]):
        return []
    blank = np.where(np.isfinite(problem.values), np.float32(0), np.float32(-np.inf))
    empty = replace(problem, values=blank)
    within = np.where(problem.least, -1.0, 0.0), np.where(problem.least, 0.0, _most_use(problem))
    shortfall = Dual(Chooser(empty), within)
    point = newton(shortfall, np.zeros(len(prices)), steps=30, tolerance=1e-9)
    if problem.subscribers <= 200_000:
        point = polished(shortfall, point, steps=300, tolerance=1e-9)
    if point.value > -1e-6 * max(1.0, float(problem.amounts.max())):
        return []
    return [
        limit.name for limit, price in zip(problem.limits, point.prices, strict=True) if abs(price) > NAMED
    ]


def _most_use(problem: Problem) -> Floats:
    """At which price of a maximum no shortfall of minima is worth its use. Shape (R,)."""
    gain = problem.use[problem.least].sum(0).max()
    least_use = np.array([use[use > 0].min(initial=np.inf) for use in problem.use])
    return np.asarray(2 * gain / np.where(np.isfinite(least_use), least_use, 1.0) + 1)
