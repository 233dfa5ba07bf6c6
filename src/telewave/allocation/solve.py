"""Allocate: prices from a sample, then from everybody, then a plan; with the bound that proves how good it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from telewave.allocation.choosing import Chooser
from telewave.allocation.cutting_planes import polished
from telewave.allocation.dual import Dual, Point
from telewave.allocation.feasibility import check_reachable, conflict
from telewave.allocation.model import Allocation, Choices, Floats, LimitUse, NoPlanExists, Problem
from telewave.allocation.newton import newton
from telewave.allocation.rounding import rounded

SAMPLE = 20_000
EXACT_UP_TO = 20_000
STEPS, PLANES = 60, 400
ROUGH, FINE = 1e-7, 1e-10
AGAIN, SHORT = 4, 1e-9
NEGLIGIBLE = 1e-8
"""Part of the objective below which a price is numerical dust."""
TIED = 0.5
NOISE = 1e-3
"""Of the mean value: what tells subscribers with the very same values apart."""


def allocate(problem: Problem) -> Allocation:
    """The most valuable plan under the problem's limits, near enough to prove it. Deterministic.

    Raises `NoPlanExists`, naming the limits that contradict each other.
    """
    check_reachable(problem)
    noise = NOISE * _spread(problem) if _tied(problem) else 0.0
    dual = Dual(Chooser(problem, noise))
    point = _prices(problem, dual)
    if names := conflict(problem, point.prices):
        raise NoPlanExists(conflict=names)
    choice, loads = _plan(problem, dual, point)
    passes = dual.passes + 2
    if noise:
        exact = Dual(Chooser(problem), (dual.low, dual.high))
        point = _finished(exact, exact.at(point.prices))
        passes += exact.passes
    return _allocation(problem, choice, loads, point, round(passes))


def _plan(problem: Problem, dual: Dual, point: Point) -> tuple[Choices, Floats]:
    """A plan that keeps all maxima; minima that rounding left short are asked for with a margin, and again."""
    made = rounded(dual.chooser, dual.option_prices(point.prices))
    asked = problem
    for _ in range(AGAIN):
        short = np.where(problem.least, problem.amounts - made.loads, 0)
        if np.all(short <= SHORT):
            break
        more = 2 * np.maximum(short, 0)
        limits = [replace(x, amount=x.amount + m) for x, m in zip(asked.limits, more, strict=True)]
        asked = replace(asked, limits=limits)
        stricter = Dual(Chooser(asked, dual.chooser.noise), (dual.low, dual.high))
        prices = newton(stricter, point.prices, steps=STEPS, tolerance=FINE).prices
        again = rounded(stricter.chooser, stricter.option_prices(prices))
        if np.maximum(problem.amounts - again.loads, 0)[problem.least].sum() < np.maximum(short, 0).sum():
            made = again
    return made.choice, made.loads


def _prices(problem: Problem, dual: Dual) -> Point:
    """The prices at which D is least: found on a sample where there are many subscribers, then on all."""
    start = np.zeros(len(problem.limits))
    if not len(start):
        return dual.at(start)
    if problem.subscribers > 2 * SAMPLE:
        some = Dual(Chooser(sampled(problem, SAMPLE), dual.chooser.noise), (dual.low, dual.high))
        start = newton(some, start, steps=STEPS, tolerance=ROUGH).prices
        dual.near = some.near
    point = newton(dual, start, steps=STEPS, tolerance=FINE)
    return _finished(dual, point)


def _finished(dual: Dual, point: Point) -> Point:
    """The exact minimum from a point near it, where subscribers are few and D has edges that Newton cannot follow."""
    if dual.problem.subscribers > EXACT_UP_TO or not len(point.prices):
        return point
    return polished(dual, point, steps=PLANES, tolerance=1e-9)


def sampled(problem: Problem, size: int) -> Problem:
    """About `size` units (subscribers, or whole households), evenly spread, with limits in proportion."""
    ends = problem.household_ends
    units = problem.subscribers if ends is None else len(ends)
    chosen = np.unique(np.linspace(0, units - 1, min(size, units)).astype(np.int64))
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


def _tied(problem: Problem) -> bool:
    """Whether many subscribers have the very same values, so that prices alone cannot tell them apart."""
    some = problem.values[:: max(1, problem.subscribers // SAMPLE)]
    return len(some) > 1 and len(np.unique(some, axis=0)) < TIED * len(some)


def _spread(problem: Problem) -> float:
    some = problem.values[:: max(1, problem.subscribers // SAMPLE)]
    some = np.abs(some[np.isfinite(some)])
    return float(some.mean()) if len(some) else 0.0


def _allocation(problem: Problem, choice: Choices, loads: Floats, point: Point, passes: int) -> Allocation:
    weight = np.abs(point.prices) * np.maximum(problem.amounts, 1)
    prices = np.where(weight > NEGLIGIBLE * abs(point.value), np.abs(point.prices), 0.0)
    used = tuple(
        LimitUse(limit, float(load), float(price))
        for limit, load, price in zip(problem.limits, loads, prices, strict=True)
    )
    return Allocation(choice, _objective(problem, choice), point.value, used, point.prices, passes)


def _objective(problem: Problem, choice: Choices) -> float:
    rows = np.arange(problem.subscribers)
    total = 0.0
    for column in choice.T:
        some = column >= 0
        total += float(problem.values[rows[some], column[some]].sum(dtype=np.float64))
    return total
