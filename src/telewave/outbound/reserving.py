"""Give an agent the next contact to call: reserved in the transaction that asks the policy again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import TypeAlias

import sqlalchemy as sa

from telewave.approvals.model import NoSuchCampaign
from telewave.approvals.usecases import NotRunning, find, launched_plan
from telewave.contacts.one_by_one import asked_again, policy_now, recorded_read
from telewave.contacts.plan_kind import ContactPlanKind
from telewave.contacts.policy import Policy
from telewave.contacts.reasons import HELD_BACK
from telewave.contacts.settling import Told
from telewave.kernel import Conflict
from telewave.outbound import store
from telewave.outbound.filling import filled_for
from telewave.outbound.model import Call, Given, NobodyNow, Queued, Wanted
from telewave.outbound.team import Agent, needs_read
from telewave.outbound.timing import Hours, hours_of
from telewave.outbound.told_calls import CALLS
from telewave.planning.model import Plan
from telewave.planning.plans import NoSuchPlan, is_launched, plan_called
from telewave.platform.database import Database
from telewave.platform.warehouse import Warehouse

MINUTE = "%Y-%m-%d %H:%M"


class NoCallsPlanned(Conflict):
    """The launched plan of the campaign {campaign} has no channel whose contacts are calls. Its lists are written by:
    telewave campaign contacts {campaign} --to FILE --by YOU
    """

    code = "no_calls_planned"


class NotCallingNow(Conflict):
    """No calls of the campaign {campaign} may be made at {now}, by its hours, its working days and the
    quiet hours of the contact policy. Ask again from {opens} on.
    """

    code = "not_calling_now"


class CallsAreOver(Conflict):
    """The campaign {campaign} makes no calls after {last}: its plan ends there, or every later day is closed or quiet.
    Plan the next phase: telewave campaign next FILE --as-of DATE
    """

    code = "calls_are_over"


_Held: TypeAlias = tuple[Queued, list[Call], bool]
"""The contact, all times it was given to somebody, and whether the agent held it already."""


def campaign_named(database: Database, name: str) -> str:
    """The campaign of this name, or of the plan whose hash begins so. Raises `NoSuchCampaign`, `PlanHashTooShort`."""
    try:
        find(database, name)
    except NoSuchCampaign:
        try:
            return plan_called(database, name).campaign
        except NoSuchPlan:
            pass
        raise
    return name


def next_call(
    warehouse: Warehouse, database: Database, name: str, agent: str, now: datetime
) -> Given | NobodyNow:
    """The contact that `agent` is to call now: the one he holds, else the next. `now`: local, with its offset.

    Raises `NoSuchCampaign`, `NotRunning`, `NotWhatWasApproved`, `PlanChanged`, `NotOfTheTeam`, `NoAgentNamed`,
    `NotCallingNow`, `CallsAreOver`, `NoCallsPlanned`, `PolicyBroken`, `TeamBroken`, `ClockBehind`.
    """
    campaign = campaign_named(database, name)
    plan = plan_called(database, launched_plan(database, campaign, ContactPlanKind.name)[0].digest)
    with database.transaction() as connection:
        team, policy = store.team_in_force(connection), policy_now(connection)
    caller = team.agent(agent)
    open_channels(plan, policy, now)
    found = filled_for(
        warehouse,
        database,
        campaign,
        Told(by=caller.id, now=now),
        lambda connection: _claimed(connection, plan, caller, now),
    )
    if isinstance(found, NobodyNow):
        return found
    row, before, again = found
    return Given(
        row=row,
        document=plan_called(database, row.plan).content,
        before=tuple(one for one in before if one.result is not None),
        again=again,
    )


def open_channels(plan: Plan, policy: Policy, now: datetime) -> dict[str, Hours]:
    """The plan's channels of calls that may be used now, with their hours. Raises `NotCallingNow`, `CallsAreOver`,
    `NoCallsPlanned`.
    """
    told = plan.content["channels"]
    hours = {
        name: hours_of(plan.content, name, policy) for name, one in told.items() if one["records"] in CALLS
    }
    if not hours:
        raise NoCallsPlanned(campaign=plan.campaign)
    found = {name: one for name, one in hours.items() if one.is_open(now)}
    if not found:
        opens = [opening for one in hours.values() if (opening := one.next_open(now))]
        if not opens:
            raise CallsAreOver(campaign=plan.campaign, last=plan.content["to"])
        raise NotCallingNow(campaign=plan.campaign, now=f"{now:{MINUTE}}", opens=f"{min(opens):{MINUTE}}")
    return found


def _claimed(connection: sa.Connection, plan: Plan, caller: Agent, now: datetime) -> _Held | NobodyNow:
    """In a transaction beside which nobody else decides: policy, reservation, and the line among the calls."""
    if not is_launched(connection, plan):
        raise NotRunning(name=plan.campaign)
    team, policy = store.team_in_force(connection), policy_now(connection)
    channels = open_channels(plan, policy, now)
    if kept := _still_held(connection, caller, now, policy):
        return kept, store.calls_of(connection, kept.contact), True
    needs = [
        one
        for one in store.kinds_of_needs(connection, plan.campaign)
        if team.can_serve(caller, needs_read(one))
    ]
    wanted = Wanted(
        campaign=plan.campaign,
        agent=caller.id,
        channels=tuple(channels),
        needs=tuple(needs),
        now=now,
        overdue=now - team.rules.grace,
    )
    found = _first_allowed(connection, wanted, policy)
    if found is None:
        return NobodyNow(campaign=plan.campaign, left=store.left_over(connection, plan.campaign, now))
    store.give(connection, found, caller.id, now, now + team.rules.reserved)
    held = replace(found, holder=caller.id, held_until=now + team.rules.reserved)
    return held, store.calls_of(connection, found.contact), False


def _still_held(connection: sa.Connection, caller: Agent, now: datetime, policy: Policy) -> Queued | None:
    """What the agent holds, if he may still call it; else it goes back."""
    held = store.held_by(connection, caller.id)
    if held is None:
        return None
    in_time = held.held_until is not None and held.held_until > now
    if in_time and allowed(connection, [held], now, policy):
        return held
    store.free(connection, held.contact)
    return None


def _first_allowed(connection: sa.Connection, wanted: Wanted, policy: Policy) -> Queued | None:
    """The first candidate whom the policy lets through; those whom it does not are put off or finished."""
    most = store.PAGE
    while page := store.candidates(connection, wanted, most):
        if found := allowed(connection, page, wanted.now, policy):
            return found[0]
        most = min(2 * most, store.LARGEST_PAGE)
    return None


def allowed(
    connection: sa.Connection, page: Sequence[Queued], now: datetime, policy: Policy, most: int = 1
) -> list[Queued]:
    """Of one campaign's contacts in the queue the first `most` who may be called. Who may not, as far as was looked,
    leaves the queue for good, or until tomorrow where the reason passes.
    """
    campaign = page[0].campaign
    recorded = {one.contact: recorded_read(one.on_record) for one in page if one.on_record}
    numbers = [one.contact for one in page]
    found = asked_again(connection, campaign, numbers, now.date(), policy, recorded)
    tomorrow = datetime.combine(now.date() + timedelta(days=1), time(0), now.tzinfo)
    free: list[Queued] = []
    put_off: dict[bool, list[int]] = {True: [], False: []}
    for one in page:
        if len(free) == most:
            break
        asked = found.get(one.contact)
        if asked is not None and asked.is_open and asked.reason is None:
            free.append(one)
            continue
        passes = asked is not None and asked.is_open and asked.reason in HELD_BACK
        put_off[passes].append(one.contact)
    store.change(connection, put_off[True], due_at=tomorrow)
    store.change(connection, put_off[False], due_at=None)
    return free
