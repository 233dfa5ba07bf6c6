"""Words for the parts of an action plan, on the terminal and on the page. Pure."""

from __future__ import annotations

from typing import assert_never

from telewave.kernel import Inconclusive, Label, Message, Money
from telewave.projects.action_plan import ActionPlan, Approved, Deliverable, Done, InWork, NotBegun
from telewave.projects.budget import exact
from telewave.projects.launch_days import Offset, day_of
from telewave.projects.readiness import Criterion, Lacking, Reached, judge

money_words = exact


def days_words(plan: ActionPlan, offset: Offset) -> Message:
    """A day counted from launch, with its date."""
    return Message(
        "{offset} ({day})", offset=offset.label, day=day_of(offset, plan.launch, plan.workdays).isoformat()
    )


def progress_words(plan: ActionPlan, one: Deliverable) -> Message:
    """How far a deliverable is, with what is missing of approval and filing."""
    match one.progress:
        case NotBegun():
            return Message("not begun")
        case InWork():
            return Message("under way")
        case Done(day) if one.approver is not None:
            return Message(
                "done on {day}, waits for approval by {approver}", day=day, approver=plan.name(one.approver)
            )
        case Done(day):
            return Message("done on {day}", day=day)
        case Approved(day, by, ""):
            return Message("approved on {day} by {approver}, not filed", day=day, approver=plan.name(by))
        case Approved(day, by, filed):
            return Message(
                "approved on {day} by {approver}, filed as {filed}",
                day=day,
                approver=plan.name(by),
                filed=filed,
            )
    assert_never(one.progress)


def judged_words(criterion: Criterion) -> Message:
    """Reached or not, with the counts."""
    judged = judge(criterion)
    match judged:
        case Reached():
            return Message(
                "reached: {ready} of {of}, {needed} needed",
                ready=judged.ready,
                of=judged.of,
                needed=judged.needed,
            )
        case Lacking():
            return Message(
                "not reached: {ready} of {of}, {missing} more needed",
                ready=judged.ready,
                of=judged.of,
                missing=judged.missing,
            )
        case Inconclusive():
            return Message("unknown: {reason}", reason=judged.reason)
    assert_never(judged)


def remedy_words(criterion: Criterion) -> Label | str:
    """What to do, unless the bar is reached."""
    return "" if isinstance(judge(criterion), Reached) else criterion.remedy


def bar_words(criterion: Criterion) -> str:
    """The bar in per cent, not rounded up to what it does not ask for."""
    return f"{float(criterion.bar * 100):.4g}%"


def amounts(*values: Money) -> tuple[Message, ...]:
    """Several amounts."""
    return tuple(exact(value) for value in values)
