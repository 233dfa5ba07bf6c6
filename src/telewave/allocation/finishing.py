"""The last contacts: who is split by the linear relaxation, and who is near to another choice, decided together.

A basic solution of the relaxation splits no more blocks than there are limits. Rounded down it keeps every maximum; an
integer programme over some hundreds, within the room that all others leave, gives the rest.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from telewave.allocation.choosing import Chooser
from telewave.allocation.columns import Solved, kth_offer
from telewave.allocation.compiled import compiled
from telewave.allocation.exact import NODES as EXACT_NODES
from telewave.allocation.exact import best_plan
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

FIRST_PAIRS, MOST_PAIRS, WIDER = 1_000, 9_000, 3
"""Pairs of subscriber and option that are decided together: at first, at most, and how many times more each time."""
NODES = 60
"""Of the search where the optimum is not asked for."""
WHOLE = 1e-6
"""Part of a contact that is rounding of the linear programme."""


def whole(problem: Problem, solved: Solved) -> tuple[Choices, Any]:
    """The solution rounded down, shape (n, most), and whose contacts were split, shape (n,)."""
    choice = solved.kept.copy()
    choice[solved.core] = NOTHING
    flow = np.floor(solved.flow + WHOLE).astype(np.int64)
    order = np.lexsort((problem.offer[solved.what], solved.rows.of[solved.who]))
    kind = solved.rows.of[solved.who[order]]
    members = np.argsort(solved.rows.of, kind="stable")
    ends = np.cumsum(solved.rows.size)
    if len(order):
        _dealt(kind, solved.what[order], flow[order], members, ends, solved.rows.size, choice)
    kinds = len(solved.rows.first)
    lost = np.bincount(
        solved.rows.of[solved.who], weights=solved.flow - np.floor(solved.flow + WHOLE), minlength=kinds
    )
    split = np.zeros(problem.subscribers, bool)
    some = np.ceil(lost - WHOLE).astype(np.int64)
    _opened(np.flatnonzero(some > 0), some, members, ends, solved.rows.size, choice, split)
    classes = np.zeros(problem.subscribers, np.int64) if problem.classes is None else problem.classes
    several = np.bincount(solved.options, minlength=problem.options) > 1
    room = np.floor(solved.split + WHOLE).astype(np.int64)
    _shared(choice, classes.astype(np.int64), solved.options, several, room, split)
    return choice, split


@compiled
def _dealt(kind: Any, what: Any, flow: Any, members: Any, ends: Any, size: Any, choice: Any) -> None:
    """Deal each kind's options out to its members in turn and around, so that nobody gets an offer twice (McNaughton
    1959).
    """
    at, before = 0, -1
    for t in range(kind.shape[0]):
        k = kind[t]
        if k != before:
            at, before = 0, k
        for _ in range(flow[t]):
            i = members[ends[k] - size[k] + at % size[k]]
            for c in range(choice.shape[1]):
                if choice[i, c] == -1:
                    choice[i, c] = what[t]
                    break
            at += 1


@compiled
def _opened(kinds: Any, some: Any, members: Any, ends: Any, size: Any, choice: Any, split: Any) -> None:
    """Of each of `kinds` mark `some` members who may have more, those with least first."""
    for k in kinds:
        left = some[k]
        for c in range(choice.shape[1]):
            for t in range(ends[k] - size[k], ends[k]):
                i = members[t]
                if left > 0 and choice[i, c] == -1 and not split[i]:
                    split[i] = True
                    left -= 1


@compiled
def _shared(choice: Any, classes: Any, options: Any, several: Any, room: Any, split: Any) -> None:
    """Whoever has the first of equal options gets one of them that has room left; nothing where none has."""
    for i in range(choice.shape[0]):
        for c in range(choice.shape[1]):
            j = choice[i, c]
            if j < 0 or not several[j]:
                continue
            choice[i, c] = -1
            for k in range(options.shape[0]):
                if options[k] == j and room[classes[i], k] > 0:
                    choice[i, c] = k
                    room[classes[i], k] -= 1
                    break
            if choice[i, c] < 0:
                split[i] = True


def finished(
    problem: Problem, choice: Choices, first: Any, gaps: Any, price: Floats, bound: float, wanted: float
) -> Choices:
    """The plan `choice` with `first` (n,) and those of least `gaps` decided anew together: once, or where
    the optimum is `wanted` (0) or minima are short, so many that nobody else can help.

    Whoever takes at `price` (G, m) what is worth d less than his best costs a plan at least d of the bound: if d is
    more than the plan lacks, it need not be looked at (fixing by reduced costs). Minima that are short come first.
    """
    order, size = _order(problem, first, gaps), FIRST_PAIRS
    best, merit = choice, _merit(problem, choice)
    while True:
        free, pairs, reach = _free(problem, order, gaps, price, size)
        made = _decided(problem, best, free, pairs, wanted / 3)
        if made is not None and _merit(problem, made) > merit:
            best, merit = made, _merit(problem, made)
        lacking = bound - merit[1]
        ended = (
            size >= MOST_PAIRS
            or np.isinf(reach)
            or (not merit[0] and (lacking <= wanted or reach >= lacking))
        )
        if ended or (wanted and not merit[0]):
            return best
        size *= WIDER


def losses(problem: Problem, choice: Choices, price: Floats) -> Floats:
    """What each subscriber, or household, has less at `price` (G, m) than he would choose. Shape (units,)."""
    best = Chooser(problem).choose(price, choices=True).choice
    classes = np.zeros(problem.subscribers, np.int64) if problem.classes is None else problem.classes
    lost = np.zeros(problem.subscribers)
    for sign, taken in ((1.0, best), (-1.0, choice)):
        for column in taken.T:
            some = np.flatnonzero(column != NOTHING)
            option = column[some]
            lost[some] += sign * (problem.values[some, option] - price[classes[some], option])
    ends = problem.household_ends
    return lost if ends is None else np.add.reduceat(lost, np.concatenate([[0], ends[:-1]]))


def _merit(problem: Problem, choice: Choices) -> tuple[float, float]:
    """Minima met come before the objective."""
    return -float(shortfall(problem, counted(problem, choice)).sum()), objective(problem, choice)


def _order(problem: Problem, first: Any, gaps: Any) -> Codes:
    """Subscribers, or households, those to be decided first in front."""
    ends = problem.household_ends
    if ends is not None:
        first = np.logical_or.reduceat(first, np.concatenate([[0], ends[:-1]]))
    return np.lexsort((np.asarray(gaps), ~first))


def _free(problem: Problem, order: Codes, gaps: Any, price: Floats, size: int) -> tuple[Codes, Any, float]:
    """Whom to decide anew, which pairs (about `size`), and how much everything else costs a plan at least."""
    units, ends = order[: size // 3], problem.household_ends
    reach = float(np.min(gaps[order[size // 3 :]], initial=np.inf))
    rows = np.sort(units)
    if ends is not None:
        sizes = np.diff(ends, prepend=0)[rows]
        rows = np.repeat(ends[rows] - np.cumsum(sizes), sizes) + np.arange(sizes.sum())
    classes = np.zeros(len(rows), np.int64) if problem.classes is None else problem.classes[rows]
    worth = (problem.values[rows] - price[classes]).astype(float)
    worth = np.where(np.isfinite(worth), worth, -np.inf)
    regret = np.maximum(kth_offer(worth, problem), 0)[:, None] - worth
    if np.isfinite(regret).sum() > size:
        allowed = float(np.partition(regret, size, axis=None)[size])
        reach = min(reach, max(allowed, 0.0))
    else:
        allowed = np.inf
    return rows, np.isfinite(regret) & (regret <= allowed), reach


def _decided(problem: Problem, choice: Choices, free: Codes, pairs: Any, wanted: float) -> Choices | None:
    """The best that those `free` can have within the room that the others leave, if a plan was found."""
    pairs = pairs.copy()
    for column in choice[free].T:
        some = np.flatnonzero(column != NOTHING)
        pairs[some, column[some]] = True
    others = choice.copy()
    others[free] = NOTHING
    room = problem.amounts - counted(problem, others)
    ends = problem.household_ends
    if ends is not None:
        home = np.searchsorted(ends, free, side="right")
        ends = np.flatnonzero(np.diff(home, append=-1) != 0) + 1
    part = replace(
        problem,
        values=np.where(pairs, problem.values[free], np.float32(-np.inf)),
        classes=None if problem.classes is None else problem.classes[free],
        household_ends=ends,
        limits=[replace(x, amount=max(float(r), 0.0)) for x, r in zip(problem.limits, room, strict=True)],
    )
    had = abs(objective(part, choice[free]))
    try:
        found = best_plan(part, wanted / had if had else 0.0, NODES if wanted else EXACT_NODES)
    except NoPlanExists:
        return None
    if found.choice is None:
        return None
    others[free] = found.choice
    return others
