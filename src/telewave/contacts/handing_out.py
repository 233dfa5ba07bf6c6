"""The one way out of the system for contacts: of the plan that was approved and
launched, for one day, everything asked again.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from telewave.approvals.usecases import launched_plan
from telewave.contacts.asking import Asked, ask
from telewave.contacts.plan_kind import ContactPlanKind
from telewave.contacts.reasons import FallsOut
from telewave.contacts.work_list import HandedOut
from telewave.planning.model import ContactState
from telewave.planning.plans import contacts_of, plan_called
from telewave.platform.database import Database
from telewave.platform.warehouse import Warehouse
from telewave.records.revealing import reveal
from telewave.records.sealing import Keys


def hand_out(
    warehouse: Warehouse,
    database: Database,
    keys: Keys,
    name: str,
    day: date,
    *,
    by: str,
    now: datetime,
) -> HandedOut:
    """The launched plan's contacts of `day` that may still be made, with outside
    numbers, which are revealed to the person `by`.

    Raises `NotRunning`, `NoSuchCampaign`, `NotWhatWasApproved`, `PlanChanged`, `NobodyReveals`.
    """
    version, _ = launched_plan(database, name, ContactPlanKind.name)
    plan = plan_called(database, version.digest)
    rows = contacts_of(warehouse, plan)
    planned: Any = pc.equal(rows["state"], pa.scalar(ContactState.PLANNED.value))
    same: Any = pc.equal(rows["day"], pa.scalar(day))
    today: Any = pc.fill_null(same, False)
    mine: Any = pc.and_(planned, today)
    rows = rows.filter(mine).sort_by(
        [("minute", "ascending"), ("expected_profit", "descending"), ("subscriber", "ascending")]
    )
    asked = Asked(
        warehouse=warehouse, database=database, plan=plan, document=plan.content, rows=rows, day=day
    )
    stays, fell_out = ask(asked)
    rows = rows.filter(pa.array(stays))
    purpose = f"campaign {name}, plan {plan.hash}, {day.isoformat()}"
    numbers = reveal(
        database, keys, [int(one) for one in rows["subscriber"].to_numpy()], by=by, purpose=purpose, now=now
    )
    known = np.array([number is not None for number in numbers], np.bool_)
    if missing := int((~known).sum()):
        fell_out[FallsOut.NO_NUMBER] = missing
    return HandedOut(
        rows=rows.filter(pa.array(known)),
        numbers=tuple(number for number in numbers if number is not None),
        fell_out=fell_out,
        document=plan.content,
    )
