"""`telewave migrate` and `telewave doctor`: what is done to a home as a whole."""

from __future__ import annotations

import typer

from telewave.kernel import Message, Missing
from telewave.platform.terminal import Session, spoken


class NoHome(Missing):
    """There is no home folder {home}. Name the right one in TELEWAVE_HOME."""

    code = "no_home"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("migrate", help=spoken("Bring the operations database to the schema of this version."))(
        migrate_command
    )
    app.command("doctor", help=spoken("Check whether the home is whole, and say what to restore."))(
        doctor_command
    )


def migrate_command(context: typer.Context) -> None:
    """Migrate, and say from where to where."""
    from telewave.bootstrap import open_database
    from telewave.platform.migrating import REVISIONS

    session: Session = context.obj
    database = open_database(session.settings, session.clock)
    try:
        before = database.revision()
        database.migrate()
    finally:
        database.close()
    newest = REVISIONS[-1]
    if before == newest:
        session.say(
            Message("The operations database is at the newest schema, {newest}, already.", newest=newest)
        )
    elif before is None:
        session.say(Message("The operations database was made, at schema {newest}.", newest=newest))
    else:
        session.say(
            Message(
                "The operations database was brought from schema {before} to {newest}.",
                before=before,
                newest=newest,
            )
        )


def doctor_command(context: typer.Context) -> None:
    """Check everything and change nothing; ends with code 1 where something is wrong. Raises `NoHome`."""
    from telewave.bootstrap import open_database, open_warehouse
    from telewave.upkeep.examining import CHECKS, examine

    session: Session = context.obj
    settings = session.settings
    if not settings.home.is_dir():
        raise NoHome(home=str(settings.home))
    warehouse, database = open_warehouse(settings, session.clock), open_database(settings, session.clock)
    try:
        with session.progress.step(Message("Checking the home")):
            found = examine(settings, warehouse, database)
    finally:
        database.close()
        warehouse.engine.close()
    wrong = {fault.check for fault in found}
    session.table(
        Message("The home {home}", home=str(settings.home)),
        [Message("Checked"), Message("Result")],
        [
            [check.value, Message("something is wrong") if check in wrong else Message("in order")]
            for check in CHECKS
        ],
    )
    if found:
        session.table(
            Message("What is wrong, and what to do"),
            [Message("Checked"), Message("Finding")],
            [[fault.check.value, fault.told] for fault in found],
        )
        raise typer.Exit(1)
