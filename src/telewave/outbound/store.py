"""Queues of calls, reservations and calls in the operations database. Whoever decides hands in his transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from telewave.outbound.dispositions import ATTEMPTS, NOBODY_SPOKE
from telewave.outbound.model import Call, Coming, Filled, LeftOver, Queued, Wanted
from telewave.outbound.tables import call_lists, call_queue, call_teams, calls
from telewave.outbound.team import Team, team_read, team_text
from telewave.platform.database import Database

PAGE = 20
"""Contacts that are looked at together."""


def team_in_force(connection: sa.Connection) -> Team:
    """The newest version; without one anybody may call. Raises `TeamBroken`."""
    row = call_teams.c
    query = sa.select(row.version, row.content).order_by(row.version.desc()).limit(1)
    found = connection.execute(query).one_or_none()
    return Team() if found is None else team_read(found.version, found.content)


def set_team(database: Database, team: Team, by: str, now: datetime) -> int:
    """Keep a new version; its number."""
    with database.writing() as connection:
        last = connection.execute(sa.select(sa.func.max(call_teams.c.version))).scalar()
        version = int(last or 0) + 1
        row = {"version": version, "at": now, "person": by, "content": team_text(team)}
        connection.execute(sa.insert(call_teams), row)
    return version


def filled(connection: sa.Connection, campaign: str) -> Filled | None:
    """How the queue was filled last."""
    row = call_lists.c
    query = sa.select(row.asked_on, row.team, row.out).where(row.campaign == campaign)
    found = connection.execute(query).one_or_none()
    return None if found is None else Filled(**found._asdict())


def note_filled(connection: sa.Connection, campaign: str, how: Filled) -> None:
    """The queue is filled so."""
    connection.execute(sa.delete(call_lists).where(call_lists.c.campaign == campaign))
    row = {name: getattr(how, name) for name in Filled.__slots__}
    connection.execute(sa.insert(call_lists), row | {"campaign": campaign})


def numbers_of(connection: sa.Connection, campaign: str) -> set[int]:
    """The contacts that were ever in the campaign's queue."""
    return set(
        connection.execute(sa.select(call_queue.c.contact).where(call_queue.c.campaign == campaign)).scalars()
    )


def going_on(connection: sa.Connection, campaign: str) -> list[Queued]:
    """The contacts of the campaign's queue that are to be called still."""
    mine = (call_queue.c.campaign == campaign) & call_queue.c.due_at.is_not(None)
    return [_queued(row) for row in connection.execute(sa.select(call_queue).where(mine))]


def add(connection: sa.Connection, rows: Sequence[Queued]) -> None:
    """Put contacts into the queue."""
    if rows:
        given = [{name: getattr(one, name) for name in Queued.__slots__} for one in rows]
        connection.execute(sa.insert(call_queue), given)


def change(connection: sa.Connection, contacts: Iterable[int], **values: Any) -> None:
    """Change rows of the queue."""
    row = call_queue.c.contact == sa.bindparam("number")
    if given := [{"number": one} for one in contacts]:
        connection.execute(sa.update(call_queue).where(row).values(**values), given)


def queued(connection: sa.Connection, contact: int) -> Queued | None:
    """The row of a contact."""
    found = connection.execute(sa.select(call_queue).where(call_queue.c.contact == contact)).one_or_none()
    return None if found is None else _queued(found)


def held_by(connection: sa.Connection, agent: str) -> Queued | None:
    """What the agent holds, whether or not his time has run out."""
    found = connection.execute(sa.select(call_queue).where(call_queue.c.holder == agent)).one_or_none()
    return None if found is None else _queued(found)


def kinds_of_needs(connection: sa.Connection, campaign: str) -> list[str]:
    """What contacts of the queue need: each combination once, found without reading all of them."""
    row, found = call_queue.c, []
    last = ""
    first = connection.execute(sa.select(sa.func.min(row.needs)).where(row.campaign == campaign)).scalar()
    while first is not None:
        found.append(last := str(first))
        beyond = sa.select(sa.func.min(row.needs)).where(row.campaign == campaign, row.needs > last)
        first = connection.execute(beyond).scalar()
    return found


def candidates(
    connection: sa.Connection, wanted: Wanted, passed: Collection[int], most: int = PAGE
) -> list[Queued]:
    """Whom the agent may call now: his own call-backs, others' overdue ones, then the most valuable. Not `passed`."""
    row = call_queue.c
    mine = row.due_for == wanted.agent
    query = (
        sa.select(call_queue)
        .where(row.campaign == wanted.campaign, row.channel.in_(wanted.channels))
        .where(row.due_at <= wanted.now, _free(wanted.now))
        .where(sa.or_(row.needs.in_(wanted.needs), mine))
        .where(sa.or_(row.due_for.is_(None), mine, row.due_at <= wanted.overdue))
        .where(row.contact.not_in(sorted(passed)))
        .order_by(sa.case((mine, 0), (row.due_for.is_not(None), 1), else_=2), row.value.desc(), row.contact)
        .limit(most)
    )
    return [_queued(one) for one in connection.execute(query)]


def _free(now: datetime) -> sa.ColumnElement[bool]:
    row = call_queue.c
    return sa.or_(row.held_until.is_(None), row.held_until <= now)


def give(connection: sa.Connection, one: Queued, agent: str, now: datetime, until: datetime) -> int:
    """Reserve the contact for the agent, with a line among the calls; its number."""
    change(connection, [one.contact], holder=agent, held_until=until, batch=None)
    row = {"contact": one.contact, "campaign": one.campaign, "agent": agent, "given_at": now}
    key = connection.execute(sa.insert(calls), row).inserted_primary_key
    return int(key[0])  # type: ignore[index]


def give_batch(connection: sa.Connection, rows: Sequence[Queued], now: datetime, until: datetime) -> int:
    """Reserve contacts for a dialler, with a line each among the calls; the batch's number."""
    number = int(connection.execute(sa.select(sa.func.max(calls.c.id))).scalar() or 0) + 1
    change(connection, [one.contact for one in rows], holder=None, held_until=until, batch=number)
    given = [
        {"contact": one.contact, "campaign": one.campaign, "agent": batch_holder(number), "given_at": now}
        for one in rows
    ]
    if given:
        connection.execute(sa.insert(calls), given)
    return number


def batch_holder(number: int) -> str:
    """How the calls of a batch are marked until it is told who made them: as no agent can be called."""
    return f" {number}"


def is_of_batch(call: Call) -> bool:
    """Whether a dialler has, or had, the contact."""
    return call.agent.startswith(" ")


def free(connection: sa.Connection, contact: int) -> None:
    """End the reservation."""
    change(connection, [contact], holder=None, held_until=None, batch=None)


def calls_of(connection: sa.Connection, contact: int) -> list[Call]:
    """All times the contact was given to somebody, in order."""
    query = sa.select(calls).where(calls.c.contact == contact).order_by(calls.c.id)
    return [Call(**row._asdict()) for row in connection.execute(query)]


def end_call(connection: sa.Connection, number: int, values: Mapping[str, Any]) -> None:
    """Write what became of a call."""
    connection.execute(sa.update(calls).where(calls.c.id == number).values(**values))


def calls_between(connection: sa.Connection, campaign: str, first: date, end: date) -> list[Call]:
    """The campaign's calls of local days from `first` to before `end` whose result is told, in order."""
    row = calls.c
    made = row.result.in_([one.value for one in ATTEMPTS])
    query = sa.select(calls).where(row.campaign == campaign, row.day >= first, row.day < end, made)
    return [Call(**one._asdict()) for one in connection.execute(query.order_by(row.id))]


def subscribers_of(connection: sa.Connection, campaign: str) -> dict[int, int]:
    """Whose contact each of the campaign's queue is, by number."""
    row = call_queue.c
    query = sa.select(row.contact, row.subscriber).where(row.campaign == campaign)
    return {int(contact): int(subscriber) for contact, subscriber in connection.execute(query)}


def contacts_with_calls(connection: sa.Connection, campaign: str) -> set[int]:
    """The contacts of which some call is told."""
    row = calls.c
    query = sa.select(row.contact).distinct().where(row.campaign == campaign, row.result.is_not(None))
    return set(connection.execute(query).scalars())


def coming(connection: sa.Connection, campaign: str, until: datetime) -> Coming:
    """Count the queue as it will be due until then."""
    row = call_queue.c
    mine = (row.campaign == campaign) & (row.due_at < until)
    back, anew = row.due_for.is_not(None), row.attempts == 0
    counts = (sa.func.sum(sa.case((which, 1), else_=0)) for which in (~anew & ~back, back, anew & ~back))
    found = connection.execute(sa.select(*counts).where(mine)).one()
    return Coming(tries=int(found[0] or 0), call_backs=int(found[1] or 0), first_time=int(found[2] or 0))


def answered_by_hour(connection: sa.Connection, campaign: str) -> dict[int, tuple[int, int]]:
    """The campaign's calls and those that were answered, by local hour of the day."""
    row = calls.c
    silent = [one.value for one in NOBODY_SPOKE]
    query = (
        sa.select(row.hour, sa.func.count(), sa.func.sum(sa.case((row.result.in_(silent), 0), else_=1)))
        .where(row.campaign == campaign, row.result.in_([one.value for one in ATTEMPTS]))
        .group_by(row.hour)
    )
    return {int(hour): (int(made), int(spoke)) for hour, made, spoke in connection.execute(query)}


def left_over(connection: sa.Connection, campaign: str, now: datetime) -> LeftOver:
    """Count the queue."""
    row = call_queue.c
    held = sa.func.sum(sa.case((row.held_until > now, 1), else_=0))
    later = sa.func.sum(sa.case(((row.due_at > now) & _free(now), 1), else_=0))
    due = sa.func.sum(sa.case(((row.due_at <= now) & _free(now), 1), else_=0))
    first = sa.func.min(sa.case((row.due_at > now, row.due_at)))
    query = sa.select(held, later, due, first).where(row.campaign == campaign, row.due_at.is_not(None))
    found = connection.execute(query).one()
    return LeftOver(
        held=int(found[0] or 0), later=int(found[1] or 0), elsewhere=int(found[2] or 0), next_at=found[3]
    )


def _queued(row: Any) -> Queued:
    return Queued(**row._asdict())
