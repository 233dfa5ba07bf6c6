"""What is handed out to be carried out is what was approved and launched, on both databases, and nothing else."""

import json
from datetime import UTC, date, datetime

import pyarrow as pa
import pytest
from pyarrow import csv

from telewave.approvals.approval import Approve, Pause
from telewave.approvals.usecases import NotRunning, PlanFile, launch, step, submit
from telewave.contacts.handing_out import ContactsNotApproved, NoContactsInPlan, hand_out
from telewave.planning.usecases import CONTACTS, NotPlanned, fingerprint, write_rows
from telewave.platform.engine import DuckDBEngine
from telewave.platform.warehouse import Warehouse

NOW, AS_OF = datetime(2026, 6, 30, 9, tzinfo=UTC), date(2026, 7, 1)
FIRST, SECOND = date(2026, 7, 2), date(2026, 7, 3)


def contacts(*days):
    rows = [
        {
            "subscriber": number, "touch": 0, "phase": "phase-1", "channel": "sms", "offer": "handset", "day": day,
            "probability": 0.1 / 3, "expected_profit": 1.5 - number / 7, "propensity": 1.0, "by_chance": False,
        }
        for number, day in enumerate(days)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=CONTACTS)


def plan_file(rows):
    told = {"campaign": "spring", "as_of": AS_OF.isoformat(), "rows_sha256": fingerprint(rows)}
    return PlanFile("plan.json", json.dumps(told).encode())


@pytest.fixture
def warehouse(tmp_path):
    made = Warehouse(tmp_path / "warehouse", DuckDBEngine(1, 1))
    yield made
    made.engine.close()


def keep(warehouse, rows):
    write_rows(warehouse, "plan.spring", AS_OF.isoformat(), rows)


def launched(database, plan):
    submit(database, "handset", "Li Na", NOW, plan)
    step(database, "handset", Approve("Wang Wei"), NOW)
    launch(database, "handset", "Li Na", NOW)


def test_the_contacts_of_the_launched_plan_are_handed_out_by_day(warehouse, database):
    rows = contacts(SECOND, FIRST, None)
    keep(warehouse, rows)
    launched(database, plan_file(rows))
    assert hand_out(warehouse, database, "handset")["day"].to_pylist() == [FIRST, SECOND, None]


def test_contacts_that_changed_since_the_approval_are_not_handed_out(warehouse, database):
    approved = contacts(FIRST, SECOND)
    keep(warehouse, approved)
    launched(database, plan_file(approved))
    dated_anew = contacts(SECOND, SECOND)
    keep(warehouse, dated_anew)
    with pytest.raises(ContactsNotApproved, match="version 1") as refused:
        hand_out(warehouse, database, "handset")
    assert fingerprint(dated_anew)[:12] in str(refused.value)
    launched(database, plan_file(dated_anew))
    assert hand_out(warehouse, database, "handset").num_rows == 2


def test_nothing_is_handed_out_before_the_launch_nor_while_paused(warehouse, database):
    rows = contacts(FIRST)
    keep(warehouse, rows)
    submit(database, "handset", "Li Na", NOW, plan_file(rows))
    step(database, "handset", Approve("Wang Wei"), NOW)
    with pytest.raises(NotRunning):
        hand_out(warehouse, database, "handset")
    launch(database, "handset", "Li Na", NOW)
    step(database, "handset", Pause("Zhao", "no stock"), NOW)
    with pytest.raises(NotRunning):
        hand_out(warehouse, database, "handset")


@pytest.mark.parametrize(
    "content", [b"waves: 3", b"[]", b'{"campaign": "spring"}', b"\xff\xfe", b'{"as_of": 7}']
)
def test_a_launched_file_of_another_kind_hands_nothing_out(warehouse, database, content):
    launched(database, PlanFile("plan.docx", content))
    with pytest.raises(NoContactsInPlan, match=r"plan\.docx"):
        hand_out(warehouse, database, "handset")


def test_an_approved_document_whose_contacts_are_gone_says_so(warehouse, database):
    launched(database, plan_file(contacts(FIRST)))
    with pytest.raises(NotPlanned, match="spring"):
        hand_out(warehouse, database, "handset")


def test_the_order_of_rows_does_not_change_their_fingerprint_but_any_value_does():
    rows = contacts(FIRST, SECOND, None)
    assert fingerprint(rows.take([2, 0, 1])) == fingerprint(rows)
    assert fingerprint(rows.slice(0, 2)) != fingerprint(rows)
    assert fingerprint(contacts(FIRST, FIRST, None)) != fingerprint(rows)


def test_the_command_writes_one_day_as_a_table(desk, tmp_path):
    rows = contacts(FIRST, SECOND, FIRST)
    keep(desk.session.warehouse, rows)
    launched(desk.session.database, plan_file(rows))
    to = tmp_path / "lists" / "calls.csv"
    assert "2 contacts are in" in desk.run("contacts", "handset", "--to", to, "--day", FIRST)
    assert csv.read_csv(to)["subscriber"].to_pylist() == [0, 2]
    assert "3 contacts are in" in desk.run("contacts", "handset", "--to", to)
