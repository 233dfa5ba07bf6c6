"""`telewave audit`: who did what and who saw whose numbers, and whether that record is whole. Assembly only."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from telewave.kernel import Message
from telewave.platform.days import parse_day
from telewave.platform.terminal import Session, spoken

Person = Annotated[str, typer.Option("--by", help=spoken("Only what this person did."))]
About = Annotated[
    str, typer.Option("--about", help=spoken("Only what is about this campaign, purpose or file."))
]
Did = Annotated[
    str,
    typer.Option(
        "--action", help=spoken("Only this action, or all of a resource, such as plan or subscriber.")
    ),
]
Since = Annotated[str, typer.Option("--since", help=spoken("First day, year-month-day."))]
Until = Annotated[str, typer.Option("--until", help=spoken("Last day, year-month-day."))]
Most = Annotated[int, typer.Option("--limit", min=1, help=spoken("Entries to show, the newest."))]
Seen = Annotated[
    str,
    typer.Option(
        "--subscriber", help=spoken("Instead: who saw the number of this subscriber, when and what for.")
    ),
]


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(
        help=spoken("Audit: who did what, who saw whose numbers, and whether the record is whole.")
    )
    group.command("show", help=spoken("Show who did what, the newest first."))(show_command)
    group.command(
        "verify", help=spoken("Check that no entry was changed, removed or moved, and keep an anchor.")
    )(verify_command)
    app.add_typer(group, name="audit")


def show_command(
    context: typer.Context,
    by: Person = "",
    about: About = "",
    action: Did = "",
    since: Since = "",
    until: Until = "",
    limit: Most = 50,
    subscriber: Seen = "",
) -> None:
    """The log, or who saw one subscriber's number."""
    from telewave.audit.store import found
    from telewave.audit.words import AUDIT_COLUMNS, AUDIT_TITLE, audit_row

    session: Session = context.obj
    if subscriber:
        _show_who_saw(session, subscriber)
        return
    entries = found(
        session.database,
        person=by.strip(),
        about=about.strip(),
        action=action.strip(),
        first=_midnight(session, parse_day(since)) if since else None,
        end=_midnight(session, parse_day(until) + timedelta(days=1)) if until else None,
        most=limit,
    )
    if not entries:
        session.say(Message("Nothing of the kind is in the audit log."))
        return
    session.table(AUDIT_TITLE, AUDIT_COLUMNS, [audit_row(one, session.clock.local) for one in entries])


def _show_who_saw(session: Session, subscriber: str) -> None:
    from telewave.records.identities import number_of
    from telewave.records.key_keeping import open_keys
    from telewave.records.numbering import lines_of
    from telewave.records.revealing import seen_by

    keys = open_keys(session.settings.keys, session.database, create=False)
    number = number_of(
        session.database, keys, subscriber, session.settings.country, lines=lines_of(session.warehouse)
    )
    found = seen_by(session.database, number)
    if not found:
        session.say(Message("Nobody has seen the number of this subscriber."))
        return
    session.table(
        Message("Who saw the number of this subscriber, the last first"),
        [Message("When"), Message("Who"), Message("What for")],
        [[_when(session, one.at), one.person, one.purpose] for one in found],
    )


def verify_command(context: typer.Context) -> None:
    """Read the whole log and compare it with the anchors; ends with code 1 where something is wrong."""
    from telewave.audit.usecases import verify
    from telewave.records.revealing import reveals_apart

    session: Session = context.obj
    path = session.settings.anchors
    with session.progress.step(Message("Reading the audit log")):
        done = verify(session.database, path, session.clock.now())
        apart = reveals_apart(session.database, done.revealed)
    told = [one.told for one in done.found]
    told += [
        Message("Reveal {number} is on record with other subscribers than the audit log tells.", number=one)
        for one in apart
    ]
    if told:
        session.table(Message("What is wrong with the record"), [Message("Finding")], [[one] for one in told])
        session.say(
            Message(
                "Keep the database as it is as evidence, in a copy. What was so can be read from the last backup of "
                "which `telewave audit verify` finds nothing wrong."
            ),
            style="red",
        )
        raise typer.Exit(1)
    session.say(
        Message(
            "The audit log is whole: {entries:,} entries, compared with {anchors:,} anchors.",
            entries=done.end.sequence,
            anchors=done.anchors,
        ),
        style="green",
    )
    if done.kept is not None:
        session.say(
            Message(
                "An anchor was added to {path}. Keep a copy of this file where nobody who can write the database can "
                "write: it is what a log written anew would be found by.",
                path=path,
            )
        )


def _when(session: Session, at: datetime) -> str:
    return f"{session.clock.local(at):%Y-%m-%d %H:%M:%S}"


def _midnight(session: Session, day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(session.clock.timezone))
