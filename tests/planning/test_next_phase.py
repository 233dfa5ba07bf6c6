"""Phase 2 planned on phase 1's results: what was done stays, who fell out stays away, amounts are what is left, and effects are what was learnt."""

import json
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from tests.json_answers import untyped, well_formed
from tests.planning.planned import AS_OF, NOW, SIZE, called, key, made_plan, recorded, run
from typer.testing import CliRunner

from telewave.allocation.model import NOTHING
from telewave.briefs.assortment import offers_of
from telewave.briefs.model import BELIEVED, Budget, Holdout, OrdersCaused
from telewave.campaign_group import register
from telewave.contacts.told_by_ledger import told_by_ledger
from telewave.features.usecases import WIDE, open_wide
from telewave.features.wide import WIDE_SCHEMA
from telewave.funnel.model import Question
from telewave.funnel.store import FUNNELS
from telewave.funnel.usecases import learn
from telewave.kernel import Money
from telewave.models.usecases import SCORES
from telewave.planning.next_phase import FunnelOlder, plan_next
from telewave.planning.next_rules import LedgerTold, LeftOut, NoPhaseBegun, NoPhaseToCome, what_is_left
from telewave.planning.plans import contacts_of, control_of, enter_states, latest_plan
from telewave.planning.room import fitting
from telewave.planning.scorer import Scorer
from telewave.planning.usecases import learnt
from telewave.platform.clock import Clock
from telewave.platform.progress import Silent

SECOND = date(2026, 8, 1)
NOBODY = np.zeros(0, np.int64)
NOTHING_TOLD = LedgerTold(
    out=pa.table({"subscriber": pa.array([], pa.int64()), "touch": pa.array([], pa.int64()), "day": pa.array([], pa.date32())}),
    objected={}, ordered=NOBODY, refused=NOBODY, resting={},
)  # fmt: skip


def out(rows):
    return pa.table(
        {
            "subscriber": pa.array([row["subscriber"] for row in rows], pa.int64()),
            "touch": pa.array([row["touch"] for row in rows], pa.int64()),
            "day": pa.array([row["day"] for row in rows], pa.date32()),
        }
    )


def a_month_later(warehouse):
    """Everybody is a month on as he was."""
    tables = (
        (WIDE, WIDE_SCHEMA, "2026-07-01T00:00:00+00:00"),
        ("scores.contract_phone", SCORES, "contract_phone/1"),
    )
    for table, schema, origin in tables:
        rows = warehouse.engine.fetch(warehouse.read(table, schema, AS_OF.isoformat().__eq__))
        with warehouse.change(table) as change:
            file = change.new_file(SECOND.isoformat())
            pq.write_table(rows.select(schema.names).cast(schema), file)
            change.set(SECOND.isoformat(), {file: origin})


def next_of(warehouse, database, campaign, ledger=NOTHING_TOLD, home=Path(), day=SECOND):
    offers = offers_of(campaign, Path())[1]
    wide, scorer = open_wide(warehouse, day), Scorer(products=("handset",))
    return plan_next(
        warehouse, database, home, campaign, offers, wide, ledger, Silent(), now=NOW, scorer=scorer
    )


@given(st.data())
def test_nobody_keeps_more_contacts_than_are_left_and_the_most_valuable_stay(data):
    people = data.draw(st.integers(1, 12))
    draw = np.random.default_rng(data.draw(st.integers(0, 99)))
    values = draw.normal(size=(people, 4)).astype(np.float32)
    choice = np.stack([draw.permutation(4)[:2] for _ in range(people)]).astype(np.int16)
    choice[draw.random(choice.shape) < 0.3] = NOTHING
    household = draw.integers(-1, 4, people)
    room = draw.integers(0, 4, 5)
    kept = fitting(choice, values, household, room[household])
    for whose in range(4):
        mine = household == whose
        worth, stays = (
            sorted(values[row, option] for row in np.flatnonzero(mine) for option in some[row] if option >= 0)
            for some in (choice, kept)
        )
        assert stays == worth[len(worth) - min(len(worth), room[whose]) :]


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_was_done_is_kept_and_never_done_again_whatever_became_of_it(fresh, database, plan, seed):
    campaign, rows = plan
    a_month_later(fresh)
    draw = np.random.default_rng(seed)
    first = [row for row in rows if row["phase"] == "phase-1"]
    fate = draw.choice(["recorded", "in the ledger", "missed"], len(first))
    on_record, told, missed = ([row for row, one in zip(first, fate, strict=True) if one == what]
                               for what in ("recorded", "in the ledger", "missed"))  # fmt: skip
    by_day = {}
    for row in on_record:
        by_day.setdefault(row["day"], []).append(
            called(row, row["day"], offer=row["offer"], disposition="no_answer")
        )
    for day, some in by_day.items():
        recorded(fresh, "contacts", day, some)
    everybody = np.arange(SIZE)
    ordered, refused, silent, resting = (draw.choice(everybody, SIZE // 20, replace=False) for _ in range(4))
    recorded(
        fresh, "orders", date(2026, 7, 20), [{"subscriber": int(n), "offer": "handset"} for n in ordered]
    )
    ledger = replace(
        NOTHING_TOLD, out=out(told), refused=refused, objected={"*": silent}, resting={"phase-2": resting}
    )
    parent = latest_plan(database, campaign.id, AS_OF)
    found = next_of(fresh, database, campaign, ledger)
    after = contacts_of(fresh, found.plan).to_pylist()
    by_key = {key(row): row for row in after}
    assert len(by_key) == len(after)
    done = {key(row): row["day"] for row in (*on_record, *told)}
    assert {k: row["day"] for k, row in by_key.items() if row["state"] == "done"} == done
    assert all(by_key[key(row)]["day"] is None for row in missed)
    assert (found.made, found.unrecorded) == (len(done), len(told))
    new = [row for row in after if key(row) not in {key(row) for row in first}]
    assert {row["phase"] for row in new} == {"phase-2"}
    away = {*ordered.tolist(), *refused.tolist(), *silent.tolist(), *resting.tolist()}
    held = set(control_of(fresh, parent)["subscriber"].to_pylist())
    assert not {row["subscriber"] for row in new} & (away | held)
    assert control_of(fresh, found.plan).equals(control_of(fresh, parent))
    per_person = {}
    for row in after:
        if row["day"] is not None and row["state"] != "ordered":
            per_person.setdefault(row["subscriber"], []).append((row["day"], row["offer"]))
    assert max(map(len, per_person.values())) <= campaign.most_contacts
    for touches in per_person.values():
        assert len({offer for _, offer in touches}) == len(touches)
        days = sorted(day for day, _ in touches)
        assert all((b - a).days >= campaign.spacing_days for a, b in pairwise(days))
    assert {LeftOut.ORDERED, LeftOut.REFUSED, LeftOut.OBJECTED, LeftOut.RESTING} <= set(found.left_out)
    assert found.plan.parent == parent.hash
    assert (found.plan.as_of, found.plan.content["done"]) == (AS_OF, len(done))
    again = next_of(fresh, database, campaign, ledger)
    assert again.parent.hash == found.plan.hash
    assert contacts_of(fresh, again.plan).equals(contacts_of(fresh, found.plan))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_contact_made_ahead_of_its_phase_stays_and_an_objection_to_one_channel_closes_that(
    fresh, database, plan
):
    campaign, rows = plan
    a_month_later(fresh)
    ahead = next(row for row in rows if row["phase"] == "phase-2")
    recorded(
        fresh,
        "contacts",
        date(2026, 7, 30),
        [called(ahead, date(2026, 7, 30), offer=ahead["offer"], disposition="no_answer")],
    )
    found = next_of(fresh, database, campaign, replace(NOTHING_TOLD, objected={"sms": np.arange(0, SIZE, 2)}))
    after = {key(row): row for row in contacts_of(fresh, found.plan).to_pylist()}
    assert (after[key(ahead)]["day"], after[key(ahead)]["state"]) == (date(2026, 7, 30), "done")
    texted = [row for row in after.values() if row["phase"] == "phase-2" and row["channel"] == "sms"]
    assert texted
    assert all(row["subscriber"] % 2 for row in texted if row["state"] == "planned")


def test_amounts_are_what_the_phases_that_have_begun_leave(campaign):
    brief = replace(campaign, budget=Budget(Money(100_00), {}, {"sms": Money(5_00)}), device_stock=40)
    left = what_is_left(brief, {"sms": 2_00, "outbound_call": 99_00}, {"one": 3, "two": 4}, [])
    assert left.budget == Budget(Money(0), {}, {"sms": Money(3_00)})
    assert left.device_stock == 33


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_phases_say_whether_there_is_anything_to_plan(fresh, database, plan):
    campaign, _ = plan
    with pytest.raises(NoPhaseBegun, match="plan make"):
        next_of(fresh, database, campaign, day=AS_OF)
    over = replace(campaign, phases=campaign.phases[:1], last=campaign.phases[0].days.last)
    a_month_later(fresh)
    with pytest.raises(NoPhaseToCome, match="plan redate"):
        next_of(fresh, database, over)


def learning(campaign):
    """The campaign with what calls do left to its funnel, and agents for many of them."""
    believed = OrdersCaused(core=0.04, normal=0.02, basic=0.01, rests_on=BELIEVED)
    channels = tuple(
        replace(one, effect=believed, cost=Money(1_70), calendar=replace(one.calendar, daily_capacity=10))
        if one.id == "outbound_call"
        else one
        for one in campaign.channels
    )
    return replace(
        campaign, channels=channels, funnel="spring", device_stock=None, holdout=Holdout(0.05, 0.0)
    )


def calls(waves):
    return sum(one.contacts for one in waves if one.channel == "outbound_call")


def phase_one(warehouse, rows, share, draw):
    """Every call of phase 1 on record: half are reached, and `share` of these order."""
    by_day = {}
    for row in rows:
        if row["phase"] == "phase-1" and row["channel"] == "outbound_call" and row["day"] is not None:
            by_day.setdefault(row["day"], []).append(row)
    for day, some in by_day.items():
        reached = draw.random(len(some)) < 0.5
        won = reached & (draw.random(len(some)) < share)
        how = np.where(won, "ordered", np.where(reached, "refused", "no_answer"))
        contacts = [
            called(row, day, offer=row["offer"], disposition=str(one), reached=bool(got))
            for row, one, got in zip(some, how, reached, strict=True)
        ]
        recorded(warehouse, "contacts", day, contacts)
        bought = [{"subscriber": row["subscriber"], "offer": row["offer"]}
                  for row, yes in zip(some, won, strict=True) if yes]  # fmt: skip
        if bought:
            recorded(warehouse, "orders", day, bought)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_phase_two_calls_less_where_phase_ones_calls_did_nothing_and_more_where_they_won(
    fresh, database, campaign, tmp_path
):
    """Outcomes of phase 1 are simulated: of those reached nobody orders, or nine in ten do."""
    brief = learning(campaign)
    made = made_plan(fresh, database, brief).plan
    rows = contacts_of(fresh, made).to_pylist()
    with database.transaction() as connection:
        enter_states(connection, {made.hash: "launched"})
    a_month_later(fresh)
    found, clock = {}, Clock("UTC", lambda: NOW)
    asked = Question(since=AS_OF, as_of=AS_OF + timedelta(days=6), days=3, model="contract_phone")
    for share in (0.0, 0.9):
        home = tmp_path / str(share)
        phase_one(fresh, rows, share, np.random.default_rng(1))
        FUNNELS.save(home, "spring", learn(fresh, asked, "spring"), clock)
        with pytest.raises(
            FunnelOlder, match=r"funnel learn --name spring --as-of 2026-08-01 --since 2026-07-01"
        ):
            next_of(fresh, database, learnt(home, brief), home=home)
        FUNNELS.save(home, "spring", learn(fresh, replace(asked, as_of=SECOND), "spring"), clock)
        found[share] = next_of(fresh, database, learnt(home, brief), home=home)
    nothing, many = found[0.0], found[0.9]
    assert calls(nothing.now) < calls(nothing.before) == calls(many.before) < calls(many.now)
    assert nothing.made == many.made > 100
    core = {
        share: next(one for one in told.moved if (one.channel, one.group) == ("outbound_call", "core"))
        for share, told in found.items()
    }
    assert core[0.0].now < core[0.0].before == 0.04 < core[0.9].now


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_command_says_what_changed_and_writes_what_is_to_be_approved(session, fresh, database, tmp_path):
    """In both languages."""
    home = session.open_home()
    session.open_home = lambda: replace(home, warehouse=fresh)
    a_month_later(fresh)
    app = typer.Typer()
    register(app)
    run(session, "make", "reference", "--as-of", AS_OF)
    document = tmp_path / "next.json"
    session.collect()
    done = CliRunner().invoke(
        app,
        ["campaign", "next", "reference", "--as-of", str(SECOND), "--document", str(document)],
        obj=session,
    )
    if done.exception:
        raise done.exception
    answer = json.loads(session.answer.text())
    assert well_formed(answer)
    assert untyped(answer) == []
    assert answer["tables"][0]["rows"]
    assert json.loads(document.read_text())["planned_next"]["phases"] == ["phase-2"]


def test_the_ledger_tells_nothing_of_a_campaign_that_it_does_not_know(fresh, database):
    told = told_by_ledger(fresh, database, "handset", {"phase-2": SECOND})
    assert (len(told.out), told.objected, len(told.resting["phase-2"])) == (0, {}, 0)
