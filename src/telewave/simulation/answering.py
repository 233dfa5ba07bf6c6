"""The city answers a campaign's contacts, day by day, by the same hidden process as its own. Pure but for its seeds.

From the day after its records end on, the branch makes no contacts of its own: what the campaign hands out is all that
happens. Whoever would order by himself does so with the chance of the city's last month, every month; nobody comes or
leaves. The intentions of a month are drawn before anybody is contacted, so that what would have come without the
campaign is known: `Town.caused`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import Any

import numpy as np

from telewave.kernel.periods import add_months
from telewave.simulation.assumptions import ASSUMPTIONS as A
from telewave.simulation.facts import OFFER, OrderKind
from telewave.simulation.lives import Sale, intentions
from telewave.simulation.months import DAY, day_of, first_day, instants_on
from telewave.simulation.people import DISTRICTS, Array, People, mixed_bits
from telewave.simulation.plan import CityPlan
from telewave.simulation.process import FACE_TO_FACE, forgotten
from telewave.simulation.touches import (
    MINUTE,
    NEVER_AT,
    Audience,
    Outcomes,
    Touches,
    attempted,
    dispositions,
    order_channel,
    outcomes,
    skills,
    visits,
)
from telewave.simulation.writing import contact_rows, order_rows

TAKEN_AS = {"mms": "sms", "email": "web_push", "web_hall": "web_push", "social": "web_push", "courier": "sms"}
"""Channels that the city has no experience of, by the one whose chances it answers them with."""
COMES_DAYS = 30
"""Days from the hand-out within which a visit to the hall or shop is one of the contact."""
DAYS_A_MONTH = 30
FEWEST_AGENTS = 4
"""Agents among whom a campaign's calls are drawn, however small the city: one alone cannot be compared."""
DELIVERED_BY = ("outbound_call", "web_hall")
"""Through what contacts lead to orders that are brought."""
REFUSED_AFTER_DAYS = 2


@dataclass(frozen=True, eq=False, kw_only=True)
class Handed:
    """Contacts that were handed out for a day, one entry each: their number in the ledger, whom they are with, what the
    records call the channel, and the minute of the day.
    """

    contact: Array
    subscriber: Array
    channel: Array
    minute: Array

    @staticmethod
    def of(rows: list[tuple[int, int, str, int]]) -> Handed:
        """Of rows (contact, subscriber, channel, minute)."""
        contact, subscriber, channel, minute = zip(*rows, strict=True) if rows else ((), (), (), ())
        return Handed(
            contact=np.array(contact, np.int64),
            subscriber=np.array(subscriber, np.int64),
            channel=np.array(channel, np.str_),
            minute=np.array(minute, np.int64),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Came:
    """Somebody who had promised it on the phone comes to a hall: the contact's number in the ledger, when (microseconds
    since 1970), and whether he orders there.
    """

    contact: int
    subscriber: int
    at: int
    orders: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ToDeliver:
    """An order of today that a contact led to and that is brought: its reference, the policy taken (None: not known,
    since it is not kept), after how many days it is at the door, and whether it is `accepted` there.
    """

    contact: int
    subscriber: int
    order: str
    policy: str | None
    days: int
    accepted: bool


@dataclass(frozen=True, kw_only=True)
class DayLived:
    """What a day left: rows of the tables contacts and orders, and each contact's result: its number in the ledger,
    the outcome's code, the reference of the order or appointment, if there is one. `agents`: who made a call, by
    contact; `came`: in order of time.
    """

    contacts: dict[str, Array]
    orders: dict[str, Array]
    results: list[tuple[int, str, str | None]]
    agents: dict[int, str]
    came: list[Came]
    to_deliver: list[ToDeliver]


@dataclass(frozen=True, eq=False, kw_only=True)
class Standing:
    """How the city stands at its end, one entry a person, people by number from 0 on.

    `organic`: chance to order the handset in a month by himself; `new_number`: the part of his orders with one;
    `free`: is there, and has not taken it; `tired`: touches not forgotten.
    """

    people: People
    organic: Array
    new_number: Array
    free: Array
    tired: Array


@dataclass(frozen=True, eq=False)
class _Coming:
    """Contacts in halls and shops for those who will come: row, channel, ledger number, when."""

    row: Array
    channel: Array
    contact: Array
    at: Array


@dataclass(frozen=True, eq=False)
class _Won:
    """Orders that contacts led to and that are still to be made: row, when, instant of the contact, channel, its number
    in the ledger.
    """

    row: Array
    at: Array
    asked_at: Array
    channel: Array
    contact: Array


class Town:
    """The city from its last day on, lived one day after the other."""

    def __init__(self, plan: CityPlan, standing: Standing) -> None:
        n = len(standing.people)
        self._plan, self._is, self._tired = plan, standing, standing.tired.copy()
        self._own, self._first_own = np.full(n, NEVER_AT), np.full(n, NEVER_AT)
        self._ordered = np.where(standing.free, NEVER_AT, 0)
        self._coming = _Coming(*(np.array([], kind) for kind in (np.int64, "<U20", np.int64, np.int64)))
        self._won = _Won(*(np.array([], kind) for kind in (np.int64, np.int64, np.int64, "<U20", np.int64)))
        self._lookers: list[Came] = []
        self.day = plan.end

    def live(self, handed: Handed) -> DayLived:
        """The day `self.day` with the contacts handed out for it; then it is the next morning."""
        if self.day.day == 1:
            self._month()
        draw = np.random.default_rng(np.random.SeedSequence([self._plan.seed, 6, first_day(self.day)]))
        due = self._due(draw, handed)
        contacts, results, refused = self._contacts(draw, due)
        orders, came, bring = self._orders(draw)
        numbers, agents = (number for number, _, _ in results), contacts["agent"].tolist()
        lived = DayLived(
            contacts=contacts,
            orders=orders,
            results=results,
            agents={number: name for number, name in zip(numbers, agents, strict=True) if name},
            came=sorted([*came, *self._looking()], key=lambda one: (one.at, one.contact)),
            to_deliver=[*bring, *refused],
        )
        self.day += timedelta(1)
        self._tired *= forgotten(1)
        return lived

    def knows(self, subscriber: Array) -> bool:
        """Whether all of these are people of the city."""
        return bool(np.isin(subscriber, self._is.people.subscriber).all())

    def districts(self, subscriber: Array) -> list[str]:
        """Where these people of the city live."""
        rows = np.searchsorted(self._is.people.subscriber, subscriber)
        return [DISTRICTS[k] for k in self._is.people.district[rows].tolist()]

    @property
    def subscribers(self) -> int:
        """How many people live in it."""
        return len(self._is.people.subscriber)

    def strengths(self) -> dict[str, float]:
        """How good each agent of a campaign's calls truly is, in standard deviations of all agents."""
        skill = skills(self._plan, FEWEST_AGENTS)
        return {f"a{number}": float(skill[number]) for number in range(1, len(skill))}

    def free(self, subscriber: Array) -> Array:
        """Those of people of the city who have not taken the handset and are there."""
        rows = np.searchsorted(self._is.people.subscriber, subscriber)
        return np.asarray(subscriber[self._is.free[rows]])

    def caused(self) -> int:
        """Orders of the days so far that would not have come by now without the contacts."""
        now = first_day(self.day) * DAY
        return int((self._is.free & (self._ordered < now)).sum() - (self._first_own < now).sum())

    def _month(self) -> None:
        """Who intends to order by himself in the month that begins today."""
        when = (0, self.day, add_months(self.day, 1))
        draw = np.random.default_rng(np.random.SeedSequence([self._plan.seed, 7, first_day(self.day)]))
        self._own = intentions(draw, when, self._is.organic, self._is.free)
        self._first_own = np.minimum(self._first_own, self._own)

    def _due(self, draw: np.random.Generator, handed: Handed) -> _Coming:
        """Today's contacts: those that are sent or dialled, and those with who comes to a hall or shop today."""
        people = self._is.people
        row = np.minimum(np.searchsorted(people.subscriber, handed.subscriber), len(people) - 1)
        known = people.subscriber[row] == handed.subscriber
        today = first_day(self.day)
        face = np.isin(handed.channel, FACE_TO_FACE)
        rate = visits(people)[row] / DAYS_A_MONTH
        wait = draw.exponential(1.0, len(row)) / rate
        comes = face & (wait < COMES_DAYS)
        at = np.where(
            face,
            instants_on(draw, today + np.minimum(wait, COMES_DAYS).astype(np.int64)),
            today * DAY + handed.minute * MINUTE,
        )
        kept = known & (~face | comes)
        new = _Coming(row[kept], handed.channel[kept], handed.contact[kept], at[kept])
        everything = _joined(self._coming, new)
        now = day_of(everything.at) == today
        self._coming = _where(everything, ~now)
        return _where(everything, now)

    def _contacts(
        self, draw: np.random.Generator, due: _Coming
    ) -> tuple[dict[str, Array], list[tuple[int, str, str | None]], list[ToDeliver]]:
        due = _where(due, np.lexsort((due.at, due.row)))
        rows, local = np.unique(due.row, return_inverse=True)
        crowd = People.of(self._is.people.table().take(rows))
        when = (0, self.day, self.day + timedelta(1))
        audience = Audience(
            offer=OFFER,
            open=np.ones(len(rows), bool),
            tired=self._tired[rows],
            silent=np.zeros(len(rows), bool),
        )
        taken_as = np.array([TAKEN_AS.get(name, name) for name in due.channel.tolist()], np.str_)
        made = attempted(self._plan, crowd, when, audience, (local, taken_as, due.at), draw, FEWEST_AGENTS)
        # Who has it by then takes no second one.
        own, has = self._own[rows], np.minimum(self._ordered, self._own)[rows]
        made = replace(made, willing=np.where(has[local] < made.at, 0.0, made.willing))
        later = np.where((own < NEVER_AT) & (self._ordered[rows] == NEVER_AT), own, NEVER_AT)
        later = np.where(later < _latest(local, made.at, len(rows)), NEVER_AT, later)
        until = self.day + timedelta(int(A["comes_within_days"]) + 1)
        what = outcomes(draw, crowd, made, (0, self.day, until), later)
        said = dispositions(made, what)
        self._remember(made, what, rows, due.contact)
        self._lookers += _lookers(made, what, due.contact, crowd.subscriber)
        np.add.at(self._tired, due.row, made.reached.astype(float))
        recorded = contact_rows(crowd, OFFER, replace(made, channel=due.channel), what, said)
        references = recorded["reference"].tolist()
        back = (made.channel == "outbound_call") & what.at_once & (what.order_at == NEVER_AT)
        refused = [
            ToDeliver(
                contact=int(due.contact[k]),
                subscriber=int(recorded["subscriber"][k]),
                order=references[k],
                policy=None,
                days=REFUSED_AFTER_DAYS,
                accepted=False,
            )
            for k in np.flatnonzero(back)
        ]
        return recorded, list(zip(due.contact.tolist(), said.tolist(), references, strict=True)), refused

    def _looking(self) -> list[Came]:
        """Who comes to a hall today and does not order."""
        now = (first_day(self.day) + 1) * DAY
        today = [one for one in self._lookers if one.at < now]
        self._lookers = [one for one in self._lookers if one.at >= now]
        return today

    def _remember(self, made: Touches, what: Outcomes, rows: Array, contact: Array) -> None:
        """The orders that the day's contacts led to, to be made on their days."""
        led = what.order_at < NEVER_AT
        new = _Won(
            rows[made.row[led]],
            what.order_at[led],
            made.at[led],
            order_channel(made.channel[led], what.at_once[led]),
            contact[led],
        )
        self._won = _joined(self._won, new)

    def _orders(self, draw: np.random.Generator) -> tuple[dict[str, Array], list[Came], list[ToDeliver]]:
        """Today's orders: of each person the first, his own or one that a contact led to; of these who came to a hall
        for it, and which are brought.
        """
        today = first_day(self.day)
        now = day_of(self._won.at) == today
        led, self._won = _where(self._won, now), _where(self._won, ~now)
        own = np.flatnonzero(day_of(self._own) == today)
        row = np.concatenate([led.row, own])
        at = np.concatenate([led.at, self._own[own]])
        by = np.concatenate([np.arange(len(led.row)), np.full(len(own), -1)])
        channel = np.concatenate([led.channel, np.full(len(own), "", "<U20")])
        order = np.lexsort((at, row))
        order = order[np.unique(row[order], return_index=True)[1]]
        order = order[self._ordered[row[order]] == NEVER_AT]
        row, at, by, channel = row[order], at[order], by[order], channel[order]
        self._ordered[row] = at
        crowd = People.of(self._is.people.table().take(row))
        new = draw.random(len(row)) < self._is.new_number[row]
        kind = np.where(new, int(OrderKind.NEW_NUMBER), int(OrderKind.DEVICE_ONLY))
        sale = Sale(row=np.arange(len(row)), at=at, kind=kind, channel=channel, by=by, chances={})
        rows = order_rows(draw, crowd, OFFER, sale, led.asked_at)
        known = np.flatnonzero(by >= 0)
        contact = led.contact[by[known]]
        where = led.channel[by[known]]
        in_hall, brought = where == "hall", np.isin(where, DELIVERED_BY)
        buyers = _buyers(rows, known[in_hall], contact[in_hall])
        return rows, buyers, _to_deliver(rows, known[brought], contact[brought])


def _buyers(rows: dict[str, Array], place: Array, contact: Array) -> list[Came]:
    """Who came to a hall for his order; whom it sends on to a shop orders there."""
    return [
        Came(
            contact=int(number),
            subscriber=int(rows["subscriber"][k]),
            at=int(rows["ordered_at"][k]),
            orders=str(rows["channel"][k]) == "hall",
        )
        for k, number in zip(place, contact, strict=True)
    ]


def _lookers(made: Touches, what: Outcomes, contact: Array, subscriber: Array) -> list[Came]:
    """Who promised to come, comes within the same days, and does not order. With c the chance to come and b to order
    there, c b is `made.comes`; of the others (c - c b) / (1 - c b) come.
    """
    buys = float(A["buys_in_hall"])
    stays = np.where(made.comes < 1, (made.comes / buys - made.comes) / np.maximum(1 - made.comes, 1e-9), 0.0)
    u = mixed_bits(made.at + made.row) % 1_000_000 / 1_000_000
    looks = what.promised & (made.channel == "outbound_call") & (what.order_at == NEVER_AT) & (u < stays)
    days = 1 + mixed_bits(contact) % int(A["comes_within_days"])
    noon = (day_of(made.at) + days) * DAY + 12 * 60 * MINUTE
    return [
        Came(contact=int(contact[k]), subscriber=int(subscriber[made.row[k]]), at=int(noon[k]), orders=False)
        for k in np.flatnonzero(looks)
    ]


def _to_deliver(rows: dict[str, Array], place: Array, contact: Array) -> list[ToDeliver]:
    """Orders on the phone or on line that contacts led to: brought on the day on which they become active."""
    ordered = day_of(rows["ordered_at"])
    active = rows["activated_on"]
    found = []
    for k, number in zip(place, contact, strict=True):
        days = 1 if np.isnat(active[k]) else int(active[k].astype(np.int64) - ordered[k])
        found.append(
            ToDeliver(
                contact=int(number),
                subscriber=int(rows["subscriber"][k]),
                order=str(rows["reference"][k]),
                policy=rows["policy"][k],
                days=max(days, 1),
                accepted=True,
            )
        )
    return found


def _latest(row: Array, at: Array, n: int) -> Array:
    """The last instant of each of `n` rows, 0 where there is none."""
    found = np.zeros(n, np.int64)
    np.maximum.at(found, row, at)
    return found


def _where(found: Any, kept: Array) -> Any:
    return type(found)(*(getattr(found, field.name)[kept] for field in fields(found)))


def _joined(one: Any, other: Any) -> Any:
    return type(one)(
        *(np.concatenate([getattr(one, field.name), getattr(other, field.name)]) for field in fields(one))
    )
