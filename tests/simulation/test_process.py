"""What one contact does, step by step: levels in their bands, the closed form against draws."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from telewave.simulation import facts
from telewave.simulation.levels import group_of
from telewave.simulation.lives import State, prospects
from telewave.simulation.people import people
from telewave.simulation.plan import CityPlan
from telewave.simulation.process import (
    BASIC,
    CHANNELS,
    CORE,
    HOURS,
    NORMAL,
    PROMOTIONS,
    Attempt,
    Minds,
    annoyance,
    class_offsets,
    liking,
    of_the_case,
    steps,
)
from telewave.simulation.touches import NEVER_AT, Audience, Resources, outcomes, resources, skills, touches

CROWD = people(range(60_000), seed=3)
MINDS = {offer: Minds.of(CROWD, offer) for offer in facts.OFFERS}
GROUP = of_the_case(CROWD)
PLAN = CityPlan(subscribers=60_000, seed=3)
APRIL = (1, dt.date(2026, 4, 1), dt.date(2026, 5, 1))


def found(channel, offer=facts.OFFER, **more):
    return steps(MINDS[offer], Attempt(channel=channel, **more))


def wins_when_reached(made):
    return made.listens * made.willing * made.closes


# Levels at branch scale ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("offer", facts.OFFERS)
def test_of_the_reached_a_call_wins_as_many_of_each_group_as_assumed(offer):
    """Over 60 000 people: core 2-4 %, normal 0.8-1.5 %, basic 0.1-0.3 % order who would not have."""
    won = wins_when_reached(found("outbound_call", offer))
    for group, low, high in ((CORE, 0.02, 0.04), (NORMAL, 0.008, 0.015), (BASIC, 0.001, 0.003)):
        assert low <= won[(group == GROUP) & CROWD.mobile].mean() <= high


def test_a_pop_up_in_the_hall_wins_three_to_six_percent_of_targets_who_come_and_an_sms_far_fewer():
    targets = GROUP != BASIC
    assert 0.03 <= wins_when_reached(found("hall"))[targets].mean() <= 0.06
    assert 0.0005 <= found("sms").wins[targets].mean() <= 0.003


def test_calls_reach_40_to_60_percent_by_hour_and_person():
    by_hour = [found("outbound_call", hour=hour).reached for hour in HOURS]
    assert all(((rate >= 0.40) & (rate <= 0.60)).all() for rate in by_hour)
    assert np.ptp([rate.mean() for rate in by_hour]) > 0.05
    assert by_hour[0].std() > 0.02


def test_the_groups_have_believable_sizes():
    share = np.bincount(GROUP[CROWD.mobile]) / CROWD.mobile.sum()
    assert 0.03 < share[CORE] < 0.10
    assert 0.2 < share[NORMAL] < 0.4


@pytest.mark.parametrize("offer", facts.OFFERS)
def test_liking_is_standard_among_ordinary_mobile_subscribers(offer):
    mine = liking(CROWD, offer)[CROWD.mobile & ~CROWD.machine]
    assert abs(mine.mean()) < 0.03
    assert abs(mine.std() - 1) < 0.03


def test_classes_differ_as_the_case_s_penetration_does():
    rate = np.exp(class_offsets())
    assert rate[4] < 0.2 * rate[:3].min()
    assert len(rate) == group_of(CROWD).max() + 1


# What moves a step -------------------------------------------------------------------------------------------------


def test_skill_script_and_promotion_raise_willingness():
    plain = found("outbound_call")
    assert (found("outbound_call", skill=1.0).wins >= plain.wins).all()
    for script, trait in ((1, CROWD.price_sensitivity), (2, CROWD.affinity)):
        gain = found("outbound_call", script=script).willing - plain.willing
        assert (np.sign(gain[gain != 0]) == np.sign(trait[gain != 0])).all()
    for name in PROMOTIONS:
        gain = np.log(found("hall", promotions=[name]).willing / found("hall").willing)
        assert gain.max() > 0.2
        assert gain.min() >= 0
    traded = found("hall", promotions=["trade_in"]).willing > found("hall").willing
    assert not traded[CROWD.device_months < 24].any()


def test_fatigue_lowers_listening_and_willingness_and_nothing_else():
    rested, tired = found("outbound_call"), found("outbound_call", tired=2.0)
    assert (tired.listens < rested.listens).all()
    assert (tired.willing <= rested.willing).all()
    assert (tired.reached == rested.reached).all()
    assert (tired.closes == rested.closes).all()


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_channel_moves_the_persuadable_most_and_the_put_off_least(channel):
    wins = found(channel).wins
    mean = [wins[CROWD.mobile & (CROWD.persuasion == sign)].mean() for sign in (1, 0, -1)]
    assert mean[0] > 1.5 * mean[1] > 3 * mean[2]
    assert (annoyance(np.full(3, channel), np.array([1, 0, -1])) > 0).tolist() == [False, False, True]


def test_who_cannot_have_an_offer_is_never_won():
    assert (found("hall", "data_modem").wins[~CROWD.mobile] == 0).all()


def test_a_larger_city_has_more_of_everything_and_agents_with_skills_of_their_own():
    branch = CityPlan(subscribers=3_630_000, seed=3)
    assert resources(branch) == Resources(agents=100, dials_a_day=12_000, halls=60, shops=400)
    assert resources(CityPlan(subscribers=5_000)).halls == 1
    assert len(skills(branch)) == 101
    assert skills(branch)[0] == 0
    assert 0.7 < skills(branch)[1:].std() < 1.3


# The closed form ----------------------------------------------------------------------------------------------------


def heavy_month(n=4_000):
    """People who are contacted a dozen times a month, and their contacts."""
    crowd = people(range(n), seed=5)
    to = Audience(offer=facts.OFFER, open=np.full(n, 12.0), tired=np.zeros(n), silent=np.zeros(n, bool))
    made = touches(PLAN, crowd, APRIL, to)
    return crowd, replace(made, willing=np.minimum(30 * made.willing, 0.9))


def test_the_chance_to_be_won_by_a_month_of_contacts_is_what_draws_say():
    """40 draws of 4 000 people with some four contacts each: within four standard errors, in all and by fifths of the chance."""
    crowd, made = heavy_month()
    chance, draw, n = made.won(len(crowd)), np.random.default_rng(7), len(crowd)
    nobody = np.full(n, NEVER_AT)
    times = np.zeros(n)
    for _ in range(40):
        what = outcomes(draw, crowd, made, APRIL, nobody)
        times += np.bincount(made.row[what.order_at < NEVER_AT], minlength=n) > 0
    fifths = np.array_split(np.argsort(chance), 5)
    for rows in (np.arange(n), *fifths):
        spread = np.sqrt(40 * (chance[rows] * (1 - chance[rows])).sum())
        assert abs(times[rows].sum() - 40 * chance[rows].sum()) < 4 * spread + 1e-9
    assert chance.mean() > 0.03


def test_each_step_s_frequency_is_its_chance():
    crowd, made = heavy_month()
    draw, nobody = np.random.default_rng(8), np.full(len(crowd), NEVER_AT)
    what = outcomes(draw, crowd, made, APRIL, nobody)
    for took, among, chance in (
        (what.listens, made.reached, made.listens),
        (what.willing, what.listens, made.willing),
        (what.at_once, what.willing, made.at_once),
    ):
        spread = np.sqrt((chance * (1 - chance))[among].sum())
        assert abs(took[among].sum() - chance[among].sum()) < 4 * spread
        assert not took[~among].any()


def test_an_intender_who_listens_before_his_day_is_willing_with_a_high_chance():
    crowd, made = heavy_month()
    last = np.full(len(crowd), made.at.max() + 1)
    what = outcomes(np.random.default_rng(9), crowd, made, APRIL, last)
    share = what.willing[what.listens].mean()
    assert abs(share - 0.8) < 4 * np.sqrt(0.16 / what.listens.sum())


def test_whom_contacts_win_is_told_before_the_month_is_lived():
    ahead = prospects(PLAN, CROWD, APRIL, State.at_start(CROWD))
    assert ahead.won[0] == pytest.approx(ahead.contacts.won(len(CROWD)))
    assert not ahead.won[1].any()
