"""Who asks for a page, in which language, and what with: the home, the kinds of plan, the clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from threading import RLock
from typing import Annotated, Any

from fastapi import Depends, Request

from telewave.access.model import Person, Sitting
from telewave.access.roles import Permission
from telewave.access.usecases import Ticket, sitting_of
from telewave.approvals.ports import PlanKind
from telewave.kernel import Forbidden
from telewave.platform.database import Database
from telewave.platform.home import Home
from telewave.platform.languages import Language
from telewave.platform.warehouse import Warehouse

LANGUAGE_COOKIE = "telewave-language"


class SignInFirst(Forbidden):
    """Nobody is signed in here, or the session has ended. Sign in."""

    code = "sign_in_first"
    status = 401


class ChangePasswordFirst(Forbidden):
    """The password was made for you and is good once. Choose your own first."""

    code = "change_password_first"


@dataclass(frozen=True, kw_only=True)
class Workplace:
    """What all pages work with. `kinds`: of plans that go through approval; `simulated`: whether nothing here is about
    real people, which every page then says; `now`: what time it is, local with its offset.
    """

    home: Home
    kinds: Sequence[PlanKind]
    simulated: bool
    now: Callable[[], datetime]
    _one: RLock = field(default_factory=RLock)

    @contextmanager
    def warehouse(self) -> Iterator[Warehouse]:
        """The warehouse, for one at a time: its engine serves no two threads at once."""
        with self._one:
            yield self.home.warehouse


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A request: of whom (None: nobody who is signed in), in which language, from where."""

    workplace: Workplace
    language: Language
    address: str
    path: str
    sitting: Sitting | None
    token: str

    @property
    def database(self) -> Database:
        """The operations database."""
        return self.workplace.home.database

    @property
    def now(self) -> datetime:
        """What time it is, local with its offset."""
        return self.workplace.now()

    @property
    def today(self) -> date:
        """The local day."""
        return self.now.date()

    def local(self, instant: datetime) -> datetime:
        """An instant as local time."""
        return self.workplace.home.clock.local(instant)

    @property
    def person(self) -> Person:
        """Who asks. Raises `SignInFirst`."""
        if self.sitting is None:
            raise SignInFirst
        return self.sitting.person

    @property
    def ticket(self) -> Ticket:
        """The session that asks. Raises `SignInFirst`."""
        return Ticket(token=self.token, person=self.person)

    def may(self, permission: Permission) -> bool:
        """Whether who asks may do this."""
        return self.sitting is not None and self.sitting.person.may(permission)


def cookie_of(request: Request) -> str:
    """What the session's cookie is called: over an encrypted connection so that browsers send it there alone."""
    return "__Host-telewave" if request.url.scheme == "https" else "telewave"


def language_of(request: Request) -> Language:
    """As the person chose, else as the browser prefers, else Chinese."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in ("zh", "en"):
        return chosen  # type: ignore[return-value]
    return preferred(request.headers.get("accept-language", ""))


def preferred(accepted: str) -> Language:
    """The one of our languages that a browser prefers.

    >>> preferred("fr, en;q=0.8, zh;q=0.5"), preferred("zh-TW,zh;q=0.9"), preferred("")
    ('en', 'zh', 'zh')
    """
    found: list[tuple[float, int, Language]] = []
    for place, part in enumerate(accepted.lower().split(",")):
        tag, _, weight = part.strip().partition(";q=")
        name = tag.split("-")[0]
        try:
            wanted = float(weight) if weight else 1.0
        except ValueError:
            continue
        if name == "zh" and wanted > 0:
            found.append((-wanted, place, "zh"))
        elif name == "en" and wanted > 0:
            found.append((-wanted, place, "en"))
    return min(found)[2] if found else "zh"


def visit_of(request: Request) -> Visit:
    """Whoever asks, signed in or not."""
    workplace: Workplace = request.app.state.workplace
    token = request.cookies.get(cookie_of(request), "")
    sitting = sitting_of(workplace.home.database, token, workplace.now()) if token else None
    return Visit(
        workplace=workplace,
        language=language_of(request),
        address=request.client.host[:64] if request.client else "",
        path=request.url.path,
        sitting=sitting,
        token=token,
    )


AnyVisit = Annotated[Visit, Depends(visit_of)]
"""Of somebody who may not be signed in."""


def signed_in(visit: AnyVisit) -> Visit:
    """Of somebody who is signed in, with whatever password. Raises `SignInFirst`."""
    _ = visit.person
    return visit


SignedIn = Annotated[Visit, Depends(signed_in)]


class Needs:
    """What a page needs: a permission, or any of several (none: only that somebody is signed in with his own
    password). A page without it is refused by the application when it is put together.
    """

    def __init__(self, *any_of: Permission) -> None:
        self.any_of = any_of

    def __call__(self, visit: SignedIn) -> Visit:
        """The visit. Raises `SignInFirst`, `ChangePasswordFirst`, `NotAllowed`."""
        person = visit.person
        if person.one_time:
            raise ChangePasswordFirst
        if self.any_of and not any(person.may(one) for one in self.any_of):
            person.require(self.any_of[0])
        return visit


def needs(*any_of: Permission) -> Any:
    """The dependency of a page's handler on who asks."""
    return Depends(Needs(*any_of))
