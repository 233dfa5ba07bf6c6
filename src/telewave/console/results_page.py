"""What a campaign earns, a day of its calls, its agents: the pages that the command line writes, served."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from telewave.access.roles import Permission
from telewave.approvals.usecases import find
from telewave.console.campaign_tabs import tabs_of
from telewave.console.campaign_told import plans_told
from telewave.console.frame import ASSETS, in_address, place_of
from telewave.console.visit import Visit, needs
from telewave.kernel import Message
from telewave.measurement.page import measured_page
from telewave.measurement.usecases import measure
from telewave.outbound.bulletin_page import bulletin_page
from telewave.outbound.bulletins import bulletin_of
from telewave.outbound.page import agents_page
from telewave.outbound.usecases import judge_agents
from telewave.platform.pages import Link, Place

router = APIRouter()


@router.get("/campaigns/{name}/results")
def results(name: str, visit: Visit = needs(Permission.CAMPAIGN_READ), as_of: date | None = None) -> Response:
    """The campaign against its holdout, by the records before `as_of` (none: today)."""
    with visit.workplace.warehouse() as warehouse:
        found = measure(warehouse, visit.database, name, as_of or visit.today, zone=visit.now.tzinfo or UTC)
    return _served(
        measured_page(
            found, visit.language, simulated=visit.workplace.simulated, place=_place(visit, name, "/results")
        )
    )


@router.get("/campaigns/{name}/calls")
def bulletin(name: str, visit: Visit = needs(Permission.CALLS_READ), day: date | None = None) -> Response:
    """A day of calls (none: today, or the plan's last one where that is over)."""
    with visit.workplace.warehouse() as warehouse:
        found = bulletin_of(
            warehouse, visit.database, name, day or _newest_day(visit, name), visit.now.tzinfo
        )
    return _served(
        bulletin_page(
            found, visit.language, simulated=visit.workplace.simulated, place=_place(visit, name, "/calls")
        )
    )


@router.get("/campaigns/{name}/agents")
def agents(name: str, visit: Visit = needs(Permission.CALLS_READ), as_of: date | None = None) -> Response:
    """Who needs help, by the calls before `as_of` (none: today)."""
    with visit.workplace.warehouse() as warehouse:
        found = judge_agents(warehouse, visit.database, name, as_of or visit.today)
    return _served(
        agents_page(
            found, visit.language, simulated=visit.workplace.simulated, place=_place(visit, name, "/agents")
        )
    )


def _newest_day(visit: Visit, name: str) -> date:
    told = plans_told(visit.database, find(visit.database, name))
    return min([visit.today, *(date.fromisoformat(one.content["to"]) for one in told[-1:])])


def _place(visit: Visit, name: str, tab: str) -> Place:
    """Beside the campaign's other pages; the first leads back to the console."""
    here = f"/campaigns/{in_address(name)}{tab}"
    links = (Link(Message("Today"), "/"), *tabs_of(visit, name))
    return replace(place_of(visit, here), siblings=links, here=here, assets=ASSETS)


def _served(text: str) -> Response:
    return HTMLResponse(text)
