"""The wide table as one expression: profile, holdings, device and folded measures joined, formulas applied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from telewave.features.catalogue import FEATURES
from telewave.features.folding import folded, last_known, peers_counted, products
from telewave.features.measures import SOURCES, day_number
from telewave.features.model import VariableKind

ARROW_OF_KIND: dict[VariableKind, pa.DataType] = {
    VariableKind.NUMBER: pa.float64(),
    VariableKind.CATEGORY: pa.string(),
    VariableKind.FLAG: pa.bool_(),
    VariableKind.DATE: pa.date32(),
}
WIDE_SCHEMA = pa.schema(
    [("subscriber", pa.int32()), *((feature.name, ARROW_OF_KIND[feature.kind]) for feature in FEATURES)]
)


@dataclass(frozen=True, slots=True)
class Inputs:
    """Relations as of one date: rows recorded before it, and partials of the last month and of the two before.

    `cuts` divide the subscribers into ranges, see `folding.peers_counted`.
    """

    subscribers: ir.Table
    devices: ir.Table
    holdings: ir.Table
    last_month: Mapping[str, ir.Table]
    earlier: Mapping[str, ir.Table]
    cuts: Sequence[int] = ()


def wide_expression(inputs: Inputs, as_of: date) -> ir.Table:
    """One row a subscriber recorded before `as_of`: the columns of `WIDE_SCHEMA`."""
    row = _people(inputs, as_of)
    for source in SOURCES:
        contract = source.contract
        side = folded(source, inputs.last_month[contract], inputs.earlier[contract])
        row = _beside(row, side)
        zero = [f"{m.name}_{w}m" for m in source.measures if m.fold == "sum" for w in (1, 3)]
        row = row.mutate(**{name: row[name].fill_null(0) for name in zero})
    row = _beside(row, peers_counted(inputs.last_month["peers"], inputs.earlier["peers"], inputs.cuts))
    row = row.mutate(peers_1m=row.peers_1m.fill_null(0), peers_3m=row.peers_3m.fill_null(0))
    return row.select(row.subscriber, **{f.name: f.formula(row).cast(_ibis_type(f.kind)) for f in FEATURES})


def _people(inputs: Inputs, as_of: date) -> ir.Table:
    """Profile, holdings and device of every subscriber, with dates as day numbers."""
    profile = last_known(inputs.subscribers, ["subscriber"], ["recorded_on"])
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
    last = last_known(inputs.devices, ["subscriber"], ["recorded_on", "used_from", "kind"])
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
    """Calendar months from `day` to `as_of`, rounded down: the most that `kernel.periods.add_months` can add to `day`."""
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
