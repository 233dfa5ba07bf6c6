"""What a mapping says: which source column feeds which column of a contract or of an outside table, and how. Pure."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from decimal import Decimal
from enum import StrEnum

from telewave.kernel import Label
from telewave.records.contracts import CONTRACTS
from telewave.records.model import Column, Contract, Kind
from telewave.records.telephone import Identifying

GAP = "?"
"""What a proposed mapping holds where something is to be filled in."""


class Combine(StrEnum):
    """What becomes of several source columns."""

    JOIN = "join"
    SUM = "sum"
    FIRST = "first"


@dataclass(frozen=True, kw_only=True, slots=True)
class FileFormat:
    """How the files are written. Empty `kind`: by suffix; empty `delimiter`, `encoding` "auto": found out.

    `skip`: lines before the header; `sheet`: name or number of a workbook's sheet; `known`: words that would stand for
    nothing, and are values here.
    """

    kind: str = ""
    delimiter: str = ""
    encoding: str = "auto"
    header: bool = True
    quote: str = '"'
    decimal: str = "."
    multiline: bool = False
    missing: tuple[str, ...] = ()
    skip: int = 0
    sheet: str = ""
    known: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """Where one column's values come from.

    `source`: the source column's name, or its place from 1 in a file without header; None with a `constant`.
    `factor` multiplies numbers (60 for minutes to seconds). `codes` translates what the file writes.
    `days_after_month_end`: the day so many days after the end of the source's month counts, not the source's own (a
    bill's day of issue, from its month); `days_before_month` likewise, before the month. `also`: further source
    columns, which are put together with the first as `combine` says: joined by a blank, added up, or the first that
    is not blank. `otherwise`: what a blank cell counts as. `known`: words that would stand for nothing, and are
    values here. `identifying`: whether outside identifiers are telephone numbers; None: telephone numbers of the
    home country where they look like ones, and always for counterparties.
    """

    column: str
    source: str | int | None = None
    _: KW_ONLY
    constant: str | None = None
    formats: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    codes: tuple[tuple[str, str], ...] = ()
    factor: Decimal | None = None
    timezone: str = ""
    days_after_month_end: int | None = None
    days_before_month: int | None = None
    also: tuple[str | int, ...] = ()
    combine: Combine | None = None
    otherwise: str | None = None
    known: tuple[str, ...] = ()
    identifying: Identifying | None = None


@dataclass(frozen=True, slots=True)
class TableMapping:
    """Files that feed the table of a contract.

    `record_id`: the source column that tells records apart; `repeats`: whether rows that say the same are
    records of their own (None: as the contract has it); `full`: a day's files name everybody, or everything,
    that is there; `continues`: the source column that the parts of one long record have in common;
    `reversals`: amounts below zero take payments back.
    """

    table: str
    _: KW_ONLY
    file: FileFormat = field(default_factory=FileFormat)
    sources: tuple[Source, ...] = ()
    record_id: str | int | None = None
    repeats: bool | None = None
    full: bool = False
    continues: str | int | None = None
    reversals: bool = False

    @property
    def party(self) -> str:
        """The column that says whose the records are, of a table whose records have two parties;
        empty for that of the contract's own name.

        Elsewhere there is one party, and another column is a correction of the mapping.
        """
        contract = CONTRACTS[self.table]
        if all(column.kind is not Kind.PEER for column in contract.columns):
            return ""
        own = contract.column("subscriber")
        said = next((str(one.source) for one in self.sources if one.column == own.name), "")
        return "" if said in (own.name, own.label.en, own.label.zh) else said


@dataclass(frozen=True, slots=True)
class VariableSource:
    """One variable of an outside table; `kind` None is found out from the values."""

    source: Source
    _: KW_ONLY
    kind: Kind | None = None
    unit: str = ""
    label: Label | None = None
    meaning: Label | None = None


class Order(StrEnum):
    """What a mapping says of the order of an outside table's rows; empty: nothing."""

    UNSAID = ""
    ROWS = "rows"
    NONE = "none"
    COLUMN = "column"


@dataclass(frozen=True, kw_only=True, slots=True)
class SampleMapping:
    """An outside table with columns of its own, `samples.<name>`.

    `outcome`, `positive` and `negative`: the column and the values of it that mean yes and no (none of the latter:
    the usual words, or the one other word of the file); `unknown_outcomes`: those that mean neither; `order`: the
    column that orders the rows, or what else is said of their order (they stay as in the file); `key`: the column
    that identifies a row (None: its number).
    """

    name: str
    title: Label
    file: FileFormat = field(default_factory=FileFormat)
    outcome: str | None = None
    positive: tuple[str, ...] = ()
    negative: tuple[str, ...] = ()
    unknown_outcomes: tuple[str, ...] = ()
    order: Source | Order = Order.UNSAID
    key: str | None = None
    variables: tuple[VariableSource, ...] = ()
    ignored: tuple[str, ...] = ()

    @property
    def table(self) -> str:
        """The warehouse table."""
        return f"samples.{self.name}"

    @property
    def said_of_order(self) -> Order:
        """What is said of the order of the rows."""
        return Order.COLUMN if isinstance(self.order, Source) else self.order


@dataclass(frozen=True, slots=True)
class Native:
    """Files that are in contract form already; the parent folder's name is the table."""


NATIVE = Native()
Mapping = TableMapping | SampleMapping | Native


def sources_of(mapping: TableMapping, contract: Contract, header: tuple[str, ...]) -> dict[str, Source]:
    """The source of each contract column: what the mapping says, else the column of the contract's name or label.

    A label counts only where exactly one source column bears it. Columns with neither are left out.
    """
    said = {source.column: source for source in mapping.sources}
    taken = {name for source in mapping.sources for name in (source.source, *source.also)}
    free = [name for name in header if name not in taken]
    guessed = {
        column.name: Source(column.name, match)
        for column in contract.columns
        if column.name not in said and (match := _same_name(column, free)) is not None
    }
    return {c.name: found for c in contract.columns if (found := said.get(c.name) or guessed.get(c.name))}


def _same_name(column: Column, header: list[str]) -> str | None:
    if column.name in header:
        return column.name
    names = {column.name, column.label.en.casefold(), column.label.zh}
    matches = [name for name in header if name.strip().casefold() in names]
    return matches[0] if len(matches) == 1 else None
