"""Semismooth Newton on the dual (Li, Sun, Toh 2018 give the family; the curvature here is counted, see
`dual.curvature`).

Each step minimises the local quadratic model within the price range, and is shortened until D truly falls.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from telewave.allocation.compiled import compiled
from telewave.allocation.dual import Dual, Point
from telewave.allocation.model import Floats

SUFFICIENT = 1e-4
SHORTEST = 1e-4
SWEEPS = 400
INVISIBLE = 1e-11
"""Part of D below which a fall drowns in the rounding of sums; then the slope along the step must become flatter
instead.
"""
FLATTER = 0.7


def newton(dual: Dual, start: Floats, *, steps: int, tolerance: float) -> Point:
    """A point near the minimum of D: a further step promises less than `tolerance` of it, or `steps` are done."""
    point = dual.at(np.clip(start, dual.low, dual.high))
    damping = 1e-8
    for _ in range(steps):
        scale = np.trace(point.curvature) / max(len(point.prices), 1)
        model = point.curvature + np.eye(len(point.prices)) * (damping * scale + 1e-12)
        move = box_step(model, point.slack, dual.low - point.prices, dual.high - point.prices)
        promised = -float(point.slack @ move)
        if promised <= tolerance * max(abs(point.value), 1e-12):
            return point
        found = _shortened(dual, point, move, promised)
        if found is None:
            if damping > 1:
                return point
            damping = max(damping * 100, 1e-4)
            continue
        point, damping = found, max(damping / 10, 1e-8)
    return point


def _shortened(dual: Dual, point: Point, move: Floats, promised: float) -> Point | None:
    """The first of ever shorter steps at which D falls; None if none does."""
    length = 1.0
    while length >= SHORTEST:
        trial = dual.at(point.prices + length * move)
        if trial.value <= point.value - SUFFICIENT * length * promised:
            return trial
        if promised <= INVISIBLE * abs(point.value) and abs(float(trial.slack @ move)) <= FLATTER * promised:
            return trial
        length /= 4
    return None


def box_step(model: Floats, gradient: Floats, low: Floats, high: Floats) -> Floats:
    """Argmin over low <= d <= high of gradient . d + d . model . d / 2, by
    coordinate descent; `model` positive definite.
    """
    return np.asarray(_descend(model, gradient, low, high, SWEEPS))


@compiled
def _descend(model: Any, gradient: Any, low: Any, high: Any, sweeps: int) -> Any:
    d = np.zeros_like(gradient)
    slope = gradient.copy()
    for _ in range(sweeps):
        moved = 0.0
        for r in range(len(d)):
            best = min(max(d[r] - slope[r] / model[r, r], low[r]), high[r])
            change = best - d[r]
            if change != 0:
                d[r] = best
                for s in range(len(d)):
                    slope[s] += model[s, r] * change
                moved = max(moved, abs(change) / (abs(best) + 1e-12))
        if moved < 1e-9:
            break
    return d
