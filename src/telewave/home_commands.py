"""`telewave migrate`: what is done to a home as a whole."""

from __future__ import annotations

import typer

from telewave.bootstrap import open_database
from telewave.kernel import Message
from telewave.platform.migrating import REVISIONS
from telewave.platform.terminal import Session, spoken


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("migrate", help=spoken("Bring the operations database to the schema of this version."))(
        migrate_command
    )


def migrate_command(context: typer.Context) -> None:
    """Migrate, and say from where to where."""
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
