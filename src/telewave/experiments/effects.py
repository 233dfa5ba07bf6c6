"""Difference and lift of an arm against its control, with intervals. Pure.

Each arm's level has limits of its own, and both comparisons are made of them (MOVER, the method of variance estimates
recovery):

- difference d = p1 - p0: from d - sqrt((p1 - l1)^2 + (u0 - p0)^2 - 2 r (p1 - l1)(u0 - p0)) to d + sqrt((u1 - p1)^2 +
  (p0 - l0)^2 - 2 r (u1 - p1)(p0 - l0)). With Wilson's limits of two shares this is Newcombe's hybrid score interval
  (Newcombe 1998, "Interval estimation for the difference between independent proportions", Statistics in Medicine 17,
  method 10). With limits t standard errors to either side it is Welch's interval, t of Welch and Satterthwaite's
  degrees of freedom (Welch 1947, Biometrika 34).
- ratio p1 / p0: the roots of the same condition on p1 - ratio p0 (Donner and Zou 2012, "Closed-form confidence
  intervals for functions of the normal mean and standard deviation", Statistical Methods in Medical Research 21(4));
  with symmetric limits it is Fieller's interval. Difference and lift so agree on which side of nothing they lie.

r is the correlation of the two levels: 0, unless clusters have rows in both arms. Several arms against one control:
each interval at 1 - alpha / arms (Bonferroni), so that all of them hold together with 1 - alpha, whatever hangs
together; unlike Dunnett's this holds for Newcombe's, for unequal variances and for clusters too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from statistics import NormalDist

from telewave.experiments.moments import Level
from telewave.experiments.power import Certainty, minimal_effect
from telewave.kernel import Estimate, Inconclusive, Message
from telewave.kernel.intervals import CONFIDENCE, wilson_limits

ALPHA = 1 - CONFIDENCE
POWER = Certainty().power
NORMAL = NormalDist()
WELCH, NEWCOMBE = "Welch", "Newcombe, method 10"


class Kind(Enum):
    """What an outcome is: 0 or 1 in each row, or an amount."""

    RATE = "rate"
    AMOUNT = "amount"


class Finding(Enum):
    """What a comparison says at its level."""

    RAISES = "raises"
    LOWERS = "lowers"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Limits:
    """A level and the limits on either side of it."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """An arm against the control. `difference`, `lift` by itself at 95 %; `together`: the difference at the
    level at which those of all arms hold together (the same where there is one arm). `seeable`: the smallest
    difference that is seen with the usual power.
    """

    arm: str
    treated: Estimate
    control: Estimate
    difference: Estimate
    together: Estimate
    lift: Estimate | Inconclusive
    seeable: float | Inconclusive

    @property
    def finding(self) -> Finding:
        """By the interval that holds for all arms together."""
        if self.together.low > 0:
            return Finding.RAISES
        return Finding.LOWERS if self.together.high < 0 else Finding.NOTHING


def compared(
    arm: str,
    treated: Level,
    control: Level,
    kind: Kind,
    *,
    arms: int = 1,
    covariance: float = 0.0,
    adjusted: bool = False,
) -> Comparison:
    """`treated` against `control`, one of `arms` comparisons with it. `covariance` of the two
    levels, where clusters have rows in both.

    An `adjusted` rate is no share any more, and gets Welch's interval.
    """
    newcombe = kind is Kind.RATE and not adjusted
    freedom = _freedom(treated, control)
    correlation = _correlation(treated, control, covariance)

    def pair(alpha: float) -> tuple[Limits, Limits]:
        return tuple(_limits(one, alpha, None if newcombe else freedom) for one in (treated, control))  # type: ignore[return-value]

    method = NEWCOMBE if newcombe else WELCH
    alone, all_arms = pair(ALPHA), pair(ALPHA / arms)
    rows = treated.rows + control.rows
    return Comparison(
        arm=arm,
        treated=_estimate(alone[0], treated.rows, "Wilson" if newcombe else method),
        control=_estimate(alone[1], control.rows, "Wilson" if newcombe else method),
        difference=_estimate(difference(*alone, correlation), rows, method),
        together=_estimate(difference(*all_arms, correlation), rows, method, 1 - ALPHA / arms),
        lift=_lift(alone, correlation, rows),
        seeable=_seeable(treated, control, arms, freedom, covariance, newcombe),
    )


def difference(treated: Limits, control: Limits, correlation: float = 0.0) -> Limits:
    """What the treated level lies above the control; see the module's text.

    >>> from telewave.kernel.intervals import wilson_limits
    >>> made = difference(Limits(56 / 70, *wilson_limits(56 / 70, 70)), Limits(48 / 80, *wilson_limits(48 / 80, 80)))
    >>> round(made.low, 4), round(made.high, 4)
    (0.0524, 0.3339)
    """
    apart = treated.value - control.value
    down = _joined(treated.value - treated.low, control.high - control.value, correlation)
    up = _joined(treated.high - treated.value, control.value - control.low, correlation)
    return Limits(apart, apart - down, apart + up)


def _joined(one: float, other: float, correlation: float) -> float:
    return math.sqrt(max(0.0, one * one + other * other - 2 * correlation * one * other))


def ratio(treated: Limits, control: Limits, correlation: float = 0.0) -> Limits:
    """The treated level as a multiple of a control above 0; the upper limit is infinite where the
    control's lower one does not lie above 0.
    """
    value = treated.value / control.value
    low = _root(treated, control, correlation, lower=True)
    high = _root(treated, control, correlation, lower=False) if control.low > 0 else math.inf
    return Limits(value, min(low, value), max(high, value))


def _root(treated: Limits, control: Limits, correlation: float, *, lower: bool) -> float:
    """Where p1 - ratio p0 has its limit at 0: a root of a ratio^2 - 2 b ratio + c, written so that a may be 0."""
    limit = treated.low if lower else treated.high
    beside = control.high if lower else control.low
    a = beside * (2 * control.value - beside)
    c = limit * (2 * treated.value - limit)
    b = treated.value * control.value - correlation * (treated.value - limit) * (beside - control.value)
    inside = math.sqrt(max(0.0, b * b - a * c))
    if lower:
        return c / (b + inside) if b + inside else 0.0
    return (b + inside) / a


def _limits(level: Level, alpha: float, freedom: float | None) -> Limits:
    """Wilson's where there are no degrees of `freedom` to ask for, else t standard errors to either side."""
    if freedom is None:
        z = NORMAL.inv_cdf(1 - alpha / 2)
        low, high = wilson_limits(level.value, level.independent_rows(), z)
        return Limits(level.value, low, high)
    reach = _t(alpha, freedom) * math.sqrt(level.variance)
    return Limits(level.value, level.value - reach, level.value + reach)


def _t(alpha: float, freedom: float) -> float:
    from scipy.stats import t

    return float(t.ppf(1 - alpha / 2, freedom))


def _freedom(treated: Level, control: Level) -> float:
    """Welch and Satterthwaite's: (v1 + v0)^2 / (v1^2 / (m1 - 1) + v0^2 / (m0 - 1)), v
    the variances of the levels, m their units.
    """
    parts = treated.variance**2 / (treated.units - 1) + control.variance**2 / (control.units - 1)
    if not parts:
        return float(treated.units + control.units - 2)
    return (treated.variance + control.variance) ** 2 / parts


def _correlation(treated: Level, control: Level, covariance: float) -> float:
    scale = math.sqrt(treated.variance * control.variance)
    return max(-1.0, min(1.0, covariance / scale)) if scale else 0.0


def _lift(pair: tuple[Limits, Limits], correlation: float, rows: int) -> Estimate | Inconclusive:
    treated, control = pair
    if control.value <= 0:
        return Inconclusive(
            Message("The control's mean is not above 0, so a lift in per cent means nothing.")
        )
    limits = ratio(treated, control, correlation)
    if not math.isfinite(limits.high):
        return Inconclusive(Message("The control's mean is too uncertain for a lift in per cent."))
    return Estimate(value=limits.value - 1, low=limits.low - 1, high=limits.high - 1, n=rows, method="MOVER")


def _seeable(
    treated: Level, control: Level, arms: int, freedom: float, covariance: float, newcombe: bool
) -> float | Inconclusive:
    """By the sizes' own arithmetic for shares, else (t + z) standard errors of the difference."""
    certainty = Certainty().among(arms)
    if newcombe and 0 < control.value < 1:
        held_out, other = (max(1, round(one.independent_rows())) for one in (control, treated))
        return minimal_effect(control.value, held_out, other, certainty)
    error = math.sqrt(max(0.0, treated.variance + control.variance - 2 * covariance))
    return (_t(certainty.alpha, freedom) + NORMAL.inv_cdf(POWER)) * error


def _estimate(limits: Limits, rows: int, method: str, level: float = CONFIDENCE) -> Estimate:
    return Estimate(value=limits.value, low=limits.low, high=limits.high, n=rows, method=method, level=level)
