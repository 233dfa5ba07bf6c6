"""The audit log in the operations database: added to within the transaction of what it tells of, and read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from telewave.audit.model import Action, Anchor, Entry, Fact, hash_of
from telewave.audit.tables import audit_end, audit_log
from telewave.platform.database import Database

PAGE = 5_000
"""Entries read at a time."""


def write_down(
    connection: sa.Connection,
    *,
    at: datetime,
    person: str,
    action: Action,
    about: str,
    facts: Mapping[str, Fact],
) -> None:
    """Add an entry in the transaction of what it tells of: both stand, or neither. Call it last: until the transaction
    ends, nobody else adds.
    """
    connection.execute(sa.update(audit_end).values(sequence=audit_end.c.sequence + 1))
    end = connection.execute(sa.select(audit_end.c.sequence, audit_end.c.hash)).one()
    entry = Entry(
        sequence=end.sequence,
        at=at,
        person=person[:200],
        action=action.value,
        about=about[:500],
        facts=dict(facts),
        previous=end.hash,
        hash="",
    )
    entry = replace(entry, hash=hash_of(entry))
    row = {name: getattr(entry, name) for name in Entry.__slots__}
    connection.execute(sa.insert(audit_log), row | {"facts": json.dumps(row["facts"], ensure_ascii=False)})
    connection.execute(sa.update(audit_end).values(hash=entry.hash))


def end_of(connection: sa.Connection) -> tuple[int, str]:
    """Number and hash of what the log says it ends with."""
    row = connection.execute(sa.select(audit_end.c.sequence, audit_end.c.hash)).one()
    return int(row.sequence), str(row.hash)


def pages(connection: sa.Connection) -> Iterator[Entry]:
    """All entries, rising."""
    last = 0
    while True:
        query = sa.select(audit_log).where(audit_log.c.sequence > last).order_by(audit_log.c.sequence)
        rows = connection.execute(query.limit(PAGE)).mappings().all()
        yield from (_entry(row) for row in rows)
        if len(rows) < PAGE:
            return
        last = rows[-1]["sequence"]


def found(
    database: Database,
    *,
    person: str = "",
    about: str = "",
    action: str = "",
    first: datetime | None = None,
    end: datetime | None = None,
    most: int = 50,
) -> list[Entry]:
    """The newest entries that agree with all that is given, the newest first."""
    log = audit_log.c
    wanted: list[sa.ColumnElement[bool]] = []
    if person:
        wanted.append(log.person == person)
    if about:
        wanted.append(log.about == about)
    if action:
        wanted.append(log.action.startswith(action, autoescape=True))
    if first is not None:
        wanted.append(log.at >= first)
    if end is not None:
        wanted.append(log.at < end)
    query = sa.select(audit_log).where(*wanted).order_by(log.sequence.desc()).limit(most)
    with database.transaction() as connection:
        return [_entry(row) for row in connection.execute(query).mappings()]


def anchor_of(connection: sa.Connection, at: datetime) -> Anchor:
    """What the log ends with now."""
    sequence, digest = end_of(connection)
    return Anchor(at=at, sequence=sequence, hash=digest)


def _entry(row: Mapping[Any, Any]) -> Entry:
    """As kept. Facts that are no JSON any more are told as one, so that the hash shows the change."""
    try:
        facts = json.loads(row["facts"])
    except ValueError:
        facts = {"": row["facts"]}
    if not isinstance(facts, dict):
        facts = {"": row["facts"]}
    return Entry(**(dict(row) | {"facts": facts}))
