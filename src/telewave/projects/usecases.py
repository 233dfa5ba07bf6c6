"""The action plan in force, and what is reported of it: load, decide, save what is new in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import ClassVar

from telewave.approvals.approval import (
    Approved,
    Draft,
    InReview,
    Launched,
    Paused,
    Standing,
    Stopped,
    Version,
    state_of,
)
from telewave.approvals.model import Dossier, check_person
from telewave.approvals.ports import Judge
from telewave.approvals.usecases import find, plan_of
from telewave.kernel import Message, Missing, Money
from telewave.kernel.history import not_before
from telewave.models.verdict import Verdict
from telewave.planning.document import document_read
from telewave.platform.clock import Clock
from telewave.platform.database import Database
from telewave.projects import store
from telewave.projects.action_file import ANY_DAY, action_plan_of, keeps_changes
from telewave.projects.action_plan import ActionPlan, obstacles
from telewave.projects.budget import exact
from telewave.projects.reports import News, Report, reported


class NoActionPlan(Missing):
    """No version of the campaign {name} is an action plan. Begin one with: telewave campaign template FILE, and submit
    it.
    """

    code = "no_action_plan"


IN_FORCE: tuple[tuple[type[Standing], ...], ...] = (
    (Launched, Paused),
    (Approved,),
    (Draft, InReview),
    (Stopped,),
)
"""Which version of an action plan counts, first choice first."""


def plan_in_force(database: Database, name: str, launch: date | None = None) -> tuple[Version, ActionPlan]:
    """The action plan that is launched or approved, else the newest; with all reports.
    `launch`: day for a file that names none.

    Raises `NoSuchCampaign`, `NoActionPlan`, `NotWhatWasApproved`, `YamlMistake`.
    """
    dossier = find(database, name)
    for standing in _in_force_first(dossier):
        version = standing.version
        content = plan_of(database, name, version.number)
        if (plan := action_plan_of(content, launch)) is not None:
            return version, with_reports(database, name, plan)
    raise NoActionPlan(name=name)


def standing_of(database: Database, name: str, clock: Clock) -> tuple[Message, ...]:
    """How the campaign stands: of each kind of plan the version that counts, its state and since which of the
    clock's days; what its plan of contacts holds.

    Raises `NoSuchCampaign`, `NotWhatWasApproved`.
    """
    dossier, said, seen = find(database, name), [], set()
    for standing in _in_force_first(dossier):
        number = standing.version.number
        kind = dossier.kind(number)
        if kind in seen:
            continue
        seen.add(kind)
        state = state_of(standing)
        entered = next(one for one in reversed(dossier.entries) if one.number == number)
        values = {
            "number": number,
            "state": state.label,
            "day": clock.local(entered.at).date(),
            "person": entered.person,
        }
        plan = document_read(plan_of(database, name, number))
        if plan is None:
            said.append(Message("Action plan, version {number}: {state} since {day}, by {person}.", **values))
            continue
        said.append(
            Message(
                (
                    "Plan of contacts, version {number}: {state} since {day}, by {person}. {contacts:,} "
                    "contacts from {first} to {last} for {cost}."
                ),
                **values,
                contacts=plan["contacts"] - plan["without_day"],
                first=plan["from"],
                last=plan["to"],
                cost=exact(Money(plan["cost_minor"], plan["currency"])),
            )
        )
    return tuple(said)


def with_reports(database: Database, name: str, plan: ActionPlan) -> ActionPlan:
    """A campaign's action plan with everything that was reported of it. Raises what `reported` raises."""
    return reported(plan, store.reports(database, name))


def report(database: Database, name: str, by: str, now: datetime, news: News) -> ActionPlan:
    """Add a piece of news to the plan in force, which must have room for it. The plan itself stays as it was approved.

    Raises `ReportedMeanwhile`, `ClockBehind`, and what `plan_in_force`, `check_person` and `reported` raise.
    """
    check_person(by)
    known = store.reports(database, name)
    last = known[-1].at if known else None
    made = Report(not_before(last, now, Message("the campaign {name}", name=name)), by, news)
    _, plan = plan_in_force(database, name, ANY_DAY)
    after = reported(plan, [made])
    store.add_report(database, name, len(known), made)
    return after


class ActionPlanKind:
    """Action plans among the plans of a campaign: what a next one must keep, and what stands
    in its way. See `approvals.ports.PlanKind`.
    """

    name: ClassVar[str] = "actions"

    def recognises(self, content: bytes) -> bool:
        """Whether the bytes are an action plan; one with a mistake is told the mistake. Raises `YamlMistake`."""
        return action_plan_of(content, ANY_DAY) is not None

    def judge(self, database: Database, name: str) -> Judge:
        """A next plan keeps the change record, and has room for everything that was reported."""
        known = store.reports(database, name)

        def judge(before: Iterable[bytes], after: bytes) -> None:
            keeps_changes(before, after)
            if (plan := action_plan_of(after, ANY_DAY)) is not None:
                reported(plan, known)

        return judge

    def verdict(self, _content: bytes) -> Verdict | None:
        """No model makes an action plan."""
        return None

    def obstacles(
        self, database: Database, name: str, content: bytes, today: date, *, launched: bool
    ) -> Sequence[Message]:
        """What is overdue and what is not ready. A launched plan without a launch day in it was launched `today`."""
        plan = action_plan_of(content, today if launched else None)
        return () if plan is None else obstacles(with_reports(database, name, plan), today)


def _in_force_first(dossier: Dossier) -> list[Standing]:
    """All versions by `IN_FORCE`, of each kind the newest first."""
    newest_first = dossier.standings[::-1]
    return [standing for kinds in IN_FORCE for standing in newest_first if isinstance(standing, kinds)]
