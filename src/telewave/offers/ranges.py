"""In which stretches of the monthly fee one way of buying is cheaper than another. Pure.

What a device really costs by an offer is piecewise linear in the constant monthly fee, but for parts of a
minor unit that shares drop. The curves are taken at every whole unit (yuan); between two neighbours where the
sign changes the crossing is found by bisection to the minor unit. Two crossings within one unit are not seen;
a test compares with every single fen for the reference case. Where an offer is not open its cost is `NOWHERE`;
ways of buying are compared where both are open.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np

from telewave.kernel import Money
from telewave.offers.classes import HIGHEST_FEE, Flags
from telewave.offers.curves import Minor, device_costs
from telewave.offers.economics import Sale
from telewave.offers.model import Offer

TOP = HIGHEST_FEE * 100
"""Fees from 0 to here are compared."""
GRID: Minor = np.arange(0, TOP + 1, 100, dtype=np.int64)
SAME = 100
"""Differences up to this many minor units over the whole contract are no difference: a customer does not notice
them.
"""

NOWHERE = 1 << 50
"""The cost of what cannot be bought: more than any amount, and sums of it over the grid stay within 64 bits."""

Curve = Callable[[Minor], Minor]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Monthly fees [low, high] (None: up to the highest compared) in which one is cheaper, by `most` at the fee
    `at`.
    """

    low: Money
    high: Money | None
    most: Money
    at: Money


@dataclass(frozen=True, slots=True)
class Fees:
    """Monthly fees from `low` to `high`, whole units both (None: up to the highest compared and above)."""

    low: Money
    high: Money | None


def fees_of(flags: Flags, currency: str) -> tuple[Fees, ...]:
    """The runs of flagged fees."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return tuple(
        Fees(Money(low * 100, currency), Money((end - 1) * 100, currency) if end <= HIGHEST_FEE else None)
        for low, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    )


@lru_cache(maxsize=4096)
def curve(offer: Offer, pieces: int, new_number: bool, day: date | None = None) -> Curve:
    """What the device really costs by the offer on `day`, a piece, as a function of the
    monthly fee; at `GRID` it is computed once, and at single fees once each: the search
    for a crossing asks for the same ones in every pair.
    """
    sale = Sale(pieces=pieces, new_number=new_number, day=day)
    on_grid = device_costs(offer, GRID, sale)

    @lru_cache(maxsize=4096)
    def single(fee: int) -> int:
        return int(device_costs(offer, np.array([fee], np.int64), sale)[0])

    def costs(fees: Minor) -> Minor:
        if fees is GRID:
            return on_grid
        if fees.shape == (1,):
            return np.array([single(int(fees[0]))], np.int64)
        return device_costs(offer, fees, sale)

    return costs


def where(one: Curve, flags: Flags) -> Curve:
    """The curve at the fees whose whole units are flagged (the last flag holds for all above), `NOWHERE` at the
    others.
    """
    if flags.all():
        return one
    return lambda fees: np.where(flags[np.minimum(fees, TOP) // 100], one(fees), NOWHERE)


def lowest(curves: Sequence[Curve]) -> Curve:
    """The lower envelope of several curves; of none: nothing can be bought."""
    return lambda fees: np.min([np.full(fees.shape, NOWHERE), *(one(fees) for one in curves)], axis=0)


def saving(one: Curve, other: Curve) -> Curve:
    """How much less `one` costs than `other` (negative: more); zero where not both are open."""

    def saved(fees: Minor) -> Minor:
        mine, theirs = one(fees), other(fees)
        return np.where((mine < NOWHERE) & (theirs < NOWHERE), theirs - mine, 0)

    return saved


def cheaper(one: Curve, other: Curve, currency: str) -> tuple[Stretch, ...]:
    """The stretches in which `one` costs less than `other`, those without a noticeable difference left out."""
    saved = saving(one, other)
    gain = saved(GRID)
    found: list[Stretch] = []
    for low, high in _spans(saved, gain > 0):
        inside = (low <= GRID) & ((TOP if high is None else high) >= GRID)
        if not inside.any():
            continue
        best = int(np.argmax(np.where(inside, gain, np.iinfo(np.int64).min)))
        if gain[best] > SAME:
            end = None if high is None else Money(high, currency)
            most, at = (Money(int(minor), currency) for minor in (gain[best], GRID[best]))
            found.append(Stretch(Money(low, currency), end, most, at))
    return tuple(found)


def _spans(saved: Curve, below: Flags) -> list[tuple[int, int | None]]:
    """First and last fee of each run of gains, to the minor unit; None: still running at the highest fee."""
    starts = [0] if below[0] else []
    spans: list[tuple[int, int | None]] = []
    for edge in np.flatnonzero(np.diff(below.astype(np.int8))):
        crossing = _bisect(saved, int(GRID[edge]), int(GRID[edge + 1]))
        if below[edge]:
            spans.append((starts.pop(), crossing - 1))
        else:
            starts.append(crossing)
    return spans + [(start, None) for start in starts]


def never_worse(one: Curve, other: Curve) -> bool:
    """Whether, wherever `other` is open, `one` costs noticeably more at no fee and noticeably less at some."""
    mine, theirs = one(GRID), other(GRID)
    gain = (theirs - mine)[theirs < NOWHERE]
    return bool(gain.size and gain.min() >= -SAME and gain.max() > SAME)


def same(one: Curve, other: Curve) -> bool:
    """Whether the two are open at the same fees and cost the same at each."""
    return bool(np.abs(other(GRID) - one(GRID)).max() <= SAME)


def _bisect(saved: Curve, low: int, high: int) -> int:
    """The first fee in (low, high] on the other side of the crossing between them."""

    def below(fee: int) -> bool:
        return bool(saved(np.array([fee], np.int64))[0] > 0)

    before = below(low)
    while high - low > 1:
        middle = (low + high) // 2
        if below(middle) == before:
            low = middle
        else:
            high = middle
    return high
