"""From prices to a plan that keeps every limit: whoever's choice is beyond doubt
first, the doubtful by regret, the rest last.

1. Units whose choice is clearly best at the prices keep it; as many as leave every maximum kept.
2. The others, those with most to lose first, take their best options for which there is still room.
3. Minima that are short are filled where it costs least.
4. Room that is left goes to options of positive value, the most valuable first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from telewave.allocation.choosing import _jitter
from telewave.allocation.compiled import compiled
from telewave.allocation.dual import Dual
from telewave.allocation.model import Choices, Floats, Problem, Values, counted

FIRST_SHARE = 0.005
FEWEST = 5_000
FILLED_FROM = 1e-5
"""Part of the bound that unused room must be worth to be filled from everybody."""
_SLACK = 1e-9
BLOCK = 1 << 16
"""Subscribers who are asked at a time what they like."""


@dataclass(frozen=True, eq=False, slots=True)
class Rounded:
    """The plan's choice, shape (n, most), and what each limit counts of it, shape (R,)."""

    choice: Choices
    loads: Floats


def rounded(dual: Dual, prices: Floats) -> Rounded:
    """A plan that keeps every maximum, close to everybody's choice at the limits' `prices` (R,)."""
    chooser, p, price = dual.chooser, dual.problem, dual.option_prices(prices)
    found = chooser.choose(price, gaps=True, choices=True)
    members = _members(p, _doubtful(p, found.choice, found.gaps))
    return _placed(p, found.choice, members, (prices, price, chooser.noise))


def mended(p: Problem, choice: Choices, split: NDArray[np.bool_], gaps: Any, prices: Floats) -> Rounded:
    """The plan `choice`, which may go a little beyond maxima: who is `split` (n,) chooses anew, then who is nearest to
    another choice.
    """
    price = np.asarray(np.einsum("r,rgj->gj", prices, p.use))
    doubtful = _doubtful(p, choice, np.where(split, np.float32(0), gaps))
    doubtful = np.concatenate([doubtful[split[doubtful]], doubtful[~split[doubtful]]])
    return _placed(p, choice, doubtful, (prices, price, 0.0))


def _placed(
    p: Problem, choice: Choices, members: NDArray[np.int64], at: tuple[Floats, Floats, float]
) -> Rounded:
    """All others keep their choice; the `members` choose in turn, minima are filled, then what room is left."""
    prices, price, noise = at
    choice[members] = -1
    used = p.use.transpose(1, 2, 0).copy()
    room = np.where(p.least, np.inf, p.amounts - counted(p, choice))
    state = (p.values, _classes(p), used, p.offer, p.most, choice, room, *_households(p, choice))
    _place(*state, price, noise, *_turns(p, members, price))
    if p.least.any():
        _fill_minima(p, state, price)
    free = np.zeros_like(price)
    _place(*state, free, noise, _by_value(p, members), p.most)
    if _worth_filling(p, room, prices, float(np.abs(prices) @ p.amounts)):
        _place(*state, free, noise, _by_value(p, np.arange(p.subscribers)), p.most)
    ordered(p.values, choice)
    return Rounded(choice, counted(p, choice))


def _turns(p: Problem, members: NDArray[np.int64], price: Floats) -> tuple[NDArray[np.int64], int]:
    """In which order the `members` choose, and how many options each at a turn: the best of each first, since what
    makes him doubtful is mostly his last; of a household, whoever has the best next option.
    """
    if p.household_ends is None or not len(members):
        return np.tile(members, p.most), 1
    worth = p.values[members] - price[_classes(p)[members]]
    tops = np.full((len(members), max(int(p.offer.max()) + 1, p.most)), -np.inf)
    for j in range(p.options):
        np.fmax(tops[:, p.offer[j]], worth[:, j], out=tops[:, p.offer[j]])
    tops = -np.sort(-tops, axis=1)[:, : p.most]
    home = np.searchsorted(p.household_ends, members, side="right")
    turn = np.cumsum(np.diff(home, prepend=-1) != 0)
    order = np.lexsort((-tops.ravel(), np.repeat(turn, p.most)))
    return np.repeat(members, p.most)[order], 1


def first_come(
    problem: Problem,
    order: NDArray[np.int64],
    liking: Callable[[NDArray[np.int64]], Values],
    block: int = BLOCK,
) -> Choices:
    """What happens without optimising: the subscribers `order` in turn take the
    options that they like best while there is room.

    `liking`: of some subscribers how each likes each option, shape (k, m), not above 0: not at all. They are asked in
    blocks; the size of these changes nothing.
    """
    choice = np.full((problem.subscribers, problem.most), -1, np.int16)
    room = problem.amounts.copy()
    room[problem.least] = np.inf
    used = problem.use.transpose(1, 2, 0).copy()
    classes, free = _classes(problem), np.zeros((problem.class_count, problem.options))
    home, left = _households(problem, choice)
    for start in range(0, len(order), block):
        rows = order[start : start + block]
        taken = choice[rows]
        homes = home[rows] if len(home) else home
        state = (liking(rows), classes[rows], used, problem.offer, problem.most, taken, room, homes, left)
        _place(*state, free, 0.0, np.arange(len(rows)), problem.most)
        choice[rows] = taken
    return choice


def _worth_filling(p: Problem, room: Floats, prices: Floats, worth: float) -> bool:
    """Whether what is left of the maxima is worth looking at everybody again: those
    beyond doubt, too, may have a use for it.
    """
    left = np.where(p.least, 0.0, room)
    return float(prices @ left) > FILLED_FROM * worth


def _doubtful(p: Problem, choice: Choices, gaps: NDArray[np.float32]) -> NDArray[np.int64]:
    """The units nearest to another choice, by falling gap: so many that the rest alone breaks no maximum."""
    units, loads = len(gaps), counted(p, choice)
    size = min(units, max(FEWEST, int(FIRST_SHARE * units)))
    while True:
        nearest = np.argpartition(gaps, size - 1)[:size] if size < units else np.arange(units)
        if size == units or _fits(p, loads - _counted_of(p, choice, _members(p, nearest))):
            break
        size = min(units, 4 * size)
    return nearest[np.argsort(-gaps[nearest], kind="stable")].astype(np.int64)


def _counted_of(p: Problem, choice: Choices, members: NDArray[np.int64]) -> Floats:
    """What each limit counts of the choice of `members` alone."""
    counts = np.zeros((p.class_count, p.options))
    for column in choice[members].T:
        some = column >= 0
        np.add.at(counts, (_classes(p)[members][some], column[some]), 1)
    return p.loads(counts)


def _fits(p: Problem, loads: Floats) -> bool:
    return bool(np.all((loads <= p.amounts + _SLACK) | p.least))


def _members(p: Problem, units: NDArray[np.int64]) -> NDArray[np.int64]:
    """The subscribers of the units, in the units' order."""
    if p.household_ends is None:
        return units
    ends = p.household_ends
    starts = np.concatenate([[0], ends[:-1]])
    sizes = ends[units] - starts[units]
    offsets = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return np.asarray(np.repeat(starts[units], sizes) + offsets)


def _classes(p: Problem) -> NDArray[np.uint16]:
    return np.zeros(p.subscribers, np.uint16) if p.classes is None else p.classes


def _households(p: Problem, choice: Choices) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Each subscriber's household, and how many contacts each household may still get; empty where unlimited."""
    if p.household_ends is None:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    of = np.searchsorted(p.household_ends, np.arange(p.subscribers), side="right")
    taken = np.bincount(of, weights=(choice >= 0).sum(1), minlength=len(p.household_ends))
    return of.astype(np.int64), (p.household_most - taken).astype(np.int64)


@compiled
def _fits_one(use: Any, room: Any) -> bool:
    for r in range(room.shape[0]):
        if use[r] > 0 and use[r] > room[r] + 1e-9:
            return False
    return True


@compiled
def _place(
    values: Any, classes: Any, used: Any, offer: Any, most: int, choice: Any, room: Any, home: Any, left: Any,
    price: Any, noise: float, order: Any, each: int,
) -> None:  # fmt: skip
    """Each subscriber of `order` in turn takes his `each` best options of positive worth and
    with room, changing `choice`, `room`, `left`.
    """
    for t in range(order.shape[0]):
        i = order[t]
        g = classes[i]
        more = each
        for c in range(most):
            if choice[i, c] >= 0:
                continue
            if more == 0:
                break
            more -= 1
            if home.shape[0] > 0 and left[home[i]] <= 0:
                break
            best, at = 0.0, -1
            for j in range(values.shape[1]):
                u = values[i, j] - price[g, j]
                if noise > 0:
                    u += noise * _jitter(i, j)
                if u > best and values[i, j] > -np.inf:
                    free = True
                    for d in range(most):
                        if choice[i, d] >= 0 and offer[choice[i, d]] == offer[j]:
                            free = False
                    if free and _fits_one(used[g, j], room):
                        best, at = u, j
            if at < 0:
                break
            choice[i, c] = at
            room -= used[g, at]
            if home.shape[0] > 0:
                left[home[i]] -= 1


@compiled
def _cheapest_change(
    values: Any, classes: Any, used: Any, offer: Any, most: int, choice: Any, home: Any, left: Any,
    price: Any, row: int, options: Any,
) -> tuple[Any, Any, Any]:  # fmt: skip
    """For each subscriber: the least loss of worth by which he adds to limit `row`; with which slot and option."""
    n = values.shape[0]
    loss, slot, option = np.full(n, np.inf), np.full(n, -1), np.full(n, -1)
    for i in range(n):
        g = classes[i]
        for j in options:
            if not (used[g, j, row] > 0 and values[i, j] > -np.inf):
                continue
            for c in range(most):
                now = choice[i, c]
                if now >= 0 and used[g, now, row] > 0:
                    continue
                clash = False
                for d in range(most):
                    if d != c and choice[i, d] >= 0 and offer[choice[i, d]] == offer[j]:
                        clash = True
                if clash or (now < 0 and home.shape[0] > 0 and left[home[i]] <= 0):
                    continue
                had = values[i, now] - price[g, now] if now >= 0 else 0.0
                cost = had - (values[i, j] - price[g, j])
                if cost < loss[i]:
                    loss[i], slot[i], option[i] = cost, c, j
    return loss, slot, option


@compiled
def _change(
    classes: Any, used: Any, choice: Any, room: Any, home: Any, left: Any, least: Any, have: Any, amounts: Any,
    row: int, order: Any, slot: Any, option: Any,
) -> None:  # fmt: skip
    """In `order`, put the option into the slot where there is room and no other
    minimum falls short, until `row` has its amount.
    """
    for t in range(order.shape[0]):
        if have[row] >= amounts[row] - 1e-9:
            return
        i = order[t]
        g, c, j = classes[i], slot[i], option[i]
        now = choice[i, c]
        ok = True
        for r in range(room.shape[0]):
            back = used[g, now, r] if now >= 0 else 0.0
            if not least[r] and used[g, j, r] - back > room[r] + 1e-9:
                ok = False
            if least[r] and r != row and have[r] - back + used[g, j, r] < min(have[r], amounts[r]) - 1e-9:
                ok = False
        if not ok:
            continue
        for r in range(room.shape[0]):
            back = used[g, now, r] if now >= 0 else 0.0
            room[r] -= used[g, j, r] - back
            have[r] += used[g, j, r] - back
        choice[i, c] = j
        if now < 0 and home.shape[0] > 0:
            left[home[i]] -= 1


def _fill_minima(p: Problem, state: tuple[Any, ...], price: Floats) -> None:
    """Change as little worth as needed so that minima are met, as far as room allows."""
    values, classes, used, offer, most, choice, room, home, left = state
    have = counted(p, choice)
    for row in np.flatnonzero(p.least):
        if have[row] >= p.amounts[row] - _SLACK:
            continue
        options = np.flatnonzero(used[:, :, row].max(0) > 0)
        loss, slot, option = _cheapest_change(
            values, classes, used, offer, most, choice, home, left, price, int(row), options
        )
        order = np.argsort(loss, kind="stable")
        order = order[np.isfinite(loss[order])]
        _change(
            classes, used, choice, room, home, left, p.least, have, p.amounts, int(row), order, slot, option
        )


def _by_value(p: Problem, members: NDArray[np.int64]) -> NDArray[np.int64]:
    """The subscribers `members`, those with the most valuable option first."""
    return np.asarray(members[np.argsort(-_greatest(p.values, members), kind="stable")])


@compiled
def _greatest(values: Any, members: Any) -> Any:
    """The greatest value of each of `members`, without a copy of all their values."""
    found = np.full(members.shape[0], -np.inf, np.float32)
    for t in range(members.shape[0]):
        for j in range(values.shape[1]):
            if values[members[t], j] > found[t]:
                found[t] = values[members[t], j]
    return found


@compiled
def ordered(values: Any, choice: Any) -> None:
    """Each subscriber's options by falling value, nothing last."""
    for i in range(choice.shape[0]):
        for c in range(1, choice.shape[1]):
            d = c
            while d > 0 and choice[i, d] >= 0:
                before, this = choice[i, d - 1], choice[i, d]
                if before >= 0 and values[i, before] >= values[i, this]:
                    break
                choice[i, d - 1], choice[i, d] = this, before
                d -= 1
