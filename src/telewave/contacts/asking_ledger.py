"""What is asked of the ledger about the batch that lies in the database, in the claim's transaction: a join each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from telewave.contacts.resting import Touches
from telewave.contacts.store import OUT, batch
from telewave.contacts.tables import (
    EVERYTHING,
    LISTED,
    contact_counts,
    contact_ledger,
    contact_waves,
    objections,
)

Places: TypeAlias = NDArray[np.int64]
"""Places of rows in a batch."""


def objected(connection: sa.Connection, *, listed: bool) -> Places:
    """Who of the batch has objected to the contact's channel or to all; with `listed`: by an exclusion list."""
    heard = (objections.c.recorded_as == EVERYTHING) | (objections.c.recorded_as == batch.c.recorded_as)
    query = sa.select(batch.c.place).join_from(
        batch, objections, (objections.c.subscriber == batch.c.subscriber) & heard
    )
    kind = objections.c.kind
    return _places(connection, query.where(kind == LISTED if listed else kind != LISTED))


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Others:
    """Contacts that are out of the subscribers of a batch, arrays of one length: whose by place, when (ordinal day), of
    another plan or not, and what became of it.
    """

    place: Places
    day: NDArray[np.int64]
    elsewhere: NDArray[np.bool_]
    disposition: NDArray[Any]

    def within(self, first: date, last: date) -> NDArray[np.bool_]:
        """Which are of the days from `first` to `last`."""
        return (self.day >= first.toordinal()) & (self.day <= last.toordinal())

    @property
    def touches(self) -> Touches:
        """All of them, as the policy's rule takes them."""
        number = np.ones(len(self.place), np.int64)
        return Touches(place=self.place, day=self.day, number=number, disposition=self.disposition)


def others_out(connection: sa.Connection, plan: str, days: tuple[date, date]) -> Others:
    """The contacts from the first of `days` to the last: one join for all that is asked about them, since on PostgreSQL
    each may read the ledger from end to end.
    """
    row, wave = contact_ledger.c, contact_waves.c
    query = (
        sa.select(batch.c.place, row.day, wave.plan != plan, row.disposition)
        .join_from(batch, contact_ledger, row.subscriber == batch.c.subscriber)
        .join(contact_waves, wave.id == row.wave)
        .where(row.state.in_(OUT), row.day.between(*days))
    )
    found = connection.execute(query).all()
    place, day, elsewhere, disposition = zip(*found, strict=True) if found else [()] * 4
    return Others(
        place=np.array(place, np.int64),
        day=np.array([one.toordinal() for one in day], np.int64),
        elsewhere=np.array(elsewhere, np.bool_),
        disposition=np.array(disposition, object),
    )


def everybody_out(connection: sa.Connection, days: tuple[date, date]) -> tuple[Places, Touches]:
    """Whose contacts are out from the first of `days` to the last, under any plan: the subscribers, each once and in
    order, and what they have had, by place in these. Counted in the database.
    """
    row = contact_ledger.c
    query = (
        sa.select(row.subscriber, row.day, row.disposition, sa.func.count())
        .where(row.state.in_(OUT), row.day.between(*days))
        .group_by(row.subscriber, row.day, row.disposition)
    )
    found = connection.execute(query).all()
    subscriber, day, disposition, number = zip(*found, strict=True) if found else [()] * 4
    people, place = np.unique(np.array(subscriber, np.int64), return_inverse=True)
    touches = Touches(
        place=place.astype(np.int64),
        day=np.array([one.toordinal() for one in day], np.int64),
        number=np.array(number, np.int64),
        disposition=np.array(disposition, object),
    )
    return people, touches


def made_before(connection: sa.Connection, plan: str, campaign: str) -> Places:
    """Whose same step is out under an earlier plan of the same campaign, whatever became of it."""
    row, wave = contact_ledger.c, contact_waves.c
    earlier = (wave.plan != plan) & (wave.campaign == campaign)
    if connection.execute(sa.select(wave.id).where(earlier).limit(1)).first() is None:
        return np.zeros(0, np.int64)
    query = (
        sa.select(batch.c.place)
        .distinct()
        .join_from(batch, contact_ledger, row.subscriber == batch.c.subscriber)
        .join(contact_waves, wave.id == row.wave)
        .where(row.state.in_(OUT), row.step == batch.c.step, earlier)
    )
    return _places(connection, query)


def out_by_channel(connection: sa.Connection, waves: Iterable[int]) -> dict[str, int]:
    """How many contacts of these waves are out, by the plan's channel."""
    row = contact_counts.c
    query = (
        sa.select(row.channel, sa.func.sum(row.made)).where(row.wave.in_(list(waves))).group_by(row.channel)
    )
    return {str(one[0]): int(one[1]) for one in connection.execute(query)}


def _places(connection: sa.Connection, query: sa.Select[Any]) -> Places:
    return np.array(connection.execute(query).scalars().all(), np.int64)
