"""What a person would look at before trusting a file: one value, from which terminal, JSON and page are made. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from telewave.kernel import Label

Value = float | date | datetime


class Sort(StrEnum):
    """What a column of a file holds, in the words of who looks at it."""

    IDENTIFIER = "identifier"
    DAY = "day"
    INSTANT = "instant"
    AMOUNT = "amount"
    NUMBER = "number"
    CODE = "code"
    CATEGORY = "category"
    TEXT = "text"
    FLAG = "flag"


SORTS = {
    Sort.IDENTIFIER: Label("identifier", "标识"),
    Sort.DAY: Label("day", "日期"),
    Sort.INSTANT: Label("instant", "时刻"),
    Sort.AMOUNT: Label("amount", "金额"),
    Sort.NUMBER: Label("number", "数值"),
    Sort.CODE: Label("code", "编码"),
    Sort.CATEGORY: Label("category", "类别"),
    Sort.TEXT: Label("text", "文本"),
    Sort.FLAG: Label("yes/no", "是/否"),
}


class Doubt(StrEnum):
    """Why the end of a range is suspicious."""

    FILLER = "filler"  # a value far from all others that many rows have: it probably stands for nothing
    NEGATIVE = "negative"  # the one negative value of a column that has no other
    FAR = "far"  # few rows, far beyond nearly all others


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """A text and the rows that hold it."""

    text: str
    rows: int


@dataclass(frozen=True, kw_only=True, slots=True)
class End:
    """The end of a range that stands further from the middle half: `value`, as it is `written`, the rows that hold it,
    the value next to it inwards. `doubt` None: nothing is odd about it.
    """

    high: bool
    value: Value
    written: str
    rows: int
    inner: Value
    doubt: Doubt | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Range:
    """Where the values of a column lie: least, quarters, greatest. `bars`: rows in parts of equal width, a doubtful end
    left out, all above the top hundredth in the last.
    """

    low: Value
    quarter: Value
    middle: Value
    three_quarters: Value
    high: Value
    bars: tuple[int, ...]
    end: End | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ColumnLook:
    """One column of the file. `feeds`: the column that it becomes, empty for one that no mapping uses.

    `looked`, `filled`: rows looked at, and those of them with a value; `unknown`: words that become unknown, the empty
    text among them, with their rows in the whole file (in the rows looked at, of unused columns). `distinct`:
    different values; `commonest`: values that many rows share, the most frequent first; never those of identifiers.
    `shape`: shortest and longest value. `same_as`: an earlier column that says the same in each row, `in_other_words`
    or in the same. `tells`: the share of outcomes that this column alone says rightly, where it says nearly all.
    `nearly_unique`: nearly as many values as rows, as identifiers have. `required`: a blank is refused. `could_feed`:
    the column of the contract that an unused one reads like.
    """

    name: str
    feeds: str
    sort: Sort
    unit: str
    looked: int
    filled: int
    distinct: int
    shape: tuple[int, int]
    commonest: tuple[Counted, ...] = ()
    unknown: tuple[Counted, ...] = ()
    range: Range | None = None
    nearly_unique: bool = False
    same_as: str = ""
    in_other_words: bool = False
    tells: float | None = None
    required: bool = False
    could_feed: str = ""

    @property
    def constant(self) -> bool:
        """Whether every row looked at has the same value."""
        return self.distinct == 1 and self.filled == self.looked and self.looked > 1

    @property
    def used(self) -> bool:
        """Whether the mapping takes the column."""
        return bool(self.feeds)


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """Rows that lie together, `first` to `last` in file or order, with those of a known outcome and the takers among
    them.
    """

    first: str
    last: str
    rows: int
    takers: int

    @property
    def share(self) -> float:
        """Takers of the rows."""
        return self.takers / self.rows


@dataclass(frozen=True, kw_only=True, slots=True)
class Takers:
    """The outcome that a mapping names: rows with a known one, takers among them, and the same by block; `by`: the
    column that orders them, empty for the order of the file.
    """

    column: str
    rows: int
    takers: int
    by: str
    blocks: tuple[Block, ...]

    @property
    def share(self) -> float:
        """Takers of the rows with an outcome."""
        return self.takers / self.rows if self.rows else 0.0

    @property
    def sorted_by_outcome(self) -> bool:
        """Whether blocks hold all takers or none, as in a file that was sorted by its outcome."""
        ends = [block.share for block in self.blocks if block.rows]
        mixed = sum(0.02 < share < 0.98 for share in ends)
        return 0.02 < self.share < 0.98 and len(ends) > 2 and mixed <= 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """A file as it was looked at. `rows`: in the file; `looked`: those that were looked at,
    spread over all of it (equal where all were).

    `repeated`: rows that repeat an earlier one in every column that is no identifier, None where that was not asked;
    `asked`: in how many columns; `outside`: an outside table; `ignored`: columns that its mapping leaves out already;
    `described`: those that it says something of; `order_said`: its mapping says how its rows are ordered.
    `unused_looked`: rows, from the beginning, by which columns that no mapping uses are known.
    """

    file: str
    table: str
    rows: int
    looked: int
    columns: tuple[ColumnLook, ...]
    takers: Takers | None = None
    repeated: int | None = None
    asked: int = 0
    outside: bool = False
    keyed: bool = False
    ignored: tuple[str, ...] = ()
    described: tuple[str, ...] = ()
    order_said: bool = False
    unused_looked: int = 0

    @property
    def whole(self) -> bool:
        """Whether every row was looked at."""
        return self.looked == self.rows
