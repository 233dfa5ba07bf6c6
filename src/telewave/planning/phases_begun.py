"""What became of a plan's phases that have begun: contacts by ledger and records, orders, objections, refusals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from telewave.briefs.model import Brief
from telewave.planning.model import GONE, ContactState, Plan
from telewave.planning.next_rules import LedgerTold, standing
from telewave.planning.options import Flags
from telewave.planning.plan_rows import contact_arrays, days_of
from telewave.planning.plan_tables import CONTACTS, EPOCH
from telewave.planning.redating import made_on_record, orders_of
from telewave.platform.warehouse import Warehouse
from telewave.records.contracts import CONTRACTS
from telewave.scheduling.spacing import NO_DAY
from telewave.scheduling.waves import Why

Numbers = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Begun:
    """What the phases that have begun leave: their `rows` as they were done, and those of them that `had` a contact or
    will have; contacts on record near the campaign, and the first and last day of the campaign's own there (None: none
    is); how many were made, and how many of these the ledger alone knows; who has ordered, and orders by offer.
    """

    rows: pa.Table
    had: pa.Table
    records: pa.Table
    first: date | None
    last: date | None
    made: int
    unrecorded: int
    ordered: Numbers
    sold: Mapping[str, int]


def begun_of(
    warehouse: Warehouse,
    brief: Brief,
    parent: Plan,
    before: pa.Table,
    coming: Sequence[str],
    ledger: LedgerTold,
    day: date,
    products: Sequence[str],
) -> Begun:
    """The rows of phases that have begun, and of contacts that were made ahead, with what became of them by the ledger
    and the records.
    """
    products = sorted({*parent.content["products"], *products})
    gone = pc.is_in(before["state"], pa.array([one.value for one in GONE]))
    rows = before.filter(pc.invert(gone))
    contacts = contact_arrays(rows, brief)
    real, records, _ = made_on_record(warehouse, brief, rows, contacts, day, products)
    out = _out_days(rows, ledger.out)
    known = np.where(real != NO_DAY, real, out)
    sales = orders_of(warehouse, brief, [*parent.content["offers"], *products], day)
    buyers = np.union1d(sales["subscriber"].to_numpy().astype(np.int64), ledger.ordered)
    ordered = np.isin(rows["subscriber"].to_numpy(), buyers)
    made = known != NO_DAY
    stays = pc.or_(pc.invert(pc.is_in(rows["phase"], pa.array(coming, pa.string()))), pa.array(made))
    rows = _as_done(rows, known, ordered, day).filter(stays)
    names, counts = np.unique(np.asarray(sales["offer"].to_pylist(), dtype=str), return_counts=True)
    days = real[real != NO_DAY]
    return Begun(
        rows=pa.concat_tables([rows, before.filter(gone)]),
        had=standing(rows),
        records=records,
        first=date.fromordinal(int(days.min())) if len(days) else None,
        last=date.fromordinal(int(days.max())) if len(days) else None,
        made=int(made.sum()),
        unrecorded=int((made & (real == NO_DAY)).sum()),
        ordered=buyers,
        sold=dict(zip(names.tolist(), counts.tolist(), strict=True)),
    )


def _out_days(rows: pa.Table, out: pa.Table) -> NDArray[np.int64]:
    """The day on which each contact went out by the ledger, `NO_DAY` where it did not."""
    days = np.full(len(rows), NO_DAY, np.int64)
    if not len(out) or not len(rows):
        return days
    keys = [
        table["subscriber"].to_numpy().astype(np.int64) * 1_000 + table["touch"].to_numpy().astype(np.int64)
        for table in (rows, out)
    ]
    order = np.argsort(keys[1], kind="stable")
    place = np.minimum(np.searchsorted(keys[1][order], keys[0]), len(out) - 1)
    found = keys[1][order][place] == keys[0]
    told = out["day"].cast(pa.int32()).to_numpy().astype(np.int64) + EPOCH
    return np.where(found, told[order][place], days)


def _as_done(rows: pa.Table, known: NDArray[np.int64], ordered: Flags, day: date) -> pa.Table:
    """The rows with the day on which they were made; without one where that has passed."""
    made = known != NO_DAY
    planned = days_of(rows).astype(np.int64)
    passed = ~made & (planned != NO_DAY) & (planned < day.toordinal())
    on = np.where(made, known, np.where(passed, NO_DAY, planned))
    state = np.full(len(rows), ContactState.PLANNED.value, dtype=object)
    state[ordered] = ContactState.ORDERED.value
    state[made] = ContactState.DONE.value
    told: Any = rows["minute"]
    filled: Any = pc.fill_null(told, -1)
    minute = np.asarray(filled.to_numpy(), np.int64)
    why = np.where(passed, Why.PHASE_OVER, np.where(made, Why.DATED, rows["why"].to_numpy()))
    columns: dict[str, Any] = {
        "day": pa.array((on - EPOCH).astype(np.int32), pa.int32(), mask=on == NO_DAY).cast(pa.date32()),
        "minute": pa.array(minute.astype(np.int16), pa.int16(), mask=(minute < 0) | (on == NO_DAY)),
        "why": pa.array(why.astype(np.int8)),
        "state": pa.array(state, pa.string()),
    }
    for name, values in columns.items():
        rows = rows.set_column(rows.schema.get_field_index(name), CONTACTS.field(name), values)
    return rows


def opted_out(warehouse: Warehouse, brief: Brief, day: date) -> dict[str, Numbers]:
    """Who has opted out of a channel on any day before, as the records name it."""
    found = _ended(warehouse, "opted_out", date.min, day)
    return {
        name: np.unique(found.filter(pc.equal(found["channel"], pa.scalar(name)))["subscriber"].to_numpy())
        for name in {one.records or one.id for one in brief.channels}
    }


def refused_of(warehouse: Warehouse, brief: Brief, parent: Plan, day: date) -> Numbers:
    """Who on record has refused an offer of the campaign, or one not named, through its channels since it began."""
    found = _ended(warehouse, "refused", brief.first, day)
    channels = pa.array([one.records or one.id for one in brief.channels], pa.string())
    names = pa.array([*parent.content["offers"], *parent.content["products"]], pa.string())
    about = pc.or_(pc.is_null(found["offer"]), pc.is_in(found["offer"], names))
    mine = found.filter(pc.and_(pc.is_in(found["channel"], channels), about))
    return np.unique(mine["subscriber"].to_numpy().astype(np.int64))


def _ended(warehouse: Warehouse, disposition: str, first: date, day: date) -> pa.Table:
    """Contacts on record from `first` to before `day` that ended so: subscriber, channel, offer."""
    rows = warehouse.read(
        "contacts", CONTRACTS["contacts"].schema, lambda key: first.isoformat() <= key < day.isoformat()
    )
    so = rows.filter(rows["disposition"] == disposition)
    return warehouse.engine.fetch(so.select("subscriber", "channel", "offer").distinct())
