"""What a wide table is made of: records and partials as they are at one moment, and digests that tell one moment from
another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import TypeVar

import ibis.expr.types as ir
import pyarrow as pa

from telewave.features.coverage import covered
from telewave.features.folding import MONTHS, range_cuts
from telewave.features.measures import ORDERS, SOURCES, USAGE, Source
from telewave.features.partials import (
    PEERS,
    PEERS_SCHEMA,
    Job,
    digest,
    jobs,
    partials_schema,
    partials_table,
)
from telewave.features.states import state_as_of
from telewave.features.wide import RECORDED, Inputs, wide_definition
from telewave.kernel.periods import month_window
from telewave.platform.warehouse import DataFile, Manifest, Warehouse
from telewave.records.contracts import SUBSCRIBERS

Files = tuple[DataFile, ...]
V = TypeVar("V")
MadeOf = Mapping[str, list[str]]
"""For each day the definition and the record files that its partials are made of."""


def made_of(files: Files, job: Job) -> list[str]:
    """What the partials of a day with these record files are made of."""
    return [job.definition, *(file.path for file in files)]


def reached(source: Source, days_of: Callable[[str], Iterable[str]]) -> set[date]:
    """The days that records of a source reach, by the days of each contract that have some.

    Orders reach as far as usage does: no order while there is usage means that nobody ordered.
    """
    contracts = {source.contract, USAGE.contract} if source is ORDERS else {source.contract}
    return {date.fromisoformat(day) for contract in contracts for day in days_of(contract)}


def taken(warehouse: Warehouse, as_of: date) -> tuple[Inputs, dict[str, str]]:
    """Relations of what is there now to make the wide table of, and their versions. Each table is looked up once."""
    manifests = {table: warehouse.manifest(table) for table in (*RECORDED, *(job.table for job in jobs()))}
    split, _ = month_window(as_of, 0)
    start = month_window(as_of, MONTHS - 1)[0]
    tables = {s.contract: (partials_table(s), partials_schema(s)) for s in SOURCES}
    tables["peers"] = (PEERS, PEERS_SCHEMA)

    def read(table: str, schema: pa.Schema, first: date, end: date) -> ir.Table:
        wanted = _between(manifests[table].partitions, first, end)
        return warehouse.engine.read(warehouse.paths(table, wanted), schema)

    recorded = {name: state_as_of(warehouse, name, as_of, manifests[name]) for name in RECORDED}
    made = {job.table: manifests[job.table].facts.get("inputs", {}) for job in jobs()}
    known = {s.contract: _known(made, s.contract, as_of) for s in SOURCES}
    people = read(SUBSCRIBERS.name, SUBSCRIBERS.schema, date.min, as_of)
    highest = warehouse.engine.fetch(people.aggregate(highest=people.subscriber.max()))
    inputs = Inputs(
        **recorded,
        last_month={name: read(*table, split, as_of) for name, table in tables.items()},
        earlier={name: read(*table, start, split) for name, table in tables.items()},
        known=known,
        cuts=range_cuts(highest["highest"][0].as_py() or 0),
    )
    return inputs, _versions(manifests, made, as_of)


def present(warehouse: Warehouse, as_of: date) -> dict[str, str]:
    """The versions that a wide table made now would have."""
    contracts = {*RECORDED, *(job.contract for job in jobs())}
    manifests = {name: warehouse.manifest(name) for name in contracts}
    made = {
        job.table: {day: made_of(files, job) for day, files in manifests[job.contract].partitions.items()}
        for job in jobs()
    }
    return _versions(manifests, made, as_of)


def _versions(manifests: Mapping[str, Manifest], made: Mapping[str, MadeOf], as_of: date) -> dict[str, str]:
    """A digest of each contract's part in the wide table: the days in the window and how far back the records go."""
    start = month_window(as_of, MONTHS - 1)[0]
    parts: dict[str, list[object]] = {"features": [wide_definition()]}
    for name in RECORDED:
        files = _between(manifests[name].partitions, date.min, as_of)
        parts[name] = [{day: [file.path for file in of_day] for day, of_day in files.items()}]
    for job in jobs():
        known = sorted(_known(made, job.contract, as_of))
        parts.setdefault(job.contract, []).extend([_between(made[job.table], start, as_of), known])
    return {contract: digest(part) for contract, part in parts.items()}


def _known(made: Mapping[str, MadeOf], contract: str, as_of: date) -> frozenset[int]:
    source = next(source for source in SOURCES if source.contract == contract)
    return covered(source, reached(source, lambda name: made[f"partials.{name}"]), as_of).known


def _between(days: Mapping[str, V], first: date, end: date) -> dict[str, V]:
    return {day: value for day, value in days.items() if first.isoformat() <= day < end.isoformat()}
