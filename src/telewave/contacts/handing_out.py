"""The one way out of the system for contacts: of the plan that was approved and
launched, for one day, everything asked again.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from telewave.approvals.usecases import launched_plan
from telewave.contacts import standings
from telewave.contacts.asking import Asked
from telewave.contacts.claiming import Errand, claim, withdraw
from telewave.contacts.one_by_one import LIST, take_for
from telewave.contacts.plan_kind import ContactPlanKind
from telewave.contacts.reasons import FallsOut
from telewave.contacts.settling import deciding
from telewave.contacts.work_list import HandedOut
from telewave.planning.model import ContactState
from telewave.planning.plans import contacts_of, plan_called
from telewave.platform.database import Database
from telewave.platform.warehouse import Warehouse
from telewave.records.revealing import NobodyReveals, reveal
from telewave.records.sealing import Keys

STEPS = 1_000
"""More than there are steps in a plan."""


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
    """Let the launched plan's contacts of `day` go that may be made, and list all that are let go and nothing has been
    heard of, with outside numbers, which are revealed to the person `by`. Taken twice, it is one list.

    Raises `NotRunning`, `NoSuchCampaign`, `NotWhatWasApproved`, `PlanChanged`, `NobodyReveals`, `PolicyBroken`,
    `PolicyChanged`, `ClockBehind`.
    """
    if not by.strip():
        raise NobodyReveals
    errand = Errand(by=by.strip(), now=now, what="hand_out")
    asked = let_go(warehouse, database, name, day, errand)
    rows, contacts = _released(asked)
    agents = _with_agents(database, asked)
    left = np.isin(np.array(rows["channel"].to_pylist(), np.str_), sorted(agents))
    rows, contacts = rows.filter(pa.array(~left)), contacts[~left]
    purpose = f"campaign {name}, plan {asked.plan.hash}, {day.isoformat()}"
    people = [int(one) for one in rows["subscriber"].to_numpy()]
    numbers = reveal(database, keys, people, by=by, purpose=purpose, now=now)
    unknown = {one for one, number in zip(people, numbers, strict=True) if number is None}
    if unknown:
        withdraw(asked, errand, unknown, FallsOut.NO_NUMBER)
    reached = np.array([number is not None for number in numbers], np.bool_)
    return HandedOut(
        rows=rows.filter(pa.array(reached)),
        numbers=tuple(number for number in numbers if number is not None),
        contacts=tuple(contacts[reached].tolist()),
        fell_out=fell_out(asked),
        document=asked.document,
        with_agents=int(left.sum()),
    )


def _with_agents(database: Database, asked: Asked) -> set[str]:
    """The channels whose contacts of the day agents make one at a time; all others are the list's from now on."""
    channels = set(asked.document["channels"])
    with deciding(database) as connection:
        return take_for(connection, asked.plan.hash, asked.day, LIST, channels)


def let_go(warehouse: Warehouse, database: Database, name: str, day: date, errand: Errand) -> Asked:
    """Let the launched plan's contacts of `day` go that may be made. What was asked, with all contacts of the day.

    Raises `NotRunning`, `NoSuchCampaign`, `NotWhatWasApproved`, `PlanChanged`, `PolicyBroken`, `PolicyChanged`,
    `ClockBehind`.
    """
    asked = planned_on(warehouse, database, name, day)
    claim(asked, errand)
    return asked


def planned_on(warehouse: Warehouse, database: Database, name: str, day: date) -> Asked:
    """The launched plan's contacts of `day`, by minute; the most valuable of a minute first.

    Raises `NotRunning`, `NoSuchCampaign`, `NotWhatWasApproved`, `PlanChanged`.
    """
    version, _ = launched_plan(database, name, ContactPlanKind.name)
    plan = plan_called(database, version.digest)
    rows = contacts_of(warehouse, plan)
    planned: Any = pc.equal(rows["state"], pa.scalar(ContactState.PLANNED.value))
    same: Any = pc.equal(rows["day"], pa.scalar(day))
    today: Any = pc.fill_null(same, False)
    mine: Any = pc.and_(planned, today)
    rows = rows.filter(mine).combine_chunks()
    subscriber, profit, minute = (
        rows[name].to_numpy() for name in ("subscriber", "expected_profit", "minute")
    )
    rows = rows.take(np.lexsort((subscriber, -profit, minute)))
    return Asked(warehouse=warehouse, database=database, plan=plan, document=plan.content, rows=rows, day=day)


def fell_out(asked: Asked) -> dict[FallsOut, int]:
    """How many contacts of the day are held back or withdrawn, by reason, in the order of the reasons."""
    counts = standings.held_back(asked.database, asked.plan.hash, asked.day)
    return {reason: counts[reason.value] for reason in FallsOut if reason.value in counts}


def _released(asked: Asked) -> tuple[pa.Table, NDArray[np.int64]]:
    """The rows that are let go, in the order of `asked.rows`, and their numbers in the ledger."""
    found = standings.released_of(asked.database, asked.plan.hash, asked.day)
    of_ledger = found[:, 1] * STEPS + found[:, 2]
    order = np.argsort(of_ledger)
    of_ledger = of_ledger[order]
    of_plan = asked.subscriber * STEPS + asked.rows["touch"].to_numpy().astype(np.int64)
    places = np.searchsorted(of_ledger, of_plan)
    out = places < len(of_ledger)
    out[out] = of_ledger[places[out]] == of_plan[out]
    return asked.rows.filter(pa.array(out)), found[order[places[out]], 0]
