"""What a model learns from: rows of variables with outcomes, in time order. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from telewave.features.model import Variable
from telewave.kernel import Malformed, Message
from telewave.models.target import Target

Booleans = NDArray[np.bool_]
Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


class RaggedTable(Malformed):
    """The training table has {rows} rows of variables but {other} values of {what}. Give one value for each row."""

    code = "ragged_table"


@dataclass(frozen=True, eq=False)
class TrainingTable:
    """Rows to learn from. All arrays have one entry a row.

    `rows`: one column a variable, in the order of `variables`. `period`: when the row's variables were known, a day
    number (days since 1970-01-01) for the operator's tables, the place in the sequence for outside ones.
    `horizon`: how many units of `period` later the outcome is known; a model judged at period P may learn from
    rows with period + horizon <= P only. `dated` says which of the two kinds `period` is.
    `key` identifies the subscriber (the place in the sequence for outside tables).
    `other_weight`: how many non-takers of the population each non-taker here stands for (1 unless they were sampled).
    `known_after`: variables declared to be known only after the outcome. `offered`: the offer and window behind `target`; None for
    outside tables. `audience`: whom the rows are restricted to, in words; empty: everybody. `warnings`: what speaks against the outcomes.
    """

    rows: pa.Table
    variables: tuple[Variable, ...]
    label: Booleans
    period: Integers
    key: Integers
    target: Message
    data_window: Message
    dated: bool
    horizon: int = 1
    other_weight: float = 1.0
    known_after: frozenset[str] = frozenset()
    offered: Target | None = None
    audience: str = ""
    warnings: tuple[Message, ...] = ()

    def __post_init__(self) -> None:
        for what, values in (("label", self.label), ("period", self.period), ("key", self.key)):
            if len(values) != self.rows.num_rows:
                raise RaggedTable(rows=self.rows.num_rows, other=len(values), what=what)

    def __len__(self) -> int:
        return self.rows.num_rows

    @property
    def takers(self) -> int:
        """Rows whose subscriber took the offer."""
        return int(self.label.sum())

    @property
    def base_rate(self) -> float:
        """Share of takers in the population that the rows stand for; 0 for an empty table."""
        total = self.takers + (len(self) - self.takers) * self.other_weight
        return self.takers / total if total else 0.0

    def take(self, selected: Booleans | Integers) -> TrainingTable:
        """The rows that `selected` (a mask, or row numbers) names."""
        index: Integers = (
            np.flatnonzero(selected) if selected.dtype == np.bool_ else selected.astype(np.int64)
        )
        return replace(
            self,
            rows=self.rows.take(index),
            label=self.label[index],
            period=self.period[index],
            key=self.key[index],
        )

    def without(self, names: Sequence[str]) -> TrainingTable:
        """The same rows without the variables called `names`."""
        kept = tuple(v for v in self.variables if v.name not in names)
        return replace(self, rows=self.rows.select([v.name for v in kept]), variables=kept)

    def in_order(self) -> TrainingTable:
        """The rows in order of period; those of one date by a hash of their key, those of one place in a sequence as they were.

        Subscriber numbers tell who is new: in their order the end of a date would hold its newest customers only.
        """
        if self.dated:
            return self.take(np.lexsort((hashed(self.key), self.period)))
        if bool(np.all(self.period[1:] >= self.period[:-1])):
            return self
        return self.take(np.argsort(self.period, kind="stable"))

    def period_name(self, period: int) -> str:
        """`period` as a person writes it: a date, or the place in the sequence."""
        return date.fromordinal(int(period) + EPOCH).isoformat() if self.dated else str(int(period))


EPOCH = date(1970, 1, 1).toordinal()


def day_number(day: date) -> int:
    """Days since 1970-01-01, the unit of `period` in dated tables."""
    return day.toordinal() - EPOCH


def hashed(key: Integers) -> NDArray[np.uint64]:
    """Keys mixed so that their order says nothing, always in the same way."""
    mixed: NDArray[np.uint64] = pd.util.hash_array(key)
    return mixed


def blocks(table: TrainingTable, wanted: int = 40) -> Integers:
    """The stretch of time each row belongs to: its as-of date, or one of `wanted` equal stretches of the sequence."""
    if table.dated:
        return np.unique(table.period, return_inverse=True)[1].astype(np.int64)
    rank = np.argsort(np.argsort(table.period, kind="stable"), kind="stable")
    return (rank * min(wanted, max(1, len(table) // 50)) // max(1, len(table))).astype(np.int64)
