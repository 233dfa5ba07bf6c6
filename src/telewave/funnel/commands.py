"""Commands of `funnel`: learn, show."""

from __future__ import annotations

from typing import Annotated

import typer

from telewave.kernel import Message
from telewave.kernel.periods import add_months
from telewave.platform.command_line import PageFile, VersionInUse
from telewave.platform.days import parse_day
from telewave.platform.terminal import Session, spoken

DAYS = 14
MONTHS = 3
NAME = "funnel"

Name = Annotated[str, typer.Option("--name", help=spoken("Name under which the funnel is kept."))]
AsOf = Annotated[
    str,
    typer.Option("--as-of", help=spoken("Learn from contacts and orders before this date, year-month-day.")),
]
Since = Annotated[
    str,
    typer.Option(
        "--since", help=spoken("First day of the contacts; three months before the date if not given.")
    ),
]
Days = Annotated[
    int,
    typer.Option(
        "--days", min=1, help=spoken("Days after a contact within which an order counts as its own.")
    ),
]
Offer = Annotated[
    str, typer.Option("--offer", help=spoken("Learn from this offer alone; every offer if not given."))
]
Model = Annotated[
    str,
    typer.Option(
        "--model",
        help=spoken(
            "Model by whose groups and chances contacts are told apart and compared with people left alone."
        ),
    ),
]
Campaign = Annotated[
    str,
    typer.Option(
        "--campaign", help=spoken("Campaign whose holdout, drawn by lot, decides what a contact adds.")
    ),
]


def register(app: typer.Typer) -> None:
    """Add the group of commands to `app`."""
    group = typer.Typer(no_args_is_help=True)
    group.command(
        "learn", help=spoken("Learn from contacts and orders what each step's chance is, and keep it.")
    )(learn_command)
    group.command(
        "show", help=spoken("Show what was learnt: chances, records behind them, what to use and test.")
    )(show_command)
    app.add_typer(group, name="funnel")


def learn_command(
    context: typer.Context,
    as_of: AsOf,
    since: Since = "",
    days: Days = DAYS,
    offer: Offer = "",
    model: Model = "",
    campaign: Campaign = "",
    name: Name = NAME,
) -> None:
    """Learn, keep, show."""
    from telewave.funnel.report import show_funnel
    from telewave.funnel.usecases import Question, learn, saved, version_in_use

    session: Session = context.obj
    day = parse_day(as_of)
    first = parse_day(since) if since else add_months(day, -MONTHS)
    question = Question(since=first, as_of=day, days=days, offer=offer, model=model, campaign=campaign)
    made = saved(session.home, learn(session.warehouse, question, name))
    show_funnel(session, made)
    session.say(Message("Kept as {name}, version {version}.", name=made.name, version=made.version))
    if (used := version_in_use(session.settings.home, name)) not in (None, made.version):
        session.say(
            Message(
                "Plans go on using version {used}. To have later contacts judge and a second person approve another "
                "one: telewave learning refit {name} --by YOU",
                used=used,
                name=name,
            ),
            style="yellow",
        )


def show_command(
    context: typer.Context, name: Name = NAME, version: VersionInUse = None, report: PageFile = None
) -> None:
    """Show what is kept."""
    from telewave.funnel.page import funnel_page
    from telewave.funnel.report import show_funnel
    from telewave.funnel.usecases import kept
    from telewave.platform.files import write_whole

    session: Session = context.obj
    found = kept(session.settings.home, name, version)
    show_funnel(session, found)
    if report is not None:
        write_whole(report, funnel_page(found, session.language))
        session.say(Message("The report is in {path}.", path=report))
