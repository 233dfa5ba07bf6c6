"""All campaigns, and how each stands."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from telewave.access.roles import Permission
from telewave.approvals.approval import Standing, state_of
from telewave.approvals.usecases import campaigns, find
from telewave.console.campaign_told import headline, plans_told, title_told
from telewave.console.frame import in_address, page
from telewave.console.visit import Visit, needs
from telewave.kernel import Label, Message

router = APIRouter()


@router.get("/campaigns")
def all_campaigns(visit: Visit = needs(Permission.CAMPAIGN_READ)) -> Response:
    """A card for each."""
    cards = [_card(visit, name, newest) for name, newest in campaigns(visit.database)]
    return page(visit, "campaigns.html", "/campaigns", cards=cards)


def _card(visit: Visit, name: str, newest: Standing) -> dict[str, Label | Message | str | None]:
    told = plans_told(visit.database, find(visit.database, name))
    return {
        "title": title_told(told, name),
        "name": name,
        "address": f"/campaigns/{in_address(name)}",
        "state": state_of(told[-1].standing if told else newest).label,
        "headline": headline(told[-1].content) if told else None,
    }
