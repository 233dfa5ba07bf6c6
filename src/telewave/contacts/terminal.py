"""What the commands of `contacts` share: how they take a campaign and a day, and how they say who fell out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from telewave.kernel import Figure, Message
from telewave.platform.terminal import Session, spoken

if TYPE_CHECKING:
    from telewave.contacts.reasons import FallsOut

Name = Annotated[str, typer.Argument(help=spoken("Name of the campaign."))]
Day = Annotated[str, typer.Option("--day", help=spoken("Day of the contacts, year-month-day; none: today."))]


def say_fallen_out(session: Session, fell_out: Mapping[FallsOut, int]) -> None:
    """A line for each reason, where there are any."""
    if fell_out:
        session.table(
            Message("Approved contacts that are not handed out"),
            [Message("Reason"), Message("Contacts")],
            [[Figure(reason.value, reason.label), count] for reason, count in fell_out.items()],
        )
