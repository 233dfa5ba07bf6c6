"""Each remedy of an error of keys and of the operations database, followed to the letter, leads to what was wanted."""

import os
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.records.conftest import SUBSCRIBERS, House, usage_row

from telewave.kernel.errors import TelewaveError
from telewave.platform import acquaintance, database, locks, migrating
from telewave.platform.clock import Clock
from telewave.platform.database import Database
from telewave.platform.settings import KEY_FILE
from telewave.records import identities, key_keeping, numbering, respelling, sealing
from telewave.records.contracts import CONTRACTS
from telewave.records.mapping import NATIVE

FOLLOWED = {
    "key_lost": "restored, and named elsewhere, here",
    "other_key": "restored, and named elsewhere, here",
    "key_file_spoilt": "restored, here",
    "key_file_unusable": "the setting corrected, here",
    "key_of_another_run": "one key file for both, here",
    "database_unusable": "the setting corrected, here",
    "database_spoilt": "restored, here",
    "database_busy": "run again, here",
    "database_behind": "the database restored, here",
    "schema_older": "telewave migrate, here",
    "schema_newer": "the setting corrected, here; the newer version does not exist yet",
    "held_by_another": "run again, here",
    "numbers_mixed": "another home, here",
    "other_country": "the setting corrected, in test_persons.py",
    "database_of_another_home": "in test_acquaintance.py",
    "database_empty": "in test_acquaintance.py",
    "home_file_spoilt": "in test_acquaintance.py",
}
PEOPLE = "table: subscribers"


def more(house, name="more.csv"):
    """A delivery of one more person."""
    return house.file(
        name, SUBSCRIBERS.splitlines()[0] + "\n13912345699,2026-03-01,2020-01-01,,,,prepaid,public\n"
    )


def brought(house, **options):
    return house.ingest(PEOPLE, more(house), **options).accepted == 1


def refused(code, house, **options):
    """The sentence of the error with that code, which ends the command or refuses the file."""
    try:
        (file,) = house.ingest(PEOPLE, more(house), **options).files
        found, said = file.code, str(file.problem)
    except TelewaveError as told:
        found, said = told.code, str(told)
    assert found == code
    return said


def test_every_error_of_keys_and_of_the_database_is_followed():
    modules = (
        acquaintance,
        database,
        identities,
        key_keeping,
        locks,
        migrating,
        numbering,
        respelling,
        sealing,
    )
    codes = {
        one.code
        for module in modules
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, TelewaveError) and one.__module__ == module.__name__
    }
    assert codes - {identities.UnknownSubscriber.code} == {*FOLLOWED}


@pytest.mark.parametrize(
    ("code", "spoil"),
    [
        ("key_lost", lambda file: file.unlink()),
        ("other_key", lambda file: file.write_bytes(os.urandom(64))),
        ("key_file_spoilt", lambda file: file.write_bytes(b"cut short")),
    ],
)
@pytest.mark.parametrize("elsewhere", [False, True])
def test_the_right_key_restored_or_named_elsewhere_takes_deliveries_again(
    town, tmp_path, code, spoil, elsewhere
):
    key, backup = town.home / KEY_FILE, tmp_path / "backup" / "key"
    backup.parent.mkdir()
    shutil.copy(key, backup)
    spoil(key)
    said = refused(code, town)
    assert "backup" in said
    if elsewhere and code != "key_file_spoilt":
        assert "TELEWAVE_KEY_FILE" in said
        assert brought(town, key_file=backup)
        return
    shutil.copy(backup, key)
    assert brought(town)


def test_a_key_file_that_cannot_be_made_is_made_where_the_corrected_setting_says(house, tmp_path):
    (tmp_path / "file").write_text("")
    assert "TELEWAVE_KEY_FILE" in refused("key_file_unusable", house, key_file=tmp_path / "file" / "key")
    assert brought(house, key_file=tmp_path / "keys" / "key")


def test_two_commands_with_one_key_file_number_one_home(house, tmp_path):
    con, keys = house.engine.connection.con.cursor(), sealing.momentary()
    key_keeping.open_keys(tmp_path / "one", house.database)
    identities.prepare(con, keys)
    con.execute(
        "CREATE TEMP TABLE typed AS SELECT 'a' AS digest, 'a' AS k_subscriber, 1 AS line, NULL AS fault"
    )
    with pytest.raises(identities.KeyOfAnotherRun, match="one TELEWAVE_KEY_FILE for both"):
        identities.give_numbers(con, keys, house.database, 0, dry=False)
    con.close()
    assert brought(house, key_file=tmp_path / "one")


def test_a_database_restored_from_its_backup_takes_deliveries_again(town, tmp_path):
    file, backup = tmp_path / "operations.sqlite", tmp_path / "backup.sqlite"
    town.database.close()
    shutil.copy(file, backup)
    with town.database.transaction() as connection:
        connection.exec_driver_sql("DELETE FROM identities")
    assert "from a later one" in refused("database_behind", town)
    town.database.close()
    file.write_bytes(b"no database at all" * 100)
    town.database = Database(f"sqlite:///{file}")
    with pytest.raises(database.DatabaseSpoilt, match="Restore it from the backup"):
        town.database.begin()
    town.database.close()
    shutil.copy(backup, file)
    town.database = Database(f"sqlite:///{file}")
    town.database.begin()
    assert brought(town)
    town.database.close()


def test_an_address_that_leads_nowhere_corrected_is_used(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(database.DatabaseUnusable, match="correct TELEWAVE_DATABASE"):
        Database(f"sqlite:///{tmp_path / 'file' / 'operations.sqlite'}").begin()
    corrected = Database(f"sqlite:///{tmp_path / 'folder' / 'operations.sqlite'}")
    corrected.begin()
    corrected.close()


def test_an_older_schema_is_brought_up_by_the_command_and_a_newer_one_left_for_another_database(tmp_path):
    old = Database(f"sqlite:///{tmp_path / 'old.sqlite'}")
    with old.engine.begin() as connection:
        migrating.upgrade(connection, migrating.REVISIONS[-2])
    with pytest.raises(database.SchemaOlder, match="then run: telewave migrate"):
        old.begin()
    old.migrate()
    old.begin()
    with old.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999_later'")
    with pytest.raises(database.SchemaNewer, match="correct TELEWAVE_DATABASE"):
        old.begin()
    old.close()
    new = Database(f"sqlite:///{tmp_path / 'new.sqlite'}")
    new.begin()
    new.close()


def test_what_another_holds_is_free_for_the_next_run_when_that_has_ended(town, tmp_path):
    waiting = House(tmp_path, Database(f"sqlite:///{tmp_path / 'operations.sqlite'}", longest_wait_s=0.1))
    with town.database.writing() as connection:
        connection.exec_driver_sql("UPDATE numbering SET next_number = next_number")
        assert "run this again when it has ended" in refused("database_busy", waiting)
    assert brought(waiting)
    waiting.engine.close()
    waiting.database.close()
    lock = tmp_path / "lock"
    with (
        locks.held(lock, migrating.WHAT, Clock()),
        pytest.raises(locks.HeldByAnother, match="Run this again"),
        locks.held(lock, migrating.WHAT, Clock(), 0),
    ):
        pass
    with locks.held(lock, migrating.WHAT, Clock(), 0):
        pass


def test_files_numbered_otherwise_go_into_another_home(town, tmp_path):
    schema = CONTRACTS["subscribers"].schema
    town.usage(usage_row())
    row = town.rows("subscribers")[0]
    native = tmp_path / "records" / "subscribers" / "2026-01-01.parquet"
    native.parent.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist([row], schema), native)
    with pytest.raises(numbering.NumbersMixed, match="TELEWAVE_HOME"):
        town.ingest(NATIVE, native)
    other = House(tmp_path / "other", Database(f"sqlite:///{tmp_path / 'other.sqlite'}"))
    other.database.migrate()
    assert other.ingest(NATIVE, native).accepted == 1
    other.engine.close()
    other.database.close()
