"""The contact ledger in the operations database. Everything works on sets: a batch lies in a table that lives as long
as its transaction, and is compared with the rest by joins.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from telewave.contacts.ledger import MADE, Standing
from telewave.contacts.tables import (
    LONG,
    contact_acts,
    contact_counts,
    contact_ledger,
    contact_log,
    contact_waves,
)
from telewave.kernel import Message
from telewave.kernel.history import not_before
from telewave.platform.bulk import load_rows
from telewave.platform.database import Database

LANE = 0x7E1E_0002
"""The number of PostgreSQL's advisory lock for whoever decides by the ledger."""
OUT = [state.value for state in MADE]
Fate: TypeAlias = tuple[int, str | None, str | None, int]
"""Place in the batch, state, reason and transitions so far of a contact that enters the ledger and is not released; no
state for one that stands there already.
"""
Kind: TypeAlias = tuple[str, str | None, str | None]
"""How contacts stand: state, disposition and reason."""

_temporary = sa.MetaData()
batch = sa.Table(
    "contact_batch",
    _temporary,
    sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("wave", sa.Integer, nullable=False),
    sa.Column("subscriber", sa.Integer, nullable=False),
    sa.Column("channel", sa.String(120), nullable=False),
    sa.Column("step", sa.SmallInteger, nullable=False),
    sa.Column("recorded_as", sa.String(60), nullable=False),
    prefixes=["TEMPORARY"],
)
fates = sa.Table(
    "contact_fates",
    _temporary,
    sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("state", sa.String(12)),
    sa.Column("reason", sa.String(30)),
    sa.Column("sequence", sa.Integer, nullable=False),
    prefixes=["TEMPORARY"],
)
changes = sa.Table(
    "contact_changes",
    _temporary,
    sa.Column("contact", LONG, primary_key=True, autoincrement=False),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("from_state", sa.String(12), nullable=False),
    sa.Column("to_state", sa.String(12), nullable=False),
    sa.Column("disposition", sa.String(20)),
    sa.Column("reason", sa.String(30)),
    sa.Column("reference", sa.String(200)),
    sa.Column("agent", sa.String(120)),
    prefixes=["TEMPORARY"],
)
named = sa.Table(
    "contacts_named",
    _temporary,
    sa.Column("contact", LONG, primary_key=True, autoincrement=False),
    prefixes=["TEMPORARY"],
)
COLUMNS_OF_A_ROW = ("id", "state", "disposition", "reason", "sequence", "subscriber", "recorded_as")
"""Of which a `Held` is made."""
ENTRY = ("wave", "subscriber", "channel", "step", "recorded_as", "day", "state", "reason", "sequence", "act")
"""Columns of a row that enters the ledger."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """Who does what with contacts, when, and under which version of the contact policy."""

    at: datetime
    person: str
    what: str
    about: str
    policy: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """A row of the ledger: its number, how it stands, and after how many transitions."""

    contact: int
    state: str
    disposition: str | None
    reason: str | None
    sequence: int
    subscriber: int
    recorded_as: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """A transition of one contact, or with equal `sequence` as before only another reason for its being held back."""

    contact: int
    sequence: int
    from_state: str
    to_state: str
    disposition: str | None
    reason: str | None
    reference: str | None = None
    agent: str | None = None


@contextmanager
def lane(database: Database) -> Iterator[sa.Connection]:
    """A transaction beside which no other decides by the ledger."""
    with database.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LANE)))
        yield connection


def enter_act(connection: sa.Connection, act: Act) -> int:
    """Note the act; its number. Raises `ClockBehind` where one was noted on a later day."""
    last = connection.execute(
        sa.select(contact_acts.c.at).order_by(contact_acts.c.id.desc()).limit(1)
    ).scalar()
    row = {name: getattr(act, name) for name in Act.__slots__}
    row["at"] = not_before(last, act.at, Message("the contact ledger"))
    key = connection.execute(sa.insert(contact_acts), row).inserted_primary_key
    return int(key[0])  # type: ignore[index]


def waves_of(
    connection: sa.Connection, plan: str, campaign: str, day: date, phases: Iterable[str]
) -> dict[str, int]:
    """Number of the plan's wave of the day by phase; those of `phases` are made where they are lacking."""
    table = contact_waves.c
    query = sa.select(table.phase, table.id).where(table.plan == plan, table.day == day)
    found = {phase: int(number) for phase, number in connection.execute(query)}
    for phase in sorted(set(phases) - set(found)):
        row = {"plan": plan, "campaign": campaign, "phase": phase, "day": day}
        key = connection.execute(sa.insert(contact_waves), row).inserted_primary_key
        found[phase] = int(key[0])  # type: ignore[index]
    return found


@contextmanager
def lying(connection: sa.Connection, rows: Iterable[Sequence[Any]]) -> Iterator[None]:
    """The batch, in the table `batch`, while this lasts."""
    with made(connection, batch):
        load_rows(connection, batch, [one.name for one in batch.columns], rows)
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"ANALYZE {batch.name}")
        yield


@contextmanager
def made(connection: sa.Connection, table: sa.Table) -> Iterator[None]:
    """A temporary table; an error ends it with its transaction."""
    table.create(connection, checkfirst=False)
    yield
    table.drop(connection, checkfirst=False)


def same_contact() -> sa.ColumnElement[bool]:
    """The row of the ledger is the one in the batch."""
    keys = ("wave", "subscriber", "channel", "step")
    return sa.and_(*(batch.c[name] == contact_ledger.c[name] for name in keys))


def held_row(row: Any) -> Held:
    """A row of columns `COLUMNS_OF_A_ROW`."""
    return Held(
        contact=row.id,
        state=row.state,
        disposition=row.disposition,
        reason=row.reason,
        sequence=row.sequence,
        subscriber=row.subscriber,
        recorded_as=row.recorded_as,
    )


def known(connection: sa.Connection) -> dict[int, Held]:
    """The rows of the batch that stand in the ledger, by place."""
    query = sa.select(*_row(), batch.c.place).join_from(batch, contact_ledger, same_contact())
    return {row.place: held_row(row) for row in connection.execute(query)}


def enter(connection: sa.Connection, day: date, otherwise: Iterable[Fate], act: int) -> None:
    """Enter the batch into the ledger, on `day`: released, but for those of `otherwise`; those that have been moved
    with a line of the log. In the lane: numbers above the last are those of these rows.
    """
    row = contact_ledger.c
    last = int(connection.execute(sa.select(sa.func.max(row.id))).scalar() or 0)
    with made(connection, fates):
        load_rows(connection, fates, [one.name for one in fates.columns], otherwise)
        entries = sa.insert(contact_ledger).from_select(ENTRY, _new_rows(day, act))
        connection.execute(entries)
    planned = sa.literal(Standing.PLANNED.value)
    moved = sa.select(row.id, row.sequence, row.act, planned, row.state, row.disposition, row.reason).where(
        row.id > last, row.act == act, row.sequence == 1
    )
    connection.execute(sa.insert(contact_log).from_select([one.name for one in contact_log.columns], moved))
    wave = row.wave + sa.literal_column(
        "0"
    )  # or SQLite goes through the index of all waves instead of these rows
    _count(
        connection,
        sa.select(wave, row.channel, sa.func.count())
        .where(row.id > last, row.state.in_(OUT))
        .group_by(wave, row.channel),
    )


def _new_rows(day: date, act: int) -> sa.Select[Any]:
    """Rows of the batch that enter the ledger, as `ENTRY`; by subscriber, or its indexes grow at random places."""
    told, mine = fates.c, batch.c
    released, once = sa.literal(Standing.RELEASED.value), sa.literal(1)
    return (
        sa.select(
            mine.wave,
            mine.subscriber,
            mine.channel,
            mine.step,
            mine.recorded_as,
            sa.literal(day, sa.Date),
            sa.func.coalesce(told.state, released),
            told.reason,
            sa.func.coalesce(told.sequence, once),
            sa.literal(act),
        )
        .select_from(batch)
        .outerjoin(fates, told.place == mine.place)
        .where(told.place.is_(None) | told.state.is_not(None))
        .order_by(mine.subscriber, mine.place)
    )


def move(connection: sa.Connection, moves: Iterable[Change], act: int) -> None:
    """Write transitions, with their lines of the log, which two who move the same contact at once cannot both add."""
    rows = [tuple(getattr(one, name) for name in Change.__slots__) for one in moves]
    if not rows:
        return
    with made(connection, changes):
        load_rows(connection, changes, Change.__slots__, rows)
        _carry_out(connection, act)


def _carry_out(connection: sa.Connection, act: int) -> int:
    """Write the transitions that lie in `changes`, their lines of the log, and the counts. How many they are."""
    told = changes.c
    moved = sa.select(
        told.contact,
        told.sequence,
        sa.literal(act),
        told.from_state,
        told.to_state,
        told.disposition,
        told.reason,
    ).where(sa.or_(told.from_state != told.to_state, told.from_state != Standing.PLANNED.value))
    names = [one.name for one in contact_log.columns]
    connection.execute(sa.insert(contact_log).from_select(names, moved))
    _count(connection, _counted_anew())
    connection.execute(
        sa.update(contact_ledger)
        .where(contact_ledger.c.id == told.contact)
        .values(
            state=told.to_state,
            disposition=told.disposition,
            reason=told.reason,
            sequence=told.sequence,
            reference=sa.func.coalesce(told.reference, contact_ledger.c.reference),
            agent=sa.func.coalesce(told.agent, contact_ledger.c.agent),
            act=act,
        )
    )
    return int(connection.execute(sa.select(sa.func.count()).select_from(changes)).scalar_one())


def released_rows(
    connection: sa.Connection, plan: str, day: date, subscribers: Collection[int]
) -> list[Held]:
    """The plan's released contacts of the day with these subscribers."""
    row = contact_ledger.c
    query = (
        sa.select(*_row())
        .join_from(contact_waves, contact_ledger, contact_waves.c.id == row.wave)
        .where(contact_waves.c.plan == plan, contact_waves.c.day == day, row.state == Standing.RELEASED.value)
    )
    return [held_row(one) for one in connection.execute(query) if one.subscriber in subscribers]


def contacts_called(connection: sa.Connection, campaign: str, numbers: Iterable[int]) -> dict[int, Held]:
    """The contacts of the campaign with these numbers, by number."""
    with made(connection, named):
        load_rows(connection, named, ("contact",), [(number,) for number in numbers])
        row = contact_ledger.c
        query = (
            sa.select(*_row())
            .join_from(named, contact_ledger, row.id == named.c.contact)
            .join(contact_waves, contact_waves.c.id == row.wave)
            .where(contact_waves.c.campaign == campaign)
        )
        return {one.id: held_row(one) for one in connection.execute(query)}


def kinds_before(connection: sa.Connection, campaign: str, day: date) -> list[Kind]:
    """How the campaign's contacts that are out, of days before `day`, stand: every kind once."""
    row = contact_ledger.c
    query = _out_before(campaign, day, row.state, row.disposition, row.reason).distinct()
    return [tuple(one) for one in connection.execute(query).all()]


def move_before(
    connection: sa.Connection, campaign: str, day: date, after: Mapping[Kind, Kind], act: int
) -> int:
    """Move all the campaign's contacts that are out, of days before `day`, and stand as a key of `after`, to its value:
    a statement a kind, however many they are. How many were moved.
    """
    row = contact_ledger.c
    with made(connection, changes):
        for (state, disposition, reason), (to, becomes, why) in after.items():
            told = [sa.literal(one, sa.String) for one in (to, becomes, why, None, None)]
            same = (row.state == state) & (row.disposition.is_not_distinct_from(disposition))
            found = _out_before(campaign, day, row.id, row.sequence + 1, row.state, *told)
            found = found.where(same & row.reason.is_not_distinct_from(reason))
            names = [one.name for one in changes.columns]
            connection.execute(sa.insert(changes).from_select(names, found))
        return _carry_out(connection, act)


def _out_before(campaign: str, day: date, *columns: Any) -> sa.Select[Any]:
    row = contact_ledger.c
    return (
        sa.select(*columns)
        .join_from(contact_waves, contact_ledger, contact_waves.c.id == row.wave)
        .where(contact_waves.c.campaign == campaign, contact_waves.c.day < day, row.state.in_(OUT))
    )


def _counted_anew() -> sa.Select[Any]:
    """By wave and channel, how many of the changes make a contact one that is out, less those that end it."""
    told, row = changes.c, contact_ledger.c
    more = sa.func.sum(
        sa.case((told.to_state.in_(OUT), 1), else_=0) - sa.case((told.from_state.in_(OUT), 1), else_=0)
    )
    return (
        sa.select(row.wave, row.channel, more)
        .join_from(changes, contact_ledger, row.id == told.contact)
        .where(told.from_state != told.to_state)
        .group_by(row.wave, row.channel)
    )


def _count(connection: sa.Connection, more: sa.Select[Any]) -> None:
    """Add to the counts; `more`: wave, channel and how many."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    added: Any = dialect.insert(contact_counts).from_select(["wave", "channel", "made"], more)
    made = contact_counts.c.made + added.excluded.made
    connection.execute(added.on_conflict_do_update(index_elements=["wave", "channel"], set_={"made": made}))


def _row() -> list[sa.Column[Any]]:
    return [contact_ledger.c[name] for name in COLUMNS_OF_A_ROW]
