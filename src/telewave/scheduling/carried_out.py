"""Which planned contacts the recorded ones are. Pure, on arrays of many.

A record is that of a planned contact of the same subscriber and channel, on whatever day it was made: first the one
with the offer that was recorded, then, where no offer was, the next one that is left. Each record stands for one
contact; what no planned contact stands for is somebody else's.
What the contact ledger let go is known without a record.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from telewave.scheduling.spacing import NO_DAY

Integers = NDArray[np.int64]
NO_OFFER = -1


@dataclass(frozen=True, eq=False, slots=True)
class Touched:
    """Contacts, planned or made: number of the subscriber, channel, offer (`NO_OFFER`: not
    recorded), day as ordinal; arrays of one shape.
    """

    subscriber: Integers
    channel: Integers
    offer: Integers
    day: Integers


@dataclass(frozen=True, eq=False, slots=True)
class LetGo:
    """Contacts that went out, whatever the records say of them, arrays of one length: number of the subscriber, the
    contact's place among his in the plan (`touch`, 0 to 127), day as ordinal. Each subscriber and touch stands once.
    """

    subscriber: Integers
    touch: Integers
    day: Integers


def matched(planned: Touched, recorded: Touched) -> tuple[Integers, NDArray[np.bool_]]:
    """The day on which each planned contact was made, `NO_DAY` where it was not; and which records are of planned
    contacts.
    """
    made = np.full(len(planned.subscriber), NO_DAY, np.int64)
    used = np.zeros(len(recorded.subscriber), np.bool_)
    for named in (True, False):
        mine = np.flatnonzero(made == NO_DAY)
        theirs = np.flatnonzero(~used & ((recorded.offer != NO_OFFER) == named))
        one, other = _pairs(_keys(planned, mine, named), _keys(recorded, theirs, named))
        made[mine[one]] = recorded.day[theirs[other]]
        used[theirs[other]] = True
    return made, used


def days_out(subscriber: Integers, touch: Integers, let_go: LetGo) -> Integers:
    """The day for which each planned contact went out, `NO_DAY` where it did not.

    >>> out = LetGo(np.array([7, 7]), np.array([0, 2]), np.array([30, 40]))
    >>> days_out(np.array([7, 7, 8]), np.array([2, 1, 0]), out).tolist() == [40, NO_DAY, NO_DAY]
    True
    """
    day = np.full(len(subscriber), NO_DAY, np.int64)
    mine, theirs = _steps(subscriber, touch), _steps(let_go.subscriber, let_go.touch)
    _, here, there = np.intersect1d(mine, theirs, assume_unique=True, return_indices=True)
    day[here] = let_go.day[there]
    return day


def _steps(subscriber: Integers, touch: Integers) -> Integers:
    """One number for each subscriber and touch."""
    return subscriber.astype(np.int64) * 256 + touch.astype(np.int64)


def _keys(touched: Touched, rows: Integers, named: bool) -> Integers:
    """Shape (4, rows): subscriber, channel, offer where it counts, and the how manieth
    of these by day (those without a day last).
    """
    offer = touched.offer[rows] if named else np.zeros(len(rows), np.int64)
    columns = np.stack([touched.subscriber[rows], touched.channel[rows], offer])
    day = np.where(touched.day[rows] == NO_DAY, np.iinfo(np.int64).max, touched.day[rows])
    order = np.lexsort([day, *columns[::-1]])
    ordered = columns[:, order]
    fresh = np.concatenate([np.ones(min(len(rows), 1), bool), (ordered[:, 1:] != ordered[:, :-1]).any(0)])
    place = np.arange(len(rows))
    turn = np.empty(len(rows), np.int64)
    turn[order] = place - np.maximum.accumulate(np.where(fresh, place, 0))
    return np.concatenate([columns, turn[None]])


def _pairs(one: Integers, other: Integers) -> tuple[Integers, Integers]:
    """Positions of equal columns; within each side columns are different."""
    _, code = np.unique(np.concatenate([one, other], axis=1), axis=1, return_inverse=True)
    code = code.reshape(-1)
    _, left, right = np.intersect1d(
        code[: one.shape[1]], code[one.shape[1] :], assume_unique=True, return_indices=True
    )
    return left.astype(np.int64), right.astype(np.int64)
