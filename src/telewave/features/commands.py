"""Commands of `features`: features build, features list, features show."""

from __future__ import annotations

from typing import Annotated

import typer

from telewave.kernel import Message
from telewave.platform.days import parse_day
from telewave.platform.terminal import Session, spoken

AsOf = Annotated[
    str,
    typer.Option("--as-of", help=spoken("As-of date, year-month-day: nothing of that day or later is used.")),
]
Subscriber = Annotated[
    int | None,
    typer.Option(
        "--subscriber", help=spoken("Number of one subscriber, whose values to show instead of the summary.")
    ),
]

WithGaps = Annotated[
    bool, typer.Option("--with-gaps", help=spoken("Build although most days of a window have no usage."))
]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    features = typer.Typer(help=spoken("The wide table: build it, look at it, list what is in it."))
    features.command(
        "build", help=spoken("Sum up new records by day and build the wide table as of a date.")
    )(build_command)
    features.command("list", help=spoken("List the features and what they mean."))(list_command)
    features.command("show", help=spoken("Show a wide table in summary, or one subscriber's values."))(
        show_command
    )
    app.add_typer(features, name="features")


def build_command(context: typer.Context, as_of: AsOf, with_gaps: WithGaps = False) -> None:
    """Build, and say how large it is and what was missing."""
    from telewave.features.report import show_coverage
    from telewave.features.usecases import build_wide, coverage_as_of

    session: Session = context.obj
    day = parse_day(as_of)
    wide = build_wide(session.warehouse, day, session.progress, with_gaps=with_gaps)
    rows = session.warehouse.engine.fetch(wide.relation.count().as_table())[0][0].as_py()
    session.say(
        Message(
            "Wide table as of {as_of}: {rows} subscribers, {features} features.",
            as_of=as_of,
            rows=rows,
            features=len(wide.variables),
        )
    )
    show_coverage(session, coverage_as_of(session.warehouse, day), day)


def list_command(context: typer.Context) -> None:
    """The catalogue."""
    from telewave.features.report import show_catalogue

    show_catalogue(context.obj)


def show_command(context: typer.Context, as_of: AsOf, subscriber: Subscriber = None) -> None:
    """The summary, or one row."""
    from telewave.features.report import show_coverage, show_row, show_summary
    from telewave.features.summary import one_row, summarise
    from telewave.features.usecases import coverage_as_of, open_wide

    session: Session = context.obj
    day, engine = parse_day(as_of), session.warehouse.engine
    wide = open_wide(session.warehouse, day)
    if subscriber is None:
        show_summary(session, wide, *summarise(wide, engine))
    else:
        show_row(session, wide, one_row(wide, engine, subscriber))
    show_coverage(session, coverage_as_of(session.warehouse, day), day)
