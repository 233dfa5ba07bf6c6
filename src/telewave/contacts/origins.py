"""What contacts of the ledger were about, from the rows of their plans."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from telewave.contacts.out_store import Out
from telewave.planning.plans import contacts_of, plan_called
from telewave.platform.database import Database
from telewave.platform.warehouse import Warehouse


def offers_of(
    warehouse: Warehouse, database: Database, origins: Mapping[int, Out]
) -> dict[int, tuple[str, str]]:
    """Offer and target group of each contact, by its number. Raises `PlanChanged`."""
    found: dict[int, tuple[str, str]] = {}
    for digest in sorted({one.plan for one in origins.values()}):
        mine = {number: one for number, one in origins.items() if one.plan == digest}
        rows = contacts_of(warehouse, plan_called(database, digest))
        people = pa.array(sorted({one.subscriber for one in mine.values()}), pa.int64())
        theirs: Any = rows.filter(pc.is_in(rows["subscriber"], people)).to_pylist()
        by_step = {(row["subscriber"], row["touch"]): row for row in theirs}
        by_person = {row["subscriber"]: row for row in theirs}
        for number, one in mine.items():
            row = by_step.get((one.subscriber, one.step)) or by_person[one.subscriber]
            found[number] = str(row["offer"]), str(row["group"] or "")
    return found
