"""Versions and snapshots in the operations database. Rows are added, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from telewave.audiences.model import Snapshot, Version
from telewave.audiences.reading import from_json, to_json
from telewave.audiences.rule import Rule
from telewave.audiences.tables import audience_snapshots, audience_versions
from telewave.kernel import Conflict
from telewave.platform.database import Database


class DefinedMeanwhile(Conflict):
    """Somebody else saved a version of the audience {name} at the same moment. Look at it with
    `telewave audience show {name}`, and define again.
    """

    code = "defined_meanwhile"


def versions(database: Database, name: str) -> list[Version]:
    """Every version of one audience, oldest first; none for an unknown name."""
    query = (
        sa.select(audience_versions)
        .where(audience_versions.c.name == name)
        .order_by(audience_versions.c.version)
    )
    with database.transaction() as connection:
        return [_version(row) for row in connection.execute(query).mappings()]


def newest(database: Database) -> list[Version]:
    """The newest version of every audience, by name."""
    last = (
        sa.select(audience_versions.c.name, sa.func.max(audience_versions.c.version).label("version"))
        .group_by(audience_versions.c.name)
        .subquery()
    )
    same = (audience_versions.c.name == last.c.name) & (audience_versions.c.version == last.c.version)
    query = sa.select(audience_versions).join(last, same).order_by(audience_versions.c.name)
    with database.transaction() as connection:
        return [_version(row) for row in connection.execute(query).mappings()]


def add_version(
    database: Database, name: str, rule: Rule, after: int, now: datetime, samples: str = ""
) -> Version:
    """Save the version that follows number `after` (0: the first). Raises `DefinedMeanwhile` if that is taken."""
    told = {"samples": samples, "rule": to_json(rule)} if samples else to_json(rule)
    row = {"name": name, "version": after + 1, "created_at": now, "rule": told}
    try:
        with database.transaction() as connection:
            connection.execute(sa.insert(audience_versions).values(row))
    except sa.exc.IntegrityError as cause:
        raise DefinedMeanwhile(name=name) from cause
    return Version(name=name, version=after + 1, created_at=now, rule=rule, samples=samples)


def snapshots(database: Database, name: str | None = None) -> list[Snapshot]:
    """Snapshots taken, of one audience or of all, by name and date."""
    query = sa.select(audience_snapshots).order_by(audience_snapshots.c.name, audience_snapshots.c.as_of)
    if name is not None:
        query = query.where(audience_snapshots.c.name == name)
    with database.transaction() as connection:
        return [Snapshot(**row) for row in connection.execute(query).mappings()]


def snapshot_of(connection: sa.Connection, name: str, as_of: date) -> Snapshot | None:
    """The snapshot of an audience as of a date, whatever its version."""
    query = sa.select(audience_snapshots).where(
        audience_snapshots.c.name == name, audience_snapshots.c.as_of == as_of
    )
    row = connection.execute(query).mappings().first()
    return None if row is None else Snapshot(**row)


def add_snapshot(connection: sa.Connection, taken: Snapshot) -> None:
    """Note a snapshot; IntegrityError if the same was noted before."""
    row = {name: getattr(taken, name) for name in ("name", "version", "as_of", "taken_at", "members")}
    connection.execute(sa.insert(audience_snapshots).values(row))


def _version(row: Mapping[Any, Any]) -> Version:
    told = row["rule"]
    samples = told.get("samples", "")
    rule = from_json(told["rule"] if samples else told)
    return Version(
        name=row["name"], version=row["version"], created_at=row["created_at"], rule=rule, samples=samples
    )
