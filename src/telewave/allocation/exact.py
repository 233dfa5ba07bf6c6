"""The best plan where subscribers are so few that a whole contact matters: the integer programme, solved by HiGHS.

One variable a subscriber and eligible option. Prices prove a bound, but rounding them loses up to a contact a limit;
that is much of a plan for a pilot, and nothing of a plan for a million.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from telewave.allocation.model import (
    NOTHING,
    TOLERANCE,
    Choices,
    Codes,
    Floats,
    NoPlanExists,
    Problem,
    counted,
    shortfall,
)

SMALL = 10_000
"""Eligible pairs of subscriber and option up to which this takes about a second."""
NODES = 200
"""Of the search tree; a count and not a time, so that the same problem has the same plan."""
OPTIMAL, STOPPED, INFEASIBLE = 0, 1, 2


def is_small(problem: Problem) -> bool:
    """Whether the integer programme is solved at once."""
    if problem.values.size > 10 * SMALL:
        return False
    return int(np.isfinite(problem.values).sum()) <= SMALL


def best_plan(problem: Problem, gap: float = 0.0, nodes: int = NODES) -> Choices | None:
    """The most valuable plan to within `gap` of its value, or the best found within `nodes`; None if none was.

    Raises `NoPlanExists`.
    """
    who, what = np.nonzero(np.isfinite(problem.values))
    if not len(who):
        return None
    found = _solved(problem, who, what, -problem.values[who, what].astype(np.float64), 0, gap, nodes)
    if found.status == INFEASIBLE:
        raise NoPlanExists(conflict=_in_the_way(problem, who, what))
    if found.x is None:
        return None
    choice = _choice(problem, who, what, found.x)
    loads = counted(problem, choice)
    kept = np.all((loads <= problem.amounts * (1 + TOLERANCE)) | problem.least)
    usable = kept and not shortfall(problem, loads).any()
    return choice if usable else None


def _in_the_way(problem: Problem, who: Codes, what: Codes) -> list[object]:
    """The minima that cannot be met even by the plan that comes nearest, and the maxima
    that leave it no room for one contact more.
    """
    cost = np.zeros(len(who) + int(problem.least.sum()))
    cost[len(who) :] = 1 / np.maximum(problem.amounts[problem.least], 1e-9)
    nearest = _solved(problem, who, what, cost, int(problem.least.sum()))
    loads = counted(problem, _choice(problem, who, what, nearest.x[: len(who)]))
    short = shortfall(problem, loads) > 0
    smallest = np.array([use[use > 0].min(initial=np.inf) for use in problem.use])
    full = ~problem.least & (problem.amounts - loads < smallest) & np.isfinite(smallest)
    return [limit.name for limit, named in zip(problem.limits, short | full, strict=True) if named]


def _solved(
    problem: Problem,
    who: Codes,
    what: Codes,
    cost: Floats,
    spare: int,
    gap: float = 0.0,
    nodes: int = NODES,
) -> Any:
    """HiGHS' answer; the last `spare` variables make up for what minima lack."""
    size = len(who)
    rules = [_limits(problem, who, what, spare)] if problem.limits else []
    rules.append(_at_most(who, problem.most, size, spare))
    if problem.most > 1:
        offers = int(problem.offer.max()) + 1
        rules.append(_at_most(who * offers + problem.offer[what], 1, size, spare))
    if problem.household_ends is not None:
        home = np.searchsorted(problem.household_ends, who, side="right")
        rules.append(_at_most(home, problem.household_most, size, spare))
    return milp(
        cost,
        constraints=rules,
        integrality=np.concatenate([np.ones(size), np.zeros(spare)]),
        bounds=Bounds(0, np.concatenate([np.ones(size), np.full(spare, np.inf)])),
        options={"mip_rel_gap": gap, "node_limit": nodes},
    )


def _limits(problem: Problem, who: Codes, what: Codes, spare: int) -> LinearConstraint:
    classes = np.zeros(problem.subscribers, np.int64) if problem.classes is None else problem.classes
    use = sparse.csr_array(problem.use[:, classes[who], what])
    if spare:
        rows = np.flatnonzero(problem.least)
        filling = sparse.csr_array(
            (np.ones(spare), (rows, np.arange(spare))), shape=(len(problem.limits), spare)
        )
        use = sparse.hstack([use, filling])
    return LinearConstraint(
        use,
        np.where(problem.least, problem.amounts, -np.inf),
        np.where(problem.least, np.inf, problem.amounts),
    )


def _at_most(group: NDArray[np.int64], most: int, size: int, spare: int) -> LinearConstraint:
    """At most so many variables of each group."""
    _, code = np.unique(group, return_inverse=True)
    shape = (int(code.max()) + 1, size + spare)
    return LinearConstraint(
        sparse.csr_array((np.ones(size), (code, np.arange(size))), shape=shape), -np.inf, most
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
