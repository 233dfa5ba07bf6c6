"""The offer to who comes for something else, and the call after a month: contacts as any other, under the same policy. On both databases."""

import csv
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from tests.contacts.test_handing_out import FIRST, contact, kept, launched, put
from tests.halls.desk import booked, commands, desk_command, desk_with, document

from telewave.contacts import ledger_commands
from telewave.contacts.ledger import Disposition
from telewave.contacts.out_store import out_of, steps_out
from telewave.contacts.policy import Policy
from telewave.contacts.policy_store import set_policy
from telewave.contacts.settling import Told, exclude
from telewave.contacts.tables import contact_ledger
from telewave.records.contracts import CONTRACTS

HALL = {
    "name": {"en": "Hall", "zh": "营业厅"}, "records": "hall", "consent": None, "hours": [[540, 1200]],
    "capacity": {FIRST.isoformat(): 0}, "cost_minor": 5,
}  # fmt: skip


def with_hall():
    return {"channels": document([])["channels"] | {"hall": HALL}}


def ledger(desk, subscriber):
    """State and disposition of the contacts in the hall."""
    with desk.database.transaction() as connection:
        row = contact_ledger.c
        query = sa.select(row.state, row.disposition, row.reason).where(
            row.subscriber == subscriber, row.step >= 100
        )
        return [tuple(one) for one in connection.execute(query.order_by(row.id))]


def offered(desk, subscriber):
    answer = desk.do(desk_command.offer_command, "North", by="Chen", subscriber=subscriber)
    return answer.get("offer")


def test_a_target_who_comes_for_something_else_is_shown_his_offer_once_a_day_and_it_counts(
    tmp_path, warehouse, database, keys
):
    desk, _ = desk_with(tmp_path, warehouse, database, **with_hall())
    shown = offered(desk, 2)
    assert shown["campaign"] == "spring"
    assert ledger(desk, 2) == [("attempted", None, None)]
    desk.later(hours=1)
    assert offered(desk, 2) == shown
    desk.do(desk_command.offered_command, "spring", shown["contact"], "ordered", by="Chen")
    assert ledger(desk, 2) == [("answered", "ordered", None)]
    assert not [one for one in out_of(database, "spring", FIRST + timedelta(99)) if one.step >= 100]
    assert steps_out(database, "spring", FIRST + timedelta(99)).touch.max() < 100


def test_nobody_else_is_shown_anything(tmp_path, warehouse, database, keys):
    """Who is held out, who is no target, and everybody of a campaign that was approved without halls."""
    desk, _ = desk_with(
        tmp_path, warehouse, database, control=[{"subscriber": 7, "control": "campaign"}], **with_hall()
    )
    assert (offered(desk, 7), offered(desk, 9)) == (None, None)
    assert (ledger(desk, 7), ledger(desk, 9)) == ([], [])


def test_without_a_hall_in_the_plan_there_is_no_offer_in_halls(tmp_path, warehouse, database, keys):
    desk, _ = desk_with(tmp_path, warehouse, database)
    assert offered(desk, 2) is None
    assert ledger(desk, 2) == []


def test_the_policy_is_asked_again_at_the_desk(tmp_path, warehouse, database, keys):
    desk, _ = desk_with(tmp_path, warehouse, database, **with_hall())
    exclude(database, [1], Told(by="Li", now=desk.at))
    assert offered(desk, 1) is None
    assert ledger(desk, 1) == [("withdrawn", None, "excluded")]
    put(warehouse, "orders", FIRST - timedelta(1), [_order(3)])
    assert offered(desk, 3) is None
    assert ledger(desk, 3) == [("withdrawn", None, "ordered")]


def _order(subscriber):
    return {
        "subscriber": subscriber,
        "ordered_at": datetime(2026, 7, 7, 9, tzinfo=UTC),
        "offer": "handset",
        "channel": "hall",
    }


def test_another_campaign_s_holdout_is_shown_nothing(tmp_path, warehouse, database, keys):
    desk, _ = desk_with(tmp_path, warehouse, database, **with_hall())
    launched(
        database,
        kept(
            warehouse,
            database,
            [contact(11)],
            campaign="autumn",
            control=[{"subscriber": 2, "control": "campaign"}],
        ),
    )
    assert offered(desk, 2) is None
    assert ledger(desk, 2) == [("withdrawn", None, "held_out_elsewhere")]


def test_who_was_willing_and_has_not_ordered_in_a_month_is_called_again_once(
    tmp_path, warehouse, database, keys
):
    desk, contacts = desk_with(tmp_path, warehouse, database)
    numbers = booked(desk, contacts, [0, 1, 2, 3])
    desk.do(desk_command.arrive_command, "North", by="Chen", reservation=numbers[1])
    desk.do(desk_command.outcome_command, numbers[1], "ordered", by="Chen")
    desk.do(commands.called_command, numbers[3], "refused", by="Wang Fang")
    desk.later(days=29)
    assert desk.do(desk_command.again_command, "spring", by="Li")["again"] == {"lapsed": 0, "released": 0}
    exclude(database, [2], Told(by="Li", now=desk.at))
    desk.later(days=1)
    to = tmp_path / "again.csv"
    assert desk.do(desk_command.again_command, "spring", by="Li", to=to)["again"] == {
        "lapsed": 2,
        "released": 1,
    }
    lines = to.read_text(encoding="utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == ["13900000000"]
    assert ledger(desk, 0) == [("released", None, None)]
    assert ledger(desk, 2) == [("withdrawn", None, "excluded")]
    assert desk.do(desk_command.again_command, "spring", by="Li")["again"] == {"lapsed": 0, "released": 0}
    number = lines[1].split(",")[-1]
    file = desk.file("results.csv", f"contact,outcome\n{number},ordered\n")
    desk.do(ledger_commands.results_command, "spring", file, by="Li")
    assert ledger(desk, 0) == [("answered", "ordered", None)]


def test_who_is_left_in_peace_for_now_is_called_again_later(tmp_path, warehouse, database, keys):
    desk, contacts = desk_with(tmp_path, warehouse, database)
    booked(desk, contacts, [0])
    set_policy(database, Policy(pauses={Disposition.WILLING: 40}), "Wang Wei", desk.at)
    desk.later(days=30)
    assert desk.do(desk_command.again_command, "spring", by="Li")["again"] == {"lapsed": 1, "released": 0}
    desk.later(days=11)
    assert desk.do(desk_command.again_command, "spring", by="Li")["again"] == {"lapsed": 0, "released": 1}


def test_visits_and_offers_become_records_that_ingest_takes(tmp_path, warehouse, database, keys):
    desk, contacts = desk_with(tmp_path, warehouse, database, **with_hall())
    numbers = booked(desk, contacts, [0, 1])
    for n in (0, 1):
        desk.do(desk_command.arrive_command, "North", by="Chen", reservation=numbers[n])
    desk.do(desk_command.outcome_command, numbers[0], "ordered", by="Chen")
    shown = offered(desk, 2)
    desk.do(desk_command.offered_command, "spring", shown["contact"], "refused", by="Chen")
    to = tmp_path / "records.csv"
    desk.do(commands.records_command, since="2026-07-08", to=to, by="Li")
    rows = list(csv.DictReader(to.read_text(encoding="utf-8-sig").splitlines()))
    assert [(row["subscriber"], row["disposition"], row["reference"]) for row in rows] == [
        ("13900000000", "ordered", numbers[0]), ("13900000001", "visited", numbers[1]), ("13900000002", "refused", ""),
    ]  # fmt: skip
    contract = CONTRACTS["contacts"]
    assert set(rows[0]) <= {column.name for column in contract.columns}
    codes = {column.name: column.codes for column in contract.columns}
    assert {row["disposition"] for row in rows} <= set(codes["disposition"])
    assert {row["channel"] for row in rows} <= set(codes["channel"])
    assert {row["contacted_at"] for row in rows} == {"2026-07-08 09:00:00"}
    desk.do(commands.records_command, since="2026-07-09", to=to, by="Li")
    assert len(to.read_text(encoding="utf-8-sig").splitlines()) == 1
