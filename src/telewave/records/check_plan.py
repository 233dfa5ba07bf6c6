"""What the checks of one file go by: its contract, and where and how the file writes each column. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from telewave.records.mapping import FileFormat, Source
from telewave.records.model import Column, Contract, Kind
from telewave.records.sql_text import quoted
from telewave.records.telephone import CHINA, Identifying, number_plan
from telewave.records.telephone_sql import IdentifierForm

EARLIEST_RECORD = date(1980, 1, 1)
EARLIEST_DATE = date(1890, 1, 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """The compiled checks of one file: where each column stands in `raw`, and how outside identifiers are meant.

    `timezone`: the operator's, in whose wall time instants are stored (a table without instants needs none). `more`:
    the places of further source columns, of columns put together from several. `native`: subscriber and peer are
    stored values already, not outside identifiers. `country`: where telephone numbers are at home; `spelled`: the
    columns with telephone numbers that the relation `spelling` knows. `width`: columns of the file; `record_id`:
    place of the one that tells records apart; `repeats`: rows that say the same are records of their own; `full`:
    who is missing from the file has left; `continues`: place of the column that parts of one long record have in
    common; `reversals`: money may be below zero.
    """

    contract: Contract
    sources: Mapping[str, Source]
    places: Mapping[str, int]
    file: FileFormat
    today: date
    timezone: str = "UTC"
    native: bool = False
    more: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    country: str = CHINA
    spelled: frozenset[str] = frozenset()
    width: int = 0
    record_id: int | None = None
    repeats: bool = False
    full: bool = False
    continues: int | None = None
    reversals: bool = False

    def wanted(self) -> list[int]:
        """The places in the file that are read, from 0."""
        further = {place for more in self.more.values() for place in more}
        told_by = [place for place in (self.record_id, self.continues) if place is not None]
        return sorted({*self.places.values(), *further, *told_by})

    def all_places(self, column: str) -> tuple[int, ...]:
        """The places of the columns that feed `column`, from 0."""
        return (self.places[column], *self.more.get(column, ()))

    def written(self, column: str) -> str:
        """SQL: what the file writes for `column`, as it stands there."""
        texts = [f"c{place + 1}" for place in self.all_places(column)]
        return texts[0] if len(texts) == 1 else f"concat_ws(' ', {', '.join(texts)})"


def part(stage: str, column: Column) -> str:
    """The column at a stage of its checks: t trimmed, u whether an identifier is in its form already, p whether it is a
    mobile number that differs by its prefix only, k cleaned, v typed.
    """
    return quoted(f"{stage}_{column.name}")


def form_of(plan: Plan, column: Column) -> IdentifierForm:
    """How the column's outside identifiers are brought to one form."""
    source = plan.sources.get(column.name)
    said = source.identifying if source else None
    default = {Kind.PEER: Identifying.PHONE, Kind.SUBSCRIBER: Identifying.AUTO}
    return IdentifierForm(number_plan(plan.country), said or default.get(column.kind, Identifying.TEXT))


def source_of(plan: Plan, column: Column) -> Source:
    """What the mapping says of the column; nothing where no column feeds it."""
    return plan.sources.get(column.name) or Source(column.name)
