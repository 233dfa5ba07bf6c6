"""The wide table as one expression: profile, holdings, device and folded measures joined, formulas applied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import product

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from telewave.features.catalogue import FEATURES
from telewave.features.feature import WINDOWS
from telewave.features.folding import folded, peers_counted, products
from telewave.features.logs import LOGS, state_definition, there
from telewave.features.measures import SOURCES, USAGE, Measure, day_number
from telewave.features.model import VariableKind
from telewave.features.partials import digest
from telewave.records.contracts import CONTRACTS

ARROW_OF_KIND: dict[VariableKind, pa.DataType] = {
    VariableKind.NUMBER: pa.float64(),
    VariableKind.CATEGORY: pa.string(),
    VariableKind.FLAG: pa.bool_(),
    VariableKind.DATE: pa.date32(),
}
WIDE_SCHEMA = pa.schema(
    [("subscriber", pa.int32()), *((feature.name, ARROW_OF_KIND[feature.kind]) for feature in FEATURES)]
)

RECORDED = ("subscribers", "devices", "holdings")
"""Logs of recorded rows: what is so as of a date is the last row before it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Inputs:
    """Relations as of one date: the last rows recorded before it, and partials of the last month and of the two before.

    `known`: for each source the windows, in months, of which its records tell the whole (see `coverage`).
    `cuts` divide the subscribers into ranges, see `folding.peers_counted`.
    """

    subscribers: ir.Table
    devices: ir.Table
    holdings: ir.Table
    last_month: Mapping[str, ir.Table]
    earlier: Mapping[str, ir.Table]
    known: Mapping[str, frozenset[int]]
    cuts: Sequence[int] = ()


def wide_expression(inputs: Inputs, as_of: date) -> ir.Table:
    """One row a subscriber recorded before `as_of` whose line had not ended by then: the columns of `WIDE_SCHEMA`."""
    row = _people(inputs, as_of)
    for source in SOURCES:
        contract = source.contract
        side = folded(source, inputs.last_month[contract], inputs.earlier[contract])
        row = _as_known(_beside(row, side), source.measures, inputs.known[contract])
    peers = peers_counted(inputs.last_month["peers"], inputs.earlier["peers"], inputs.cuts)
    row = _as_known(_beside(row, peers), (COUNTERPARTIES,), inputs.known[USAGE.contract])
    return row.select(row.subscriber, **_features(row))


COUNTERPARTIES = Measure("peers", lambda t: t.peer)
"""Counted apart from the partials of usage (see `folding.peers_counted`), and a sum like others from there on."""


def _as_known(row: ir.Table, measures: Sequence[Measure], known: frozenset[int]) -> ir.Table:
    """Who has no records has nothing summed, where the window is known; where it is not, nobody's sum is."""
    columns: dict[str, ir.Value] = {}
    for measure, months in product(measures, WINDOWS):
        name = f"{measure.name}_{months}m"
        if months not in known and measure.fold != "latest":
            columns[name] = ibis.literal(None, "int64")
        elif measure.fold == "sum":
            columns[name] = row[name].fill_null(0)
    return row.mutate(**columns)


def _features(row: ir.Table) -> dict[str, ir.Value]:
    return {f.name: f.formula(row).cast(_ibis_type(f.kind)) for f in FEATURES}


@cache
def wide_definition() -> str:
    """A digest of every formula and of how measures are folded: another one where a feature means something else."""
    tables = {n: ibis.table(ibis.schema(CONTRACTS[n].schema), name=n) for n in RECORDED}
    people = _people(Inputs(**tables, last_month={}, earlier={}, known={}), date(1970, 1, 1))
    measures = [*(m for source in SOURCES for m in source.measures), COUNTERPARTIES]
    folded = {f"{m.name}_{w}m": "int64" for m, w in product(measures, WINDOWS)}
    row = ibis.table({**people.schema(), **folded}, name="row")
    formulas = ibis.to_sql(row.select(**_features(row)), dialect="duckdb")
    states = [state_definition(LOGS[name]) for name in RECORDED]
    return digest([str(formulas), *states, *(f"{m.name} {m.fold}" for m in measures)])


def _people(inputs: Inputs, as_of: date) -> ir.Table:
    """Profile, holdings and device of every subscriber, with dates as day numbers."""
    profile = there(inputs.subscribers, as_of)
    row = profile.select(
        "subscriber",
        "gender",
        "district",
        "payment",
        "segment",
        age_months=whole_months(profile.birth_date, as_of),
        tenure_months=whole_months(profile.activated_on, as_of),
        as_of_day=ibis.literal((as_of - date(1970, 1, 1)).days, "int64"),
    )
    held = products(inputs.holdings, as_of)
    row = _beside(
        row, held.mutate(contract_end_day=day_number(held.contract_ends_on)).drop("contract_ends_on")
    )
    last = inputs.devices
    device = last.select(
        "subscriber",
        device_kind=last.kind,
        device_generation=last.generation,
        device_brand=last.brand,
        device_price_fen=last.price_minor,
        device_months=whole_months(last.used_from, as_of),
    )
    return _beside(row, device)


def whole_months(day: ir.Value, as_of: date) -> ir.Value:
    """Calendar months from `day` to `as_of`, rounded down: the most that
    `kernel.periods.add_months` can add to `day`.
    """
    last_of_month = (as_of + timedelta(1)).month != as_of.month
    reached = 31 if last_of_month else as_of.day  # a month from 31 January is complete on 28 February
    months = as_of.year * 12 + as_of.month - (day.year() * 12 + day.month())
    return (months - (day.day() > reached).cast("int64")).cast("int64")


def _beside(row: ir.Table, side: ir.Table) -> ir.Table:
    """Every row with the columns of `side`, null where it has none."""
    both = row.left_join(side, "subscriber")
    return both.drop("subscriber_right") if "subscriber_right" in both.columns else both


def _ibis_type(kind: VariableKind) -> str:
    return {"number": "float64", "category": "string", "flag": "boolean", "date": "date"}[kind.value]
