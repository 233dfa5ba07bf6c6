"""The small known faults of real feeds: late, doubled and wrong rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pyarrow as pa

LATE, DOUBLED, NEGATIVE = 0.002, 0.001, 0.0005
"""Shares of usage rows that are a day late, delivered twice, or have a duration below zero."""
DAY_US = 86_400_000_000


def dirtied(seed: int, day: date, block: int) -> Callable[[pa.Table], pa.Table]:
    """A function that spoils a few rows of each table of usage it is given."""
    draw = np.random.default_rng(np.random.SeedSequence([seed, 9, day.toordinal(), block]))

    def spoil(table: pa.Table) -> pa.Table:
        n = table.num_rows
        at = np.asarray(table.column("started_at").cast(pa.int64()).to_numpy())
        duration = np.asarray(table.column("duration_s").to_numpy())
        at = at - np.where(draw.random(n) < LATE, DAY_US, 0)
        duration = np.where(draw.random(n) < NEGATIVE, -1, duration)
        table = table.set_column(1, "started_at", pa.array(at).view(pa.timestamp("us")))
        table = table.set_column(7, "duration_s", pa.array(duration))
        return pa.concat_tables([table, table.filter(pa.array(draw.random(n) < DOUBLED))])

    return spoil
