"""What the commands of `contacts` share: how they take a campaign and a day, and how they say who fell out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from telewave.kernel import Figure, Message
from telewave.platform.terminal import Session, spoken

if TYPE_CHECKING:
    from telewave.contacts.reasons import FallsOut
    from telewave.contacts.settling import Told, WhoIs

Day = Annotated[str, typer.Option("--day", help=spoken("Day of the contacts, year-month-day; none: today."))]


def say_fallen_out(session: Session, fell_out: Mapping[FallsOut, int]) -> None:
    """A line for each reason, where there are any."""
    if fell_out:
        session.table(
            Message("Approved contacts that are not handed out"),
            [Message("Reason"), Message("Contacts")],
            [[Figure(reason.value, reason.label), count] for reason, count in fell_out.items()],
        )


def told_by(session: Session, by: str, file: str) -> Told:
    """Who tells something now, and in which file. Raises `NoPerson`, `LongPersonName`."""
    from telewave.approvals.model import check_person
    from telewave.contacts.settling import Told

    check_person(by)
    return Told(by=by.strip(), now=session.clock.now(), file=file)


def who_is(session: Session) -> WhoIs:
    """How an outside number becomes a subscriber of this home."""
    from telewave.records.identities import number_of
    from telewave.records.key_keeping import open_keys
    from telewave.records.numbering import lines_of

    keys = open_keys(session.settings.keys, session.database, create=False)
    lines = lines_of(session.warehouse)
    country = session.settings.country
    return lambda text: number_of(session.database, keys, text, country, lines=lines)
