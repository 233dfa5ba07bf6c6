"""The demo's people: who hands plans in, who approves them, and what the owners of the action plan report. Assembly
only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from telewave.approvals.approval import Approve, Approved, Draft, InReview, Submit
from telewave.approvals.commands import tell
from telewave.approvals.usecases import PlanFile, approve, find, launch, save_plan, step
from telewave.briefs.model import Brief
from telewave.campaign_group import plan_kinds
from telewave.kernel import Label
from telewave.platform.files import write_whole
from telewave.platform.languages import render
from telewave.platform.terminal import Session
from telewave.projects.action_file import parse_action_plan, template_text
from telewave.projects.action_plan import ActionPlan, Done, schedule
from telewave.projects.action_plan import Approved as Reviewed
from telewave.projects.reports import Counted, News, Progressed
from telewave.projects.usecases import ActionPlanKind, plan_in_force, report

PLANNER, APPROVER = Label("Li, planner", "策划专员小李"), Label("Wang, head of marketing", "市场部王主任")
DESPITE = Label("a simulated campaign, to show the way of a plan", "模拟演示，仅为展示方案流程")
FILED = "2026-0701"
"""Number under which approved deliverables are filed."""
COUNTED = 20
"""How many shops or people were counted for each readiness criterion."""


def prepared(session: Session, brief: Brief, today: date, folder: Path, share: float) -> ActionPlan:
    """The campaign's action plan, its amounts in proportion to the city; handed in, approved, launched,
    and reported by its owners as done in time.
    """
    database, now = session.database, session.clock.now()
    file = folder / "actions.yaml"
    write_whole(file, _in_proportion(template_text(), share, brief.first))
    kept = PlanFile(file.name, file.read_bytes(), ActionPlanKind.name)
    if find(database, brief.id).running(ActionPlanKind.name) is None:
        hand_in(session, brief.id, kept)
    planned, standing = parse_action_plan(kept.content.decode()), plan_in_force(database, brief.id)[1]
    for owner, news in _owed(planned, standing, today):
        report(database, brief.id, render(owner, session.language), now, news)
    return plan_in_force(database, brief.id)[1]


def _owed(planned: ActionPlan, standing: ActionPlan, today: date) -> Iterator[tuple[Label, News]]:
    """Of what is due by `today` and of the counts, what its owner has not reported yet: all of it at first,
    the rest after a demo that was cut short.
    """
    begun = {one.key for one in standing.deliverables if one not in planned.deliverables}
    for one in schedule(planned, today):
        done = one.deliverable
        if one.due <= today and done.key not in begun:
            progress = Done(one.due) if done.approver is None else Reviewed(one.due, done.approver, FILED)
            yield planned.name(done.owner), Progressed(done.key, progress)
    for criterion in standing.criteria:
        if criterion.ready is None:
            whole = criterion.bar.denominator * COUNTED
            yield planned.name(criterion.owner), Counted(criterion.key, whole, whole)


def _in_proportion(text: str, share: float, launch: date) -> str:
    """The action plan's text with its launch day, and its limits and amounts in proportion,
    rounded down: no sum passes its limit by that.
    """
    amounts = re.compile(r"\b(total|limit|planned): (\d+)")
    return f"launch: {launch.isoformat()}\n" + amounts.sub(
        lambda m: f"{m[1]}: {int(int(m[2]) * share)}", text
    )


def hand_in(session: Session, name: str, plan: PlanFile) -> None:
    """Submitted by one person, approved by another, and launched; a plan that was launched before stays as it is."""
    database, now = session.database, session.clock.now()
    planner, approver = (render(person, session.language) for person in (PLANNER, APPROVER))
    brief = save_plan(database, name, plan, planner, now)
    if isinstance(brief.standings[-1], Draft):
        brief = step(database, name, Submit(planner), now)
    if isinstance(brief.standings[-1], InReview):
        taken = Approve(approver, despite=render(DESPITE, session.language))
        brief = approve(database, name, taken, now, plan_kinds())
        tell(session, brief)
    if isinstance(brief.standings[-1], Approved):
        brief = launch(database, name, planner, now)
    tell(session, brief)
