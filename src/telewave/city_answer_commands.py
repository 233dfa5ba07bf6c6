"""`telewave campaign simulate`, `dial`: the simulated city answers what was let go, or a batch of calls."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from telewave.kernel import Figure, Message
from telewave.platform.command_line import BatchLines, ByInLedger, CampaignName
from telewave.platform.days import parse_day
from telewave.platform.terminal import Session, spoken

City = Annotated[
    Path, typer.Argument(help=spoken("Folder of the simulated city whose records are in this home."))
]
Before = Annotated[
    str, typer.Option("--before", help=spoken("Let the city live up to this day, year-month-day."))
]
To = Annotated[Path, typer.Option("--to", help=spoken("Folder for the results and the records."))]


def register_answers(group: typer.Typer) -> None:
    """Add the command to the group `campaign`."""
    group.command(
        "simulate",
        help=spoken(
            "Let a simulated city answer the contacts that were let go: results and orders as files, as a "
            "call centre and a BSS would give them back."
        ),
    )(simulate_command)
    group.command(
        "dial",
        help=spoken(
            "Let a simulated city be the dialler of a batch of calls: taken out, answered, taken in."
        ),
    )(dial_command)


def dial_command(
    context: typer.Context, name: CampaignName, city: City, lines: BatchLines, by: ByInLedger
) -> None:
    """A batch out, its answers in."""
    from collections import Counter

    from telewave.approvals.model import check_person
    from telewave.city_dialler import CityDialler
    from telewave.outbound.dialling import dial, take_in
    from telewave.outbound.dispositions import CallResult
    from telewave.records.key_keeping import open_keys

    session: Session = context.obj
    check_person(by)
    now = session.clock.now()
    keys = open_keys(session.settings.keys, session.database, create=False)
    stores = (session.warehouse, session.database, keys)
    with session.progress.step(Message("The city answers")):
        dialler = CityDialler(city)
        batch = dial(stores, name, dialler, lines=lines, has=(), by=by, now=now)
        found = take_in(session.database, batch.campaign, dialler.results(), by.strip(), now)
    counts = Counter(one.result for one in found)
    session.table(
        Message("What became of the calls"),
        (Message("Disposition"), Message("Calls")),
        [(Figure(one.value, one.label), counts[one]) for one in CallResult if counts[one]],
    )
    session.say(
        Message(
            "Simulated: {lines:,} contacts were dialled in the city, and {results:,} results taken over.",
            lines=len(batch.lines),
            results=len(found),
        )
    )


def simulate_command(context: typer.Context, name: CampaignName, city: City, before: Before, to: To) -> None:
    """Answer, write, say how to go on."""
    from telewave.city_answers import RESULTS, answer

    session: Session = context.obj
    done = answer(session, name, city, parse_day(before), to)
    session.say(
        Message(
            "Simulated: {contacts:,} contacts were let go, and {results:,} have a result; {orders:,} orders were made, "
            "those that came by themselves among them.",
            contacts=done.contacts,
            results=done.results,
            orders=done.orders,
        )
    )
    session.say(Message("Take it over with:"))
    session.say(Message("telewave campaign results {name} {path} --by YOU", name=name, path=to / RESULTS))
    session.say(f"telewave ingest {to}")
