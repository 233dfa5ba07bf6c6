"""Contacts that no plan foresaw: an offer to who comes for something else, a second approach to who was willing. They
are let go as any other, everything asked again in the claim; only the day's capacity, which the plan gave to its own
contacts, is not theirs to keep.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from telewave.approvals.usecases import launched_plan
from telewave.contacts.asking import Asked
from telewave.contacts.claiming import Errand, claim
from telewave.contacts.ledger import Standing
from telewave.contacts.out_store import FIRST_UNFORESEEN, Unforeseen, unforeseen_of, unforeseen_out
from telewave.contacts.plan_kind import ContactPlanKind
from telewave.contacts.reasons import HELD_BACK, FallsOut, Flags
from telewave.contacts.work_list import HandedOut
from telewave.kernel import Conflict, Label
from telewave.planning.model import ContactState
from telewave.planning.plan_tables import CONTACTS
from telewave.planning.plans import contacts_of, plan_called
from telewave.platform.database import Database
from telewave.platform.warehouse import Warehouse
from telewave.records.revealing import reveal
from telewave.records.sealing import Keys

LAST_STEP = 127
"""As a plan's rows hold steps."""


class Occasion(StrEnum):
    """What such a contact is for; the phase that the ledger has it under."""

    POP_UP = "pop_up"
    CALL_AGAIN = "call_again"
    SECOND_APPROACH = "second_approach"

    @property
    def label(self) -> Label:
        """For people."""
        return OCCASIONS[self]


OCCASIONS = {
    Occasion.POP_UP: Label("offer in the hall", "到厅弹屏推荐"),
    Occasion.CALL_AGAIN: Label("called again", "再次呼叫"),
    Occasion.SECOND_APPROACH: Label("second approach", "二次营销"),
}


class TooManyApproaches(Conflict):
    """Somebody has had {most} contacts of the campaign {campaign} that no plan foresaw. Plan its next phase instead:
    telewave campaign next FILE --as-of DATE
    """

    code = "too_many_approaches"


class FollowUp(Protocol):
    """What a contact of an occasion follows from, and what is written of it in the transaction that lets it go: killed
    at any point, both stand there or neither does, so nobody is let go a second time for the same thing.
    """

    def waiting(self, connection: sa.Connection) -> Collection[int]:
        """Who still waits to be approached. Whoever does not any more is passed over."""
        ...

    def note(self, connection: sa.Connection, found: Mapping[int, Unforeseen]) -> None:
        """Write what has become of those who waited, by subscriber."""
        ...


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Approached:
    """`asked`: the contacts asked for, a row each; `found`: how each stands in the ledger, by subscriber; `before`: of
    whom that was so earlier on the day. Who was asked for and is no target of the plan is in none of them.
    """

    asked: Asked
    found: Mapping[int, Unforeseen]
    before: frozenset[int] = frozenset()

    @property
    def out(self) -> dict[int, int]:
        """Number in the ledger of the day's contacts that may be made, by subscriber."""
        return {who: one.contact for who, one in self.found.items() if one.state in OUT_NOW}

    @property
    def released(self) -> dict[int, int]:
        """Those that were let go just now."""
        return {who: contact for who, contact in self.out.items() if who not in self.before}

    def why_not(self, subscriber: int) -> FallsOut | None:
        """Why a contact may not be made; None where it may, or nobody planned one."""
        one = self.found.get(subscriber)
        return FallsOut(one.reason) if one is not None and one.reason else None

    def row_of(self, subscriber: int) -> Mapping[str, Any]:
        """The row that was asked for."""
        place = int(np.flatnonzero(self.asked.subscriber == subscriber)[0])
        return self.asked.rows.slice(place, 1).to_pylist()[0]


OUT_NOW = (Standing.RELEASED.value, Standing.ATTEMPTED.value)


def contact_out(one: Unforeseen) -> int | None:
    """Its number where it may be made; else None."""
    return one.contact if one.state in OUT_NOW else None


def is_held_back(one: Unforeseen) -> bool:
    """Whether it may be made later."""
    return one.state not in OUT_NOW and (one.reason is None or FallsOut(one.reason) in HELD_BACK)


def approach(
    warehouse: Warehouse,
    database: Database,
    name: str,
    people: Mapping[int, str],
    occasion: Occasion,
    errand: Errand,
    follow_up: FollowUp,
) -> Approached:
    """Let a contact of the launched plan go now with each of `people`, through the plan's channel that stands beside
    him, with the offer that the plan has for him, and write what follows from that in the same transaction. Whom this
    let go earlier on the day is asked again, so that a list is the same list. Who is no target of it, or whose channel
    it has not, is passed over.

    Raises `NotRunning`, `NoSuchCampaign`, `PlanChanged`, `PolicyBroken`, `PolicyChanged`, `TooManyApproaches`,
    `ClockBehind`.
    """
    version, _ = launched_plan(database, name, ContactPlanKind.name)
    plan = plan_called(database, version.digest)
    day = errand.now.date()
    with database.transaction() as connection:
        today = {one.subscriber: one for one in _listed_today(connection, name, occasion, day)}
        people = {who: one.channel for who, one in today.items()} | dict(people)
        people = {who: channel for who, channel in people.items() if channel in plan.content["channels"]}
        known = unforeseen_of(connection, name, list(people))
    document = _without_capacity(plan.content, set(people.values()), occasion)
    rows = _rows(contacts_of(warehouse, plan), people, known, occasion, errand.now)
    touches: Any = rows["touch"].to_pylist()
    if any(one > LAST_STEP for one in touches):
        raise TooManyApproaches(most=LAST_STEP - FIRST_UNFORESEEN + 1, campaign=name)
    asked = Asked(
        warehouse=warehouse,
        database=database,
        plan=plan,
        document=document,
        rows=rows.cast(CONTACTS),
        day=day,
    )
    along = _Along(name, occasion, dict(zip(asked.subscriber.tolist(), touches, strict=True)), follow_up)
    claim(asked, errand, along=along)
    return Approached(asked=asked, found=along.found, before=frozenset(today) & along.found.keys())


@dataclass(slots=True)
class _Along:
    """Whom a claim of an occasion is still about, and what its follow-up writes; `steps`: by subscriber."""

    campaign: str
    occasion: Occasion
    steps: Mapping[int, int]
    follow_up: FollowUp
    found: dict[int, Unforeseen] = field(default_factory=dict)

    def wanted(self, connection: sa.Connection, asked: Asked) -> Flags:
        today = _listed_today(connection, self.campaign, self.occasion, asked.day)
        return asked.of([*self.follow_up.waiting(connection), *(one.subscriber for one in today)])

    def written(self, connection: sa.Connection, asked: Asked) -> None:
        mine = unforeseen_of(connection, self.campaign, asked.subscriber.tolist())
        found = {
            one.subscriber: one
            for one in mine
            if (one.phase, one.day, one.step) == (self.occasion.value, asked.day, self.steps[one.subscriber])
        }
        self.follow_up.note(connection, found)
        self.found |= found


def listed(approached: Approached, keys: Keys, *, by: str, purpose: str, now: datetime) -> HandedOut:
    """The day's contacts of the occasion that may be made as a list with outside numbers, revealed to `by`: also those
    that were let go earlier on the day, for the list of then may never have been written. Raises `NobodyReveals`.
    """
    asked, released = approached.asked, approached.out
    out = np.isin(asked.subscriber, np.array(list(released), np.int64))
    rows = asked.rows.filter(pa.array(out))
    people = [int(one) for one in rows["subscriber"].to_numpy()]
    numbers = reveal(asked.database, keys, people, by=by, purpose=purpose, now=now)
    reached = [number is not None for number in numbers]
    return HandedOut(
        rows=rows.filter(pa.array(reached, pa.bool_())),
        numbers=tuple(number for number in numbers if number is not None),
        contacts=tuple(
            released[who] for who, number in zip(people, numbers, strict=True) if number is not None
        ),
        fell_out={},
        document=asked.document,
    )


def _listed_today(
    connection: sa.Connection, campaign: str, occasion: Occasion, day: date
) -> list[Unforeseen]:
    """The day's contacts that are out, of an occasion whose contacts go out as a list."""
    if occasion is Occasion.POP_UP:
        return []
    return unforeseen_out(connection, campaign, occasion.value, day)


def _without_capacity(document: Mapping[str, Any], channels: set[str], occasion: Occasion) -> dict[str, Any]:
    free = {name: {**document["channels"][name], "capacity": None} for name in channels}
    phases = {**document["phases"], occasion.value: {"en": occasion.label.en, "zh": occasion.label.zh}}
    return {**document, "channels": {**document["channels"], **free}, "phases": phases}


def _rows(
    rows: pa.Table,
    people: Mapping[int, str],
    known: Sequence[Unforeseen],
    occasion: Occasion,
    now: datetime,
) -> pa.Table:
    """A row for each of the people whom the plan contacts: his most valuable one, now and through his channel."""
    planned: Any = pc.equal(rows["state"], pa.scalar(ContactState.PLANNED.value))
    mine: Any = pc.and_(planned, pc.is_in(rows["subscriber"], pa.array(sorted(people), pa.int64())))
    best: dict[int, dict[str, Any]] = {}
    for row in (
        rows.filter(mine).sort_by([("expected_profit", "descending"), ("touch", "ascending")]).to_pylist()
    ):
        best.setdefault(row["subscriber"], row)
    told = [
        {
            **row,
            "touch": _step(who, known, occasion, now.date()),
            "phase": occasion.value,
            "channel": people[who],
            "day": now.date(),
            "minute": now.hour * 60 + now.minute,
        }
        for who, row in sorted(best.items())
    ]
    schema = CONTACTS.set(CONTACTS.get_field_index("touch"), pa.field("touch", pa.int16()))
    return pa.Table.from_pylist(told, schema=schema)


def _step(subscriber: int, known: Sequence[Unforeseen], occasion: Occasion, day: date) -> int:
    """That of today's contact of this occasion where there is one that has not ended, or of one that was held back on
    any day; else the next one.
    """
    his = [one for one in known if one.subscriber == subscriber and one.phase == occasion.value]
    for one in his:
        held_back = one.state == Standing.PLANNED.value
        if held_back or (one.state in OUT_NOW and one.day == day):
            return one.step
    every = [one.step for one in known if one.subscriber == subscriber]
    return max([FIRST_UNFORESEEN - 1, *every]) + 1
