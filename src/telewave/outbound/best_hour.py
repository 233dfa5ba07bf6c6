"""At which hour of the day most calls are answered, learnt from a campaign's own attempts. Pure.

Hour h has n_h calls, of which s_h were answered; of all, S / N = p. Hours differ as a beta distribution with mean p and
precision m, which is chosen by likelihood (s_h is beta-binomial): hour h is estimated as (m p + s_h) / (m + n_h), with
the interval of a beta. Few calls: close to p. An hour is called best only where its lower limit lies above p.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from telewave.kernel import Estimate, Inconclusive, Message

FEWEST_CALLS = 200
FEWEST_OF_HOUR = 30
PRECISIONS = np.geomspace(5.0, 5_000.0, 60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """One hour of the day: calls made, of which answered, and the shrunken share."""

    hour: int
    calls: int
    answered: int
    share: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursLearnt:
    """Every hour with calls, in order; `best`: the hour that is known to be better than the whole, with the reason
    where none is.
    """

    hours: tuple[Hour, ...]
    best: int | Inconclusive


def best_hour(counts: Mapping[int, tuple[int, int]]) -> HoursLearnt:
    """`counts`: calls and answered ones by hour of the day."""
    known = {hour: counts[hour] for hour in sorted(counts) if counts[hour][0]}
    total = sum(calls for calls, _ in known.values())
    if total < FEWEST_CALLS or sum(calls >= FEWEST_OF_HOUR for calls, _ in known.values()) < 2:
        return HoursLearnt(hours=(), best=_too_few(total))
    n, s = np.array([known[hour] for hour in known], float).T
    p = float(s.sum() / n.sum())
    if not 0 < p < 1:
        return HoursLearnt(hours=(), best=_no_better(total))
    hours = _shrunken(tuple(known), n, s, p)
    ahead = [one for one in hours if one.calls >= FEWEST_OF_HOUR and (one.share.low or 0) > p]
    best = max(ahead, key=lambda one: one.share.value, default=None)
    return HoursLearnt(hours=hours, best=_no_better(total) if best is None else best.hour)


def _shrunken(names: tuple[int, ...], n: np.ndarray, s: np.ndarray, p: float) -> tuple[Hour, ...]:
    from scipy.special import betaincinv, betaln

    a, b = PRECISIONS[:, None] * p, PRECISIONS[:, None] * (1 - p)
    fits = (betaln(a + s, b + n - s) - betaln(a, b)).sum(axis=1)
    m = float(PRECISIONS[int(np.argmax(fits))])
    one, other = m * p + s, m * (1 - p) + n - s
    low, high = (betaincinv(one, other, end) for end in (0.025, 0.975))
    return tuple(
        Hour(
            hour=hour,
            calls=int(n[k]),
            answered=int(s[k]),
            share=Estimate(
                value=float(one[k] / (m + n[k])),
                low=float(low[k]),
                high=float(high[k]),
                n=int(n[k]),
                method="beta-binomial",
            ),
        )
        for k, hour in enumerate(names)
    )


def _too_few(calls: int) -> Inconclusive:
    return Inconclusive(
        Message(
            "The best hour is not known yet: {calls:,} calls were made, and it takes {fewest} in all and {of_hour} in "
            "each of two hours.",
            calls=calls,
            fewest=FEWEST_CALLS,
            of_hour=FEWEST_OF_HOUR,
        )
    )


def _no_better(calls: int) -> Inconclusive:
    return Inconclusive(
        Message("After {calls:,} calls no hour is known to be better than the others.", calls=calls)
    )
