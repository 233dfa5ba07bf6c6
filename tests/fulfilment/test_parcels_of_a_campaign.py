"""Parcels as their people live them, from the order to the cent, by commands and files; one truth with the ledger. On both databases."""

import csv

import pytest
import sqlalchemy as sa
from tests.halls.desk import desk_with
from tests.pages_in_browser import read

from telewave.contacts.settling import NoSuchContact, Told, exclude
from telewave.contacts.tables import contact_ledger
from telewave.fulfilment import commands, store
from telewave.fulfilment.model import MoveNotPossible
from telewave.fulfilment.parcel import ToldTooEarly
from telewave.fulfilment.parcel_file import ParcelFileUnreadable, ParcelLineUnreadable
from telewave.fulfilment.parcel_words import STAGES, funnel
from telewave.fulfilment.usecases import NoSuchParcel, OrderChanged, reached
from telewave.records.revealing import NobodyReveals

WAY = (
    ("pick", "09:30", ""), ("pack", "10:00", ""), ("hand_over", "11:00", "Liu"), ("arrive", "13:00", "East"),
)  # fmt: skip


def taken(desk, contacts, people, price="1999.00"):
    lines = "".join(f"{contacts[n]},A{n},{'North' if n % 2 else 'South'},{price}\n" for n in people)
    return desk.file("orders.csv", "contact,order,area,price\n" + lines)


def happened(desk, rows):
    heads = "order,event,at,who,appointed,paid,how,reason\n"
    return desk.file("moves.csv", heads + "".join(",".join(row) + "\n" for row in rows))


def on_the_way(orders):
    return [
        (order, event, f"2026-07-08 {at}", who, "", "", "", "") for order in orders for event, at, who in WAY
    ]


def to_the_door(order, paid="1999.00", how="card"):
    return [
        (order, "call", "2026-07-08 14:00", "", "2026-07-09 10:00", "", "", ""),
        (order, "accept", "2026-07-09 10:10", "", "", paid, how, ""),
    ]


def states(desk):
    rows = desk.do(commands.list_command)["tables"][0]["rows"]
    return {row["order"]: row["state"] for row in rows}


def carry(desk, contacts, people, **door):
    desk.do(commands.take_command, "spring", taken(desk, contacts, people), by="Li")
    orders = [f"A{n}" for n in people]
    rows = on_the_way(orders) + [row for order in orders for row in to_the_door(order, **door.get(order, {}))]
    desk.later(days=2)
    return desk.do(commands.import_command, happened(desk, rows), by="Liu")["done"]


def statement(desk, rows, courier="Liu"):
    file = desk.file("statement.csv", "order,paid,how\n" + "".join(",".join(row) + "\n" for row in rows))
    return desk.do(commands.reconcile_command, file, courier=courier, by="Zhou")["tables"][0]["rows"]


def test_a_parcel_goes_from_the_order_to_the_cent_and_the_ledger_knows_the_order(
    tmp_path, warehouse, database, keys
):
    desk, contacts = desk_with(tmp_path, warehouse, database)
    assert carry(desk, contacts, [0]) == {"new": 6, "known": 0}
    with database.transaction() as connection:
        row = contact_ledger.c
        told = connection.execute(
            sa.select(row.disposition, row.reference).where(row.id == contacts[0])
        ).one()
    assert tuple(told) == ("ordered", "A0")
    assert statement(desk, [("A0", "1999.00", "card")]) == []
    assert states(desk) == {"A0": "reconciled"}
    desk.do(commands.move_command, "A0", "close", by="Zhou")
    assert states(desk) == {"A0": "closed"}
    with database.transaction() as connection:
        log = store.log_of(connection, "A0")
    assert [(one.person, one.to_state) for one in log] == [
        ("Li", "ordered"), ("Liu", "at_warehouse"), ("Liu", "packed"), ("Liu", "with_courier"), ("Liu", "at_substation"),
        ("Liu", "appointed"), ("Liu", "accepted"), ("Zhou", "reconciled"), ("Zhou", "closed"),
    ]  # fmt: skip
    assert [one.sequence for one in log] == list(range(1, 10))


def test_files_that_come_twice_change_nothing(tmp_path, warehouse, database, keys):
    desk, contacts = desk_with(tmp_path, warehouse, database)
    carry(desk, contacts, [0, 1])
    before = states(desk)
    with database.transaction() as connection:
        logs = [store.log_of(connection, order) for order in before]
    again = desk.do(commands.take_command, "spring", taken(desk, contacts, [0, 1]), by="Li")["done"]
    rows = on_the_way(["A0", "A1"]) + to_the_door("A0") + to_the_door("A1")
    moved = desk.do(commands.import_command, happened(desk, rows[::-1]), by="Liu")["done"]
    assert (again, moved) == ({"new": 0, "known": 2}, {"new": 0, "known": 12})
    assert states(desk) == before
    with database.transaction() as connection:
        assert [store.log_of(connection, order) for order in before] == logs


IMPOSSIBLE = [
    (("A0", "pack", "2026-07-08 09:45", "", "", "", "", ""), MoveNotPossible),
    (("A0", "pick", "2026-07-07 09:45", "", "", "", "", ""), ToldTooEarly),
    (("Z9", "pick", "2026-07-08 09:45", "", "", "", "", ""), NoSuchParcel),
    (("A0", "vanish", "2026-07-08 09:45", "", "", "", "", ""), ParcelLineUnreadable),
    (("A0", "pick", "yesterday", "", "", "", "", ""), ParcelLineUnreadable),
    (("A0", "accept", "2026-07-08 09:45", "", "", "19.999", "cash", ""), ParcelLineUnreadable),
    (("A0", "accept", "2026-07-08 09:45", "", "", "NaN", "cash", ""), ParcelLineUnreadable),
    (("A0", "hand_over", "2026-07-08 09:45", "", "", "", "", ""), ParcelLineUnreadable),
    (("A0", "fail", "2026-07-08 09:45", "", "", "", "", "perhaps"), ParcelLineUnreadable),
]  # fmt: skip


def test_one_line_that_cannot_be_takes_the_whole_file_back(tmp_path, warehouse, database, keys):
    desk, contacts = desk_with(tmp_path, warehouse, database)
    desk.do(commands.take_command, "spring", taken(desk, contacts, [0, 1]), by="Li")
    good = ("A1", "pick", "2026-07-08 09:30", "", "", "", "", "")
    for row, error in IMPOSSIBLE:
        with pytest.raises(error):
            desk.do(commands.import_command, happened(desk, [good, row]), by="Liu")
    assert set(states(desk).values()) == {"ordered"}


def test_orders_that_cannot_be_taken_are_told_with_their_line(tmp_path, warehouse, database, keys):
    desk, contacts = desk_with(tmp_path, warehouse, database)
    desk.do(commands.take_command, "spring", taken(desk, contacts, [0]), by="Li")
    with pytest.raises(OrderChanged):
        desk.do(commands.take_command, "spring", taken(desk, contacts, [0], price="1998.00"), by="Li")
    with pytest.raises(NoSuchContact):
        desk.do(commands.take_command, "spring", taken(desk, {5: 999_999}, [5]), by="Li")
    with pytest.raises(ParcelFileUnreadable):
        desk.do(commands.take_command, "spring", desk.file("o.csv", "contact,order\n1,A1\n"), by="Li")


def test_a_statement_is_compared_to_the_cent_and_differs_by_parcel(tmp_path, warehouse, database, keys):
    desk, contacts = desk_with(tmp_path, warehouse, database)
    carry(desk, contacts, [0, 1, 2, 3, 4], A2={"paid": "1999.01"}, A3={"how": "cash"})
    found = statement(
        desk,
        [
            ("A0", "1999.00", "card"), ("A0", "1999.00", "card"), ("A1", "1998.99", "card"), ("A2", "1999.00", "card"),
            ("A3", "1999.00", "card"), ("Z9", "5.00", "cash"),
        ],
    )  # fmt: skip
    assert [(row["order"], row["what_differs"], row["difference"]["amount"]) for row in found] == [
        ("A0", "twice", "1999.00"), ("A1", "amount", "-0.01"), ("A2", "door", "0.00"), ("A3", "how", "0.00"),
        ("A4", "missing", "-1999.00"), ("Z9", "unknown", "5.00"),
    ]  # fmt: skip
    assert states(desk) == {
        "A0": "reconciled",
        "A1": "accepted",
        "A2": "accepted",
        "A3": "accepted",
        "A4": "accepted",
    }
    assert [
        row["order"] for row in statement(desk, [("A4", "1999.00", "card"), ("A0", "1999.00", "card")])
    ] == ["A1", "A2", "A3"]
    assert [row["what_differs"] for row in statement(desk, [("A4", "1999.00", "card")], courier="Sun")] == [
        "other_courier"
    ]


def test_what_is_late_is_listed_with_who_it_waits_for(tmp_path, warehouse, database, keys):
    desk, contacts = desk_with(tmp_path, warehouse, database)
    desk.do(commands.take_command, "spring", taken(desk, contacts, [0, 1]), by="Li")
    desk.do(commands.import_command, happened(desk, on_the_way(["A0"])), by="Liu")
    assert desk.do(commands.overdue_command)["tables"][0]["rows"] == []
    desk.later(days=1, minutes=1)
    late = desk.do(commands.overdue_command)["tables"][0]["rows"]
    assert [row["order"] for row in late] == ["A0", "A1"]
    assert [row["state"] for row in late] == ["at_substation", "ordered"]
    assert [row["waits_for"] for row in late] in (["Substation East", "Warehouse"], ["分站 East", "仓库"])
    assert late[1]["hours_late"] == pytest.approx(0.0, abs=0.1)


def test_a_customer_whose_delivery_failed_is_approached_again_once_as_the_policy_allows(
    tmp_path, warehouse, database, keys
):
    desk, contacts = desk_with(tmp_path, warehouse, database)
    desk.do(commands.take_command, "spring", taken(desk, contacts, [0, 1, 2]), by="Li")
    for n, reason in ((0, "refused"), (1, "cancelled"), (2, "damaged")):
        desk.do(commands.move_command, f"A{n}", "fail", by="Liu", reason=reason)
    exclude(database, [2], Told(by="Li", now=desk.at))
    to = tmp_path / "again.csv"
    answer = desk.do(commands.again_command, "spring", by="Li", to=to)
    assert answer["again"] == {"released": 1, "held": 0, "never": 2}
    lines = list(csv.reader(to.read_text(encoding="utf-8-sig").splitlines()))
    assert [line[0] for line in lines[1:]] == ["13900000000"]
    assert set(states(desk).values()) == {"ended"}
    assert desk.do(commands.again_command, "spring", by="Li")["again"]["released"] == 0
    with database.transaction() as connection:
        row = contact_ledger.c
        again = connection.execute(
            sa.select(row.subscriber, row.state).where(row.step >= 100).order_by(row.id)
        ).all()
    assert [tuple(one) for one in again] == [(0, "released"), (2, "withdrawn")]


def test_the_packing_list_of_an_area_has_phone_numbers_and_asks_who_takes_it(
    tmp_path, warehouse, database, keys
):
    desk, contacts = desk_with(tmp_path, warehouse, database)
    desk.do(commands.take_command, "spring", taken(desk, contacts, [0, 1, 3]), by="Li")
    with pytest.raises(NobodyReveals):
        desk.do(commands.list_command, area="North", to=tmp_path / "pack.csv")
    desk.do(commands.list_command, area="North", to=tmp_path / "pack.csv", by="Chen")
    lines = list(csv.reader((tmp_path / "pack.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert [line[:3] for line in lines[1:]] == [
        ["A1", "13900000001", "North"],
        ["A3", "13900000003", "North"],
    ]
    desk.do(commands.list_command, state="ordered", to=tmp_path / "pack.xlsx", by="Chen")
    assert (tmp_path / "pack.xlsx").stat().st_size > 0
    with pytest.raises(commands.NoSuchState):
        desk.do(commands.list_command, state="lost")


@pytest.mark.browser
def test_the_page_tells_how_far_parcels_came_by_area_and_courier_and_what_is_stuck(
    tmp_path, warehouse, database, keys, browser
):
    desk, contacts = desk_with(tmp_path, warehouse, database)
    carry(desk, contacts, [0, 1])
    desk.do(commands.take_command, "spring", taken(desk, contacts, [2, 3]), by="Li")
    desk.do(commands.move_command, "A3", "fail", by="Liu", reason="damaged")
    statement(desk, [("A0", "1999.00", "card")])
    desk.later(days=1, hours=1)
    found = reached(database)
    (whole,) = funnel(found, by="")
    assert whole.counts[0] == 4
    assert whole.counts[STAGES.index(store.Standing.ACCEPTED)] == 2
    assert (whole.counts[-2], whole.failed) == (1, 1)
    assert {one.name: one.counts[0] for one in funnel(found, by="area")} == {"North": 2, "South": 2}
    assert {one.name: one.counts[0] for one in funnel(found, by="courier")} == {"": 2, "Liu": 2}
    out = tmp_path / "parcels.html"
    desk.do(commands.report_command, out)
    page = out.read_text(encoding="utf-8")
    assert "A2" in page
    assert "Liu" in page
    assert page.count("<table") >= 3
    assert read(browser, page, tmp_path, name=f"parcels-{desk.language}") == []
