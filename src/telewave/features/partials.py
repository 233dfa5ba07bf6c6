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


WRITTEN_AS = 2
"""Counts the ways in which partials were ever written; 2: sums as whole numbers, once floats on DuckDB."""

DAY = "day_of_partial"
"""Column that tells the days apart where many are made together."""

Make = Callable[[ir.Table], ir.Table]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One table of partials: its columns, the contract it comes from, how a day of it is made, and a digest of that.

    `make_days` makes many days at once, in their order: `DAY` before the columns of a day's.
    """

    table: str
    schema: pa.Schema
    contract: str
    make: Make
    make_days: Make
    definition: str


@cache
def jobs(sources: tuple[Source, ...] = SOURCES) -> tuple[Job, ...]:
    """All tables of partials."""
    return (*(_job(source) for source in sources), _job_of_peers())


def _job(source: Source) -> Job:
    make = partial(day_partial, source)
    return Job(
        table=partials_table(source),
        schema=partials_schema(source),
        contract=source.contract,
        make=make,
        make_days=partial(days_partials, source),
        definition=_definition(source.contract, make),
    )


def _job_of_peers() -> Job:
    return Job(
        table=PEERS,
        schema=PEERS_SCHEMA,
        contract=USAGE.contract,
        make=day_peers,
        make_days=days_peers,
        definition=_definition(USAGE.contract, day_peers),
    )


def _definition(contract: str, make: Make) -> str:
    """A digest of the compiled expression: a measure that means something else has another one."""
    records = ibis.table(ibis.schema(CONTRACTS[contract].schema), name=contract)
    return digest([WRITTEN_AS, str(ibis.to_sql(make(records), dialect="duckdb"))])


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
    return _summed(source, source.prepare(records), "subscriber")


def days_partials(source: Source, records: ir.Table) -> ir.Table:
    """What `day_partial` makes of each day of `records`, with its `DAY`, in the order of days."""
    return _summed(source, _dated(source, source.prepare(records)), DAY, "subscriber").order_by(DAY)


def _summed(source: Source, prepared: ir.Table, *keys: str) -> ir.Table:
    aggregates = {measure.name: _combined(measure, prepared) for measure in source.measures}
    return prepared.group_by(*keys).aggregate(**aggregates)


def _dated(source: Source, records: ir.Table) -> ir.Table:
    """With `DAY`: the local day under which the record was stored."""
    return records.mutate(**{DAY: records[CONTRACTS[source.contract].dated_by].cast("date")})


def day_peers(usage: ir.Table) -> ir.Table:
    """The day's distinct (subscriber, counterparty) pairs of calls and messages.

    In the order of subscribers: a fold that takes one range of subscribers after the other then reads each row once.
    """
    return usage.filter(usage.peer.notnull()).select("subscriber", "peer").distinct().order_by("subscriber")


def days_peers(usage: ir.Table) -> ir.Table:
    """What `day_peers` makes of each day of `usage`, with its `DAY`, in the order of days."""
    known = _dated(USAGE, usage.filter(usage.peer.notnull()))
    return known.select(DAY, "subscriber", "peer").distinct().order_by(DAY, "subscriber")


def _combined(measure: Measure, prepared: ir.Table) -> ir.Value:
    value = measure.value(prepared)
    combined = value.max() if measure.combine == "max" else value.sum().fill_null(0)
    return combined.cast("int64")
