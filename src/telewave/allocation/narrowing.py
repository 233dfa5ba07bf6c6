"""What no plan of whole contacts exceeds, and the best plan there is, where few contacts fit: a small programme.

Two arguments leave few of all pairs of subscriber and option, and lose no better plan:

- *Reduced costs.* At prices p a plan earns at most D(p) less what its choices are worth less than each one's best. A
  plan better than the one at hand holds no pair that loses more than D(p) - its value, and whoever would lose more by
  any other choice keeps his best (Dantzig, Fulkerson and Johnson 1954).
- *Exchange.* Subscribers of a class count alike in every limit. If no plan has more than T contacts that any limit
  counts, then of each class and option only the T + 1 subscribers who gain most by it can matter: whoever gains less
  gives way to one of them who has no such contact (of T + 1 households, where these are limited).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from telewave.allocation.choosing import Chooser
from telewave.allocation.columns import kth_offer
from telewave.allocation.dual import Point
from telewave.allocation.exact import NODES, best_plan
from telewave.allocation.model import (
    NOTHING,
    Choices,
    Codes,
    Floats,
    NoPlanExists,
    Problem,
    counted,
    objective,
    shortfall,
)

MOST_PAIRS = 12_000
"""Decided together at most."""
NEAR = 1e-7
"""Part of the bound within which losses are looked at in single precision."""


@dataclass(frozen=True, eq=False, slots=True)
class Narrowed:
    """The better plan, shape (n, most), and what no plan of whole contacts exceeds."""

    choice: Choices
    bound: float


def narrowed(
    problem: Problem, choice: Choices, point: Point, gap: float = 0.0, nodes: int = NODES
) -> Narrowed:
    """The best plan to within `gap` of its value, and its bound, from the plan `choice`, which meets all limits, and
    D at `point`.
    """
    price = np.asarray(np.einsum("r,rgj->gj", point.prices, problem.use))
    had = objective(problem, choice)
    found = Chooser(problem).choose(price, gaps=True, choices=True)
    dust = NEAR * max(abs(point.value), abs(had), 1e-12)
    reach = point.value - had + dust
    loss = _losses(problem, price)
    loss[~_kept_by_exchange(problem)] = np.inf
    rows, gaps = np.arange(problem.subscribers), found.gaps.astype(float)
    if problem.household_ends is not None:
        gaps = np.repeat(gaps, np.diff(problem.household_ends, prepend=0))
    free = gaps < reach
    pairs = free[:, None] & (loss < reach)
    if np.count_nonzero(pairs) > MOST_PAIRS:
        reach = float(np.partition(loss[pairs], MOST_PAIRS)[MOST_PAIRS])
        free = gaps < reach
        pairs = free[:, None] & (loss < reach)
    others = found.choice.copy()
    others[free] = NOTHING
    best, bound = _decided(problem, others, rows[free], pairs[free], gap, nodes)
    bound = min(point.value, max(bound, point.value - reach, had))
    if best is not None and objective(problem, best) > had:
        return Narrowed(best, max(bound, objective(problem, best)))
    return Narrowed(choice, bound)


def _decided(
    problem: Problem, others: Choices, free: Codes, pairs: NDArray[np.bool_], gap: float, nodes: int
) -> tuple[Choices | None, float]:
    """The best of those `free` among `pairs` (free, m), beside the choice of the `others`; and its bound."""
    room = problem.amounts - counted(problem, others)
    if np.any(room[~problem.least] < 0):
        return None, -np.inf
    ends = problem.household_ends
    if ends is not None:
        home = np.searchsorted(ends, free, side="right")
        ends = np.flatnonzero(np.diff(home, append=-1) != 0) + 1
    part = replace(
        problem,
        values=problem.values[free],
        classes=None if problem.classes is None else problem.classes[free],
        household_ends=ends,
        limits=[replace(x, amount=max(float(r), 0.0)) for x, r in zip(problem.limits, room, strict=True)],
    )
    fixed = objective(problem, others)
    if not pairs.any():
        return (None if shortfall(problem, counted(problem, others)).any() else others), fixed
    try:
        who, what = np.nonzero(pairs)
        found = best_plan(part, gap, nodes, (who, what))
    except NoPlanExists:
        return None, -np.inf
    if found.choice is None:
        return None, fixed + found.bound
    choice = others.copy()
    choice[free] = found.choice
    return choice, fixed + found.bound


def _losses(problem: Problem, price: Floats) -> Floats:
    """What a subscriber loses at least at `price` (G, m) by having an option, beside his best; shape (n, m)."""
    classes = np.zeros(problem.subscribers, np.int64) if problem.classes is None else problem.classes
    worth = problem.values - price[classes]
    worth = np.where(np.isfinite(worth), worth, -np.inf)
    return np.asarray(np.maximum(kth_offer(worth, problem), 0.0)[:, None] - worth)


def _kept_by_exchange(problem: Problem) -> NDArray[np.bool_]:
    """Of which pairs some best plan consists; shape (n, m)."""
    p = problem
    classes = np.zeros(p.subscribers, np.int64) if p.classes is None else p.classes.astype(np.int64)
    counts = np.asarray((p.use > 0).any(0))  # by class and option: whether any limit counts it
    eligible = np.isfinite(p.values)
    kept = eligible.copy()
    free = eligible & ~counts[classes]
    if p.household_ends is not None and bool((free & (p.values > 0)).any()):
        return kept
    most = _most_contacts(p, counts, eligible, classes)
    if most >= p.subscribers:
        return kept
    gain = _gains(p, free)
    home = (
        None
        if p.household_ends is None
        else np.searchsorted(p.household_ends, np.arange(p.subscribers), "right")
    )
    for g in range(p.class_count):
        members = np.flatnonzero(classes == g)
        for j in np.flatnonzero(counts[g]):
            order = members[np.argsort(-gain[members, j], kind="stable")]
            place = np.arange(len(order))
            if home is not None:  # households met before
                _, first = np.unique(home[order], return_index=True)
                place = np.cumsum(np.isin(place, first)) - 1
            kept[order[place > most], j] = False
    return kept


def _gains(p: Problem, free: NDArray[np.bool_]) -> Floats:
    """What an option adds to what a subscriber may have beside all limits (`free`); shape (n, m)."""
    values = np.where(np.isfinite(p.values), p.values, -np.inf).astype(float)
    beside = np.where(free, values, -np.inf)
    displaced = np.maximum(kth_offer(beside, p), 0.0)
    gain = values - displaced[:, None]
    if p.most > 1:
        for o in np.unique(p.offer):
            own = np.flatnonzero(p.offer == o)
            same = beside[:, own].max(1)
            gain[:, own] = values[:, own] - np.maximum(same, displaced)[:, None]
    return gain


def _most_contacts(p: Problem, counts: NDArray[np.bool_], eligible: NDArray[np.bool_], classes: Codes) -> int:
    """How many contacts that any limit counts a plan has at most: of which a maximum counts, by a linear programme."""
    number = np.zeros((p.class_count, p.options))
    np.add.at(number, classes, eligible)
    number[~counts] = 0
    some = ~p.least
    caps: dict[str, Any] = {}
    if some.any():
        caps = {"A_ub": p.use[some].reshape(int(some.sum()), -1), "b_ub": p.amounts[some]}
    caps["bounds"] = np.stack([np.zeros(number.size), number.ravel()], 1)
    found: Any = linprog(-np.ones(number.size), **caps)
    return p.subscribers if found.fun is None else int(np.floor(-found.fun + 1e-6))
