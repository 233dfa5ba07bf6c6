"""The prices at which the dual is least: found on a sample where there are many
subscribers, then on all; with or without ties.

Values that are equal, within a subscriber's row or across rows, give the dual edges at which thousands would
change their choice at once; counted curvature says nothing there. A jitter by subscriber and option rounds the
edges off. It starts coarse and is made finer while the prices follow, down to a hundred-thousandth of the typical
value; the bound is always that of the true values.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from telewave.allocation.choosing import Chooser
from telewave.allocation.columns import AT_ONCE, Solved, solved
from telewave.allocation.dual import Dual, Point
from telewave.allocation.model import Floats, Problem
from telewave.allocation.newton import newton

Box = tuple[Floats, Floats]
"""Lowest and highest price of each limit."""

SAMPLE = 20_000
EXACT_UP_TO = 20_000
"""Subscribers up to which columns end at the exact minimum, which Newton steps cannot find where each unit is an
edge.
"""
STEPS, FEW_STEPS = 60, 12
ROUGHEST, ROUGH, FINE = 1e-5, 1e-7, 1e-10
ROUGH_PART, FINEST = 1e-5, 1e-13
"""Tolerances with jitter: of a coarse one a part of it, of the finest so little that D hardly tells of the slack."""
COARSE_TO_FINE = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5)
"""Jitter in parts of the typical value."""
STUCK = 5e-3
"""Part of D that price times slack is where Newton steps ended at an edge instead of the minimum."""
EQUAL = 1e-6
"""Part of the typical value below which a gap is none."""
TIED = 0.005
"""Share of units with no gap at the best prices beyond which they are ties; the
exact minimum itself has one a limit at most.
"""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Found:
    """Prices that nearly minimise `dual`, which may be jittered, and D of the true values
    there (or better): a bound for every plan.
    """

    dual: Dual
    prices: Floats
    bound: Point
    tolerance: float
    passes: float


def typical(problem: Problem) -> float:
    """The mean of the positive values of a sample; of their sizes where none is positive; 0 where nobody is
    eligible.
    """
    some = problem.values[:: max(1, problem.subscribers // SAMPLE)]
    some = some[np.isfinite(some)].astype(np.float64)
    some = some[some > 0] if np.any(some > 0) else np.abs(some)
    return float(some.mean()) if len(some) else 0.0


@dataclass(frozen=True, eq=False, slots=True)
class Start:
    """Prices from a sample, shape (R,), how near a unit is to another choice to count as
    switching, and whether too many are tied.
    """

    prices: Floats
    near: float
    tied: bool


def first_prices(problem: Problem, box: Box, scale: float) -> Start:
    """Prices from a sample to start from, and whether so many units are tied there that jitter is needed."""
    prices = np.zeros(len(problem.limits))
    if not len(prices) or not problem.subscribers:
        return Start(prices, 0.0, tied=False)
    dual = Dual(Chooser(sampled(problem, SAMPLE)), box)
    point = newton(dual, prices, steps=STEPS, tolerance=ROUGH)
    prices = point.prices
    stuck = float(np.abs(prices * point.slack).sum()) > STUCK * abs(point.value)
    gaps = dual.chooser.choose(dual.option_prices(prices), gaps=True).gaps
    without = np.count_nonzero(gaps <= EQUAL * scale)
    return Start(prices, dual.near, tied=stuck or bool(without > max(TIED * len(gaps), 2 * len(prices))))


def plain(problem: Problem, box: Box, start: Start) -> Found:
    """The minimum of D from `start`, where ties are few."""
    dual = Dual(Chooser(problem), box)
    dual.near = start.near
    point = (
        newton(dual, start.prices, steps=STEPS, tolerance=FINE) if problem.limits else dual.at(start.prices)
    )
    return Found(dual=dual, prices=point.prices, bound=point, tolerance=FINE, passes=dual.passes)


def jittered(problem: Problem, box: Box, start: Start, scale: float) -> Found:
    """The minimum of D from `start`, whatever is tied."""
    part, prices = sampled(problem, SAMPLE), start.prices
    if part is not problem:
        _, prices, _ = _down(part, box, prices, scale)
    dual, prices, passes = _down(problem, box, prices, scale)
    exact = Dual(Chooser(problem), box)
    bound = exact.at(prices)
    return Found(dual=dual, prices=prices, bound=bound, tolerance=FINEST, passes=passes + exact.passes)


def _down(problem: Problem, box: Box, prices: Floats, scale: float) -> tuple[Dual, Floats, float]:
    """Prices that follow the minimum while the jitter is made finer; the dual with the finest, and passes in all.

    The coarsest comes first even near the minimum: it alone shows where loads change
    from one set of equal options to another.
    """
    passes = 0.0
    for rung in COARSE_TO_FINE:
        dual = Dual(Chooser(problem, rung * scale), box)
        prices = newton(
            dual, prices, steps=STEPS, tolerance=ROUGH_PART * rung if rung > COARSE_TO_FINE[-1] else FINEST
        ).prices
        passes += dual.passes
    return dual, prices, passes


def lowest_by_columns(dual: Dual) -> Solved:
    """The exact minimum of D where units are few, from some Newton steps on."""
    start = np.zeros(len(dual.problem.limits))
    if len(start) and dual.problem.values.size > AT_ONCE:
        start = newton(dual, start, steps=FEW_STEPS, tolerance=ROUGHEST).prices
    return solved(dual, start)


def sampled(problem: Problem, size: int) -> Problem:
    """About `size` units (subscribers, or whole households), evenly spread, with limits in
    proportion; all if they are not twice as many.
    """
    ends = problem.household_ends
    units = problem.subscribers if ends is None else len(ends)
    if units <= 2 * size:
        return problem
    chosen = np.linspace(0, units - 1, size).astype(np.int64)
    rows, chosen_ends = chosen, None
    if ends is not None:
        sizes = np.diff(ends, prepend=0)[chosen]
        chosen_ends = np.cumsum(sizes)
        rows = np.repeat(ends[chosen] - chosen_ends, sizes) + np.arange(sizes.sum())
    share = len(chosen) / units
    return replace(
        problem,
        values=problem.values[rows],
        classes=None if problem.classes is None else problem.classes[rows],
        household_ends=chosen_ends,
        limits=[replace(limit, amount=limit.amount * share) for limit in problem.limits],
    )
