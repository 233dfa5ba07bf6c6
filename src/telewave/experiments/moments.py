"""Sufficient statistics of one arm that add up: of parts of a table, of days, of machines. Pure.

A *unit* is what was drawn by lot: a row, or a cluster of rows such as a household. Of each unit three totals are known:
its rows, the outcome summed over them, and the covariate from before summed over them. An arm is the number of its
units, the means of the totals and their centred cross products; two parts of an arm are joined by the pairwise update
of Chan, Golub and LeVeque (1983, "Algorithms for computing the sample variance", The American Statistician 37(3)),
which loses no digits where amounts are large.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]
ROWS, OUTCOME, COVARIATE = 0, 1, 2


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Of an arm's units: their number, the means of (rows, outcome, covariate), shape (3,), and
    the centred cross products, shape (3, 3).
    """

    units: int
    mean: Floats
    cross: Floats

    @classmethod
    def of(cls, totals: Floats) -> Self:
        """Of the totals of each unit, shape (units, 3)."""
        if not len(totals):
            return cls(0, np.zeros(3), np.zeros((3, 3)))
        mean = totals.mean(axis=0)
        apart = totals - mean
        return cls(len(totals), mean, apart.T @ apart)

    def __add__(self, other: Moments) -> Moments:
        units = self.units + other.units
        if not units:
            return self
        step = other.mean - self.mean
        mean = self.mean + step * (other.units / units)
        apart = np.outer(step, step) * (self.units * other.units / units)
        return Moments(units, mean, self.cross + other.cross + apart)

    @property
    def rows(self) -> float:
        """Rows of all units."""
        return float(self.units * self.mean[ROWS])

    def level(self, slope: float = 0.0, centre: float = 0.0) -> Level:
        """The outcome a row, less `slope` times what the covariate a row lies above `centre`, with its variance.

        A ratio of totals; its variance is that of the residuals e = y - slope (x - centre n) - level n of the
        units (linearisation, Cochran 1977, "Sampling Techniques", 6.3 and 9A): units / (units - 1) * sum e^2 /
        rows^2. With one row a unit it is s^2 / n.
        """
        value = float((self.mean[OUTCOME] - slope * self.mean[COVARIATE]) / self.mean[ROWS] + slope * centre)
        weights = np.array([slope * centre - value, 1.0, -slope])
        squares = max(0.0, float(weights @ self.cross @ weights))
        variance = self.units / (self.units - 1) * squares / self.rows**2
        return Level(value, variance, self.units, round(self.rows))

    def residual_products(self) -> tuple[float, float, float]:
        """Sums over units of e_x e_x, e_x e_y and e_y e_y, where e are the residuals of
        covariate and outcome from their means a row.
        """
        ratios = self.mean / self.mean[ROWS]
        lift = np.array([[-ratios[COVARIATE], 0.0, 1.0], [-ratios[OUTCOME], 1.0, 0.0]])
        products = lift @ self.cross @ lift.T
        return float(products[0, 0]), float(products[0, 1]), float(products[1, 1])


@dataclass(frozen=True, slots=True)
class Level:
    """What an arm came to, a row: `value`, the `variance` of that value, and the `units` and `rows` behind it."""

    value: float
    variance: float
    units: int
    rows: int

    @property
    def clustered(self) -> bool:
        """Whether several rows were drawn together."""
        return self.units != self.rows

    def independent_rows(self) -> float:
        """As many rows drawn one by one would know a share as well: rows over the design
        effect, which is at least 1 (Kish 1965).
        """
        if not self.clustered:
            return float(self.rows)
        alone = self.value * (1 - self.value)
        if not self.variance or not 0 < self.value < 1:
            return float(self.units)
        return min(float(self.rows), alone / self.variance)


def unit_totals(outcome: Floats, covariate: Floats, cluster: Integers | None) -> Floats:
    """Totals of each unit, shape (units, 3): of each row, or of each of the clusters that have rows."""
    ones = np.ones(len(outcome))
    if cluster is None:
        return np.column_stack([ones, outcome, covariate])
    _, place = np.unique(cluster, return_inverse=True)
    return np.column_stack([np.bincount(place, weights=each) for each in (ones, outcome, covariate)])
