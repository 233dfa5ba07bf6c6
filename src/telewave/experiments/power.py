"""How many subscribers it takes to tell two take-up rates apart. Pure.

The test is the two-sided comparison of two proportions without continuity correction; p0 is the rate
of those held out, p1 that of those treated, r = n1 / n0 (Fleiss, Levin and Paik 2003, "Statistical
Methods for Rates and Proportions", 3rd ed., ch. 4):

    n0 = (z_a sqrt((r + 1) p q) + z_b sqrt(r p0 q0 + p1 q1))^2 / (r (p1 - p0)^2),   p = (p0 + r p1) / (r + 1)
    power = Phi((|p1 - p0| - z_a sqrt(p q (1/n0 + 1/n1))) / sqrt(p0 q0 / n0 + p1 q1 / n1))

z_a and z_b are the normal quantiles at 1 - alpha/2 and at the power. The normal approximation wants takers to count: a
group in which fewer than `FEWEST_TAKERS` are expected decides nothing here, however large it is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from telewave.kernel import Inconclusive, Malformed, Message

NORMAL = NormalDist()
FEWEST_TAKERS = 10
STEPS = 200


class RateOutOfRange(Malformed):
    """A take-up rate of {rate:g} cannot be compared. Give more than 0 and less than 1, 2 % as 0.02."""

    code = "rate_out_of_range"


class CertaintyOutOfRange(Malformed):
    """A power of {power:g} with a false alarm rate of {alpha:g} makes no test. Give a power from 0.5 to below 1 and a
    rate above 0 to 0.5, usually 0.8 and 0.05.
    """

    code = "certainty_out_of_range"


class NoDifference(Malformed):
    """Both rates are {rate:g}: no size of group can tell them apart. Give an effect that would matter."""

    code = "no_difference"


class EmptyGroup(Malformed):
    """A comparison needs subscribers on both sides; there are {held_out} held out and
    {treated} treated. Give at least one of each.
    """

    code = "empty_group"


@dataclass(frozen=True, slots=True)
class Certainty:
    """How sure the answer is to be. `power`: chance that an effect of the wanted size is seen; `alpha`: chance that one
    is seen where there is none, in either direction. Raises `CertaintyOutOfRange`.
    """

    power: float = 0.8
    alpha: float = 0.05

    def __post_init__(self) -> None:
        if not (0.5 <= self.power < 1 and 0 < self.alpha <= 0.5):
            raise CertaintyOutOfRange(power=self.power, alpha=self.alpha)

    def among(self, comparisons: int) -> Certainty:
        """The same certainty for all of several comparisons together (Bonferroni: each gets its part of alpha)."""
        return Certainty(self.power, self.alpha / comparisons)


USUAL = Certainty()


def sizes(p0: float, p1: float, ratio: float = 1.0, certainty: Certainty = USUAL) -> tuple[int, int]:
    """How many to hold out and to treat, `ratio` treated for each held out, to see p1 against p0.

    >>> sizes(0.05, 0.10)
    (435, 435)

    Raises `RateOutOfRange`, `NoDifference`.
    """
    _check_rates(p0, p1)
    if p0 == p1:
        raise NoDifference(rate=p0)
    pooled = (p0 + ratio * p1) / (ratio + 1)
    null = math.sqrt((ratio + 1) * pooled * (1 - pooled))
    other = math.sqrt(ratio * p0 * (1 - p0) + p1 * (1 - p1))
    root = _z(1 - certainty.alpha / 2) * null + _z(certainty.power) * other
    held_out = root**2 / (ratio * (p1 - p0) ** 2)
    return math.ceil(held_out), math.ceil(held_out * ratio)


def power(p0: float, p1: float, held_out: int, treated: int, alpha: float = USUAL.alpha) -> float:
    """Chance that the comparison shows the difference between p0 and p1. Raises `RateOutOfRange`, `EmptyGroup`."""
    _check_rates(p0, p1)
    _check_sizes(held_out, treated)
    pooled = (held_out * p0 + treated * p1) / (held_out + treated)
    null = math.sqrt(pooled * (1 - pooled) * (1 / held_out + 1 / treated))
    other = math.sqrt(p0 * (1 - p0) / held_out + p1 * (1 - p1) / treated)
    return NORMAL.cdf((abs(p1 - p0) - _z(1 - alpha / 2) * null) / other)


def minimal_effect(
    p0: float, held_out: int, treated: int, certainty: Certainty = USUAL
) -> float | Inconclusive:
    """The smallest rise above p0, as a difference of shares, that groups of these sizes show with the wanted power.

    Raises `RateOutOfRange`, `EmptyGroup`.
    """
    _check_rates(p0, p0)
    _check_sizes(held_out, treated)
    if held_out * p0 < FEWEST_TAKERS:
        return Inconclusive(too_few_takers(p0, held_out))
    low, high = p0, 1 - 1e-12
    if power(p0, high, held_out, treated, certainty.alpha) < certainty.power:
        return Inconclusive(
            Message(
                "Groups of {held_out:,} held out and {treated:,} treated show no effect at all, however large.",
                held_out=held_out,
                treated=treated,
            )
        )
    for _ in range(STEPS):
        middle = (low + high) / 2
        if power(p0, middle, held_out, treated, certainty.alpha) < certainty.power:
            low = middle
        else:
            high = middle
    return high - p0


def too_few_takers(p0: float, held_out: int) -> Message:
    """Why a holdout decides nothing, and from what size on it would."""
    return Message(
        "Of {held_out:,} held out only {takers:.1f} would take the offer anyway; a comparison needs "
        "{fewest} of them, that is {needed:,} held out.",
        held_out=held_out,
        takers=held_out * p0,
        fewest=FEWEST_TAKERS,
        needed=least_held_out(p0),
    )


def least_held_out(p0: float) -> int:
    """The smallest holdout in which `FEWEST_TAKERS` are expected at the rate p0."""
    return math.ceil(FEWEST_TAKERS / p0 - 1e-9)


def _z(probability: float) -> float:
    return NORMAL.inv_cdf(probability)


def _check_rates(*rates: float) -> None:
    for rate in rates:
        if not 0 < rate < 1:
            raise RateOutOfRange(rate=rate)


def _check_sizes(held_out: int, treated: int) -> None:
    if held_out < 1 or treated < 1:
        raise EmptyGroup(held_out=held_out, treated=treated)
