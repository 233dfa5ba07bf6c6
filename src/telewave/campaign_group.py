"""The commands `telewave campaign`: approval, project, rehearsal, contacts, what it earned. Assembly only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from telewave.approvals.commands import campaign_group
from telewave.city_answer_commands import register_answers
from telewave.contacts.commands import register_contacts
from telewave.contacts.ledger_commands import register_ledger
from telewave.contacts.next_commands import register_next
from telewave.measurement.commands import register_measure
from telewave.projects.commands import register_actions
from telewave.projects.progress_commands import register_progress
from telewave.rehearsal.commands import register_rehearse

if TYPE_CHECKING:
    from telewave.approvals.ports import PlanKind


def plan_kinds() -> Sequence[PlanKind]:
    """The kinds of plan that go through approval."""
    from telewave.contacts.plan_kind import ContactPlanKind
    from telewave.projects.usecases import ActionPlanKind

    return ContactPlanKind(), ActionPlanKind()


def register(app: typer.Typer) -> None:
    """Add the group of commands to `app`."""
    group = campaign_group(plan_kinds)
    register_rehearse(group)
    register_contacts(group)
    register_next(group)
    register_measure(group)
    register_ledger(group)
    register_answers(group)
    register_actions(group)
    register_progress(group)
    app.add_typer(group, name="campaign")
