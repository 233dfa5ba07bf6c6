"""The doctor finds each kind of damage, names what helps, and finds nothing in a home that is whole."""

import json

import pytest
import sqlalchemy as sa
from tests.records.conftest import SUBSCRIBERS, TODAY, usage_row

from telewave.bootstrap import open_home
from telewave.platform.locks import held
from telewave.platform.progress import Silent
from telewave.platform.settings import load_settings
from telewave.records.mapping_file import parse_mapping
from telewave.records.usecases import ingest
from telewave.upkeep.examining import Check, examine

HEADER = "subscriber,started_at,kind,direction,reach,roaming,peer,duration_s,volume_kb\n"


@pytest.fixture
def home(tmp_path):
    """A home with two deliveries."""
    with open_home(
        load_settings({"TELEWAVE_HOME": str(tmp_path / "home"), "TELEWAVE_MEMORY_GB": "1"})
    ) as made:
        for table, text in (("subscribers", SUBSCRIBERS), ("usage", HEADER + usage_row())):
            file = tmp_path / f"{table}.csv"
            file.write_text(text)
            ingest(made.warehouse, made.database, parse_mapping(f"table: {table}"), [file], Silent(), TODAY)
        yield made


def found(home):
    return {fault.check: str(fault.told) for fault in examine(home.settings, home.warehouse, home.database)}


def part(home, table):
    return next((home.warehouse.root / table / "data").glob("*/*.parquet"))


def test_a_home_that_is_whole_has_no_findings(home):
    assert found(home) == {}


def test_a_part_that_changed_in_its_last_byte_is_found_with_its_delivery(home):
    raw = bytearray(part(home, "usage").read_bytes())
    raw[len(raw) // 2] ^= 1
    part(home, "usage").write_bytes(raw)
    told = found(home)
    assert set(told) == {Check.TABLES}
    assert "usage to telewave ingest again" in told[Check.TABLES]


def test_a_lost_manifest_is_found(home):
    (home.warehouse.root / "usage" / "manifest.json").unlink()
    assert "manifest.json from the backup" in found(home)[Check.TABLES]


def test_a_lost_table_is_found_by_its_deliveries(home):
    manifest = home.warehouse.root / "usage" / "manifest.json"
    manifest.write_text(json.dumps({"version": 9, "partitions": {}, "facts": {}}))
    assert "The delivery usage of usage is on record" in found(home)[Check.DELIVERIES]


def test_a_lost_key_is_found(home):
    home.settings.keys.unlink()
    told = found(home)
    assert set(told) == {Check.KEY}
    assert "backup of the keys" in told[Check.KEY]
    assert not home.settings.keys.exists()


def test_the_database_of_another_home_is_found(home):
    with home.database.transaction() as connection:
        connection.execute(sa.text("UPDATE homes SET id = 'another'"))
    assert "do not belong together" in found(home)[Check.BELONGING]


def test_an_older_schema_is_found_and_nothing_that_needs_the_newest_is_asked(home):
    with home.database.transaction() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0001_records'"))
    told = found(home)
    assert set(told) == {Check.SCHEMA}
    assert "telewave migrate" in told[Check.SCHEMA]


def test_rows_that_refer_to_nothing_are_found(home):
    with home.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql("INSERT INTO refusals VALUES (77, 'a', 'b', 1)")
        connection.commit()
    assert "refusals -> deliveries" in found(home)[Check.INTEGRITY]


def test_what_others_may_read_is_found_with_the_command_that_closes_it(home):
    part(home, "usage").chmod(0o644)
    assert "chmod -R go=" in found(home)[Check.READABLE]


def test_who_holds_a_lock_is_told_and_a_free_one_is_not(home):
    with held(home.warehouse.root / "usage" / ".lock", None, home.clock):
        assert "usage is being changed by" in found(home)[Check.LOCKS]
    assert found(home) == {}
