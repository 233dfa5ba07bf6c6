"""The key of a home, on both databases: lost or exchanged it is refused, and never made anew; numbers are one sequence."""

import os

import pyarrow as pa
import pytest
import sqlalchemy as sa
from tests.records.conftest import SUBSCRIBERS, House, usage_row

from telewave.platform.settings import KEY_FILE
from telewave.records import identities, store
from telewave.records.identities import KeyOfAnotherRun, identifier_of
from telewave.records.key_keeping import KeyLost, OtherKey, open_keys
from telewave.records.numbering import DatabaseBehind, see_that_everybody_is_known
from telewave.records.sealing import KeyFileSpoilt, KeyFileUnusable, momentary


@pytest.fixture
def here(tmp_path, database):
    made = House(tmp_path, database)
    yield made
    made.engine.close()


def forget_the_key(database):
    """As an earlier release left the database."""
    with database.transaction() as connection:
        connection.execute(sa.text("UPDATE numbering SET key_id = NULL, key_check = NULL"))


@pytest.mark.parametrize("earlier", [False, True], ids=["this release", "an earlier release"])
def test_a_lost_key_is_refused_and_no_other_is_made(here, earlier):
    here.subscribers()
    wanted = open_keys(here.home / KEY_FILE, here.database).id
    if earlier:
        forget_the_key(here.database)
    (here.home / KEY_FILE).unlink()
    for dry in (here.check, here.ingest):
        with pytest.raises(KeyLost, match="not recorded" if earlier else wanted):
            dry("table: subscribers", here.file("more.csv", SUBSCRIBERS))
    assert not (here.home / KEY_FILE).exists()


@pytest.mark.parametrize("earlier", [False, True], ids=["this release", "an earlier release"])
def test_another_key_is_refused_with_both_ids_and_the_right_one_is_taken_again(here, earlier):
    here.subscribers()
    file = here.home / KEY_FILE
    right = file.read_bytes()
    if earlier:
        forget_the_key(here.database)
    file.write_bytes(os.urandom(64))
    with pytest.raises(OtherKey, match="TELEWAVE_KEY_FILE"):
        here.ingest("table: subscribers", here.file("more.csv", SUBSCRIBERS))
    file.write_bytes(right)
    assert identifier_of(here.database, open_keys(file, here.database), 0) == "13912345678"
    assert store.sealed_with(here.database).key_id == open_keys(file, here.database).id


def test_before_anybody_is_numbered_a_new_key_may_take_the_place_of_a_lost_one(here):
    file = here.home / KEY_FILE
    first = open_keys(file, here.database)
    file.unlink()
    assert open_keys(file, here.database).id != first.id
    here.subscribers()
    assert identifier_of(here.database, open_keys(file, here.database), 0) == "13912345678"


def test_the_key_may_lie_elsewhere_and_nothing_of_it_is_in_the_home(here, tmp_path):
    file = tmp_path / "safe" / "telewave.key"
    here.ingest("table: subscribers", here.file("subs.csv", SUBSCRIBERS), key_file=file)
    assert not (here.home / KEY_FILE).exists()
    assert file.stat().st_mode & 0o077 == 0
    assert file.parent.stat().st_mode & 0o077 == 0
    assert identifier_of(here.database, open_keys(file, here.database), 2) == "13912345680"


def test_a_check_makes_no_key_and_remembers_none(here):
    here.check("table: subscribers", here.file("subs.csv", SUBSCRIBERS))
    assert not (here.home / KEY_FILE).exists()
    assert store.sealed_with(here.database).key_id is None


def test_a_key_file_that_is_cut_short_or_no_file_is_told(here):
    (here.home / KEY_FILE).write_bytes(b"short")
    with pytest.raises(KeyFileSpoilt, match=KEY_FILE):
        open_keys(here.home / KEY_FILE, here.database)
    (here.home / "folder").mkdir()
    with pytest.raises(KeyFileUnusable, match="folder"):
        open_keys(here.home / "folder", here.database)


def test_a_database_that_lost_its_identities_numbers_nobody_anew(here):
    here.subscribers()
    with here.database.transaction() as connection:
        connection.execute(sa.text("DELETE FROM identities WHERE number > 0"))
    with pytest.raises(DatabaseBehind, match="up to number 3"):
        here.usage(usage_row())


def test_a_database_that_lost_its_identities_is_told_to_whoever_opens_the_home(here):
    here.subscribers()
    see_that_everybody_is_known(here.warehouse, here.database)
    with here.database.transaction() as connection:
        connection.execute(sa.text("DELETE FROM identities"))
    with pytest.raises(DatabaseBehind, match="up to number 3, the operations database only up to 0"):
        see_that_everybody_is_known(here.warehouse, here.database)


def typed(con, *digests):
    rows = pa.table(
        {"digest": digests, "k_subscriber": digests, "line": range(len(digests)), "fault": pa.nulls(len(digests), pa.string())}
    )  # fmt: skip
    con.register("rows_given", rows)
    con.execute("CREATE OR REPLACE TEMP TABLE typed AS FROM rows_given")
    con.unregister("rows_given")


def test_two_runs_at_once_share_one_sequence_and_nobody_gets_two_numbers(here):
    keys, con = momentary(), here.engine.connection.con.cursor()
    identities.prepare(con, keys)
    typed(con, "a", "b", "c")
    identities.look_up(con, here.database)
    store.add_identities(here.database, [[(0, "z", b""), (1, "b", b"")]])  # by another, since
    assert identities.give_numbers(con, keys, here.database, 0, dry=False) == 4
    assert sorted(con.execute("SELECT digest, number FROM identity").fetchall()) == [("a", 2), ("b", 1), ("c", 3)]  # fmt: skip
    assert sorted(store.numbers_of(here.database, ["a", "b", "c", "z"])) == [("a", 2), ("b", 1), ("c", 3), ("z", 0)]  # fmt: skip
    con.close()


def test_of_two_runs_with_different_keys_the_later_one_numbers_nobody(here):
    keys, con = momentary(), here.engine.connection.con.cursor()
    open_keys(here.home / KEY_FILE, here.database)
    identities.prepare(con, keys)
    typed(con, "a")
    identities.look_up(con, here.database)
    with pytest.raises(KeyOfAnotherRun, match=keys.id):
        identities.give_numbers(con, keys, here.database, 0, dry=False)
    assert store.highest_number(here.database) == -1
    con.close()
