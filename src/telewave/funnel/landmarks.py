"""People contacted and people not contacted yet, each watched from a day on: a landmark. Pure, on arrays.

Whoever orders early is not contacted any more. Counted over the whole window he would stand among those left alone, and
any contact would look harmful (immortal time; Anderson, Cain and Gelber 1983, J Clin Oncol 1). So everybody is watched
for the same number of days, if he had not ordered before: the contacted from the day of the first contact; and
everybody, as left alone, from a day drawn by the hash of his number from the days on which others were contacted, as
long as he is not contacted himself (nested trials; Hernan and Robins 2016, Am J Epidemiol 183). Whom another channel
contacts afterwards is watched until then: whoever orders first is contacted by no second channel, so that leaving out
those whom several contacted would flatter the first, and counting on would give one order to two. An order at a time up
to which a share G of a side was still watched stands for 1 / G orders (inverse probability of censoring).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from telewave.experiments.holdout import Purpose, uniform

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Watched:
    """Stretches that are compared, shape (stretches,): whose (`place` in what was given), whether from a contact on,
    and how many orders each stands for. A person may stand on either side, before and after his contact.
    """

    place: NDArray[np.int64]
    contacted: Flags
    took: Floats


def watched(
    person: NDArray[np.int64],
    contacted_on: Floats,
    ordered_on: Floats,
    *,
    name: str,
    days: int,
    end: int,
    also_on: Floats | None = None,
    landmark: Floats | None = None,
) -> Watched:
    """Days are counted from the window's first; NaN: never. `name`: of the draw; `end`: the day after the last known.

    `also_on`: the day from which another channel's contact may have led to an order, which ends a stretch. `landmark`:
    the day from which the contacted are watched, if it is not that of their first contact; NaN: not at all.

    >>> one = watched(np.arange(3), np.array([2.0, 2, np.nan]), np.array([1.0, 3, 9]), name="x", days=5, end=30)
    >>> one.place.tolist(), one.contacted.tolist(), one.took.tolist()
    ([1, 2], [True, False], [1.0, 0.0])
    """
    first = np.where(np.isnan(ordered_on), np.inf, ordered_on)
    touch = np.where(np.isnan(contacted_on), np.inf, contacted_on)
    begins = touch if landmark is None else np.where(np.isnan(landmark), np.inf, landmark)
    other = np.full(len(touch), np.inf) if also_on is None else np.where(np.isnan(also_on), np.inf, also_on)
    touched = np.flatnonzero((first >= begins) & (begins < other) & (begins + days <= end))
    won = _stands_for(first[touched] - begins[touched], other[touched] - begins[touched], days)
    known = np.sort(begins[np.isfinite(begins)])
    if not len(known):
        return Watched(touched, np.ones(0, bool), won)
    start = known[(uniform(name, person, Purpose.LOT) * len(known)).astype(np.int64)]
    alone = np.flatnonzero((first >= start) & (touch > start) & (start + days <= end))
    took = _stands_for(first[alone] - start[alone], touch[alone] - start[alone], days)
    side = np.arange(len(touched) + len(alone)) < len(touched)
    return Watched(np.concatenate([touched, alone]), side, np.concatenate([won, took]))


def _stands_for(order: Floats, contact: Floats, days: int) -> Floats:
    """Orders that each stretch stands for; `order`, `contact`: days until the order, and the contact that ends the
    stretch; infinite for never.
    """
    took = (order < contact) & (order < days)
    uncontacted = np.ones(days + 1)
    for day in range(1, days + 1):
        there = (np.minimum(order, contact) >= day).sum()
        gone = ((contact == day) & (order >= day)).sum()
        uncontacted[day] = uncontacted[day - 1] * (1 - gone / there if there else 1.0)
    at = np.where(took, order, 0).astype(np.int64)
    return np.where(took, 1 / np.maximum(uncontacted[at], 1e-9), 0.0)
