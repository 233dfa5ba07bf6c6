"""Commands that report how an action plan gets on: `telewave campaign progress`, `ready`, `commit`, `spend`."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer

from telewave.kernel import Malformed, Message, Money
from telewave.platform.command_line import By, CampaignName
from telewave.platform.days import parse_day
from telewave.platform.terminal import Session, spoken
from telewave.projects.budget import exact

if TYPE_CHECKING:
    from telewave.projects.action_plan import ActionPlan, Progress
    from telewave.projects.reports import News


class UnknownProgress(Malformed):
    """{state!r} is not a state. Write begun, done or approved."""

    code = "unknown_progress"


class UnreadableAmount(Malformed):
    """The amount {amount!r} cannot be read. Write a number of at most 13 digits, with at most two
    more after the point, for example 3000.50.
    """

    code = "unreadable_amount"


class FiledTooEarly(Malformed):
    """Only what is approved is filed. Report it as approved, with --filed; or leave --filed out."""

    code = "filed_too_early"


Key = Annotated[str, typer.Argument(metavar="KEY", help=spoken("Its key in the action plan."))]
State = Annotated[str, typer.Argument(metavar="STATE", help=spoken("begun, done or approved."))]
On = Annotated[str, typer.Option("--on", help=spoken("Day on which it was, year-month-day; none: today."))]
Filed = Annotated[str, typer.Option("--filed", help=spoken("Number or place of the file."))]
Ready = Annotated[int, typer.Option("--ready", min=0, help=spoken("How many are ready."))]
Of = Annotated[int, typer.Option("--of", min=0, help=spoken("Of how many."))]
Amount = Annotated[str, typer.Argument(metavar="AMOUNT", help=spoken("Amount, in the plan's currency."))]


def register_progress(group: typer.Typer) -> None:
    """Add the commands to the group `campaign`."""
    group.command(
        "progress", help=spoken("Report how far a deliverable is; the approved plan stays as it is.")
    )(progress_command)
    group.command("ready", help=spoken("Report how many shops or people are ready."))(ready_command)
    group.command("commit", help=spoken("Commit money of a budget item."))(commit_command)
    group.command("spend", help=spoken("Report what was spent of the money that is committed."))(
        spend_command
    )


def progress_command(
    context: typer.Context, name: CampaignName, key: Key, state: State, by: By, on: On = "", filed: Filed = ""
) -> None:
    """One deliverable."""
    from telewave.projects.action_file import ANY_DAY
    from telewave.projects.action_words import progress_words
    from telewave.projects.reports import Progressed
    from telewave.projects.usecases import plan_in_force

    session: Session = context.obj
    day = parse_day(on) if on else session.clock.today()
    if filed and state != "approved":
        raise FiledTooEarly
    _, plan = plan_in_force(session.database, name, ANY_DAY)
    after = _report(session, name, by, Progressed(key, _progress(plan, key, state, day, filed)))
    one = next(one for one in after.deliverables if one.key == key)
    session.say(Message("{deliverable}: {state}.", deliverable=one.label, state=progress_words(after, one)))


def ready_command(context: typer.Context, name: CampaignName, key: Key, ready: Ready, of: Of, by: By) -> None:
    """One criterion."""
    from telewave.projects.action_words import judged_words
    from telewave.projects.reports import Counted

    session: Session = context.obj
    after = _report(session, name, by, Counted(key, ready, of))
    one = next(one for one in after.criteria if one.key == key)
    session.say(Message("{criterion}: {judged}.", criterion=one.label, judged=judged_words(one)))


def commit_command(context: typer.Context, name: CampaignName, key: Key, amount: Amount, by: By) -> None:
    """One budget item."""
    from telewave.projects.reports import Committed

    session: Session = context.obj
    _tell_money(session, key, _report(session, name, by, Committed(key, _money(session, name, amount))))


def spend_command(context: typer.Context, name: CampaignName, key: Key, amount: Amount, by: By) -> None:
    """One budget item."""
    from telewave.projects.reports import Paid

    session: Session = context.obj
    _tell_money(session, key, _report(session, name, by, Paid(key, _money(session, name, amount))))


def _report(session: Session, name: str, by: str, news: News) -> ActionPlan:
    from telewave.projects.usecases import report

    return report(session.database, name, by, session.clock.now(), news)


def _progress(plan: ActionPlan, key: str, state: str, day: date, filed: str) -> Progress:
    from telewave.projects.action_plan import Approved, Done, InWork

    match state:
        case "begun":
            return InWork()
        case "done":
            return Done(day)
        case "approved":
            return Approved(day, _approver(plan, key), filed.strip())
    raise UnknownProgress(state=state)


def _approver(plan: ActionPlan, key: str) -> str:
    from telewave.projects.action_plan import NotToBeApproved

    for one in plan.deliverables:
        if one.key == key and one.approver is None:
            raise NotToBeApproved(deliverable=one.label)
    return next((one.approver for one in plan.deliverables if one.key == key and one.approver), "")


def _money(session: Session, name: str, amount: str) -> Money:
    from telewave.projects.action_file import ANY_DAY
    from telewave.projects.reports import NoBudget
    from telewave.projects.usecases import plan_in_force

    _, plan = plan_in_force(session.database, name, ANY_DAY)
    if plan.budget is None:
        raise NoBudget
    if not re.fullmatch(r"\d{1,13}(\.\d{1,2})?", amount.strip()):
        raise UnreadableAmount(amount=amount)
    return Money(int(Decimal(amount.strip()).scaleb(2)), plan.budget.total.currency)


def _tell_money(session: Session, key: str, plan: ActionPlan) -> None:
    from telewave.projects.reports import NoBudget

    if plan.budget is None:
        raise NoBudget
    one = next(item for item in plan.budget.items if item.key == key)
    session.say(
        Message(
            "{item}: {planned} planned, {committed} committed, {spent} spent.",
            item=one.label,
            planned=exact(one.planned),
            committed=exact(one.committed),
            spent=exact(one.spent),
        )
    )
