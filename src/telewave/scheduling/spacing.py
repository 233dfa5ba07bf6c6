"""How far apart the touches of one subscriber, and of one household, have to be. Pure.

Touches are linked in rings, each to the next one of the same person, so that a loop over
millions of contacts asks only the few that matter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from telewave.allocation.compiled import compiled
from telewave.kernel import Malformed, Message

Integers = NDArray[np.integer]
Days = NDArray[np.int32]
NO_DAY = 0
"""Stands in arrays of days for a contact without a day; no date has this ordinal."""
MOST_TOUCHES = 1_000


class UnequalColumns(Malformed):
    """There are {contacts} contacts and {others} entries in the column {column}. Give one entry for each contact."""

    code = "unequal_columns"


class NegativeSpacing(Malformed):
    """A spacing of {days} days is not possible. Give zero or more."""

    code = "negative_spacing"


class TooManyTouches(Malformed):
    """{count} contacts belong to one {whose}, number {number}. Give subscribers without a household a negative number,
    and each subscriber a few contacts at most.
    """

    code = "too_many_touches"


@dataclass(frozen=True, slots=True)
class Spacing:
    """Days between any two touches of one subscriber, and of one household, at least; 0: no rule, 1:
    not on one day. Raises `NegativeSpacing`.
    """

    days: int = 3
    household_days: int = 0

    def __post_init__(self) -> None:
        for days in (self.days, self.household_days):
            if days < 0:
                raise NegativeSpacing(days=days)


@dataclass(frozen=True, eq=False)
class Touches:
    """Contacts that are no part of the plan but count for spacing, such as those of another campaign; arrays of shape
    (m,).

    `day`: ordinals. `household` as in `Contacts`. Raises `UnequalColumns`.
    """

    subscriber: Integers
    day: Integers
    household: Integers | None = None

    def __post_init__(self) -> None:
        for column in ("day", "household"):
            entries = getattr(self, column)
            if entries is not None and len(entries) != len(self.subscriber):
                raise UnequalColumns(contacts=len(self.subscriber), others=len(entries), column=column)


def rings(
    subscriber: Integers, household: Integers | None, spacing: Spacing, elsewhere: Touches | None = None
) -> NDArray[np.int64]:
    """Shape (2, n + m): for each touch the next one of the same subscriber, and of the same household, round in a ring.

    Somebody's only touch points to itself. Raises `TooManyTouches`: rings are walked round for each contact.
    """
    others = 0 if elsewhere is None else len(elsewhere.subscriber)
    made = np.tile(np.arange(len(subscriber) + others), (2, 1))
    if spacing.days:
        abroad = None if elsewhere is None else elsewhere.subscriber
        made[0] = _ring(_joined(subscriber, abroad, others), Message("subscriber"))
    if spacing.household_days and household is not None:
        abroad = None if elsewhere is None else elsewhere.household
        made[1] = _ring(_joined(household, abroad, others), Message("household"))
    return made


def _joined(own: Integers, other: Integers | None, others: int) -> Integers:
    return np.concatenate([own, np.full(others, -1) if other is None else other])


def _ring(codes: Integers, whose: Message) -> NDArray[np.int64]:
    """For each position the next one with the same code, the last one pointing to the
    first; negative codes point to themselves.
    """
    if not len(codes):
        return np.zeros(0, np.int64)
    order = np.argsort(codes, kind="stable")
    ordered = codes[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    ends = np.concatenate([starts[1:], [len(codes)]])
    many = np.flatnonzero((ends - starts > MOST_TOUCHES) & (ordered[starts] >= 0))
    if many.size:
        where = many[0]
        raise TooManyTouches(
            count=int((ends - starts)[where]), whose=whose, number=int(ordered[starts[where]])
        )
    following = np.concatenate([order[1:], order[:1]])
    following[ends - 1] = order[starts]
    ring = np.empty(len(codes), np.int64)
    ring[order] = following
    return np.where(codes < 0, np.arange(len(codes)), ring)


@compiled
def near(day: Days, rings: NDArray[np.int64], gaps: NDArray[np.int64], contact: int, ordinal: int) -> bool:
    """Whether a touch of the same subscriber or household is too near to `ordinal`."""
    for kind in range(2):
        other = rings[kind, contact]
        while other != contact:
            if day[other] != 0 and abs(ordinal - day[other]) < gaps[kind]:
                return True
            other = rings[kind, other]
    return False
