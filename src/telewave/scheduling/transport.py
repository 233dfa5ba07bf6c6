"""Which contacts stay, move or lose their day when days have become too small: an exact transport problem. Pure.

Contacts of one origin day that may go to the same days are alike but for their value, and form a group. Each goes to
a day that has room, or to none. Full days are kept full by their own contacts, as many as they hold, so that no
contact moves that need not. Then, in this order:

    as few as possible are left without a day,
    those left are worth as little as possible,
    the sum of |new day - old day| is as small as possible.

Each step is a linear program whose matrix is that of a network, hence totally unimodular: its vertices,
which the simplex method returns, are whole numbers. Sets of contacts that can be dated together form a
matroid, so the set that is worth the most is also among the largest. Beyond `VALUE_CLASSES` contacts, values
are compared in that many classes of equal size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, vstack

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

VALUE_CLASSES = 1_000


@dataclass(frozen=True, eq=False, kw_only=True)
class Groups:
    """G groups of contacts and D days.

    `origin`: index of the group's old day, may be negative or beyond the last; `count`: contacts; both of shape
    (G,). `allowed`: shape (G, D), whether the group may go to the day, its own included where it may stay. `room`:
    contacts that each day still takes, the group's own included; `full`: whether the day is to be kept full; shape
    (D,). Only a full day's own groups may go to it.
    """

    origin: Integers
    count: Integers
    allowed: Flags
    room: Integers
    full: Flags


def least_moves(groups: Groups) -> Integers:
    """How many of each group go to each day, shape (G, D): as many as possible in all,
    then with the smallest sum of days moved.
    """
    row, column = np.nonzero(groups.allowed)
    days = len(groups.room)
    distance = np.abs(groups.origin[row] - column).astype(np.float64)
    # To date one more, others step aside along a path that meets each day once: less than two days' width a step.
    left_out = 2.0 * (days + int(np.abs(groups.origin).max(initial=0))) * (days + 1)
    lost = np.arange(len(groups.count))
    solved = _solved(groups, lost, np.full(len(lost), left_out), groups.count, distance)
    moved = np.zeros(groups.allowed.shape, np.int64)
    moved[row, column] = np.rint(solved[: len(row)]).astype(np.int64)
    return moved


def least_lost(groups: Groups, group: Integers, value: Floats) -> Integers:
    """How many of each group are left without a day, shape (G,), so that these are
    as few, then worth as little, as possible.

    `group` and `value`: of each contact, shape (m,). Of each group it is the least valuable that are left.
    """
    m = len(value)
    rank = np.empty(m, np.int64)
    rank[np.argsort(value, kind="stable")] = np.arange(m)
    classes = rank * min(m, VALUE_CLASSES) // max(m, 1)
    worth = np.bincount(classes, value) / np.bincount(classes)
    spread = float(np.ptp(worth))
    weight = 1 + (worth - worth.min()) / spread if spread else np.ones(len(worth))
    cells, counts = np.unique(group * VALUE_CLASSES + classes, return_counts=True)
    lost, which = np.divmod(cells, VALUE_CLASSES)
    stays = np.zeros(int(groups.allowed.sum()))
    solved = _solved(groups, lost, weight[which], counts, stays)
    return np.rint(np.bincount(lost, solved[len(stays) :], len(groups.count))).astype(np.int64)


def _solved(groups: Groups, lost: Integers, price: Floats, most: Integers, distance: Floats) -> Floats:
    """The cheapest plan: first the allowed (group, day) pairs in C order at `distance` each,
    then `lost`: groups at `price`, up to `most`.
    """
    from scipy.optimize import linprog

    row, column = np.nonzero(groups.allowed)
    pairs = len(row)
    size = pairs + len(lost)
    supply = _matrix(np.concatenate([row, lost]), np.arange(size), (len(groups.count), size))
    arrivals = _matrix(column, np.arange(pairs), (len(groups.room), size))
    room = np.minimum(groups.room, groups.count.sum()).astype(np.float64)
    own = np.bincount(column, groups.count[row], len(room)) if pairs else np.zeros(len(room))
    full = groups.full & (own > 0)
    equal: Any = csr_array(np.zeros((0, size))) if not full.any() else arrivals[full]
    rows: Any = vstack([supply, equal])
    bounds: Any = np.stack([np.zeros(size), np.concatenate([np.full(pairs, np.inf), most])], axis=1)
    solution: Any = linprog(
        np.concatenate([distance, price]),
        A_ub=arrivals[~full] if (~full).any() else None,
        b_ub=room[~full] if (~full).any() else None,
        A_eq=rows,
        b_eq=np.concatenate([groups.count.astype(np.float64), np.minimum(room, own)[full]]),
        bounds=bounds,
        method="highs-ds",
    )
    if not solution.success:  # never met: leaving contacts without a day is always a plan
        raise RuntimeError(solution.message)
    return np.asarray(solution.x, np.float64)


def _matrix(row: Integers, column: Integers, shape: tuple[int, int]) -> Any:
    return coo_array((np.ones(len(row)), (row, column)), shape=shape).tocsr()
