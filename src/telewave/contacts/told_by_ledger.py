"""What the ledger tells the plan of a campaign's next phases: contacts that are out, objections, outcomes, and whom the
house's policy leaves alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import sqlalchemy as sa
from numpy.typing import NDArray

from telewave.contacts.asking_ledger import everybody_out
from telewave.contacts.ledger import Disposition
from telewave.contacts.on_record import contacts_before
from telewave.contacts.out_store import out_of
from telewave.contacts.policy import Policy
from telewave.contacts.policy_store import policy_in_force
from telewave.contacts.resting import capped, days_ahead, days_back, paused
from telewave.contacts.tables import contact_ledger, contact_waves, objections
from telewave.planning.next_rules import LedgerTold
from telewave.platform.database import Database
from telewave.platform.warehouse import Warehouse

Numbers = NDArray[np.int64]


def told_by_ledger(
    warehouse: Warehouse, database: Database, campaign: str, first_days: Mapping[str, date]
) -> LedgerTold:
    """What is known of the campaign's contacts, and of everybody on the first day of each phase to come. `first_days`:
    by the phase's id. Raises `PolicyBroken`.
    """
    out = out_of(database, campaign, date.max)
    with database.transaction() as connection:
        policy = policy_in_force(connection)
        ended = {one: _ended(connection, campaign, one) for one in (Disposition.ORDERED, Disposition.REFUSED)}
        return LedgerTold(
            out=pa.table(
                {
                    "subscriber": pa.array([one.subscriber for one in out], pa.int64()),
                    "touch": pa.array([one.step for one in out], pa.int64()),
                    "day": pa.array([one.day for one in out], pa.date32()),
                }
            ),
            objected=_objected(connection),
            ordered=ended[Disposition.ORDERED],
            refused=ended[Disposition.REFUSED],
            resting={
                phase: _resting(connection, warehouse, policy, day) for phase, day in first_days.items()
            },
            closed=any(not cap.most for cap in policy.caps),
        )


def _ended(connection: sa.Connection, campaign: str, disposition: Disposition) -> Numbers:
    """Whose contact of the campaign ended so."""
    row, wave = contact_ledger.c, contact_waves.c
    query = (
        sa.select(row.subscriber)
        .distinct()
        .join_from(contact_waves, contact_ledger, wave.id == row.wave)
        .where(wave.campaign == campaign, row.disposition == disposition.value)
    )
    return np.array(sorted(connection.execute(query).scalars()), np.int64)


def _objected(connection: sa.Connection) -> dict[str, Numbers]:
    """Who has objected, by what the records call the channel."""
    row = objections.c
    found: dict[str, list[int]] = {}
    for subscriber, channel in connection.execute(sa.select(row.subscriber, row.recorded_as)):
        found.setdefault(channel, []).append(subscriber)
    return {channel: np.unique(np.array(numbers, np.int64)) for channel, numbers in found.items()}


def _resting(connection: sa.Connection, warehouse: Warehouse, policy: Policy, day: date) -> Numbers:
    """Whom the policy would hold back on the day, by contacts of any campaign that are out or on record."""
    if not policy.caps and not policy.pauses:
        return np.zeros(0, np.int64)
    days = (day - timedelta(days=days_back(policy)), day + timedelta(days=days_ahead(policy)))
    mine, out = everybody_out(connection, days)
    record = contacts_before(warehouse, day, policy)
    people = np.union1d(mine, record.rows["subscriber"].to_numpy().astype(np.int64))
    out = replace(out, place=np.searchsorted(people, mine)[out.place])
    recorded = record.touches(people)
    held = paused(policy, day, len(people), (out, recorded)) | capped(policy, day, people, out, recorded)
    return people[held]
