"""Objections in the operations database, and the contacts that they take back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from telewave.contacts.ledger import Disposition, Standing
from telewave.contacts.store import COLUMNS_OF_A_ROW, Held, held_row, made
from telewave.contacts.tables import EVERYTHING, LISTED, contact_ledger, objections
from telewave.platform.bulk import load_rows
from telewave.platform.database import Database

QUEUED = [Standing.PLANNED.value, Standing.RELEASED.value]
given_table = sa.Table(
    "objections_given",
    sa.MetaData(),
    sa.Column("subscriber", sa.Integer, nullable=False),
    sa.Column("recorded_as", sa.String(60), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    prefixes=["TEMPORARY"],
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Objection:
    """Who is not to be contacted through what, `EVERYTHING` included; `kind`: a disposition, or `LISTED`."""

    subscriber: int
    recorded_as: str
    kind: str


def add_objections(connection: sa.Connection, given: Iterable[Objection], act: int) -> int:
    """Enter those that are new; how many they are."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    rows = [
        {"subscriber": one.subscriber, "recorded_as": one.recorded_as, "kind": one.kind, "act": act}
        for one in dict.fromkeys(given)
    ]
    before = _count(connection)
    if rows:
        connection.execute(insert(objections).on_conflict_do_nothing(), rows)
    return _count(connection) - before


def queued_of(connection: sa.Connection, given: Sequence[Objection]) -> list[Held]:
    """Rows of the ledger, of all campaigns, that wait to be made and that an objection is about."""
    if not given:
        return []
    with made(connection, given_table):
        rows = [(one.subscriber, one.recorded_as, one.kind) for one in given]
        load_rows(connection, given_table, ("subscriber", "recorded_as", "kind"), rows)
        told, row = given_table.c, contact_ledger.c
        about = (told.subscriber == row.subscriber) & (
            (told.recorded_as == EVERYTHING) | (told.recorded_as == row.recorded_as)
        )
        query = (
            sa.select(*(row[name] for name in COLUMNS_OF_A_ROW))
            .distinct()
            .join_from(given_table, contact_ledger, about)
            .where(row.state.in_(QUEUED))
        )
        return [held_row(one) for one in connection.execute(query)]


def unconfirmed(connection: sa.Connection) -> list[tuple[int, int, str]]:
    """Number, subscriber and channel of objections by message that wait for the confirmation that is owed."""
    row = objections.c
    query = (
        sa.select(row.id, row.subscriber, row.recorded_as)
        .where(row.confirmed_by.is_(None), row.kind == Disposition.OPTED_OUT.value, row.kind != LISTED)
        .order_by(row.id)
    )
    return [(number, subscriber, channel) for number, subscriber, channel in connection.execute(query)]


def confirm(connection: sa.Connection, numbers: Sequence[int], act: int) -> list[int]:
    """Note that these objections are confirmed in the act: those that no other act has confirmed, which it answers."""
    row = objections.c
    mine = sa.update(objections).where(row.id == sa.bindparam("number"), row.confirmed_by.is_(None))
    if numbers:
        connection.execute(mine.values(confirmed_by=act), [{"number": number} for number in numbers])
    query = sa.select(row.id).where(row.confirmed_by == act).order_by(row.id)
    return list(connection.execute(query).scalars())


def objections_of(database: Database, subscriber: int) -> list[Objection]:
    """What the subscriber has objected to."""
    row = objections.c
    query = sa.select(row.subscriber, row.recorded_as, row.kind).where(row.subscriber == subscriber)
    with database.transaction() as connection:
        return [
            Objection(subscriber=one, recorded_as=channel, kind=kind)
            for one, channel, kind in connection.execute(query)
        ]


def _count(connection: sa.Connection) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(objections)).scalar_one())
