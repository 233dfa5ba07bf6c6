"""A full snapshot names everybody who is there on its day: who is missing from it has left, in whatever order files come."""

import datetime as dt
import random

import pytest
from tests.records.conftest import House

from telewave.features.logs import LOGS, last_rows, there
from telewave.platform.warehouse import Warehouse
from telewave.platform.yaml_files import YamlMistake
from telewave.records.contracts import SUBSCRIBERS
from telewave.records.mapping_file import parse_mapping
from telewave.upkeep.remedies import remedy_of

HEADER = "subscriber,recorded_on,customer,activated_on,payment,segment,ended_on,end_reason\n"
FULL = "table: subscribers\nsnapshot: full"
AUGUST, SEPTEMBER, OCTOBER = "2026-08-01", "2026-09-01", "2026-10-01"
TODAY = dt.date(2026, 11, 1)
A, B, C, D = (f"1390000000{n}" for n in range(1, 5))


def row(number, day, payment="prepaid", ended=""):
    return f"{number},{day},c{number},2020-01-01,{payment},public,{ended},\n"


def people(day, *numbers):
    return "".join(row(number, day) for number in numbers)


def ingest(house, name, content, mapping=FULL, **options):
    report = house.ingest(mapping, house.file(f"{name}.csv", HEADER + content), today=TODAY, **options)
    assert not report.problems
    return report


def present(warehouse, as_of):
    """Who is there, by the same expression that the wide table uses."""
    day = dt.date.fromisoformat(as_of)
    rows = warehouse.read("subscribers", SUBSCRIBERS.schema)
    last = last_rows(LOGS["subscribers"], rows.filter(rows.recorded_on < day))
    found = warehouse.engine.fetch(there(last, day)).to_pylist()
    return "".join(sorted("?ABCD"[int(one["customer"][-1])] for one in found))


def ends(house):
    return sorted(
        (one["customer"][-1], str(one["ended_on"]), one["end_reason"])
        for one in house.rows("subscribers")
        if one["ended_on"]
    )


def test_who_is_missing_from_a_later_snapshot_ended_on_its_day(house):
    ingest(house, "august", people(AUGUST, A, B, C))
    report = ingest(house, "september", people(SEPTEMBER, A, B))
    assert ends(house) == [("3", SEPTEMBER, "absent")]
    assert [
        present(house.warehouse, day) for day in ("2026-08-20", SEPTEMBER, "2026-09-02", "2026-09-15")
    ] == [
        "ABC",
        "ABC",
        "AB",
        "AB",
    ]
    assert "1 who are missing" in str(report.notes[0])
    assert not ingest(house, "september", people(SEPTEMBER, A, B)).notes


def test_an_end_that_was_told_stays_as_it_was_told(house):
    ingest(house, "august", people(AUGUST, A, B, C))
    ingest(house, "ends", row(C, "2026-08-15", ended="2026-08-15"), "table: subscribers")
    ingest(house, "september", people(SEPTEMBER, A, B))
    assert ends(house) == [("3", "2026-08-15", None)]


def test_without_the_word_absence_says_nothing(house):
    ingest(house, "august", people(AUGUST, A, B, C), "table: subscribers")
    ingest(house, "september", people(SEPTEMBER, A, B), "table: subscribers")
    assert ends(house) == []


def test_a_snapshot_delivered_again_takes_absence_back(house):
    ingest(house, "august", people(AUGUST, A, B, C))
    ingest(house, "september", people(SEPTEMBER, A))
    ingest(house, "september", people(SEPTEMBER, A, C))
    assert ends(house) == [("2", SEPTEMBER, "absent")]
    ingest(house, "september", people(SEPTEMBER, A), "table: subscribers")
    assert ends(house) == []


def test_somebody_who_returns_is_there_again_and_may_leave_again(house):
    for day, there_are in ((AUGUST, (A, C)), (SEPTEMBER, (A,)), (OCTOBER, (A, C)), ("2026-10-20", (A,))):
        ingest(house, day, people(day, *there_are))
    assert [
        present(house.warehouse, day) for day in ("2026-08-15", "2026-09-15", "2026-10-15", "2026-10-21")
    ] == [
        "AC",
        "A",
        "AC",
        "A",
    ]


def test_a_refused_row_is_not_absence(house):
    ingest(house, "august", people(AUGUST, A, B, C, D))
    ingest(house, "september", people(SEPTEMBER, A, B) + row(C, SEPTEMBER, "barter"))
    assert ends(house) == [("4", SEPTEMBER, "absent")]
    ingest(house, "october", people(OCTOBER, A, B))
    assert ends(house) == [("3", OCTOBER, "absent"), ("4", SEPTEMBER, "absent")]


def test_a_refused_row_that_could_be_anybodys_lets_nobody_leave(house):
    ingest(house, "august", people(AUGUST, A, B, C))
    report = ingest(house, "september", people(SEPTEMBER, A, B) + row("1.39E+10", SEPTEMBER))
    assert ends(house) == []
    assert "could be anybody's" in str(report.notes[0])
    ingest(house, "september", people(SEPTEMBER, A, B) + row("合计", SEPTEMBER))
    assert ends(house) == [("3", SEPTEMBER, "absent")]


def test_files_of_one_day_are_one_snapshot(house):
    ingest(house, "august", people(AUGUST, A, B, C))
    ingest(house, "north", people(SEPTEMBER, A))
    ingest(house, "south", people(SEPTEMBER, B))
    assert ends(house) == [("3", SEPTEMBER, "absent")]


def test_a_new_holder_is_no_absence_of_the_one_before(house):
    ingest(house, "august", people(AUGUST, A, B))
    ingest(house, "september", people(SEPTEMBER, B) + f"{A},{SEPTEMBER},new,2026-08-20,prepaid,public,,\n")
    assert ends(house) == [("1", "2026-08-19", None)]
    assert len(house.rows("subscribers")) == 5


MANY = [f"139{n:08d}" for n in range(60)]


def test_a_snapshot_that_is_cut_short_is_refused_unless_it_is_meant(house):
    ingest(house, "august", people(AUGUST, *MANY))
    file = house.file("september.csv", HEADER + people(SEPTEMBER, *MANY[:40]))
    with pytest.raises(Exception, match="20 are missing") as refused:
        house.ingest(FULL, file, today=TODAY)
    assert refused.value.code == "snapshot_cut_short"
    assert len(house.rows("subscribers")) == 60
    assert house.ingest(FULL, file, today=TODAY, fewer=True).accepted == 40
    assert len(ends(house)) == 20
    ingest(house, "july", people("2026-07-01", *MANY))
    assert len(ends(house)) == 20, "what was said of September holds when July comes later"


def test_a_region_that_is_lacking_is_refused_though_it_is_small(house):
    house.ingest(
        FULL,
        house.file("north-8.csv", HEADER + people(AUGUST, *MANY[:20])),
        house.file("south-8.csv", HEADER + people(AUGUST, *(f"138{n:08d}" for n in range(400)))),
        today=TODAY,
    )
    south = house.file("south-9.csv", HEADER + people(SEPTEMBER, *(f"138{n:08d}" for n in range(400))))
    with pytest.raises(Exception, match="Of 20 entries of north-8, 20 are missing"):
        house.ingest(FULL, south, today=TODAY)
    north = house.file("north-9.csv", HEADER + people(SEPTEMBER, *MANY[:20]))
    assert house.ingest(FULL, north, south, today=TODAY).accepted == 420


def test_products_missing_from_a_full_snapshot_of_holdings_have_ended(house):
    ingest(house, "august", people(AUGUST, A, B))
    mapping = "table: holdings\nsnapshot: full"
    head = "subscriber,recorded_on,product,kind,starts_on,ends_on,contract_ends_on\n"
    rows = [f"{A},{{}},iptv,iptv,2026-01-01,,2027-01-01\n", f"{A},{{}},net,broadband,2026-01-01,,\n"]
    for day, held in ((AUGUST, rows), (SEPTEMBER, rows[1:])):
        house.ingest(
            mapping, house.file(f"held-{day}.csv", head + "".join(held).replace("{}", day)), today=TODAY
        )
    ended = [one for one in house.rows("holdings") if one["ends_on"]]
    assert [(one["product"], str(one["ends_on"]), one["contract_ends_on"]) for one in ended] == [
        ("iptv", SEPTEMBER, None)
    ]


def test_only_what_has_an_end_can_be_a_full_snapshot():
    with pytest.raises(YamlMistake, match="does not suit `devices`"):
        parse_mapping("table: devices\nsnapshot: full")


def test_what_is_told_by_absence_heals_with_the_snapshot(house):
    ingest(house, "august", people(AUGUST, A, B))
    ingest(house, "september", people(SEPTEMBER, A))
    parts = house.warehouse.manifest("subscribers").partitions[SEPTEMBER]
    (part,) = (part for part in parts if part.origin == "september/absent")
    assert "the delivery september to" in str(remedy_of("subscribers", SEPTEMBER, part.origin))
    (house.warehouse.root / "subscribers" / part.path).write_bytes(b"spoilt")
    ingest(house, "september", people(SEPTEMBER, A))
    assert ends(house) == [("2", SEPTEMBER, "absent")]


def expected(deliveries, as_of):
    """Who is there by the final content of all deliveries: named on the last day on which they were named or missed."""
    days = sorted({day for of_file in deliveries.values() for day in of_file[1]})
    found = set()
    for day in (day for day in days if day < as_of):
        named = {one for _, days in deliveries.values() for one in days.get(day, ())}
        full = any(full and day in days for full, days in deliveries.values())
        found = named if full else found | named
    return "".join("?ABCD"[int(one[-1])] for one in sorted(found))


DAYS = ("2026-08-01", "2026-08-20", "2026-09-01", "2026-10-01")


def run_of(draw):
    """Deliveries in any order, some of them replaced later by other content of the same days."""
    files = [(f"{day}-{n}", day) for day in DAYS for n in range(draw.choice((1, 1, 2)))]
    files += draw.choices(files, k=2)
    draw.shuffle(files)
    for name, day in files:
        here = draw.sample((A, B, C, D), draw.randint(1, 4))
        yield name, draw.random() < 0.75, {day: here}


def compare(house, seed):
    deliveries = {}
    for name, full, days in run_of(random.Random(seed)):
        taken = {
            one
            for other, (_, content) in deliveries.items()
            for day in days
            if other != name
            for one in content.get(day, ())
        }
        days = {day: [one for one in here if one not in taken] for day, here in days.items()}
        if not any(days.values()):
            continue
        content = "".join(people(day, *here) for day, here in days.items())
        ingest(house, name, content, FULL if full else "table: subscribers")
        deliveries[name] = (full, days)
    for as_of in (*DAYS, "2026-08-25", "2026-09-20", "2026-10-31"):
        assert present(house.warehouse, as_of) == expected(deliveries, as_of), (seed, as_of)


@pytest.mark.parametrize("seed", [1, 2])
def test_who_is_there_hangs_on_what_the_snapshots_say_and_not_on_the_order_in_which_they_came(house, seed):
    compare(house, seed)


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(3, 60))
def test_who_is_there_hangs_on_no_order_in_many_runs(house, seed):
    compare(house, seed)


def test_on_either_database_the_same_have_left(tmp_path, database):
    house = House(tmp_path, database)
    ingest(house, "september", people(SEPTEMBER, A, D))
    ingest(house, "august", people(AUGUST, A, B, C))
    assert ends(house) == [("2", SEPTEMBER, "absent"), ("3", SEPTEMBER, "absent")]
    house.engine.close()


@pytest.mark.spark
def test_spark_sees_the_same_who_are_there(house, spark_engine):
    ingest(house, "august", people(AUGUST, A, B, C))
    ingest(house, "september", people(SEPTEMBER, A, B, D))
    days = ("2026-08-20", "2026-09-15")
    expected, found = (
        [present(house.warehouse, day) for day in days],
        Warehouse(house.warehouse.root, spark_engine),
    )
    assert expected == ["ABC", "ABD"]
    assert [present(found, day) for day in days] == expected
