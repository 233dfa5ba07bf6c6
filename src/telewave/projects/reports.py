"""What was reported of an action plan since it was handed in: states, counts, commitments, payments. Pure.

What was approved stays frozen; reports are added beside it, dated and signed, and the plan is read together with them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias, assert_never

from telewave.kernel import Conflict, Malformed, Money
from telewave.projects.action_plan import ActionPlan, Progress


class NoSuchDeliverable(Malformed):
    """The plan has no deliverable {key}. Its deliverables are: {keys}."""

    code = "no_such_deliverable"


class NoSuchCriterion(Malformed):
    """The plan counts no {key} for its readiness. It counts: {keys}."""

    code = "no_such_criterion"


class NoBudget(Conflict):
    """The plan has no budget, so nothing can be committed or spent. Add one, and have the plan approved."""

    code = "no_budget"


@dataclass(frozen=True, slots=True)
class Progressed:
    """How far a deliverable is."""

    key: str
    progress: Progress


@dataclass(frozen=True, slots=True)
class Counted:
    """How many of how many are ready, of a criterion of readiness."""

    key: str
    ready: int
    of: int


@dataclass(frozen=True, slots=True)
class Committed:
    """An amount more that is bound for a budget item."""

    key: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Paid:
    """An amount more that was spent of what was committed."""

    key: str
    amount: Money


News: TypeAlias = Progressed | Counted | Committed | Paid


@dataclass(frozen=True, slots=True)
class Report:
    """One piece of news, by whom and when it was reported."""

    at: datetime
    person: str
    news: News


def reported(plan: ActionPlan, reports: Iterable[Report]) -> ActionPlan:
    """The plan as it stands after the reports, oldest first.

    Raises `NoSuchDeliverable`, `NoSuchCriterion`, `NoBudget`, and what the plan's parts refuse: `OverCommitted`,
    `Overspent`, `MoreReadyThanThereAre`, `NotToBeApproved` ...
    """
    for report in reports:
        plan = _with(plan, report.news)
    return plan


def _with(plan: ActionPlan, news: News) -> ActionPlan:
    match news:
        case Progressed(key, progress):
            _known(key, [one.key for one in plan.deliverables], NoSuchDeliverable)
            changed = (
                replace(one, progress=progress) if one.key == key else one for one in plan.deliverables
            )
            return replace(plan, deliverables=tuple(changed))
        case Counted(key, ready, of):
            _known(key, [one.key for one in plan.criteria], NoSuchCriterion)
            counted = (replace(one, ready=ready, of=of) if one.key == key else one for one in plan.criteria)
            return replace(plan, criteria=tuple(counted))
        case Committed() | Paid():
            if plan.budget is None:
                raise NoBudget
            book = plan.budget.commit if isinstance(news, Committed) else plan.budget.spend
            return replace(plan, budget=book(news.key, news.amount))
    assert_never(news)


def _known(key: str, keys: list[str], error: type[NoSuchDeliverable | NoSuchCriterion]) -> None:
    if key not in keys:
        raise error(key=key, keys=", ".join(keys))
