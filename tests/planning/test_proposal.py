"""What a proposal promises: no capacity, stock, consent or control group is ever broken, and it says why."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.planning.city import drawn_city
from tests.planning.odds import with_odds
from tests.proving import PROVING

from telewave.audiences.language import parse_rule
from telewave.briefs.campaign_file import load_campaign
from telewave.briefs.model import (
    Budget,
    Choice,
    Effect,
    Holdout,
    LeverTooStrong,
    Minimum,
    NoChannelSells,
    Pilot,
    TwoCurrencies,
    scaled,
)
from telewave.choice.displacement import gains
from telewave.experiments.holdout import UniversalControl
from telewave.forecasting.forecast import Outcome
from telewave.kernel import Label, Money
from telewave.offers.catalogue_file import reference_case
from telewave.offers.curves import margins
from telewave.offers.model import Quotas
from telewave.offers.promotions import Period as OfferPeriod
from telewave.planning.control_groups import DrawnHoldout, Surroundings
from telewave.planning.document import plan_rows
from telewave.planning.dominated import dominated
from telewave.planning.options import (
    ON_THE_BASE,
    Gathered,
    chances,
    options_of,
    organic_probability,
    values,
    values_at,
)
from telewave.planning.plan_tables import hashes_of
from telewave.planning.proposal import NobodyToContact, propose
from telewave.planning.scorer import Scorer
from telewave.planning.summary import summarised
from telewave.planning.volumes import volumes
from telewave.planning.wording import price_words
from telewave.platform.languages import render
from telewave.scheduling.spacing import NO_DAY, Touches

OFFERS = reference_case().offers
SIZE = 4_000
SCORER = Scorer(rate_error=0.05)


@cache
def campaign(size=SIZE):
    """The reference case's with its whole list of policies, and devices for the organic takers of `city` and some more."""
    whole = scaled(with_odds(load_campaign(Path("reference"))), size / 1_000_000)
    return replace(whole, device_stock=round(0.066 * size), propose_dominated=True)


@cache
def city(seed=1):
    return drawn_city(SIZE, seed, campaign(), take_up=0.03)


def proposed(change=None, seed=1, **more):
    """What is proposed of the campaign, changed; as it stands, worked out once for all who ask."""
    if change is None and not more:
        return usual_proposal(seed)
    made = change(campaign()) if change else campaign()
    return propose(made, OFFERS, city(seed).base, group=city(seed).group, **more)


@cache
def usual_proposal(seed):
    return propose(campaign(), OFFERS, city(seed).base, group=city(seed).group)


def told(made):
    return summarised(made, Gathered(city().base, (), city().group, 0), SCORER)


def loads(made):
    """Use of every limit by the contacts that were decided, explored ones included."""
    counts = made.problem.use[:, made.problem.classes[made.row], made.option]
    return counts.sum(1)


budgets = st.one_of(st.none(), st.integers(0, 3_000))


@settings(max_examples=25 if PROVING else 8)
@given(
    share=st.floats(0.05, 3),
    budget=budgets,
    stock=st.one_of(st.none(), st.integers(190, 240)),
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
            holdout=Holdout(held, explored),
        )

    made = proposed(change, seed)
    assert np.all(loads(made) <= made.problem.amounts + 1e-6)
    base, options = made.base, made.options
    pairs = np.stack([made.row, options.offer_codes[made.option]], 1)
    assert len(np.unique(pairs, axis=0)) == len(pairs)
    gained = made.chance.gained_at(options, made.row, made.option)
    for one in made.stocks:
        assert gained[one.counted[made.option]].sum() <= one.amount + 1e-6
    assert made.gap >= -1e-6
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


def alone(made):
    return Gathered(made.base, (), None, 0)


@settings(max_examples=6)
@given(seed=st.integers(1, 3), share=st.floats(0.3, 3))
def test_nobody_is_proposed_a_policy_that_another_open_one_beats_in_every_term(seed, share):
    made = proposed(lambda c: replace(scaled(c, share), propose_dominated=False), seed)
    fee, may = made.base.fee_minor, made.base.open_offers
    beaten = dominated(fee, may, OFFERS, made.campaign.first)
    assert beaten.any()
    assert not beaten[made.row, made.options.offer_codes[made.option]].any()


def test_a_campaign_that_says_so_proposes_beaten_policies_too():
    assert not load_campaign(Path("reference")).propose_dominated, "the reference case's does not"
    assert campaign().propose_dominated
    assert not proposed().chance.dominated.any()


def test_the_same_campaign_gives_the_same_plan_to_the_byte():
    first, second = proposed(), propose(campaign(), OFFERS, city().base, group=city().group)
    assert hashes_of(plan_rows(first, alone(first))) == hashes_of(plan_rows(second, alone(second)))


def test_the_plan_is_expected_to_earn_more_than_the_matrix_and_the_matrix_more_than_blanket_contact():
    ways = proposed().ways
    assert ways.plan.profit > ways.matrix.profit > ways.blanket.profit


def test_values_are_what_the_formula_says_for_one_subscriber_worked_out_step_by_step():
    made = campaign()
    base, options = city().base, options_of(made, OFFERS)
    chance = chances(base, made, options)
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
    taste, fee = chance.taste[0, i], base.fee_minor[i : i + 1]
    every = np.array([margins(one, fee, made.economics, ON_THE_BASE)[0] / 100 for one in OFFERS])
    with np.errstate(divide="ignore"):
        drawn = gains(np.log(taste)[None], taste[None] > 0, every[None], option.offer)[0]
    steered = p * gain / (1 - p) * (drawn if (taste > 0).sum() > 1 else 0)
    expected = gain * taste[option.offer] * margin + steered - cost
    assert found[i, j] == pytest.approx(expected, rel=1e-4)


@given(st.lists(st.floats(1e-6, 0.9), min_size=2, max_size=50), st.floats(0.05, 0.99))
def test_organic_take_up_is_the_given_share_of_all_and_keeps_the_order(probability, share):
    p = np.array(probability)
    organic = organic_probability(p, share)
    assert organic.mean() == pytest.approx(share * p.mean(), rel=1e-6)
    assert np.all(organic <= p)
    assert np.all(np.diff(organic[np.argsort(p)]) >= -1e-12)


@settings(max_examples=20, deadline=None)
@given(block=st.integers(1, SIZE + 1), seed=st.integers(1, 3))
def test_blocks_of_any_size_give_the_same_chances_and_values_to_the_bit(block, seed):
    base, brief = city(seed).base, campaign()
    base = base.rows(slice(0, 5 * block)) if block < 50 else base
    options = options_of(brief, OFFERS)
    whole = chances(base, brief, options, block=SIZE)
    parts = chances(base, brief, options, block=block)
    for name in ("organic", "gain", "taste"):
        assert np.array_equal(getattr(whole, name), getattr(parts, name))
    value = values(base, brief, options, whole, block=SIZE)
    assert np.array_equal(value, values(base, brief, options, parts, block=block))
    row, option = np.nonzero(np.isfinite(value))
    assert np.array_equal(value[row, option], values_at(base, brief, options, whole, row, option))


def with_levers(levers):
    return lambda c: replace(c, choice=replace(c.choice, levers=levers))


def test_levers_steer_the_choice_and_never_the_profit_that_is_told():
    usual, all_doubled = proposed(), proposed(with_levers({offer.id: 2.0 for offer in OFFERS}))
    assert all_doubled.profit.sum() <= usual.bound
    assert all_doubled.profit.sum() <= usual.profit.sum() * 1.01
    lifted = told(all_doubled)
    assert any("A lever of 2" in render(line, "en") for line in lifted.assumptions)
    assert any("Without levers" in render(line, "en") for line in lifted.assumptions)
    assert not any("lever" in render(line, "en") for line in told(usual).assumptions)


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
        Choice(price_elasticity=2, organic_share=0.8, fatigue=Money(0), levers={"x": 2.5})


def test_a_minimum_for_an_audience_is_met():
    few = np.zeros(SIZE, bool)
    few[np.argsort(city().base.probability)[:800]] = True
    minimum = Minimum(Label("village", "村"), parse_rule("age > 1"), 60)
    made = proposed(lambda c: replace(c, minimums=(minimum,)), members=[few])
    counted = few[np.searchsorted(made.everybody, made.base.subscriber[made.row])]
    assert counted.sum() >= 60


def test_the_summary_adds_up():
    made = proposed()
    told = summarised(made, Gathered(city().base, (), city().group, 0), SCORER)
    assert sum(row.contacts for row in told.uses) == told.contacts == len(made.row)
    assert sum(row.contacts for row in told.offers) == told.contacts
    assert sum(sum(row.contacts) for row in told.groups) == told.contacts
    assert sum(map(sum, told.by_day)) == told.contacts - told.undated
    assert sum(row.cost.minor for row in told.uses) == told.cost.minor
    assert abs(sum(row.profit.minor for row in told.uses) - told.profit.minor) <= len(told.uses)


def test_explored_contacts_carry_their_exact_probability():
    made = proposed(lambda c: replace(c, holdout=Holdout(0, 0.3)))
    rows = plan_rows(made, alone(made)).contacts
    chance = np.array(rows["by_chance"].to_pylist())
    propensity = np.array(rows["propensity"].to_pylist())
    assert 0 < chance.mean() < 0.4
    assert np.all((propensity > 0) & (propensity <= 1))
    assert np.all(propensity[~chance] >= 0.7)
    assert set(propensity[chance].tolist()) == {0.3}


def scarce(c):
    """A budget and a stock that bind, and two contacts a subscriber."""
    return replace(
        c,
        budget=Budget(Money(150_00)),
        device_stock=round(0.051 * SIZE),
        most_contacts=2,
        holdout=Holdout(0, 0.3),
    )


def test_exploring_goes_on_where_budget_and_stock_bind_and_a_minimum_is_asked_for():
    few = np.arange(SIZE) % 4 == 0
    minimum = Minimum(Label("village", "村"), parse_rule("age > 1"), 60)
    made = proposed(lambda c: replace(scarce(c), minimums=(minimum,)), members=[few])
    assert any(used.price > 0 for used in made.limits)
    plan = made.ways.plan.choice[:, 0]
    assert 3 < made.explored.by_chance.sum() == (made.explored.option != plan).sum()
    assert sum(used.used for used in made.limits if used.limit.least) >= 60


@pytest.mark.parametrize("draws", [2, pytest.param(60, marks=pytest.mark.prove)])
def test_over_many_draws_each_option_is_done_as_often_as_its_logged_probability_says(draws):
    some = city().base.rows(np.arange(600))
    terms = []
    for number in range(draws):
        made = propose(replace(scarce(campaign()), id=f"draw-{number}", most_contacts=1), OFFERS, some)
        taken = made.explored.possible
        mine = made.explored.option[taken] == made.ways.plan.choice[taken, 0]
        assert np.array_equal(mine, ~made.explored.by_chance[taken])
        terms += (mine / made.explored.propensity[taken]).tolist()
    terms = np.array(terms)
    assert len(terms) > 8 * draws
    assert abs(terms.mean() - 1) < 4 * terms.std() / np.sqrt(len(terms))


def test_where_nothing_can_be_explored_it_is_said_why():
    off = told(proposed(lambda c: replace(c, holdout=Holdout(0, 0))))
    assert "State a share" in render(off.explored, "en")
    one = replace(
        campaign(), channels=campaign().channels[3:4], phases=campaign().phases[1:], holdout=Holdout(0, 0.5)
    )
    number = next(n for n, offer in enumerate(OFFERS) if "hall" in offer.channels)
    base = replace(city().base, open_offers=city().base.open_offers[:, [number]])
    alone = propose(one, [OFFERS[number]], base)
    assert "no two like subscribers" in render(told(alone).explored, "en")
    some = told(proposed(lambda c: replace(c, holdout=Holdout(0, 0.3))))
    assert "with a probability of 30.0% each" in render(some.explored, "en")


def test_organic_takers_use_the_stock_first_whoever_is_contacted():
    roomy = proposed(lambda c: replace(c, device_stock=10**6))
    organic = roomy.stocks[0].whole - roomy.stocks[0].amount
    everybody = roomy.campaign.choice.organic_share * city().base.probability.sum() * 62 / 30
    assert organic == pytest.approx(everybody, rel=0.01)
    used_up = proposed(lambda c: replace(c, device_stock=round(organic) - 1))
    assert len(used_up.row) == 0
    few = proposed(lambda c: replace(c, device_stock=round(organic) + 3, most_contacts=2))
    used = next(one.used for one in few.limits if one.limit.name == few.stocks[0].name)
    assert used >= few.gained.sum() - 1e-9
    assert 1 < used <= few.stocks[0].amount <= 3.5


def test_a_daily_quota_of_an_offer_is_kept_in_each_phase():
    usual = proposed()
    most = int(np.argmax(np.bincount(usual.options.offer_codes[usual.option], minlength=len(OFFERS))))
    offers = [replace(o, quotas=Quotas(a_day=1)) if n == most else o for n, o in enumerate(OFFERS)]
    made = propose(campaign(), offers, city().base)
    assert [one.name.en.startswith("Daily quota of") for one in made.stocks[1:]] == [True, True]
    assert all(one.whole == 31 for one in made.stocks[1:])
    assert made.gained[made.options.offer_codes[made.option] == most].sum() <= sum(
        s.amount for s in made.stocks[1:]
    )


def test_an_offer_is_proposed_only_in_phases_on_all_days_of_which_it_is_on_sale():
    second = campaign().phases[1]
    ending = replace(OFFERS[0], valid=OfferPeriod(None, second.days.first))
    options = options_of(campaign(), [ending, *OFFERS[1:]])
    assert {o.phase for o in options.options if o.offer == 0} <= {0}
    assert {o.phase for o in options.options if o.offer == 1} == {0, 1}
    made = propose(campaign(), [ending, *OFFERS[1:]], city().base)
    assert any("on some of its days only" in render(line, "en") for line in told(made).left_out)


def test_the_universal_control_is_the_installations_and_the_holdout_is_drawn_among_the_others():
    around = Surroundings(universal=UniversalControl(0.2))
    made = proposed(lambda c: replace(c, holdout=Holdout(0.1, 0)), surroundings=around)
    members = around.universal.members(made.everybody, made.campaign.first, made.campaign.last)
    assert np.array_equal(made.universal, members)
    assert made.held.sum() == round(0.1 * (~members).sum())


def test_a_holdout_that_was_drawn_stays_when_scores_drift_and_new_subscribers_are_drawn_too():
    first = proposed(lambda c: replace(c, holdout=Holdout(0.1, 0)))
    known = first.everybody[:3_000]
    drawn = DrawnHoldout(0.1, known, first.everybody[first.held & (first.everybody < 3_000)])
    base = replace(city().base, probability=city().base.probability[::-1].copy())
    again = propose(
        replace(campaign(), holdout=Holdout(0.1, 0)), OFFERS, base, surroundings=Surroundings(drawn=drawn)
    )
    assert set(again.everybody[again.held & (again.everybody < 3_000)]) == set(drawn.held)
    assert 50 < again.held[3_000:].sum() < 150


def test_an_automatic_holdout_is_as_large_as_the_expected_effect_needs():
    made = proposed(
        lambda c: replace(scaled(c, 20), budget=Budget(), device_stock=None, holdout=Holdout(None, 0))
    )
    share = made.campaign.holdout.campaign
    assert 0.01 <= share <= 0.2
    assert made.held.sum() == round(share * (~made.universal).sum())


def test_contacts_of_a_household_are_limited():
    base = replace(city().base, household=np.where(np.arange(SIZE) % 5 == 0, -1, np.arange(SIZE) // 3))
    made = propose(replace(campaign(), household_contacts=1), OFFERS, base, group=city().group)
    household = made.base.household[made.row]
    known = household[household >= 0]
    assert len(np.unique(known)) == len(known) > 100
    assert (household < 0).any()


def test_touches_elsewhere_keep_their_distance_and_what_finds_no_day_earns_nothing():
    usual = proposed()
    other = Touches(usual.base.subscriber[usual.row], usual.dated.day)
    made = proposed(surroundings=Surroundings(elsewhere=other))
    day = dict(zip(other.subscriber.tolist(), other.day.tolist(), strict=True))
    mine = made.base.subscriber[made.row]
    for number, own in zip(mine[made.made].tolist(), made.dated.day[made.made].tolist(), strict=True):
        assert number not in day or abs(own - day[number]) >= 7
    busy = Touches(
        np.repeat(usual.base.subscriber, 9),
        np.tile(campaign().first.toordinal() + 7 * np.arange(9), len(usual.base.subscriber)),
    )
    none = proposed(surroundings=Surroundings(elsewhere=busy))
    assert len(none.row) > 0
    assert not none.made.any()
    assert none.profit.sum() == 0
    shown = told(none)
    assert shown.profit.minor == shown.cost.minor == 0
    assert any("too near" in render(line, "en") for line in shown.undated_why)


def test_a_pilot_with_one_held_out_leaves_the_belief_nearly_alone():
    effect = Effect(1.5, 1_000, Pilot(100_000, 2_000, 1, 0))
    assert 1.2 < effect.expected < 1.5
    sure = Effect(1.5, 1_000, Pilot(100_000, 2_000, 100_000, 1_000))
    assert sure.expected == pytest.approx(2.02, abs=0.03)
    assert Effect(1.5, 0, Pilot(500, 20, 500, 10)).expected == pytest.approx(
        np.exp(Pilot(500, 20, 500, 10).log_odds_ratio)
    )


def test_an_effect_stated_for_one_offer_through_a_channel_is_used_for_that_pair_alone():
    calls = campaign().channels[0]
    other = next(o for o in OFFERS if calls.may_sell(o))
    single = replace(calls, effect=replace(calls.effect, offers={str(other.id): Effect(4.0, 1_000)}))
    made = propose(replace(campaign(), channels=(single, *campaign().channels[1:])), OFFERS, city().base)
    for option in made.options.options:
        pair = option.channel == 0 and OFFERS[option.offer].id == other.id
        assert made.options.effects[option.effect].expected == (
            4.0 if pair else campaign().channels[option.channel].effect.expected
        )
    assert any(other.name.en in render(line, "en") for line in told(made).assumptions)


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


def test_what_stands_in_the_way_is_of_the_phase_itself():
    made = proposed(lambda c: aiming_at(400)(replace(scaled(c, 0.2), budget=Budget(), device_stock=None)))
    for volume, other in zip(volumes(made, 0.1), ("Phase 2", "Phase 1"), strict=True):
        assert other not in str(volume.hindrance)


def test_a_phase_over_several_months_is_forecast_by_month_too():
    one = replace(campaign().phases[1], days=replace(campaign().phases[1].days, first=campaign().first))
    always = tuple(replace(c, calendar=replace(c.calendar, phases=None)) for c in campaign().channels)
    made = proposed(lambda c: replace(c, phases=(one,), channels=always))
    (volume,) = volumes(made, 0.1)
    assert [month.period.first.month for month in volume.months] == [7, 8]
    assert sum(m.total.value for m in volume.months) == pytest.approx(volume.forecast.total.value, rel=1e-3)


def test_amounts_beside_limits_are_in_the_campaigns_currency():
    assert any("yuan" in str(row.worth) for row in told(proposed()).limits if row.worth)
    price = price_words(0.00123, "USD")
    assert render(price, "en") == "0.00123 USD"


def test_without_groups_or_matrix_it_is_said_why_there_is_nothing_to_compare():
    ungrouped = propose(campaign(), OFFERS, city().base)
    assert any("no target groups" in str(line) for line in told(ungrouped).left_out)
    without = proposed(lambda c: replace(c, matrix={}))
    assert any("states no `matrix`" in str(line) for line in told(without).left_out)


def test_takers_of_a_phase_are_the_organic_ones_of_its_days_and_those_that_contacts_bring():
    made = proposed()
    first, second = volumes(made, 0.0)
    assert first.forecast.organic.value == pytest.approx(
        made.organic[0] * 31 / made.surroundings.window_days, rel=0.02
    )
    gained = made.gained.sum()
    by_contact = first.forecast.by_contact.value + second.forecast.by_contact.value
    assert 0.7 * gained < by_contact <= gained * 1.01  # some respond after the last day


def test_it_is_said_whether_the_holdout_can_show_the_expected_effect():
    none = told(proposed(lambda c: replace(c, holdout=Holdout(0, 0))))
    assert "cannot be measured" in render(none.measurable, "en")
    few = told(proposed(lambda c: replace(c, holdout=Holdout(0.002, 0))))
    assert "too small" in render(few.measurable, "en")
    some = told(proposed(lambda c: replace(c, holdout=Holdout(0.4, 0))))
    assert "Hold out more" in render(some.measurable, "en")


def test_offers_that_nobody_may_have_are_named():
    none = city().base.open_offers.copy()
    none[:, 0] = False
    made = propose(campaign(), OFFERS, replace(city().base, open_offers=none), group=city().group)
    assert OFFERS[0].name in told(made).idle


def test_what_the_holdout_can_show_compares_those_whom_the_plan_would_contact_on_both_sides():
    base = city().base
    half = replace(base, reachable=base.reachable & (base.subscriber % 2 == 0)[:, None])
    made = propose(campaign(), OFFERS, half, group=city().group)
    assert (made.aims % 2 == 0).all()
    assert 0 < len(made.aimed_held) < made.held.sum()
    told = summarised(made, Gathered(half, (), city().group, 0), SCORER)
    assert f"{len(made.aimed_held):,}" in str(told.measurable)
    assert f"{made.held.sum():,}" not in str(told.measurable)


def test_the_page_says_whose_comparison_is_spoilt_and_by_whom():
    first = campaign().first.toordinal()
    alone = proposed()
    held = alone.everybody[alone.held]
    touches = Touches(held[:3].astype(np.int64), np.array([first, first + 5, first - 40]))
    made = proposed(surroundings=Surroundings(elsewhere=touches))
    assert ["2 of the" in str(line) for line in told(made).contaminated] == [True]
    others = alone.base.subscriber[np.unique(alone.row)[:4]]
    free = replace(campaign().holdout, respects_others=False)
    made = proposed(lambda c: replace(c, holdout=free), surroundings=Surroundings(held_elsewhere=others))
    assert any("held out of other campaigns" in str(line) for line in told(made).contaminated)
    assert told(alone).contaminated == ()


def test_the_plan_beside_other_ways_earns_what_the_headline_says():
    free = replace(campaign().holdout, explored=0.5)
    made = proposed(lambda c: replace(c, holdout=free))
    assert made.explored.by_chance.any()
    said = told(made)
    assert said.ways[-1].profit == said.profit
    assert said.ways[-1].contacts == said.contacts
