"""The states of a campaign's plan, and the only ways from one to the next. Pure.

    draft -> in review -> approved -> launched <-> paused -> stopped
      ^________| rejected, with the reason

Whoever wrote or submitted a plan cannot approve it. What was approved is known by the SHA-256 of its bytes: anything
else is not launched. Whatever is edited becomes a new version, a draft again.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias, assert_never

from telewave.kernel import Conflict, Forbidden, Label, Malformed, Message

SHOWN_DIGITS = 12


class NotPossibleNow(Conflict):
    """Version {version} of the campaign {campaign} is {state}, so it cannot be {step}. {remedy}"""

    code = "not_possible_now"


class OwnPlan(Forbidden):
    """{person} wrote or submitted version {version} of the campaign {campaign} and cannot approve it. Ask
    a second person to review and approve it.
    """

    code = "own_plan"


class NotWhatWasApproved(Conflict):
    """Approved for the campaign {campaign} was version {version} with the hash {approved}; the plan given has the hash
    {given}. Launch what was approved, or save the plan as a new version, have it approved and launch that: telewave
    campaign submit {campaign} --plan FILE --by YOU
    """

    code = "not_what_was_approved"


class NoReason(Malformed):
    """Say why: the reason stays in the campaign's history. Add --reason and a sentence."""

    code = "no_reason"


class NoPerson(Malformed):
    """Say who does this: the name stays in the campaign's history. Add --by and a name."""

    code = "no_person"


class State(StrEnum):
    """The states by name, as the history keeps them."""

    DRAFT = "draft"
    IN_REVIEW = "in review"
    APPROVED = "approved"
    LAUNCHED = "launched"
    PAUSED = "paused"
    STOPPED = "stopped"

    @property
    def label(self) -> Label:
        """The state's name for people."""
        return STATES[self]


STATES = {
    State.DRAFT: Label("draft", "草稿"),
    State.IN_REVIEW: Label("in review", "审核中"),
    State.APPROVED: Label("approved", "已批准"),
    State.LAUNCHED: Label("launched", "已上线"),
    State.PAUSED: Label("paused", "已暂停"),
    State.STOPPED: Label("stopped", "已终止"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One text of a campaign's plan. `digest`: SHA-256 of its bytes in hexadecimal; `authors`: everybody who saved or
    submitted these bytes, as this version or an earlier one.
    """

    campaign: str
    number: int
    file_name: str
    digest: str
    authors: frozenset[str]


@dataclass(frozen=True, slots=True)
class Draft:
    """Being written."""

    version: Version


@dataclass(frozen=True, slots=True)
class InReview:
    """Waits for a second person."""

    version: Version


@dataclass(frozen=True, slots=True)
class Approved:
    """A second person agreed; may be launched."""

    version: Version
    approved_by: str


@dataclass(frozen=True, slots=True)
class Launched:
    """Running."""

    version: Version
    approved_by: str


@dataclass(frozen=True, slots=True)
class Paused:
    """Held; may be launched again or stopped."""

    version: Version
    approved_by: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """Over, for good: stopped by a person, or replaced by a later version."""

    version: Version


Standing: TypeAlias = Draft | InReview | Approved | Launched | Paused | Stopped
"""How a version stands."""


@dataclass(frozen=True, slots=True)
class Submit:
    """Hand a draft in for review."""

    by: str


@dataclass(frozen=True, slots=True)
class Approve:
    """Agree to it. `note` is kept, and so is `despite`: why, although the verdict on the plan's model is not to use
    it.
    """

    by: str
    note: str = ""
    despite: str = ""


@dataclass(frozen=True, slots=True)
class Reject:
    """Send it back to its author, saying why."""

    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Launch:
    """Start it, or go on after a pause. `digest` is that of the plan which is about to run."""

    by: str
    digest: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Hold it for a while."""

    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Stop:
    """End it for good."""

    by: str
    reason: str


Step: TypeAlias = Submit | Approve | Reject | Launch | Pause | Stop
"""What a person can do with a version."""

STEPS = {
    Submit: Label("submitted", "提交审核"),
    Approve: Label("approved", "批准"),
    Reject: Label("rejected", "驳回"),
    Launch: Label("launched", "上线"),
    Pause: Label("paused", "暂停"),
    Stop: Label("stopped", "终止"),
}


def digest_of(plan: bytes) -> str:
    """SHA-256 of a plan's bytes, in hexadecimal."""
    return hashlib.sha256(plan).hexdigest()


def same_person(one: str, other: str) -> bool:
    """Whether two names mean one person: width, capitals, blanks and what nobody sees do not count.

    >>> same_person("Li Na", " li  na"), same_person("Li\u200b Na", "Li Na"), same_person("Li Na", "Li Nan")
    (True, True, False)
    """
    return plain_name(one) == plain_name(other)


def take(standing: Standing, step: Step) -> Standing:
    """How the version stands after `step`.

    Raises `NotPossibleNow`, `OwnPlan`, `NotWhatWasApproved`, `NoReason`, `NoPerson`.
    """
    if not step.by.strip():
        raise NoPerson
    match standing, step:
        case Draft(version), Submit(by):
            return InReview(replace(version, authors=version.authors | {by}))
        case InReview(), Approve(by):
            return _approved(standing, by)
        case InReview(version), Reject(_, reason):
            _said(reason)
            return Draft(version)
        case ((Approved(version, approver) | Paused(version, approver)), Launch(_, digest)):
            return _launched(version, approver, digest)
        case Launched(version, approver), Pause(_, reason):
            _said(reason)
            return Paused(version, approver)
        case ((Draft() | InReview() | Approved() | Launched() | Paused()), Stop(_, reason)):
            _said(reason)
            return Stopped(standing.version)
    raise _not_now(standing, step)


def state_of(standing: Standing) -> State:
    """The name of the state."""
    match standing:
        case Draft():
            return State.DRAFT
        case InReview():
            return State.IN_REVIEW
        case Approved():
            return State.APPROVED
        case Launched():
            return State.LAUNCHED
        case Paused():
            return State.PAUSED
        case Stopped():
            return State.STOPPED
    assert_never(standing)


def note_of(step: Step) -> str:
    """What the person said when taking the step."""
    match step:
        case Approve(_, note, despite):
            return " · ".join(part for part in (note.strip(), despite.strip()) if part)
        case Reject(_, reason) | Pause(_, reason) | Stop(_, reason):
            return reason.strip()
        case Submit() | Launch():
            return ""
    assert_never(step)


def _approved(standing: InReview, by: str) -> Approved:
    version = standing.version
    if any(same_person(by, other) for other in version.authors):
        raise OwnPlan(person=by, version=version.number, campaign=version.campaign)
    return Approved(version, by)


def _launched(version: Version, approver: str, digest: str) -> Launched:
    if digest != version.digest:
        raise NotWhatWasApproved(
            campaign=version.campaign,
            version=version.number,
            approved=version.digest[:SHOWN_DIGITS],
            given=digest[:SHOWN_DIGITS],
        )
    return Launched(version, approver)


def _not_now(standing: Standing, step: Step) -> NotPossibleNow:
    return NotPossibleNow(
        version=standing.version.number,
        campaign=standing.version.campaign,
        state=state_of(standing).label,
        step=STEPS[type(step)],
        remedy=_next(standing),
    )


def _next(standing: Standing) -> Message:
    """What can be done from here."""
    match standing:
        case Draft():
            return Message("Submit it for review first.")
        case InReview():
            return Message("A second person approves or rejects it first.")
        case Approved():
            return Message("It can be launched or stopped; to change it, save the plan as a new version.")
        case Launched():
            return Message("It can be paused or stopped; to change it, save the plan as a new version.")
        case Paused():
            return Message("It can be launched again or stopped.")
        case Stopped():
            return Message("That is final: save the plan as a new version to begin anew.")
    assert_never(standing)


def _said(reason: str) -> None:
    if not reason.strip():
        raise NoReason


def plain_name(name: str) -> str:
    """A person's name as it is compared: without case, width, invisible letters and spare spaces."""
    seen = "".join(letter for letter in name if unicodedata.category(letter) != "Cf")
    return " ".join(unicodedata.normalize("NFKC", seen).casefold().split())
