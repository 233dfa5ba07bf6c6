"""The frame of every page: the way to the others, who is signed in, the other language; and how a page is answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from starlette.responses import HTMLResponse, RedirectResponse, Response

from telewave.access.roles import Permission
from telewave.console.visit import Visit
from telewave.kernel import Message, TelewaveError
from telewave.platform.languages import Language
from telewave.platform.pages import Link, Place, rendered

ASSETS = "/assets"


@dataclass(frozen=True, slots=True)
class Entry:
    """A place of the console and who may go there."""

    link: Link
    any_of: tuple[Permission, ...]


ENTRIES = (
    Entry(Link(Message("Today"), "/"), ()),
    Entry(Link(Message("Campaigns"), "/campaigns"), (Permission.CAMPAIGN_READ,)),
    Entry(Link(Message("Outbound calling"), "/calls"), (Permission.CALL_TAKE, Permission.CALLS_READ)),
    Entry(Link(Message("Staff"), "/people"), (Permission.PERSON_MANAGE,)),
    Entry(Link(Message("Audit"), "/audit"), (Permission.AUDIT_READ,)),
)


def entries_for(visit: Visit) -> tuple[Link, ...]:
    """Where this person may go."""
    if visit.sitting is None or visit.sitting.person.one_time:
        return ()
    return tuple(one.link for one in ENTRIES if not one.any_of or any(map(visit.may, one.any_of)))


def place_of(visit: Visit, here: str) -> Place:
    """Of a page that a server shows; `here`: the entry that it belongs to."""
    other: Language = "en" if visit.language == "zh" else "zh"
    return Place(
        siblings=entries_for(visit),
        here=here,
        other_language="/language?" + urlencode({"to": other, "back": visit.path}),
        assets=ASSETS,
    )


def page(visit: Visit, template: str, here: str, *, status: int = 200, **values: Any) -> Response:
    """A page of the console."""
    return HTMLResponse(
        rendered(
            "telewave.console",
            template,
            visit.language,
            place=place_of(visit, here),
            visit=visit,
            person=None if visit.sitting is None else visit.sitting.person,
            simulated=visit.workplace.simulated,
            **values,
        ),
        status,
    )


def refused(visit: Visit, error: TelewaveError) -> Response:
    """The sentence of an error as a page."""
    return page(visit, "refused.html", "", status=error.status, error=error)


def done(address: str, what: str = "") -> Response:
    """After a form was taken: the page to look at. `what`: what was done, which that page tells by a sentence of its
    own.
    """
    if what:
        address += ("&" if "?" in address else "?") + urlencode({"done": what})
    return RedirectResponse(address, 303)


def within(address: str) -> str:
    r"""An address if it is one of this server, else the first page.

    >>> within("/campaigns/a?b=1"), within("//elsewhere"), within("https://elsewhere"), within("/\\elsewhere")
    ('/campaigns/a?b=1', '/', '/', '/')
    """
    fine = (
        address.startswith("/")
        and not address.startswith("//")
        and "\\" not in address
        and address.isprintable()
    )
    return address if fine else "/"


def in_address(name: str) -> str:
    """A name as a part of an address."""
    return quote(name, safe="")
