"""In which stretches of the monthly fee one way of buying is cheaper than another. Pure.

What a device really costs by an offer is piecewise linear in the constant monthly fee, but for parts of a minor unit that shares drop.
The curves are taken at every whole unit (yuan); between two neighbours where the sign changes the crossing is found by bisection to the
minor unit. Two crossings within one unit are not seen; a test compares with every single fen for the reference case.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from telewave.kernel import Money
from telewave.offers.classes import HIGHEST_FEE
from telewave.offers.curves import Minor, device_costs
from telewave.offers.economics import Sale
from telewave.offers.model import Offer

TOP = HIGHEST_FEE * 100
"""Fees from 0 to here are compared."""
GRID: Minor = np.arange(0, TOP + 1, 100, dtype=np.int64)
SAME = 100
"""Differences up to this many minor units over the whole contract are no difference: a customer does not notice them."""

Curve = Callable[[Minor], Minor]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Monthly fees [low, high] (None: up to the highest compared) in which one is cheaper, by `most` at the fee `at`."""

    low: Money
    high: Money | None
    most: Money
    at: Money


@lru_cache(maxsize=1024)
def curve(offer: Offer, pieces: int, new_number: bool) -> Curve:
    """What the device really costs by the offer, a piece, as a function of the monthly fee; at `GRID` it is computed once."""
    sale = Sale(pieces, new_number)
    on_grid = device_costs(offer, GRID, sale)

    def costs(fees: Minor) -> Minor:
        return on_grid if fees is GRID else device_costs(offer, fees, sale)

    return costs


def lowest(curves: Sequence[Curve]) -> Curve:
    """The lower envelope of several curves."""
    return lambda fees: np.min([one(fees) for one in curves], axis=0)


def cheaper(one: Curve, other: Curve, currency: str) -> tuple[Stretch, ...]:
    """The stretches in which `one` costs less than `other`, those without a noticeable difference left out."""
    gain = other(GRID) - one(GRID)
    below = gain > 0
    edges = np.flatnonzero(np.diff(below.astype(np.int8)))
    starts = [0] if below[0] else []
    found: list[Stretch] = []
    spans: list[tuple[int, int | None]] = []
    for edge in edges:
        crossing = _bisect(one, other, int(GRID[edge]), int(GRID[edge + 1]))
        if below[edge]:
            spans.append((starts.pop(), crossing - 1))
        else:
            starts.append(crossing)
    spans += [(start, None) for start in starts]
    for low, high in spans:
        inside = (low <= GRID) & ((TOP if high is None else high) >= GRID)
        if not inside.any():
            continue
        best = int(np.argmax(np.where(inside, gain, np.iinfo(np.int64).min)))
        if gain[best] > SAME:
            end = None if high is None else Money(high, currency)
            found.append(
                Stretch(
                    Money(low, currency),
                    end,
                    Money(int(gain[best]), currency),
                    Money(int(GRID[best]), currency),
                )
            )
    return tuple(found)


def never_worse(one: Curve, other: Curve) -> bool:
    """Whether `one` costs at no fee noticeably more than `other`, and at some fee noticeably less."""
    gain = other(GRID) - one(GRID)
    return bool(gain.min() >= -SAME and gain.max() > SAME)


def same(one: Curve, other: Curve) -> bool:
    """Whether the two cost the same at every fee."""
    return bool(np.abs(other(GRID) - one(GRID)).max() <= SAME)


def _bisect(one: Curve, other: Curve, low: int, high: int) -> int:
    """The first fee in (low, high] on the other side of the crossing between them."""

    def below(fee: int) -> bool:
        at = np.array([fee], np.int64)
        return bool((other(at) - one(at))[0] > 0)

    before = below(low)
    while high - low > 1:
        middle = (low + high) // 2
        if below(middle) == before:
            low = middle
        else:
            high = middle
    return high
