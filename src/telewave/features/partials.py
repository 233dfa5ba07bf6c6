"""Partials: one day's records of a source, one row a subscriber; and the day's distinct counterparties.

A partial is a function of its day's records alone, which is what makes a new day cost a day's work.
"""

from __future__ import annotations

import ibis.expr.types as ir
import pyarrow as pa

from telewave.features.measures import SOURCES, Measure, Source

PEERS = "partials.peers"
PEERS_SCHEMA = pa.schema([("subscriber", pa.int32()), ("peer", pa.int64())])


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


def source_of(contract: str) -> Source:
    """The source of a contract. KeyError if the contract has no measures."""
    return {source.contract: source for source in SOURCES}[contract]
