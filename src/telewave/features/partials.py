"""Partials: one day's records of a source, one row a subscriber; and the day's distinct counterparties.

A partial is a function of its day's records alone, which is what makes a new day cost a day's work.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from telewave.features.measures import SOURCES, USAGE, Measure, Source
from telewave.records.contracts import CONTRACTS

PEERS = "partials.peers"
PEERS_SCHEMA = pa.schema([("subscriber", pa.int32()), ("peer", pa.int64())])


@dataclass(frozen=True, slots=True)
class Job:
    """One table of partials: the contract it comes from, how a day of it is made, and a digest of that."""

    table: str
    contract: str
    make: Callable[[ir.Table], ir.Table]
    definition: str


@cache
def jobs(sources: tuple[Source, ...] = SOURCES) -> tuple[Job, ...]:
    """All tables of partials."""
    made = [_job(partials_table(source), source.contract, partial(day_partial, source)) for source in sources]
    return (*made, _job(PEERS, USAGE.contract, day_peers))


def _job(table: str, contract: str, make: Callable[[ir.Table], ir.Table]) -> Job:
    """The definition is a digest of the compiled expression: a measure that means something else has another one."""
    records = ibis.table(ibis.schema(CONTRACTS[contract].schema), name=contract)
    return Job(table, contract, make, digest(str(ibis.to_sql(make(records), dialect="duckdb"))))


def digest(told: object) -> str:
    """A short name for what `told`, made of texts, numbers, lists and mappings, says."""
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def partials_table(source: Source) -> str:
    """Name of the warehouse table of a source's partials."""
    return f"partials.{source.contract}"


def partials_schema(source: Source) -> pa.Schema:
    """Columns of a source's partials: the subscriber and one whole number a measure."""
    fields = [("subscriber", pa.int32()), *((m.name, pa.int64()) for m in source.measures)]
    return pa.schema(fields)


def day_partial(source: Source, records: ir.Table) -> ir.Table:
    """One row a subscriber: every measure over `records`, which are one day of the source."""
    prepared = source.prepare(records)
    aggregates = {measure.name: _combined(measure, prepared) for measure in source.measures}
    return prepared.group_by("subscriber").aggregate(**aggregates)


def day_peers(usage: ir.Table) -> ir.Table:
    """The day's distinct (subscriber, counterparty) pairs of calls and messages.

    In the order of subscribers: a fold that takes one range of subscribers after the other then reads each row once.
    """
    return usage.filter(usage.peer.notnull()).select("subscriber", "peer").distinct().order_by("subscriber")


def _combined(measure: Measure, prepared: ir.Table) -> ir.Value:
    value = measure.value(prepared)
    combined = value.max() if measure.combine == "max" else value.sum().fill_null(0)
    return combined.cast("int64")
