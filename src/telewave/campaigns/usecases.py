"""Save, submit, approve, reject, launch, pause, stop, report: load the campaign, decide, save what is new in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from telewave.campaigns import store
from telewave.campaigns.action_file import ANY_DAY, action_plan_of, keeps_changes
from telewave.campaigns.action_plan import ActionPlan
from telewave.campaigns.approval import (
    Approved,
    Draft,
    InReview,
    Launch,
    Launched,
    Paused,
    Standing,
    Step,
    Stopped,
    Submit,
    Version,
    digest_of,
)
from telewave.campaigns.model import Campaign, NoSuchCampaign, check_person
from telewave.campaigns.reports import News, Report, reported
from telewave.kernel import Conflict, Missing
from telewave.platform.database import Database


class NotRunning(Conflict):
    """No version of the campaign {name} is launched, so nothing of it may be carried out. Launch the approved one with: telewave campaign launch {name} --by YOU"""


class NoActionPlan(Missing):
    """No version of the campaign {name} is an action plan. Begin one with: telewave campaign template FILE, and submit it."""


IN_FORCE: tuple[tuple[type[Standing], ...], ...] = (
    (Launched, Paused),
    (Approved,),
    (Draft, InReview),
    (Stopped,),
)
"""Which version of an action plan counts, first choice first."""


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A plan as it was given: the file's name and its bytes, whatever they are."""

    name: str
    content: bytes


Judge = Callable[[Iterable[bytes], bytes], None]
"""Given the bytes of all versions, newest first, and the new ones: raises where the new ones may not follow."""


def save_plan(
    database: Database, name: str, plan: PlanFile, by: str, now: datetime, judge: Judge | None = None
) -> Campaign:
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
) -> Campaign:
    """Hand the draft in for review, after saving `plan` if it is given; both or neither is done.

    Raises `NoSuchCampaign`, `NotPossibleNow`, and what `save_plan` raises.
    """
    before = store.load(database, name)
    drafted = before if plan is None else _drafted(database, before, plan, by, now, judge)
    after = drafted.stepped(Submit(by), now)
    store.add(database, before, after, b"" if plan is None else plan.content)
    return after


def step(database: Database, name: str, taken: Step, now: datetime, number: int | None = None) -> Campaign:
    """Take a step on version `number`, or on the one it can only mean. For a launch see `launch`.

    Raises `NoSuchCampaign`, `NoSuchVersion`, `CampaignChangedMeanwhile`, and what `approval.take` raises.
    """
    before = store.load(database, name)
    after = before.stepped(taken, now, number)
    store.add(database, before, after)
    return after


def launch(
    database: Database,
    name: str,
    by: str,
    now: datetime,
    plan: PlanFile | None = None,
    number: int | None = None,
) -> Campaign:
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


def find(database: Database, name: str) -> Campaign:
    """The campaign. Raises `NoSuchCampaign`."""
    found = store.load(database, name)
    if not found.saved:
        raise NoSuchCampaign(name=name)
    return found


def plan_of(database: Database, name: str, number: int) -> bytes:
    """The bytes of one version as they were saved. Raises `NoSuchVersion`, `NotWhatWasApproved`."""
    return find(database, name).checked(number, store.content(database, name, number))


def launched_plan(database: Database, name: str) -> tuple[Version, bytes]:
    """The plan that may be carried out now, as it was approved. Raises `NotRunning`, `NoSuchCampaign`, `NotWhatWasApproved`."""
    campaign = find(database, name)
    standing: Launched | None = campaign.running()
    if standing is None:
        raise NotRunning(name=name)
    version = standing.version
    return version, campaign.checked(version.number, store.content(database, name, version.number))


def campaigns(database: Database) -> tuple[tuple[str, Standing], ...]:
    """Every campaign with how its newest version stands, by name."""
    found = (store.load(database, name) for name in store.names(database))
    return tuple((one.name, one.standings[-1]) for one in found if one.saved)


def plan_in_force(database: Database, name: str, launch: date | None = None) -> tuple[Version, ActionPlan]:
    """The action plan that is launched or approved, else the newest; with all reports. `launch`: day for a file that names none.

    Raises `NoSuchCampaign`, `NoActionPlan`, `NotWhatWasApproved`, `YamlMistake`.
    """
    campaign = find(database, name)
    for standing in _in_force_first(campaign):
        version = standing.version
        content = campaign.checked(version.number, store.content(database, name, version.number))
        if (plan := action_plan_of(content, launch)) is not None:
            return version, with_reports(database, name, plan)
    raise NoActionPlan(name=name)


def with_reports(database: Database, name: str, plan: ActionPlan) -> ActionPlan:
    """A campaign's action plan with everything that was reported of it. Raises what `reported` raises."""
    return reported(plan, store.reports(database, name))


def report(database: Database, name: str, by: str, now: datetime, news: News) -> ActionPlan:
    """Add a piece of news to the plan in force, which must have room for it. The plan itself stays as it was approved.

    Raises `CampaignChangedMeanwhile`, and what `plan_in_force`, `check_person` and `reported` raise.
    """
    check_person(by)
    known = store.reports(database, name)
    made = Report(now, by, news)
    _, plan = plan_in_force(database, name, ANY_DAY)
    after = reported(plan, [made])
    store.add_report(database, name, len(known), made)
    return after


def judge_of(database: Database, name: str) -> Judge:
    """What a campaign's next plan must keep: the change record, and room for everything that was reported."""
    known = store.reports(database, name)

    def judge(before: Iterable[bytes], after: bytes) -> None:
        keeps_changes(before, after)
        if (plan := action_plan_of(after, ANY_DAY)) is not None:
            reported(plan, known)

    return judge


def _drafted(
    database: Database, before: Campaign, plan: PlanFile, by: str, now: datetime, judge: Judge | None
) -> Campaign:
    after = before.drafted(plan.name, plan.content, by, now)
    if judge is not None and after is not before:
        kept = (store.content(database, before.name, one.number) for one in reversed(before.saved))
        judge(kept, plan.content)
    return after


def _in_force_first(campaign: Campaign) -> list[Standing]:
    """All versions by `IN_FORCE`, of each kind the newest first."""
    newest_first = campaign.standings[::-1]
    return [standing for kinds in IN_FORCE for standing in newest_first if isinstance(standing, kinds)]
