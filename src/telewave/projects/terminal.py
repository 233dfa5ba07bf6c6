"""An action plan on the terminal: dates, readiness, risks, budget, and what stands in the way."""

from __future__ import annotations

from datetime import date

from telewave.kernel import Figure, Message, Money
from telewave.platform.terminal import Session, TableCell, Text
from telewave.projects.action_plan import ActionPlan, Scheduled, obstacles, schedule
from telewave.projects.action_words import bar_words, days_words, judged_words, progress_words, remedy_words
from telewave.projects.budget import Budget, Sums, exact
from telewave.projects.gantt import Scale, scale_of
from telewave.projects.launch_days import day_of
from telewave.projects.risks import worst_first


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
