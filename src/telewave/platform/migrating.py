"""Bringing a database to the newest schema: revisions by Alembic, one process at a time, whole or not at all.

A revision is a file of `migrations/versions`, called by its name; in the order of names each follows the one before (a
test sees to it), so that no command has to load Alembic to tell whether a schema is the newest.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import sqlalchemy as sa

from telewave.kernel import Message
from telewave.platform.clock import Clock
from telewave.platform.locks import HeldByAnother, held, myself

FOLDER = Path(__file__).parent / "migrations"
REVISIONS = tuple(sorted(file.stem for file in (FOLDER / "versions").glob("[0-9]*.py")))
VERSION = sa.Table(
    "alembic_version", sa.MetaData(), sa.Column("version_num", sa.String(32), primary_key=True)
)
WHAT = Message("The schema of the operations database")
ADVISORY = 0x7E1E_0001
"""The number of PostgreSQL's advisory lock for migrating."""
PAUSE_S = 0.2


def upgrade(connection: sa.Connection, to: str = REVISIONS[-1]) -> None:
    """Run the revisions up to `to` that the schema lacks."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, to)


@contextmanager
def migrating(engine: sa.Engine, clock: Clock, longest_wait_s: float) -> Iterator[sa.Connection]:
    """A connection on which the schema may be changed, all in one transaction. Raises `HeldByAnother`."""
    if engine.dialect.name == "sqlite":
        with _sqlite(engine, clock, longest_wait_s) as connection:
            yield connection
        return
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            _wait(connection, longest_wait_s)
        yield connection


@contextmanager
def _sqlite(engine: sa.Engine, clock: Clock, longest_wait_s: float) -> Iterator[sa.Connection]:
    file = engine.url.database
    lock = Path(f"{file}.migrating") if file and file != ":memory:" else None
    with held(lock, WHAT, clock, longest_wait_s) if lock else nullcontext():
        try:
            with engine.connect() as connection:
                # A table that is made anew is dropped first, and its rows' dependants with it, if keys are watched.
                connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                yield connection
                connection.commit()
        finally:
            if lock:
                engine.dispose()  # that connection is not for others


def _wait(connection: sa.Connection, longest_wait_s: float) -> None:
    """Take the lock that ends with the transaction."""
    end = time.monotonic() + longest_wait_s
    while not connection.execute(sa.select(sa.func.pg_try_advisory_xact_lock(ADVISORY))).scalar():
        if time.monotonic() >= end:
            owner, since = connection.execute(sa.text(OWNER), {"lock": ADVISORY}).one_or_none() or ("", "")
            raise HeldByAnother(what=WHAT, owner=owner, since=since, waited=longest_wait_s)
        time.sleep(PAUSE_S)


OWNER = (
    "SELECT application_name, to_char(xact_start, 'YYYY-MM-DD HH24:MI:SS TZ') FROM pg_stat_activity "
    "JOIN pg_locks USING (pid) WHERE locktype = 'advisory' AND objid = :lock AND granted"
)


def application() -> str:
    """What PostgreSQL tells others of this process: 63 bytes at most."""
    me = myself()
    return f"telewave {me.process} {me.account}@{me.machine}"[:63]
