"""What agents who make contacts one at a time ask of the ledger, in the transaction that decides who is next."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from telewave.contacts import store
from telewave.contacts.ledger import Answered, Attempted, Disposition, Released, Standing, State, state_read
from telewave.contacts.policy import Policy
from telewave.contacts.policy_store import policy_in_force
from telewave.contacts.reasons import FallsOut
from telewave.contacts.resting import NOTHING, Touches, capped, days_ahead, days_back, paused
from telewave.contacts.tables import (
    EVERYTHING,
    LISTED,
    contact_counts,
    contact_ledger,
    contact_waves,
    objections,
)

LIST, AGENTS = "list", "agents"
"""How a wave's contacts of a channel are carried out: by a list, or by agents one at a time. Who begins keeps them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AskedAgain:
    """How a contact stands, and why it may not be made now, where it may not."""

    state: State
    reason: FallsOut | None

    @property
    def is_open(self) -> bool:
        """Whether its process goes on: nothing is known of it, or nobody answered."""
        return goes_on(self.state)


def goes_on(state: State) -> bool:
    """Whether a contact that stands so may be tried (again)."""
    if isinstance(state, Answered):
        return state.disposition is Disposition.NO_ANSWER
    return isinstance(state, Released | Attempted)


def policy_now(connection: sa.Connection) -> Policy:
    """The contact policy in force. Raises `PolicyBroken`."""
    return policy_in_force(connection)


def out_count(connection: sa.Connection, campaign: str) -> int:
    """How many contacts of the campaign are out: as long as it stays, nothing new was let go."""
    row, wave = contact_counts.c, contact_waves.c
    query = (
        sa.select(sa.func.sum(row.made))
        .join_from(contact_counts, contact_waves, wave.id == row.wave)
        .where(wave.campaign == campaign)
    )
    return int(connection.execute(query).scalar() or 0)


def take_for(
    connection: sa.Connection, plan: str, day: date, way: str, channels: Collection[str]
) -> set[str]:
    """Mark what is out of these channels on the plan's day as carried out this way, where nobody has begun it. Which
    of the channels go the other way.
    """
    row = contact_counts.c
    waves = sa.select(contact_waves.c.id).where(contact_waves.c.plan == plan, contact_waves.c.day == day)
    mine = row.wave.in_(waves) & row.channel.in_(sorted(channels))
    connection.execute(sa.update(contact_counts).where(mine, row.way.is_(None)).values(way=way))
    query = sa.select(row.channel).where(mine, row.way != way)
    return set(connection.execute(query).scalars())


def waiting_for_agents(
    connection: sa.Connection,
    campaign: str,
    until: date,
    recorded_as: Collection[str],
    beside: sa.Select[Any],
) -> list[sa.Row[Any]]:
    """The campaign's released contacts of days up to `until` through what the records call so, that are not among those
    that `beside` selects, by number: contact, plan, subscriber and step. Days of which a list was handed out stay with
    the list.
    """
    row, wave, count = contact_ledger.c, contact_waves.c, contact_counts.c
    way = (count.wave == row.wave) & (count.channel == row.channel)
    query = (
        _released(campaign, until, recorded_as, row.id, wave.plan, row.subscriber, row.step)
        .outerjoin(contact_counts, way)
        .where(sa.func.coalesce(count.way, AGENTS) == AGENTS, row.id.not_in(beside))
        .order_by(row.id)
    )
    return list(connection.execute(query))


def mark_for_agents(
    connection: sa.Connection, campaign: str, until: date, recorded_as: Collection[str]
) -> None:
    """The days of these contacts are the agents' from now on, where nobody has begun them."""
    row, count = contact_ledger.c, contact_counts.c
    kinds = connection.execute(_released(campaign, until, recorded_as, row.wave, row.channel).distinct())
    for wave, channel in kinds.all():
        mine = (count.wave == wave) & (count.channel == channel) & count.way.is_(None)
        connection.execute(sa.update(contact_counts).where(mine).values(way=AGENTS))


def _released(campaign: str, until: date, recorded_as: Collection[str], *columns: Any) -> sa.Select[Any]:
    row, wave = contact_ledger.c, contact_waves.c
    return (
        sa.select(*columns)
        .join_from(contact_waves, contact_ledger, wave.id == row.wave)
        .where(wave.campaign == campaign, wave.day <= until, row.state == Standing.RELEASED.value)
        .where(row.recorded_as.in_(sorted(recorded_as)))
    )


def told_between(
    connection: sa.Connection,
    campaign: str,
    days: tuple[date, date],
    recorded_as: Collection[str],
    beside: sa.Select[Any],
) -> list[sa.Row[Any]]:
    """The campaign's contacts of days from the first of `days` to before the second that have a disposition and are not
    among those that `beside` selects, by number: subscriber, the day it was let go for, who made it (None: not told),
    and the disposition.
    """
    row, wave = contact_ledger.c, contact_waves.c
    query = (
        sa.select(row.subscriber, row.day, row.agent, row.disposition)
        .join_from(contact_waves, contact_ledger, wave.id == row.wave)
        .where(wave.campaign == campaign, wave.day >= days[0], wave.day < days[1])
        .where(row.disposition.is_not(None), row.recorded_as.in_(sorted(recorded_as)))
        .where(row.id.not_in(beside))
        .order_by(row.id)
    )
    return list(connection.execute(query))


def on_record_texts(
    touches: Touches, contacts: NDArray[np.int64], tries: Mapping[tuple[int, int], int]
) -> dict[int, str]:
    """Contacts on record as a queue keeps them, by place in `contacts`, for those who have any; less the contact's own
    `tries`, by contact and day, which have come back as records.
    """
    found: dict[int, list[list[Any]]] = {}
    names = (touches.place, touches.day, touches.number, touches.disposition)
    left = {**tries}
    for place, day, number, disposition in zip(*(one.tolist() for one in names), strict=True):
        own = min(left.get(key := (int(contacts[place]), day), 0), number)
        if own:
            left[key] -= own
        if number > own:
            found.setdefault(place, []).append([day, number - own, disposition])
    return {place: json.dumps(sorted(rows, key=str)) for place, rows in found.items()}


def recorded_read(text: str) -> Touches:
    """What a text of `on_record_texts` says of one person.

    >>> recorded_read('[[739000, 1, "refused"]]').disposition.tolist()
    ['refused']
    """
    rows = json.loads(text)
    return Touches(
        place=np.zeros(len(rows), np.int64),
        day=np.array([one[0] for one in rows], np.int64),
        number=np.array([one[1] for one in rows], np.int64),
        disposition=np.array([one[2] for one in rows], object),
    )


def asked_again(
    connection: sa.Connection,
    campaign: str,
    contacts: Sequence[int],
    day: date,
    policy: Policy,
    recorded: Mapping[int, Touches] | None = None,
) -> dict[int, AskedAgain]:
    """How contacts stand, and what moves from second to second asked of them: objections, exclusion lists, an order in
    the same campaign, pauses, and on another day than planned the caps. Few at a time; quiet hours are the caller's.
    `recorded`: by contact, its person's contacts on record, which pauses and caps count beside the ledger's.
    """
    recorded = recorded or {}
    row = contact_ledger.c
    columns = (row.id, row.subscriber, row.recorded_as, row.day, row.state, row.disposition, row.reason)
    mine = connection.execute(sa.select(*columns).where(row.id.in_(list(contacts)))).all()
    people = {one.subscriber for one in mine}
    objected = _objections(connection, people)
    others = _others(connection, people, day, policy)
    return {
        one.id: AskedAgain(
            state=state_read(one.state, one.disposition, one.reason),
            reason=_reason(
                one,
                objected.get(one.subscriber, ()),
                (others, recorded.get(one.id, NOTHING)),
                (campaign, day, policy),
            ),
        )
        for one in mine
    }


def _objections(connection: sa.Connection, people: Collection[int]) -> Mapping[int, list[tuple[str, bool]]]:
    """By subscriber: what the records call the channel, and whether a list said so."""
    row = objections.c
    query = sa.select(row.subscriber, row.recorded_as, row.kind).where(row.subscriber.in_(sorted(people)))
    found: dict[int, list[tuple[str, bool]]] = {}
    for subscriber, channel, kind in connection.execute(query):
        found.setdefault(subscriber, []).append((channel, kind == LISTED))
    return found


def _others(connection: sa.Connection, people: Collection[int], day: date, policy: Policy) -> Sequence[Any]:
    """Contacts of these people that are out, as far around the day as the policy looks, and all of any campaign that
    ended in an order.
    """
    row, wave = contact_ledger.c, contact_waves.c
    near = row.day.between(day - timedelta(days=days_back(policy)), day + timedelta(days=days_ahead(policy)))
    query = (
        sa.select(row.id, row.subscriber, row.day, row.disposition, wave.campaign)
        .join_from(contact_ledger, contact_waves, wave.id == row.wave)
        .where(row.subscriber.in_(sorted(people)), row.state.in_(store.OUT))
        .where(near | (row.disposition == Disposition.ORDERED.value))
    )
    return connection.execute(query).all()


def _reason(
    one: Any,
    objected: Sequence[tuple[str, bool]],
    known: tuple[Sequence[Any], Touches],
    asked: tuple[str, date, Policy],
) -> FallsOut | None:
    """The first that holds, in the order of the reasons. `known`: contacts that are out, and those on record."""
    (others, recorded), (campaign, day, policy) = known, asked
    heard = {listed for channel, listed in objected if channel in (EVERYTHING, one.recorded_as)}
    mine = [other for other in others if other.subscriber == one.subscriber and other.id != one.id]
    if True in heard:
        return FallsOut.EXCLUDED
    if False in heard:
        return FallsOut.OPTED_OUT
    if any(o.disposition == Disposition.ORDERED.value and o.campaign == campaign for o in mine):
        return FallsOut.ORDERED
    out = _touches(mine)
    if paused(policy, day, 1, [out, recorded])[0]:
        return FallsOut.PAUSED
    if one.day != day and capped(policy, day, np.zeros(1, np.int64), out, recorded)[0]:
        return FallsOut.CAPPED
    return None


def _touches(contacts: Sequence[Any]) -> Touches:
    """Contacts of one person, as what rests asks them."""
    return Touches(
        place=np.zeros(len(contacts), np.int64),
        day=np.array([one.day.toordinal() for one in contacts], np.int64),
        number=np.ones(len(contacts), np.int64),
        disposition=np.array([one.disposition for one in contacts], object),
    )
