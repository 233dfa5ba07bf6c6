"""The target groups' plan says of contacts what the campaign's own plan says of them."""

from dataclasses import replace

import numpy as np
import pytest
from tests.planning.test_proposal import OFFERS, campaign, city

from telewave.kernel import Money
from telewave.planning.options import chances, options_of, values
from telewave.planning.target_groups import MatrixOutOfOrder, NoMatrix, NothingToEarn, group_plan
from telewave.targeting.groups import grouping
from telewave.targeting.plan import Group, Unlimited
from telewave.targeting.plan_file import parse_plan, plan_text


def made(change=lambda c: c):
    return group_plan(change(campaign()), OFFERS, city().base)


def best_by_channel(channel):
    """What the best offer of everybody through a channel causes in all, in takers and in money before costs, by the plan's own values."""
    brief, base = campaign(), city().base
    options = options_of(brief, OFFERS)
    chance, number = chances(base, brief, options), [one.id for one in brief.channels].index(channel)
    use = brief.channels[number]
    spent = float((use.cost + brief.choice.fatigue).major)
    everyone = replace(base, reachable=np.ones_like(base.reachable), addressed=np.ones_like(base.addressed))
    worth = values(everyone, brief, options, chance)
    mine = [j for j, one in enumerate(options.options) if one.channel == number and one.phase == 0]
    takers = money = 0.0
    for row in range(len(base.subscriber)):
        at = [j for j in mine if np.isfinite(worth[row, j])]
        if not at:
            continue
        j = max(at, key=lambda k: worth[row, k])
        takers += float(chance.gained(options.options[j])[row])
        money += float(worth[row, j]) + spent
    return takers, money


def test_takers_and_profit_caused_are_those_of_the_campaigns_own_values():
    plan, base = made(), city().base
    takers, money = best_by_channel("outbound_call")
    p = base.probability.sum()
    assert (plan.core.response_factor - plan.alone) * p == pytest.approx(takers, rel=0.02)
    assert (plan.core.response_factor - plan.alone) * p * float(plan.margin.major) == pytest.approx(
        money, rel=0.02
    )
    takers, _ = best_by_channel(campaign().matrix[Group.NORMAL][0])
    assert (plan.normal.response_factor - plan.alone) * p == pytest.approx(takers, rel=0.02)


def test_costs_capacities_and_who_comes_by_himself_are_the_campaigns():
    plan, brief = made(), campaign()
    call = brief.channels[0]
    assert plan.alone == pytest.approx(brief.choice.organic_share, abs=2e-3)
    assert plan.core.cost == call.cost + brief.choice.fatigue
    assert plan.core.channels[0] == call.name
    assert plan.core.capacity.count == int(brief.timetable.capacity[0].sum())
    assert plan.basic.cost == Money(0)
    unlimited = replace(call, calendar=replace(call.calendar, daily_capacity=None))
    free = made(lambda c: replace(c, channels=(unlimited, *c.channels[1:])))
    assert free.core.capacity == Unlimited()


def test_a_matrix_that_does_not_say_or_says_it_the_wrong_way_round_is_told():
    with pytest.raises(NoMatrix, match="handset"):
        made(lambda c: replace(c, matrix={}))
    with pytest.raises(MatrixOutOfOrder, match="SMS"):
        made(lambda c: replace(c, matrix={Group.CORE: ("sms",), Group.NORMAL: ("hall",)}))


def test_a_plan_without_channels_for_basic_is_kept_and_read_back():
    plan = made(lambda c: replace(c, matrix={Group.CORE: ("outbound_call",), Group.NORMAL: ("sms",)}))
    assert parse_plan(plan_text(plan)) == plan
    assert parse_plan(plan_text(made())) == made()


def test_where_nothing_is_earned_it_is_said():
    closed = replace(city().base, open_offers=np.zeros_like(city().base.open_offers))
    with pytest.raises(NothingToEarn):
        group_plan(campaign(), OFFERS, closed)


def test_groups_of_the_plan_fill_the_channels_of_the_campaign():
    plan, base = made(), city().base
    found = grouping(base.subscriber, base.probability, plan)
    assert 0 < found.cutoffs[Group.CORE].size <= plan.core.capacity.count
