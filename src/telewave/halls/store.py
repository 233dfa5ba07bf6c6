"""Halls and their reservations in the operations database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from telewave.halls.hall_records import Entry, HallCounts
from telewave.halls.model import OPEN, Standing, state_read
from telewave.halls.reservation import Hall, Reservation, calls_of, window_of
from telewave.halls.tables import gifts, halls, log, reservations

STILL_OPEN = reservations.c.state.in_([one.value for one in OPEN])
AS_IS = (
    "campaign", "contact", "plan", "subscriber", "channel", "offer", "target_group", "hall", "made_on", "visit_on",
    "ends_on", "due_on", "gift", "gift_given", "sequence",
)  # fmt: skip
"""Columns that a `Reservation` holds under the same name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """Who does something with a reservation, when and why."""

    at: datetime
    person: str
    why: str


def put_hall(connection: sa.Connection, hall: Hall) -> None:
    """Enter the hall, or what is new of it."""
    row = {
        "hall": hall.hall,
        "caller": hall.caller,
        "weekdays": ",".join(map(str, hall.weekdays)),
        "waiting": hall.waiting,
        "windows": hall.windows,
        "busy": hall.busy,
    }
    _put(connection, halls, ["hall"], row)


def halls_known(connection: sa.Connection) -> dict[str, Hall]:
    """All halls by name."""
    query = sa.select(halls).order_by(halls.c.hall)
    return {
        one["hall"]: Hall(**{**one, "weekdays": tuple(map(int, one["weekdays"].split(",")))})
        for one in connection.execute(query).mappings()
    }


def add(connection: sa.Connection, given: Iterable[Reservation], entry: Note) -> list[Reservation]:
    """Enter new reservations, each with the first line of its log; with their serials."""
    found = []
    for one in given:
        key: Any = connection.execute(sa.insert(reservations), _row(one)).inserted_primary_key
        found.append(replace(one, serial=int(key[0])))
        _log(connection, Standing.WAITING, found[-1], entry)
    return found


def change(connection: sa.Connection, before: Reservation, after: Reservation, entry: Note) -> None:
    """Write what has become of a reservation, with its line of the log."""
    mine = reservations.c.id == after.serial
    connection.execute(sa.update(reservations).where(mine).values(**_row(after)))
    _log(connection, before.state.standing, after, entry)


def of_serial(connection: sa.Connection, serial: int) -> Reservation | None:
    """The reservation with this serial."""
    found = _read(connection, reservations.c.id == serial)
    return found[0] if found else None


def of_subscriber(connection: sa.Connection, subscriber: int) -> list[Reservation]:
    """A subscriber's reservations, the newest first."""
    found = _read(connection, reservations.c.subscriber == subscriber)
    return sorted(found, key=lambda one: -one.serial)


def of_contacts(connection: sa.Connection, contacts: Collection[int]) -> set[int]:
    """Which of these contacts have a reservation."""
    row = reservations.c
    found: set[int] = set()
    numbers = list(contacts)
    for start in range(0, len(numbers), 500):
        page = numbers[start : start + 500]
        found |= set(connection.execute(sa.select(row.contact).where(row.contact.in_(page))).scalars())
    return found


def standing(
    connection: sa.Connection, on: date, hall: str | None = None, campaign: str | None = None
) -> list[Reservation]:
    """Who stands on the list of a hall (None: of any) on the day, by the day of the second call, then in their order.
    Whose time is up stands on none, as `Reservation.is_over` says.
    """
    found = _read(connection, *_of(hall, campaign), *_stands(on))
    return sorted(found, key=lambda one: (one.due_on is None, str(one.due_on), one.serial))


def over(connection: sa.Connection, on: date, campaign: str | None = None) -> list[Reservation]:
    """Whose time is up on the day, though it is not written down."""
    return _read(connection, *_of(None, campaign), STILL_OPEN, reservations.c.ends_on <= on)


def counted(connection: sa.Connection, on: date) -> dict[str, int]:
    """How many stand on the list of each hall on the day, of those that have any."""
    row = reservations.c
    query = sa.select(row.hall, sa.func.count()).where(*_stands(on)).group_by(row.hall)
    return {str(hall): int(number) for hall, number in connection.execute(query)}


def gifts_kept(connection: sa.Connection, on: date, hall: str) -> dict[str, int]:
    """How many of each gift are kept on the day for who stands on the hall's list."""
    row = reservations.c
    mine = (row.hall == hall, row.gift.is_not(None), row.gift_given.is_(False))
    query = sa.select(row.gift, sa.func.count()).where(*_stands(on), *mine).group_by(row.gift)
    return {str(gift): int(number) for gift, number in connection.execute(query)}


def _stands(on: date) -> tuple[sa.ColumnElement[bool], ...]:
    return STILL_OPEN, reservations.c.ends_on > on


def _of(hall: str | None, campaign: str | None) -> list[sa.ColumnElement[bool]]:
    row = reservations.c
    named = ((row.hall, hall), (row.campaign, campaign))
    return [column == value for column, value in named if value is not None]


def in_state(connection: sa.Connection, campaign: str, state: Standing) -> list[Reservation]:
    """The campaign's reservations in a state, in their order."""
    return _read(connection, reservations.c.campaign == campaign, reservations.c.state == state.value)


def log_of(connection: sa.Connection, serial: int) -> Sequence[Any]:
    """The lines of a reservation's log, in their order."""
    return connection.execute(
        sa.select(log).where(log.c.reservation == serial).order_by(log.c.sequence)
    ).all()


def arrivals(connection: sa.Connection) -> list[Entry]:
    """The lines of all logs that tell of an arrival or an order, by reservation and in their order."""
    row, mine = log.c, reservations.c
    query = (
        sa.select(mine.id.label("serial"), mine.subscriber, mine.offer, row.at, row.to_state.label("state"))
        .join_from(log, reservations, row.reservation == mine.id)
        .order_by(row.reservation, row.sequence)
    )
    return [Entry(**{**one, "state": Standing(one["state"])}) for one in connection.execute(query).mappings()]


def by_hall(connection: sa.Connection, campaign: str, before: datetime | None = None) -> list[HallCounts]:
    """Each hall with reservations of the campaign, by name, as it stood `before` an instant (None: now)."""
    row, mine = log.c, reservations.c

    def been(state: Standing) -> sa.ColumnElement[int]:
        return sa.func.count(sa.case((row.to_state == state.value, mine.id)).distinct())

    query = (
        sa.select(
            mine.hall, sa.func.count(mine.id.distinct()), been(Standing.AT_WINDOW), been(Standing.ORDERED)
        )
        .join_from(reservations, log, row.reservation == mine.id)
        .where(mine.campaign == campaign)
        .group_by(mine.hall)
        .order_by(mine.hall)
    )
    if before is not None:
        query = query.where(row.at < before)
    return [HallCounts(str(hall), *map(int, counts)) for hall, *counts in connection.execute(query)]


def gifts_in(connection: sa.Connection, hall: str) -> dict[str, int]:
    """What lies in the hall, by gift."""
    query = sa.select(gifts.c.gift, gifts.c.on_hand).where(gifts.c.hall == hall).order_by(gifts.c.gift)
    return {str(gift): int(count) for gift, count in connection.execute(query)}


def put_gift(connection: sa.Connection, hall: str, gift: str, on_hand: int, entry: Note) -> None:
    """Note how many lie in the hall, and who says so."""
    row = {"hall": hall, "gift": gift, "on_hand": on_hand, "at": entry.at, "person": entry.person}
    _put(connection, gifts, ["hall", "gift"], row)


def _put(connection: sa.Connection, table: sa.Table, keys: list[str], row: dict[str, Any]) -> None:
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    fresh = {name: value for name, value in row.items() if name not in keys}
    put = dialect.insert(table).values(**row)
    connection.execute(put.on_conflict_do_update(index_elements=keys, set_=fresh))


def _read(connection: sa.Connection, *conditions: sa.ColumnElement[bool]) -> list[Reservation]:
    query = sa.select(reservations).where(*conditions).order_by(reservations.c.id)
    return [
        Reservation(
            serial=one["id"],
            state=state_read(one["state"], one["calls"], one["reached"], one["window"]),
            **{name: one[name] for name in AS_IS},
        )
        for one in connection.execute(query).mappings()
    ]


def _row(one: Reservation) -> dict[str, Any]:
    calls, reached = calls_of(one.state)
    told = {name: getattr(one, name) for name in AS_IS}
    state = {
        "state": one.state.standing.value,
        "calls": calls,
        "reached": reached,
        "window": window_of(one.state),
    }
    return told | state


def _log(connection: sa.Connection, before: Standing, after: Reservation, entry: Note) -> None:
    row = {
        "reservation": after.serial,
        "sequence": after.sequence,
        "at": entry.at,
        "person": entry.person,
        "from_state": before.value,
        "to_state": after.state.standing.value,
        "why": entry.why[:200],
    }
    connection.execute(sa.insert(log), row)
