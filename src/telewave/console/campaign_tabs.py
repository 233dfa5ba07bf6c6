"""The pages of one campaign, beside each other."""

from __future__ import annotations

from telewave.access.roles import Permission
from telewave.console.frame import in_address
from telewave.console.visit import Visit
from telewave.kernel import Label, Message
from telewave.platform.pages import Link

_TABS = (
    (Message("Plan and decisions"), "", Permission.CAMPAIGN_READ),
    (Message("What it earns"), "/results", Permission.CAMPAIGN_READ),
    (Message("The day's calls"), "/calls", Permission.CALLS_READ),
    (Label("Agents", "坐席情况"), "/agents", Permission.CALLS_READ),
)


def tabs_of(visit: Visit, name: str) -> tuple[Link, ...]:
    """Those that this person may see."""
    begin = f"/campaigns/{in_address(name)}"
    return tuple(Link(words, begin + end) for words, end, needed in _TABS if visit.may(needed))
