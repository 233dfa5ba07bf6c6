"""Recorded contacts, and those that other campaigns plan: what a plan's spacing respects beside its own contacts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from telewave.briefs.model import Brief
from telewave.platform.warehouse import Warehouse
from telewave.records.contracts import CONTRACTS
from telewave.scheduling.spacing import Touches

EPOCH = date(1970, 1, 1).toordinal()
_COLUMNS: list[tuple[str, pa.DataType]] = [("subscriber", pa.int64()), ("day", pa.date32())]
PLANNED = pa.schema(_COLUMNS)


def recorded(warehouse: Warehouse, first: date, end: date) -> pa.Table:
    """The contacts recorded from `first` to before `end`: subscriber, channel, offer, day."""
    rows = warehouse.read(
        "contacts", CONTRACTS["contacts"].schema, lambda day: first.isoformat() <= day < end.isoformat()
    )
    return warehouse.engine.fetch(
        rows.select("subscriber", "channel", "offer", day=rows["contacted_at"].date())
    )


def near(brief: Brief) -> tuple[date, date]:
    """The first and the last day whose contacts are near enough to the campaign's to matter."""
    apart = timedelta(days=brief.spacing_days)
    return brief.first - apart, brief.last + apart


def touches_elsewhere(warehouse: Warehouse, brief: Brief, others: pa.Table) -> Touches | None:
    """The recorded contacts `others`, and the planned ones of other campaigns that are near enough to matter; None: no such.

    Of each other campaign the plan of the latest date counts.
    """
    first, last = near(brief)
    found = [others.select(["subscriber", "day"])]
    for table in warehouse.tables():
        if table.startswith("plan.") and table != f"plan.{brief.id}":
            latest = max(warehouse.manifest(table).partitions, default="")
            rows = warehouse.read(table, PLANNED, latest.__eq__)
            found.append(warehouse.engine.fetch(rows.filter(rows["day"].between(first, last))))
    subscriber = np.concatenate([rows["subscriber"].to_numpy().astype(np.int64) for rows in found])
    day = np.concatenate([ordinals(rows["day"]) for rows in found])
    return Touches(subscriber, day) if len(day) else None


def ordinals(days: pa.ChunkedArray[Any]) -> NDArray[np.int64]:
    """Days as ordinals."""
    return days.cast(pa.date32()).cast(pa.int32()).to_numpy().astype(np.int64) + EPOCH
