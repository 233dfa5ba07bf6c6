"""Commands of `customers`: base."""

from __future__ import annotations

from typing import Annotated

import typer

from telewave.kernel.periods import add_months
from telewave.platform.days import parse_day
from telewave.platform.terminal import Session, spoken

AsOf = Annotated[
    str, typer.Option("--as-of", help=spoken("The base on the eve of this date, year-month-day."))
]
Offer = Annotated[str, typer.Option("--offer", help=spoken("Offer whose holders and takers are counted."))]
Since = Annotated[
    str,
    typer.Option("--since", help=spoken("First day of the takers; one month before the date if not given.")),
]


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("base", help=spoken("Show the base classes: size, penetration of an offer, takers."))(
        base_command
    )


def base_command(context: typer.Context, as_of: AsOf, offer: Offer, since: Since = "") -> None:
    """Count and show."""
    from telewave.customers.report import show_base
    from telewave.customers.usecases import base_classes

    session: Session = context.obj
    day = parse_day(as_of)
    start = parse_day(since) if since else add_months(day, -1)
    show_base(session, base_classes(session.warehouse, day, offer, start))
