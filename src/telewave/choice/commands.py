"""Commands of `choice`: learn, show."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from telewave.kernel import Message
from telewave.platform.command_line import ReportFile, VersionInUse
from telewave.platform.files import write_whole
from telewave.platform.terminal import Session, spoken

if TYPE_CHECKING:
    from telewave.choice.model import ChoiceModel

CatalogueFile = Annotated[
    Path | None,
    typer.Option(
        "--catalogue",
        help=spoken("Catalogue of offers (YAML); none or `reference`: the reference case's policies."),
    ),
]
Name = Annotated[str, typer.Option("--name", help=spoken("Name to keep the choice model under."))]
Seed = Annotated[int, typer.Option("--seed", help=spoken("Seed of the intervals' resamples."))]
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help=spoken("Name of the choice model."))]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    choice = typer.Typer(no_args_is_help=True)
    choice.command(
        "learn", help=spoken("Learn from orders which policy suits whom, and judge it on later orders.")
    )(learn_command)
    choice.command(
        "show", help=spoken("Show a choice model: what moves each class, and how far to trust it.")
    )(show_command)
    app.add_typer(choice, name="choice", help=spoken("Which policy suits whom, learnt from orders."))


def learn_command(
    context: typer.Context,
    name: Name,
    catalogue: CatalogueFile = None,
    report: ReportFile = None,
    seed: Seed = 1,
) -> None:
    """Learn, keep as the next version, and show."""
    from telewave.choice.usecases import choice_in_use, learn_choice
    from telewave.offers.catalogue_file import catalogue_named

    session: Session = context.obj
    model = learn_choice(session.home, catalogue_named(catalogue), name, seed, session.progress)
    session.say(Message("Kept as choice model {name}, version {version}.", name=name, version=model.version))
    if (used := choice_in_use(session.settings.home, name)) not in (None, model.version):
        session.say(
            Message(
                "Plans go on using version {used}. To have later orders judge and a second person approve another "
                "one: telewave learning refit {name} --kind choice --by YOU",
                used=used,
                name=name,
            ),
            style="yellow",
        )
    _shown(session, model, report)


def show_command(
    context: typer.Context, name: NameArgument, version: VersionInUse = None, report: ReportFile = None
) -> None:
    """A choice model as it is kept."""
    from telewave.choice.usecases import kept_choice

    session: Session = context.obj
    _shown(session, kept_choice(session.settings.home, name, version), report)


def _shown(session: Session, model: ChoiceModel, report: Path | None) -> None:
    from telewave.choice.report import show_choice

    show_choice(session, model)
    if report is not None:
        from telewave.choice.page import choice_page

        write_whole(report, choice_page(model, session.language))
        session.say(Message("The report is in {path}.", path=report))
