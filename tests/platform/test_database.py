"""The operations database: units of work, instants, and addresses that lead nowhere."""

import errno
import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from telewave.platform.clock import Clock
from telewave.platform.database import (
    Database,
    DatabaseBusy,
    DatabaseUnusable,
    Instant,
    SchemaNewer,
    SchemaOlder,
)
from telewave.platform.locks import HeldByAnother
from telewave.platform.migrating import FOLDER, REVISIONS, VERSION, migrating, upgrade

AT = datetime(2026, 2, 10, 3, tzinfo=UTC)
NOTE = sa.Table("note", sa.MetaData(), sa.Column("at", Instant))


def notes(database):
    with database.transaction() as connection:
        return connection.execute(sa.select(NOTE.c.at)).scalars().all()


@pytest.fixture
def noted(database):
    with database.transaction() as connection:
        NOTE.create(connection)
    return database


def test_migrating_again_changes_nothing(database):
    database.migrate()
    with database.transaction() as connection:
        assert {"identities", "deliveries"} <= set(sa.inspect(connection).get_table_names())


def test_the_newest_schema_is_told_without_alembic_and_is_alembics(tmp_path):
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    chain = [one.revision for one in ScriptDirectory.from_config(config).walk_revisions()]
    assert tuple(reversed(chain)) == REVISIONS


def at(database, revision):
    with database.transaction() as connection:
        connection.execute(sa.update(VERSION).values(version_num=revision))


def test_a_new_database_is_made_at_the_newest_schema_by_itself(tmp_path):
    made = Database(f"sqlite:///{tmp_path / 'new' / 'operations.sqlite'}")
    assert made.revision() is None
    made.begin()
    assert made.revision() == REVISIONS[-1]
    made.close()
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "new", *(tmp_path / "new").iterdir()))


def test_an_older_schema_is_refused_with_the_command_that_brings_it_up(database):
    at(database, REVISIONS[-2])
    with pytest.raises(SchemaOlder, match="telewave migrate"):
        database.begin()


@pytest.mark.parametrize("entry", [Database.begin, Database.migrate])
def test_a_newer_schema_is_refused_and_left_as_it_is(database, entry):
    at(database, "9999_later")
    with pytest.raises(SchemaNewer, match="9999_later"):
        entry(database)
    assert database.revision() == "9999_later"


def test_every_revision_brings_an_old_database_up_with_its_rows(tmp_path):
    made = Database(f"sqlite:///{tmp_path / 'operations.sqlite'}")
    with made.engine.begin() as connection:
        upgrade(connection, REVISIONS[0])
        connection.execute(sa.text("INSERT INTO identities VALUES (7, 'digest', 'sealed')"))
    with pytest.raises(SchemaOlder):
        made.begin()
    made.migrate()
    made.begin()
    with made.transaction() as connection:
        assert connection.execute(sa.text("SELECT number FROM identities")).scalar() == 7
    made.close()


def test_a_migration_that_fails_leaves_the_schema_as_it_was(database):
    with suppress(RuntimeError), migrating(database.engine, Clock(), 0) as connection:
        NOTE.create(connection)
        raise RuntimeError
    with database.transaction() as connection:
        assert not sa.inspect(connection).has_table("note")


def test_one_migrates_at_a_time_and_the_other_is_told_who(database):
    with (
        migrating(database.engine, Clock(), 0),
        pytest.raises(HeldByAnother, match=str(os.getpid())),
        migrating(database.engine, Clock(), 0),
    ):
        pass
    with migrating(database.engine, Clock(), 0):
        pass


def test_a_database_that_another_writes_to_is_busy_and_nothing_is_changed(noted):
    url = noted.engine.url.render_as_string(hide_password=False)
    other = Database(url, longest_wait_s=0.1)
    with noted.writing() as connection:
        connection.execute(sa.insert(NOTE).values(at=AT))
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("LOCK TABLE note"))
        with pytest.raises(DatabaseBusy, match="Nothing was changed"), other.writing() as waiting:
            waiting.execute(sa.insert(NOTE).values(at=AT))
    other.close()
    assert notes(noted) == [AT]


def test_a_unit_of_work_that_fails_leaves_nothing(noted):
    with suppress(RuntimeError), noted.transaction() as connection:
        connection.execute(sa.insert(NOTE).values(at=AT))
        raise RuntimeError
    assert notes(noted) == []


def test_an_instant_comes_back_as_the_same_instant_in_utc(noted):
    written = datetime(2026, 2, 10, 3, tzinfo=timezone(timedelta(hours=8)))
    with noted.transaction() as connection:
        connection.execute(sa.insert(NOTE).values(at=written))
    assert notes(noted) == [written]
    assert notes(noted)[0].utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "url",
    [
        "no address",
        "oracle://scott:tiger@host/db",
        "nothing://x",
        "postgresql+psycopg://li:tiger@127.0.0.1:1/telewave",
        "sqlite:////proc/no/such/folder/x.sqlite",
    ],
)
def test_an_address_that_leads_nowhere_is_told_without_its_password(url):
    with pytest.raises(DatabaseUnusable, match="TELEWAVE_DATABASE") as refused:
        Database(url).migrate()
    assert "tiger" not in str(refused.value)


def test_what_else_fails_in_a_unit_of_work_is_not_laid_on_the_database(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'operations.sqlite'}")
    with pytest.raises(OSError, match="No space left"), database.transaction():
        raise OSError(errno.ENOSPC, "No space left on device")
    database.close()
