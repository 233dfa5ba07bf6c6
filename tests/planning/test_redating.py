"""Days later: what was done stays, what fell away keeps its state, and the rest gets another day."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest
from tests.planning.planned import AS_OF, SIZE, called, key, made_plan, planned, recorded, redated, told_of

from telewave.briefs.model import Holdout
from telewave.planning.explanation import Reason
from telewave.planning.plan_rows import PlanOfOtherChannels
from telewave.planning.plans import (
    contacts_of,
    control_of,
    enter_states,
    latest_plan,
)
from telewave.scheduling.carried_out import LetGo


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


def test_what_was_let_go_stays_on_its_day_without_a_record_and_only_the_rest_moves(fresh, database, plan):
    campaign, rows = plan
    today = campaign.first + timedelta(days=3)
    early = [row for row in rows if row["day"] < today]
    out, held_back = early[::2], early[1::2]
    columns = zip(*((row["subscriber"], row["touch"], row["day"].toordinal()) for row in out), strict=True)
    let_go = LetGo(*(np.array(one, np.int64) for one in columns))
    told, after = redated(fresh, database, campaign, today, let_go=let_go)
    assert told.done == len(out) > 0
    assert all(after[key(row)]["day"] == row["day"] for row in out)
    assert all(after[key(row)]["day"] is None or after[key(row)]["day"] >= today for row in held_back)


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
