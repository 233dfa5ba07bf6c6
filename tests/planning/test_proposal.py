"""What a proposal promises: no capacity, stock, consent or control group is ever broken, and it says why."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.planning.city import drawn_city

from telewave.audiences.language import parse_rule
from telewave.kernel import Label, Money
from telewave.offers.catalogue_file import reference_case
from telewave.offers.curves import margins
from telewave.planning.campaign import (
    Budget,
    Choice,
    Holdout,
    LeverTooStrong,
    Minimum,
    NoChannelSells,
    TwoCurrencies,
    scaled,
)
from telewave.planning.campaign_file import load_campaign
from telewave.planning.explanation import NotInTheBase, Reason, explain
from telewave.planning.forecast import Outcome
from telewave.planning.options import ON_THE_BASE, chances, options_of, organic_probability, values
from telewave.planning.proposal import NobodyToContact, propose
from telewave.planning.spacing import NO_DAY
from telewave.planning.summary import summarised
from telewave.planning.usecases import Gathered, contacts_table, control_table, fingerprint
from telewave.planning.volumes import WINDOW_DAYS, volumes
from telewave.platform.languages import render

OFFERS = reference_case().offers
SIZE = 4_000


@cache
def campaign(size=SIZE):
    return scaled(load_campaign(Path("reference")), size / 1_000_000)


@cache
def city(seed=1):
    return drawn_city(SIZE, seed, campaign(), take_up=0.03)


def proposed(change=lambda c: c, seed=1, **more):
    made = change(campaign())
    return propose(made, OFFERS, city(seed).base, group=city(seed).group, **more)


def loads(made):
    """Use of every limit by the contacts that were decided, explored ones included."""
    counts = made.problem.use[:, made.problem.classes[made.row], made.option]
    return counts.sum(1)


budgets = st.one_of(st.none(), st.integers(0, 3_000))


@settings(max_examples=25, deadline=None)
@given(
    share=st.floats(0.05, 3),
    budget=budgets,
    stock=st.one_of(st.none(), st.integers(0, 40)),
    most=st.integers(1, 2),
    explored=st.sampled_from([0.0, 0.05, 0.3]),
    held=st.sampled_from([0.0, 0.05, 0.2]),
    seed=st.integers(1, 3),
)
def test_no_plan_breaks_a_capacity_a_stock_a_consent_or_a_control_group(
    share, budget, stock, most, explored, held, seed
):
    def change(c):
        c = scaled(c, share)
        total = None if budget is None else Money(budget * 100)
        return replace(
            c,
            budget=Budget(total),
            device_stock=stock,
            most_contacts=most,
            holdout=Holdout(held / 4, held, explored),
        )

    made = proposed(change, seed)
    assert np.all(loads(made) <= made.problem.amounts + 1e-6)
    base, options = made.base, made.options
    assert base.open_offers[made.row, options.offer_codes[made.option]].all()
    assert base.reachable[made.row, options.channel_codes[made.option]].all()
    assert base.addressed[made.row, options.phase_codes[made.option]].all()
    alone = set(made.everybody[made.universal | made.held].tolist())
    assert alone.isdisjoint(base.subscriber[made.row].tolist())
    table, day = made.campaign.timetable, made.dated.day.astype(int)
    dated = day != NO_DAY
    used = np.zeros(table.capacity.shape, int)
    np.add.at(used, (made.contacts.channel[dated], day[dated] - table.first.toordinal()), 1)
    assert np.all(used <= table.capacity)


def test_the_same_campaign_gives_the_same_plan_to_the_byte():
    first, second = proposed(), proposed()
    assert fingerprint(contacts_table(first)) == fingerprint(contacts_table(second))
    assert fingerprint(control_table(first)) == fingerprint(control_table(second))


def test_the_plan_is_expected_to_earn_more_than_the_matrix_and_the_matrix_more_than_blanket_contact():
    ways = proposed().ways
    assert ways.plan.profit > ways.matrix.profit > ways.blanket.profit


def test_values_are_what_the_formula_says_for_one_subscriber_worked_out_step_by_step():
    made = campaign()
    base, options = city().base, options_of(made, OFFERS)
    chance = chances(base, made, OFFERS)
    found = values(base, made, options, chance)
    i = int(np.flatnonzero(np.isfinite(found).any(1))[7])
    j = int(np.flatnonzero(np.isfinite(found[i]))[0])
    option = options.options[j]
    offer, channel = OFFERS[option.offer], made.channels[option.channel]
    p = chance.organic[i]
    odds = p / (1 - p) * channel.effect.odds_ratio
    gain = odds / (1 + odds) - p
    margin = int(margins(offer, base.fee_minor[i : i + 1], sale=ON_THE_BASE)[0]) / 100
    cost = float(channel.cost.major) + float(made.choice.fatigue.major)
    assert found[i, j] == pytest.approx(gain * chance.taste[i, option.offer] * margin - cost, rel=1e-4)


@given(st.lists(st.floats(1e-6, 0.9), min_size=2, max_size=50), st.floats(0.05, 0.99))
def test_organic_take_up_is_the_given_share_of_all_and_keeps_the_order(probability, share):
    p = np.array(probability)
    organic = organic_probability(p, share)
    assert organic.mean() == pytest.approx(share * p.mean(), rel=1e-6)
    assert np.all(organic <= p)
    assert np.all(np.diff(organic[np.argsort(p)]) >= -1e-12)


def test_a_lever_lifts_its_offer():
    usual = proposed()
    rows = np.bincount(usual.options.offer_codes[usual.option], minlength=len(OFFERS))
    other = OFFERS[int(np.argsort(-rows)[1])].id

    def change(c):
        return replace(c, choice=replace(c.choice, levers={other: 2.0}))

    lifted = proposed(change)
    again = np.bincount(lifted.options.offer_codes[lifted.option], minlength=len(OFFERS))
    number = [offer.id for offer in OFFERS].index(other)
    assert again[number] >= rows[number]
    with pytest.raises(LeverTooStrong):
        Choice(2, 0.8, Money(0), {"x": 2.5})


def test_a_minimum_for_an_audience_is_met():
    few = np.zeros(SIZE, bool)
    few[np.argsort(city().base.probability)[:800]] = True
    minimum = Minimum(Label("village", "村"), parse_rule("age > 1"), 60)
    made = proposed(lambda c: replace(c, minimums=(minimum,)), members=[few])
    counted = few[np.searchsorted(made.everybody, made.base.subscriber[made.row])]
    assert counted.sum() >= 60


def test_every_subscriber_has_a_reason():
    made = proposed()
    found = {n: explain(made, int(n)) for n in made.everybody[:600]}
    reasons = {one.reason for one in found.values()}
    assert {Reason.CHOSEN, Reason.HELD_OUT} <= reasons
    contacted = set(made.base.subscriber[made.row].tolist())
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
        explain(made, 10**9)


def test_the_summary_adds_up():
    made = proposed()
    told = summarised(made, Gathered(city().base, (), city().group, 0), 0.05)
    assert sum(row.contacts for row in told.uses) == told.contacts == len(made.row)
    assert sum(row.contacts for row in told.offers) == told.contacts
    assert sum(sum(row.contacts) for row in told.groups) == told.contacts
    assert sum(map(sum, told.by_day)) == told.contacts - told.undated
    assert sum(row.cost.minor for row in told.uses) == told.cost.minor
    assert abs(sum(row.profit.minor for row in told.uses) - told.profit.minor) <= len(told.uses)


def test_explored_contacts_carry_their_exact_probability():
    made = proposed(lambda c: replace(c, holdout=Holdout(0, 0, 0.3)))
    rows = contacts_table(made)
    chance = np.array(rows["by_chance"].to_pylist())
    propensity = np.array(rows["propensity"].to_pylist())
    assert 0 < chance.mean() < 0.4
    assert np.all((propensity > 0) & (propensity <= 1))
    assert np.all(propensity[~chance] >= 0.7)


@pytest.mark.parametrize(
    ("what", "words"),
    [("addressed", "no phase's audience"), ("open_offers", "no offer"), ("reachable", "no channel")],
)
def test_a_campaign_that_can_contact_nobody_is_refused_with_the_reason(what, words):
    base = replace(city().base, **{what: np.zeros_like(getattr(city().base, what))})
    with pytest.raises(NobodyToContact, match=words):
        propose(campaign(), OFFERS, base)


def test_offers_that_no_channel_sells_or_in_another_currency_are_refused():
    calls_only = replace(campaign(), channels=campaign().channels[:1])
    with pytest.raises(NoChannelSells, match="third_party_shop"):
        options_of(calls_only, OFFERS)
    with pytest.raises(TwoCurrencies, match="USD"):
        options_of(replace(campaign(), currency="USD"), OFFERS)


def aiming_at(least):
    return lambda c: replace(c, phases=tuple(replace(phase, goal=(least, least)) for phase in c.phases))


def test_of_a_goal_that_is_missed_it_is_said_what_stands_in_the_way():
    organic = volumes(proposed(), 0.1)[0].forecast.organic.value
    near, far = aiming_at(round(organic) + 2), aiming_at(5_000)
    tight = volumes(proposed(lambda c: replace(near(c), budget=Budget(Money(50_00)))), 0.1)[0]
    assert tight.check.outcome is Outcome.MISSED
    assert "Budget in all" in render(tight.hindrance, "en")
    assert "Out of reach" in render(volumes(proposed(far), 0.1)[0].hindrance, "en")
    roomy = proposed(lambda c: replace(near(scaled(c, 100)), budget=Budget(), device_stock=None))
    told = volumes(roomy, 0.1)[0]
    assert told.hindrance is None or "further contacts would cost more" in render(told.hindrance, "en")


def test_takers_of_a_phase_are_the_organic_ones_of_its_days_and_those_that_contacts_bring():
    made = proposed()
    first, second = volumes(made, 0.0)
    assert first.forecast.organic.value == pytest.approx(made.organic[0] * 31 / WINDOW_DAYS, rel=0.02)
    code = made.options.channel_codes[made.option], made.options.offer_codes[made.option]
    gained = (made.chance.gain[made.row, code[0]] * made.chance.taste[made.row, code[1]]).sum()
    by_contact = first.forecast.by_contact.value + second.forecast.by_contact.value
    assert 0.7 * gained < by_contact <= gained * 1.01  # some respond after the last day


def told(made):
    return summarised(made, Gathered(city().base, (), city().group, 0), 0.05)


def test_it_is_said_whether_the_holdout_can_show_the_expected_effect():
    none = told(proposed(lambda c: replace(c, holdout=Holdout(0, 0, 0))))
    assert "cannot be measured" in render(none.measurable, "en")
    few = told(proposed(lambda c: replace(c, holdout=Holdout(0, 0.002, 0))))
    assert "too small" in render(few.measurable, "en")
    some = told(proposed(lambda c: replace(c, holdout=Holdout(0, 0.4, 0))))
    assert "Hold out more" in render(some.measurable, "en")


def test_offers_that_nobody_may_have_are_named():
    none = city().base.open_offers.copy()
    none[:, 0] = False
    made = propose(campaign(), OFFERS, replace(city().base, open_offers=none), group=city().group)
    assert OFFERS[0].name in told(made).idle
