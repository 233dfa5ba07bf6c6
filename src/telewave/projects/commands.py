"""Commands on action plans: `telewave campaign actions` and `telewave campaign template`."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from telewave.kernel import Figure, Message, Money
from telewave.platform.days import parse_day
from telewave.platform.files import write_new, write_whole
from telewave.platform.terminal import Session, TableCell, Text, spoken
from telewave.projects.action_file import load_action_plan, parse_action_plan, template_text
from telewave.projects.action_page import action_page
from telewave.projects.action_plan import ActionPlan, Scheduled, obstacles, schedule
from telewave.projects.action_words import (
    bar_words,
    days_words,
    judged_words,
    progress_words,
    remedy_words,
)
from telewave.projects.budget import Budget, Sums, exact
from telewave.projects.gantt import Scale, scale_of
from telewave.projects.launch_days import day_of
from telewave.projects.risks import worst_first
from telewave.projects.usecases import plan_in_force, standing_of

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
                "This is the built-in template of the reference case: owners, starting days, grades of risks and amounts are assumptions."
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
    session: Session = context.obj
    write_new(file, template_text())
    session.say(
        Message(
            "The template is in {path}. See it with: telewave campaign actions {path} --launch DATE",
            path=file,
        )
    )


def show_plan(session: Session, plan: ActionPlan, today: date) -> None:
    """Everything in the plan, as it stands on the day `today`."""
    rows = schedule(plan, today)
    _show_deliverables(session, plan, rows, today)
    if plan.criteria:
        _show_readiness(session, plan)
    if plan.risks:
        _show_risks(session, plan)
    if plan.budget is not None:
        _show_budget(session, plan.budget)
    if plan.changes:
        columns = (
            Message("When"),
            Message("Who"),
            Message("What was changed"),
            Message("Why it was changed"),
        )
        changes = [(one.on, plan.name(one.by), one.what, one.why) for one in plan.changes]
        session.table(Message("Change record"), columns, changes)
    _show_obstacles(session, plan, today)


def _show_deliverables(session: Session, plan: ActionPlan, rows: tuple[Scheduled, ...], today: date) -> None:
    scale = scale_of(plan, rows)
    columns: list[Text] = [
        Message("Deliverable"),
        Message("Owner"),
        Message("Begins"),
        Message("Due"),
        Message("Weeks"),
        Message("Timing"),
        Message("Progress, approval and filing"),
    ]
    lines: list[list[TableCell]] = [
        [
            row.deliverable.label,
            plan.name(row.deliverable.owner),
            row.start,
            Figure(row.due, days_words(plan, row.deliverable.due)),
            week_bar(row, scale, plan.launch),
            row.timing.label,
            progress_words(plan, row.deliverable),
        ]
        for row in rows
    ]
    title = Message(
        "{plan}: launch on {launch}, as it stands on {today}",
        plan=plan.label,
        launch=plan.launch,
        today=today,
    )
    session.table(title, columns, lines)


def week_bar(row: Scheduled, scale: Scale, launch: date) -> str:
    """One sign a week: a block where the deliverable is worked on, a stroke in the week that begins with the launch.

    >>> from types import SimpleNamespace
    >>> work = SimpleNamespace(start=date(2026, 6, 2), due=date(2026, 6, 9))
    >>> week_bar(work, Scale(date(2026, 5, 25), date(2026, 6, 28)), date(2026, 6, 22))
    '·██·|'
    """
    weeks = ((scale.last - scale.first).days + 1) // 7
    first, last = ((day - scale.first).days // 7 for day in (row.start, row.due))
    start = (launch - scale.first).days // 7
    return "".join("█" if first <= week <= last else "|" if week == start else "·" for week in range(weeks))


def _show_readiness(session: Session, plan: ActionPlan) -> None:
    columns = (
        Message("Criterion"),
        Message("Bar"),
        Message("Due"),
        Message("Result"),
        Message("What to do"),
        Message("Owner"),
    )
    lines: list[tuple[TableCell, ...]] = [
        (
            one.label,
            Figure(float(one.bar), bar_words(one)),
            Figure(day_of(one.due, plan.launch, plan.workdays), days_words(plan, one.due)),
            judged_words(one),
            remedy_words(one),
            plan.name(one.owner),
        )
        for one in plan.criteria
    ]
    session.table(Message("Readiness"), columns, lines)


def _show_risks(session: Session, plan: ActionPlan) -> None:
    columns = (
        Message("Risk"),
        Message("Severity"),
        Message("Likelihood"),
        Message("Effect"),
        Message("Measure"),
        Message("Owner"),
    )
    lines: list[tuple[TableCell, ...]] = [
        (
            one.label,
            Figure(one.points, Message("{level} ({points})", level=one.severity.label, points=one.points)),
            one.likelihood,
            one.effect,
            one.measure,
            plan.name(one.owner),
        )
        for one in worst_first(plan.risks)
    ]
    session.table(Message("Risks, worst first"), columns, lines)


def _show_budget(session: Session, budget: Budget) -> None:
    columns = (
        Message("Phase"),
        Message("Item"),
        Message("Limit"),
        Message("Planned"),
        Message("Committed"),
        Message("Spent"),
    )
    lines: list[tuple[TableCell, ...]] = []
    for phase in budget.phases:
        lines.append((phase.label, "", *_sums(budget.of_phase(phase))))
        lines += [
            ("", item.label, "", *_exact(item.planned, item.committed, item.spent))
            for item in budget.items
            if item.phase == phase.key
        ]
    lines.append((Message("Total"), "", *_sums(budget.in_total())))
    session.table(Message("Budget"), columns, lines)


def _sums(sums: Sums) -> tuple[TableCell, ...]:
    return _exact(sums.limit, sums.planned, sums.committed, sums.spent)


def _exact(*values: Money) -> tuple[Figure, ...]:
    return tuple(Figure(value, exact(value)) for value in values)


def _show_obstacles(session: Session, plan: ActionPlan, today: date) -> None:
    found = obstacles(plan, today)
    if not found:
        session.say(Message("Nothing is overdue today."), style="green")
        return
    session.say(Message("What stands in the way of launching"), style="bold")
    for sentence in found:
        session.say(sentence)
