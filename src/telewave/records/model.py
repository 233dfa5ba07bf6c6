"""What a table contract is: columns with kinds, units, ranges and references. Pure."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from enum import StrEnum

import pyarrow as pa

from telewave.kernel import Label
from telewave.kernel.evolving import EVOLVED


class Kind(StrEnum):
    """What a column holds."""

    SUBSCRIBER = "subscriber"  # an outside identifier, stored as the dense subscriber number
    PEER = "peer"  # somebody else's number, stored as a keyed 64-bit digest
    KEY = "key"  # an outside identifier that is kept as it is, as text
    INTEGER = "integer"
    MONEY = "money"  # minor units
    TEXT = "text"
    CODE = "code"  # one of the column's codes
    DATE = "date"
    INSTANT = "instant"  # the operator's local wall time
    FLAG = "flag"
    NUMBER = "number"  # statistics only; contracts of the operator's own tables use exact kinds


IDENTIFIERS = (Kind.SUBSCRIBER, Kind.PEER)
"""What identifies somebody outside."""

ARROW_TYPES: dict[Kind, pa.DataType] = {
    Kind.SUBSCRIBER: pa.int32(),
    Kind.PEER: pa.int64(),
    Kind.KEY: pa.string(),
    Kind.INTEGER: pa.int64(),
    Kind.MONEY: pa.int64(),
    Kind.TEXT: pa.string(),
    Kind.CODE: pa.string(),
    Kind.DATE: pa.date32(),
    Kind.INSTANT: pa.timestamp("us"),
    Kind.FLAG: pa.bool_(),
    Kind.NUMBER: pa.float64(),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a contract. `low` and `high` bound the value inclusively, in `unit`.

    `past`: a day that has come, today at the latest; `first_of_month`: the day stands for its month. `spared`: codes of
    the column `kind` for which nothing is measured, so that a blank is 0.
    """

    name: str
    kind: Kind
    label: Label
    _: KW_ONLY
    required: bool = True
    unit: str = ""
    low: float | None = None
    high: float | None = None
    codes: tuple[str, ...] = ()
    past: bool = False
    first_of_month: bool = False
    spared: tuple[str, ...] = ()


OUTSIDE = (Kind.SUBSCRIBER, Kind.PEER, Kind.KEY)
"""Kinds of what outside systems know somebody by."""


@dataclass(frozen=True, slots=True)
class Contract:
    """What a table promises.

    `key`: columns that identify a row; none for `events`, where two rows are one record only if all that they say
    is equal. `repeats`: not even then, since the day alone tells them from one another. `dated_by`: the DATE or
    INSTANT column whose local day is the partition and from which on the row is known: a row is visible as of D
    only if that day is before D. `refers`: whether the subscriber must already be in `subscribers`. `spans`: pairs
    of columns (start, end) of which the end is never before the start, or by no more days than `ahead` allows the
    end. `evolved`: parts that were written by earlier releases lack columns of today's or hold them in another
    kind; they are read as what they would be today.
    """

    name: str
    label: Label
    columns: tuple[Column, ...]
    _: KW_ONLY
    key: tuple[str, ...]
    dated_by: str
    refers: bool = True
    spans: tuple[tuple[str, str], ...] = ()
    ahead: tuple[tuple[str, int], ...] = ()
    evolved: bool = False
    events: bool = False
    repeats: bool = False

    def __post_init__(self) -> None:
        if self.events and not self.key:
            object.__setattr__(self, "key", tuple(column.name for column in self.columns))

    def column(self, name: str) -> Column:
        """The column called `name`; KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def starts(self, end: str) -> tuple[str, ...]:
        """The columns before whose day that of `end` must not lie."""
        return tuple(start for start, ends in self.spans if ends == end)

    def days_ahead(self, end: str) -> int:
        """By how many days the column `end` may lie before its start."""
        return dict(self.ahead).get(end, 0)

    @property
    def schema(self) -> pa.Schema:
        """The stored Arrow schema."""
        fields = [pa.field(c.name, ARROW_TYPES[c.kind]) for c in self.columns]
        return pa.schema(fields, {EVOLVED: b"yes"} if self.evolved else None)
