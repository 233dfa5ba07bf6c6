"""Command of `contacts`: `telewave campaign contacts`."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from telewave.contacts.terminal import Day, say_fallen_out
from telewave.kernel import Message
from telewave.platform.command_line import CampaignName, ListTo, TakenBy
from telewave.platform.days import parse_day
from telewave.platform.lists import write_list
from telewave.platform.terminal import Session, spoken

if TYPE_CHECKING:
    from telewave.contacts.work_list import HandedOut


def register_contacts(group: typer.Typer) -> None:
    """Add the command to the group `campaign`."""
    group.command(
        "contacts",
        help=spoken(
            "Write the launched plan's contacts of one day, to be carried out; consent, orders and all "
            "else are asked again."
        ),
    )(contacts_command)


def contacts_command(
    context: typer.Context, name: CampaignName, to: ListTo, by: TakenBy, day: Day = ""
) -> None:
    """Ask everything again, then write."""
    session: Session = context.obj
    write_contacts(session, name, to, parse_day(day) if day else session.clock.today(), by)


def write_contacts(session: Session, name: str, to: Path, day: date, by: str) -> None:
    """The launched plan's contacts of `day` as a list. Raises what `hand_out` raises, `FileNotWritten`."""
    from telewave.contacts.handing_out import hand_out
    from telewave.contacts.work_list import HEADERS, lines_of
    from telewave.records.key_keeping import open_keys

    keys = open_keys(session.settings.keys, session.database, create=False)
    with session.progress.step(Message("Asking consent, orders, stock and capacity again")):
        found = hand_out(session.warehouse, session.database, keys, name, day, by=by, now=session.clock.now())
    write_list(to, [session.text(head) for head in HEADERS], lines_of(found, session.language))
    session.attach("handed_out", object_of(found, name, day, to))
    session.say(Message("{rows:,} contacts of {day} are in {path}.", rows=len(found.rows), day=day, path=to))
    if found.with_agents:
        session.say(
            Message(
                "{count:,} more are with agents, who make them one at a time (telewave outbound next).",
                count=found.with_agents,
            )
        )
    say_fallen_out(session, found.fell_out)


def object_of(found: HandedOut, campaign: str, day: date, file: Path) -> dict[str, Any]:
    """What a script is told of a hand-out: who falls out is counted by the codes of `FallsOut`."""
    return {
        "campaign": campaign,
        "day": day.isoformat(),
        "file": str(file),
        "contacts": len(found.rows),
        "with_agents": found.with_agents,
        "fell_out": {reason.value: count for reason, count in found.fell_out.items()},
    }
