"""Take a batch of calls out for a dialler, and its results in: the same reservations and transitions as for agents."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from telewave.approvals.usecases import NotRunning, launched_plan
from telewave.contacts.one_by_one import policy_now
from telewave.contacts.plan_kind import ContactPlanKind
from telewave.contacts.settling import Told, deciding
from telewave.kernel import Label, Malformed, Missing
from telewave.outbound import store
from telewave.outbound.filling import filled_for
from telewave.outbound.model import Call, Queued, Recorded, Wanted
from telewave.outbound.ports import Batch, Dialled, Dialler, Line
from telewave.outbound.recording import record_within
from telewave.outbound.reserving import allowed, campaign_named, open_channels
from telewave.outbound.team import needs_read
from telewave.planning.model import Plan
from telewave.planning.plans import is_launched, plan_called
from telewave.platform.database import Database
from telewave.platform.warehouse import Warehouse
from telewave.records.revealing import NobodyReveals, reveal
from telewave.records.sealing import Keys

HELD = timedelta(hours=1)
"""How long a dialler holds what it took."""
MOST = 5_000


class NotInABatch(Missing):
    """Line {line}: the contact {contact} was not given to a dialler, or its result is told already. Nothing was taken
    over. Take the line out, or give the number that the batch has.
    """

    code = "not_in_a_batch"


class BatchSize(Malformed):
    """A batch has 1 to 5,000 lines. Correct --lines."""

    code = "batch_size"


def dial(
    stores: tuple[Warehouse, Database, Keys],
    name: str,
    dialler: Dialler,
    *,
    lines: int,
    has: Collection[str],
    by: str,
    now: datetime,
) -> Batch:
    """Reserve at most `lines` contacts, for the dialler's agents, who all have the skills and languages `has`, and hand
    them over with their outside numbers, which are revealed to the person `by`.

    Raises what `reserving.next_call` raises, `NobodyReveals`, `BatchSize`, and what the dialler raises.
    """
    warehouse, database, keys = stores
    if not by.strip():
        raise NobodyReveals
    if not 1 <= lines <= MOST:
        raise BatchSize
    campaign = campaign_named(database, name)
    plan = plan_called(database, launched_plan(database, campaign, ContactPlanKind.name)[0].digest)
    with database.transaction() as connection:
        open_channels(plan, policy_now(connection), now)
    number, rows = filled_for(
        warehouse,
        database,
        campaign,
        Told(by=by.strip(), now=now),
        lambda connection: _reserved(connection, plan, lines, has, now),
    )
    purpose = f"campaign {campaign}, batch {number} for a dialler"
    shown = reveal(database, keys, [one.subscriber for one in rows], by=by, purpose=purpose, now=now)
    documents = {digest: plan_called(database, digest).content for digest in {one.plan for one in rows}}
    batch = Batch(
        number=number,
        campaign=campaign,
        taken_at=now,
        until=now + HELD,
        lines=tuple(
            _line(one, outside, documents[one.plan])
            for one, outside in zip(rows, shown, strict=True)
            if outside is not None
        ),
    )
    dialler.take(batch)
    return batch


def _line(row: Queued, number: str, document: Mapping[str, Any]) -> Line:
    offer = document["offers"][row.offer]
    return Line(
        contact=row.contact,
        subscriber=row.subscriber,
        recorded_as=document["channels"][row.channel]["records"],
        number=number,
        offer_id=row.offer,
        offer=Label(**offer["name"]),
        script=tuple(Label(**one) for one in offer["script"].get(row.target_group, ())),
    )


def _reserved(
    connection: sa.Connection, plan: Plan, lines: int, has: Collection[str], now: datetime
) -> tuple[int, list[Queued]]:
    """Policy asked again, and the reservations."""
    if not is_launched(connection, plan):
        raise NotRunning(name=plan.campaign)
    team, policy = store.team_in_force(connection), policy_now(connection)
    channels = open_channels(plan, policy, now)
    kinds = store.kinds_of_needs(connection, plan.campaign)
    wanted = Wanted(
        campaign=plan.campaign,
        agent="",
        channels=tuple(channels),
        needs=tuple(one for one in kinds if not team.agents or set(needs_read(one)) <= set(has)),
        now=now,
        overdue=now - team.rules.grace,
    )
    found: list[Queued] = []
    number = store.next_batch(connection)
    while len(found) < lines:
        most = min(lines - len(found), store.LARGEST_PAGE)
        page = store.candidates(connection, wanted, most)
        if not page:
            break
        free = allowed(connection, page, now, policy, most=len(page))
        store.give_to_batch(connection, number, free, now, now + HELD)
        found += free
    return number, found


def take_in(
    database: Database, name: str, results: Sequence[Dialled], by: str, now: datetime
) -> list[Recorded]:
    """Take all results over, or nothing. Raises `NotInABatch`, and what `recording.record_call` raises."""
    campaign = campaign_named(database, name)
    with deciding(database) as connection:
        return [_told(connection, database, campaign, one, by, now) for one in results]


def _told(
    connection: sa.Connection, database: Database, campaign: str, one: Dialled, by: str, now: datetime
) -> Recorded:
    row = store.queued(connection, one.contact)
    call = None if row is None or row.campaign != campaign else _open(store.calls_of(connection, one.contact))
    if row is None or call is None:
        raise NotInABatch(line=one.line, contact=one.contact)
    document = plan_called(database, row.plan).content
    return record_within(connection, row, call, (one.agent, by), one.outcome, document, now)


def _open(given: Sequence[Call]) -> Call | None:
    """The newest time it was given to a dialler, where nothing was told of it."""
    mine = [one for one in given if store.is_of_batch(one)]
    return mine[-1] if mine and mine[-1].result is None else None
