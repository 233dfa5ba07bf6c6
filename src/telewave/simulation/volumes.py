"""Takers by class, kind and month: the reference case's marginal figures brought to agree. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from telewave.simulation.assumptions import ASSUMPTIONS
from telewave.simulation.facts import (
    CUSTOMERS,
    HANDLED,
    HANDLED_BY_MONTH,
    NEW_NUMBER_SHARE,
    PENETRATION_MONTH_3,
    Base,
    OrderKind,
)

Floats = NDArray[np.float64]
ROUNDS = 200


def takers(months: int) -> Floats:
    """Expected takers of the reference case, shape (months, 4 classes, 2 kinds); month 1 is the first row.

    The case gives class x kind over three months, kind by month, and the penetration of each class in
    month 3. Iterative proportional fitting (Deming and Stephan 1940) finds the table nearest to
    independence that has these margins; the case's own rounding leaves differences of about one percent.
    Later months are assumed to fall slowly from month 3.
    """
    classes = np.array([[HANDLED[b][k] for k in OrderKind] for b in Base], dtype=float)
    total = np.array(HANDLED_BY_MONTH, dtype=float)
    new = total * np.array(NEW_NUMBER_SHARE)
    kinds = np.column_stack([new, total - new])
    kinds *= classes.sum(axis=0) / kinds.sum(axis=0)
    third = np.array([CUSTOMERS[b] * PENETRATION_MONTH_3[b] for b in CUSTOMERS])
    table = np.ones((3, 1, 1)) * classes / 3
    for _ in range(ROUNDS):
        table[2, :3] *= (third / table[2, :3].sum(axis=1))[:, None]
        table *= (kinds / table.sum(axis=1))[:, None, :]
        table *= (classes / np.maximum(table.sum(axis=0), 1e-12))[None]
    decline = ASSUMPTIONS["later_months_decline"]
    later = [table[2] * decline ** (k + 1) for k in range(max(0, months - 3))]
    return np.array([*table, *later])[:months]
