"""A plan from the warehouse and back: what is kept is what was decided, and nothing touches it afterwards."""

import json
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.planning.planned import AS_OF, made_plan, planned

from telewave.briefs.assortment import OfferNotInCatalogue, offers_of
from telewave.features.usecases import open_wide
from telewave.models.usecases import NotScored
from telewave.planning.gathering import gather
from telewave.planning.plans import (
    NoSuchPlan,
    NotPlanned,
    PlanChanged,
    PlanHashTooShort,
    contacts_of,
    control_of,
    plan_called,
    plans_of,
)
from telewave.platform.progress import Silent


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


def test_every_contact_with_a_day_has_a_minute_outside_quiet_hours(fresh, plan):
    _, rows = plan
    calls = [row["minute"] for row in rows if row["channel"] == "outbound_call"]
    assert calls
    assert all(9 * 60 <= minute < 20 * 60 for minute in calls)
