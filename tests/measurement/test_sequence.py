"""The intervals that hold on all days together: against the mixture itself, integrated by machine, and on simulated campaigns."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm

from telewave.measurement.effect import NOT_YET, Drawn, expected_variance, measured
from telewave.measurement.sequence import chance, days_until_seen, holm, reach, tuned


@pytest.mark.parametrize("variance", [0.2, 1.0, 7.0])
@pytest.mark.parametrize("rho2", [0.5, 8.2])
def test_at_its_limit_the_mixture_of_martingales_is_one_over_alpha(variance, rho2):
    limit, rho = reach(variance, rho2, 0.05), math.sqrt(rho2)
    mixed, _ = quad(
        lambda x: math.exp(x * limit - x * x * variance / 2) * norm.pdf(x, scale=rho), -60 * rho, 60 * rho
    )
    assert mixed == pytest.approx(20, rel=1e-6)
    assert chance(limit, variance, rho2) == pytest.approx(0.05)


def test_rho_is_chosen_where_the_sequence_is_narrowest():
    for variance in (1e-6, 0.3, 40.0):
        best = reach(variance, tuned(variance))
        assert all(reach(variance, tuned(variance) * factor) > best for factor in (0.8, 0.95, 1.05, 1.25))
        assert best / (1.959964 * math.sqrt(variance)) == pytest.approx(1.549, abs=0.001)


def test_a_variance_half_or_four_times_what_was_expected_widens_it_to_no_more_than_1_6():
    for factor in (0.5, 1, 2, 4):
        assert reach(factor, tuned(1.0)) / (1.959964 * math.sqrt(factor)) < 1.6


@given(st.lists(st.floats(0, 1), max_size=6))
def test_holm_lies_between_the_chances_and_bonferroni(chances):
    adjusted = holm(chances)
    assert all(
        one <= a <= min(1, len(chances) * one) + 1e-12 or a >= one
        for one, a in zip(chances, adjusted, strict=True)
    )
    order = np.argsort(chances, kind="stable")
    assert (np.diff(np.array(adjusted)[order]) >= 0).all()
    if chances:
        assert min(adjusted) == pytest.approx(min(1, len(chances) * min(chances)))


def test_how_long_still_is_the_day_on_which_the_interval_would_leave_nothing_out():
    rho2 = tuned(1.0)
    days = days_until_seen(1.0, 0.5, 10, rho2, 400)
    assert abs(1.0) * days / 10 > reach(0.5 * days / 10, rho2)
    assert abs(1.0) * (days - 1) / 10 <= reach(0.5 * (days - 1) / 10, rho2)
    assert days_until_seen(0.0, 0.5, 10, rho2, 400) is None


def campaign(draw, people, share, rate, lift, days=30):
    """Orders of one simulated campaign, and what it really brought by each day."""
    own = np.minimum(draw.gamma(1.0, rate, people), 0.5)
    held = draw.random(people) < share
    took = draw.random(people) < np.where(held, own, own * (1 + lift))
    drawn = Drawn(
        held=held,
        chance=own * np.exp(0.3 * draw.standard_normal(people)),
        ordered=np.where(took, draw.integers(0, days, people), NOT_YET),
        margin=np.ones(people),
    )
    return drawn, rate * lift * np.arange(1, days + 1) / days


def looked_at(drawn, rate, days=30):
    took = (drawn.ordered >= 0).astype(float)
    return measured(drawn, took, days, expected_variance(rate, drawn.sizes), 1.0)


def test_adjusting_leaves_the_difference_where_the_chance_says_nothing():
    drawn, _ = campaign(np.random.default_rng(2), 3_000, 0.3, 0.05, 0.5)
    blind = Drawn(held=drawn.held, chance=np.full(3_000, np.nan), ordered=drawn.ordered, margin=drawn.margin)
    found, took = looked_at(blind, 0.05), drawn.ordered >= 0
    assert found.last.difference == pytest.approx(took[~drawn.held].mean() - took[drawn.held].mean())
    assert found.noise_left == 1
    sizes, rates = drawn.sizes, (took[~drawn.held].mean(), took[drawn.held].mean())
    plain = sum(p * (1 - p) / (n - 1) + 1 / n**2 for p, n in zip(rates, sizes, strict=True))
    assert found.last.variance == pytest.approx(plain)


def test_a_day_is_measured_by_the_orders_up_to_it_alone():
    drawn, _ = campaign(np.random.default_rng(3), 2_000, 0.3, 0.05, 0.5)
    early = Drawn(
        held=drawn.held,
        chance=drawn.chance,
        ordered=np.where(drawn.ordered < 7, drawn.ordered, NOT_YET),
        margin=drawn.margin,
    )
    assert looked_at(drawn, 0.05).looks[6] == looked_at(early, 0.05, 7).last


@pytest.mark.prove
@pytest.mark.parametrize("rate", [0.003, 0.01, 0.05])
def test_looked_at_daily_the_truth_is_covered_on_all_days_in_95_of_100_campaigns(rate):
    draw = np.random.default_rng(round(rate * 1000))
    covered, wide, campaigns = 0, [], 200
    for _ in range(campaigns):
        drawn, truth = campaign(draw, 20_000, 0.15, rate, 0.5)
        found = looked_at(drawn, rate)
        covered += all(
            abs(one.difference - so) <= one.reach for one, so in zip(found.looks, truth, strict=True)
        )
        wide.append(found.last.reach / (1.959964 * math.sqrt(found.last.variance)))
    assert covered >= 0.95 * campaigns
    assert max(wide) <= 1.6


@pytest.mark.parametrize("campaigns", [20, pytest.param(200, marks=pytest.mark.prove)])
def test_comparing_those_aimed_at_covers_the_whole_effect_and_takes_three_tenths_of_the_width_away(campaigns):
    """One in six is aimed at, and makes four in ten of the orders; the campaign moves nobody else."""
    draw = np.random.default_rng(11)
    covered, narrower, days = 0, [], 30
    for _ in range(campaigns):
        own = np.minimum(draw.gamma(1.0, 0.01, 30_000), 0.5)
        chance = own * np.exp(0.3 * draw.standard_normal(len(own)))
        aimed, held = chance > np.quantile(chance, 5 / 6), draw.random(len(own)) < 0.15
        caused = aimed & ~held & (draw.random(len(own)) < 0.02)
        took = (draw.random(len(own)) < own) | caused
        day = np.where(took, draw.integers(0, days, len(own)), NOT_YET)
        drawn = Drawn(held=held, chance=chance, ordered=day, margin=np.ones(len(own)))
        whole = looked_at(drawn, 0.01).total
        part = drawn.where(aimed)
        found = looked_at(part, 0.03).total
        truth = float((~held & aimed).sum() * 0.02 * (1 - own[aimed].mean()))
        covered += found.low <= truth <= found.high
        narrower.append((found.high - found.low) / (whole.high - whole.low))
    assert covered >= 0.95 * campaigns
    assert np.mean(narrower) < 0.7


@pytest.mark.prove
def test_30_daily_looks_at_no_effect_alarm_in_at_most_5_of_100_campaigns():
    draw, alarms, at_one_look = np.random.default_rng(8), 0, 0
    for _ in range(400):
        drawn, _ = campaign(draw, 8_000, 0.2, 0.01, 0.0)
        looks = looked_at(drawn, 0.01).looks
        alarms += any(abs(one.difference) > one.reach for one in looks)
        at_one_look += any(abs(one.difference) > 1.96 * math.sqrt(one.variance) for one in looks)
    assert alarms <= 0.05 * 400
    assert at_one_look > 0.1 * 400  # what peeking does without the sequence


def test_lines_that_were_drawn_as_one_household_count_as_one_draw():
    """All four lines of a household order on one day or none does: the variance is that of a quarter of the draws."""
    draw = np.random.default_rng(3)
    households = 4_000
    line = np.repeat(np.arange(households), 4)
    took = draw.random(households) < 0.05
    drawn = Drawn(
        held=(draw.random(households) < 0.5)[line],
        chance=np.full(len(line), np.nan),
        ordered=np.where(took[line], line % 10, NOT_YET),
        margin=np.zeros(len(line)),
    )
    outcome = (drawn.ordered >= 0).astype(float)
    alone = measured(drawn, outcome, 10, 1e-4, 1.0).last
    together = measured(replace(drawn, household=line), outcome, 10, 1e-4, 1.0).last
    arms = [outcome[drawn.held == held].reshape(-1, 4).mean(axis=1) for held in (False, True)]
    assert together.variance == pytest.approx(sum(one.var() / len(one) for one in arms), rel=0.05)
    assert together.variance == pytest.approx(4 * alone.variance, rel=0.05)
    assert together.difference == alone.difference
    unknown = replace(drawn, household=np.full(len(line), -1))
    assert measured(unknown, outcome, 10, 1e-4, 1.0).last == alone
