"""Commands of `halls`: set, book, list, called; and those of the desk, which have a module of their own."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from telewave.contacts.terminal import told_by
from telewave.halls.terminal import HallName, Number, outcome_read, say_standing, shown_number
from telewave.kernel import Figure, Message
from telewave.platform.command_line import ByInLog, CampaignName, ListTo, NumbersTo, ShownTo
from telewave.platform.days import parse_day
from telewave.platform.terminal import Session, TableCell, spoken

if TYPE_CHECKING:
    from telewave.halls.reservation import Hall, Reservation

Caller = Annotated[str, typer.Option("--caller", help=spoken("Who makes the second calls of this hall."))]
Weekdays = Annotated[
    str, typer.Option("--days", help=spoken("Days on which the list is opened, such as mon,wed,fri."))
]
Appointments = Annotated[
    Path,
    typer.Argument(
        help=spoken("CSV of willing customers with the columns contact, hall and, where named, day.")
    ),
]
Gift = Annotated[
    str, typer.Option("--gift", help=spoken("Recall gift to keep for each, as long as some are free."))
]
Due = Annotated[bool, typer.Option("--due", help=spoken("Only those whose second call is due today."))]
Since = Annotated[str, typer.Option("--since", help=spoken("First day of what happened, year-month-day."))]
Outcome = Annotated[
    str,
    typer.Option(
        "--outcome", help=spoken("What became of the call: coming, no_answer, refused or do_not_contact.")
    ),
]


def register(app: typer.Typer) -> None:
    """Add the group of commands to `app`."""
    from telewave.halls.desk_command import register_desk

    group = typer.Typer(no_args_is_help=True)
    group.command("set", help=spoken("Enter a hall, with who makes its second calls and on which days."))(
        set_command
    )
    group.command("book", help=spoken("Give willing customers a reservation in the hall they chose."))(
        book_command
    )
    group.command("list", help=spoken("Show a hall's list, or without a hall all halls."))(list_command)
    group.command("called", help=spoken("Note what became of a second call."))(called_command)
    group.command(
        "records", help=spoken("Write what happened in halls as records of contacts, to be ingested.")
    )(records_command)
    register_desk(group)
    app.add_typer(group, name="halls")


def set_command(context: typer.Context, hall: HallName, caller: Caller, days: Weekdays, by: ByInLog) -> None:
    """Enter or change it."""
    from telewave.halls.second_call import weekdays_read
    from telewave.halls.usecases import set_hall

    session: Session = context.obj
    told = told_by(session, by, "")
    set_hall(session.database, hall, told_by(session, caller, "").by, weekdays_read(days))
    session.say(
        Message(
            "{hall}: {caller} calls a second time. Entered by {by}.", hall=hall, caller=caller, by=told.by
        )
    )


def book_command(
    context: typer.Context, campaign: CampaignName, file: Appointments, by: ByInLog, gift: Gift = ""
) -> None:
    """All of the file, or nothing."""
    from telewave.halls.appointments_file import read_appointments
    from telewave.halls.usecases import book

    session: Session = context.obj
    told = told_by(session, by, file.name)
    found = book(
        session.warehouse, session.database, campaign, read_appointments(file), told, gift.strip() or None
    )
    session.table(
        Message("New reservations"),
        [
            Message("Contact"),
            Message("Reservation"),
            Message("Hall"),
            Message("Second call due"),
            Message("Recall gift"),
        ],
        [
            [one.contact, shown_number(one.number), one.hall, _day(one.due_on), one.gift or ""]
            for one in found.made
        ],
    )
    session.say(
        Message(
            "{made:,} reservations were made; {known:,} contacts had one already.",
            made=len(found.made),
            known=found.known,
        )
    )
    if found.objected:
        session.say(
            Message(
                "{count:,} customers have objected to being called, and have none.", count=found.objected
            ),
            style="yellow",
        )


def list_command(
    context: typer.Context,
    hall: Annotated[str, typer.Argument(help=spoken("Name of the hall; none: all halls."))] = "",
    due: Due = False,
    to: NumbersTo = None,
    by: ShownTo = "",
) -> None:
    """The list, and who calls; in a file with outside numbers."""
    from telewave.halls.hall_list import COLUMNS, rows_of
    from telewave.halls.usecases import listed

    session: Session = context.obj
    if not hall:
        _all_halls(session)
        return
    known, found = listed(session.database, hall, session.clock.today(), only_due=due)
    session.table(Message("Who is expected in {hall}", hall=hall), COLUMNS, rows_of(found))
    session.say(Message("{caller} calls them a second time.", caller=known.caller))
    if to is not None:
        _write(session, known, found, to, by)


def records_command(context: typer.Context, since: Since, to: ListTo, by: ShownTo) -> None:
    """Visits, and offers to who came for something else."""
    from telewave.halls.hall_records import HEADERS, lines_of
    from telewave.halls.recording import happened
    from telewave.platform.lists import write_list
    from telewave.records.key_keeping import open_keys
    from telewave.records.revealing import reveal

    session: Session = context.obj
    zone = session.clock.now().tzinfo
    assert zone is not None  # noqa: S101 - a clock's instants have one
    found = happened(session.warehouse, session.database, parse_day(since), zone)
    keys = open_keys(session.settings.keys, session.database, create=False)
    people = [one.subscriber for one in found]
    numbers = reveal(
        session.database, keys, people, by=by, purpose="records of halls", now=session.clock.now()
    )
    write_list(to, HEADERS, lines_of(found, numbers, zone))
    session.say(
        Message(
            "{rows:,} contacts in halls are in {path}. Take them in with a mapping file that says: table: contacts",
            rows=len([one for one in numbers if one is not None]),
            path=to,
        )
    )


def _all_halls(session: Session) -> None:
    from telewave.halls.usecases import all_halls

    rows: list[list[TableCell]] = [
        [
            name,
            standing,
            one.caller,
            one.waiting,
            one.windows,
            Message("busy") if one.busy else Message("idle"),
        ]
        for name, (one, standing) in all_halls(session.database, session.clock.today()).items()
    ]
    session.table(
        Message("Halls"),
        [
            Message("Hall"),
            Message("Expected"),
            Message("Second caller"),
            Message("Waiting"),
            Message("Windows"),
            Message("Load"),
        ],
        rows,
    )


def _write(session: Session, hall: Hall, found: list[Reservation], to: Path, by: str) -> None:
    from telewave.halls.hall_list import HEADERS, lines_of
    from telewave.halls.usecases import pitches_of
    from telewave.platform.lists import write_list
    from telewave.records.key_keeping import open_keys
    from telewave.records.revealing import reveal

    keys = open_keys(session.settings.keys, session.database, create=False)
    people = [one.subscriber for one in found]
    purpose = f"list of the hall {hall.hall}"
    numbers = reveal(session.database, keys, people, by=by, purpose=purpose, now=session.clock.now())
    lines = lines_of(hall, found, numbers, pitches_of(session.database, found), session.language)
    write_list(to, [session.text(head) for head in HEADERS], lines)
    session.say(Message("{rows:,} reservations are in {path}.", rows=len(found), path=to))


def called_command(context: typer.Context, reservation: Number, outcome: Outcome, by: ByInLog) -> None:
    """One call."""
    from telewave.halls.model import SecondCall
    from telewave.halls.reservation_number import serial_of
    from telewave.halls.usecases import second_call

    session: Session = context.obj
    found = second_call(
        session.database, serial_of(reservation), outcome_read(SecondCall, outcome), told_by(session, by, "")
    )
    say_standing(session, found)
    if found.due_on is not None:
        session.say(Message("The next call is due on {day}.", day=found.due_on))


def _day(day: date | None) -> TableCell:
    return "" if day is None else Figure(day, day.isoformat())
