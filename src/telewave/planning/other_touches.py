"""Recorded contacts, and those that other campaigns plan: what a plan's spacing respects beside its own contacts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from telewave.briefs.model import Brief
from telewave.planning.gathering import customers_of
from telewave.planning.model import GONE, Plan
from telewave.planning.plan_tables import CONTACTS, ordinals
from telewave.planning.plans import control_of, running_elsewhere
from telewave.platform.database import Database
from telewave.platform.warehouse import Warehouse
from telewave.records.contracts import CONTRACTS
from telewave.scheduling.spacing import Touches


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


def touches_elsewhere(
    warehouse: Warehouse, database: Database, brief: Brief, others: pa.Table, as_of: date | None
) -> Touches | None:
    """The recorded contacts `others`, and those of other campaigns' plans that run, near enough to matter; None: no
    such.

    With households where the campaign limits their contacts. A plan that nobody has
    launched contacts nobody, and does not count.
    """
    found = [others.select(["subscriber", "day"])]
    found += [planned_by(warehouse, plan, near(brief)) for plan in running_elsewhere(database, brief.id)]
    subscriber = np.concatenate([rows["subscriber"].to_numpy().astype(np.int64) for rows in found])
    day = np.concatenate([ordinals(rows["day"]) for rows in found])
    if not len(day):
        return None
    household = None
    if brief.household_contacts is not None:
        household = customers_of(warehouse, as_of, subscriber)
    return Touches(subscriber, day, household)


def planned_by(warehouse: Warehouse, plan: Plan, days: tuple[date, date]) -> pa.Table:
    """Subscriber and day of the plan's contacts that are to be made or were made between `days`."""
    rows = warehouse.read("plan_contacts", CONTACTS, plan.hash.__eq__)
    stands = rows["state"].notin([state.value for state in GONE])
    return warehouse.engine.fetch(
        rows.filter(stands & rows["day"].between(*days)).select("subscriber", "day")
    )


def held_elsewhere(warehouse: Warehouse, database: Database, brief: Brief) -> NDArray[np.int64]:
    """Who is held out of other campaigns that run: numbers of subscribers, each once."""
    return held_by(warehouse, running_elsewhere(database, brief.id))


def held_by(warehouse: Warehouse, plans: Sequence[Plan]) -> NDArray[np.int64]:
    """Who is held out by any of `plans`: numbers of subscribers, each once."""
    found = [control_of(warehouse, plan) for plan in plans]
    held = [
        rows.filter(pc.equal(rows["control"], pa.scalar("campaign")))["subscriber"].to_numpy()
        for rows in found
    ]
    return np.unique(np.concatenate([np.zeros(0, np.int64), *held]))
