"""On which day each assigned contact is made. Pure, on arrays of millions of contacts.

The contacts are taken by value, greatest first, equal values in the order of a hash of the subscriber number (so that
old and young numbers are served alike), then of the touch. Each gets the first day

    of its phase on which its channel works and has room left, at least `days` days before or after every touch of
    the same subscriber that already has a day, in whatever channel, and at least `household_days` days before or
    after every such touch of the same household.

A contact that finds no such day stays undated, with the reason. It is the
conflicting touch of lesser value that moves on.

Guaranteed: no day exceeds its capacity; nobody is contacted on a day off; the spacing is kept; a contact is on
the earliest day it could have with the more valuable contacts standing where they stand, so within a channel
and phase a less valuable contact comes first only where spacing kept the more valuable one away; and what
stays undated fits on no day that has room left.

Not guaranteed: that the greatest possible number of contacts is dated. Where somebody has several touches,
another day for the more valuable one might have made room for both; finding the best such arrangement is a
problem without a fast method (docs/adr/0010-waves.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from telewave.allocation.compiled import compiled
from telewave.experiments.holdout import GOLDEN, NegativeSubscriber, mix
from telewave.kernel import Label, Malformed, Message
from telewave.scheduling.spacing import NO_DAY, Days, Integers, Spacing, Touches, UnequalColumns, near, rings
from telewave.scheduling.working_days import Timetable

Floats = NDArray[np.floating]


class UnknownNumber(Malformed):
    """A contact names {what} number {number}, and there are {count}. Number them from 0 as they stand in the
    campaign.
    """

    code = "unknown_number"


class UnusableValue(Malformed):
    """{count} contacts have a value that is not a number. Leave subscribers without a value out of the list."""

    code = "unusable_value"


class ProbabilityBeyondBounds(Malformed):
    """{count} contacts have a probability that does not lie between 0 and 1. Score the subscribers again."""

    code = "probability_beyond_bounds"


class Why(IntEnum):
    """Why a contact has no day."""

    DATED = 0
    NO_CAPACITY = 1
    SPACING = 2
    NOT_USED = 3
    PHASE_OVER = 4
    WITHDRAWN = 5

    @property
    def label(self) -> Label:
        """The reason for people."""
        return REASONS[self]


REASONS = {
    Why.DATED: Label("Has a day", "已排期"),
    Why.NO_CAPACITY: Label("The channel's days in this phase are full", "该阶段内渠道容量已排满"),
    Why.SPACING: Label(
        "All days with room are too near to another contact of the subscriber or the household",
        "有空余能力的日期与该用户或其家庭的其他接触间隔过近",
    ),
    Why.NOT_USED: Label("The channel is not used in this phase", "该阶段不使用此渠道"),
    Why.PHASE_OVER: Label("The channel has no working day left in this phase", "该阶段内渠道已无剩余工作日"),
    Why.WITHDRAWN: Label("The contact is no longer wanted", "该接触已取消"),
}


@dataclass(frozen=True, eq=False, kw_only=True)
class Contacts:
    """Assigned contacts, arrays of shape (n,).

    `subscriber`: number; `channel`, `phase`: numbers from 0 in the timetable; `value`: what the contact is expected to
    earn, any unit; `probability`: that it is taken, 0 to 1; `touch`: number of the contact among the subscriber's own,
    decides between equal values (None: all 0); `household`: number, negative: none (None: everybody apart). Raises
    `UnequalColumns`, `NegativeSubscriber`, `UnusableValue`, `ProbabilityBeyondBounds`.
    """

    subscriber: Integers
    channel: Integers
    phase: Integers
    value: Floats
    probability: Floats
    touch: Integers | None = None
    household: Integers | None = None

    def __post_init__(self) -> None:
        for column in ("channel", "phase", "value", "probability", "touch", "household"):
            entries = getattr(self, column)
            if entries is not None and len(entries) != len(self):
                raise UnequalColumns(contacts=len(self), others=len(entries), column=column)
        if len(self) and int(self.subscriber.min()) < 0:
            raise NegativeSubscriber(number=int(self.subscriber.min()))
        if wrong := int((~np.isfinite(self.value)).sum()):
            raise UnusableValue(count=wrong)
        if wrong := int((~((self.probability >= 0) & (self.probability <= 1))).sum()):
            raise ProbabilityBeyondBounds(count=wrong)

    def __len__(self) -> int:
        return len(self.subscriber)


@dataclass(frozen=True, eq=False)
class Dated:
    """`day`: ordinal of each contact's day, `NO_DAY` where there is none; `why`: codes of `Why`. Shape (n,)."""

    day: Days
    why: NDArray[np.int8]


def date_contacts(
    contacts: Contacts, table: Timetable, spacing: Spacing, elsewhere: Touches | None = None
) -> Dated:
    """Give each contact its day, by the rule above. Raises `UnknownNumber`."""
    check_numbers(contacts, table)
    day = np.full(len(contacts), NO_DAY, np.int32)
    return fill(contacts, priority(contacts), table, table.capacity.copy(), spacing, day, elsewhere)


def check_numbers(contacts: Contacts, table: Timetable) -> None:
    """Raises `UnknownNumber`."""
    channels = (Message("the channel"), contacts.channel, len(table.channels))
    phases = (Message("the phase"), contacts.phase, len(table.phases))
    for what, numbers, count in (channels, phases):
        wrong = numbers[(numbers < 0) | (numbers >= count)]
        if wrong.size:
            raise UnknownNumber(what=what, number=int(wrong[0]), count=count)


def priority(contacts: Contacts) -> NDArray[np.int64]:
    """The contacts' positions, shape (n,): by value, greatest first; then the subscriber's
    hash, the touch, the channel, the position.
    """
    order = np.argsort(-contacts.value.astype(np.float64), kind="stable")
    values = contacts.value[order]
    same = values[1:] == values[:-1]
    if not same.any():
        return order
    tied = np.flatnonzero(np.concatenate([same, [False]]) | np.concatenate([[False], same]))
    rows = order[tied]
    spread = mix(contacts.subscriber[rows].astype(np.uint64) + np.uint64(GOLDEN))
    touch = np.zeros(len(rows)) if contacts.touch is None else contacts.touch[rows]
    order[tied] = rows[np.lexsort((contacts.channel[rows], touch, spread, -contacts.value[rows]))]
    return order


def fill(
    contacts: Contacts,
    order: NDArray[np.int64],
    table: Timetable,
    room: NDArray[np.int64],
    spacing: Spacing,
    day: Days,
    elsewhere: Touches | None = None,
) -> Dated:
    """Date the contacts at the positions `order`, in that order; the others stand where `day` has them.

    `room`: what is left of each channel's days, shape (C, D). It and `day` are written over.
    """
    why = np.zeros(len(contacts), np.int8)
    unused = np.array([~table.working[:, a:b].any(axis=1) for a, b in table.phase_spans.tolist()])
    why[order] = np.where(
        unused[contacts.phase[order], contacts.channel[order]], Why.NOT_USED, Why.NO_CAPACITY
    )
    days = day if elsewhere is None else np.concatenate([day, elsewhere.day.astype(np.int32)])
    _place(
        order,
        contacts.channel.astype(np.int64),
        contacts.phase.astype(np.int64),
        table.phase_spans,
        table.first.toordinal(),
        room,
        rings(contacts.subscriber, contacts.household, spacing, elsewhere),
        np.array([spacing.days, spacing.household_days], np.int64),
        days,
        why,
    )
    return Dated(days[: len(contacts)], why)


@compiled
def _place(
    order: NDArray[np.int64],
    channel: NDArray[np.int64],
    phase: NDArray[np.int64],
    spans: NDArray[np.int64],
    first: int,
    room: NDArray[np.int64],
    rings: NDArray[np.int64],
    gaps: NDArray[np.int64],
    day: Days,
    why: NDArray[np.int8],
) -> None:
    """The module's rule. `start[c, p]` is the first day of phase p on which channel c may have room: it only moves
    on.
    """
    start = np.empty((len(room), len(spans)), np.int64)
    start[:] = spans[:, 0]
    for i in order:
        c, p = channel[i], phase[i]
        end = spans[p, 1]
        while start[c, p] < end and room[c, start[c, p]] <= 0:
            start[c, p] += 1
        for d in range(start[c, p], end):
            if room[c, d] <= 0:
                continue
            if near(day, rings, gaps, i, first + d):
                why[i] = 2  # Why.SPACING, unless a later day does
                continue
            room[c, d] -= 1
            day[i] = first + d
            why[i] = 0
            break


def used(contacts: Contacts, day: Days, table: Timetable) -> NDArray[np.int64]:
    """Shape (C, D): contacts of each channel on each day of the campaign."""
    return _by_day(contacts, day, table, None).astype(np.int64)


def _by_day(contacts: Contacts, day: Days, table: Timetable, weight: Floats | None) -> NDArray[np.float64]:
    """Shape (C, D): sum of `weight` (None: 1) by channel and day; days outside the campaign are left out."""
    index = day.astype(np.int64) - table.first.toordinal()
    inside = (index >= 0) & (index < table.days)
    cells = contacts.channel[inside].astype(np.int64) * table.days + index[inside]
    weights = None if weight is None else weight[inside].astype(np.float64)
    size = len(table.channels) * table.days
    sums = np.bincount(cells, weights, minlength=size).astype(np.float64)
    return sums.reshape(len(table.channels), table.days)


def send_minutes(contacts: Contacts, day: Days, table: Timetable) -> NDArray[np.int16]:
    """The local minute of the day at which each contact is sent, shape (n,); -1 without a day.

    The n contacts of a channel and day, the most valuable first, are spread evenly over the M sending minutes: the k-th
    (from 0) goes out in minute floor(k M / n) of them, so that the counts of any two minutes differ by at most one.
    """
    minute = np.full(len(contacts), -1, np.int16)
    order = priority(contacts)
    order = order[day[order] != NO_DAY]
    for c, channel in enumerate(table.channels):
        rows = order[contacts.channel[order] == c]
        rows = rows[np.argsort(day[rows], kind="stable")]
        if not len(rows):
            continue
        _, start, counts = np.unique(day[rows], return_index=True, return_counts=True)
        place = np.arange(len(rows)) - np.repeat(start, counts)
        minutes = channel.sending_minutes()
        minute[rows] = minutes[place * len(minutes) // np.repeat(counts, counts)]
    return minute
