"""Take down what became of a call: the ledger's own transitions, the end of the reservation, and when to try again, in
one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from telewave.contacts.one_by_one import asked_again, policy_now
from telewave.contacts.results_file import LONGEST_REFERENCE, Result
from telewave.contacts.settling import Settled, Told, deciding, results_within
from telewave.kernel import Conflict, Malformed, Missing
from telewave.outbound import store
from telewave.outbound.best_hour import best_hour
from telewave.outbound.dispositions import CallResult, Effect, row_of
from telewave.outbound.model import Call, Outcome, Queued, Recorded
from telewave.outbound.timing import Hours, again_at, hours_of
from telewave.planning.plans import plan_called
from telewave.platform.database import Database


class NotGiven(Conflict):
    """The contact {contact} was not given to {agent}, or its result is told already. See what {agent} holds:
    telewave outbound next {campaign} --agent {agent}
    """

    code = "not_given"


class NeverCalled(Missing):
    """No contact {contact} is among the calls of any campaign. Give the number that `telewave outbound next` shows."""

    code = "never_called"


class NoTimeToCallBack(Malformed):
    """When the customer is to be called back is missing. Add --call-back and the time, such as 15:30 or
    "2026-07-09 15:30".
    """

    code = "no_time_to_call_back"


class NoCallThen(Malformed):
    """No call can be made at {at}: it is past, or outside the channel's hours, the campaign's days or
    into quiet hours. Agree on another time, such as {opens}.
    """

    code = "no_call_then"


class OptionsOfAnotherResult(Malformed):
    """{option} does not go with the disposition {result}. Leave it out, or say --disposition {meant}."""

    code = "options_of_another_result"


class WhichOffer(Malformed):
    """The plan has no offer {offer!r}. Say which was ordered, with --order and one of: {known}."""

    code = "which_offer"


class OrderNumberTooLong(Malformed):
    """The order number has more than 200 characters. Shorten it."""

    code = "order_number_too_long"


def record_call(database: Database, contact: int, agent: str, outcome: Outcome, now: datetime) -> Recorded:
    """Take down what `agent` tells of a contact that was given to him. `now`: local, with its offset.

    What has happened is taken down also after his time ran out. Raises `NeverCalled`, `NotGiven`, `NoTimeToCallBack`,
    `NoCallThen`, `OptionsOfAnotherResult`, `WhichOffer`, `OrderNumberTooLong`, `ClockBehind`, `PolicyBroken`,
    `TeamBroken`.
    """
    with database.transaction() as connection:
        row = store.queued(connection, contact)
    if row is None:
        raise NeverCalled(contact=contact)
    document = plan_called(database, row.plan).content
    with deciding(database) as connection:
        row = store.queued(connection, contact) or row
        call = _open_call(connection, row, agent)
        return record_within(connection, row, call, (agent, agent), outcome, document, now)


def record_within(
    connection: sa.Connection,
    row: Queued,
    call: Call,
    who: tuple[str, str],
    outcome: Outcome,
    document: Mapping[str, Any],
    now: datetime,
) -> Recorded:
    """Take down what became of a call in the caller's transaction, `deciding`. `who`: made it ("": not told), and tells
    it. Raises as `record_call`.
    """
    hours = hours_of(document, row.channel, policy_now(connection))
    _check(outcome, hours, now, tuple(document["offers"]))
    settled = _told_to_ledger(connection, row, who, outcome, now)
    return _written(connection, row, call, (who[0], outcome, hours, settled), now)


def _open_call(connection: sa.Connection, row: Queued, agent: str) -> Call:
    """The newest time the contact was given to the agent, of which nothing was told."""
    given = [one for one in store.calls_of(connection, row.contact) if one.agent == agent]
    if not given or given[-1].result is not None:
        raise NotGiven(contact=row.contact, agent=agent, campaign=row.campaign)
    return given[-1]


def _check(outcome: Outcome, hours: Hours, now: datetime, offers: tuple[str, ...]) -> None:
    """What is told must go together."""
    result = outcome.result
    effect = row_of(result).effect
    if outcome.call_back is not None and effect is not Effect.CALL_BACK:
        raise OptionsOfAnotherResult(option="--call-back", result=result, meant=CallResult.CALL_BACK)
    for option, value in (("--order", outcome.offer), ("--reference", outcome.reference)):
        if value is not None and effect is not Effect.ORDER:
            raise OptionsOfAnotherResult(option=option, result=result, meant=CallResult.ORDERED)
    if effect is Effect.CALL_BACK:
        at = outcome.call_back
        if at is None:
            raise NoTimeToCallBack
        if at < now or not hours.is_open(at):
            opens = hours.next_open(max(at, now))
            raise NoCallThen(
                at=f"{at:%Y-%m-%d %H:%M}", opens="-" if opens is None else f"{opens:%Y-%m-%d %H:%M}"
            )
    if effect is Effect.ORDER and outcome.offer not in offers:
        raise WhichOffer(offer=outcome.offer or "", known=", ".join(offers))
    if outcome.reference is not None and len(outcome.reference) > LONGEST_REFERENCE:
        raise OrderNumberTooLong


def _told_to_ledger(
    connection: sa.Connection, row: Queued, who: tuple[str, str], outcome: Outcome, now: datetime
) -> Settled | None:
    """The result as a file of results tells it; None where there is nothing to tell."""
    event = row_of(outcome.result).event
    if event is None:
        return None
    result = Result(
        line=1, event=event, contact=row.contact, reference=outcome.reference, agent=who[0] or None
    )
    told = Told(by=who[1], now=now, file=f"call of contact {row.contact}")
    return results_within(connection, row.campaign, [result], told)


def _written(
    connection: sa.Connection,
    row: Queued,
    call: Call,
    known: tuple[str, Outcome, Hours, Settled | None],
    now: datetime,
) -> Recorded:
    """The call, the reservation and the next try."""
    agent, outcome, hours, settled = known
    rules = store.team_in_force(connection).rules
    result = outcome.result
    attempts = row.attempts + (result is not CallResult.NOT_MADE)
    later = None
    told_since = [one for one in store.calls_of(connection, row.contact) if one.id > call.id and one.result]
    if told_since and _goes_on(connection, row, now):
        later = row.due_at  # somebody called after this one: what he told stands
    elif _goes_on(connection, row, now):
        best = None
        if row_of(result).effect is Effect.LATER:
            best = best_hour(store.answered_by_hour(connection, row.campaign)).best
        hour = best if isinstance(best, int) else None
        later = again_at(result, attempts, now, outcome.call_back, rules, hours, hour)
    due_for = agent or None if result is CallResult.CALL_BACK else None
    due_for = row.due_for if told_since else due_for
    mine = call.agent in (row.holder, None if row.batch is None else store.batch_holder(row.batch))
    free = {"holder": None, "held_until": None, "batch": None} if mine else {}
    store.change(
        connection,
        [row.contact],
        due_at=later,
        due_for=due_for,
        attempts=attempts,
        **free,
    )
    written = {
        "agent": agent,
        "ended_at": now,
        "day": now.date(),
        "hour": now.hour,
        "result": result.value,
        "again_at": later,
    }
    written |= {"offer": outcome.offer, "reference": outcome.reference}
    store.end_call(connection, row.campaign, call.id, written)
    return Recorded(
        contact=row.contact,
        campaign=row.campaign,
        result=result,
        attempts=attempts,
        most=rules.attempts,
        again_at=later,
        withdrawn=settled.withdrawn if settled is not None and settled.objections else None,
    )


def _goes_on(connection: sa.Connection, row: Queued, now: datetime) -> bool:
    """Whether the ledger leaves the contact open."""
    found = asked_again(connection, row.campaign, [row.contact], now.date(), policy_now(connection))
    return row.contact in found and found[row.contact].is_open
