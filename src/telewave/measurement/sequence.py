"""Intervals that hold on all days together, so that looking every day is safe. Pure.

An interval for one look, looked at daily, errs ever oftener: who stops on the first day on which it excludes 0 finds
effects that are none. A *confidence sequence* covers the truth on all days at once with the stated probability,
whenever somebody looks or stops. After Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2021; Annals of Statistics
2024, "Time-uniform central limit theory and asymptotic confidence sequences"), equation (2.4), in terms of the
variance V of what is estimated on a day (there t sigma^2, for a sum):

    reach(V) = sqrt( (V r + 1) / r * log( (V r + 1) / alpha^2 ) ),    r = rho^2

It is Robbins' mixture: if S is the estimate less the truth, exp(l S - l^2 V / 2), averaged over l ~ N(0, r), is
exp(r S^2 / (2 (V r + 1))) / sqrt(V r + 1), and exceeds 1 / alpha at any time with probability alpha (Ville).

`rho` says where the sequence is narrowest. It must not hang on the data, and is chosen before launch for the
variance that the plan lets expect at the campaign's end: r V = -W(-alpha^2 / e) - 1, W the lower branch of Lambert's
function. There it is 1.55 times as wide as the interval for one look; where the variance turns out a half or four
times what was expected, 1.57 and 1.60 times.

What makes it hold here: S(day) is the difference of two arms' mean outcomes up to the day, less what it was to be.
Orders are rare and each comes on one day, so that the changes of S from day to day are uncorrelated, and their
variances add up to V. That some people order likelier than others ties the days together; this part is small where
orders are rare (it is the square of a chance beside the chance), and what was known of it before the launch is taken
off (CUPED).
"""

from __future__ import annotations

import math

from telewave.kernel.intervals import CONFIDENCE

ALPHA = 1 - CONFIDENCE


def tuned(variance: float, alpha: float = ALPHA) -> float:
    """The `rho^2` whose sequence is narrowest where the estimate's variance is `variance`, above 0.

    >>> round(tuned(1.0), 4)
    8.212
    """
    from scipy.special import lambertw

    return float(-lambertw(-(alpha**2) / math.e, -1).real - 1) / variance


def reach(variance: float, rho2: float, alpha: float = ALPHA) -> float:
    """How far the interval reaches to either side of an estimate of this variance; see the module's text.

    >>> round(reach(1.0, tuned(1.0)) / 1.959964, 3)
    1.549
    """
    scale = variance * rho2 + 1
    return math.sqrt(scale / rho2 * math.log(scale / alpha**2))


def chance(apart: float, variance: float, rho2: float) -> float:
    """The level at which the sequence would just let 0 in, for an estimate `apart`: a p-value that holds on all days
    together. At most 1.
    """
    scale = variance * rho2 + 1
    return min(1.0, math.sqrt(scale) * math.exp(-(apart**2) * rho2 / (2 * scale)))


def holm(chances: list[float]) -> list[float]:
    """Holm's (1979) adjusted p-values, in the order given: of several comparisons, those below alpha are
    errors in none with probability 1 - alpha.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(chances)), key=lambda k: chances[k])
    adjusted, worst = [0.0] * len(chances), 0.0
    for place, k in enumerate(order):
        worst = max(worst, min(1.0, (len(chances) - place) * chances[k]))
        adjusted[k] = worst
    return adjusted


def days_until_seen(apart: float, variance: float, days: int, rho2: float, most: int) -> int | None:
    """After how many days the sequence would exclude 0 if estimate and variance went on growing as in the first `days`;
    None: not within `most`.
    """
    for day in range(days, most + 1):
        grown = day / days
        if abs(apart) * grown > reach(variance * grown, rho2):
            return day
    return None
