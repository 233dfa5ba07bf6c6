"""The best plan where subscribers are so few that a whole contact matters: the integer programme, solved by HiGHS.

One variable a subscriber and eligible option, and a whole number y of contacts for each class and option:

    maximise  sum of value_ij x_ij   subject to   sum of x_ij over i of class g = y_gj,   use . y within the limits,
              0 <= x <= 1 within what a subscriber, an offer of his and a household may have

Only the y need be whole: once they are, the rest is a flow between two laminar families of rows, whose vertices are
(Edmonds 1970; Schrijver 2003, Combinatorial optimization, 41.4). So the search branches on some dozens of numbers,
however many the subscribers. Prices prove a bound, but rounding them loses up to a contact a limit; that is much of a
plan for a pilot, and nothing of a plan for a million.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from telewave.allocation.model import (
    NOTHING,
    Choices,
    Codes,
    Floats,
    NoPlanExists,
    Problem,
    counted,
    keeps_maxima,
    shortfall,
)
from telewave.allocation.quiet import quiet

Pairs = tuple[Codes, Codes]
"""Row and option of each."""
SMALL = 10_000
"""Eligible pairs of subscriber and option up to which this takes about a second."""
NODES = 200
"""Of the search tree; a count and not a time, so that the same problem has the same plan."""
INFEASIBLE = 2
WHOLE = 1e-6
"""Part of a contact that is rounding."""


def is_small(problem: Problem) -> bool:
    """Whether the integer programme is solved at once."""
    if problem.values.size > 10 * SMALL:
        return False
    return int(np.isfinite(problem.values).sum()) <= SMALL


@dataclass(frozen=True, eq=False, slots=True)
class Best:
    """The most valuable plan found, shape (n, most), None if none was; and what no plan of whole contacts exceeds."""

    choice: Choices | None
    bound: float


def best_plan(problem: Problem, gap: float = 0.0, nodes: int = NODES, pairs: Pairs | None = None) -> Best:
    """The most valuable plan of the `pairs` (all eligible) to within `gap` of its value, or the best found within
    `nodes`.

    Raises `NoPlanExists`.
    """
    who, what = np.nonzero(np.isfinite(problem.values)) if pairs is None else pairs
    if not len(who):
        return Best(None, np.inf)
    found = _solved(problem, who, what, -problem.values[who, what].astype(np.float64), 0, gap, nodes)
    if found.status == INFEASIBLE:
        raise NoPlanExists(conflict=_in_the_way(problem, who, what))
    proven = found.mip_dual_bound
    bound = np.inf if proven is None or not np.isfinite(proven) else -float(proven)
    if found.x is None:
        return Best(None, bound)
    choice = _choice(problem, who, what, found.x)
    loads = counted(problem, choice)
    usable = keeps_maxima(problem, loads) and not shortfall(problem, loads).any()
    return Best(choice if usable else None, bound)


def _in_the_way(problem: Problem, who: Codes, what: Codes) -> list[object]:
    """The minima that cannot be met even by the plan that comes nearest, and the maxima
    that leave it no room for one contact more.
    """
    spare = int(problem.least.sum())
    cost = np.zeros(len(who) + spare)
    cost[len(who) :] = 1 / np.maximum(problem.amounts[problem.least], 1e-9)
    nearest = _solved(problem, who, what, cost, spare)
    loads = counted(problem, _choice(problem, who, what, nearest.x))
    short = shortfall(problem, loads) > 0
    smallest = np.array([use[use > 0].min(initial=np.inf) for use in problem.use])
    full = ~problem.least & (problem.amounts - loads < smallest) & np.isfinite(smallest)
    return [limit.name for limit, named in zip(problem.limits, short | full, strict=True) if named]


def _solved(
    problem: Problem, who: Codes, what: Codes, cost: Floats, spare: int, gap: float = 0.0, nodes: int = NODES
) -> Any:
    """HiGHS' answer, with `x` of the pairs alone; the last `spare` of `cost` make up for what minima lack."""
    classes = np.zeros(problem.subscribers, np.int64) if problem.classes is None else problem.classes
    kinds, of = np.unique(classes[who] * problem.options + what, return_inverse=True)
    size, numbers = len(who), len(kinds)
    total = size + numbers + spare
    number = sparse.csr_array(
        (np.repeat([1.0, -1.0], [size, numbers]), (np.append(of, np.arange(numbers)), np.arange(size + numbers))),
        shape=(numbers, total),
    )  # fmt: skip
    rules = [
        LinearConstraint(number, 0, 0),
        *_limits(problem, kinds, size, spare),
        *_caps(problem, who, what, total),
    ]
    room = np.bincount(of)
    high = np.concatenate([np.ones(size), room, np.full(spare, np.inf)])

    def solve(low: Floats, high: Floats, whole: Codes) -> Any:
        with quiet():
            return milp(
                np.insert(cost, [size] * numbers, 0.0),
                constraints=rules,
                integrality=whole,
                bounds=Bounds(low, high),
                options={"mip_rel_gap": gap, "node_limit": nodes},
            )

    whole = np.repeat([0, 1, 0], [size, numbers, spare])
    found = solve(np.zeros(total), high, whole)
    if found.x is None:
        return found
    if np.any(np.abs(found.x[:size] - np.round(found.x[:size])) > WHOLE):
        fixed, free = np.zeros(total), high.copy()
        fixed[size : size + numbers] = free[size : size + numbers] = np.round(found.x[size : size + numbers])
        again = solve(fixed, free, np.repeat([1, 0], [size, numbers + spare]))
        found.x = again.x
    found.x = None if found.x is None else found.x[:size]
    return found


def _limits(problem: Problem, kinds: Codes, size: int, spare: int) -> list[LinearConstraint]:
    """What each limit counts of the numbers by class and option `kinds`."""
    if not problem.limits:
        return []
    count, rows = len(problem.limits), np.flatnonzero(problem.least)
    use = sparse.csr_array(problem.use.reshape(count, -1)[:, kinds])
    filling = sparse.csr_array((np.ones(spare), (rows[:spare], np.arange(spare))), shape=(count, spare))
    low = np.where(problem.least, problem.amounts, -np.inf)
    high = np.where(problem.least, np.inf, problem.amounts)
    return [LinearConstraint(sparse.hstack([sparse.csr_array((count, size)), use, filling]), low, high)]


def _caps(problem: Problem, who: Codes, what: Codes, total: int) -> list[LinearConstraint]:
    """What a subscriber, an offer of a subscriber and a household may have at most."""
    rules = [_at_most(who, problem.most, total)]
    if problem.most > 1:
        offers = int(problem.offer.max()) + 1
        rules.append(_at_most(who * offers + problem.offer[what], 1, total))
    if problem.household_ends is not None:
        home = np.searchsorted(problem.household_ends, who, side="right")
        rules.append(_at_most(home, problem.household_most, total))
    return rules


def _at_most(group: NDArray[np.int64], most: int, total: int) -> LinearConstraint:
    """At most so many variables of each group."""
    _, code = np.unique(group, return_inverse=True)
    shape = (int(code.max()) + 1, total)
    return LinearConstraint(
        sparse.csr_array((np.ones(len(group)), (code, np.arange(len(group)))), shape=shape), -np.inf, most
    )


def _choice(problem: Problem, who: Codes, what: Codes, x: Floats) -> Choices:
    """The chosen, each subscriber's by falling value."""
    taken = np.flatnonzero(x > 0.5)
    order = taken[np.lexsort((-problem.values[who[taken], what[taken]], who[taken]))]
    rows = who[order]
    first = np.searchsorted(rows, rows)
    choice = np.full((problem.subscribers, problem.most), NOTHING, np.int16)
    choice[rows, np.arange(len(rows)) - first] = what[order]
    return choice
