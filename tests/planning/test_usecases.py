"""A plan from the warehouse and back: what is written is what was decided; commands and page in both languages."""

import io
import json
import re
import shutil
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import typer
from rich.console import Console
from tests.json_answers import untyped, well_formed
from tests.models.worlds import fit, world
from typer.testing import CliRunner

from telewave.briefs.assortment import OfferNotInCatalogue, offers_of
from telewave.briefs.campaign_file import load_campaign
from telewave.briefs.model import Holdout, scaled
from telewave.features.usecases import WIDE, open_wide
from telewave.features.wide import WIDE_SCHEMA
from telewave.kernel import Estimate
from telewave.models.store import load, save
from telewave.models.target import Target
from telewave.models.usecases import SCORES, NotScored
from telewave.models.verdict import ModelNotToBeUsed, NoReasonGiven
from telewave.planning import commands
from telewave.planning.caveats import left_out
from telewave.planning.explanation import NotInTheBase, Reason
from telewave.planning.gathering import gather, scorer_of
from telewave.planning.model import ContactState
from telewave.planning.plan_rows import PlanOfOtherChannels
from telewave.planning.plans import (
    NoSuchPlan,
    NotPlanned,
    PlanChanged,
    PlanHashTooShort,
    contacts_of,
    control_of,
    enter_states,
    latest_plan,
    plan_called,
    plans_of,
)
from telewave.planning.redating import redate
from telewave.planning.scorer import Scorer, verdict_read
from telewave.planning.usecases import (
    DRAWN,
    HoldoutDrawn,
    explain_subscriber,
    make_plan,
)
from telewave.platform.engine import DuckDBEngine
from telewave.platform.files import FileIsThere
from telewave.platform.home import Home
from telewave.platform.pages.library import library_is_there
from telewave.platform.progress import Silent
from telewave.platform.settings import UnreadableSetting, load_settings
from telewave.platform.terminal import Session
from telewave.platform.warehouse import Warehouse
from telewave.records.contracts import CONTRACTS
from telewave.targeting.plan import DEFAULT_PLAN
from telewave.targeting.usecases import group

AS_OF = date(2026, 7, 1)
NOW = datetime(2026, 7, 1, 9, tzinfo=UTC)
SIZE = 3_000
drawn = pytest.mark.skipif(not library_is_there(), reason="the chart library is not installed: make web")


def put(warehouse, table, rows, origin="2026-07-01T00:00:00+00:00"):
    with warehouse.change(table) as change:
        file = change.new_file(AS_OF.isoformat())
        pq.write_table(rows, file)
        change.set(AS_OF.isoformat(), {file: origin})


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    made = Warehouse(tmp_path_factory.mktemp("plan") / "warehouse", DuckDBEngine(1, 2))
    draw = np.random.default_rng(5)
    rows = [
        {
            "subscriber": n, "arpu": float(draw.gamma(3, 30)), "payment": str(draw.choice(["prepaid", "postpaid"])),
            "segment": str(draw.choice(["public", "enterprise"], p=[0.85, 0.15])), "age": 30.0,
            "has_mobile": bool(n % 10 != 0), "has_broadband": bool(n % 3 != 0), "device_generation": "2g",
        }
        for n in range(SIZE)
    ]  # fmt: skip
    put(made, WIDE, pa.Table.from_pylist(rows, schema=WIDE_SCHEMA))
    probability = np.clip(draw.lognormal(-3.5, 0.9, SIZE), 0, 0.9)
    scored = np.arange(SIZE) % 50 != 7
    columns = [
        pa.array(np.arange(SIZE)[scored]).cast(SCORES.field("subscriber").type),
        pa.array(probability[scored]),
    ]
    put(made, "scores.contract_phone", pa.table(columns, schema=SCORES), "contract_phone/1")
    group(made, "contract_phone", AS_OF, DEFAULT_PLAN, Silent())
    yield made
    made.engine.close()


@pytest.fixture
def campaign():
    """The reference case's, with devices for those whom contacts bring beside the organic takers."""
    whole = scaled(load_campaign(Path("reference")), SIZE / 300_000)
    return replace(whole, device_stock=400)


def made_plan(warehouse, database, brief, offers=None):
    offers = offers_of(brief, Path())[1] if offers is None else offers
    wide, scorer = open_wide(warehouse, AS_OF), Scorer(products=("handset",))
    return make_plan(warehouse, database, brief, offers, wide, Silent(), now=NOW, scorer=scorer)


def planned(warehouse, database, brief):
    """The contacts of the plan that was made last, those that stand."""
    rows = contacts_of(warehouse, latest_plan(database, brief.id, AS_OF)).to_pylist()
    return [row for row in rows if row["state"] in (ContactState.PLANNED, ContactState.DONE)]


def test_what_is_kept_is_what_was_decided(warehouse, database, campaign):
    whole = made_plan(warehouse, database, campaign)
    made, plan = whole.proposal, whole.plan
    kept = contacts_of(warehouse, plan)
    assert len(kept) == len(made.row) > 100
    assert sorted(kept["subscriber"].to_pylist()) == sorted(made.base.subscriber[made.row].tolist())
    control = control_of(warehouse, plan)
    assert set(control["subscriber"].to_pylist()).isdisjoint(kept["subscriber"].to_pylist())
    assert len(control) == made.universal.sum() + made.held.sum()
    assert whole.gathered.without_score > 0
    told = json.loads(plan.document)
    assert told["contacts"] == len(kept)
    days = [day for day in kept["day"].to_pylist() if day is not None]
    assert days == sorted(days)
    assert campaign.first <= days[0] <= days[-1] <= campaign.last


def test_no_consent_no_contact(warehouse, database, campaign):
    _, offers = offers_of(campaign, Path())
    found = gather(warehouse, database, campaign, offers, open_wide(warehouse, AS_OF), Silent())
    calls = [channel.id for channel in campaign.channels].index("outbound_call")
    wired_only = found.base.subscriber % 10 == 0
    assert not found.base.reachable[wired_only, calls].any()
    assert found.base.reachable[~wired_only, calls].all()


def test_a_model_without_scores_is_refused_before_anything_is_written(warehouse, database, campaign):
    other = replace(campaign, model="nobody")
    with pytest.raises(NotScored, match="nobody"):
        made_plan(warehouse, database, other, ())


def test_an_offer_that_the_catalogue_does_not_hold_is_named(campaign):
    with pytest.raises(OfferNotInCatalogue, match="unicorn"):
        offers_of(replace(campaign, offers=("unicorn",)), Path())


def test_contacts_of_a_campaign_that_was_not_planned_are_refused(warehouse, database, campaign):
    with pytest.raises(NotPlanned, match="autumn"):
        planned(warehouse, database, replace(campaign, id="autumn"))


def test_making_a_plan_again_leaves_the_one_before_as_it_was(fresh, database, campaign):
    first = made_plan(fresh, database, campaign).plan
    before = contacts_of(fresh, first)
    same = made_plan(fresh, database, campaign).plan
    assert same.hash == first.hash
    assert len(plans_of(database, campaign.id)) == 1
    other = made_plan(fresh, database, replace(campaign, most_contacts=2)).plan
    assert other.hash != first.hash
    assert contacts_of(fresh, first).equals(before)
    assert [one.hash for one in plans_of(database, campaign.id)] == [other.hash, first.hash]
    assert plan_called(database, first.hash[:12]).hash == first.hash
    with pytest.raises(NoSuchPlan, match="zz"):
        plan_called(database, "zz")


def test_a_hash_that_begins_two_plans_is_refused(fresh, database, campaign):
    seen, first = set(), ""
    for days in range(1, 18):  # of seventeen two begin alike, mostly of far fewer
        seen.add(first)
        first = made_plan(fresh, database, replace(campaign, spacing_days=days)).plan.hash[0]
        if first in seen:
            break
    with pytest.raises(PlanHashTooShort, match=first):
        plan_called(database, first)


def test_rows_that_were_changed_from_outside_are_refused(fresh, database, campaign):
    plan = made_plan(fresh, database, campaign).plan
    rows = contacts_of(fresh, plan)
    with fresh.change("plan_contacts") as change:
        file = change.new_file(plan.hash)
        pq.write_table(rows.slice(1), file)
        change.set(plan.hash, {file: "somebody"})
    with pytest.raises(PlanChanged, match=plan.hash[:12]):
        contacts_of(fresh, plan)


@pytest.fixture(scope="module")
def learnt():
    """A model for the registry; who has which score was said above."""
    return fit(world(3_000, seed=1).table)


@pytest.fixture(params=["en", "zh"])
def session(request, warehouse, database, learnt, tmp_path):
    console = Console(file=io.StringIO(), width=200)
    settings = load_settings({"TELEWAVE_HOME": str(tmp_path)})
    save(replace(learnt, name="contract_phone"), settings.models, database)
    return Session(
        language=request.param,
        settings=settings,
        open_home=lambda: Home.of(settings, warehouse, database),
        console=console,
    )


def run(session, *arguments):
    app = typer.Typer()
    commands.register(app)
    app.callback()(lambda: None)
    done = CliRunner().invoke(app, ["plan", *map(str, arguments)], obj=session)
    if done.exception:
        raise done.exception
    return session.console.file.getvalue()


@drawn
def test_a_plan_is_made_shown_listed_and_explained_in_both_languages(session, tmp_path):
    page, document = tmp_path / "plan.html", tmp_path / "plan.json"
    said = run(
        session, "make", "reference", "--as-of", AS_OF, "--out", page, "--document", document, "--simulated"
    )
    assert ("This plan" if session.language == "en" else "本方案") in said
    assert json.loads(document.read_text())["campaign"] == "handset"
    plan = latest_plan(session.database, "handset", AS_OF)
    assert plan.document == document.read_bytes()
    assert plan.hash[:12] in run(session, "list")
    first = contacts_of(session.warehouse, plan)["subscriber"][0].as_py()
    said = run(session, "explain", "reference", "--as-of", AS_OF, "--subscriber", first)
    assert ("In the plan" if session.language == "en" else "入选") in said
    text = page.read_text(encoding="utf-8")
    body = re.sub(r"<script.*?</script>|<style>.*?</style>", "", text, flags=re.DOTALL)
    assert text.count("data-chart=") >= 2
    assert 'src="http' not in text
    words = re.sub(r"<[^>]+>|&\w+;|&#\d+;", " ", body)
    if session.language == "en":
        assert not re.search(r"[\u4e00-\u9fff]", words)
    else:
        assert set(re.findall(r"[A-Za-z]{4,}", words)) - {"Apache", "ECharts", "License", "effect"} == set()


@drawn
def test_tables_of_a_plan_are_objects_with_numbers_as_numbers(session):
    of_plan = ["reference", "--as-of", AS_OF]
    first = object_of(session, "make", *of_plan)["tables"][0]["rows"][0]
    assert isinstance(first["contacts"], int)
    assert first["expected_profit"]["currency"] == "CNY"
    plan = latest_plan(session.database, "handset", AS_OF)
    someone = contacts_of(session.warehouse, plan)["subscriber"][0].as_py()
    options = object_of(session, "explain", *of_plan, "--subscriber", someone)["tables"][0]["rows"]
    assert isinstance(options[0]["expected_profit"], float)
    assert object_of(session, "list")["tables"][0]["rows"][0]["as_of"] == AS_OF.isoformat()
    assert object_of(session, "groups", *of_plan)["tables"]
    assert object_of(session, "redate", *of_plan, "--today", AS_OF)["sentences"]


def object_of(session, *arguments):
    """What a command answers with --json."""
    session.collect()
    run(session, *arguments)
    answer, session.answer = json.loads(session.answer.text()), None
    assert well_formed(answer)
    assert untyped(answer) == []
    return answer


def test_the_example_can_be_begun_from(session, tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text(run(session, "example"), encoding="utf-8")
    assert load_campaign(file).id == "handset"
    other = tmp_path / "other.yaml"
    run(session, "example", "--to", other)
    assert load_campaign(other).id == "handset"
    with pytest.raises(FileIsThere, match="already"):
        run(session, "example", "--to", other)


def recorded(warehouse, table, day, rows):
    with warehouse.change(table) as change:
        file = change.new_file(day.isoformat())
        pq.write_table(pa.Table.from_pylist(rows, schema=CONTRACTS[table].schema), file)
        change.set(day.isoformat(), {file: "test"})


def called(row, day, **more):
    """The record of a planned contact, made on `day`."""
    at = datetime.combine(day, time(10))
    return {
        "subscriber": row["subscriber"],
        "channel": RECORDS[row["channel"]],
        "contacted_at": at,
        "disposition": "refused",
        **more,
    }


RECORDS = {channel.id: channel.records for channel in load_campaign(Path("reference")).channels}


@pytest.fixture
def fresh(warehouse, tmp_path):
    """A warehouse of its own with the same scores, for tests that add records."""
    made = Warehouse(tmp_path / "own", DuckDBEngine(1, 2))
    shutil.copytree(
        warehouse.root, made.root, ignore=shutil.ignore_patterns("contacts", "orders", "*.handset", "plan_*")
    )
    yield made
    made.engine.close()


@pytest.fixture
def plan(fresh, database, campaign):
    """A plan of the campaign with two contacts of some subscribers, its rows with a day."""
    campaign = replace(campaign, most_contacts=2, device_stock=None, holdout=Holdout(0.05, 0.0))
    _, offers = offers_of(campaign, Path())
    made_plan(fresh, database, campaign, offers)
    return campaign, [row for row in planned(fresh, database, campaign) if row["day"] is not None]


def redated(warehouse, database, campaign, today, **more):
    told = redate(warehouse, database, campaign, AS_OF, today, Silent(), now=NOW, **more)
    rows = planned(warehouse, database, campaign)
    return told, {(row["subscriber"], row["touch"]): row for row in rows}


def key(row):
    return row["subscriber"], row["touch"]


def test_days_later_what_was_done_stays_and_what_was_missed_gets_another_day(fresh, database, plan):
    campaign, rows = plan
    today = campaign.first + timedelta(days=3)
    early = [row for row in rows if row["day"] < today]
    bought = early.pop()
    made, missed = early[::2], early[1::2]
    recorded(fresh, "contacts", campaign.first, [called(row, row["day"]) for row in made])
    recorded(fresh, "orders", campaign.first, [{"subscriber": bought["subscriber"], "offer": "handset"}])
    told, after = redated(fresh, database, campaign, today)
    assert told.done == len(made)
    assert told.withdrawn >= 1
    assert key(bought) not in after
    assert all(after[key(row)]["day"] == row["day"] for row in made)
    gone = {bought["subscriber"]}
    assert all(
        after[key(row)]["day"] is None or after[key(row)]["day"] >= today
        for row in missed
        if row["subscriber"] not in gone
    )
    touched = {row["subscriber"] for row in (*made, *missed, bought)}
    assert [
        row for row in rows if row["subscriber"] not in touched and after[key(row)]["day"] != row["day"]
    ] == []
    with pytest.raises(PlanOfOtherChannels):
        redated(fresh, database, replace(campaign, channels=campaign.channels[-1:]), today)


def test_a_contact_made_ahead_of_its_day_is_done_on_the_day_it_was_made(fresh, database, plan):
    campaign, rows = plan
    day = campaign.first + timedelta(days=2)
    late = next(row for row in rows if row["day"] > campaign.first + timedelta(days=20))
    recorded(fresh, "contacts", day, [called(late, day, offer=late["offer"])])
    told, after = redated(fresh, database, campaign, day + timedelta(days=1))
    assert told.done == 1
    assert after[key(late)]["day"] == day


def test_a_contact_of_another_campaign_is_not_taken_for_one_of_this_and_keeps_its_distance(
    fresh, database, plan
):
    campaign, rows = plan
    day = campaign.first + timedelta(days=4)
    mine = next(row for row in rows if day < row["day"] <= day + timedelta(days=5) and row["touch"] == 0)
    recorded(fresh, "contacts", day, [called(mine, day, offer="broadband-upgrade")])
    told, after = redated(fresh, database, campaign, day + timedelta(days=1))
    assert told.done == 0
    found = after[key(mine)]["day"]
    assert found is None or abs((found - day).days) >= campaign.spacing_days


def test_one_record_stands_for_one_of_two_touches(fresh, database, plan):
    campaign, rows = plan
    both = {}
    for row in rows:
        both.setdefault((row["subscriber"], row["channel"]), []).append(row)
    one, other = next(found for found in both.values() if len(found) == 2)
    day = campaign.first
    recorded(fresh, "contacts", day, [called(other, day, offer=other["offer"])])
    told, after = redated(fresh, database, campaign, day + timedelta(days=1))
    assert told.done == 1
    assert after[key(other)]["day"] == day
    assert after[key(one)]["day"] != day


def test_who_has_opted_out_since_is_not_contacted_any_more(fresh, database, plan):
    campaign, rows = plan
    day = campaign.first + timedelta(days=1)
    sms = next(row for row in rows if row["channel"] == "sms" and row["day"] > day + timedelta(days=1))
    out = called(sms, day, offer="something else") | {"disposition": "opted_out"}
    recorded(fresh, "contacts", day, [out])
    told, after = redated(fresh, database, campaign, day + timedelta(days=1))
    assert told.refused >= 1
    assert key(sms) not in after


def test_an_order_of_something_else_withdraws_nobody(fresh, database, plan):
    campaign, rows = plan
    recorded(fresh, "orders", campaign.first, [{"subscriber": rows[-1]["subscriber"], "offer": "sim card"}])
    told, after = redated(fresh, database, campaign, campaign.first + timedelta(days=1))
    assert told.withdrawn == 0
    assert key(rows[-1]) in after
    recorded(
        fresh, "orders", campaign.first, [{"subscriber": rows[-1]["subscriber"], "offer": rows[-1]["offer"]}]
    )
    told, after = redated(fresh, database, campaign, campaign.first + timedelta(days=1))
    assert told.withdrawn >= 1
    assert key(rows[-1]) not in after


def test_the_redated_plan_is_a_plan_of_its_own_and_what_fell_away_keeps_its_state(fresh, database, plan):
    campaign, rows = plan
    before = latest_plan(database, campaign.id, AS_OF)
    kept = contacts_of(fresh, before)
    bought = rows[-1]["subscriber"]
    recorded(fresh, "orders", campaign.first, [{"subscriber": bought, "offer": "handset"}])
    told, after = redated(fresh, database, campaign, campaign.first + timedelta(days=1))
    document = told.plan.content
    assert told.plan.parent == document["parent"] == before.hash
    assert contacts_of(fresh, before).equals(kept)
    everything = contacts_of(fresh, told.plan).to_pylist()
    assert document["contacts"] == len(everything) == len(kept)
    assert {row["state"] for row in everything if row["subscriber"] == bought} == {"ordered"}
    assert len(after) == sum(row["state"] != "ordered" for row in everything)
    standing = [row for row in everything if row["state"] != "ordered" and row["day"] is not None]
    assert document["expected_profit"] == pytest.approx(
        sum(row["expected_profit"] for row in standing), abs=0.01
    )
    again, _ = redated(fresh, database, campaign, campaign.first + timedelta(days=2))
    states = {
        row["state"] for row in contacts_of(fresh, again.plan).to_pylist() if row["subscriber"] == bought
    }
    assert states == {"ordered"}


def test_redating_begins_from_the_plan_that_runs(fresh, database, plan):
    campaign, _ = plan
    running = latest_plan(database, campaign.id, AS_OF)
    with database.transaction() as connection:
        enter_states(connection, {running.hash: "launched"})
    made_plan(fresh, database, replace(campaign, most_contacts=1))
    told, _ = redated(fresh, database, campaign, campaign.first + timedelta(days=1))
    assert told.plan.parent == running.hash


def test_without_a_change_nothing_moves(fresh, database, plan):
    campaign, rows = plan
    told, after = redated(fresh, database, campaign, campaign.first + timedelta(days=5), assume_done=True)
    assert told.moved == 0
    assert all(after[key(row)]["day"] == row["day"] for row in rows)


def told_of(warehouse, database, campaign, number):
    offers = offers_of(campaign, Path())[1]
    wide = open_wide(warehouse, AS_OF)
    return explain_subscriber(warehouse, database, campaign, offers, wide, number, Silent())


def test_a_redated_plan_is_explained_as_it_is_kept(fresh, database, plan):
    campaign, rows = plan
    bought, first = rows[-1]["subscriber"], rows[0]
    recorded(fresh, "orders", campaign.first, [{"subscriber": bought, "offer": "handset"}])
    redated(fresh, database, campaign, campaign.first + timedelta(days=3))
    gone = told_of(fresh, database, campaign, bought)
    assert gone.reason is Reason.ORDERED
    assert gone.options
    moved = told_of(fresh, database, campaign, first["subscriber"])
    assert moved.reason is Reason.CHOSEN
    assert {one.day for one in moved.options if one.chosen} != {first["day"]}
    held = control_of(fresh, latest_plan(database, campaign.id, AS_OF))
    number = held["subscriber"][0].as_py()
    assert told_of(fresh, database, campaign, number).reason in (Reason.HELD_OUT, Reason.UNIVERSAL)


def test_every_subscriber_has_a_reason(warehouse, database, campaign):
    made = made_plan(warehouse, database, campaign).proposal
    contacted = set(made.base.subscriber[made.row].tolist())
    numbers = [*sorted(contacted)[:8], *range(16), int(made.everybody[made.held][0])]
    found = {n: told_of(warehouse, database, campaign, n) for n in numbers if n % 50 != 7}
    assert {Reason.CHOSEN, Reason.HELD_OUT} <= {one.reason for one in found.values()}
    for number, one in found.items():
        inside = one.reason in (Reason.CHOSEN, Reason.BY_CHANCE)
        assert inside == (number in contacted)
        if one.reason is Reason.CHOSEN:
            assert one.options[0].chosen
            worth = [option.value - option.price for option in one.options if not option.chosen]
            best = one.options[0].value - one.options[0].price
            assert best >= max(worth, default=-np.inf) - 0.05  # rounding moves who is nearly indifferent
        if one.reason is Reason.EARNS_NOTHING:
            assert max(option.value for option in one.options) <= 0
    with pytest.raises(NotInTheBase):
        told_of(warehouse, database, campaign, 10**9)


def test_an_explanation_is_one_row_beside_the_plans_prices(warehouse, database, campaign):
    made = made_plan(warehouse, database, campaign).proposal
    price = made.allocation.prices @ made.problem.use.reshape(len(made.problem.limits), -1)
    price = price.reshape(made.problem.class_count, -1)
    for row in (0, 7, len(made.base.subscriber) - 1):
        found = told_of(warehouse, database, campaign, int(made.base.subscriber[row]))
        assert not found.brief_changed
        assert found.options
        named = {
            (
                str(made.options.offers[o.offer].id),
                campaign.channels[o.channel].id,
                campaign.phases[o.phase].id,
            ): j
            for j, o in enumerate(made.options.options)
        }
        for one in found.options:
            j = named[one.ids]
            assert one.value == pytest.approx(float(made.problem.values[row, j]), rel=1e-5, abs=1e-6)
            assert one.price == pytest.approx(float(price[made.problem.classes[row], j]), rel=1e-9, abs=1e-12)
            assert one.chosen == bool(np.any((made.row == row) & (made.option == j)))
    changed = told_of(warehouse, database, replace(campaign, spacing_days=3), int(made.base.subscriber[0]))
    assert changed.brief_changed


def held(warehouse, name="handset"):
    rows = warehouse.engine.fetch(warehouse.read(f"drawn.{name}", DRAWN)).to_pylist()
    return sorted(row["subscriber"] for row in rows if row["held"])


def test_the_holdout_stays_when_the_plan_is_made_again_and_another_share_is_refused(fresh, database, plan):
    campaign, _ = plan
    before = held(fresh)
    table = fresh.engine.fetch(fresh.read("scores.contract_phone", SCORES)).to_pandas()
    table["probability"] = table["probability"].to_numpy()[::-1]
    put(fresh, "scores.contract_phone", pa.Table.from_pandas(table, schema=SCORES, preserve_index=False))
    made_plan(fresh, database, campaign)
    assert held(fresh) == before
    with pytest.raises(HoldoutDrawn, match="5"):
        made_plan(fresh, database, replace(campaign, holdout=Holdout(0.1)))


@pytest.fixture
def running(fresh, database, plan):
    """The plan of `plan`, launched."""
    campaign, rows = plan
    made = latest_plan(database, campaign.id, AS_OF)
    with database.transaction() as connection:
        enter_states(connection, {made.hash: "launched"})
    return campaign, rows, made


def test_only_plans_that_run_keep_their_distance_from_another_campaigns(fresh, database, plan):
    campaign, rows = plan
    autumn = replace(campaign, id="autumn", most_contacts=1)
    alone = made_plan(fresh, database, autumn).proposal
    assert alone.surroundings.elsewhere is None
    made = latest_plan(database, campaign.id, AS_OF)
    with database.transaction() as connection:
        enter_states(connection, {made.hash: "launched"})
    assert len(made_plan(fresh, database, autumn).proposal.surroundings.elsewhere.day) >= len(rows)


def test_contacts_of_other_campaigns_that_run_keep_their_distance(fresh, database, running):
    campaign, rows, _ = running
    first = {row["subscriber"]: row["day"] for row in rows if row["touch"] == 0}
    autumn = replace(campaign, id="autumn", most_contacts=1)
    made_plan(fresh, database, autumn)
    dated = [row for row in planned(fresh, database, autumn) if row["day"] is not None]
    assert sum(row["subscriber"] in first for row in dated) > 20
    assert all(
        abs((row["day"] - first[row["subscriber"]]).days) >= 7 for row in dated if row["subscriber"] in first
    )


def test_who_is_held_out_of_a_running_campaign_is_not_contacted_unless_the_file_says_so(
    fresh, database, running
):
    campaign, _, made = running
    control = control_of(fresh, made).to_pylist()
    others = {row["subscriber"] for row in control if row["control"] == "campaign"}
    autumn = replace(campaign, id="autumn", most_contacts=1, spacing_days=0)
    made_plan(fresh, database, autumn)
    assert others.isdisjoint(row["subscriber"] for row in planned(fresh, database, autumn))
    bold = replace(autumn, id="bold", holdout=replace(autumn.holdout, respects_others=False))
    made_plan(fresh, database, bold)
    assert others & {row["subscriber"] for row in planned(fresh, database, bold)}


def test_a_holdout_by_customer_holds_all_lines_of_a_customer_or_none(fresh, database, campaign):
    lines = [{"subscriber": n, "recorded_on": date(2026, 1, 1), "customer": str(n // 3)} for n in range(SIZE)]
    recorded(fresh, "subscribers", date(2026, 1, 1), lines)
    by_customer = replace(campaign, id="by-customer", holdout=Holdout(0.2, by_household=True))
    made = made_plan(fresh, database, by_customer).proposal
    drawn = made.everybody[~made.universal]
    taken = dict(zip(drawn.tolist(), made.held[~made.universal].tolist(), strict=True))
    customers = {}
    for number, out in taken.items():
        customers.setdefault(number // 3, set()).add(out)
    assert all(len(found) == 1 for found in customers.values())
    assert 0.14 < np.mean(list(taken.values())) < 0.26


def test_a_households_spacing_holds_through_redating(fresh, database, campaign):
    lines = [{"subscriber": n, "recorded_on": date(2026, 1, 1), "customer": str(n // 3)} for n in range(SIZE)]
    recorded(fresh, "subscribers", date(2026, 1, 1), lines)
    campaign = replace(campaign, household_contacts=2, device_stock=None, holdout=Holdout(0.05, 0.0))
    made_plan(fresh, database, campaign)
    redated(fresh, database, campaign, campaign.first + timedelta(days=6))
    by_household = {}
    for row in planned(fresh, database, campaign):
        if row["day"] is not None:
            by_household.setdefault(row["subscriber"] // 3, []).append(row["day"])
    several = [sorted(days) for days in by_household.values() if len(days) > 1]
    assert several
    assert all((b - a).days >= campaign.spacing_days for days in several for a, b in pairwise(days))


def test_households_are_the_customers_of_the_records(fresh, database, campaign):
    lines = [
        {"subscriber": n, "recorded_on": date(2026, 1, 1), "customer": str(n // 2)} for n in range(0, SIZE, 3)
    ]
    recorded(fresh, "subscribers", date(2026, 1, 1), lines)
    campaign = replace(campaign, household_contacts=1, device_stock=None)
    _, offers = offers_of(campaign, Path())
    found = gather(fresh, database, campaign, offers, open_wide(fresh, AS_OF), Silent()).base
    assert all(
        h == n // 2 if n % 3 == 0 else h == -1 for n, h in zip(found.subscriber, found.household, strict=True)
    )
    assert told_of_household(fresh, database, campaign, offers) == []


def told_of_household(warehouse, database, campaign, offers):
    made = made_plan(warehouse, database, campaign, offers)
    return [line for line in left_out(made.proposal, made.gathered) if "household" in str(line)]


def test_it_is_said_where_households_are_asked_for_and_the_records_know_none(fresh, database, campaign):
    campaign = replace(campaign, household_contacts=1)
    _, offers = offers_of(campaign, Path())
    assert len(told_of_household(fresh, database, campaign, offers)) == 1


def test_every_contact_with_a_day_has_a_minute_outside_quiet_hours(fresh, plan):
    _, rows = plan
    calls = [row["minute"] for row in rows if row["channel"] == "outbound_call"]
    assert calls
    assert all(9 * 60 <= minute < 20 * 60 for minute in calls)


def scorer(session, campaign, despite=None):
    return scorer_of(session.warehouse, session.settings.models, session.database, campaign, AS_OF, despite)


def saved_again(session, **more):
    """Another version of the model with a card that says something else."""
    learnt = load(session.settings.models, session.database, "contract_phone")
    again = replace(learnt, name="contract_phone", card=replace(learnt.card, **more))
    return save(again, session.settings.models, session.database)


def test_window_and_product_are_those_of_the_version_behind_the_scores(session, campaign, tmp_path):
    assert scorer(session, campaign).window_days == 30
    made = saved_again(session, offered=Target("tablet", 60))
    assert scorer(session, campaign).window_days == 30
    with scored_by_version(session, made.version):
        assert scorer(session, campaign).window_days == 60
        assert scorer(session, campaign).products == ("tablet",)
    assert scorer(session, campaign).window_days == 30


@contextmanager
def scored_by_version(session, version):
    """The same scores, as if that version had made them."""
    table, warehouse = "scores.contract_phone", session.warehouse
    rows = warehouse.engine.fetch(warehouse.read(table, SCORES))
    put(warehouse, table, rows, f"contract_phone/{version}")
    try:
        yield
    finally:
        put(warehouse, table, rows, "contract_phone/1")


@drawn
def test_a_plan_by_a_model_not_to_be_used_is_refused_without_a_reason_and_says_so_with_one(session, tmp_path):
    weak = Estimate(value=0.52, low=0.48, high=0.56, n=900, method="test")
    card = load(session.settings.models, session.database, "contract_phone").card
    ranking = replace(card.validation.refreshed, auc=weak)
    made = saved_again(session, validation=replace(card.validation, refreshed=ranking))
    page, document = tmp_path / "plan.html", tmp_path / "plan.json"
    call = ["make", "reference", "--as-of", AS_OF, "--out", page, "--document", document]
    with scored_by_version(session, made.version):
        with pytest.raises(ModelNotToBeUsed, match=r"AUC 0\.52"):
            run(session, *call)
        assert not document.exists()
        with pytest.raises(NoReasonGiven):
            run(session, *call, "--despite-verdict", " ")
        said = run(session, *call, "--despite-verdict", "a pilot of 500 calls")
    assert "a pilot of 500 calls" in said
    assert "a pilot of 500 calls" in page.read_text(encoding="utf-8")
    content = json.loads(document.read_text())
    assert content["verdict"]["despite"] == "a pilot of 500 calls"
    assert verdict_read(content).stops
    assert "0.52" in str(verdict_read(content).why)


def test_the_universal_control_is_a_setting_between_nothing_and_everybody():
    assert load_settings({}).universal_control == 0.01
    assert load_settings({"TELEWAVE_UNIVERSAL_CONTROL": "0.03"}).universal_control == 0.03
    for wrong in ("1", "-0.1", "much"):
        with pytest.raises(UnreadableSetting, match="TELEWAVE_UNIVERSAL_CONTROL"):
            load_settings({"TELEWAVE_UNIVERSAL_CONTROL": wrong})


def test_a_plan_leaves_the_universal_control_of_the_installation_alone(session):
    settings = replace(session.settings, universal_control=0.2)
    run(replace(session, settings=settings), "make", "reference", "--as-of", AS_OF)
    control = control_of(session.warehouse, latest_plan(session.database, "handset", AS_OF)).to_pandas()
    assert abs((control["control"] == "universal").sum() / SIZE - 0.2) < 0.03
