"""Save, submit, approve, reject, launch, pause, stop: load the campaign, decide, save what is new in one
transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from telewave.approvals import store
from telewave.approvals.approval import (
    Approve,
    Launch,
    Launched,
    Standing,
    Step,
    Submit,
    Version,
    digest_of,
)
from telewave.approvals.model import ANY_KIND, Dossier, NoSuchCampaign
from telewave.approvals.ports import Judge, PlanKind
from telewave.kernel import Conflict
from telewave.models.verdict import refuse_unless_despite
from telewave.planning.plans import MADE, SHOWN_DIGITS, plans_of
from telewave.platform.database import Database


class NotRunning(Conflict):
    """No version of the campaign {name} is launched, so nothing of it may be carried out. Launch the approved one
    with: telewave campaign launch {name} --by YOU
    """

    code = "not_running"


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A plan as it was given: the file's name, its bytes, and the kind of plan that they are."""

    name: str
    content: bytes
    kind: str = ANY_KIND


def save_plan(
    database: Database, name: str, plan: PlanFile, by: str, now: datetime, judge: Judge | None = None
) -> Dossier:
    """Save a plan as a new draft, unless the newest version is that plan already.

    Raises `EmptyPlan`, `NoPerson`, `CampaignChangedMeanwhile`, and what `judge` raises.
    """
    before = store.load(database, name)
    after = _drafted(database, before, plan, by, now, judge)
    store.add(database, before, after, plan.content)
    return after


def submit(
    database: Database,
    name: str,
    by: str,
    now: datetime,
    plan: PlanFile | None = None,
    judge: Judge | None = None,
) -> Dossier:
    """Hand the draft in for review, after saving `plan` if it is given; both or neither is done.

    Raises `NoSuchCampaign`, `NotPossibleNow`, and what `save_plan` raises.
    """
    before = store.load(database, name)
    drafted = before if plan is None else _drafted(database, before, plan, by, now, judge)
    after = drafted.stepped(Submit(by), now)
    store.add(database, before, after, b"" if plan is None else plan.content)
    return after


def step(database: Database, name: str, taken: Step, now: datetime, number: int | None = None) -> Dossier:
    """Take a step on version `number`, or on the one it can only mean. For a launch see `launch`.

    Raises `NoSuchCampaign`, `NoSuchVersion`, `CampaignChangedMeanwhile`, and what `approval.take` raises.
    """
    before = store.load(database, name)
    after = before.stepped(taken, now, number)
    store.add(database, before, after)
    return after


def approve(
    database: Database,
    name: str,
    taken: Approve,
    now: datetime,
    kinds: Sequence[PlanKind],
    number: int | None = None,
) -> Dossier:
    """Agree to the version in review. One that was made by a model whose verdict is not to use it, only with a reason.

    Raises `ModelNotToBeUsed`, and what `step` raises.
    """
    before = store.load(database, name)
    before.stepped(taken, now, number)
    meant = before.meant(taken, number).version.number
    content = store.content(database, name, meant)
    verdicts = [verdict for kind in kinds if (verdict := kind.verdict(content)) is not None]
    needed = [refuse_unless_despite(verdict, taken.despite or None) for verdict in verdicts]
    said = replace(taken, despite=taken.despite if any(needed) else "")
    after = before.stepped(said, now, meant)
    store.add(database, before, after)
    return after


def launch(
    database: Database,
    name: str,
    by: str,
    now: datetime,
    plan: PlanFile | None = None,
    number: int | None = None,
) -> Dossier:
    """Launch what was approved: the kept bytes, or `plan` if it is the very same. Launches a paused version again.

    Raises `NotWhatWasApproved`, and what `step` raises.
    """
    before = store.load(database, name)
    meant = before.meant(Launch(by, ""), number).version
    kept = store.content(database, name, meant.number)
    digest = digest_of(kept if plan is None else plan.content)
    before.checked(meant.number, kept)
    after = before.stepped(Launch(by, digest), now, meant.number)
    store.add(database, before, after)
    return after


def find(database: Database, name: str) -> Dossier:
    """The campaign. Raises `NoSuchCampaign`."""
    found = store.load(database, name)
    if not found.saved:
        raise NoSuchCampaign(name=name)
    return found


def plan_of(database: Database, name: str, number: int) -> bytes:
    """The bytes of one version as they were saved. Raises `NoSuchVersion`, `NotWhatWasApproved`."""
    return find(database, name).checked(number, store.content(database, name, number))


def launched_plan(database: Database, name: str, kind: str | None = None) -> tuple[Version, bytes]:
    """The plan of this kind (None: of any) that may be carried out now, as it was approved. Raises
    `NotRunning`, `NoSuchCampaign`, `NotWhatWasApproved`.
    """
    dossier = find(database, name)
    standing: Launched | None = dossier.running(kind)
    if standing is None:
        raise NotRunning(name=name)
    version = standing.version
    return version, dossier.checked(version.number, store.content(database, name, version.number))


def campaigns(database: Database) -> tuple[tuple[str, Standing], ...]:
    """Every campaign with how its newest version stands, by name."""
    found = (store.load(database, name) for name in store.names(database))
    return tuple((one.name, one.standings[-1]) for one in found if one.saved)


def _drafted(
    database: Database, before: Dossier, plan: PlanFile, by: str, now: datetime, judge: Judge | None
) -> Dossier:
    after = before.drafted(plan.name, plan.content, by, now, plan.kind)
    if judge is not None and after is not before:
        kept = (store.content(database, before.name, one.number) for one in reversed(before.saved))
        judge(kept, plan.content)
    return after


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """What approvals have lost. `steps`: plans beyond `made`, by the start of their hash, and campaigns, of which no
    step is known; `plans`: plans that were submitted and that are not known, by the start of their hash.
    """

    steps: tuple[str, ...]
    plans: tuple[str, ...]


def gone(database: Database, kind: str) -> Gone:
    """Compare the steps of all campaigns with the plans; `kind`: what plans are called among the versions of a
    campaign.
    """
    taken, saved, stepless = store.steps_and_versions(database, kind)
    plans = plans_of(database)
    unstepped = {one.hash[:SHOWN_DIGITS] for one in plans if one.state != MADE and one.hash not in taken}
    missing = {digest[:SHOWN_DIGITS] for digest in saved - {one.hash for one in plans}}
    return Gone(steps=tuple(sorted(unstepped | stepless)), plans=tuple(sorted(missing)))
