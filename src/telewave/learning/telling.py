"""From what each later record says of two versions to a verdict that holds however often one looks. Pure, on arrays.

G: the champion's log loss of a record less the challenger's, in nats. What is judged is the mean of G over records; a
household's records count as one draw. A record may stand for several (`weight`), where only some were looked at.

The interval is a confidence sequence (`measurement/sequence.py`, on the sum of the households' G less their share of
the mean): a challenger that is judged anew with every week's records is no more often taken for better than one that
is judged once. Where it is narrowest is chosen beforehand, for `Care.expected` records whose G varies as the champion
itself expects.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from telewave.kernel import Estimate
from telewave.learning.model import Judged, Part, StepScore, Verdict
from telewave.measurement.sequence import days_until_seen, reach, tuned

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

NEGLIGIBLE = 0.002
"""Share of the champion's log loss below which a gain is none."""
LONGEST_DAYS = 3_650
LEAST_VARIANCE = 1e-12
METHOD = "confidence sequence"


@dataclass(frozen=True, slots=True)
class Care:
    """`expected`: records after which a verdict is expected, where the interval is narrowest; `fewest`: of those that
    weigh, below which nothing is said.
    """

    expected: int
    fewest: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Gains:
    """What each record of [first, end) says, one entry each: `gain` and the champion's `loss` in nats, its `household`
    as a number, the `weight` of the record. `variance`: mean of G squared as the champion expects it; `told`: how many
    records weigh (takers, where few take).
    """

    first: date
    end: date
    gain: Floats
    loss: Floats
    household: Numbers
    variance: float
    told: int
    weight: Floats | None = None


def verdict_on(
    gains: Gains, care: Care, *, steps: tuple[StepScore, ...] = (), parts: tuple[Part, ...] = ()
) -> Judged:
    """The mean gain with its interval, the verdict, and how long still."""
    records, days = len(gains.gain), max((gains.end - gains.first).days, 1)
    if not records:
        return Judged(
            first=gains.first, end=gains.end, records=0, told=0, fewest=care.fewest, households=0, gain=None, loss=0.0,
            verdict=Verdict.UNTOLD, days_more=None,
        )  # fmt: skip
    weight = np.ones(records) if gains.weight is None else gains.weight
    whose, size = np.unique(gains.household, return_inverse=True)[1], float(weight.sum())
    total = float(weight @ gains.gain)
    mean, average = total / size, float(weight @ gains.loss) / size
    variance = float((np.bincount(whose, weight * (gains.gain - mean)) ** 2).sum())
    rho2 = tuned(max(care.expected * gains.variance, LEAST_VARIANCE))
    half = reach(variance, rho2) / size
    found = Estimate(value=mean, low=mean - half, high=mean + half, n=records, method=METHOD)
    enough = gains.told >= care.fewest
    verdict = verdict_of(found, average, enough=enough, same=gains.variance < LEAST_VARIANCE)
    more = None
    if verdict is Verdict.UNTOLD and total > 0 and gains.told:
        until = days_until_seen(total, max(variance, LEAST_VARIANCE), days, rho2, LONGEST_DAYS)
        least = math.ceil(days * care.fewest / gains.told)
        more = None if until is None else max(until, least) - days
    return Judged(
        first=gains.first, end=gains.end, records=records, told=gains.told, fewest=care.fewest,
        households=int(whose.max()) + 1, gain=found, loss=average, verdict=verdict, days_more=more, steps=steps,
        parts=parts,
    )  # fmt: skip


def verdict_of(gain: Estimate, loss: float, *, enough: bool = True, same: bool = False) -> Verdict:
    """Better where the whole interval lies above 0; not better where it lies below what is worth anything, or both
    versions say the `same`; else, or where there are not `enough` records, it cannot be told yet.

    >>> verdict_of(Estimate(value=0.1, low=-0.1, high=0.3, n=900, method=""), 1.0).value
    'cannot be told yet'
    """
    if same:
        return Verdict.NOT_BETTER
    if not enough:
        return Verdict.UNTOLD
    if gain.low > 0:
        return Verdict.BETTER
    return Verdict.NOT_BETTER if gain.high < NEGLIGIBLE * loss else Verdict.UNTOLD
