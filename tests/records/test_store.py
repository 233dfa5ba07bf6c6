"""What records keep in the operations database, on SQLite and on PostgreSQL: identities and the log of deliveries."""

import datetime as dt

import pytest
import sqlalchemy as sa
from tests.records.conftest import SUBSCRIBERS, USAGE_HEADER, House, usage_row

from telewave.platform.settings import KEY_FILE
from telewave.records import identities, store
from telewave.records.identities import identifier_of
from telewave.records.key_keeping import open_keys

HEADER = SUBSCRIBERS.splitlines(keepends=True)[0]


@pytest.fixture
def here(tmp_path, database):
    """A house on either database."""
    made = House(tmp_path, database)
    yield made
    made.engine.close()


def keys_of(here):
    return open_keys(here.home / KEY_FILE, here.database)


def entry(name, accepted=1, refused=None, table="usage"):
    return store.Delivery(
        table=table,
        name=name,
        digest=f"{accepted:064d}",
        ingested_on=dt.date(2026, 6, 1),
        accepted=accepted,
        repaired=0,
        refused=refused or {},
        first_day="2026-01-03",
        last_day="2026-01-04",
    )


def test_everybody_of_a_file_gets_a_number_and_can_be_told_again_with_the_key_alone(here):
    here.subscribers()
    keys = keys_of(here)
    phones = ["13912345678", "13912345679", "13912345680"]
    assert [identifier_of(here.database, keys, number) for number in range(3)] == phones
    assert identifier_of(here.database, keys, 3) is None
    asked = [*map(keys.digest_of, phones), keys.digest_of("13900000000")]
    assert sorted(store.numbers_of(here.database, asked)) == sorted(zip(asked, range(3), strict=False))
    assert store.numbers_of(here.database, []) == []


def test_a_file_asks_for_the_digests_in_it_and_for_none_twice_in_a_run(here):
    here.subscribers()
    digest_of, asked = keys_of(here).digest_of, []

    @sa.event.listens_for(here.database.engine, "before_cursor_execute")
    def record(_connection, _cursor, statement, parameters, *_):
        if "identities.digest" in statement:
            assert "WHERE identities.digest IN" in statement
            asked.extend(parameters.values() if isinstance(parameters, dict) else parameters)

    known, unknown = "13912345679", "13900000001"
    at = ["2026-01-03 10:00:00", "2026-01-03 11:00:00", "2026-01-04 10:00:00", "2026-01-04 11:00:00"]
    rows = [usage_row(who, when) for who, when in zip([known, known, known, unknown], at, strict=True)]
    files = [here.file(f"{n}.csv", USAGE_HEADER + "".join(rows[n : n + 2])) for n in (0, 2)]
    report = here.ingest("table: usage", *files)
    assert [(file.accepted, file.rows_refused) for file in report.files] == [(2, 0), (1, 1)]
    assert sorted(asked) == sorted(map(digest_of, (known, unknown)))


def test_numbers_go_on_where_they_ended_and_nobody_gets_a_second_one(here):
    here.subscribers()
    more = "".join(f"139{n:08d},2026-01-03,2020-01-01,,,,prepaid,public\n" for n in (12345679, 7, 3))
    here.ingest("table: subscribers", here.file("more.csv", HEADER + more))
    assert store.highest_number(here.database) == 4
    assert identifier_of(here.database, keys_of(here), 3) == "13900000007"
    assert here.usage(usage_row(subscriber="13900000003")).accepted == 1
    assert here.rows("usage")[0]["subscriber"] == 4


def test_more_newcomers_than_a_page_holds_are_all_kept(here):
    people = identities.PAGE + 1
    rows = "".join(f"139{n:08d},2026-01-01,2020-01-01,,,,prepaid,public\n" for n in range(people))
    assert here.ingest("table: subscribers", here.file("many.csv", HEADER + rows)).accepted == people
    assert store.highest_number(here.database) == people - 1
    for number in (0, people - 1):
        assert identifier_of(here.database, keys_of(here), number) == f"139{number:08d}"


def test_identities_are_stored_all_or_none(here):
    def pages():
        yield [(0, "0" * 64, b"sealed")]
        raise RuntimeError

    with pytest.raises(RuntimeError):
        store.add_identities(here.database, pages())
    assert store.highest_number(here.database) == -1
    store.add_identities(here.database, [])
    assert store.highest_number(here.database) == -1


def test_the_log_keeps_every_version_and_tells_the_last(here):
    refused = {("unknown_code", "kind"): 2, ("negative", "duration_s"): 1}
    store.log(here.database, [entry("a"), entry("b", refused=refused)])
    store.log(here.database, [entry("a", accepted=5), entry("a", accepted=9, table="bills")])
    assert store.latest_digests(here.database, "usage") == {"a": f"{5:064d}", "b": f"{1:064d}"}
    assert store.latest_deliveries(here.database, "usage") == [
        entry("b", refused=refused),
        entry("a", accepted=5),
    ]
    assert len(store.latest_deliveries(here.database)) == 3


def test_an_ingest_is_logged_once_with_what_it_refused(here):
    here.subscribers()
    for _ in range(2):
        here.usage(usage_row() + usage_row(kind="telegram"))
    (logged,) = store.latest_deliveries(here.database, "usage")
    assert (logged.name, logged.accepted, logged.refused) == ("usage", 1, {("unknown_code", "kind"): 1})
