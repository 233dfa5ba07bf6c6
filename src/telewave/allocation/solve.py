"""Allocate: prices, then a plan; with the bound that proves how good it is, and
another way where the proof is not good enough.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from telewave.allocation.choosing import Chooser
from telewave.allocation.dual import Dual, Point, price_range
from telewave.allocation.exact import best_plan, is_small
from telewave.allocation.feasibility import check_reachable, refuse_contradiction, refuse_short, run_off
from telewave.allocation.finishing import finished, losses, whole
from telewave.allocation.kinks import Kinks, alike, lowest
from telewave.allocation.model import (
    Allocation,
    Choices,
    Floats,
    Limit,
    LimitUse,
    Problem,
    counted,
    keeps_maxima,
    objective,
    shortfall,
)
from telewave.allocation.narrowing import narrowed
from telewave.allocation.newton import newton
from telewave.allocation.prices import (
    EXACT_UP_TO,
    FINE,
    STEPS,
    Box,
    Found,
    first_prices,
    jittered,
    lowest_by_columns,
    plain,
    sampled,
    typical,
)
from telewave.allocation.rounding import mended, ordered, rounded

AGAIN = 4
NEGLIGIBLE = 1e-8
"""Part of the objective below which a price is numerical dust."""
FEW_GAP = 1.5e-4
"""Part of the bound at which a plan for few is good enough."""
MANY_GAP, LOSERS = 2e-6, 1_000
"""The same for many; and of how many together it takes the loss to be looked at."""
ALIKE_SAMPLE = 5_000
"""Subscribers whose exact prices are the start where many are alike."""
GOOD_GAP, UNSPLIT = 2e-5, 0.2
"""A plan proven this close is not sought again: a part of the bound, and of a contact a limit for what cannot be
split.
"""


@dataclass(frozen=True, eq=False, slots=True)
class _Plan:
    """A plan with what each limit counts of it, the point that bounds it, and the bound of whole contacts."""

    choice: Choices
    loads: Floats
    objective: float
    short: float
    bound: Point
    whole: float = np.inf

    @property
    def merit(self) -> tuple[float, float]:
        """Minima met come before the objective."""
        return -self.short, self.objective


def allocate(problem: Problem) -> Allocation:
    """The most valuable plan under the problem's limits, near enough to prove it. Deterministic.

    Raises `NoPlanExists`, naming the limits that contradict each other; `MinimumsMissed`.
    """
    with threadpool_limits(1):  # sums in one order: the same plan on any number of processors
        check_reachable(problem)
        made, passes = _by_columns(problem) if problem.subscribers <= EXACT_UP_TO else _by_steps(problem)
        if made.short:
            refuse_short(problem, made.loads)
        return _allocation(problem, made, round(passes))


def _by_columns(problem: Problem) -> tuple[_Plan, float]:
    """The plan of the linear programme, its last contacts decided together; passes."""
    dual = Dual(Chooser(problem), price_range(problem))
    lowest = lowest_by_columns(dual)
    if run_off(problem, lowest.point.prices):
        refuse_contradiction(problem)
    bound, small = lowest.point, is_small(problem)
    wanted = 0.0 if small else FEW_GAP * abs(bound.value)
    price = dual.option_prices(bound.prices)

    def last(choice: Choices, first: NDArray[np.bool_]) -> _Plan:
        choice = finished(problem, choice, first, lowest.gaps, price, bound.value, wanted)
        ordered(problem.values, choice)
        return _measured(problem, choice, counted(problem, choice), bound)

    choice, split = whole(problem, lowest)
    if not keeps_maxima(problem, counted(problem, choice)):
        choice = mended(problem, choice, split, lowest.gaps, bound.prices).choice
    made = last(choice, split)
    if made.short and small:
        best_plan(problem)
    if made.short or not lowest.proven:
        found = Found(dual=dual, prices=bound.prices, bound=bound, tolerance=FINE, passes=dual.passes)
        made = _better(made, last(_plan(problem, found).choice, np.zeros(problem.subscribers, bool)))
    return _narrowed(problem, made, wanted), dual.passes


def _narrowed(problem: Problem, made: _Plan, wanted: float) -> _Plan:
    """The plan, or a better one, with the bound of whole contacts, where it lacks more than is `wanted` of D."""
    if made.short or made.bound.value - made.objective <= max(wanted, NEGLIGIBLE * abs(made.bound.value)):
        return made
    gap = wanted / 3 / abs(made.objective) if made.objective else 0.0
    best = narrowed(problem, made.choice, made.bound, gap)
    ordered(problem.values, best.choice)
    return replace(
        _measured(problem, best.choice, counted(problem, best.choice), made.bound), whole=best.bound
    )


def _by_steps(problem: Problem) -> tuple[_Plan, float]:
    """The plan of prices found by Newton steps, and again with jitter if it is not proven well enough; passes."""
    box, scale = price_range(problem), typical(problem)
    if alike(problem) and (by_kinks := _by_kinks(problem, box)) is not None:
        return by_kinks
    start = first_prices(problem, box, scale)
    made, passes = None, 0.0
    if not start.tied:
        found = plain(problem, box, start)
        if run_off(problem, found.prices):
            refuse_contradiction(problem)
        made, passes = _ended(problem, _plan(problem, found), partial(_gaps, found)), found.passes + 2
    if made is None or not _good(problem, made):
        found = jittered(problem, box, start, scale)
        made, passes = _better(made, _plan(problem, found)), passes + found.passes + 2
    return made, passes


def _by_kinks(problem: Problem, box: Box) -> tuple[_Plan, float] | None:
    """The plan where many values are equal, if it is proven well enough; passes."""
    part = sampled(problem, ALIKE_SAMPLE)
    start = lowest_by_columns(Dual(Chooser(part), price_range(part))).point.prices
    kinks = Kinks(problem, box)
    found = lowest(kinks, start)
    if found is None:
        return None
    choice, split = whole(problem, found)
    made = mended(problem, choice, split, found.gaps, found.point.prices)
    plan = _ended(problem, _measured(problem, made.choice, made.loads, found.point), lambda: found.gaps)
    return (plan, kinks.dual.passes + 3) if _good(problem, plan) else None


def _ended(problem: Problem, made: _Plan, gaps: Callable[[], NDArray[np.float32]]) -> _Plan:
    """The plan of many, those who lost most in placing and those of least `gaps` decided together if it is worth
    while.
    """
    bound, wanted = made.bound, MANY_GAP * abs(made.bound.value)
    if made.short or bound.value - made.objective <= wanted:
        return made
    price = np.asarray(np.einsum("r,rgj->gj", bound.prices, problem.use))
    lost = losses(problem, made.choice, price)
    order = np.where(lost > wanted / LOSERS, -lost, gaps())
    nobody = np.zeros(problem.subscribers, bool)
    choice = finished(problem, made.choice, nobody, order, price, bound.value, wanted)
    ordered(problem.values, choice)
    return _better(made, _measured(problem, choice, counted(problem, choice), bound))


def _gaps(found: Found) -> NDArray[np.float32]:
    """How near each unit is to another choice at the prices found."""
    dual = found.dual
    return dual.chooser.choose(dual.option_prices(found.prices), gaps=True).gaps


def _good(problem: Problem, made: _Plan) -> bool:
    """Whether the plan is proven so near to the optimum that a search with jitter is not worth while."""
    allowed = GOOD_GAP + UNSPLIT * len(problem.limits) / max(problem.subscribers, 1)
    return not made.short and made.bound.value - made.objective <= allowed * abs(made.bound.value)


def _better(one: _Plan | None, other: _Plan) -> _Plan:
    """The better plan with the lower bound."""
    if one is None:
        return other
    bound = min(one.bound, other.bound, key=lambda point: point.value)
    return replace(max(one, other, key=lambda plan: plan.merit), bound=bound)


def _plan(problem: Problem, found: Found) -> _Plan:
    """A plan that keeps all maxima; minima that rounding left short are asked for with a margin, and again.

    Each time by a coarser jitter: with the finest, one contact more at one limit moves several at another.
    """
    dual = found.dual
    made = rounded(dual, found.prices)
    for turn in range(1, AGAIN + 1):
        short = shortfall(problem, made.loads)
        if not short.any():
            break
        more = [replace(x, amount=x.amount + turn * s) for x, s in zip(problem.limits, short, strict=True)]
        chooser = Chooser(replace(problem, limits=more), dual.chooser.noise * 10**turn)
        stricter = Dual(chooser, (dual.low, dual.high))
        prices = newton(stricter, found.prices, steps=STEPS, tolerance=found.tolerance).prices
        again = rounded(stricter, prices)
        if shortfall(problem, again.loads).sum() < short.sum():
            made = again
    return _measured(problem, made.choice, made.loads, found.bound)


def _measured(problem: Problem, choice: Choices, loads: Floats, bound: Point) -> _Plan:
    return _Plan(choice, loads, objective(problem, choice), _short(problem, loads), bound)


def _short(problem: Problem, loads: Floats) -> float:
    """What all minima lack, each in parts of its amount."""
    return float((shortfall(problem, loads) / np.maximum(problem.amounts, 1e-300)).sum())


def _allocation(problem: Problem, made: _Plan, passes: int) -> Allocation:
    point = made.bound
    used = limit_uses(problem.limits, made.loads, point.prices, point.value)
    return Allocation(
        choice=made.choice,
        objective=made.objective,
        bound=min(point.value, made.whole),
        relaxed=point.value,
        limits=used,
        prices=point.prices,
        passes=passes,
    )


def limit_uses(limits: Sequence[Limit], loads: Floats, prices: Floats, bound: float) -> tuple[LimitUse, ...]:
    """Each limit with what is used of it and its price, where that is more than dust."""
    weight = np.abs(prices) * np.maximum([limit.amount for limit in limits], 1)
    shown = np.where(weight > NEGLIGIBLE * abs(bound), np.abs(prices), 0.0)
    return tuple(LimitUse(x, float(a), float(b)) for x, a, b in zip(limits, loads, shown, strict=True))
