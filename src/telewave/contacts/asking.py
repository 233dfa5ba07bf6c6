"""What may have changed since a plan was approved, asked of the records for one day: set-wise, never row by row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from telewave.audiences.reading import from_json
from telewave.audiences.usecases import predicate
from telewave.contacts.reasons import FallsOut, Flags
from telewave.features.logs import there
from telewave.features.model import WideTable
from telewave.features.states import state_as_of
from telewave.features.usecases import open_wide, wide_dates
from telewave.planning.gathering import customers_of
from telewave.planning.model import Plan
from telewave.planning.other_touches import held_by, planned_by, recorded
from telewave.planning.plans import running_elsewhere
from telewave.platform.database import Database
from telewave.platform.warehouse import Warehouse
from telewave.records.contracts import CONTRACTS, SUBSCRIBERS


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Asked:
    """The plan's document, its rows of the day, and where to ask. Rows: columns as `planning.plans.CONTACTS`."""

    warehouse: Warehouse
    database: Database
    plan: Plan
    document: Mapping[str, Any]
    rows: pa.Table
    day: date

    @property
    def subscriber(self) -> NDArray[np.int64]:
        """Shape (n,)."""
        return np.asarray(self.rows["subscriber"].to_numpy(), np.int64)

    def of(self, numbers: Any) -> Flags:
        """Whose subscriber is among `numbers`."""
        return np.isin(self.subscriber, np.asarray(numbers, np.int64))

    def equal(self, column: str, value: str) -> Flags:
        """Whose column has the value."""
        return np.asarray(pc.equal(self.rows[column], pa.scalar(value)).to_numpy(), np.bool_)


def ask_records(asked: Asked) -> dict[FallsOut, Flags]:
    """Who may not be contacted on the day by the records of the days before and by
    other campaigns' plans, shape (n,) a reason.
    """
    wide, orders = _newest(asked), _orders(asked)
    found: dict[FallsOut, Flags] = {
        FallsOut.LEFT: _ended(asked),
        FallsOut.CHANGED_HANDS: _changed_hands(asked),
        FallsOut.OPTED_OUT: _opted_out(asked),
        FallsOut.ORDERED: asked.of(orders["subscriber"].to_numpy()),
        FallsOut.HELD_OUT_ELSEWHERE: _held_elsewhere(asked),
        FallsOut.TOUCHED: _touched(asked),
        FallsOut.NO_STOCK: _out_of_stock(asked, orders),
    }
    if wide is not None:
        found[FallsOut.LEFT] |= _left(asked, wide)
        found[FallsOut.NO_CONSENT] = _without_consent(asked, wide)
    return found


def _newest(asked: Asked) -> WideTable | None:
    """The newest wide table up to the day, its events read until the day; None where there is none."""
    built = [one for one in wide_dates(asked.warehouse) if one <= asked.day]
    if not built:
        return None
    wide = open_wide(asked.warehouse, built[-1])
    return replace(wide, as_of=asked.day)


def _left(asked: Asked, wide: WideTable) -> Flags:
    rows = wide.relation
    lines = [rows[name] for name in ("has_mobile", "has_broadband") if name in rows.columns]
    if lines:
        some = lines[0].fill_null(False)
        for line in lines[1:]:
            some |= line.fill_null(False)
        rows = rows.filter(some)
    there = asked.warehouse.engine.fetch(rows.select(wide.key))
    return ~asked.of(there[wide.key].to_numpy())


def _ended(asked: Asked) -> Flags:
    """Whose line has ended by the records of the days before, whatever the wide table says."""
    state = state_as_of(asked.warehouse, SUBSCRIBERS.name, asked.day)
    gone = state.anti_join(there(state, asked.day), "subscriber")
    return asked.of(asked.warehouse.engine.fetch(gone.select("subscriber"))["subscriber"].to_numpy())


def _changed_hands(asked: Asked) -> Flags:
    """Whose line has another customer, or another day of activation, than on the plan's date."""
    before = _holders(asked, asked.plan.as_of or asked.day)
    now = _holders(asked, asked.day)
    both = before.join(now, "subscriber", rname="{name}_now")
    other = [(both[name] != both[f"{name}_now"]).fill_null(False) for name in ("customer", "activated_on")]
    changed = both.filter(other[0] | other[1]).select("subscriber")
    return asked.of(asked.warehouse.engine.fetch(changed)["subscriber"].to_numpy())


def _holders(asked: Asked, day: date) -> ir.Table:
    state = state_as_of(asked.warehouse, SUBSCRIBERS.name, day)
    return state.select("subscriber", "customer", "activated_on")


def _opted_out(asked: Asked) -> Flags:
    """Who has opted out of the contact's channel on any day before, as the records name it."""
    rows = asked.warehouse.read(
        "contacts", CONTRACTS["contacts"].schema, lambda key: key < asked.day.isoformat()
    )
    out = asked.warehouse.engine.fetch(
        rows.filter(rows["disposition"] == "opted_out").select("subscriber", "channel").distinct()
    )
    flags = np.zeros(len(asked.rows), np.bool_)
    for name, channel in asked.document["channels"].items():
        here = out.filter(pc.equal(out["channel"], pa.scalar(channel["records"])))
        flags |= asked.equal("channel", name) & asked.of(here["subscriber"].to_numpy())
    return flags


def _without_consent(asked: Asked, wide: WideTable) -> Flags:
    flags = np.zeros(len(asked.rows), np.bool_)
    for name, channel in asked.document["channels"].items():
        mine = asked.equal("channel", name)
        if channel["consent"] is None or not mine.any():
            continue
        member = predicate(asked.warehouse, asked.database, from_json(channel["consent"]))(wide)
        willing = asked.warehouse.engine.fetch(wide.relation.filter(member).select(wide.key))
        flags |= mine & ~asked.of(willing[wide.key].to_numpy())
    return flags


def _orders(asked: Asked) -> pa.Table:
    """Orders of the plan's offers or products since the campaign began: subscriber, offer."""
    first = str(asked.document["from"])
    rows = asked.warehouse.read(
        "orders", CONTRACTS["orders"].schema, lambda key: first <= key < asked.day.isoformat()
    )
    names = [*asked.document["offers"], *asked.document["products"]]
    return asked.warehouse.engine.fetch(rows.filter(rows["offer"].isin(names)).select("subscriber", "offer"))


def _held_elsewhere(asked: Asked) -> Flags:
    """Who is held out of another campaign that runs, also one that was launched after this plan was made."""
    if not asked.document["respects_others"]:
        return np.zeros(len(asked.rows), np.bool_)
    others = running_elsewhere(asked.database, asked.plan.campaign)
    return asked.of(held_by(asked.warehouse, others))


def _touched(asked: Asked) -> Flags:
    """Who was contacted within the campaign's spacing, or is to be by another campaign that
    runs; with the household where it is limited.

    On one and the same day the campaign that comes first by name goes first, so that not both stay away.
    """
    apart = int(asked.document["spacing_days"])
    since = asked.day - timedelta(days=max(apart - 1, 0))
    touched = [recorded(asked.warehouse, since, asked.day)["subscriber"].to_numpy()]
    for other in running_elsewhere(asked.database, asked.plan.campaign):
        end = asked.day if other.campaign < asked.plan.campaign else asked.day - timedelta(days=1)
        if since <= end:
            touched.append(planned_by(asked.warehouse, other, (since, end))["subscriber"].to_numpy())
    numbers = np.unique(np.concatenate([np.zeros(0, np.int64), *touched]).astype(np.int64))
    flags = asked.of(numbers) if apart else np.zeros(len(asked.rows), np.bool_)
    if asked.document["household_contacts"] is None or not apart:
        return flags
    customers = customers_of(asked.warehouse, asked.day, numbers)
    mine = customers_of(asked.warehouse, asked.day, asked.subscriber)
    if customers is None or mine is None:
        return flags
    return np.asarray(flags | ((mine >= 0) & np.isin(mine, customers)))


def _out_of_stock(asked: Asked, orders: pa.Table) -> Flags:
    """Whose offer has no piece left: stock less the orders on record since the campaign began."""
    names, counts = np.unique(np.asarray(orders["offer"].to_pylist(), dtype=str), return_counts=True)
    sold = dict(zip(names.tolist(), counts.tolist(), strict=True))
    flags = np.zeros(len(asked.rows), np.bool_)
    for name, offer in asked.document["offers"].items():
        if offer["stock"] is not None and sold.get(name, 0) >= offer["stock"]:
            flags |= asked.equal("offer", name)
    devices = asked.document["device_stock"]
    if devices is not None and sum(sold.values()) >= devices:
        flags[:] = True
    return flags
