"""Add and change people; sign in and out; who a browser acts for."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

import sqlalchemy as sa

from telewave.access import store
from telewave.access.model import (
    ABSOLUTE,
    LONGEST_PASSWORD,
    WINDOW,
    LastAdministrator,
    NameTaken,
    PasswordsDiffer,
    Person,
    SignInRefused,
    Sitting,
    TooManyTries,
    check_name,
    check_password,
    wait_of,
)
from telewave.access.passwords import agrees, hashed, made
from telewave.access.roles import Role
from telewave.audit.model import Action
from telewave.audit.store import write_down
from telewave.platform.database import Database

SEEN_EVERY = timedelta(minutes=1)
"""How exactly it is noted when a session was used last."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ticket:
    """What a browser is given: the token of its session, which is kept nowhere, and who signed in."""

    token: str
    person: Person


def everybody(database: Database) -> list[Person]:
    """All people, by name."""
    with database.transaction() as connection:
        return store.people(connection)


def add_person(database: Database, name: str, roles: Collection[Role], by: str, now: datetime) -> str:
    """Add somebody; the password to sign in with once, which is told nowhere else.

    Raises `UnusableName`, `NameTaken`.
    """
    name, password = check_name(name), made()
    kept = hashed(password)
    try:
        with database.writing() as connection:
            store.add(connection, name, roles, kept, now)
            _audited(connection, now, by, Action.PERSON_ADDED, name, roles=",".join(sorted(roles)))
    except sa.exc.IntegrityError as cause:
        raise NameTaken(name=name) from cause
    return password


def change_roles(database: Database, name: str, roles: Collection[Role], by: str, now: datetime) -> Person:
    """Other roles, from the next page on. Raises `NoSuchPerson`, `LastAdministrator`."""
    with database.writing() as connection:
        before = store.find(connection, name)
        if Role.ADMINISTRATOR not in roles:
            _see_another_administrator(connection, before)
        store.set_roles(connection, before.id, roles)
        facts = {"before": ",".join(sorted(before.roles)), "roles": ",".join(sorted(roles))}
        _audited(connection, now, by, Action.ROLES_CHANGED, before.name, **facts)
        return store.find(connection, name)


def lock(database: Database, name: str, by: str, now: datetime) -> Person:
    """Somebody may not sign in any more, and is signed out at once. Raises `NoSuchPerson`, `LastAdministrator`."""
    with database.writing() as connection:
        before = store.find(connection, name)
        _see_another_administrator(connection, before)
        store.set_locked(connection, before.id, now)
        store.end_sittings(connection, before.id)
        _audited(connection, now, by, Action.PERSON_LOCKED, before.name)
        return store.find(connection, name)


def unlock(database: Database, name: str, by: str, now: datetime) -> Person:
    """Somebody may sign in again. Raises `NoSuchPerson`."""
    with database.writing() as connection:
        before = store.find(connection, name)
        store.set_locked(connection, before.id, None)
        store.forget_failures(connection, before.name)
        _audited(connection, now, by, Action.PERSON_UNLOCKED, before.name)
        return store.find(connection, name)


def give_password(database: Database, name: str, by: str, now: datetime) -> str:
    """A new password to sign in with once; all sessions of the person end. Raises `NoSuchPerson`."""
    password = made()
    kept = hashed(password)
    with database.writing() as connection:
        before = store.find(connection, name)
        store.set_password(connection, before.id, kept, one_time=True)
        store.end_sittings(connection, before.id)
        store.forget_failures(connection, before.name)
        _audited(connection, now, by, Action.PASSWORD_GIVEN, before.name)
    return password


def change_password(
    database: Database, ticket: Ticket, old: str, new: tuple[str, str], address: str, now: datetime
) -> Ticket:
    """One's own password, given twice; all other sessions end, and this one goes on under a new token.

    Raises `SignInRefused`, `TooManyTries`, `PasswordsDiffer`, `PasswordTooShort`, `PasswordTooLong`,
    `PasswordGuessable`.
    """
    name = ticket.person.name
    tried = _tried(database, name, address, now)
    with database.transaction() as connection:
        person, kept = store.password_of(connection, name)
    if person is None or not agrees(kept, old[:LONGEST_PASSWORD]):
        raise SignInRefused
    if new[0] != new[1]:
        raise PasswordsDiffer
    check_password(new[0], name, old)
    changed = hashed(new[0])
    with database.writing() as connection:
        store.forget_failures(connection, name, tried)
        store.set_password(connection, person.id, changed, one_time=False)
        store.end_sittings(connection, person.id)
        _audited(connection, now, name, Action.PASSWORD_CHANGED, name)
        return _seated(connection, store.find(connection, name), address, now)


def sign_in(database: Database, name: str, password: str, address: str, now: datetime) -> Ticket:
    """A new session. A try counts as failed before it is judged, so that many at once are no way round the limit.

    Raises `SignInRefused`, `TooManyTries`.
    """
    tried = _tried(database, name, address, now)
    with database.transaction() as connection:
        person, kept = store.password_of(connection, name)
    right = agrees(kept, password[: LONGEST_PASSWORD + 1])
    with database.writing() as connection:
        if person is None or not right or person.locked_at is not None:
            if person is not None:
                _audited(connection, now, person.name, Action.SIGN_IN_REFUSED, person.name, address=address)
        else:
            store.forget_failures(connection, name, tried)
            store.forget_before(connection, now - ABSOLUTE, now - WINDOW)
            _audited(connection, now, person.name, Action.SIGNED_IN, person.name, address=address)
            return _seated(connection, person, address, now)
    raise SignInRefused


def sitting_of(database: Database, token: str, now: datetime) -> Sitting | None:
    """The session of this token, if it goes on and its person may sign in; that it was used is noted."""
    digest = _digest(token)
    with database.transaction() as connection:
        found = store.sitting_of(connection, digest)
        if found is None or found.is_over(now) or found.person.locked_at is not None:
            return None
        if now - found.seen_at >= SEEN_EVERY:
            store.seen(connection, digest, now)
    return found


def sign_out(database: Database, token: str) -> None:
    """The session of this token is over."""
    with database.transaction() as connection:
        store.end_sitting(connection, _digest(token))


def _tried(database: Database, name: str, address: str, now: datetime) -> int:
    with database.writing() as connection:
        of_name, from_address = store.failures(connection, name, address, now - WINDOW)
        if minutes := wait_of(of_name, from_address, now):
            raise TooManyTries(minutes=minutes)
        return store.add_failure(connection, name, address, now)


def _seated(connection: sa.Connection, person: Person, address: str, now: datetime) -> Ticket:
    token = secrets.token_urlsafe(32)
    store.begin_sitting(connection, _digest(token), person.id, address, now)
    return Ticket(token=token, person=person)


def _see_another_administrator(connection: sa.Connection, person: Person) -> None:
    others = (one for one in store.people(connection) if one.id != person.id and one.locked_at is None)
    if Role.ADMINISTRATOR in person.roles and Role.ADMINISTRATOR not in chain(*(one.roles for one in others)):
        raise LastAdministrator(name=person.name)


def _audited(
    connection: sa.Connection, now: datetime, by: str, action: Action, about: str, **facts: str
) -> None:
    write_down(connection, at=now, person=by, action=action, about=about, facts=facts)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
