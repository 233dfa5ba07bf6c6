"""How many takers each day and month will bring, how sure that is, and whether a goal is reached. Pure.

A contact of channel c on day a with probability p brings a taker on day t with probability p w_c(t - a), w_c
the channel's response delays. In a period P it does so with p W, W the sum of w_c(t - a) over P's days;
different contacts are independent given the rate:

    mean(P) = sum p W,    variance(P) = sum p W (1 - p W)      (Poisson-binomial)

The rate is uncertain in common: all log odds are shifted by one amount, p -> p e^s / (1 - p + p e^s), s normal with the
rate error's mean and standard error. Sums of p and p^2 by channel, day and 17 values of s are all that is kept of the
contacts; between these values a cubic spline goes. Organic takers come without any contact, a Poisson number whose rate
is shifted by the same s: what the model is wrong by it is wrong by for both. They are told apart.

Two contacts of one subscriber count as independent, so where a second sale to the same
person is impossible the forecast is a little high.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from telewave.forecasting.takers import Count, Draws, scenarios, takers, together
from telewave.kernel import Estimate, Malformed, Message
from telewave.kernel.intervals import CONFIDENCE
from telewave.kernel.periods import add_months
from telewave.scheduling.spacing import NO_DAY, Days
from telewave.scheduling.waves import Contacts
from telewave.scheduling.working_days import Timetable

Floats = NDArray[np.float64]

REACH = 4.0
NODES = 17


class UnusableDelays(Malformed):
    """The response delays of channel number {channel} sum to {total:g}. Give the shares of takers by days since
    the contact, none negative, with the sum 1.
    """

    code = "unusable_delays"


class DelaysMissing(Malformed):
    """There are {channels} channels and response delays for {delays}. Give one row for each channel."""

    code = "delays_missing"


class UnusableUncertainty(Malformed):
    """{value:g} cannot be a rate or a standard error. Give zero or more."""

    code = "unusable_uncertainty"


class ReversedPeriod(Malformed):
    """A period ends on {last}, before it begins on {first}. Exchange the two days."""

    code = "reversed_period"


class UnusableGoal(Malformed):
    """A goal of {least} to {most} takers cannot be met. Give at least zero, and the greater number last."""

    code = "unusable_goal"


@dataclass(frozen=True, slots=True)
class RateError:
    """How the true log odds differ from the scored ones, in common for contacted and organic: normal with mean `shift`.

    Raises `UnusableUncertainty`.
    """

    standard_error: float
    shift: float = 0.0

    def __post_init__(self) -> None:
        _not_negative(self.standard_error)

    @classmethod
    def around(cls, standard_error: float) -> RateError:
        """That under which as many takers are expected as were scored: exp of a normal
        value with mean -se^2 / 2 is 1 on average.
        """
        return cls(standard_error, -(standard_error**2) / 2)


@dataclass(frozen=True, slots=True)
class Organic:
    """Takers without any contact: `per_day` expected on each calendar day. Raises `UnusableUncertainty`."""

    per_day: float

    def __post_init__(self) -> None:
        _not_negative(self.per_day)


def _not_negative(value: float) -> None:
    if not 0 <= value < math.inf:
        raise UnusableUncertainty(value=value)


@dataclass(frozen=True, slots=True)
class Period:
    """From `first` to `last`, both included. Raises `ReversedPeriod`."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ReversedPeriod(first=self.first, last=self.last)

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1


def months(first: date, last: date) -> tuple[Period, ...]:
    """The calendar months from `first` to `last`, the outer ones cut off there. Raises `ReversedPeriod`."""
    whole = Period(first, last)
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    starts = [add_months(first.replace(day=1), n) for n in range(count + 1)]
    return tuple(
        Period(max(whole.first, start), min(whole.last, after - timedelta(days=1)))
        for start, after in pairwise(starts)
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class PeriodForecast:
    """Takers in a period: of contacts, organic, and of both together, with intervals.

    `contacts`: those made in the period itself. The counts hold the whole distributions.
    """

    period: Period
    contacts: int
    by_contact: Estimate
    organic: Estimate
    total: Estimate
    counts: tuple[Count, Count, Count]


def forecast(
    contacts: Contacts,
    day: Days,
    table: Timetable,
    delays: Floats,
    error: RateError,
    organic: Organic,
    periods: Sequence[Period],
    level: float = CONFIDENCE,
) -> tuple[PeriodForecast, ...]:
    """The forecast of each period. `delays`: shape (C, L), share of a channel's
    takers by days since the contact, from 0.

    Contacts whose day is outside the timetable or missing bring nothing. Raises `DelaysMissing`, `UnusableDelays`.
    """
    _check_delays(delays, table)
    first, second = _moments(contacts, day, table, error)
    share = _shares(delays, table, periods)
    mean = np.einsum("kca,pca->kp", first, share, optimize=True)
    variance = mean - np.einsum("kca,pca->kp", second, share**2, optimize=True)
    rate = scenarios()
    mean, variance = (_between_nodes(sums, rate) for sums in (mean, variance))
    growth = np.exp(error.shift + error.standard_error * rate)
    made = [_made(day, period) for period in periods]
    return tuple(
        _period_forecast(
            period,
            made[n],
            (mean[:, n], organic.per_day * period.days * growth),
            np.clip(variance[:, n], 0, mean[:, n]),
            level,
            n,
        )
        for n, period in enumerate(periods)
    )


def _check_delays(delays: Floats, table: Timetable) -> None:
    if len(delays) != len(table.channels):
        raise DelaysMissing(channels=len(table.channels), delays=len(delays))
    for channel, row in enumerate(delays):
        if not (row >= 0).all() or abs(row.sum() - 1) > 1e-6:
            raise UnusableDelays(channel=channel, total=float(row.sum()))


def _moments(contacts: Contacts, day: Days, table: Timetable, error: RateError) -> tuple[Floats, Floats]:
    """Sums of p and of p^2 by value of the shift, channel and day of contact, each of shape (17, C, D)."""
    index = day.astype(np.int64) - table.first.toordinal()
    inside = np.flatnonzero((day != NO_DAY) & (index >= 0) & (index < table.days))
    cell = contacts.channel[inside].astype(np.int64) * table.days + index[inside]
    scored = contacts.probability[inside].astype(np.float64)
    shape = (len(table.channels), table.days)
    sums = []
    for node in np.linspace(-REACH, REACH, NODES):
        times = math.exp(error.shift + node * error.standard_error)
        p = scored * times / (1 - scored + scored * times)
        sums.append([np.bincount(cell, w, minlength=shape[0] * shape[1]).reshape(shape) for w in (p, p * p)])
    both = np.array(sums, np.float64)
    return both[:, 0], both[:, 1]


def _between_nodes(sums: Floats, rate: Floats) -> Floats:
    """Sums at the scenarios' shifts, shape (S, periods), from those at the nodes, shape (17, periods)."""
    from scipy.interpolate import CubicSpline

    return CubicSpline(np.linspace(-REACH, REACH, NODES), sums, axis=0)(rate)


def _shares(delays: Floats, table: Timetable, periods: Sequence[Period]) -> Floats:
    """Shape (periods, C, D): share of the takers of a contact on that day who come within the period."""
    length = delays.shape[1]
    until = np.concatenate([np.zeros((len(delays), 1)), np.cumsum(delays, axis=1)], axis=1)
    made = table.first.toordinal() + np.arange(table.days)
    rows = []
    for period in periods:
        end = np.clip(period.last.toordinal() + 1 - made, 0, length)
        start = np.clip(period.first.toordinal() - made, 0, length)
        rows.append(until[:, end] - until[:, start])
    return np.array(rows, np.float64).reshape(len(periods), len(delays), table.days)


def _made(day: Days, period: Period) -> int:
    return int(((day >= period.first.toordinal()) & (day <= period.last.toordinal())).sum())


def _period_forecast(
    period: Period, made: int, means: tuple[Floats, Floats], variance: Floats, level: float, seed: int
) -> PeriodForecast:
    by_contact = takers(means[0], variance, 3 * seed)
    organic = takers(means[1], means[1], 3 * seed + 1)
    total = together(means, (variance, means[1]), 3 * seed + 2)
    counts = (by_contact, organic, total)
    one, other, both = (_estimate(count, made, level) for count in counts)
    return PeriodForecast(
        period=period, contacts=made, by_contact=one, organic=other, total=both, counts=counts
    )


def _estimate(count: Count, n: int, level: float) -> Estimate:
    method = "simulated" if isinstance(count, Draws) else "normal given the rate"
    low, high = count.quantile((1 - level) / 2), count.quantile((1 + level) / 2)
    return Estimate(value=count.expected, low=low, high=high, n=n, method=method, level=level)


@dataclass(frozen=True, slots=True)
class Goal:
    """At least `least` takers in all, and at most `most` (None: the more the better). Raises `UnusableGoal`."""

    least: int
    most: int | None = None

    def __post_init__(self) -> None:
        if self.least < 0 or (self.most is not None and self.most < self.least):
            raise UnusableGoal(least=self.least, most="..." if self.most is None else self.most)


class Outcome(StrEnum):
    """What is expected of a goal."""

    REACHED = "reached"
    MISSED = "missed"
    EXCEEDED = "exceeded"


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalCheck:
    """`gap`: expected takers less the goal's nearest bound that is not kept (else less
    `least`); `chance`: of reaching at least `least`.

    `exceeding`: chance of more than `most`. `outcome` goes by the expected number alone, so read it with the chance.
    """

    goal: Goal
    outcome: Outcome
    expected: float
    gap: float
    chance: float
    exceeding: float

    def sentence(self) -> Message:
        """The check in words."""
        values = {
            "least": f"{self.goal.least:,}",
            "expected": f"{self.expected:,.0f}",
            "gap": f"{abs(self.gap):,.0f}",
            "chance": percent(self.chance),
        }
        match self.outcome:
            case Outcome.MISSED:
                return Message(
                    (
                        "The goal of {least} takers will probably be missed: {expected} are expected, {gap} "
                        "too few. The chance of reaching it is {chance}."
                    ),
                    **values,
                )
            case Outcome.EXCEEDED:
                return Message(
                    (
                        "The goal of at most {most} takers will probably be exceeded: {expected} are expected, "
                        "{gap} too many. The chance of exceeding it is {exceeding}."
                    ),
                    **values,
                    most=f"{self.goal.most:,}",
                    exceeding=percent(self.exceeding),
                )
            case Outcome.REACHED:
                return Message(
                    (
                        "The goal of {least} takers will probably be reached: {expected} are expected, {gap} "
                        "more. The chance of reaching it is {chance}."
                    ),
                    **values,
                )


def percent(chance: float) -> str:
    """A chance for people; nothing uncertain is called sure.

    >>> [percent(chance) for chance in (0.9999, 0.5, 0.001)]
    ['>99%', '50%', '<1%']
    """
    if chance > 0.99:
        return ">99%"
    return "<1%" if chance < 0.01 else f"{chance:.0%}"


def check_goal(made: PeriodForecast, goal: Goal) -> GoalCheck:
    """Hold the period's total against the goal."""
    count, expected = made.counts[2], made.total.value
    chance = float(count.at_least(goal.least).mean())
    exceeding = 0.0 if goal.most is None else float(count.at_least(goal.most + 1).mean())
    if expected < goal.least:
        return GoalCheck(
            goal=goal,
            outcome=Outcome.MISSED,
            expected=expected,
            gap=expected - goal.least,
            chance=chance,
            exceeding=exceeding,
        )
    if goal.most is not None and expected > goal.most:
        return GoalCheck(
            goal=goal,
            outcome=Outcome.EXCEEDED,
            expected=expected,
            gap=expected - goal.most,
            chance=chance,
            exceeding=exceeding,
        )
    return GoalCheck(
        goal=goal,
        outcome=Outcome.REACHED,
        expected=expected,
        gap=expected - goal.least,
        chance=chance,
        exceeding=exceeding,
    )


def chance_of_all(made: Sequence[PeriodForecast], goals: Sequence[Goal]) -> float:
    """The chance that each period reaches its goal's least number.

    The periods share the rate, so that this is far more than the product of their chances. Given the rate
    they count as independent: that a taker comes in one period only makes them depend on each other a
    little, by products of small probabilities.
    """
    each = [f.counts[2].at_least(goal.least) for f, goal in zip(made, goals, strict=True)]
    return float(np.prod(each, axis=0).mean()) if each else 1.0
