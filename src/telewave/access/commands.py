"""Commands of `access`: `telewave people`."""

from __future__ import annotations

from typing import Annotated

import typer

from telewave.kernel import Message
from telewave.platform.command_line import By
from telewave.platform.terminal import Session, spoken

Name = Annotated[str, typer.Argument(help=spoken("Name of the person."))]

Roles = Annotated[
    str,
    typer.Option(
        "--roles",
        help=spoken("One or several, with commas: manager, analyst, lead, agent, executive, administrator."),
    ),
]


def register(app: typer.Typer) -> None:
    """Add the group of commands to `app`."""
    group = typer.Typer(
        no_args_is_help=True, help=spoken("People who sign in to the console, and their roles.")
    )
    group.command("add", help=spoken("Add somebody, and show the password to sign in with once."))(
        add_command
    )
    group.command("list", help=spoken("List everybody."))(list_command)
    group.command("roles", help=spoken("Give somebody other roles."))(roles_command)
    group.command("password", help=spoken("Give somebody a new password to sign in with once."))(
        password_command
    )
    group.command("lock", help=spoken("Sign somebody out, and let him sign in no more."))(lock_command)
    group.command("unlock", help=spoken("Let somebody sign in again."))(unlock_command)
    app.add_typer(group, name="people")


def add_command(context: typer.Context, name: Name, roles: Roles, by: By) -> None:
    """Add, and show the password this once."""
    from telewave.access.model import check_name
    from telewave.access.roles import parse_roles
    from telewave.access.usecases import add_person

    session: Session = context.obj
    who = check_name(by)
    password = add_person(session.database, name, parse_roles(roles), who, session.clock.now())
    _show(session, name, password)


def list_command(context: typer.Context) -> None:
    """By name."""
    from telewave.access.model import joined_roles
    from telewave.access.usecases import everybody

    session: Session = context.obj
    found = everybody(session.database)
    if not found:
        session.say(
            Message(
                "Nobody can sign in yet. Add the first one: telewave people add NAME --roles administrator --by NAME"
            )
        )
        return
    rows = [
        (
            one.name,
            joined_roles(list(one.roles)),
            one.state,
            session.clock.local(one.added_at).date(),
        )
        for one in found
    ]
    columns = (Message("Name"), Message("Roles"), Message("State"), Message("Added on"))
    session.table(Message("Staff"), columns, rows)


def roles_command(context: typer.Context, name: Name, roles: Roles, by: By) -> None:
    """From the next page on."""
    from telewave.access.model import check_name, joined_roles
    from telewave.access.roles import parse_roles
    from telewave.access.usecases import change_roles

    session: Session = context.obj
    found = change_roles(session.database, name, parse_roles(roles), check_name(by), session.clock.now())
    session.say(Message("{name}: {roles}.", name=found.name, roles=joined_roles(list(found.roles))))


def password_command(context: typer.Context, name: Name, by: By) -> None:
    """Show it this once."""
    from telewave.access.model import check_name
    from telewave.access.usecases import give_password

    session: Session = context.obj
    _show(session, name, give_password(session.database, name, check_name(by), session.clock.now()))


def lock_command(context: typer.Context, name: Name, by: By) -> None:
    """At once."""
    from telewave.access.model import check_name
    from telewave.access.usecases import lock

    session: Session = context.obj
    found = lock(session.database, name, check_name(by), session.clock.now())
    session.say(Message("{name} is signed out, and cannot sign in any more.", name=found.name))


def unlock_command(context: typer.Context, name: Name, by: By) -> None:
    """From now on."""
    from telewave.access.model import check_name
    from telewave.access.usecases import unlock

    session: Session = context.obj
    found = unlock(session.database, name, check_name(by), session.clock.now())
    session.say(Message("{name} can sign in again.", name=found.name))


def _show(session: Session, name: str, password: str) -> None:
    session.attach("password", password)
    session.say(
        Message(
            "{name} signs in with this password once, and then chooses another. It is shown here only: {password}",
            name=name,
            password=password,
        )
    )
