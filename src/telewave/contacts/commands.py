"""Command of `contacts`: `telewave campaign contacts`."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import pyarrow as pa
import pyarrow.compute as pc
import typer
from pyarrow import csv

from telewave.contacts.handing_out import hand_out
from telewave.kernel import Message
from telewave.platform.days import parse_day
from telewave.platform.files import filled_aside
from telewave.platform.terminal import Session, spoken

Name = Annotated[str, typer.Argument(help=spoken("Name of the campaign."))]
Contacts = Annotated[Path, typer.Option("--to", help=spoken("CSV file to write."))]
Day = Annotated[
    str, typer.Option("--day", help=spoken("Only the contacts of this day, year-month-day; none: all."))
]


def register_contacts(group: typer.Typer) -> None:
    """Add the command to the group `campaign`."""
    group.command(
        "contacts",
        help=spoken(
            "Write the contacts of the launched plan as CSV, to be carried out; refused if they are not what was approved."
        ),
    )(contacts_command)


def contacts_command(context: typer.Context, name: Name, to: Contacts, day: Day = "") -> None:
    """Compare with what was approved, then write."""
    session: Session = context.obj
    write_contacts(session, name, to, parse_day(day) if day else None)


def write_contacts(session: Session, name: str, to: Path, day: date | None = None) -> None:
    """The launched plan's contacts (of one day, or all) as comma-separated text. Raises what `hand_out` raises, `FileNotWritten`."""
    rows = hand_out(session.warehouse, session.database, name)
    if day is not None:
        rows = rows.filter(pc.equal(rows["day"], pa.scalar(day)))
    with filled_aside(to) as aside:
        csv.write_csv(rows, aside)
    session.say(Message("{rows:,} contacts are in {path}.", rows=len(rows), path=to))
