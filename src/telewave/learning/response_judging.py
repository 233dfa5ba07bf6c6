"""Two versions of a response model judged on who took the offer after both were learnt. Pure, on arrays.

A version gives each subscriber, as of a date, the chance p of taking the offer within its window; its log loss is
- log p of a taker, else - log (1 - p). G varies as the champion expects by the mean of
p (1 - p) (logit p - logit p')^2.
A subscriber judged as of several dates is one draw with his household. The interval is narrowest at as many subscribers
as the first date judged has, which no outcome moves. It is a confidence sequence although most look but once a month:
they come back with every month, and a challenger's first month is no other than its fifth.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from telewave.kernel import Label
from telewave.learning.model import Judged, Part
from telewave.learning.telling import Care, Floats, Gains, Numbers, verdict_on

FEWEST_TAKERS = 50
EDGE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Later:
    """Subscribers as of dates of [first, end), one entry each: which of the `dates` by place, the chances of both
    versions, (n,) each, whether he `took` it, his household as a number, and how many he stands for.
    """

    first: date
    end: date
    dates: tuple[date, ...]
    date: Numbers
    champion: Floats
    challenger: Floats
    took: NDArray[np.bool_]
    household: Numbers
    weight: Floats


def judged(later: Later) -> Judged:
    """What the later outcomes say of both."""
    chances = [np.clip(one, EDGE, 1 - EDGE) for one in (later.champion, later.challenger)]
    losses = [-np.log(np.where(later.took, one, 1 - one)) for one in chances]
    logits = [np.log(one / (1 - one)) for one in chances]
    apart = chances[0] * (1 - chances[0]) * (logits[0] - logits[1]) ** 2
    size = float(later.weight.sum())
    gains = Gains(
        first=later.first,
        end=later.end,
        gain=losses[0] - losses[1],
        loss=losses[0],
        household=later.household,
        variance=float(later.weight @ apart) / size if size else 0.0,
        told=int(later.took.sum()),
        weight=later.weight,
    )
    care = Care(expected=max(1, round(float(later.weight[later.date == 0].sum()))), fewest=FEWEST_TAKERS)
    return verdict_on(gains, care, parts=tuple(_part(later, losses, k) for k in range(len(later.dates))))


def auc(chance: Floats, took: NDArray[np.bool_]) -> float | None:
    """The chance that a taker ranks above another one; None where there are not both.

    >>> auc(np.array([0.1, 0.4, 0.3]), np.array([False, True, False]))
    1.0
    """
    from scipy.stats import rankdata

    takers = int(took.sum())
    others = len(took) - takers
    if not takers or not others:
        return None
    return float((rankdata(chance)[took].sum() - takers * (takers + 1) / 2) / (takers * others))


def _part(later: Later, losses: list[Floats], place: int) -> Part:
    """What one date says."""
    mine, day = later.date == place, later.dates[place].isoformat()
    weight, took = later.weight[mine], later.took[mine]
    before, now = (float(np.average(one[mine], weights=weight)) for one in losses)
    return Part(
        name=Label(f"as of {day}", f"截至 {day}"),
        n=int(mine.sum()),
        took=int(took.sum()),
        champion=before,
        challenger=now,
        champion_auc=auc(later.champion[mine], took),
        challenger_auc=auc(later.challenger[mine], took),
    )
