"""Parcels in the operations database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from telewave.contacts.out_store import MOST_NAMED, batched
from telewave.fulfilment.model import Standing
from telewave.fulfilment.parcel import Parcel, detail_of, state_read
from telewave.fulfilment.responsible import Owner, Role
from telewave.fulfilment.tables import parcel_log, parcels
from telewave.kernel import Money

AS_IS = (
    "order", "campaign", "contact", "subscriber", "offer", "area", "courier", "due_at", "last_at", "sequence",
)  # fmt: skip
"""Columns that a `Parcel` holds under the same name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One line of a parcel's log: from how it stood to how it stands `after`, told as the text `told`."""

    before: Standing
    after: Parcel
    told: str


@dataclass(frozen=True, slots=True)
class Entry:
    """Who enters it, and when."""

    at: datetime
    person: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """Which parcels: None is any; `late_at`: those whose time was over then; `standing`: only those not over."""

    state: Standing | None = None
    area: str | None = None
    order: str | None = None
    campaign: str | None = None
    courier: str | None = None
    late_at: datetime | None = None


def add(connection: sa.Connection, given: Iterable[Parcel], entry: Entry) -> None:
    """Enter new parcels, each with the first line of its log."""
    for one in given:
        key: Any = connection.execute(sa.insert(parcels), _row(one)).inserted_primary_key
        after = replace(one, serial=int(key[0]))
        _log(connection, [Step(before=Standing.ORDERED, after=after, told=f"take {one.order}")], entry)


def change(connection: sa.Connection, steps: Sequence[Step], entry: Entry) -> None:
    """Write what has become of one parcel, step after step."""
    last = steps[-1].after
    connection.execute(sa.update(parcels).where(parcels.c.id == last.serial).values(**_row(last)))
    _log(connection, steps, entry)


def by_order(connection: sa.Connection, orders: Collection[str]) -> dict[str, Parcel]:
    """Those of these orders that are known."""
    found: dict[str, Parcel] = {}
    for page in _pages(orders):
        found |= {one.order: one for one in _read(connection, parcels.c.order.in_(page))}
    return found


def told_of(connection: sa.Connection, serials: Collection[int]) -> set[tuple[int, str]]:
    """What was told of these parcels before, by serial."""
    row = parcel_log.c
    found: set[tuple[int, str]] = set()
    for page in batched(serials, MOST_NAMED):
        rows = connection.execute(sa.select(row.parcel, row.told).where(row.parcel.in_(page)))
        found |= {(int(parcel), str(told)) for parcel, told in rows}
    return found


def parcels_of(connection: sa.Connection, asked: Asked) -> list[Parcel]:
    """The parcels asked for, by the time that they are due, those that are over last."""
    row = parcels.c
    conditions: list[sa.ColumnElement[bool]] = []
    if asked.state is not None:
        conditions.append(row.state == asked.state.value)
    if asked.late_at is not None:
        conditions.append(row.due_at < asked.late_at)
    named = {name: getattr(asked, name) for name in ("area", "order", "campaign", "courier")}
    conditions += [row[name] == value for name, value in named.items() if value is not None]
    return sorted(
        _read(connection, *conditions), key=lambda one: (one.due_at is None, str(one.due_at), one.serial)
    )


def reached(connection: sa.Connection) -> list[tuple[str, str, Standing, int]]:
    """Area, courier, state, and how many parcels of theirs have ever been in it."""
    row = parcel_log.c
    query = (
        sa.select(parcels.c.area, parcels.c.courier, row.to_state, sa.func.count(row.parcel.distinct()))
        .join_from(parcels, parcel_log, parcels.c.id == row.parcel)
        .group_by(parcels.c.area, parcels.c.courier, row.to_state)
    )
    return [
        (area, courier, Standing(state), int(count))
        for area, courier, state, count in connection.execute(query)
    ]


def log_of(connection: sa.Connection, order: str) -> Sequence[Any]:
    """The lines of the log of an order's parcel, in their order."""
    query = (
        sa.select(parcel_log)
        .join_from(parcels, parcel_log, parcels.c.id == parcel_log.c.parcel)
        .where(parcels.c.order == order)
        .order_by(parcel_log.c.sequence)
    )
    return connection.execute(query).all()


def _pages(values: Collection[str]) -> Iterable[list[str]]:
    every = sorted(values)
    return (every[start : start + MOST_NAMED] for start in range(0, len(every), MOST_NAMED))


def _read(connection: sa.Connection, *conditions: sa.ColumnElement[bool]) -> list[Parcel]:
    query = sa.select(parcels).where(*conditions).order_by(parcels.c.id)
    return [
        Parcel(
            serial=one["id"],
            price=Money(one["price_minor"], one["currency"]),
            state=state_read(one["state"], one["detail"]),
            owner=None
            if one["owner_role"] is None
            else Owner(Role(one["owner_role"]), one["owner_name"] or ""),
            **{name: one[name] for name in AS_IS},
        )
        for one in connection.execute(query).mappings()
    ]


def _row(one: Parcel) -> dict[str, Any]:
    told = {name: getattr(one, name) for name in AS_IS}
    owner = (None, None) if one.owner is None else (one.owner.role.value, one.owner.name)
    return told | {
        "price_minor": one.price.minor,
        "currency": one.price.currency,
        "state": one.state.standing.value,
        "detail": detail_of(one.state),
        "owner_role": owner[0],
        "owner_name": owner[1],
    }


def _log(connection: sa.Connection, steps: Sequence[Step], entry: Entry) -> None:
    rows = [
        {
            "parcel": one.after.serial,
            "sequence": one.after.sequence,
            "at": one.after.last_at,
            "entered_at": entry.at,
            "person": entry.person,
            "from_state": one.before.value,
            "to_state": one.after.state.standing.value,
            "told": one.told,
        }
        for one in steps
    ]
    connection.execute(sa.insert(parcel_log), rows)
