"""The dual function of the allocation, and how it changes: value, slacks, curvature at given prices of the limits.

    D(prices) = prices . amounts + sum over units of their best worth at the option
    prices P[g, j] = sum_r prices_r use[r, g, j]

D is convex and piecewise linear; its minimum over prices >= 0 for maxima and <= 0 for minima equals
the optimum of the linear relaxation (Geoffrion 1974, Lagrangean relaxation for integer programming:
the inner choice has the integrality property).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from telewave.allocation.choosing import Chooser
from telewave.allocation.model import Codes, Floats, Problem

ACTIVE_SHARE = 0.06
"""Of the units that are looked at again when prices move little."""
SCREENED_FROM = 50_000
"""Fewer units are always looked at all."""
SWITCHING_SHARE = 0.02
FEWEST_SWITCHING = 400


@dataclass(frozen=True, eq=False, slots=True)
class Point:
    """D at `prices`. `slack`: amounts - loads, the gradient. `curvature`: shape (R, R), of the smoothed D."""

    prices: Floats
    value: float
    slack: Floats
    curvature: Floats


@dataclass(frozen=True, eq=False, slots=True)
class _Reference:
    """A pass over everybody, from which those whose choice cannot have changed are known."""

    option_prices: Floats
    radius: float
    active: Codes
    still_counts: Floats
    still_worth: float


class Dual:
    """D of a problem. Looks at everybody once, then only at units whose choice may have changed since."""

    def __init__(self, chooser: Chooser, prices: tuple[Floats, Floats] | None = None) -> None:
        self.chooser = chooser
        self.problem: Problem = chooser.problem
        self.low, self.high = prices or price_range(self.problem)
        self.passes = 0.0
        self.near = 0.0
        self._reference: _Reference | None = None

    def option_prices(self, prices: Floats) -> Floats:
        """P, shape (G, m)."""
        p = self.problem
        if not len(prices):
            return np.zeros((p.class_count, p.options))
        return np.asarray(np.einsum("r,rgj->gj", prices, p.use))

    def at(self, prices: Floats) -> Point:
        """D at `prices`, shape (R,)."""
        price = self.option_prices(prices)
        reference = self._reference
        if reference is None or np.abs(price - reference.option_prices).max(initial=0) > reference.radius:
            return self._everybody(prices, price)
        part = self.chooser.choose(price, index=reference.active, near=self.near)
        self.passes += len(reference.active) / max(self.chooser.units, 1)
        counts = reference.still_counts + part.counts
        worth = (
            reference.still_worth
            - float(np.sum(reference.still_counts * (price - reference.option_prices)))
            + part.worth
        )
        return self._point(prices, worth, counts, part.switches, self.near)

    def _everybody(self, prices: Floats, price: Floats) -> Point:
        found = self.chooser.choose(price, near=self.near, gaps=True)
        self.passes += 1
        wanted = max(SWITCHING_SHARE, FEWEST_SWITCHING / max(len(found.gaps), 1))
        counted, self.near = self.near, _quantile(found.gaps, min(wanted, 1.0))
        if not found.switches.any():
            counted = self.near
            found = self.chooser.choose(price, near=counted, gaps=True)
            self.passes += 1
        if self.chooser.units >= SCREENED_FROM:
            self._remember(price, found.gaps, found.worth, found.counts)
        return self._point(prices, found.worth, found.counts, found.switches, counted)

    def _remember(self, price: Floats, gaps: NDArray[np.float32], worth: float, counts: Floats) -> None:
        radius = _quantile(gaps, ACTIVE_SHARE) / 2
        active = np.flatnonzero(gaps <= 2 * radius)
        if len(active) > 3 * ACTIVE_SHARE * len(gaps):  # ties: too many would have to be looked at
            self._reference = None
            return
        moving = self.chooser.choose(price, index=active)
        self._reference = _Reference(price, radius, active, counts - moving.counts, worth - moving.worth)

    def _point(self, prices: Floats, worth: float, counts: Floats, switches: Floats, near: float) -> Point:
        p = self.problem
        value = float(prices @ p.amounts) + worth
        return Point(prices, value, p.amounts - p.loads(counts), curvature(p.use, switches, near))


def curvature(use: Floats, switches: Floats, near: float) -> Floats:
    """Second derivative of D in the prices, shape (R, R), from the units within
    `near` of changing from one option to another.

    A price move that makes option p dearer than q by x moves those within x: their
    number is about x * (p<->q) / (2 * near).
    """
    g, p, q = np.nonzero(switches)
    padded = np.concatenate([np.zeros((*use.shape[:2], 1)), use], axis=2)
    change = padded[:, g, p] - padded[:, g, q]
    weight = switches[g, p, q] / (2 * near) if near > 0 else np.zeros(len(g))
    return np.asarray((change * weight) @ change.T)


def price_range(p: Problem) -> tuple[Floats, Floats]:
    """Within which prices lie: 0 to a height at which no value pays, negative for minima. Shapes (R,)."""
    lowest, greatest = p.value_range
    height = 4 * (max(greatest, 0.0) - min(lowest, 0.0)) + 1
    with np.errstate(divide="ignore"):
        least_use = np.array([use[use > 0].min(initial=np.inf) for use in p.use])
    top = height / np.where(np.isfinite(least_use), least_use, 1.0) * (1 + 4 * p.least.any())
    return np.where(p.least, -top, 0.0), np.where(p.least, 0.0, top)


def _quantile(gaps: NDArray[np.float32], share: float) -> float:
    """The gap below which `share` of the units lie, from at most 100 000 of them; never 0."""
    some = gaps[:: max(1, len(gaps) // 100_000)]
    some = some[np.isfinite(some)]
    if not len(some):
        return 1e-9
    rank = min(len(some) - 1, int(share * len(some)))
    return max(float(np.partition(some, rank)[rank]), 1e-9)
