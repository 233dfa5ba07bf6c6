"""Which contacts of a campaign went out, with the plan that each was of. Private to the capability, as `store`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

import numpy as np
import sqlalchemy as sa

from telewave.contacts.ledger import MADE, Standing
from telewave.contacts.reasons import FallsOut
from telewave.contacts.tables import EVERYTHING, contact_acts, contact_ledger, contact_waves, objections
from telewave.platform.database import Database
from telewave.scheduling.carried_out import LetGo

CALLS = "outbound_call"
"""What the records call a call to a customer."""
FIRST_UNFORESEEN = 100
"""The first step of contacts that no plan foresaw (`beyond_plan`); a plan's own are smaller."""
MOST_NAMED = 500
"""Numbers in one statement."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Out:
    """A contact that is out or was made: its number, its plan's hash, whom it is with, its step in the plan, what the
    records call its channel, and its day; `channel`: the plan's name of it, where it was asked for.
    """

    contact: int
    plan: str
    subscriber: int
    step: int
    recorded_as: str
    day: date
    channel: str = ""


def out_of(database: Database, campaign: str, end: date) -> list[Out]:
    """The campaign's contacts that a plan foresaw, of days before `end`, that are out or were made, by day and number;
    also those that were taken back after they had been handed out.
    """
    row, wave = contact_ledger.c, contact_waves.c
    taken_back = (
        (row.state == Standing.WITHDRAWN.value)
        & (row.sequence > 1)
        & row.reason.not_in([FallsOut.NO_NUMBER.value, FallsOut.GIVEN_BACK.value])
    )
    query = (
        sa.select(row.id.label("contact"), wave.plan, row.subscriber, row.step, row.recorded_as, wave.day)
        .join_from(contact_waves, contact_ledger, wave.id == row.wave)
        .where(
            wave.campaign == campaign,
            wave.day < end,
            row.step < FIRST_UNFORESEEN,
            row.state.in_([one.value for one in MADE]) | taken_back,
        )
        .order_by(wave.day, row.id)
    )
    with database.transaction() as connection:
        return [Out(**one) for one in connection.execute(query).mappings()]


@dataclass(frozen=True, kw_only=True, slots=True)
class Unforeseen:
    """A contact that no plan foresaw, and how it stands; `phase`: its occasion."""

    contact: int
    subscriber: int
    step: int
    phase: str
    day: date
    channel: str
    state: str
    reason: str | None


def _unforeseen(campaign: str) -> sa.Select[Any]:
    row, wave = contact_ledger.c, contact_waves.c
    return (
        sa.select(
            row.id.label("contact"),
            row.subscriber,
            row.step,
            wave.phase,
            row.day,
            row.channel,
            row.state,
            row.reason,
        )
        .join_from(contact_waves, contact_ledger, wave.id == row.wave)
        .where(wave.campaign == campaign, row.step >= FIRST_UNFORESEEN)
        .order_by(row.id)
    )


def unforeseen_of(connection: sa.Connection, campaign: str, subscribers: Collection[int]) -> list[Unforeseen]:
    """The campaign's contacts with these subscribers that no plan foresaw, by number."""
    found: list[Unforeseen] = []
    for page in batched(subscribers, MOST_NAMED):
        query = _unforeseen(campaign).where(contact_ledger.c.subscriber.in_(page))
        found += [Unforeseen(**one) for one in connection.execute(query).mappings()]
    return found


def unforeseen_out(connection: sa.Connection, campaign: str, phase: str, day: date) -> list[Unforeseen]:
    """The campaign's contacts of this occasion and day that may be made, or were begun, by number."""
    out = (Standing.RELEASED.value, Standing.ATTEMPTED.value)
    wave = contact_waves.c
    query = _unforeseen(campaign).where(wave.phase == phase, wave.day == day, contact_ledger.c.state.in_(out))
    return [Unforeseen(**one) for one in connection.execute(query).mappings()]


@dataclass(frozen=True, kw_only=True, slots=True)
class AnsweredBeyondPlan:
    """What became of a contact that no plan foresaw, and when that was told."""

    contact: int
    campaign: str
    subscriber: int
    disposition: str
    at: datetime


def answered_beyond_plan(connection: sa.Connection, phase: str, since: datetime) -> list[AnsweredBeyondPlan]:
    """Contacts of this occasion of which something was told from `since` on, by number."""
    row, wave, act = contact_ledger.c, contact_waves.c, contact_acts.c
    query = (
        sa.select(row.id.label("contact"), wave.campaign, row.subscriber, row.disposition, act.at)
        .join_from(contact_waves, contact_ledger, wave.id == row.wave)
        .join(contact_acts, act.id == row.act)
        .where(
            wave.phase == phase, row.step >= FIRST_UNFORESEEN, row.disposition.is_not(None), act.at >= since
        )
        .order_by(row.id)
    )
    return [AnsweredBeyondPlan(**one) for one in connection.execute(query).mappings()]


def contacts_named(connection: sa.Connection, campaign: str, numbers: Iterable[int]) -> dict[int, Out]:
    """The campaign's contacts with these numbers, however they stand, by number."""
    row, wave = contact_ledger.c, contact_waves.c
    query = (
        sa.select(
            row.id.label("contact"),
            wave.plan,
            row.subscriber,
            row.step,
            row.recorded_as,
            row.channel,
            row.day,
        )
        .join_from(contact_waves, contact_ledger, wave.id == row.wave)
        .where(wave.campaign == campaign)
    )
    found: dict[int, Out] = {}
    for page in batched(numbers, MOST_NAMED):
        rows = connection.execute(query.where(row.id.in_(page))).mappings()
        found |= {one["contact"]: Out(**one) for one in rows}
    return found


def objected_to_calls(connection: sa.Connection, subscribers: Collection[int]) -> set[int]:
    """Who of these may not be called: by an objection to everything or to calls, or by an exclusion list."""
    row = objections.c
    heard = row.recorded_as.in_([EVERYTHING, CALLS])
    found: set[int] = set()
    for page in batched(subscribers, MOST_NAMED):
        found |= set(
            connection.execute(sa.select(row.subscriber).where(heard, row.subscriber.in_(page))).scalars()
        )
    return found


def batched(values: Iterable[int], size: int) -> Iterator[list[int]]:
    """The values in lists of at most `size`."""
    waiting = iter(values)
    while page := list(islice(waiting, size)):
        yield page


def steps_out(database: Database, campaign: str, end: date) -> LetGo:
    """The steps of the campaign's plans that are out or were made for days before `end`, under whichever of them; each
    once, on its last day.
    """
    row, wave = contact_ledger.c, contact_waves.c
    query = (
        sa.select(row.subscriber, row.step, sa.func.max(row.day))
        .join_from(contact_waves, contact_ledger, wave.id == row.wave)
        .where(
            wave.campaign == campaign,
            row.day < end,
            row.step < FIRST_UNFORESEEN,
            row.state.in_([one.value for one in MADE]),
        )
        .group_by(row.subscriber, row.step)
    )
    with database.transaction() as connection:
        found = connection.execute(query).all()
    subscriber, step, day = zip(*found, strict=True) if found else [()] * 3
    return LetGo(
        subscriber=np.array(subscriber, np.int64),
        touch=np.array(step, np.int64),
        day=np.array([one.toordinal() for one in day], np.int64),
    )
