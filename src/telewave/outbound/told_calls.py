"""Calls as agents and files of results told them, beside those on record: one call counts once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import numpy as np

from telewave.contacts.ledger import Disposition
from telewave.contacts.one_by_one import told_between
from telewave.funnel.steps import CHANNELS, Family
from telewave.measurement.gathering import Launched, RecordedContacts
from telewave.measurement.stages import Made
from telewave.outbound import store
from telewave.outbound.dispositions import REACHED, WILLING, CallResult
from telewave.platform.database import Database
from telewave.platform.warehouse import Warehouse

Array = Any
CALLS = tuple(name for name, family in CHANNELS.items() if family is Family.CALL)
"""What the records call calls."""
NOT_REACHED = (Disposition.NO_ANSWER, Disposition.BOUNCED)
WILLING_TO = (Disposition.WILLING, Disposition.ORDERED, Disposition.VISITED)


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class ToldCalls:
    """Calls, arrays of one length: whose, on which day (ordinal), at which hour (-1: only its day is known), by whom
    ("": not told), and what became of it.
    """

    subscriber: Array
    day: Array
    hour: Array
    agent: Array
    reached: Array
    willing: Array
    ordered: Array

    def where(self, kept: Array) -> ToldCalls:
        """Some of them."""
        return ToldCalls(**{one.name: getattr(self, one.name)[kept] for one in fields(self)})

    def beside(self, subscriber: Array, day: Array) -> ToldCalls:
        """Those that are not on record: of a subscriber's day that is, the record counts."""
        return self.where(~np.isin(key_of(self.subscriber, self.day), key_of(subscriber, day)))

    def named(self, subscriber: Array, day: Array, agent: Array) -> Array:
        """The agents of calls on record; where a record names none, who told last of that subscriber's day."""
        mine, asked = key_of(self.subscriber, self.day), key_of(subscriber, day)
        order = np.argsort(mine, kind="stable")
        place = np.searchsorted(mine[order], asked, "right") - 1
        last = order[np.maximum(place, 0)] if len(order) else np.zeros(len(asked), np.int64)
        known = (mine[last] == asked) & (place >= 0) if len(order) else np.zeros(len(asked), np.bool_)
        told = np.where(known, self.agent[last] if len(order) else "", "")
        return np.where(agent == "", told, agent)


DAYS = 1 << 22
"""More than a calendar has."""


def key_of(subscriber: Array, day: Array) -> Array:
    """One number for a subscriber's day (ordinal)."""
    return np.asarray(subscriber, np.int64) * DAYS + np.asarray(day, np.int64)


def told_calls(database: Database, campaign: str, first: date, end: date) -> ToldCalls:
    """Calls of days from `first` to before `end`, in order of time as far as it is known: every try that an agent told,
    and what files of results told of other contacts, on the day that these were let go for.
    """
    with database.transaction() as connection:
        tries = store.calls_between(connection, campaign, first, end)
        called = store.contacts_with_calls(campaign)
        others = told_between(connection, campaign, (first, end), CALLS, called)
    results, dispositions = _column(tries, 4, np.str_), _column(others, 3, np.str_)
    ordered = [results == CallResult.ORDERED.value, dispositions == Disposition.ORDERED.value]
    return ToldCalls(
        subscriber=np.concatenate([_column(rows, 0, np.int64) for rows in (tries, others)]),
        day=np.concatenate([_ordinals(rows) for rows in (tries, others)]),
        hour=np.concatenate([_column(tries, 2, np.int64), np.full(len(others), -1)]),
        agent=np.concatenate(
            [_column(tries, 3, np.str_), np.array([one.agent or "" for one in others], np.str_)]
        ),
        reached=np.concatenate([_among(results, REACHED), ~_among(dispositions, NOT_REACHED)]),
        willing=np.concatenate([_among(results, WILLING), _among(dispositions, WILLING_TO)]),
        ordered=np.concatenate(ordered),
    )


def _column(rows: Sequence[Any], place: int, kind: Any) -> Array:
    return np.array([one[place] for one in rows], kind)


def _ordinals(rows: Sequence[Any]) -> Array:
    return np.array([one.day.toordinal() for one in rows], np.int64)


def _among(values: Array, names: Sequence[CallResult] | Sequence[Disposition]) -> Array:
    return np.isin(values, [one.value for one in names])


def calls_made(warehouse: Warehouse, database: Database, launched: Launched, first: date, end: date) -> Made:
    """The campaign's calls from `first` to before `end`, by the counts of `campaign measure`, and those told beside the
    records; `hour` -1: not known.
    """
    recorded = RecordedContacts(warehouse).made(launched, first, end)
    calls = {name for name, one in launched.document["channels"].items() if one["records"] in CALLS}
    recorded = recorded.where(np.isin(recorded.channel, sorted(calls)))
    told = told_calls(database, launched.plan.campaign, first, end)
    days = recorded.day + first.toordinal()
    return _joined(
        recorded,
        told.named(recorded.subscriber, days, recorded.agent),
        told.beside(recorded.subscriber, days),
        first,
        min(calls, default=""),
    )


def _joined(recorded: Made, agent: Array, more: ToldCalls, first: date, channel: str) -> Made:
    """Calls on record, whose `agent` is told beside, and `more` of one `channel`."""

    def both(name: str) -> Array:
        return np.concatenate([getattr(recorded, name), getattr(more, name)])

    return Made(
        subscriber=both("subscriber"),
        channel=np.concatenate([recorded.channel, np.full(len(more.day), channel)]),
        day=np.concatenate([recorded.day, more.day - first.toordinal()]),
        reached=both("reached"),
        willing=both("willing"),
        agent=np.concatenate([agent, more.agent]),
        hour=both("hour"),
        ordered=both("ordered"),
        script=np.concatenate([recorded.script, np.full(len(more.day), "")]),
    )
