"""Commands of `learning`: overview, refit, show, approve, history."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from telewave.kernel import Message
from telewave.platform.command_line import PageFile
from telewave.platform.days import parse_day
from telewave.platform.terminal import Session, spoken

if TYPE_CHECKING:
    from telewave.learning.usecases import Compared

Name = Annotated[str, typer.Argument(help=spoken("Name of the funnel, choice model or response model."))]
FUNNEL = "funnel"
Kind = Annotated[str, typer.Option("--kind", help=spoken("What is learnt: funnel, choice or response."))]
Catalogue = Annotated[
    Path | None,
    typer.Option(
        "--catalogue",
        help=spoken(
            "With --kind choice: catalogue of offers (YAML); none or `reference`: the reference case's policies."
        ),
    ),
]
By = Annotated[str, typer.Option("--by", help=spoken("Who does this; the name is kept."))]
AsOf = Annotated[
    str,
    typer.Option(
        "--as-of",
        help=spoken(
            "Learn from what was known before this date; if not given, some six weeks before the last record."
        ),
    ),
]
Since = Annotated[
    str,
    typer.Option("--since", help=spoken("First day of the records to learn from; as before if not given.")),
]
Reason = Annotated[str, typer.Option("--reason", help=spoken("Why it is put to use; kept in the history."))]
Version = Annotated[
    int | None,
    typer.Option(
        "--version",
        min=1,
        help=spoken("Version; the one learnt anew last if not given. Name an older one to go back to it."),
    ),
]
Campaign = Annotated[
    str,
    typer.Option(
        "--campaign",
        help=spoken(
            "With a funnel: campaign whose holdout, drawn by lot with a logged chance, tells what a contact adds; as "
            "before if not given."
        ),
    ),
]


def register(app: typer.Typer) -> None:
    """Add the group of commands to `app`."""
    group = typer.Typer()
    group.callback(invoke_without_command=True)(_at_a_glance)
    group.command(
        "refit",
        help=spoken(
            "Learn a version anew, and judge it beside the one in use on later records; nothing is replaced."
        ),
    )(refit_command)
    group.command(
        "show", help=spoken("Show the last comparison: the verdict, what it rests on, what changed.")
    )(show_command)
    group.command("approve", help=spoken("As a second person, put a version that was shown better to use."))(
        approve_command
    )
    group.command("history", help=spoken("List all versions with their states, and who put which to use."))(
        history_command
    )
    group.command(
        "overview",
        help=spoken("Tell everything that plans rest on: in use since when and by whom, what next."),
    )(overview_command)
    app.add_typer(group, name="learning")


def _at_a_glance(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        overview_command(context)


def overview_command(context: typer.Context, report: PageFile = None) -> None:
    """All kinds and names."""
    from telewave.learning.page import overview_page
    from telewave.learning.report import show_overview
    from telewave.learning.usecases import histories
    from telewave.platform.files import write_whole

    session: Session = context.obj
    found = histories(session.home)
    show_overview(session, found)
    if report is not None:
        write_whole(report, overview_page(found, session.language))
        session.say(Message("The report is in {path}.", path=report))


def refit_command(
    context: typer.Context,
    name: Name,
    by: By,
    kind: Kind = FUNNEL,
    as_of: AsOf = "",
    since: Since = "",
    campaign: Campaign = "",
    catalogue: Catalogue = None,
    report: PageFile = None,
) -> None:
    """Learn, judge, keep, show."""
    from telewave.learning.model import sort_named
    from telewave.learning.port import Ask
    from telewave.learning.usecases import refit

    session: Session = context.obj
    days = [parse_day(day) if day else None for day in (as_of, since)]
    with session.progress.step(Message("Learning anew, and judging on later records")):
        found = refit(
            session.home,
            name,
            by,
            *days,
            sort=sort_named(kind),
            ask=Ask(campaign=campaign, catalogue=catalogue),
        )
    _show(session, found, report)


def show_command(context: typer.Context, name: Name, kind: Kind = FUNNEL, report: PageFile = None) -> None:
    """Show what was kept."""
    from telewave.learning.model import sort_named
    from telewave.learning.usecases import last_compared

    session: Session = context.obj
    _show(session, last_compared(session.home, name, sort_named(kind)), report)


def approve_command(
    context: typer.Context,
    name: Name,
    by: By,
    reason: Reason,
    kind: Kind = FUNNEL,
    version: Version = None,
) -> None:
    """Put to use."""
    from telewave.learning.model import sort_named
    from telewave.learning.usecases import approve

    session: Session = context.obj
    sort = sort_named(kind)
    use = approve(session.home, name, by, reason, version, sort=sort)
    session.say(
        Message(
            "Plans made from now on use version {version} of the {kind} {name}. Plans made before stay as they are.",
            kind=sort.nouns.kind,
            version=use.version,
            name=name,
        )
    )


def history_command(context: typer.Context, name: Name, kind: Kind = FUNNEL) -> None:
    """List the versions."""
    from telewave.learning.model import sort_named
    from telewave.learning.report import show_history
    from telewave.learning.usecases import history

    session: Session = context.obj
    show_history(session, history(session.home, name, sort_named(kind)))


def _show(session: Session, found: Compared, report: Path | None) -> None:
    from telewave.learning.report import show_compared

    show_compared(session, found)
    if report is not None:
        from telewave.learning.page import compared_page
        from telewave.platform.files import write_whole

        write_whole(report, compared_page(found, session.language))
        session.say(Message("The report is in {path}.", path=report))
