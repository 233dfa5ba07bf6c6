"""Halls and their reservations in the operations database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from telewave.halls.hall_records import Entry
from telewave.halls.model import OPEN, Standing, state_read
from telewave.halls.reservation import Hall, Reservation, calls_of, window_of
from telewave.halls.tables import gifts, halls, log, reservations

STANDS = [one.value for one in OPEN]
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
    """A subscriber's reservations, those that stand first, then the newest."""
    found = _read(connection, reservations.c.subscriber == subscriber)
    return sorted(found, key=lambda one: (not one.is_open, -one.serial))


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
    connection: sa.Connection, hall: str | None = None, campaign: str | None = None
) -> list[Reservation]:
    """Who stands on the list of a hall (None: of any), by the day of the second call, then in their order."""
    conditions: list[sa.ColumnElement[bool]] = [reservations.c.state.in_(STANDS)]
    if hall is not None:
        conditions.append(reservations.c.hall == hall)
    if campaign is not None:
        conditions.append(reservations.c.campaign == campaign)
    found = _read(connection, *conditions)
    return sorted(found, key=lambda one: (one.due_on is None, str(one.due_on), one.serial))


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
