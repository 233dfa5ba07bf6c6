"""Whose history is it? A number that goes to another customer is another subscriber from that day on; a correction is not."""

from datetime import date

import pytest
import sqlalchemy as sa
from tests.records.conftest import usage_row

from telewave.records.holders import EVER, Line, Lines, Sighting, another_holder
from telewave.records.identities import identifier_of, number_of
from telewave.records.key_keeping import open_keys
from telewave.records.numbering import lines_of

HEADER = "subscriber,recorded_on,customer,activated_on,payment,segment,ended_on\n"
N, OTHER = "13900000001", "13900000002"


def seen(day, customer, activated, ended=None):
    return Sighting(
        day=date.fromisoformat(day),
        customer=customer,
        activated_on=date.fromisoformat(activated),
        ended_on=ended,
    )


A = seen("2026-01-01", "a", "2020-01-01")


@pytest.mark.parametrize(
    ("row", "other"),
    [
        (seen("2026-03-01", "b", "2026-02-01"), True),
        (seen("2026-03-01", "b", "2020-01-01"), True),
        (seen("2026-03-01", "a", "2026-02-01"), False),
        (seen("2026-03-01", "a", "2020-01-02"), False),
        (seen("2026-03-01", None, "2020-01-02"), False),
        (seen("2026-03-01", None, "2026-02-01"), True),
        (seen("2026-03-01", None, "2025-06-01"), False),
        (seen("2026-03-01", "00a", "2020-01-01"), False),
    ],
)
def test_another_customer_or_a_later_activation_is_another_holder_and_a_correction_is_not(row, other):
    assert another_holder(A, row) is other
    assert another_holder(row, A) is other


def test_a_customer_filled_in_later_is_the_same_holder():
    assert not another_holder(seen("2026-01-01", None, "2020-01-01"), A)


def test_the_holder_of_before_may_be_told_after_the_present_one():
    lines = Lines([Line(0, EVER, (seen("2026-03-01", "b", "2026-02-01"),))])
    assert lines.tell(A) == 0
    assert [(line.number, line.since) for line in lines.lines] == [(None, EVER), (0, date(2026, 2, 1))]


def subscribers(house, name, *rows, **options):
    return house.ingest(
        "table: subscribers", house.file(name, HEADER + "".join(row + "\n" for row in rows)), **options
    )


@pytest.fixture
def recycled(house):
    subscribers(
        house,
        "january.csv",
        f"{N},2026-01-01,a,2020-01-01,prepaid,public,",
        f"{OTHER},2026-01-01,o,2020-01-01,prepaid,public,",
    )
    house.usage(usage_row(N, "2026-01-03 10:00:00"), name="before.csv")
    subscribers(
        house,
        "march.csv",
        f"{N},2026-03-01,b,2026-02-01,prepaid,public,",
        f"{OTHER},2026-03-01,o,2020-01-01,prepaid,public,",
    )
    return house


def test_a_new_holder_is_a_new_subscriber_without_the_history_of_the_one_before(recycled):
    recycled.usage(
        usage_row(N, "2026-01-04 10:00:00") + usage_row(N, "2026-02-03 10:00:00"), name="later.csv"
    )
    assert [
        (r["subscriber"], r["started_at"].month)
        for r in sorted(recycled.rows("usage"), key=lambda r: r["started_at"])
    ] == [(0, 1), (0, 1), (2, 2)]
    keys = open_keys(recycled.home / "identity.key", recycled.database)
    assert number_of(recycled.database, keys, N, lines=lines_of(recycled.warehouse)) == 2
    assert {identifier_of(recycled.database, keys, n) for n in (0, 2)} == {N}


def test_the_line_of_before_ends_on_the_eve_of_the_new_one(recycled):
    ended = [row for row in recycled.rows("subscribers") if row["ended_on"]]
    assert [(row["subscriber"], row["customer"], row["ended_on"]) for row in ended] == [
        (0, "a", date(2026, 1, 31))
    ]


def test_consent_is_not_handed_on(recycled):
    rows = "subscriber,recorded_on,tag,held\n" + f"{N},2026-01-05,consent_sms,yes\n{N},2026-03-05,vip,yes\n"
    recycled.ingest("table: tags", recycled.file("tags.csv", rows))
    assert {(row["subscriber"], row["tag"]) for row in recycled.rows("tags")} == {
        (0, "consent_sms"),
        (2, "vip"),
    }


def test_the_same_delivery_again_makes_no_further_holder(recycled):
    subscribers(
        recycled,
        "march.csv",
        f"{N},2026-03-01,b,2026-02-01,postpaid,public,",
        f"{OTHER},2026-03-01,o,2020-01-01,prepaid,public,",
    )
    assert {row["subscriber"] for row in recycled.rows("subscribers")} == {0, 1, 2}
    assert sum(row["ended_on"] is not None for row in recycled.rows("subscribers")) == 1


def test_a_customer_that_was_a_mistake_gives_the_number_back(recycled):
    subscribers(
        recycled,
        "march.csv",
        f"{N},2026-03-01,a,2020-01-01,prepaid,public,",
        f"{OTHER},2026-03-01,o,2020-01-01,prepaid,public,",
    )
    recycled.usage(usage_row(N, "2026-03-03 10:00:00"), name="later.csv")
    assert {row["subscriber"] for row in recycled.rows("usage")} == {0}
    keys = open_keys(recycled.home / "identity.key", recycled.database)
    assert identifier_of(recycled.database, keys, 0) == N
    assert number_of(recycled.database, keys, N, lines=lines_of(recycled.warehouse)) == 0
    assert not any(row["ended_on"] for row in recycled.rows("subscribers"))


def test_a_line_that_no_delivery_tells_of_any_more_is_nobodys_until_one_does(recycled):
    keys = open_keys(recycled.home / "identity.key", recycled.database)
    others = f"{OTHER},2026-03-01,o,2020-01-01,prepaid,public,"
    for row, holder in ((None, 0), (f"{N},2026-03-01,b,2026-02-01,prepaid,public,", 2)):
        subscribers(recycled, "march.csv", *filter(None, (row, others)))
        assert number_of(recycled.database, keys, N, lines=lines_of(recycled.warehouse)) == holder
        recycled.usage(usage_row(N, f"2026-03-03 10:00:0{holder}"), name="later.csv")
        assert {r["subscriber"] for r in recycled.rows("usage") if r["started_at"].month == 3} == {holder}


def test_many_new_holders_are_numbered_in_one_transaction(house):
    known = [f"139{n:08d},2026-01-01,o,2020-01-01,prepaid,public," for n in range(10)]
    subscribers(house, "a.csv", *known)
    begun = []
    sa.event.listen(house.database.engine, "begin", lambda _: begun.append(1))
    rows = [row.replace("2026-01-01,o", "2026-03-01,n") for row in known]
    subscribers(house, "b.csv", *rows[:1])
    one, begun[:] = len(begun), []
    subscribers(house, "c.csv", *(row.replace("03-01", "04-01") for row in rows[1:]))
    assert len(begun) == one
    assert {row["subscriber"] for row in house.rows("subscribers")} == set(range(20))


def test_both_holders_may_come_in_one_file(house):
    subscribers(
        house,
        "all.csv",
        f"{N},2026-03-01,a,2020-01-01,prepaid,public,2025-10-01",
        f"{N},2026-03-01,b,2026-02-01,prepaid,public,",
    )
    assert {(row["subscriber"], row["customer"]) for row in house.rows("subscribers")} == {(0, "a"), (1, "b")}


def test_a_file_that_tells_of_a_whole_history_closes_lines_too(house):
    subscribers(
        house,
        "all.csv",
        f"{N},2026-01-01,a,2020-01-01,prepaid,public,",
        f"{N},2026-03-01,b,2026-02-01,prepaid,public,",
    )
    assert [(r["subscriber"], r["ended_on"]) for r in house.rows("subscribers") if r["ended_on"]] == [
        (0, date(2026, 1, 31))
    ]


def test_customers_with_new_numbers_are_not_new_holders_of_everything(house):
    rows = [f"139{n:08d},2026-01-01,{{}},2020-01-01,prepaid,public," for n in range(40)]
    subscribers(house, "january.csv", *(row.format(f"old-{n}") for n, row in enumerate(rows)))
    later = [row.replace("2026-01-01", "2026-02-01") for row in rows]
    report = subscribers(house, "february.csv", *(row.format(f"new-{n}") for n, row in enumerate(later)))
    assert report.problems[0].code == "many_new_holders"
    file = house.file(
        "february.csv",
        HEADER.replace("customer", "holder") + "".join(row.format("x") + "\n" for row in later),
    )
    assert house.ingest("table: subscribers", file).accepted == 40
    assert {row["subscriber"] for row in house.rows("subscribers")} == set(range(40))


def test_an_outside_list_is_of_the_present_holders(recycled):
    file = recycled.file("list.csv", f"number,x\n{N},1\n{OTHER},2\n")
    recycled.ingest("samples: list\ntitle: {en: List, zh: 名单}\nkey: number\norder: none", file)
    rows = recycled.engine.fetch(
        recycled.warehouse.read("samples.list", __import__("pyarrow").schema([("subscriber", "int32")]))
    )
    assert sorted(rows["subscriber"].to_pylist()) == [1, 2]


def test_the_only_known_number_of_a_home_may_go_to_another_customer(house):
    subscribers(house, "a.csv", f"{N},2026-01-01,a,2020-01-01,prepaid,public,")
    report = subscribers(house, "b.csv", f"{N},2026-03-01,b,2026-02-20,prepaid,public,")
    assert not report.problems
    assert len({row["subscriber"] for row in house.rows("subscribers")}) == 2
