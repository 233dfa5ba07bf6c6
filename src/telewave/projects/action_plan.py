"""The campaign as a project: deliverables with owners and days counted back from
launch, and what stands in the way of it. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from graphlib import CycleError, TopologicalSorter
from itertools import combinations
from typing import TypeAlias, assert_never

from telewave.approvals.approval import same_person
from telewave.kernel import Conflict, Inconclusive, Label, Malformed, Message
from telewave.projects.budget import Budget
from telewave.projects.launch_days import Offset, day_of
from telewave.projects.readiness import Criterion, Lacking, Reached, judge
from telewave.projects.risks import Risk
from telewave.scheduling.working_days import Workdays


class CircleOfDeliverables(Malformed):
    """These deliverables wait for each other: {circle}. Let one of them not wait."""

    code = "circle_of_deliverables"


class UnknownDependency(Malformed):
    """{deliverable} waits for {dependency}, which is no deliverable of the plan. Correct the name, or add it."""

    code = "unknown_dependency"


class UnknownPerson(Malformed):
    """{what} names {person}, who is not among the people of the plan. Correct the name, or add the person."""

    code = "unknown_person"


class PersonTwice(Malformed):
    """{one} and {other} are both called {name}: nobody approves what is his own under another
    key. Give each person one key and one name.
    """

    code = "person_twice"


class DaysReversed(Malformed):
    """{deliverable} is to start on {start} and be done on {due}, before. Exchange the two days."""

    code = "days_reversed"


class StartsTooEarly(Malformed):
    """{deliverable} starts on {start}, but waits for {dependency}, which is due on {due}.
    Start it later, or have that done earlier.
    """

    code = "starts_too_early"


class OwnApproval(Malformed):
    """{deliverable} would be approved by its own owner, {person}. Name a second person as approver."""

    code = "own_approval"


class NotToBeApproved(Malformed):
    """{deliverable} is entered as approved, but the plan names nobody to approve it. Add an approver, or enter it as
    done.
    """

    code = "not_to_be_approved"


class ApprovedByAnother(Malformed):
    """{deliverable} is to be approved by {approver}, and is entered as approved by {person}. Correct one of the two."""

    code = "approved_by_another"


class ChangesOutOfOrder(Malformed):
    """The change of {day} stands after one of {before}. Changes are added at the end, oldest first: put
    it there with the day on which it was made.
    """

    code = "changes_out_of_order"


class ChangeRecordRewritten(Conflict):
    """Change {number} of the record was recorded on {day} ({what}) and is missing or altered in the new plan. What was
    recorded stays: put it back, and add a new change at the end.
    """

    code = "change_record_rewritten"


@dataclass(frozen=True, slots=True)
class NotBegun:
    """Nobody works on it yet."""


@dataclass(frozen=True, slots=True)
class InWork:
    """Somebody works on it."""


@dataclass(frozen=True, slots=True)
class Done:
    """Finished on a day; where an approver is named, still to be approved."""

    on: date


@dataclass(frozen=True, slots=True)
class Approved:
    """Approved on a day by a person; `filed`: number or place of the file, empty if it is not filed yet."""

    on: date
    by: str
    filed: str = ""


Progress: TypeAlias = NotBegun | InWork | Done | Approved


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliverable:
    """What must be there, from `start` to `due`. `owner`, `approver`: keys of
    people; `after`: keys of what it waits for.

    Raises `OwnApproval`, `NotToBeApproved`, `ApprovedByAnother`.
    """

    key: str
    label: Label
    owner: str
    start: Offset
    due: Offset
    after: tuple[str, ...] = ()
    approver: str | None = None
    progress: Progress = NotBegun()

    def __post_init__(self) -> None:
        if self.approver == self.owner:
            raise OwnApproval(deliverable=self.label, person=self.owner)
        if isinstance(self.progress, Approved):
            if self.approver is None:
                raise NotToBeApproved(deliverable=self.label)
            if self.progress.by != self.approver:
                raise ApprovedByAnother(
                    deliverable=self.label, approver=self.approver, person=self.progress.by
                )

    def complete(self, today: date) -> bool:
        """Whether nothing is left to do on the day `today`: done, and approved and filed where an approver is named."""
        match self.progress:
            case NotBegun() | InWork():
                return False
            case Done(on):
                return self.approver is None and on <= today
            case Approved(on, filed=filed):
                return bool(filed) and on <= today
        assert_never(self.progress)


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the change record."""

    on: date
    by: str
    what: str
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ActionPlan:
    """The whole plan for a launch day. `people`: names by key.

    Raises `PersonTwice`, `UnknownPerson`, `UnknownDependency`, `CircleOfDeliverables`,
    `DaysReversed`, `StartsTooEarly`, `ChangesOutOfOrder`.
    """

    label: Label
    launch: date
    people: Mapping[str, Label]
    deliverables: tuple[Deliverable, ...]
    criteria: tuple[Criterion, ...] = ()
    risks: tuple[Risk, ...] = ()
    budget: Budget | None = None
    changes: tuple[Change, ...] = ()
    workdays: Workdays = Workdays()  # noqa: RUF009 - frozen

    def __post_init__(self) -> None:
        check_people(self.people)
        for what, person in _named(self):
            if person not in self.people:
                raise UnknownPerson(what=what, person=person)
        keys = {one.key: one for one in self.deliverables}
        for one in self.deliverables:
            for dependency in one.after:
                if dependency not in keys:
                    raise UnknownDependency(deliverable=one.label, dependency=dependency)
        if circle := find_circle({one.key: one.after for one in self.deliverables}):
            raise CircleOfDeliverables(circle=" → ".join(circle))
        for one in self.deliverables:
            check_days(one, [keys[key] for key in one.after], self.launch, self.workdays)
        for before, change in zip(self.changes, self.changes[1:], strict=False):
            if change.on < before.on:
                raise ChangesOutOfOrder(day=change.on, before=before.on)

    def name(self, person: str) -> Label:
        """A person's name by key."""
        return self.people[person]


def check_people(people: Mapping[str, Label]) -> None:
    """Raises `PersonTwice`."""
    for one, other in combinations(people, 2):
        if same_person(people[one].en, people[other].en) or same_person(people[one].zh, people[other].zh):
            raise PersonTwice(one=one, other=other, name=people[one])


def check_days(one: Deliverable, waits_for: Sequence[Deliverable], launch: date, workdays: Workdays) -> None:
    """Raises `DaysReversed`, `StartsTooEarly`."""
    start, due = day_of(one.start, launch, workdays), day_of(one.due, launch, workdays)
    if due < start:
        raise DaysReversed(deliverable=one.label, start=start, due=due)
    for other in waits_for:
        if (ready := day_of(other.due, launch, workdays)) > start:
            raise StartsTooEarly(deliverable=one.label, start=start, dependency=other.label, due=ready)


def find_circle(after: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """A circle of things that wait for each other, its first repeated at the end; empty if there is none.

    >>> sorted(set(find_circle({"a": ["b"], "b": ["c"], "c": ["b"]})))
    ['b', 'c']
    """
    try:
        TopologicalSorter(after).prepare()
    except CycleError as found:
        return tuple(reversed(found.args[1]))
    return ()


class Timing(StrEnum):
    """How a deliverable stands on a day."""

    COMPLETE = "complete"
    OVERDUE = "overdue"
    LATE_START = "should have begun"
    RUNNING = "running"
    AHEAD = "ahead"

    @property
    def label(self) -> Label:
        """Its name for people."""
        return TIMINGS[self]


TIMINGS = {
    Timing.COMPLETE: Label("complete", "已完成"),
    Timing.OVERDUE: Label("overdue", "已逾期"),
    Timing.LATE_START: Label("should have begun", "应开始未开始"),
    Timing.RUNNING: Label("under way", "进行中"),
    Timing.AHEAD: Label("not due to begin", "未到开始时间"),
}


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A deliverable with its days, both included, and how it stands today."""

    deliverable: Deliverable
    start: date
    due: date
    timing: Timing


def schedule(plan: ActionPlan, today: date) -> tuple[Scheduled, ...]:
    """All deliverables by start and due day; those of the same days stay in the plan's order."""
    made = [_scheduled(plan, one, today) for one in plan.deliverables]
    return tuple(sorted(made, key=lambda one: (one.start, one.due)))


def _scheduled(plan: ActionPlan, one: Deliverable, today: date) -> Scheduled:
    start, due = (day_of(offset, plan.launch, plan.workdays) for offset in (one.start, one.due))
    return Scheduled(one, start, due, _timing(one, start, due, today))


def _timing(one: Deliverable, start: date, due: date, today: date) -> Timing:
    if one.complete(today):
        return Timing.COMPLETE
    if today > due:
        return Timing.OVERDUE
    if not isinstance(one.progress, NotBegun):
        return Timing.RUNNING
    return Timing.LATE_START if today > start else Timing.AHEAD


def obstacles(plan: ActionPlan, today: date) -> tuple[Message, ...]:
    """What stands in the way of launching: what is overdue, and what is not ready
    though its day has passed. Empty: nothing.
    """
    late = [one for one in schedule(plan, today) if one.timing is Timing.OVERDUE]
    said = [
        Message(
            "{deliverable}: {missing}, due on {due}. Owner: {owner}.",
            deliverable=one.deliverable.label,
            missing=missing(one.deliverable),
            due=one.due,
            owner=plan.name(one.deliverable.owner),
        )
        for one in late
    ]
    for criterion in plan.criteria:
        day = day_of(criterion.due, plan.launch, plan.workdays)
        if today > day and (sentence := _unready(plan, criterion, day)) is not None:
            said.append(sentence)
    return tuple(said)


def missing(one: Deliverable) -> Message:
    """What is left to do."""
    match one.progress:
        case NotBegun():
            return Message("not begun")
        case InWork():
            return Message("not finished")
        case Done() if one.approver is not None:
            return Message("not approved")
        case Approved(filed=""):
            return Message("not filed")
        case Done() | Approved():
            return Message("nothing left to do")
    assert_never(one.progress)


def _unready(plan: ActionPlan, criterion: Criterion, day: date) -> Message | None:
    judged = judge(criterion)
    owner = plan.name(criterion.owner)
    match judged:
        case Reached():
            return None
        case Lacking():
            return Message(
                "{criterion}: {missing} more needed by {due}. {remedy} Owner: {owner}.",
                criterion=criterion.label, missing=judged.missing, due=day, remedy=criterion.remedy, owner=owner,
            )  # fmt: skip
        case Inconclusive():
            return Message(
                "{criterion}: {reason}, was due on {due}. Owner: {owner}.",
                criterion=criterion.label, reason=judged.reason, due=day, owner=owner,
            )  # fmt: skip
    assert_never(judged)


def continues(before: Sequence[Change], after: Sequence[Change]) -> None:
    """Whether a change record goes on from an older one. Raises `ChangeRecordRewritten`."""
    for number, change in enumerate(before):
        if number >= len(after) or after[number] != change:
            raise ChangeRecordRewritten(number=number + 1, day=change.on, what=change.what)


def _named(plan: ActionPlan) -> Iterator[tuple[Label | str, str]]:
    for one in plan.deliverables:
        yield one.label, one.owner
        if one.approver is not None:
            yield one.label, one.approver
    for criterion in plan.criteria:
        yield criterion.label, criterion.owner
    for risk in plan.risks:
        yield risk.label, risk.owner
    for change in plan.changes:
        yield change.what, change.by
