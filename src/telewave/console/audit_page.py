"""Who did what, the newest first; searched by person, by what it is about, by action."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from telewave.access.roles import Permission
from telewave.audit.model import Action
from telewave.audit.store import found
from telewave.audit.words import AUDIT_COLUMNS, AUDIT_TITLE, audit_row
from telewave.console.frame import page
from telewave.console.visit import Visit, needs
from telewave.platform.days import parse_day
from telewave.platform.pages.page_table import page_table

router = APIRouter()
MOST = 200
"""Entries on a page."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Search:
    """What was asked for."""

    by: str
    about: str
    action: str
    since: date | None
    until: date | None


@router.get("/audit")
def log(
    by: Annotated[str, Query(max_length=200)] = "",
    about: Annotated[str, Query(max_length=500)] = "",
    action: Annotated[str, Query(max_length=60)] = "",
    since: Annotated[str, Query(max_length=20)] = "",
    until: Annotated[str, Query(max_length=20)] = "",
    visit: Visit = needs(Permission.AUDIT_READ),
) -> Response:
    """The newest entries that agree with all that is given. Raises `UnreadableDay`."""
    asked = Search(by=by.strip(), about=about.strip(), action=action, since=_day(since), until=_day(until))
    after = None if asked.until is None else asked.until + timedelta(days=1)
    entries = found(
        visit.database,
        person=asked.by,
        about=asked.about,
        action=asked.action,
        first=_midnight(visit, asked.since),
        end=_midnight(visit, after),
        most=MOST,
    )
    rows = [audit_row(one, visit.local) for one in entries]
    table = page_table(AUDIT_TITLE, AUDIT_COLUMNS, rows, (), visit.language)
    return page(
        visit, "audit.html", "/audit", table=table, asked=asked, actions=list(Action), full=len(rows) == MOST
    )


def _day(text: str) -> date | None:
    return parse_day(text) if text else None


def _midnight(visit: Visit, day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(0), visit.now.tzinfo)
