"""What a model learns from: rows of variables with outcomes, in time order. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from telewave.features.model import Variable
from telewave.kernel import Malformed, Message
from telewave.models.drawing import Hashes, contents, each_apart, hashed
from telewave.models.target import Target

Booleans = NDArray[np.bool_]
Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

TAKERS_UNTOLD = 50
"""Fewer takers than this say nothing of the number of trees."""


class RaggedTable(Malformed):
    """The training table has {rows} rows of variables but {other} values of {what}. Give one value for each row."""

    code = "ragged_table"


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainingTable:
    """Rows to learn from. All arrays have one entry a row.

    `rows`: one column a variable, in the order of `variables`. `period`: when the row's variables were known, a day
    number (days since 1970-01-01) for the operator's tables, the place in the sequence for outside ones. `horizon`: how
    many units of `period` later the outcome is known; a model judged at period P may learn from rows with period +
    horizon <= P only. `dated` says which of the two kinds `period` is. `key` identifies the subscriber (the row's
    number for outside tables). `ordered`: whether `period` says what came first; the rows of an outside table without
    an order are taken in that of a hash, so that it makes no difference how they lie in the file. `drawn_by`: what
    folds and samples are drawn by (`drawing`); rows that belong together share it. None until `in_order` fills it.
    `other_weight`: how many non-takers of the population each non-taker here stands for (1 unless they were sampled).
    `known_after`: variables declared to be known only after the outcome. `offered`: the offer and window behind
    `target`; None for outside tables. `audience`: whom the rows are restricted to, in words; empty: everybody.
    `warnings`: what speaks against the outcomes. `content`: a digest of the outside table behind the rows.
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
    ordered: bool = True
    drawn_by: Hashes | None = None
    content: str = ""

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
            drawn_by=None if self.drawn_by is None else self.drawn_by[index],
        )

    def without(self, names: Sequence[str]) -> TrainingTable:
        """The same rows without the variables called `names`."""
        kept = tuple(v for v in self.variables if v.name not in names)
        return replace(self, rows=self.rows.select([v.name for v in kept]), variables=kept)

    def in_order(self) -> TrainingTable:
        """The rows in order of period; those of one date by a hash of their key, those of one place
        in a sequence by one of what they say.

        Subscriber numbers tell who is new: in their order the end of a date would hold its newest customers
        only. The rows of a table without order are put in that of their hashes, which from then on is their
        period: copies of one row share a place.
        """
        drawn_by = self.drawing()
        if self.dated:
            return replace(self, drawn_by=drawn_by).take(np.lexsort((drawn_by, self.period)))
        if self.ordered and bool(np.all(self.period[1:] > self.period[:-1])):
            return replace(self, drawn_by=drawn_by)
        ties = (self.label, contents(self.rows), drawn_by)
        if self.ordered:
            return replace(self, drawn_by=drawn_by).take(np.lexsort((*ties, self.period)))
        mixed = replace(self, drawn_by=drawn_by).take(np.lexsort(ties))
        place = np.unique(mixed.drawing(), return_inverse=True)[1].astype(np.int64)
        return replace(mixed, period=place)

    def drawing(self) -> Hashes:
        """`drawn_by`, found out where it is not known yet: by the subscriber, or by
        what each row of an outside table says.
        """
        if self.drawn_by is not None:
            return self.drawn_by
        if self.dated:
            return hashed(self.key)
        return each_apart(contents(self.rows) + hashed(self.label.astype(np.int64)))

    def period_name(self, period: int) -> str:
        """`period` as a person writes it: a date, or the place in the sequence."""
        return date.fromordinal(int(period) + EPOCH).isoformat() if self.dated else str(int(period))


EPOCH = date(1970, 1, 1).toordinal()


def day_number(day: date) -> int:
    """Days since 1970-01-01, the unit of `period` in dated tables."""
    return day.toordinal() - EPOCH


def blocks(table: TrainingTable, wanted: int = 40) -> Integers:
    """The stretch of time each row belongs to: its as-of date, or one of `wanted` equal stretches of the
    sequence; without an order all share one.
    """
    if table.dated:
        return np.unique(table.period, return_inverse=True)[1].astype(np.int64)
    if not table.ordered:
        return np.zeros(len(table), dtype=np.int64)
    rank = np.argsort(np.argsort(table.period, kind="stable"), kind="stable")
    return (rank * min(wanted, max(1, len(table) // 50)) // max(1, len(table))).astype(np.int64)
