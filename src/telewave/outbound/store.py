"""Queues of calls, reservations and calls in the operations database. Whoever decides hands in his transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from telewave.outbound.dispositions import ATTEMPTS, NOBODY_SPOKE
from telewave.outbound.model import Call, Coming, Filled, LeftOver, Queued, Wanted
from telewave.outbound.tables import LONG, call_hours, call_lists, call_queue, call_teams, calls
from telewave.outbound.team import Team, team_read, team_text
from telewave.platform.bulk import load_rows
from telewave.platform.database import Database, Instant

PAGE, LARGEST_PAGE = 20, 500
"""Contacts that are looked at together: more with each look in vain."""
MADE, SILENT = ([one.value for one in some] for some in (ATTEMPTS, NOBODY_SPOKE))


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
    names = (row[name] for name in Filled.__slots__)
    query = sa.select(*names).where(row.campaign == campaign)
    found = connection.execute(query).one_or_none()
    return None if found is None else Filled(**found._asdict())


def note_filled(connection: sa.Connection, campaign: str, how: Filled) -> None:
    """The queue is filled so."""
    connection.execute(sa.delete(call_lists).where(call_lists.c.campaign == campaign))
    row = {name: getattr(how, name) for name in Filled.__slots__}
    connection.execute(sa.insert(call_lists), row | {"campaign": campaign})


def ever_queued(campaign: str) -> sa.Select[Any]:
    """The contacts that were ever in the campaign's queue, for a statement of the caller's."""
    return sa.select(call_queue.c.contact).where(call_queue.c.campaign == campaign)


def going_on(connection: sa.Connection, campaign: str) -> list[sa.Row[Any]]:
    """The contacts of the campaign's queue that are to be called still: contact, plan, subscriber and step."""
    row = call_queue.c
    mine = (row.campaign == campaign) & row.due_at.is_not(None)
    query = sa.select(row.contact, row.plan, row.subscriber, row.step).where(mine)
    return list(connection.execute(query))


_temporary = sa.MetaData()
coming_calls = sa.Table(
    "coming_calls",
    _temporary,
    sa.Column("contact", LONG, primary_key=True, autoincrement=False),
    *(
        sa.Column(name, call_queue.c[name].type)
        for name in (
            "plan",
            "subscriber",
            "step",
            "channel",
            "offer",
            "target_group",
            "value",
            "chance",
            "needs",
        )
    ),
    sa.Column("on_record", sa.Text),
    sa.Column("fate", sa.String(5)),
    prefixes=["TEMPORARY"],
)
"""What a filling brings, while its transaction lasts. `fate`: null comes in, `later` not yet, `never` not any more."""
AS_THEY_COME = tuple(one.name for one in coming_calls.columns if one.name != "fate")


def bring_in(connection: sa.Connection, campaign: str, rows: Iterable[Sequence[Any]], now: datetime) -> None:
    """Put contacts (entries as `coming_calls`) into the queue, due `now`; of those that are in it renew what they need
    and what is on record of them, and end those that may not be called any more.
    """
    come, row = coming_calls.c, call_queue.c
    coming_calls.create(connection)
    load_rows(connection, coming_calls, [one.name for one in coming_calls.columns], rows)
    given = {"campaign": sa.literal(campaign), "due_at": sa.literal(now, Instant), "attempts": sa.literal(0)}
    fresh = (
        sa.select(*(come[name] for name in AS_THEY_COME), *given.values())
        .where(come.fate.is_(None), ~sa.exists().where(row.contact == come.contact))
        .order_by(come.contact)
    )
    connection.execute(sa.insert(call_queue).from_select([*AS_THEY_COME, *given], fresh))
    same = row.contact == come.contact
    anew = row.needs.is_distinct_from(come.needs) | row.on_record.is_distinct_from(come.on_record)
    renewed = {"needs": come.needs, "on_record": come.on_record}
    connection.execute(sa.update(call_queue).where(same, anew).values(**renewed))
    connection.execute(sa.update(call_queue).where(same, come.fate == "never").values(due_at=None))
    coming_calls.drop(connection)


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
    mine = (row.campaign == campaign) & row.due_at.is_not(None)
    last = ""
    first = connection.execute(sa.select(sa.func.min(row.needs)).where(mine)).scalar()
    while first is not None:
        found.append(last := str(first))
        first = connection.execute(sa.select(sa.func.min(row.needs)).where(mine, row.needs > last)).scalar()
    return found


def candidates(connection: sa.Connection, wanted: Wanted, most: int = PAGE) -> list[Queued]:
    """Whom the agent may call now: his own call-backs, others' overdue ones, then the most valuable. Each of the three
    goes along an index from its best on, whatever the queue's length.
    """
    row = call_queue.c
    due = [
        row.campaign == wanted.campaign,
        row.channel.in_(wanted.channels),
        row.due_at <= wanted.now,
        _free(wanted.now),
    ]
    serves = row.needs.concat("").in_(wanted.needs)  # or SQLite walks all who wait instead of the promised
    others = (row.due_for != wanted.agent) & (row.due_at <= wanted.overdue)
    found = _best(connection, [*due, row.due_for == wanted.agent], most)
    found += _best(connection, [*due, row.due_for > "", others, serves], most - len(found))
    if len(found) == most:
        return found
    free = [*due, row.due_for.is_(None)]
    rest = [
        one
        for needs in wanted.needs
        for one in _best(connection, [*free, row.needs == needs], most - len(found))
    ]
    return found + sorted(rest, key=lambda one: (-one.value, one.contact))[: most - len(found)]


def _best(connection: sa.Connection, conditions: Sequence[sa.ColumnElement[bool]], most: int) -> list[Queued]:
    """The most valuable contacts of the queue for which these hold."""
    row = call_queue.c
    query = sa.select(call_queue).where(*conditions).order_by(row.value.desc(), row.contact).limit(most)
    return [_queued(one) for one in connection.execute(query)] if most else []


def _free(now: datetime) -> sa.ColumnElement[bool]:
    row = call_queue.c
    return sa.or_(row.held_until.is_(None), row.held_until <= now)


def give(connection: sa.Connection, one: Queued, agent: str, now: datetime, until: datetime) -> int:
    """Reserve the contact for the agent, with a line among the calls; its number."""
    change(connection, [one.contact], holder=agent, held_until=until, batch=None)
    row = {"contact": one.contact, "campaign": one.campaign, "agent": agent, "given_at": now}
    key = connection.execute(sa.insert(calls), row).inserted_primary_key
    return int(key[0])  # type: ignore[index]


def next_batch(connection: sa.Connection) -> int:
    """The number of a batch that begins now."""
    return int(connection.execute(sa.select(sa.func.max(calls.c.id))).scalar() or 0) + 1


def give_to_batch(
    connection: sa.Connection, number: int, rows: Sequence[Queued], now: datetime, until: datetime
) -> None:
    """Reserve contacts for the dialler's batch, with a line each among the calls."""
    change(connection, [one.contact for one in rows], holder=None, held_until=until, batch=number)
    given = [
        {"contact": one.contact, "campaign": one.campaign, "agent": batch_holder(number), "given_at": now}
        for one in rows
    ]
    if given:
        connection.execute(sa.insert(calls), given)


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


def end_call(connection: sa.Connection, campaign: str, number: int, values: Mapping[str, Any]) -> None:
    """Write what became of a call, and count it. `values`: columns of `calls`, `hour` and `result` among them."""
    connection.execute(sa.update(calls).where(calls.c.id == number).values(**values))
    if values["result"] in MADE:
        dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
        told = {"campaign": campaign, "hour": values["hour"], "made": 1}
        put = dialect.insert(call_hours).values(**told, answered=int(values["result"] not in SILENT))
        row = call_hours.c
        sums = {"made": row.made + put.excluded.made, "answered": row.answered + put.excluded.answered}
        connection.execute(put.on_conflict_do_update(index_elements=["campaign", "hour"], set_=sums))


def calls_between(connection: sa.Connection, campaign: str, first: date, end: date) -> list[sa.Row[Any]]:
    """The campaign's calls of local days from `first` to before `end` whose result is told, in order: subscriber, day,
    hour, agent and result.
    """
    row = calls.c
    query = (
        sa.select(call_queue.c.subscriber, row.day, row.hour, row.agent, row.result)
        .join_from(calls, call_queue, call_queue.c.contact == row.contact)
        .where(row.campaign == campaign, row.day >= first, row.day < end, row.result.in_(MADE))
        .order_by(row.id)
    )
    return list(connection.execute(query))


def tries_by_day(connection: sa.Connection, campaign: str, since: date) -> dict[tuple[int, int], int]:
    """How often each contact was called on each day (ordinal) from `since` on."""
    row = calls.c
    query = (
        sa.select(row.contact, row.day, sa.func.count())
        .where(row.campaign == campaign, row.day >= since, row.result.in_(MADE))
        .group_by(row.contact, row.day)
    )
    found = connection.execute(query)
    return {(int(contact), day.toordinal()): int(number) for contact, day, number in found}


def contacts_with_calls(campaign: str) -> sa.Select[Any]:
    """The contacts of which some call is told, for a statement of the caller's."""
    row = calls.c
    return sa.select(row.contact).where(row.campaign == campaign, row.result.is_not(None))


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
    row = call_hours.c
    query = sa.select(row.hour, row.made, row.answered).where(row.campaign == campaign)
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
