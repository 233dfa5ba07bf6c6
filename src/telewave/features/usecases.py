"""Build and open: partials of what changed, wide tables as of a date, outside tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from telewave.features.catalogue import VARIABLES
from telewave.features.folding import MONTHS, range_cuts
from telewave.features.measures import SOURCES
from telewave.features.model import Variable, VariableKind, WideTable
from telewave.features.partials import (
    PEERS,
    PEERS_SCHEMA,
    day_partial,
    day_peers,
    partials_schema,
    partials_table,
)
from telewave.features.wide import ARROW_OF_KIND, WIDE_SCHEMA, Inputs, wide_expression
from telewave.kernel import Conflict, Label, Message, Missing
from telewave.kernel.periods import month_window
from telewave.platform.progress import Progress
from telewave.platform.warehouse import DataFile, Warehouse
from telewave.records.contracts import CONTRACTS

WIDE = "wide"
DAYS_A_SWITCH = 8
"""Days of partials that become visible together: a killed run loses at most this many days of work."""

DEFINITION = "measures 1"
"""Raise the number when a measure means something else: the days of all tables are then summed up anew."""


class NoRecords(Missing):
    """There are no records of {table} before {as_of}. Ingest them first, or choose a later date."""


class RecordsTooShort(Conflict):
    """The usage records end on {last}, so nothing can be said as of {as_of}. Ingest the days up to {eve}, or choose {latest} or earlier."""


class NoSuchSamples(Missing):
    """There is no outside table called {name}. Ingest it with a mapping file that says `samples: {name}`; there are: {known}."""


class NoWideTable(Missing):
    """The wide table as of {as_of} has not been built. Run: telewave features build --as-of {as_of}"""


@dataclass(frozen=True, slots=True)
class PartialsReport:
    """Days whose partials were computed anew, and days taken out, by table."""

    computed: Mapping[str, int]
    removed: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Job:
    """One partials table: where it comes from and how a day of it is made."""

    table: str
    contract: str
    make: Callable[[ir.Table], ir.Table]


def _jobs() -> tuple[_Job, ...]:
    made = [_Job(partials_table(s), s.contract, partial(day_partial, s)) for s in SOURCES]
    return (*made, _Job(PEERS, "usage", day_peers))


def update_partials(warehouse: Warehouse, progress: Progress) -> PartialsReport:
    """Compute the partials of every day whose records changed since, and of no other.

    A day's partials remember the record files and the definition of measures they were made of; a day is stale when these differ.
    """
    plans = {job: _stale_days(warehouse, job) for job in _jobs()}
    computed: dict[str, int] = {}
    removed: dict[str, int] = {}
    total = sum(len(stale) for stale, _ in plans.values())
    with progress.step(Message("Summing up records by day"), total=total or None) as step:
        for job, (stale, gone) in plans.items():
            computed[job.table], removed[job.table] = len(stale), len(gone)
            for days in _batches(sorted(stale), DAYS_A_SWITCH):
                _compute(warehouse, job, days, step.advance)
            if gone:
                _remove(warehouse, job, gone)
    return PartialsReport(computed, removed)


def _stale_days(warehouse: Warehouse, job: _Job) -> tuple[set[str], set[str]]:
    records = warehouse.manifest(job.contract).partitions
    made = warehouse.manifest(job.table)
    inputs = made.facts.get("inputs", {})
    stale = {day for day, files in records.items() if inputs.get(day) != _made_of(files)}
    return stale, set(inputs) - set(records)


def _made_of(files: Iterable[DataFile]) -> list[str]:
    return [DEFINITION, *(file.path for file in files)]


def _compute(warehouse: Warehouse, job: _Job, days: list[str], done: Callable[[], None]) -> None:
    schema = CONTRACTS[job.contract].schema
    with warehouse.change(job.table) as change:
        inputs = dict(change.facts.get("inputs", {}))
        partitions = warehouse.manifest(job.contract).partitions
        for day in days:
            files = [warehouse.root / job.contract / f.path for f in partitions[day]]
            target = change.new_file(day)
            warehouse.engine.write(job.make(warehouse.engine.read(files, schema)), target)
            change.set(day, {target: day})
            inputs[day] = _made_of(partitions[day])
            done()
        change.facts["inputs"] = inputs


def _remove(warehouse: Warehouse, job: _Job, days: Iterable[str]) -> None:
    with warehouse.change(job.table) as change:
        inputs = dict(change.facts["inputs"])
        for day in days:
            change.set(day, {})
            inputs.pop(day)
        change.facts["inputs"] = inputs


def _batches(days: list[str], size: int) -> list[list[str]]:
    return [days[start : start + size] for start in range(0, len(days), size)]


def build_wide(warehouse: Warehouse, as_of: date, progress: Progress) -> WideTable:
    """Bring the partials up to date and write the wide table as of `as_of`.

    Raises `NoRecords` without subscribers before that day or without usage, `RecordsTooShort` when usage ends before the eve of it.
    """
    _require_records(warehouse, as_of)
    update_partials(warehouse, progress)
    with progress.step(Message("Building the wide table as of {as_of}", as_of=as_of)):
        expression = wide_expression(_inputs(warehouse, as_of), as_of)
        with warehouse.change(WIDE) as change:
            target = change.new_file(as_of.isoformat())
            warehouse.engine.write(expression, target)
            change.set(as_of.isoformat(), {target: "features"})
    return open_wide(warehouse, as_of)


def _require_records(warehouse: Warehouse, as_of: date) -> None:
    if not warehouse.files("subscribers", lambda day: day < as_of.isoformat()):
        raise NoRecords(table="subscribers", as_of=as_of)
    last = latest_as_of(warehouse)
    if last is None:
        raise NoRecords(table="usage", as_of=as_of)
    if last < as_of:
        raise RecordsTooShort(last=last - timedelta(1), as_of=as_of, eve=as_of - timedelta(1), latest=last)


def latest_as_of(warehouse: Warehouse) -> date | None:
    """The day after the last day of usage records: the latest date a wide table can be built for."""
    days = warehouse.manifest("usage").partitions
    return date.fromisoformat(max(days)) + timedelta(1) if days else None


def _inputs(warehouse: Warehouse, as_of: date) -> Inputs:
    split, end = month_window(as_of, 0)
    start = month_window(as_of, MONTHS - 1)[0]
    tables = {s.contract: (partials_table(s), partials_schema(s)) for s in SOURCES}
    tables["peers"] = (PEERS, PEERS_SCHEMA)

    def between(table: str, schema: pa.Schema, first: date, end: date) -> ir.Table:
        return warehouse.read(table, schema, lambda day: first.isoformat() <= day < end.isoformat())

    def known(contract: str) -> ir.Table:
        return warehouse.read(contract, CONTRACTS[contract].schema, lambda day: day < as_of.isoformat())

    subscribers = known("subscribers")
    highest = warehouse.engine.fetch(subscribers.aggregate(highest=subscribers.subscriber.max()))
    return Inputs(
        subscribers=subscribers,
        devices=known("devices"),
        holdings=known("holdings"),
        last_month={name: between(*table, split, end) for name, table in tables.items()},
        earlier={name: between(*table, start, split) for name, table in tables.items()},
        cuts=range_cuts(highest["highest"][0].as_py() or 0),
    )


def open_wide(warehouse: Warehouse, as_of: date) -> WideTable:
    """The wide table as of a date. Raises `NoWideTable` if it has not been built."""
    key = as_of.isoformat()
    if key not in warehouse.manifest(WIDE).partitions:
        raise NoWideTable(as_of=key)
    relation = warehouse.read(WIDE, WIDE_SCHEMA, lambda partition: partition == key)
    return WideTable(relation, "subscriber", VARIABLES, as_of)


def wide_dates(warehouse: Warehouse) -> tuple[date, ...]:
    """As-of dates of the wide tables that have been built, oldest first."""
    return tuple(date.fromisoformat(key) for key in sorted(warehouse.manifest(WIDE).partitions))


def open_samples(warehouse: Warehouse, name: str) -> WideTable:
    """An outside table as a wide table; its relation also has `sequence` (order) and `outcome`.

    Raises `NoSuchSamples` for an unknown name.
    """
    table = f"samples.{name}"
    manifest = warehouse.manifest(table)
    if not manifest.partitions:
        known = [t.removeprefix("samples.") for t in warehouse.tables() if t.startswith("samples.")]
        raise NoSuchSamples(name=name, known=", ".join(known) or "-")
    variables = tuple(_sample_variable(column) for column in manifest.facts["columns"])
    fields: list[tuple[str, pa.DataType]]
    fields = [("subscriber", pa.int32()), ("sequence", pa.int64()), ("outcome", pa.bool_())]
    fields += [(v.name, ARROW_OF_KIND[v.kind]) for v in variables]
    return WideTable(warehouse.read(table, pa.schema(fields)), "subscriber", variables, None)


def _sample_variable(column: Mapping[str, Any]) -> Variable:
    return Variable(
        str(column["name"]),
        Label(**column["label"]),
        VariableKind(str(column["kind"])),
        str(column.get("unit", "")),
        Label(**column["meaning"]) if column.get("meaning") else None,
    )
