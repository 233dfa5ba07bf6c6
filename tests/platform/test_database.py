"""The operations database: units of work, instants, and addresses that lead nowhere."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa

from telewave.platform.database import Database, DatabaseUnusable, Instant

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


def test_a_unit_of_work_that_fails_leaves_nothing(noted):
    with suppress(RuntimeError), noted.transaction() as connection:
        connection.execute(sa.insert(NOTE).values(at=datetime.now(UTC)))
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
