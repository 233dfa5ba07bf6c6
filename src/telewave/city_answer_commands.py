"""`telewave campaign simulate`: the simulated city answers what was let go."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from telewave.kernel import Message
from telewave.platform.days import parse_day
from telewave.platform.terminal import Session, spoken

Name = Annotated[str, typer.Argument(help=spoken("Name of the campaign."))]
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


def simulate_command(context: typer.Context, name: Name, city: City, before: Before, to: To) -> None:
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
