"""Fill a campaign's queue of calls from the ledger: what is released, with what its plan says of it. What the records
say is asked again once a day of everybody who waits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from telewave.audiences.usecases import predicate
from telewave.contacts.asking import Asked, ask_records
from telewave.contacts.handing_out import STEPS
from telewave.contacts.one_by_one import out_count, waiting_for_agents
from telewave.contacts.reasons import HELD_BACK, ORDER, TOO_LATE, FallsOut, first_codes
from telewave.contacts.settling import Told, deciding, withdraw_those
from telewave.features.usecases import open_wide, wide_dates
from telewave.outbound import store
from telewave.outbound.model import Filled, Queued
from telewave.outbound.team import Team, needs_text
from telewave.outbound.told_calls import CALLS
from telewave.planning.plans import contacts_of, plan_called
from telewave.platform.database import Database
from telewave.platform.warehouse import Warehouse


def is_filled(connection: sa.Connection, campaign: str, team: Team, now: datetime) -> bool:
    """Whether nothing was let go since the queue was filled, today and by this team."""
    known = store.filled(connection, campaign)
    return known == Filled(asked_on=now.date(), team=team.version, out=out_count(connection, campaign))


def fill(warehouse: Warehouse, database: Database, campaign: str, team: Team, told: Told) -> None:
    """Bring the queue up to the ledger. Contacts that fall out for good are withdrawn; those whose offer is out of
    stock wait. Raises `PlanChanged`, `ClockBehind`.
    """
    now = told.now
    with deciding(database) as connection:
        before = store.filled(connection, campaign)
        anew = before is None or (before.asked_on, before.team) != (now.date(), team.version)
        out = out_count(connection, campaign)
        waiting = waiting_for_agents(connection, campaign, now.date(), CALLS)
        known = store.numbers_of(connection, campaign)
        old = store.going_on(connection, campaign) if anew else []
    new = [one for one in waiting if one.contact not in known]
    rows: list[Queued] = []
    reasons: dict[int, FallsOut] = {}
    keys = [(one.plan, one.contact, one.subscriber, one.step) for one in new]
    keys += [(one.plan, one.contact, one.subscriber, one.step) for one in old]
    for found in _planned(warehouse, database, keys, now):
        rows += _rows(*found, team, campaign, now)
        reasons |= _fallen(*found)
    with deciding(database) as connection:
        gone = {number: why for number, why in reasons.items() if why not in HELD_BACK}
        withdraw_those(connection, campaign, gone, told, f"campaign {campaign}, calls of {now.date()}")
        _write(connection, campaign, rows, reasons)
        store.note_filled(connection, campaign, Filled(asked_on=now.date(), team=team.version, out=out))


def _write(
    connection: sa.Connection, campaign: str, rows: Sequence[Queued], reasons: Mapping[int, FallsOut]
) -> None:
    known = store.numbers_of(connection, campaign)
    store.add(connection, [one for one in rows if one.contact not in {*known, *reasons}])
    by_needs: dict[str, list[int]] = {}
    for one in rows:
        by_needs.setdefault(one.needs, []).append(one.contact)
    for needs, numbers in by_needs.items():
        store.change(connection, (one for one in numbers if one in known), needs=needs)
    store.change(connection, (one for one, why in reasons.items() if why not in HELD_BACK), due_at=None)


def _planned(
    warehouse: Warehouse, database: Database, keys: Sequence[tuple[str, int, int, int]], now: datetime
) -> Iterator[tuple[Asked, tuple[int, ...]]]:
    """By plan: its rows of these contacts, asked for today, and the number of each."""
    for digest in sorted({key[0] for key in keys}):
        plan = plan_called(database, digest)
        mine = {subscriber * STEPS + step: contact for of, contact, subscriber, step in keys if of == digest}
        table = contacts_of(warehouse, plan)
        place = table["subscriber"].to_numpy().astype(np.int64) * STEPS + table["touch"].to_numpy()
        wanted = np.isin(place, np.array(list(mine), np.int64))
        yield (
            Asked(
                warehouse=warehouse,
                database=database,
                plan=plan,
                document=plan.content,
                rows=table.filter(pa.array(wanted)),
                day=now.date(),
            ),
            tuple(mine[one] for one in place[wanted].tolist()),
        )


def _rows(asked: Asked, numbers: Sequence[int], team: Team, campaign: str, now: datetime) -> Iterator[Queued]:
    needs = _needs(asked, team)
    for place, (number, row) in enumerate(zip(numbers, asked.rows.to_pylist(), strict=True)):
        yield Queued(
            contact=number,
            campaign=campaign,
            plan=asked.plan.hash,
            subscriber=row["subscriber"],
            step=row["touch"],
            channel=row["channel"],
            offer=row["offer"],
            target_group=row["group"] or "",
            value=row["expected_profit"],
            chance=row["probability"],
            needs=needs[place],
            due_at=now,
        )


def _needs(asked: Asked, team: Team) -> list[str]:
    """What an agent must have for each contact, shape (n,)."""
    found: list[set[str]] = [set() for _ in range(len(asked.rows))]
    columns = zip(asked.rows["offer"].to_pylist(), asked.rows["group"].to_pylist(), strict=True)
    for place, (offer, group) in enumerate(columns):
        found[place] |= {
            name for name, one in team.skills.items() if one.needed(str(offer), str(group or ""))
        }
    for name, speakers in _speakers(asked, team).items():
        for at in np.flatnonzero(asked.of(speakers)).tolist():
            found[at].add(name)
    return [needs_text(one) for one in found]


def _speakers(asked: Asked, team: Team) -> Mapping[str, Any]:
    """Whom to call in which language, by the newest wide table up to today: subscriber numbers by language."""
    built = [one for one in wide_dates(asked.warehouse) if one <= asked.day]
    if not team.languages or not built:
        return {}
    wide = open_wide(asked.warehouse, built[-1])
    found = {}
    for name, rule in team.languages.items():
        member = predicate(asked.warehouse, asked.database, rule)(wide)
        rows = asked.warehouse.engine.fetch(wide.relation.filter(member).select(wide.key))
        found[name] = rows[wide.key].to_numpy()
    return found


def _fallen(asked: Asked, numbers: Sequence[int]) -> Iterator[tuple[int, FallsOut]]:
    """Whom the records keep back, with the first reason; not for what does not concern a contact that is let go."""
    found = {reason: flags for reason, flags in ask_records(asked).items() if reason not in TOO_LATE}
    for number, code in zip(numbers, first_codes(found, len(asked.rows)).tolist(), strict=True):
        if code:
            yield number, ORDER[code - 1]
