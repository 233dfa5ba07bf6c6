"""Calls as agents and files of results told them, beside those on record: one call counts once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from telewave.contacts.ledger import Disposition
from telewave.contacts.one_by_one import told_between
from telewave.funnel.steps import CHANNELS, Family
from telewave.measurement.gathering import Launched, RecordedContacts
from telewave.measurement.stages import Made
from telewave.outbound import store
from telewave.outbound.dispositions import REACHED, WILLING, CallResult
from telewave.outbound.model import Call
from telewave.platform.database import Database
from telewave.platform.warehouse import Warehouse

CALLS = tuple(name for name, family in CHANNELS.items() if family is Family.CALL)
"""What the records call calls."""
NOT_REACHED = (Disposition.NO_ANSWER, Disposition.BOUNCED)
WILLING_TO = (Disposition.WILLING, Disposition.ORDERED, Disposition.VISITED)


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldCall:
    """One call; `hour` None: only its day is known."""

    subscriber: int
    day: date
    hour: int | None
    agent: str
    reached: bool
    willing: bool
    ordered: bool


def told_calls(database: Database, campaign: str, first: date, end: date) -> list[ToldCall]:
    """Calls of days from `first` to before `end`, in order of time as far as it is known: every try that an agent told,
    and what files of results told of other contacts, on the day that these were let go for.
    """
    with database.transaction() as connection:
        tries = store.calls_between(connection, campaign, first, end)
        people = {one.contact: one for one in told_between(connection, campaign, date.min, date.max, CALLS)}
        known = store.contacts_with_calls(connection, campaign)
        whose = store.subscribers_of(connection, campaign)
    found = [_of_try(one, whose[one.contact]) for one in tries]
    for contact, one in people.items():
        if contact not in known and first <= one.day < end:
            found.append(
                ToldCall(
                    subscriber=one.subscriber,
                    day=one.day,
                    hour=None,
                    agent=one.agent or "",
                    reached=one.disposition not in NOT_REACHED,
                    willing=one.disposition in WILLING_TO,
                    ordered=one.disposition is Disposition.ORDERED,
                )
            )
    return found


def _of_try(one: Call, subscriber: int) -> ToldCall:
    result = CallResult(one.result or "")
    assert one.day is not None  # noqa: S101 - a told call has its day
    return ToldCall(
        subscriber=subscriber,
        day=one.day,
        hour=one.hour,
        agent=one.agent,
        reached=result in REACHED,
        willing=result in WILLING,
        ordered=result is CallResult.ORDERED,
    )


def beside_records(told: Iterable[ToldCall], on_record: set[tuple[int, date]]) -> list[ToldCall]:
    """What is told and not on record: of a subscriber's day that is on record, the record counts."""
    return [one for one in told if (one.subscriber, one.day) not in on_record]


def calls_made(warehouse: Warehouse, database: Database, launched: Launched, first: date, end: date) -> Made:
    """The campaign's calls from `first` to before `end`, by the counts of `campaign measure`, and those told beside the
    records; `hour` -1: not known.
    """
    recorded = RecordedContacts(warehouse).made(launched, first, end)
    calls = {name for name, one in launched.document["channels"].items() if one["records"] in CALLS}
    recorded = recorded.where(np.isin(recorded.channel, sorted(calls)))
    days = [first + timedelta(days=int(one)) for one in recorded.day]
    on_record = set(zip(recorded.subscriber.tolist(), days, strict=True))
    told = told_calls(database, launched.plan.campaign, first, end)
    return _joined(
        _named(recorded, told, days), beside_records(told, on_record), first, min(calls, default="")
    )


def _named(recorded: Made, told: Sequence[ToldCall], days: Sequence[date]) -> Made:
    """Records that do not say who called, with the agent who told of it."""
    who = {(one.subscriber, one.day): one.agent for one in told}
    keys = zip(recorded.agent.tolist(), recorded.subscriber.tolist(), days, strict=True)
    agent = [name or who.get((subscriber, day), "") for name, subscriber, day in keys]
    return Made(
        subscriber=recorded.subscriber,
        channel=recorded.channel,
        day=recorded.day,
        reached=recorded.reached,
        willing=recorded.willing,
        agent=np.array(agent, np.str_),
        hour=recorded.hour,
        ordered=recorded.ordered,
    )


def _joined(recorded: Made, told: Sequence[ToldCall], first: date, channel: str) -> Made:
    def numbers(values: Iterable[int]) -> np.ndarray:
        return np.array(list(values), np.int64)

    def flags(values: Iterable[bool]) -> np.ndarray:
        return np.array(list(values), np.bool_)

    return Made(
        subscriber=np.concatenate([recorded.subscriber, numbers(one.subscriber for one in told)]),
        channel=np.concatenate([recorded.channel, np.array([channel] * len(told), np.str_)]),
        day=np.concatenate([recorded.day, numbers((one.day - first).days for one in told)]),
        reached=np.concatenate([recorded.reached, flags(one.reached for one in told)]),
        willing=np.concatenate([recorded.willing, flags(one.willing for one in told)]),
        agent=np.concatenate([recorded.agent, np.array([one.agent for one in told], np.str_)]),
        hour=np.concatenate([recorded.hour, numbers(-1 if one.hour is None else one.hour for one in told)]),
        ordered=np.concatenate([recorded.ordered, flags(one.ordered for one in told)]),
    )
