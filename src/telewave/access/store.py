"""People, sessions of browsers and failed sign-ins in the operations database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from telewave.access.model import NoSuchPerson, Person, Sitting, key_of
from telewave.access.roles import Role
from telewave.access.tables import failed_sign_in, person, sitting

_PERSON = (
    person.c.id,
    person.c.name,
    person.c.roles,
    person.c.one_time,
    person.c.locked_at,
    person.c.added_at,
)


def people(connection: sa.Connection) -> list[Person]:
    """Everybody, by name."""
    return [_person(row) for row in connection.execute(sa.select(*_PERSON).order_by(person.c.key))]


def find(connection: sa.Connection, name: str) -> Person:
    """The person of this name. Raises `NoSuchPerson`."""
    row = connection.execute(sa.select(*_PERSON).where(person.c.key == key_of(name))).one_or_none()
    if row is None:
        raise NoSuchPerson(name=name)
    return _person(row)


def password_of(connection: sa.Connection, name: str) -> tuple[Person | None, str | None]:
    """The person of this name and what is kept of his password; None twice where there is none."""
    query = sa.select(*_PERSON, person.c.password).where(person.c.key == key_of(name))
    row = connection.execute(query).one_or_none()
    return (None, None) if row is None else (_person(row), row.password)


def add(connection: sa.Connection, name: str, roles: Iterable[Role], kept: str, now: datetime) -> None:
    """Somebody new, who must change the password. Raises `sqlalchemy.exc.IntegrityError` where the name is taken."""
    values = {"name": name, "key": key_of(name), "roles": _written(roles), "password": kept}
    connection.execute(sa.insert(person).values(**values, one_time=True, added_at=now))


def set_roles(connection: sa.Connection, number: int, roles: Iterable[Role]) -> None:
    """Other roles."""
    _change(connection, number, roles=_written(roles))


def set_locked(connection: sa.Connection, number: int, at: datetime | None) -> None:
    """Locked since `at`, or not any more (None)."""
    _change(connection, number, locked_at=at)


def set_password(connection: sa.Connection, number: int, kept: str, *, one_time: bool) -> None:
    """Another password."""
    _change(connection, number, password=kept, one_time=one_time)


def begin_sitting(connection: sa.Connection, digest: str, number: int, address: str, now: datetime) -> None:
    """A new session; those of anybody that were over long ago are forgotten."""
    values = {"digest": digest, "person": number, "begun_at": now, "seen_at": now, "address": address}
    connection.execute(sa.insert(sitting).values(**values))


def sitting_of(connection: sa.Connection, digest: str) -> Sitting | None:
    """The session whose token has this digest."""
    query = sa.select(*_PERSON, sitting.c.begun_at, sitting.c.seen_at)
    row = connection.execute(query.join_from(sitting, person).where(sitting.c.digest == digest)).one_or_none()
    return None if row is None else Sitting(person=_person(row), begun_at=row.begun_at, seen_at=row.seen_at)


def seen(connection: sa.Connection, digest: str, now: datetime) -> None:
    """Something was asked for in this session."""
    connection.execute(sa.update(sitting).where(sitting.c.digest == digest).values(seen_at=now))


def end_sitting(connection: sa.Connection, digest: str) -> None:
    """This session is over."""
    connection.execute(sa.delete(sitting).where(sitting.c.digest == digest))


def end_sittings(connection: sa.Connection, number: int) -> None:
    """All sessions of a person are over."""
    connection.execute(sa.delete(sitting).where(sitting.c.person == number))


def forget_before(connection: sa.Connection, begun: datetime, failed: datetime) -> None:
    """Sessions begun before, and failed sign-ins before."""
    connection.execute(sa.delete(sitting).where(sitting.c.begun_at < begun))
    connection.execute(sa.delete(failed_sign_in).where(failed_sign_in.c.at < failed))


def failures(
    connection: sa.Connection, name: str, address: str, since: datetime
) -> tuple[list[datetime], list[datetime]]:
    """When signing in failed since then: by this name, and from this address."""
    times = []
    for column, value in ((failed_sign_in.c.key, key_of(name)), (failed_sign_in.c.address, address)):
        query = sa.select(failed_sign_in.c.at).where(column == value, failed_sign_in.c.at >= since)
        times.append(list(connection.execute(query.order_by(failed_sign_in.c.at)).scalars()))
    return times[0], times[1]


def add_failure(connection: sa.Connection, name: str, address: str, now: datetime) -> int:
    """A try, which counts as failed until `forget_failures`. Its number."""
    values = {"key": key_of(name), "address": address, "at": now}
    made = connection.execute(sa.insert(failed_sign_in).values(**values).returning(failed_sign_in.c.id))
    return int(made.scalar_one())


def forget_failures(connection: sa.Connection, name: str, number: int | None = None) -> None:
    """Those of this name, and the one of this number."""
    by_name = failed_sign_in.c.key == key_of(name)
    either = by_name if number is None else by_name | (failed_sign_in.c.id == number)
    connection.execute(sa.delete(failed_sign_in).where(either))


def _change(connection: sa.Connection, number: int, **values: Any) -> None:
    connection.execute(sa.update(person).where(person.c.id == number).values(**values))


def _written(roles: Iterable[Role]) -> str:
    return ",".join(sorted(roles))


def _person(row: Any) -> Person:
    return Person(
        id=row.id,
        name=row.name,
        roles=frozenset(Role(one) for one in row.roles.split(",") if one),
        one_time=row.one_time,
        locked_at=row.locked_at,
        added_at=row.added_at,
    )
