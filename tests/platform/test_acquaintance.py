"""Warehouse and database know each other: what does not belong together is refused before anything is changed."""

import shutil

import pytest
import sqlalchemy as sa

from telewave.bootstrap import open_home
from telewave.platform.acquaintance import (
    FILE,
    DatabaseEmpty,
    DatabaseOfAnotherHome,
    HomeFileSpoilt,
    Pair,
    belong_together,
)
from telewave.platform.settings import load_settings


def opened(folder, **more):
    return open_home(load_settings({"TELEWAVE_HOME": str(folder), "TELEWAVE_MEMORY_GB": "1"} | more))


@pytest.fixture
def used(tmp_path):
    """A home with a table in it."""
    folder = tmp_path / "home"
    with opened(folder) as home:
        (home.warehouse.root / "usage").mkdir()
        (home.warehouse.root / "usage" / "manifest.json").write_text(
            '{"version": 1, "partitions": {}, "facts": {}}'
        )
    return folder


@pytest.mark.parametrize(
    ("in_warehouse", "in_database", "tables", "deliveries", "answer"),
    [
        (None, "a", False, False, True),  # both new
        (None, None, False, False, True),  # before the database is made
        (None, "a", True, True, True),  # of an earlier release
        (None, "a", True, False, None),
        ("a", None, True, False, None),
        ("a", None, False, False, None),
        ("a", "a", True, False, True),
        ("a", "b", False, True, False),
    ],
)
def test_who_belongs_together(in_warehouse, in_database, tables, deliveries, answer):
    pair = Pair(in_warehouse=in_warehouse, in_database=in_database, tables=tables, deliveries=deliveries)
    assert belong_together(pair) is answer


def test_a_home_is_opened_again_and_again(used):
    for _ in range(2):
        opened(used).close()


def test_an_emptied_database_is_refused_and_stays_empty_until_it_is_restored(used, tmp_path):
    shutil.copy(used / "operations.sqlite", tmp_path / "backup")
    for path in used.glob("operations.sqlite*"):
        path.unlink()
    for _ in range(2):
        with pytest.raises(DatabaseEmpty, match="Restore the database"):
            opened(used)
    assert sa.inspect(sa.create_engine(f"sqlite:///{used / 'operations.sqlite'}")).get_table_names() == []
    shutil.copy(tmp_path / "backup", used / "operations.sqlite")
    opened(used).close()


def test_the_database_of_another_home_is_refused(used, tmp_path):
    opened(tmp_path / "other").close()
    shutil.copy(used / "operations.sqlite", tmp_path / "backup")
    for path in used.glob("operations.sqlite*"):
        path.unlink()
    shutil.copy(tmp_path / "other" / "operations.sqlite", used)
    with pytest.raises(DatabaseOfAnotherHome, match="Restore the database"):
        opened(used)
    shutil.copy(tmp_path / "backup", used / "operations.sqlite")
    opened(used).close()


def test_a_home_of_an_earlier_release_is_believed_where_its_database_knows_deliveries(used):
    (used / "warehouse" / FILE).unlink()
    with pytest.raises(DatabaseEmpty):
        opened(used)
    engine = sa.create_engine(f"sqlite:///{used / 'operations.sqlite'}")
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO deliveries (table_name, name, digest, ingested_on, accepted, repaired, refused) "
                "VALUES ('usage', 'a', 'd', '2026-01-01', 1, 0, 0)"
            )
        )
    engine.dispose()
    opened(used).close()
    assert (used / "warehouse" / FILE).stat().st_mode & 0o077 == 0


def test_a_file_of_the_home_that_is_spoilt_is_told_and_restored(used):
    backup = (used / "warehouse" / FILE).read_bytes()
    (used / "warehouse" / FILE).write_text("[" * 100_000)
    with pytest.raises(HomeFileSpoilt, match="Restore it"):
        opened(used)
    (used / "warehouse" / FILE).write_bytes(backup)
    opened(used).close()
