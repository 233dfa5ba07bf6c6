"""What is kept of one subscriber, and whether the plan that is kept is the one that would be made now."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow.compute as pc

from telewave.briefs.model import Brief
from telewave.planning.explanation import Kept
from telewave.planning.proposal import Proposal
from telewave.planning.usecases import CONTROL, contacts_table, fingerprint, planned
from telewave.platform.warehouse import Warehouse
from telewave.targeting.usecases import partition_of


def kept_of(warehouse: Warehouse, brief: Brief, as_of: date | None, subscriber: int) -> Kept:
    """What is kept of one subscriber. Raises `NotPlanned`."""
    rows = planned(warehouse, brief, as_of)
    mine = rows.filter(pc.field("subscriber") == subscriber).to_pylist()
    control = warehouse.read(f"control.{brief.id}", CONTROL, partition_of(as_of).__eq__)
    alone = warehouse.engine.fetch(control.filter(control["subscriber"] == subscriber)).to_pylist()
    days = {(row["offer"], row["channel"], row["phase"]): row["day"] for row in mine}
    return Kept(days, any(row["by_chance"] for row in mine), alone[0]["control"] if alone else None)


def is_kept(warehouse: Warehouse, brief: Brief, as_of: date | None, made: Proposal) -> bool:
    """Whether the plan that is kept is `made`. Raises `NotPlanned`."""
    rows = contacts_table(made)
    kept = planned(warehouse, brief, as_of)
    first, second = (
        table.take(np.lexsort([table[name].to_numpy() for name in ("touch", "subscriber")]))
        for table in (kept, rows)
    )
    return fingerprint(first) == fingerprint(second)
