"""Build and open: partials of what changed, wide tables as of a date, outside tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from telewave.features.catalogue import VARIABLES
from telewave.features.coverage import Coverage, covered, ranges
from telewave.features.inputs import Files, made_of, present, reached, taken
from telewave.features.measures import SOURCES, Source
from telewave.features.model import Variable, VariableKind, WideTable
from telewave.features.partials import DAY, Job, jobs
from telewave.features.states import update_states
from telewave.features.wide import ARROW_OF_KIND, WIDE_SCHEMA, wide_expression
from telewave.kernel import Conflict, Label, Message, Missing
from telewave.platform.progress import Progress
from telewave.platform.warehouse import Warehouse
from telewave.records.contracts import CONTRACTS

WIDE = "wide"
ROWS_TOGETHER = 1_000_000
"""Records whose days are summed up by one statement and become visible together: a killed run loses at most this
much work, or one day's.
"""

VERSIONS = "versions"
"""Facts of the wide tables: for each as-of date and source, a digest of what the table was made of."""

Days = Sequence[tuple[str, Files]]
"""Days, year-month-day, with their record files."""


class NoRecords(Missing):
    """There are no records of {table} before {as_of}. Ingest them first, or choose a later date."""

    code = "no_records"


class RecordsTooShort(Conflict):
    """The usage records end on {last}, so nothing can be said as of {as_of}. Ingest the days
    up to {eve}, or choose {latest} or earlier.
    """

    code = "records_too_short"


class NoSuchSamples(Missing):
    """There is no outside table called {name}. Ingest it with a mapping file that
    says `samples: {name}`; there are: {known}.
    """

    code = "no_such_samples"


class NoWideTable(Missing):
    """The wide table as of {as_of} has not been built. Run: telewave features build --as-of {as_of}"""

    code = "no_wide_table"


class MostlyMissing(Conflict):
    """Most of what a wide table as of {as_of} looks back on is missing: there is no {table} on {count} days: {days}.
    Ingest them, or build with --with-gaps what can be said without them.
    """

    code = "mostly_missing"


class WideTableOutdated(Conflict):
    """The wide table as of {as_of} was built before these changed: {changed}. Build it
    again: telewave features build --as-of {as_of}
    """

    code = "wide_table_outdated"


@dataclass(frozen=True, slots=True)
class PartialsReport:
    """Days whose partials were computed anew, and days taken out, by table."""

    computed: Mapping[str, int]
    removed: Mapping[str, int]


def update_partials(
    warehouse: Warehouse, progress: Progress, sources: tuple[Source, ...] = SOURCES
) -> PartialsReport:
    """Compute the partials of every day whose records changed since, and of no other.

    A day's partials remember the record files and the definition of measures they were made of; a day is stale when
    these differ. What is delivered while this runs is the next run's work.
    """
    plans = {job: _stale_days(warehouse, job) for job in jobs(sources)}
    computed: dict[str, int] = {}
    removed: dict[str, int] = {}
    total = sum(len(stale) for stale, _ in plans.values())
    with progress.step(Message("Summing up records by day"), total=total or None) as step:
        for job, (stale, gone) in plans.items():
            computed[job.table], removed[job.table] = len(stale), len(gone)
            write = warehouse.engine.writing(job.make)
            for batch in batches(sorted(stale.items())):
                _compute(warehouse, job, batch, write)
                step.advance(len(batch))
            if gone:
                _remove(warehouse, job, gone)
    return PartialsReport(computed, removed)


def _stale_days(warehouse: Warehouse, job: Job) -> tuple[dict[str, Files], set[str]]:
    """The days to compute with their record files, and the days to take out. Damaged partials are computed again."""
    records = warehouse.manifest(job.contract).partitions
    made = warehouse.manifest(job.table)
    inputs = made.facts.get("inputs", {})
    damaged = {
        day for day, parts in made.partitions.items() if any(warehouse.fault(job.table, p) for p in parts)
    }
    stale = {
        day: files
        for day, files in records.items()
        if inputs.get(day) != made_of(files, job) or day in damaged
    }
    return stale, set(inputs) - set(records)


def _compute(warehouse: Warehouse, job: Job, batch: Days, write: Callable[[ir.Table, Path], int]) -> None:
    """Several days, which are small, by one statement for all; a day that may be of any size by one of its own."""

    def records_of(days: Days) -> ir.Table:
        paths = warehouse.paths(job.contract, dict(days))
        return warehouse.engine.read(paths, CONTRACTS[job.contract].schema)

    with warehouse.change(job.table) as change:
        inputs = dict(change.facts.get("inputs", {}))
        targets = {day: change.new_file(day) for day, _ in batch}
        made = warehouse.engine.fetch(job.make_days(records_of(batch))) if len(batch) > 1 else None
        if made is None or not _written_by_day(made, job.schema, targets):
            for one in batch:
                write(records_of([one]), targets[one[0]])
        for day, files in batch:
            change.set(day, {targets[day]: day})
            inputs[day] = made_of(files, job)
        change.facts["inputs"] = inputs


def _written_by_day(made: pa.Table, schema: pa.Schema, targets: Mapping[str, Path]) -> bool:
    """Whether each day's rows of `made`, which is in the order of days, are in its file now. Not where records are
    stored under another day than they name: which day's they are then only their files tell.
    """
    days = np.array(made[DAY].cast(pa.date32()), dtype="datetime64[D]")
    if not set(np.unique(days).astype(str)) <= set(targets):
        return False
    rows = made.select(schema.names).cast(schema).combine_chunks()
    for day, target in targets.items():
        start, end = (int(np.searchsorted(days, np.datetime64(day), side)) for side in ("left", "right"))
        pq.write_table(rows.slice(start, end - start), target, compression="zstd")
    return True


def _remove(warehouse: Warehouse, job: Job, days: Iterable[str]) -> None:
    with warehouse.change(job.table) as change:
        inputs = dict(change.facts["inputs"])
        for day in days:
            change.set(day, {})
            inputs.pop(day, None)
        change.facts["inputs"] = inputs


def batches(days: Days) -> Iterator[Days]:
    """Days one after the other, as many together as `ROWS_TOGETHER` allows."""
    batch: list[tuple[str, Files]] = []
    rows = 0
    for day, files in days:
        coming = sum(file.rows for file in files)
        if batch and rows + coming > ROWS_TOGETHER:
            yield batch
            batch, rows = [], 0
        batch.append((day, files))
        rows += coming
    if batch:
        yield batch


def build_wide(
    warehouse: Warehouse, as_of: date, progress: Progress, *, with_gaps: bool = False
) -> WideTable:
    """Bring the partials and states up to date and write the wide table as of `as_of`.

    Raises `NoRecords` without subscribers before that day or without usage, `RecordsTooShort` when usage ends before
    the eve of it, and unless `with_gaps` `MostlyMissing` when most of a window has no usage.
    """
    _require_records(warehouse, as_of)
    if not with_gaps:
        _require_most_days(warehouse, as_of)
    update_partials(warehouse, progress)
    with progress.step(Message("Bringing forward what was last recorded")):
        update_states(warehouse, as_of)
    with progress.step(Message("Building the wide table as of {as_of}", as_of=as_of)):
        inputs, versions = taken(warehouse, as_of)
        with warehouse.change(WIDE) as change:
            target = change.new_file(as_of.isoformat())
            warehouse.engine.write(wide_expression(inputs, as_of), target)
            change.set(as_of.isoformat(), {target: "features"})
            change.facts[VERSIONS] = {**change.facts.get(VERSIONS, {}), as_of.isoformat(): versions}
    return _wide(warehouse, as_of)


def _require_most_days(warehouse: Warehouse, as_of: date) -> None:
    for one in coverage_as_of(warehouse, as_of):
        if one.lacking:
            days = ranges(one.lacking)
            raise MostlyMissing(table=one.source.contract, as_of=as_of, count=len(one.lacking), days=days)


def coverage_as_of(warehouse: Warehouse, as_of: date) -> tuple[Coverage, ...]:
    """What the records of each source cover of the windows as of `as_of`."""
    return tuple(
        covered(s, reached(s, lambda name: warehouse.manifest(name).partitions), as_of) for s in SOURCES
    )


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


def open_wide(warehouse: Warehouse, as_of: date) -> WideTable:
    """The wide table as of a date. Raises `NoWideTable` if it has not been built,
    `WideTableOutdated` if it would be another by now.
    """
    manifest = warehouse.manifest(WIDE)
    if as_of.isoformat() not in manifest.partitions:
        raise NoWideTable(as_of=as_of)
    built = manifest.facts.get(VERSIONS, {}).get(as_of.isoformat(), {})
    now = present(warehouse, as_of) if built else {}
    changed = sorted({contract for contract, version in built.items() if now.get(contract) != version})
    if changed:
        raise WideTableOutdated(as_of=as_of, changed=", ".join(changed))
    return _wide(warehouse, as_of)


def _wide(warehouse: Warehouse, as_of: date) -> WideTable:
    relation = warehouse.read(WIDE, WIDE_SCHEMA, lambda partition: partition == as_of.isoformat())
    return WideTable(relation=relation, key="subscriber", variables=VARIABLES, as_of=as_of)


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
    return WideTable(
        relation=warehouse.read(table, pa.schema(fields)),
        key="subscriber",
        variables=variables,
        as_of=None,
        samples=name,
    )


def _sample_variable(column: Mapping[str, Any]) -> Variable:
    return Variable(
        name=str(column["name"]),
        label=Label(**column["label"]),
        kind=VariableKind(str(column["kind"])),
        unit=str(column.get("unit", "")),
        meaning=Label(**column["meaning"]) if column.get("meaning") else None,
    )
