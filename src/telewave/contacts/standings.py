"""How a campaign's contacts stand, read from the ledger for lists and for people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import chain
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from telewave.contacts.ledger import Standing
from telewave.contacts.tables import contact_ledger, contact_waves
from telewave.platform.bulk import plain_rows
from telewave.platform.database import Database


def released_of(database: Database, plan: str, day: date) -> NDArray[np.int64]:
    """Number, subscriber and step of the plan's contacts of the day that are released, in no order; shape (n, 3)."""
    row = contact_ledger.c
    query = (
        sa.select(row.id, row.subscriber, row.step)
        .join_from(contact_waves, contact_ledger, contact_waves.c.id == row.wave)
        .where(contact_waves.c.plan == plan, contact_waves.c.day == day, row.state == Standing.RELEASED.value)
    )
    with database.transaction() as connection:
        flat = chain.from_iterable(plain_rows(connection.execute(query)))
        return np.fromiter(flat, np.int64).reshape(-1, 3)


def entered_of(database: Database, plan: str, day: date) -> list[tuple[int, int]]:
    """Subscriber and step of the plan's contacts of the day that are in the ledger, however they stand."""
    row = contact_ledger.c
    query = (
        sa.select(row.subscriber, row.step)
        .join_from(contact_waves, contact_ledger, contact_waves.c.id == row.wave)
        .where(contact_waves.c.plan == plan, contact_waves.c.day == day)
    )
    with database.transaction() as connection:
        return [tuple(one) for one in connection.execute(query).all()]


def held_back(database: Database, plan: str, day: date) -> dict[str, int]:
    """How many of the plan's contacts of the day are held back or withdrawn, by reason."""
    row = contact_ledger.c
    query = (
        sa.select(row.reason, sa.func.count())
        .join_from(contact_waves, contact_ledger, contact_waves.c.id == row.wave)
        .where(
            contact_waves.c.plan == plan,
            contact_waves.c.day == day,
            row.state.in_([Standing.PLANNED.value, Standing.WITHDRAWN.value]),
            row.reason.is_not(None),
        )
        .group_by(row.reason)
    )
    with database.transaction() as connection:
        return {str(one[0]): int(one[1]) for one in connection.execute(query)}


def standings(database: Database, campaign: str) -> list[Mapping[str, Any]]:
    """Number of contacts by day, channel, state, disposition and reason of a campaign."""
    row = contact_ledger.c
    by = (contact_waves.c.plan, row.day, row.channel, row.state, row.disposition, row.reason)
    query = (
        sa.select(*by, sa.func.count().label("contacts"))
        .join_from(contact_waves, contact_ledger, contact_waves.c.id == row.wave)
        .where(contact_waves.c.campaign == campaign)
        .group_by(*by)
        .order_by(*by)
    )
    with database.transaction() as connection:
        return [dict(one) for one in connection.execute(query).mappings()]
