"""The operations database: SQLite by default, PostgreSQL in production, brought to the newest schema by
`telewave migrate`.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from telewave.kernel import Conflict
from telewave.platform.clock import Clock
from telewave.platform.files import make_private, own_folder
from telewave.platform.locks import LONGEST_WAIT_S
from telewave.platform.migrating import REVISIONS, VERSION, application, migrating, upgrade


class DatabaseUnusable(Conflict):
    """The operations database {address} cannot be used: {cause}. See that it runs and may be
    written to, or correct TELEWAVE_DATABASE.
    """

    code = "database_unusable"


class DatabaseSpoilt(Conflict):
    """The operations database {address} is damaged, or no database at all ({cause}). Nothing was changed. Restore it
    from the backup, or correct TELEWAVE_DATABASE.
    """

    code = "database_spoilt"


class DatabaseBusy(Conflict):
    """Another command has been writing to the operations database {address} for more than {waited:.0f} seconds. Nothing
    was changed: run this again when it has ended.
    """

    code = "database_busy"


class SchemaOlder(Conflict):
    """The operations database {address} was made by an earlier version of Telewave (schema {found}; this version needs
    {newest}). Make a backup of it, then run: telewave migrate
    """

    code = "schema_older"


class SchemaNewer(Conflict):
    """The operations database {address} was made by a newer version of Telewave, or belongs to another program (schema
    {found}; this version knows up to {newest}). Install that version, or correct TELEWAVE_DATABASE.
    """

    code = "schema_newer"


metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


CACHE_KIB = 128 * 1024
"""Most of SQLite's pages that a connection keeps, taken as they are used: the indexes of a million contacts. With its
own 2 MiB each row of a large batch would read its pages again.
"""


class Instant(sa.types.TypeDecorator[datetime]):
    """An instant in UTC: aware in Python, the same on both databases."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Store in UTC; a naive instant is a programming error."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Read back aware: SQLite keeps no zone, and what it keeps is UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Database:
    """A connection pool on the operations database. Raises `DatabaseUnusable` and `DatabaseBusy` from everything.

    Whatever another command holds is waited for at most `longest_wait_s` seconds; `clock` dates who migrates.
    """

    def __init__(
        self, url: str, *, clock: Clock | None = None, longest_wait_s: float = LONGEST_WAIT_S
    ) -> None:
        self.address = _shown(url)
        self._clock = clock or Clock()
        self._longest_wait_s = longest_wait_s
        try:
            self.engine = _engine(url, longest_wait_s)
        except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ModuleNotFoundError, OSError) as cause:
            raise DatabaseUnusable(address=self.address, cause=type(cause).__name__) from cause

    def begin(self) -> None:
        """See that the schema is the newest; a database that has none is given it. Raises `SchemaOlder`,
        `SchemaNewer`.
        """
        if self.see_schema() is None:
            self.migrate()

    def see_schema(self) -> str | None:
        """The revision that the schema is at, if it is the newest; None for a database without
        one. Raises `SchemaOlder`, `SchemaNewer`.
        """
        found = self.revision()
        if found is not None and found != (newest := REVISIONS[-1]):
            older = found in REVISIONS
            raise (SchemaOlder if older else SchemaNewer)(address=self.address, found=found, newest=newest)
        return found

    def faults(self) -> list[str]:
        """What the database itself finds wrong in its file, in its own words; none
        for PostgreSQL, whose server sees to it.
        """
        if self.engine.dialect.name != "sqlite":
            return []
        with self.transaction() as connection:
            told = connection.exec_driver_sql("PRAGMA integrity_check(10)").scalars().all()
            loose = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        return [*(line for line in told if line != "ok"), *(f"{row[0]} -> {row[2]}" for row in loose[:10])]

    def revision(self) -> str | None:
        """The revision that the schema is at; None for a database without one."""
        with self._told(), self.engine.connect() as connection:
            if not sa.inspect(connection).has_table(VERSION.name):
                return None
            found: str | None = connection.execute(sa.select(VERSION.c.version_num)).scalar()
            return found

    def migrate(self) -> None:
        """Bring the schema to the newest revision, whole or not at all, one process at a time.

        Does nothing when it is there already. Raises `SchemaNewer`, `HeldByAnother`.
        """
        found = self.revision()
        if found not in (None, *REVISIONS):
            raise SchemaNewer(address=self.address, found=found, newest=REVISIONS[-1])
        with self._told(), migrating(self.engine, self._clock, self._longest_wait_s) as connection:
            upgrade(connection)

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """One unit of work: committed as a whole, or not at all."""
        with self._told(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """As `transaction`, for one that decides by what it reads: on SQLite no other writes until it ends.

        PostgreSQL has finer locks: there, take that of the row which all others take first.
        """
        with self.transaction() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What is wrong with the file or the server, as a sentence. Mistakes in statements stay what they are, and so
        does whatever else fails in a unit of work, as a full disk.
        """
        try:
            yield
        except (sa.exc.OperationalError, sa.exc.InterfaceError) as cause:
            if _spoilt(cause.orig):
                raise DatabaseSpoilt(address=self.address, cause=str(cause.orig).splitlines()[0]) from cause
            if _busy(cause.orig):
                raise DatabaseBusy(address=self.address, waited=self._longest_wait_s) from cause
            raise DatabaseUnusable(address=self.address, cause=str(cause.orig).splitlines()[0]) from cause
        except sa.exc.DatabaseError as cause:
            if not _spoilt(cause.orig):
                raise
            raise DatabaseSpoilt(address=self.address, cause=str(cause.orig).splitlines()[0]) from cause

    def close(self) -> None:
        """Give the pool's connections back."""
        self.engine.dispose()


def _busy(cause: object) -> bool:
    """Whether a statement waited too long for another's lock."""
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) or getattr(cause, "sqlstate", "") == "55P03"


def _spoilt(cause: object) -> bool:
    """Whether SQLite cannot make sense of its file."""
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _shown(url: str) -> str:
    """The address without a password; nothing of one that cannot be read, since it may hold one."""
    try:
        return sa.make_url(url).render_as_string(hide_password=True)
    except sa.exc.ArgumentError:
        return "TELEWAVE_DATABASE"


def _engine(url: str, longest_wait_s: float) -> sa.Engine:
    parsed, wait_ms = sa.make_url(url), int(longest_wait_s * 1_000)
    if parsed.get_backend_name() == "postgresql":
        told = {"application_name": application(), "options": f"-c lock_timeout={max(wait_ms, 1)}"}
        return sa.create_engine(parsed, pool_pre_ping=True, connect_args=told)
    if parsed.get_backend_name() != "sqlite":
        return sa.create_engine(parsed, pool_pre_ping=True)
    if parsed.database and parsed.database != ":memory:":
        file = Path(parsed.database)
        own_folder(file.parent)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))  # its journals take its permissions over
        make_private(file)
    engine = sa.create_engine(parsed)

    @sa.event.listens_for(engine, "connect")
    def _pragmas(connection: object, _record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]
        cursor.execute(f"PRAGMA busy_timeout = {wait_ms}")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        cursor.close()

    return engine
