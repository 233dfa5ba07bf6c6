"""What is asked of the ledger about the batch that lies in the database, in the claim's transaction: a join each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, TypeAlias

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

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


def near(connection: sa.Connection, plan: str, days: tuple[date, date]) -> Places:
    """Whose ledger has a contact of another plan that is out, from the first of `days` to the last."""
    query = _others(days).where(contact_waves.c.plan != plan)
    return _places(connection, query)


def made_before(connection: sa.Connection, plan: str, campaign: str) -> Places:
    """Whose same step is out under an earlier plan of the same campaign, whatever became of it."""
    query = _others(None).where(
        contact_waves.c.plan != plan,
        contact_waves.c.campaign == campaign,
        contact_ledger.c.step == batch.c.step,
    )
    return _places(connection, query)


def paused(connection: sa.Connection, disposition: str, days: tuple[date, date]) -> Places:
    """Whose contact in the days, of whatever campaign, ended with the disposition."""
    return _places(connection, _others(days).where(contact_ledger.c.disposition == disposition))


def out_by_day(connection: sa.Connection, days: tuple[date, date]) -> list[tuple[int, date, int]]:
    """Place, day and number of the contacts that are out in the days, of the subscribers of the batch."""
    query = (
        sa.select(batch.c.place, contact_ledger.c.day, sa.func.count())
        .join_from(batch, contact_ledger, contact_ledger.c.subscriber == batch.c.subscriber)
        .where(contact_ledger.c.state.in_(OUT), contact_ledger.c.day.between(*days))
        .group_by(batch.c.place, contact_ledger.c.day)
    )
    return [(place, day, number) for place, day, number in connection.execute(query)]


def out_by_channel(connection: sa.Connection, waves: Iterable[int]) -> dict[str, int]:
    """How many contacts of these waves are out, by the plan's channel."""
    row = contact_counts.c
    query = (
        sa.select(row.channel, sa.func.sum(row.made)).where(row.wave.in_(list(waves))).group_by(row.channel)
    )
    return {str(one[0]): int(one[1]) for one in connection.execute(query)}


def _others(days: tuple[date, date] | None) -> sa.Select[Any]:
    """Places of the batch whose subscriber has a contact in the ledger that is out, joined with its wave."""
    row = contact_ledger.c
    query = (
        sa.select(batch.c.place)
        .distinct()
        .join_from(batch, contact_ledger, row.subscriber == batch.c.subscriber)
        .join(contact_waves, contact_waves.c.id == row.wave)
        .where(row.state.in_(OUT))
    )
    return query if days is None else query.where(row.day.between(*days))


def _places(connection: sa.Connection, query: sa.Select[Any]) -> Places:
    return np.array(connection.execute(query).scalars().all(), np.int64)
