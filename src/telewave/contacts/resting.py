"""Whom the house's contact policy leaves alone on a day: one rule of pauses and caps, for a batch that is let go and
for everybody whom a plan may still reach. Pure, on arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from telewave.contacts.policy import Cap, Policy

Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]

AT_ONCE = 50_000
"""People whose days are counted at one time, so that memory does not grow with the base."""


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Touches:
    """Contacts, arrays of one length: whose by place, when (ordinal day), how many, how each ended (None: unknown)."""

    place: Numbers
    day: Numbers
    number: Numbers
    disposition: NDArray[Any]


NOTHING = Touches(
    place=np.zeros(0, np.int64),
    day=np.zeros(0, np.int64),
    number=np.zeros(0, np.int64),
    disposition=np.zeros(0, object),
)


def days_back(policy: Policy) -> int:
    """How many days before a day its contacts count; 0 where none do."""
    return max([*(cap.days - 1 for cap in policy.caps), *policy.pauses.values(), 0])


def days_ahead(policy: Policy) -> int:
    """How many days behind a day its contacts count, since caps hold in every stretch of days."""
    return max([*(cap.days - 1 for cap in policy.caps), 0])


def paused(policy: Policy, day: date, size: int, told: Sequence[Touches]) -> Flags:
    """Who of `size` people is in peace on the day after what became of a contact, shape (size,)."""
    found = np.zeros(size, np.bool_)
    for disposition, days in policy.pauses.items():
        since = (day - timedelta(days=days)).toordinal()
        for one in told:
            so = (one.disposition == disposition.value) & (one.day >= since) & (one.day <= day.toordinal())
            found[one.place[so]] = True
    return found


def capped(policy: Policy, day: date, subscriber: Numbers, out: Touches, recorded: Touches) -> Flags:
    """Whom one more contact on the day would bring over a cap in some stretch of its days, shape as `subscriber`.

    `out`: contacts that are out, by place in `subscriber`; `recorded`: those on record. A contact of the ledger comes
    back as a record: of a day the greater number counts. Of several contacts of one subscriber in the batch each counts
    for those behind it.
    """
    before, found = _before(subscriber), np.zeros(len(subscriber), np.bool_)
    some = before > 0
    for one in (out, recorded):
        some[one.place] = True
    found[~some] = any(cap.most < 1 for cap in policy.caps)  # of the day's one contact
    people = np.flatnonzero(some)
    for start in range(0, len(people) if policy.caps else 0, AT_ONCE):
        part = people[start : start + AT_ONCE]
        told = [_of(one, part) for one in (out, recorded)]
        for cap in policy.caps:
            found[part] |= _over(cap, day, before[part], told)
    return found


def _of(touches: Touches, part: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Place in `part`, day and number of its people's contacts; `part`: their places, in order."""
    place = np.minimum(np.searchsorted(part, touches.place), len(part) - 1)
    mine = part[place] == touches.place
    return place[mine], touches.day[mine], touches.number[mine]


def _over(cap: Cap, day: date, before: Numbers, told: Sequence[tuple[Numbers, Numbers, Numbers]]) -> Flags:
    reach = cap.days - 1
    tables = [np.zeros((len(before), 2 * reach + 1), np.int64) for _ in told]
    for counts, (place, on, number) in zip(tables, told, strict=True):
        offset = on - day.toordinal()
        near = np.abs(offset) <= reach
        np.add.at(counts, (place[near], offset[near] + reach), number[near])
    counts = np.maximum.reduce(tables)
    counts[:, reach] += before
    sums = np.cumsum(np.pad(counts, ((0, 0), (1, 0))), axis=1)
    windows = sums[:, cap.days :] - sums[:, : -cap.days]
    return np.asarray(windows.max(axis=1) + 1 > cap.most, np.bool_)


def _before(subscriber: Numbers) -> Numbers:
    """How many entries before each name the same subscriber, shape as `subscriber`."""
    order = np.argsort(subscriber, kind="stable")
    ordered = subscriber[order]
    first = np.searchsorted(ordered, ordered)
    before = np.empty(len(subscriber), np.int64)
    before[order] = np.arange(len(subscriber)) - first
    return before
