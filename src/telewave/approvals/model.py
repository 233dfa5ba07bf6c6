"""A campaign with all its versions and its history, from which it follows how each version stands. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from telewave.approvals.approval import (
    SHOWN_DIGITS,
    Approve,
    Approved,
    Draft,
    InReview,
    Launch,
    Launched,
    NoPerson,
    NotWhatWasApproved,
    Pause,
    Paused,
    Reject,
    Standing,
    State,
    Step,
    Stop,
    Stopped,
    Submit,
    Version,
    digest_of,
    note_of,
    state_of,
    take,
)
from telewave.kernel import Malformed, Message, Missing
from telewave.kernel.history import not_before

LONGEST_NAME, LONGEST_PERSON = 60, 200
ANY_KIND = "plan"


class UnusableCampaignName(Malformed):
    """A campaign cannot be called {name!r}. Use letters, digits, '-' and '_' only, at most 60 of them."""

    code = "unusable_campaign_name"


class NoSuchCampaign(Missing):
    """There is no campaign {name}. Save its plan first: telewave campaign submit {name} --plan FILE --by YOU"""

    code = "no_such_campaign"


class NoSuchVersion(Missing):
    """The campaign {name} has no version {number}. `telewave campaign show {name}` lists its versions."""

    code = "no_such_version"


class EmptyPlan(Malformed):
    """The plan file {file} is empty: there is nothing to approve. Give the file of the plan."""

    code = "empty_plan"


class LongPersonName(Malformed):
    """A person's name of {length} characters is too long. Give at most 200."""

    code = "long_person_name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the history: who brought which version from which state (None: it was just saved) to which, and why.

    `replaced_by`: the version that took its place, where no person stopped it.
    """

    sequence: int
    number: int
    at: datetime
    person: str
    from_state: State | None
    to_state: State
    digest: str
    note: str = ""
    replaced_by: int | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """A version's file name, the hash of its bytes, and the kind of plan that it is: a
    version takes the place of its own kind only.
    """

    number: int
    file_name: str
    digest: str
    kind: str = ANY_KIND


@dataclass(frozen=True, slots=True)
class Dossier:
    """All versions and the whole history, oldest first. Its methods return it with
    more history; nothing is ever taken away.
    """

    name: str
    saved: tuple[Saved, ...] = ()
    entries: tuple[Entry, ...] = ()

    def __post_init__(self) -> None:
        if not re.fullmatch(rf"[\w-]{{1,{LONGEST_NAME}}}", self.name):
            raise UnusableCampaignName(name=self.name)

    def version(self, number: int) -> Version:
        """One version with everybody who saved or submitted its bytes, as it or as
        an earlier one. Raises `NoSuchVersion`.
        """
        for one in self.saved:
            if one.number == number:
                known = (e for e in self.entries if e.number <= number and e.digest == one.digest)
                authors = (e.person for e in known if e.from_state is None or e.to_state is State.IN_REVIEW)
                return Version(
                    campaign=self.name,
                    number=number,
                    file_name=one.file_name,
                    digest=one.digest,
                    authors=frozenset(authors),
                )
        raise NoSuchVersion(name=self.name, number=number)

    def checked(self, number: int, content: bytes) -> bytes:
        """`content` if it is what the history says was saved and approved as version `number`.

        The hash in the history counts, not the one beside the bytes: whoever exchanges the bytes can exchange that as
        well. Raises `NoSuchVersion`, `NotWhatWasApproved`.
        """
        given = digest_of(content)
        known = {self.version(number).digest} | {e.digest for e in self.entries if e.number == number}
        for digest in known - {given}:
            raise NotWhatWasApproved(
                campaign=self.name,
                version=number,
                approved=digest[:SHOWN_DIGITS],
                given=given[:SHOWN_DIGITS],
            )
        return content

    def standing(self, number: int) -> Standing:
        """How a version stands, from its last entries. Raises `NoSuchVersion`."""
        version = self.version(number)
        own = [entry for entry in self.entries if entry.number == number]
        by = {entry.to_state: entry.person for entry in own}
        match own[-1].to_state:
            case State.DRAFT:
                return Draft(version)
            case State.IN_REVIEW:
                return InReview(version)
            case State.APPROVED:
                return Approved(version, by[State.APPROVED])
            case State.LAUNCHED:
                return Launched(version, by[State.APPROVED])
            case State.PAUSED:
                return Paused(version, by[State.APPROVED])
            case State.STOPPED:
                return Stopped(version)
            case _:
                assert_never(own[-1].to_state)

    @property
    def standings(self) -> tuple[Standing, ...]:
        """How each version stands, oldest first."""
        return tuple(self.standing(one.number) for one in self.saved)

    def kind(self, number: int) -> str:
        """The kind of plan that a version is. Raises `NoSuchVersion`."""
        _ = self.version(number)
        return self.saved[number - 1].kind

    def drafted(
        self, file_name: str, content: bytes, by: str, now: datetime, kind: str = ANY_KIND
    ) -> Dossier:
        """With the plan as a new draft, in place of drafts and reviews of its kind that were open; unchanged
        if the newest of its kind is that plan.

        Raises `EmptyPlan`, `NoPerson`, `LongPersonName`, `ClockBehind`.
        """
        if not content.strip():
            raise EmptyPlan(file=file_name)
        check_person(by)
        digest = digest_of(content)
        before = [one for one in self.saved if one.kind == kind]
        if (
            before
            and before[-1].digest == digest
            and not isinstance(self.standing(before[-1].number), Stopped)
        ):
            return self
        number = len(self.saved) + 1
        made = replace(self, saved=(*self.saved, Saved(number, file_name, digest, kind)))
        made = _replaced(made, (Draft, InReview), number, by, now)
        return _entered(made, number, now, by, None, State.DRAFT)

    def stepped(self, step: Step, now: datetime, number: int | None = None) -> Dossier:
        """With `step` taken on version `number`, or on the one version that it can mean.

        Approving or launching a version ends the one that was approved or running before.
        Raises `NoSuchCampaign`, `NoSuchVersion`, `ClockBehind`, and what `approval.take` raises.
        """
        check_person(step.by)
        standing = self.meant(step, number)
        after = take(standing, step)
        chosen = standing.version.number
        made: Dossier = self
        if isinstance(after, Approved):
            made = _replaced(made, (Approved,), chosen, step.by, now)
        if isinstance(after, Launched):
            made = _replaced(made, (Launched, Paused), chosen, step.by, now)
        return _entered(made, chosen, now, step.by, state_of(standing), state_of(after), note_of(step))

    def running(self, kind: str | None = None) -> Launched | None:
        """The version that is launched, of this kind (None: of any), if there is one."""
        standings = (one for one in self.standings if isinstance(one, Launched))
        return next((one for one in standings if kind in (None, self.kind(one.version.number))), None)

    def meant(self, step: Step, number: int | None = None) -> Standing:
        """The version that `step` is for: `number`, else the first that `MEANT` finds, else the newest.

        Raises `NoSuchCampaign`, `NoSuchVersion`.
        """
        if number is not None:
            return self.standing(number)
        for kinds in MEANT[type(step)]:
            for standing in reversed(self.standings):
                if isinstance(standing, kinds):
                    return standing
        if self.saved:
            return self.standings[-1]  # `take` says what is possible there
        raise NoSuchCampaign(name=self.name)


MEANT: dict[type[Step], tuple[tuple[type[Standing], ...], ...]] = {
    Submit: ((Draft,),),
    Approve: ((InReview,),),
    Reject: ((InReview,),),
    Launch: ((Approved,), (Paused,)),
    Pause: ((Launched,),),
    Stop: ((Launched, Paused), (Approved,), (InReview, Draft)),
}
"""Which versions a step means where none is named, first choice first; the newest of each."""


def _replaced(
    dossier: Dossier, kinds: tuple[type[Standing], ...], by_version: int, person: str, now: datetime
) -> Dossier:
    """With every version of the same kind of plan that stands in one of `kinds` ended by the coming of another."""
    made = dossier
    for saved in dossier.saved:
        number = saved.number
        if number == by_version or saved.kind != dossier.saved[by_version - 1].kind:
            continue
        standing = dossier.standing(number)
        if isinstance(standing, kinds):
            made = _entered(made, number, now, person, state_of(standing), State.STOPPED, "", by_version)
    return made


def _entered(
    dossier: Dossier,
    number: int,
    now: datetime,
    person: str,
    before: State | None,
    after: State,
    note: str = "",
    replaced_by: int | None = None,
) -> Dossier:
    digest = dossier.saved[number - 1].digest
    sequence = len(dossier.entries) + 1
    last = dossier.entries[-1].at if dossier.entries else None
    at = not_before(last, now, Message("the campaign {name}", name=dossier.name))
    entry = Entry(
        sequence=sequence,
        number=number,
        at=at,
        person=person.strip(),
        from_state=before,
        to_state=after,
        digest=digest,
        note=note,
        replaced_by=replaced_by,
    )
    return replace(dossier, entries=(*dossier.entries, entry))


def check_person(name: str) -> None:
    """Raises `NoPerson`, `LongPersonName`."""
    if not name.strip():
        raise NoPerson
    if len(name) > LONGEST_PERSON:
        raise LongPersonName(length=len(name))
