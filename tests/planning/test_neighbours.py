"""What a plan owes others: holdouts that stay, campaigns that run, lines of one customer."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from tests.planning.planned import AS_OF, SIZE, made_plan, planned, put, recorded

from telewave.briefs.assortment import offers_of
from telewave.briefs.model import Holdout
from telewave.features.usecases import open_wide
from telewave.models.usecases import SCORES
from telewave.planning.caveats import left_out
from telewave.planning.gathering import gather
from telewave.planning.plans import (
    control_of,
    enter_states,
    latest_plan,
)
from telewave.planning.usecases import (
    DRAWN,
    HoldoutDrawn,
)
from telewave.platform.progress import Silent


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
