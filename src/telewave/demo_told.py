"""What the demo tells of halls, parcels, calls and agents once the campaign is over: a sentence or a small table each,
the command that a person would use, and the page. Assembly only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from telewave.briefs.model import Brief
from telewave.demo_desks import planned_rows
from telewave.demo_pages import (
    AGENTS,
    BULLETIN,
    PARCELS,
    agents_tile,
    bulletin_tile,
    nothing_tile,
    parcels_tile,
    place,
)
from telewave.fulfilment.page import parcels_page
from telewave.fulfilment.parcel_words import funnel, stage_columns, stage_rows
from telewave.fulfilment.usecases import late, reached
from telewave.halls.recording import by_hall
from telewave.kernel import Message
from telewave.outbound.agent_words import AGENT_COLUMNS, agent_rows
from telewave.outbound.agent_words import headline as of_agents
from telewave.outbound.agents import JudgedAgents, Verdict
from telewave.outbound.bulletin_page import bulletin_page
from telewave.outbound.bulletin_words import in_short
from telewave.outbound.bulletins import bulletin_of
from telewave.outbound.page import agents_page
from telewave.outbound.told_calls import CALLS
from telewave.outbound.usecases import NoAgentsToCompare, judge_agents
from telewave.platform.files import write_whole
from telewave.platform.languages import LANGUAGES
from telewave.platform.pages.front import Tile
from telewave.platform.terminal import Session


def tell_halls(session: Session, campaign: str) -> None:
    """Who was expected in halls, came and ordered there."""
    halls = by_hall(session.database, campaign)
    session.say(Message("Halls"), style="bold")
    session.say(
        Message(
            "Of {made:,} customers who said yes on the phone and have a reservation in a hall, {came:,} came and "
            "{ordered:,} ordered there.",
            made=sum(one.made for one in halls),
            came=sum(one.came for one in halls),
            ordered=sum(one.ordered for one in halls),
        )
    )
    columns = (Message("Hall"), Message("Reservations"), Message("Came"), Message("Ordered"))
    session.table(Message("By hall"), columns, [(one.hall, one.made, one.came, one.ordered) for one in halls])
    session.say(Message("  telewave halls book {name} FILE --by YOU", name=campaign))
    session.say(Message("  telewave halls arrive HALL --phone NUMBER --by YOU"))


def tell_parcels(session: Session, campaign: str, now: datetime, folder: Path) -> Tile:
    """How far parcels came, and what of their money is there."""
    found = reached(session.database)
    whole = funnel(found, by="")
    counts, failed = (whole[0].counts, whole[0].failed) if whole else ((0,), 0)
    session.say(Message("Parcels"), style="bold")
    session.say(
        Message(
            "Of {ordered:,} orders to be brought {closed:,} were accepted and are paid to the cent, as the couriers' "
            "statements say; {failed:,} were refused at the door.",
            ordered=counts[0],
            closed=counts[-1],
            failed=failed,
        )
    )
    session.table(
        Message("By courier"), stage_columns(Message("Courier")), stage_rows(funnel(found, by="courier"))
    )
    session.say(Message("  telewave fulfilment take {name} FILE --by YOU", name=campaign))
    session.say(Message("  telewave fulfilment import FILE --by YOU"))
    session.say(Message("  telewave fulfilment reconcile FILE --courier NAME --by YOU"))
    if failed:
        session.say(
            Message(
                "To approach the others a second time: telewave fulfilment again {name} --by YOU",
                name=campaign,
            )
        )
    stuck = [
        one if one.due_at is None else replace(one, due_at=session.clock.local(one.due_at))
        for one in late(session.database, now)
    ]
    for language in LANGUAGES:
        page = parcels_page(found, stuck, now, language, simulated=True, place=place(PARCELS, language))
        write_whole(folder / f"{PARCELS}.{language}.html", page)
    return parcels_tile(counts[0], counts[-1], failed)


def tell_calls(
    session: Session, brief: Brief, as_of: date, strengths: Mapping[str, float], folder: Path
) -> list[Tile]:
    """Whom to coach, with the simulator's truth beside it; and the bulletin of the last day with calls."""
    session.say(Message("Agents"), style="bold")
    try:
        found = judge_agents(session.warehouse, session.database, brief.id, as_of)
    except NoAgentsToCompare as why:
        session.say(why.message)
        return [
            nothing_tile(folder, AGENTS, why.message),
            nothing_tile(folder, BULLETIN, why.message),
        ]
    for sentence in [*of_agents(found), strength_words(found, strengths)]:
        session.say(sentence)
    session.table(Message("The campaign's agents"), AGENT_COLUMNS, agent_rows(found))
    session.say(f"  telewave outbound agents {brief.id} --as-of {as_of}")
    for language in LANGUAGES:
        page = agents_page(found, language, simulated=True, place=place(AGENTS, language))
        write_whole(folder / f"{AGENTS}.{language}.html", page)
    return [agents_tile(found), _bulletin(session, brief, folder)]


def _bulletin(session: Session, brief: Brief, folder: Path) -> Tile:
    day = last_day_of_calls(session, brief)
    found = bulletin_of(session.warehouse, session.database, brief.id, day, session.clock.now().tzinfo)
    session.say(Message("Bulletin of {day}:", day=day), style="bold")
    session.say(in_short(found))
    session.say(f"  telewave outbound bulletin {brief.id} --day {day}")
    for language in LANGUAGES:
        page = bulletin_page(found, language, simulated=True, place=place(BULLETIN, language))
        write_whole(folder / f"{BULLETIN}.{language}.html", page)
    return bulletin_tile(found)


def last_day_of_calls(session: Session, brief: Brief) -> date:
    """The last day for which the launched plan has calls; without any, the campaign's first."""
    rows = planned_rows(session, brief)
    calls = {one.id for one in brief.channels if one.records in CALLS}
    pairs = zip(rows["channel"].to_pylist(), rows["day"].to_pylist(), strict=True)
    return max((day for channel, day in pairs if day and channel in calls), default=brief.first)


def strength_words(found: JudgedAgents, strengths: Mapping[str, float]) -> Message:
    """Who is truly the weakest, which only a simulation knows, and whether the calls could tell."""
    there = [found.names[one.agent] for one in found.agents if found.names[one.agent] in strengths]
    weakest = min(there, key=lambda name: strengths[name])
    low = [found.names[one.agent] for one in found.agents if one.verdict is Verdict.LOW]
    calls = sum(one.reached for one in found.agents)
    facts = {"name": weakest, "strength": strengths[weakest], "calls": calls}
    if weakest in low:
        return Message(
            "In the simulated city {name} is truly the weakest ({strength:+.1f} standard deviations of skill), and "
            "{calls:,} calls that reached somebody were enough to know it.",
            **facts,
        )
    return Message(
        "In the simulated city {name} is truly the weakest ({strength:+.1f} standard deviations of skill); {calls:,} "
        "calls that reached somebody cannot tell this from luck.",
        **facts,
    )
