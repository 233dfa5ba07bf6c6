"""Forecasts of takers: exact means, intervals that hold what they promise, goals reached or missed and how surely."""

import math
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telewave.forecasting.forecast import (
    DelaysMissing,
    Goal,
    Organic,
    Outcome,
    Period,
    RateError,
    ReversedPeriod,
    UnusableDelays,
    UnusableGoal,
    UnusableUncertainty,
    chance_of_all,
    check_goal,
    forecast,
    months,
)
from telewave.forecasting.takers import NORMAL_FROM, Draws, Normals, takers, together
from telewave.kernel import Label
from telewave.kernel.intervals import CONFIDENCE, Z95
from telewave.scheduling.waves import Contacts
from telewave.scheduling.working_days import EVERY_DAY, ChannelCalendar, Phase, Timetable

FIRST, LAST = date(2026, 7, 1), date(2026, 8, 31)
NAME = Label("Channel", "渠道")
TABLE = Timetable(
    FIRST,
    LAST,
    (Phase(NAME, FIRST, LAST),),
    (ChannelCalendar(name=NAME, workdays=EVERY_DAY, daily_capacity=None),) * 2,
)


def each_day(first, last):
    days = [first + timedelta(n) for n in range((last - first).days + 1)]
    return [Period(day, day) for day in days]


DELAYS = np.array([[0.5, 0.3, 0.2], [0.2, 0.2, 0.6]])
AT_ONCE = np.array([[1.0], [1.0]])
NOBODY = Organic(0)
SURE = RateError(0)


def contacts(probability, channel=None):
    n = len(probability)
    channel = np.zeros(n, np.int8) if channel is None else np.asarray(channel, np.int8)
    p = np.asarray(probability, np.float64)
    return Contacts(
        subscriber=np.arange(n), channel=channel, phase=np.zeros(n, np.int8), value=p, probability=p
    )


def days_from(*indices):
    return np.array([FIRST.toordinal() + index for index in indices], np.int32)


def test_the_expected_takers_of_a_day_are_those_whose_delay_ends_on_it():
    made = forecast(
        contacts([0.5, 0.4], [0, 1]), days_from(0, 1), TABLE, DELAYS, SURE, NOBODY, each_day(FIRST, FIRST + timedelta(3))
    )  # fmt: skip
    assert [f.by_contact.value for f in made] == pytest.approx([0.25, 0.15 + 0.08, 0.1 + 0.08, 0.24])
    assert [f.contacts for f in made] == [1, 1, 0, 0]


def test_takers_of_a_contact_late_in_a_month_come_in_the_next():
    july, august = forecast(contacts([0.5]), days_from(30), TABLE, DELAYS, SURE, NOBODY, months(FIRST, LAST))
    assert (july.by_contact.value, august.by_contact.value) == pytest.approx((0.25, 0.25))


def test_the_days_of_a_month_add_up_to_the_month():
    rng = np.random.default_rng(1)
    n = 3_000
    given = contacts(rng.beta(1, 20, n), rng.integers(0, 2, n))
    day = FIRST.toordinal() + rng.integers(0, 62, n).astype(np.int32)
    call = (given, day, TABLE, DELAYS, RateError(0.2), Organic(3))
    (july, _), days = (
        forecast(*call, months(FIRST, LAST)),
        forecast(*call, each_day(FIRST, date(2026, 7, 31))),
    )
    assert sum(f.total.value for f in days) == pytest.approx(july.total.value)
    assert sum(f.contacts for f in days) == july.contacts
    assert july.total.value == pytest.approx(july.by_contact.value + july.organic.value)


def test_a_contact_without_a_day_brings_nothing():
    (made,) = forecast(
        contacts([0.5, 0.5]), np.array([0, 0], np.int32), TABLE, DELAYS, SURE, NOBODY, [Period(FIRST, LAST)]
    )
    assert (made.total.value, made.total.low, made.total.high) == (0, 0, 0)


@given(st.floats(-1, 1), st.floats(0, 0.6))
@settings(max_examples=30)
def test_the_mean_is_that_of_the_shifted_log_odds(shift, error):
    p = np.array([0.01, 0.1, 0.6])
    (made,) = forecast(
        contacts(p),
        days_from(0, 1, 2),
        TABLE,
        AT_ONCE,
        RateError(error, shift),
        NOBODY,
        [Period(FIRST, LAST)],
    )
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    shifted = p[:, None] * np.exp(shift + error * nodes)
    exact = float((shifted / (1 - p[:, None] + shifted) @ weights).sum() / weights.sum())
    assert made.by_contact.value == pytest.approx(exact, rel=2e-3)


def poisson_binomial(p):
    distribution = np.ones(1)
    for q in p:
        distribution = np.convolve(distribution, [1 - q, q])
    return distribution


@pytest.mark.parametrize(
    ("n", "top", "distance"), [(200, 0.2, 0.006), (400, 0.02, 0.006), (60, 0.5, 0.012), (20, 1.0, 0.03)]
)
def test_simulated_small_counts_agree_with_the_exact_distribution(n, top, distance):
    p = np.random.default_rng(n).uniform(0, top, n) ** 2
    count = takers(np.full(1024, p.sum()), np.full(1024, (p * (1 - p)).sum()), 7)
    assert isinstance(count, Draws)
    exact = poisson_binomial(p)[::-1].cumsum()[::-1]
    for k in range(len(exact)):
        assert count.at_least(k).mean() == pytest.approx(exact[k], abs=distance)


@pytest.mark.parametrize("n", [150, 1_500])
def test_normal_counts_agree_with_the_exact_distribution(n):
    p = np.random.default_rng(n).uniform(0, 0.45, n)
    variance = (p * (1 - p)).sum()
    assert variance < NORMAL_FROM + 10 or n > 1_000
    count = takers(np.full(1024, p.sum()), np.full(1024, variance), 7)
    assert isinstance(count, Normals) == (variance >= NORMAL_FROM)
    exact = poisson_binomial(p)[::-1].cumsum()[::-1]
    assert max(abs(count.at_least(k).mean() - exact[k]) for k in range(n)) < 0.014
    for share in (0.05, 0.5, 0.95):
        assert abs(count.quantile(share) - np.searchsorted(1 - np.append(exact[1:], 0), share)) <= 1


def test_nearly_certain_and_hopeless_contacts_are_counted_exactly():
    sure = takers(np.full(1024, 3.0), np.zeros(1024), 1)
    assert (sure.quantile(0.05), sure.quantile(0.95), sure.at_least(3).min()) == (3, 3, 1)
    assert takers(np.zeros(1024), np.zeros(1024), 1).quantile(0.95) == 0


def covered(n, top, error, organic, repeats, seed):
    """Share of simulated truths, each with a rate, takers and delays of its own, within the interval; and its binomial error."""
    rng = np.random.default_rng(seed)
    p = rng.uniform(0, top, n)
    channel, day = rng.integers(0, 2, n), rng.integers(0, 62, n)
    july = Period(FIRST, date(2026, 7, 31))
    (made,) = forecast(
        contacts(p, channel), (FIRST.toordinal() + day).astype(np.int32), TABLE, DELAYS, RateError(error), organic, [july]
    )  # fmt: skip
    odds, until = p / (1 - p), np.cumsum(DELAYS, axis=1)
    hits = 0
    for _ in range(repeats):
        common = math.exp(error * rng.standard_normal())
        shifted = odds * common
        taken = rng.random(n) < shifted / (1 + shifted)
        delay = (rng.random(n)[:, None] > until[channel]).sum(axis=1)
        total = int((taken & (day + delay < 31)).sum()) + rng.poisson(organic.per_day * 31 * common)
        hits += made.total.low <= total <= made.total.high
    return hits / repeats


@pytest.mark.parametrize(
    ("n", "top", "error", "organic"),
    [
        (4_000, 0.1, 0.0, NOBODY),
        (4_000, 0.1, 0.25, NOBODY),
        (4_000, 0.3, 0.15, Organic(5)),
        (2_000, 0.3, 0.0, Organic(10)),
    ],
)
def test_intervals_cover_what_they_promise(n, top, error, organic):
    # Three standard errors of 1 500 repeats are 1.7 points; whole numbers make the interval cover a little more.
    assert CONFIDENCE - 0.017 <= covered(n, top, error, organic, 1_500, 11) <= CONFIDENCE + 0.025


@pytest.mark.parametrize(
    ("n", "error", "organic"), [(60, 0.3, NOBODY), (200, 0.0, Organic(0.1)), (20, 0.5, NOBODY)]
)
def test_intervals_of_small_counts_cover_at_least_what_they_promise(n, error, organic):
    assert covered(n, 0.1, error, organic, 1_500, 12) >= CONFIDENCE - 0.015


def test_a_common_uncertainty_does_not_average_out():
    few, many = (
        forecast(contacts(np.full(n, 0.05)), np.full(n, FIRST.toordinal(), np.int32), TABLE, AT_ONCE, RateError(0.2), NOBODY, [Period(FIRST, LAST)])[0].total
        for n in (10_000, 1_000_000)
    )  # fmt: skip
    widths = [(t.high - t.low) / t.value for t in (few, many)]
    assert widths[1] == pytest.approx(2 * Z95 * 0.2 * 0.95, rel=0.03)
    assert widths[0] > widths[1]


def flat(per_month, error=0.1, organic=NOBODY):
    """Two months that bring `per_month` takers each."""
    n = 40_000
    day = FIRST.toordinal() + np.repeat([0, 31], n).astype(np.int32)
    given = contacts(np.full(2 * n, per_month / n))
    return forecast(given, day, TABLE, AT_ONCE, RateError(error), organic, months(FIRST, LAST))


def test_a_goal_is_reached_or_missed_by_so_much_and_so_surely():
    made = flat(5_500)[0]
    check = check_goal(made, Goal(5_000))
    assert (check.outcome, round(check.gap, -2)) == (Outcome.REACHED, 500)
    assert 0.7 < check.chance < 0.95
    assert check_goal(made, Goal(6_000, 8_000)).outcome is Outcome.MISSED
    assert check_goal(made, Goal(3_000, 4_000)).outcome is Outcome.EXCEEDED
    assert check_goal(made, Goal(3_000, 4_000)).exceeding > 0.99
    assert check_goal(made, Goal(5_000, 6_000)).outcome is Outcome.REACHED


def test_the_sentence_names_the_number_the_gap_and_the_chance():
    sentence = str(check_goal(flat(4_000)[0], Goal(5_000)).sentence())
    assert sentence.startswith("The goal of 5,000 takers will probably be missed: 4,0")
    assert "<1%" in sentence
    assert "more" in str(check_goal(flat(9_000)[0], Goal(5_000)).sentence())
    assert "at most 8,000" in str(check_goal(flat(9_000)[0], Goal(5_000, 8_000)).sentence())


def test_months_that_share_the_rate_are_reached_together():
    made = flat(5_000, error=0.2)
    goals = [Goal(5_000)] * 2
    each = [check_goal(f, goal).chance for f, goal in zip(made, goals, strict=True)]
    assert chance_of_all(made, goals) > each[0] * each[1] + 0.15
    assert chance_of_all(made, goals) <= min(each) + 1e-9
    assert chance_of_all([], []) == 1


def test_organic_takers_are_told_apart_and_counted_for_the_goal():
    made = flat(4_000, organic=Organic(50))[0]
    assert made.organic.value == pytest.approx(50 * 31, rel=0.01)
    assert check_goal(made, Goal(5_000)).outcome is Outcome.REACHED


def test_the_sum_of_two_small_counts_has_both_their_means():
    means = np.full(1024, 2.0), np.full(1024, 3.0)
    count = together(means, means, 5)
    assert count.expected == 5
    assert isinstance(count, Draws)
    assert count.counts.mean() == pytest.approx(5, abs=0.06)


def test_months_are_cut_off_at_the_ends():
    made = months(date(2026, 7, 15), date(2026, 9, 2))
    assert [(p.first.day, p.last.day, p.days) for p in made] == [(15, 31, 17), (1, 31, 31), (1, 2, 2)]


@pytest.mark.parametrize(
    ("error", "make"),
    [
        (UnusableDelays, lambda: forecast(contacts([]), days_from(), TABLE, DELAYS * 1.1, SURE, NOBODY, ())),
        (UnusableDelays, lambda: forecast(contacts([]), days_from(), TABLE, np.array([[2, -1], [1, 0]]), SURE, NOBODY, ())),
        (DelaysMissing, lambda: forecast(contacts([]), days_from(), TABLE, DELAYS[:1], SURE, NOBODY, ())),
        (UnusableUncertainty, lambda: RateError(-0.1)),
        (UnusableUncertainty, lambda: Organic(math.nan)),
        (UnusableUncertainty, lambda: Organic(-1)),
        (ReversedPeriod, lambda: Period(LAST, FIRST)),
        (ReversedPeriod, lambda: months(LAST, FIRST)),
        (UnusableGoal, lambda: Goal(-1)),
        (UnusableGoal, lambda: Goal(8_000, 6_000)),
    ],
)  # fmt: skip
def test_what_cannot_be_forecast_is_refused(error, make):
    with pytest.raises(error):
        make()


def test_what_the_model_is_wrong_by_it_is_wrong_by_for_contacted_and_organic_at_once():
    made = flat(4_000, error=0.2, organic=Organic(4_000 / 31))[0]
    widths = [one.high - one.low for one in (made.by_contact, made.organic, made.total)]
    assert widths[2] == pytest.approx(widths[0] + widths[1], rel=0.02)


def test_an_unsure_rate_leaves_the_expected_number_as_it_was_scored():
    n = 40_000
    given, day = contacts(np.full(n, 0.01)), np.full(n, FIRST.toordinal(), np.int32)
    (made,) = forecast(
        given, day, TABLE, AT_ONCE, RateError.around(0.4), Organic(10), [Period(FIRST, date(2026, 7, 31))]
    )
    assert made.by_contact.value == pytest.approx(400, rel=5e-3)
    assert made.organic.value == pytest.approx(310, rel=5e-3)
