"""The exact minimum of the dual where it has few pieces: cutting planes in a box that follows the best point.

Every pass gives a plane below D (Kelley 1960). The linear programme of all planes, solved by HiGHS,
gives the next prices and a bound from below; a box around the best prices (Marsten, Hogan and
Blankenship 1975) keeps the steps from oscillating.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog

from telewave.allocation.dual import Dual, Point
from telewave.allocation.model import Floats

SERIOUS = 0.1
FIRST_BOX = 0.02


def polished(dual: Dual, start: Point, *, steps: int, tolerance: float) -> Point:
    """The minimum of D from `start` to within `tolerance` of its value, unless `steps` planes do not suffice."""
    best, planes = start, [start]
    box = FIRST_BOX * np.maximum(np.abs(start.prices), 0.05 * _scale(dual))
    for _ in range(steps):
        low = np.maximum(dual.low, best.prices - box)
        high = np.minimum(dual.high, best.prices + box)
        prices, promise = _lowest(planes, low, high)
        promised = best.value - promise
        if promised <= tolerance * max(1.0, abs(best.value)):
            if np.all((low <= dual.low) & (high >= dual.high)):
                return best
            inside = np.all((prices > low) | (low <= dual.low)) and np.all(
                (prices < high) | (high >= dual.high)
            )
            box = box * (1e3 if inside else 10)
            continue
        found = dual.at(prices)
        planes.append(found)
        if found.value < best.value - SERIOUS * promised:
            best, box = found, box * 2
        elif len(planes) % 4 == 0:
            box = box / 2
        if found.value < best.value:
            best = found
    return best


def _lowest(planes: list[Point], low: Floats, high: Floats) -> tuple[Floats, float]:
    """Where in the box the greatest of the planes is least, and how low it is there."""
    slopes = np.array([plane.slack for plane in planes])
    heights = np.array([plane.value - plane.slack @ plane.prices for plane in planes])
    count = slopes.shape[1]
    answer = linprog(
        np.append(np.zeros(count), 1.0),
        A_ub=np.column_stack([slopes, -np.ones(len(planes))]),
        b_ub=-heights,
        bounds=[*zip(low, high, strict=True), (None, None)],
        method="highs",
    )
    if answer.x is None or answer.fun is None:  # numerical trouble: stay
        return planes[-1].prices, float(planes[-1].value)
    prices = np.clip(answer.x[:count], low, high)
    return prices, float(answer.fun)


def _scale(dual: Dual) -> Floats:
    return np.asarray(np.maximum(np.abs(dual.low), np.abs(dual.high)) / 4)
