"""People and their roles, for administrators."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from telewave.access.model import joined_roles
from telewave.access.roles import Permission, Role
from telewave.access.usecases import add_person, change_roles, everybody, give_password, lock, unlock
from telewave.console.frame import done as seen
from telewave.console.frame import page
from telewave.console.visit import Visit, needs
from telewave.kernel import Malformed, Message, TelewaveError

router = APIRouter()
ENTRY = "/people"


class NoRoleChosen(Malformed):
    """Choose at least one role: it says what the person may do."""

    code = "no_role_chosen"


class Change(StrEnum):
    """What can be changed of somebody."""

    ROLES = "roles"
    LOCK = "lock"
    UNLOCK = "unlock"
    PASSWORD = "password"  # noqa: S105 - what is changed


DONE = {
    Change.ROLES: Message("The roles are changed, from the next page on."),
    Change.LOCK: Message("The person is signed out, and cannot sign in any more."),
    Change.UNLOCK: Message("The person can sign in again."),
}


@router.get("/people")
def people(visit: Visit = needs(Permission.PERSON_MANAGE), done: str = "") -> Response:
    """Everybody."""
    return _page(visit, said=DONE[Change(done)] if done in set(DONE) else None)


@router.post("/people")
def added(
    name: Annotated[str, Form(max_length=400)],
    role: Annotated[list[Role] | None, Form()] = None,
    visit: Visit = needs(Permission.PERSON_MANAGE),
) -> Response:
    """Somebody new, and the password to sign in with once."""
    try:
        password = add_person(visit.database, name, _roles(role), visit.person.name, visit.now)
    except TelewaveError as error:
        return _page(visit, error=error, name=name)
    return _page(visit, password=password, of=name.strip())


@router.post("/people/change")
def changed(
    name: Annotated[str, Form(max_length=400)],
    what: Annotated[Change, Form()],
    role: Annotated[list[Role] | None, Form()] = None,
    visit: Visit = needs(Permission.PERSON_MANAGE),
) -> Response:
    """Roles, a lock, a new password."""
    database, by, now = visit.database, visit.person.name, visit.now
    try:
        match what:
            case Change.ROLES:
                change_roles(database, name, _roles(role), by, now)
            case Change.LOCK:
                lock(database, name, by, now)
            case Change.UNLOCK:
                unlock(database, name, by, now)
            case Change.PASSWORD:
                return _page(visit, password=give_password(database, name, by, now), of=name)
    except TelewaveError as error:
        return _page(visit, error=error)
    return seen(ENTRY, what.value)


def _roles(role: list[Role] | None) -> list[Role]:
    if not role:
        raise NoRoleChosen
    return role


def _page(
    visit: Visit,
    *,
    said: Message | None = None,
    error: TelewaveError | None = None,
    password: str = "",
    of: str = "",
    name: str = "",
) -> Response:
    return page(
        visit,
        "people.html",
        ENTRY,
        status=200 if error is None else error.status,
        people=[(one, one.state, joined_roles(list(one.roles))) for one in everybody(visit.database)],
        roles=list(Role),
        said=said,
        error=error,
        password=password,
        of=of,
        name=name,
    )
