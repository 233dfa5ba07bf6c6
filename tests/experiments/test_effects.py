"""Intervals of differences and lifts, against published values, independent computations, and what they promise over many experiments."""

import math

import numpy as np
import pytest
from scipy import stats

from telewave.experiments.effects import Finding, Kind, Limits, compared, difference, ratio
from telewave.experiments.moments import Level, Moments, unit_totals
from telewave.kernel.intervals import wilson_limits

# Newcombe 1998, Statistics in Medicine 17, table II, method 10.
NEWCOMBE = [
    (56, 70, 48, 80, 0.0524, 0.3339),
    (9, 10, 3, 10, 0.1705, 0.8090),
    (6, 7, 2, 7, 0.0582, 0.8062),
    (5, 56, 0, 29, -0.0381, 0.1926),
    (0, 10, 0, 20, -0.1611, 0.2775),
    (0, 10, 0, 10, -0.2775, 0.2775),
    (10, 10, 0, 20, 0.6791, 1.0000),
    (10, 10, 0, 10, 0.6075, 1.0000),
]


def share(takers, n):
    return Limits(takers / n, *wilson_limits(takers / n, n))


def level(values, cluster=None):
    return Moments.of(unit_totals(np.asarray(values, float), np.zeros(len(values)), cluster)).level()


@pytest.mark.parametrize(("a", "m", "b", "n", "low", "high"), NEWCOMBE)
def test_the_interval_of_two_shares_is_newcombes(a, m, b, n, low, high):
    made = difference(share(a, m), share(b, n))
    assert (round(made.low, 4), round(made.high, 4)) == (low, high)


def test_the_interval_of_two_means_is_welchs():
    draw = np.random.default_rng(3)
    one, other = draw.gamma(2, 30, 40), draw.gamma(2, 20, 90)
    made = compared("sms", level(one), level(other), Kind.AMOUNT)
    judge = stats.ttest_ind(one, other, equal_var=False).confidence_interval(0.95)
    assert (made.difference.low, made.difference.high) == pytest.approx((judge.low, judge.high))
    assert made.difference.value == pytest.approx(one.mean() - other.mean())


def test_of_means_the_lift_is_fiellers():
    treated, control = Limits(12.0, 10.0, 14.0), Limits(8.0, 7.0, 9.0)
    made = ratio(treated, control)
    a, b, c = 8.0**2 - 1, 12.0 * 8.0, 12.0**2 - 4
    roots = sorted(((b - math.sqrt(b * b - a * c)) / a, (b + math.sqrt(b * b - a * c)) / a))
    assert (made.low, made.high) == pytest.approx(tuple(roots))


def test_difference_and_lift_lie_on_the_same_side_of_nothing():
    draw = np.random.default_rng(8)
    for _ in range(500):
        m, n = draw.integers(5, 400, 2)
        a, b = draw.integers(0, m + 1), draw.integers(1, n + 1)
        apart, times = difference(share(a, m), share(b, n)), ratio(share(a, m), share(b, n))
        assert (apart.low > 0) == (times.low > 1)
        assert (apart.high < 0) == (times.high < 1)
        assert times.low <= times.value <= times.high


def test_with_several_arms_each_interval_is_as_wide_as_bonferroni_says():
    one, other = Level(0.12, 0.12 * 0.88 / 5000, 5000, 5000), Level(0.10, 0.1 * 0.9 / 5000, 5000, 5000)
    made = compared("sms", one, other, Kind.AMOUNT, arms=4)
    assert made.together.level == pytest.approx(1 - 0.05 / 4)
    wide = (made.together.high - made.together.low) / (made.difference.high - made.difference.low)
    assert wide == pytest.approx(stats.norm.ppf(1 - 0.0125 / 2) / stats.norm.ppf(0.975), abs=1e-3)


def test_a_control_that_may_be_zero_has_no_lift():
    made = compared("sms", level([3.0, 1.0, 2.0, 5.0]), level([0.1, -0.2, 0.3, 0.1]), Kind.AMOUNT)
    assert "uncertain" in str(made.lift.reason)
    made = compared("sms", level([3.0, 1.0, 2.0]), level([-1.0, -3.0, -2.0]), Kind.AMOUNT)
    assert "not above 0" in str(made.lift.reason)


def test_what_could_have_been_seen_is_what_the_sizes_say():
    from telewave.experiments.power import minimal_effect

    made = compared("sms", level([1] * 90 + [0] * 910), level([1] * 90 + [0] * 910), Kind.RATE)
    assert made.finding is Finding.NOTHING
    assert made.seeable == minimal_effect(0.09, 1000, 1000)


def test_households_widen_the_interval_as_the_sandwich_of_a_regression_does():
    """The judge: the sandwich of the regression on the arm, summed by household, as any textbook writes it."""
    draw = np.random.default_rng(5)
    house = np.repeat(np.arange(400), draw.integers(1, 6, 400))
    arm = (np.arange(400) % 2)[house]
    values = draw.normal(size=400)[house] * 2 + draw.normal(size=len(house)) + 0.3 * arm
    made = compared(
        "sms", level(values[arm == 1], house[arm == 1]), level(values[arm == 0], house[arm == 0]), Kind.AMOUNT
    )
    x = np.column_stack([np.ones(len(arm)), arm])
    beta, *_ = np.linalg.lstsq(x, values, rcond=None)
    scores = np.array([x[house == h].T @ (values - x @ beta)[house == h] for h in range(400)])
    bread = np.linalg.inv(x.T @ x)
    error = math.sqrt((bread @ scores.T @ scores @ bread)[1, 1] * 200 / 199)
    reach = (made.difference.high - made.difference.low) / 2
    assert reach / stats.t.ppf(0.975, 398) == pytest.approx(error, rel=0.01)
    naive = compared("sms", level(values[arm == 1]), level(values[arm == 0]), Kind.AMOUNT)
    assert reach > 1.5 * (naive.difference.high - naive.difference.low) / 2


def held(make, truth, runs, seed=0):
    """The share of `runs` experiments whose interval holds the truth."""
    draw = np.random.default_rng(seed)
    made = [make(draw) for _ in range(runs)]
    return np.mean([one.low <= truth <= one.high for one in made])


def rates(draw):
    a, b = draw.binomial(300, 0.12), draw.binomial(200, 0.07)
    return difference(share(a, 300), share(b, 200))


def lifts(draw):
    a, b = draw.binomial(3000, 0.12), draw.binomial(2000, 0.07)
    return ratio(share(a, 3000), share(b, 2000))


def amounts(draw):
    one, other = draw.lognormal(0.5, 1, 600), draw.lognormal(0.2, 1, 300)
    return compared("sms", level(one), level(other), Kind.AMOUNT).difference


AMOUNT = math.exp(1.0) - math.exp(0.7)
PROMISES = [(rates, 0.05), (lifts, 0.12 / 0.07), (amounts, AMOUNT)]


@pytest.mark.parametrize(("make", "truth"), PROMISES)
def test_intervals_hold_the_truth_about_as_often_as_they_say(make, truth):
    assert abs(held(make, truth, 400) - 0.95) < 0.035  # three standard errors


@pytest.mark.prove
@pytest.mark.parametrize(("make", "truth"), PROMISES)
def test_over_many_experiments_intervals_hold_the_truth_as_often_as_they_say(make, truth):
    assert abs(held(make, truth, 10_000, seed=1) - 0.95) < 0.01


def all_hold(draw):
    """Whether the intervals of four arms hold nothing at once, all four against one control, in households."""
    levels = []
    for _ in range(5):
        house = np.repeat(np.arange(120), 2)
        levels.append(level(draw.normal(size=120)[house] + draw.normal(size=240), house))
    made = [compared("a", one, levels[0], Kind.AMOUNT, arms=4).together for one in levels[1:]]
    return all(one.low <= 0 <= one.high for one in made)


def test_where_nothing_was_done_all_arms_together_alarm_in_no_more_than_one_of_twenty():
    draw = np.random.default_rng(2)
    assert np.mean([all_hold(draw) for _ in range(200)]) >= 0.95 - 0.046


@pytest.mark.prove
def test_over_many_experiments_all_arms_together_keep_what_they_promise():
    draw = np.random.default_rng(3)
    assert 0.945 <= np.mean([all_hold(draw) for _ in range(4_000)]) <= 0.985
