"""What is handed out is what was approved and launched, for one day, after everything that may have changed was asked again; on both databases."""

import csv
import json
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from rich.console import Console
from tests.json_answers import untyped, well_formed

from telewave.approvals.approval import Approve, Pause
from telewave.approvals.usecases import NotRunning, PlanFile, approve, launch, step, submit
from telewave.audiences.language import parse_rule
from telewave.audiences.reading import to_json
from telewave.contacts.commands import write_contacts
from telewave.contacts.handing_out import hand_out
from telewave.contacts.out_store import steps_out
from telewave.contacts.plan_kind import ContactPlanKind, PlanNotKept, PlanOfAnotherCampaign
from telewave.contacts.reasons import FallsOut
from telewave.contacts.results_file import PLAIN, Result
from telewave.contacts.settling import Told, take_results
from telewave.contacts.work_list import HEADERS, lines_of, window
from telewave.features.usecases import WIDE
from telewave.features.wide import WIDE_SCHEMA
from telewave.models.verdict import ModelNotToBeUsed, NoReasonGiven
from telewave.planning.document import KIND
from telewave.planning.plan_tables import AIMS, CLASSES, CONTACTS, CONTROL, PRICES, PlanRows, hashes_of
from telewave.planning.plans import PlanChanged, enter_states, keep
from telewave.platform.engine import DuckDBEngine
from telewave.platform.home import Home
from telewave.platform.languages import LANGUAGES
from telewave.platform.settings import load_settings
from telewave.platform.terminal import Session
from telewave.platform.warehouse import Warehouse
from telewave.records import store
from telewave.records.contracts import CONTRACTS
from telewave.records.key_keeping import open_keys
from telewave.records.revealing import NobodyReveals
from telewave.records.tables import revealed, reveals

NOW, AS_OF = datetime(2026, 6, 30, 9, tzinfo=UTC), date(2026, 7, 1)
FIRST, SECOND = date(2026, 7, 8), date(2026, 7, 9)
PEOPLE = 12


def contact(number, day=FIRST, **more):
    return {
        "subscriber": number, "touch": 0, "phase": "phase-1", "channel": "sms", "offer": "handset", "group": "core",
        "day": day, "minute": 600 + number, "probability": 0.1 / 3, "gained": 0.01, "expected_profit": 5 - number / 7,
        "propensity": 1.0, "by_chance": False, "why": 0, "state": "planned", **more,
    }  # fmt: skip


def document(rows, **more):
    channel = {
        "name": {"en": "Text message", "zh": "短信"}, "records": "sms", "consent": None, "hours": [[540, 1200]],
        "capacity": None, "cost_minor": 5,
    }  # fmt: skip
    offer = {
        "name": {"en": "Handset", "zh": "合约机"},
        "stock": None,
        "script": {"core": [{"en": "=Hello", "zh": "您好"}]},
    }
    content = {
        "kind": KIND, "format": 1, "campaign": "spring", "as_of": AS_OF.isoformat(), "from": "2026-07-02",
        "to": "2026-07-31", "spacing_days": 3, "household_contacts": None, "respects_others": True,
        "channels": {"sms": channel}, "offers": {"handset": offer}, "phases": {"phase-1": {"en": "Phase 1", "zh": "一期"}},
        "products": ["contract_phone"], "device_stock": None, "contacts": len(rows), "expected_profit": 1.0,
    }  # fmt: skip
    return content | more


@pytest.fixture
def warehouse(tmp_path):
    made = Warehouse(tmp_path / "warehouse", DuckDBEngine(1, 1))
    put(made, WIDE, AS_OF, [{"subscriber": n, "has_mobile": True} for n in range(PEOPLE)], WIDE_SCHEMA)
    yield made
    made.engine.close()


@pytest.fixture
def keys(database, tmp_path):
    """Keys, and outside numbers of everybody but the last."""
    made = open_keys(tmp_path / "home" / "identity.key", database)
    page = [
        (n, made.digest_of(f"1390000{n:04d}"), made.sealed(n, f"1390000{n:04d}")) for n in range(PEOPLE - 1)
    ]
    store.add_identities(database, [page])
    return made


def put(warehouse, table, day, rows, schema=None):
    with warehouse.change(table) as change:
        file = change.new_file(day.isoformat())
        pq.write_table(pa.Table.from_pylist(rows, schema=schema or CONTRACTS[table].schema), file)
        change.set(day.isoformat(), {file: "2026-07-01T00:00:00+00:00"})


def kept(warehouse, database, rows, campaign="spring", control=(), figures=None, **more):
    """A plan of these contacts, as it is kept; `figures`: what else its document says."""
    tables = PlanRows(
        contacts=pa.Table.from_pylist(rows, schema=CONTACTS),
        control=pa.Table.from_pylist(list(control), schema=CONTROL),
        classes=CLASSES.empty_table(),
        prices=PRICES.empty_table(),
        aims=AIMS.empty_table(),
    )
    content = document(rows, campaign=campaign, **more) | (figures or {}) | hashes_of(tables)
    return keep(warehouse, database, content, tables, campaign=campaign, as_of=AS_OF, now=NOW)


def launched(database, plan):
    file = PlanFile("plan.json", plan.document, ContactPlanKind.name)
    submit(database, plan.campaign, "Li Na", NOW, file)
    step(database, plan.campaign, Approve("Wang Wei"), NOW)
    launch(database, plan.campaign, "Li Na", NOW)


def handed(warehouse, database, keys, day=FIRST, name="spring", by="Zhao Min"):
    return hand_out(warehouse, database, keys, name, day, by=by, now=NOW)


def people(found):
    return found.rows["subscriber"].to_pylist()


def test_the_contacts_of_the_day_are_handed_out_with_their_outside_numbers(warehouse, database, keys):
    launched(
        database, kept(warehouse, database, [contact(1), contact(0), contact(2, SECOND), contact(3, None)])
    )
    found = handed(warehouse, database, keys)
    assert people(found) == [0, 1]
    assert found.numbers == ("13900000000", "13900000001")
    assert found.fell_out == {}
    assert people(handed(warehouse, database, keys, SECOND)) == [2]


def test_each_reveal_is_recorded_with_who_when_what_for_and_whom(warehouse, database, keys):
    plan = kept(warehouse, database, [contact(0), contact(4)])
    launched(database, plan)
    handed(warehouse, database, keys)
    with database.transaction() as connection:
        row = connection.execute(sa.select(reveals)).mappings().one()
        numbers = connection.execute(sa.select(revealed.c.number)).scalars().all()
    assert (row["person"], row["at"], row["subscribers"]) == ("Zhao Min", NOW, 2)
    assert plan.hash in row["purpose"]
    assert sorted(numbers) == [0, 4]
    with pytest.raises(NobodyReveals):
        handed(warehouse, database, keys, by=" ")


def test_a_plan_made_again_changes_nothing_of_what_was_launched(warehouse, database, keys):
    launched(database, kept(warehouse, database, [contact(0), contact(1)]))
    kept(warehouse, database, [contact(5)])
    assert people(handed(warehouse, database, keys)) == [0, 1]


def test_rows_changed_from_outside_are_not_handed_out(warehouse, database, keys):
    plan = kept(warehouse, database, [contact(0), contact(1)])
    launched(database, plan)
    with warehouse.change("plan_contacts") as change:
        file = change.new_file(plan.hash)
        pq.write_table(pa.Table.from_pylist([contact(7)], schema=CONTACTS), file)
        change.set(plan.hash, {file: "somebody"})
    with pytest.raises(PlanChanged):
        handed(warehouse, database, keys)


def test_nothing_is_handed_out_before_the_launch_nor_while_paused(warehouse, database, keys):
    plan = kept(warehouse, database, [contact(0)])
    submit(database, "spring", "Li Na", NOW, PlanFile("plan.json", plan.document, ContactPlanKind.name))
    step(database, "spring", Approve("Wang Wei"), NOW)
    with pytest.raises(NotRunning):
        handed(warehouse, database, keys)
    launch(database, "spring", "Li Na", NOW)
    step(database, "spring", Pause("Zhao", "no stock"), NOW)
    with pytest.raises(NotRunning):
        handed(warehouse, database, keys)


def test_an_action_plan_beside_it_does_not_end_the_contact_plan(warehouse, database, keys):
    launched(database, kept(warehouse, database, [contact(0)]))
    submit(database, "spring", "Li Na", NOW, PlanFile("actions.yaml", b"launch: 2026-07-02", "actions"))
    step(database, "spring", Approve("Wang Wei"), NOW)
    launch(database, "spring", "Li Na", NOW)
    assert people(handed(warehouse, database, keys)) == [0]


def test_who_opted_out_ordered_left_or_was_touched_since_the_launch_falls_out_and_is_counted(
    warehouse, database, keys
):
    launched(database, kept(warehouse, database, [contact(n) for n in range(PEOPLE)]))
    day = FIRST - timedelta(days=1)
    at = datetime.combine(day, datetime.min.time())
    early = datetime(2026, 5, 3)
    put(warehouse, "contacts", date(2026, 5, 3), [
        {"subscriber": 0, "channel": "sms", "contacted_at": early, "disposition": "opted_out"},
        {"subscriber": 1, "channel": "email", "contacted_at": early, "disposition": "opted_out"},
    ])  # fmt: skip
    put(warehouse, "contacts", day, [
        {"subscriber": 2, "channel": "hall", "contacted_at": at, "offer": "other", "disposition": "visited"},
    ])  # fmt: skip
    put(warehouse, "orders", day, [
        {"subscriber": 3, "ordered_at": at, "offer": "handset"},
        {"subscriber": 4, "ordered_at": at, "offer": "contract_phone"},
        {"subscriber": 5, "ordered_at": at, "offer": "sim card"},
    ])  # fmt: skip
    put(warehouse, "subscribers", date(2026, 1, 1), [
        {"subscriber": n, "recorded_on": date(2026, 1, 1), "customer": str(n), "activated_on": date(2020, 1, 1)}
        for n in (6, 7, 8)
    ])  # fmt: skip
    put(warehouse, "subscribers", day, [
        {"subscriber": 6, "recorded_on": day, "customer": "99", "activated_on": date(2020, 1, 1)},
        {"subscriber": 7, "recorded_on": day, "customer": "7", "activated_on": date(2026, 7, 5)},
        {"subscriber": 8, "recorded_on": day, "customer": "8", "activated_on": date(2020, 1, 1)},
    ])  # fmt: skip
    there = [{"subscriber": n, "has_mobile": n != 10} for n in range(PEOPLE) if n != 9]
    put(warehouse, WIDE, FIRST, there, WIDE_SCHEMA)
    found = handed(warehouse, database, keys)
    assert people(found) == [1, 5, 8]
    assert found.fell_out == {
        FallsOut.LEFT: 2,
        FallsOut.CHANGED_HANDS: 2,
        FallsOut.OPTED_OUT: 1,
        FallsOut.ORDERED: 2,
        FallsOut.TOUCHED: 1,
        FallsOut.NO_NUMBER: 1,
    }


def test_consent_is_asked_by_the_approved_rule_as_things_are_on_the_day(warehouse, database, keys):
    plan = document([])["channels"]["sms"] | {"consent": to_json(parse_rule("age >= 30"))}
    launched(database, kept(warehouse, database, [contact(0), contact(1)], channels={"sms": plan}))
    there = [{"subscriber": n, "has_mobile": True, "age": 20.0 + 15 * n} for n in range(2)]
    put(warehouse, WIDE, FIRST, there, WIDE_SCHEMA)
    found = handed(warehouse, database, keys)
    assert people(found) == [1]
    assert found.fell_out == {FallsOut.NO_CONSENT: 1}


def test_stock_that_orders_have_used_up_and_a_full_day_are_kept(warehouse, database, keys):
    channels = {
        "sms": document([])["channels"]["sms"] | {"capacity": {FIRST.isoformat(): 2, SECOND.isoformat(): 9}}
    }
    offers = {"handset": document([])["offers"]["handset"] | {"stock": 2}}
    rows = [*(contact(n) for n in range(4)), *(contact(n, SECOND) for n in range(4, 8))]
    launched(database, kept(warehouse, database, rows, channels=channels, offers=offers))
    found = handed(warehouse, database, keys)
    assert people(found) == [0, 1]  # the most valuable
    assert found.fell_out == {FallsOut.NO_CAPACITY: 2}
    sold = [
        {"subscriber": n, "ordered_at": datetime.combine(FIRST, datetime.min.time()), "offer": "handset"}
        for n in (9, 10)
    ]
    put(warehouse, "orders", FIRST, sold)
    assert handed(warehouse, database, keys, SECOND).fell_out == {FallsOut.NO_STOCK: 4}


def test_another_campaign_that_runs_keeps_its_distance_and_its_holdout(warehouse, database, keys):
    launched(database, kept(warehouse, database, [contact(n) for n in range(4)]))
    control = [{"subscriber": 2, "control": "campaign"}, {"subscriber": 3, "control": "universal"}]
    others = [contact(0, FIRST), contact(1, FIRST - timedelta(days=1)), contact(9, FIRST)]
    autumn = kept(warehouse, database, others, campaign="autumn", control=control)
    assert people(handed(warehouse, database, keys)) == [0, 1, 2, 3]  # nobody has launched it
    with database.transaction() as connection:
        enter_states(connection, {autumn.hash: "launched"})
    found = handed(warehouse, database, keys)
    assert people(found) == [0, 1, 3]  # what is let go is out: the other campaign stays away
    assert found.fell_out == {FallsOut.HELD_OUT_ELSEWHERE: 1}
    submit(database, "autumn", "Li Na", NOW, PlanFile("plan.json", autumn.document, ContactPlanKind.name))
    step(database, "autumn", Approve("Wang Wei"), NOW)
    launch(database, "autumn", "Li Na", NOW)
    theirs = handed(warehouse, database, keys, name="autumn")
    assert people(theirs) == [9]
    assert theirs.fell_out == {FallsOut.TOUCHED: 1}


def test_on_one_day_the_campaign_that_is_first_by_name_goes_first(warehouse, database, keys):
    for name in ("spring", "autumn"):
        launched(database, kept(warehouse, database, [contact(0)], campaign=name))
    assert people(handed(warehouse, database, keys)) == []
    assert people(handed(warehouse, database, keys, name="autumn")) == [0]


def test_a_plan_is_submitted_under_its_own_name_and_only_if_it_is_kept_here(warehouse, database):
    plan = kept(warehouse, database, [contact(0)])
    judge = ContactPlanKind().judge(database, "summer")
    with pytest.raises(PlanOfAnotherCampaign, match="spring"):
        judge((), plan.document)
    judge = ContactPlanKind().judge(database, "spring")
    judge((), plan.document)
    with pytest.raises(PlanNotKept):
        judge((), plan.document.replace(b'"expected_profit": 1.0', b'"expected_profit": 9.0'))


def test_a_contact_is_made_within_two_hours_and_never_in_quiet_hours():
    assert window(600, [[540, 1200]]) == (600, 720)
    assert window(1150, [[540, 1200]]) == (1150, 1200)
    assert window(700, [[540, 720], [840, 1080]]) == (700, 720)


def test_the_list_names_things_in_the_readers_language_and_rounds(warehouse, database, keys):
    launched(database, kept(warehouse, database, [contact(0)]))
    found = handed(warehouse, database, keys)
    (line,) = lines_of(found, "zh")
    told = dict(zip([head.zh for head in HEADERS], line, strict=True))
    assert told["号码"] == "13900000000"
    assert (told["渠道"], told["业务"], told["阶段"], told["话术"]) == ("短信", "合约机", "一期", "您好")
    assert (told["开始时间"], told["结束时间"], told["预期收益"], told["办理概率"]) == (
        "10:00",
        "12:00",
        5.0,
        0.0333,
    )
    assert told["目标群"]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_the_command_writes_a_list_that_a_spreadsheet_opens(desk, tmp_path, suffix):
    session = desk.session
    put(session.warehouse, WIDE, AS_OF, [{"subscriber": 0, "has_mobile": True}], WIDE_SCHEMA)
    keys = open_keys(session.settings.keys, session.database)
    store.add_identities(session.database, [[(0, keys.digest_of("+86139"), keys.sealed(0, "+86139"))]])
    launched(session.database, kept(session.warehouse, session.database, [contact(0), contact(1)]))
    to = tmp_path / "lists" / f"calls{suffix}"
    said = desk.run("contacts", "spring", "--to", to, "--day", FIRST, "--by", "Zhao Min")
    assert "1 contacts of 2026-07-08 are in" in said
    if suffix == ".csv":
        assert to.read_bytes().startswith(b"\xef\xbb\xbf")
        with to.open(encoding="utf-8-sig", newline="") as lines:
            (row,) = csv.DictReader(lines)
        assert row["Number"] == "'+86139"
        assert row["What to say"] == "'=Hello"
        assert row["Expected profit"] == "5.0"
    else:
        assert to.read_bytes().startswith(b"PK")
    assert [path.name for path in to.parent.iterdir()] == [to.name]


def test_a_plan_by_a_model_not_to_be_used_is_approved_only_with_a_reason_that_is_kept(warehouse, database):
    verdict = {
        "model": "m",
        "version": 2,
        "trust": "stop",
        "why": {"en": "AUC 0.51.", "zh": "AUC 0.51。"},
        "despite": "a pilot",
    }
    plan = kept(warehouse, database, [contact(0)], verdict=verdict)
    submit(database, "spring", "Li Na", NOW, PlanFile("plan.json", plan.document, ContactPlanKind.name))
    kinds = [ContactPlanKind()]
    with pytest.raises(ModelNotToBeUsed, match=r"m, version 2.*AUC 0\.51"):
        approve(database, "spring", Approve("Wang Wei"), NOW, kinds)
    with pytest.raises(NoReasonGiven):
        approve(database, "spring", Approve("Wang Wei", despite=" "), NOW, kinds)
    approved = approve(database, "spring", Approve("Wang Wei", "seen", "two weeks only"), NOW, kinds)
    assert approved.entries[-1].note == "seen · two weeks only"


def test_a_reason_against_no_verdict_is_not_kept(warehouse, database):
    plan = kept(warehouse, database, [contact(0)])
    submit(database, "spring", "Li Na", NOW, PlanFile("plan.json", plan.document, ContactPlanKind.name))
    taken = Approve("Wang Wei", despite="just in case")
    assert approve(database, "spring", taken, NOW, [ContactPlanKind()]).entries[-1].note == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_script_reads_how_many_contacts_are_where_and_by_code_why_others_fell_out(
    warehouse, database, keys, tmp_path, language
):
    launched(database, kept(warehouse, database, [contact(0), contact(1), contact(2)]))
    early = datetime(2026, 5, 3)
    gone = {"subscriber": 1, "channel": "sms", "contacted_at": early, "disposition": "opted_out"}
    put(warehouse, "contacts", date(2026, 5, 3), [gone])
    settings = load_settings({"TELEWAVE_HOME": str(tmp_path / "home")})
    console = Console(file=StringIO(), width=200)
    session = Session(
        language=language,
        settings=settings,
        open_home=lambda: Home.of(settings, warehouse, database),
        console=console,
    )
    session.collect()
    write_contacts(session, "spring", tmp_path / "calls.csv", FIRST, "Zhao Min")
    session.finish()
    answer = json.loads(console.file.getvalue())
    assert answer["handed_out"] == {
        "campaign": "spring",
        "day": "2026-07-08",
        "file": str(tmp_path / "calls.csv"),
        "contacts": 2,
        "with_agents": 0,
        "fell_out": {"opted_out": 1},
    }
    assert answer["tables"][0]["rows"] == [{"reason": "opted_out", "contacts": 1}]
    assert (well_formed(answer), untyped(answer)) == (True, [])
    assert len((tmp_path / "calls.csv").read_text(encoding="utf-8-sig").splitlines()) == 3


@pytest.mark.parametrize("page", ["docs/reference/campaigns.md", "docs/zh/reference/campaigns.md"])
def test_every_reason_that_a_script_may_read_is_documented(page):
    text = (Path(__file__).parents[2] / page).read_text(encoding="utf-8")
    assert [reason for reason in FallsOut if f"| `{reason}` |" not in text] == []


def test_what_was_handed_out_counts_as_out_until_it_is_given_back(warehouse, database, keys):
    launched(database, kept(warehouse, database, [contact(0), contact(1, touch=2), contact(2, SECOND)]))
    found = handed(warehouse, database, keys)
    handed(warehouse, database, keys, SECOND)
    out = steps_out(database, "spring", SECOND)
    day = FIRST.toordinal()
    assert set(zip(*(one.tolist() for one in (out.subscriber, out.touch, out.day)), strict=True)) == {
        (0, 0, day),
        (1, 2, day),
    }
    back = Result(line=2, event=PLAIN["not_made"], contact=found.contacts[people(found).index(0)])
    take_results(database, "spring", [back], Told(by="Li", now=NOW), int)
    assert steps_out(database, "spring", SECOND).subscriber.tolist() == [1]
    assert len(steps_out(database, "autumn", SECOND).subscriber) == 0
