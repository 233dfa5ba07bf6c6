"""Commands on action plans: `telewave campaign actions` and `telewave campaign template`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from telewave.kernel import Message
from telewave.platform.days import parse_day
from telewave.platform.files import write_new, write_whole
from telewave.platform.terminal import Session, spoken

PlanArgument = Annotated[
    Path | None, typer.Argument(metavar="FILE", help=spoken("Action plan file; none: the built-in template."))
]
OfCampaign = Annotated[
    str,
    typer.Option(
        "--campaign",
        help=spoken("Instead of a file: the action plan in force of this campaign, with all reports."),
    ),
]
LaunchDay = Annotated[
    str, typer.Option("--launch", help=spoken("Launch day, year-month-day; none: the one in the file."))
]
Today = Annotated[
    str, typer.Option("--today", help=spoken("Day to judge progress by, year-month-day; none: today."))
]
Report = Annotated[
    Path | None, typer.Option("--report", help=spoken("HTML file to write, with the Gantt picture."))
]
NewFile = Annotated[Path, typer.Argument(metavar="FILE", help=spoken("File to write the template to."))]


def register_actions(group: typer.Typer) -> None:
    """Add the commands to the group `campaign`."""
    group.command(
        "actions", help=spoken("Show an action plan: dates, readiness, risks, budget; or write it as a page.")
    )(actions_command)
    group.command(
        "template", help=spoken("Write the reference case's action plan to a file, to begin with.")
    )(template_command)


def actions_command(
    context: typer.Context,
    file: PlanArgument = None,
    campaign: OfCampaign = "",
    launch: LaunchDay = "",
    report: Report = None,
    today: Today = "",
) -> None:
    """Tables on the terminal; with --report a page too."""
    from telewave.projects.action_file import load_action_plan, parse_action_plan, template_text
    from telewave.projects.action_page import action_page
    from telewave.projects.terminal import show_plan
    from telewave.projects.usecases import plan_in_force, standing_of

    session: Session = context.obj
    chosen = parse_day(launch) if launch else None
    day = parse_day(today) if today else session.clock.today()
    standing: tuple[Message, ...] = ()
    if campaign:
        version, plan = plan_in_force(session.database, campaign, chosen or day)
        session.say(
            Message(
                "Version {number} of the campaign {name}, with what was reported of it.",
                number=version.number,
                name=campaign,
            )
        )
        standing = standing_of(session.database, campaign, session.clock)
        for sentence in standing:
            session.say(sentence)
    elif file is None:
        plan = parse_action_plan(template_text(), "reference_case_actions.yaml", chosen)
        session.say(
            Message(
                "This is the built-in template of the reference case: owners, starting days, grades of "
                "risks and amounts are assumptions."
            ),
            style="yellow",
        )
    else:
        plan = load_action_plan(file, chosen)
    show_plan(session, plan, day)
    if report is not None:
        page = action_page(
            plan, day, session.language, standing=standing, assumed=file is None and not campaign
        )
        write_whole(report, page)
        session.say(Message("The page is in {path}.", path=report))


def template_command(context: typer.Context, file: NewFile) -> None:
    """Write, unless the file is there."""
    from telewave.projects.action_file import template_text

    session: Session = context.obj
    write_new(file, template_text())
    session.say(
        Message(
            "The template is in {path}. See it with: telewave campaign actions {path} --launch DATE",
            path=file,
        )
    )
