"""One campaign: what is to be decided, the plans side by side, what limits them, the ledger, the history."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, assert_never

from fastapi import APIRouter, Form
from starlette.responses import Response

from telewave.access.roles import Permission
from telewave.approvals.approval import (
    Approve,
    Approved,
    Draft,
    InReview,
    Launched,
    Pause,
    Paused,
    Reject,
    Standing,
    Stop,
    Stopped,
    Submit,
    state_of,
)
from telewave.approvals.model import Dossier
from telewave.approvals.usecases import approve, find, launch, plan_of, step
from telewave.approvals.words import HISTORY_COLUMNS, history_rows
from telewave.console import campaign_told as words
from telewave.console.campaign_tabs import tabs_of
from telewave.console.frame import done as seen
from telewave.console.frame import in_address, page
from telewave.console.visit import Visit, needs
from telewave.contacts.ledger_rows import LEDGER_COLUMNS, ledger_caption, ledger_rows
from telewave.kernel import Label, Message
from telewave.platform.pages.page_table import page_table

router = APIRouter()


class Step(StrEnum):
    """What a person may do with a version."""

    SUBMIT = "submit"
    APPROVE = "approve"
    REJECT = "reject"
    LAUNCH = "launch"
    PAUSE = "pause"
    STOP = "stop"


NEEDS = {
    Step.SUBMIT: Permission.PLAN_SUBMIT,
    Step.APPROVE: Permission.PLAN_APPROVE,
    Step.REJECT: Permission.PLAN_APPROVE,
    Step.LAUNCH: Permission.PLAN_LAUNCH,
    Step.PAUSE: Permission.PLAN_LAUNCH,
    Step.STOP: Permission.PLAN_LAUNCH,
}
NAMES = {
    Step.SUBMIT: Label("Hand in for review", "提交审核"),
    Step.APPROVE: Label("Approve", "批准"),
    Step.REJECT: Label("Send back", "退回"),
    Step.LAUNCH: Label("Launch", "上线"),
    Step.PAUSE: Label("Pause", "暂停"),
    Step.STOP: Label("Stop for good", "终止"),
}
REASONED = (Step.REJECT, Step.PAUSE, Step.STOP)
"""Steps that take a reason; approving takes a remark where there is one."""
DONE = {
    Step.SUBMIT: Message("The plan is handed in: a second person approves it or sends it back."),
    Step.APPROVE: Message("The plan is approved and frozen; it can be launched."),
    Step.REJECT: Message("The plan went back to its author, with the reason."),
    Step.LAUNCH: Message("The campaign is launched."),
    Step.PAUSE: Message("The campaign is paused: nothing of it is carried out."),
    Step.STOP: Message("The campaign is stopped for good."),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """A step that this person may take on a version now. `file`: what the version is; `field`: what is written with the
    step, and whether it has to be.
    """

    step: Step
    number: int
    file: str
    field: Message | None
    required: bool


@router.get("/campaigns/{name}")
def campaign(name: str, visit: Visit = needs(Permission.CAMPAIGN_READ), done: str = "") -> Response:
    """The page."""
    said = DONE[Step(done)] if done in set(Step) else None
    return campaign_answer(visit, find(visit.database, name), said)


@router.post("/campaigns/{name}")
def stepped(
    name: str,
    what: Annotated[Step, Form()],
    number: Annotated[int, Form()],
    note: Annotated[str, Form(max_length=2_000)] = "",
    despite: Annotated[str, Form(max_length=2_000)] = "",
    visit: Visit = needs(Permission.PLAN_SUBMIT, Permission.PLAN_APPROVE, Permission.PLAN_LAUNCH),
) -> Response:
    """A step by whoever is signed in. Raises what the use case raises, and `NotAllowed`."""
    visit.person.require(NEEDS[what])
    _take(visit, find(visit.database, name), what, number, note.strip(), despite.strip())
    return seen(f"/campaigns/{in_address(name)}", what.value)


def _take(visit: Visit, dossier: Dossier, what: Step, number: int, note: str, despite: str) -> None:
    database, name, by, now = visit.database, dossier.name, visit.person.name, visit.now
    kinds = visit.workplace.kinds
    match what:
        case Step.SUBMIT:
            step(database, name, Submit(by), now, number)
        case Step.APPROVE:
            approve(database, name, Approve(by, note, despite), now, kinds, number)
        case Step.REJECT:
            step(database, name, Reject(by, note), now, number)
        case Step.LAUNCH:
            launch(database, name, by, now, None, number)
        case Step.PAUSE:
            step(database, name, Pause(by, note), now, number)
        case Step.STOP:
            step(database, name, Stop(by, note), now, number)
        case _:
            assert_never(what)


def campaign_answer(visit: Visit, dossier: Dossier, said: Message | None) -> Response:
    """The page of a campaign."""
    told = words.plans_told(visit.database, dossier)
    newest = told[-1] if told else None
    language = visit.language
    tables = []
    if newest is not None:
        tables = [
            page_table(
                Message("The plan in figures"),
                words.figure_columns(told),
                words.figure_rows(told),
                None,
                language,
            ),
            page_table(
                Message("What limits it, and what one more would earn"),
                words.LIMIT_COLUMNS,
                words.limit_rows(newest.content),
                None,
                language,
            ),
            page_table(
                Message("What is expected of each wave"),
                words.WAVE_COLUMNS,
                words.wave_rows(newest.content),
                range(2, 7),
                language,
            ),
        ]
    history = page_table(
        Message("Who did what, and why"), HISTORY_COLUMNS, history_rows(dossier, visit.local), (), language
    )
    ledger = page_table(
        ledger_caption(dossier.name),
        LEDGER_COLUMNS,
        ledger_rows(visit.database, dossier.name),
        (4,),
        language,
    )
    return page(
        visit,
        "campaign.html",
        "/campaigns",
        title=words.title_told(told, dossier.name),
        name=dossier.name,
        tabs=tabs_of(visit, dossier.name),
        tab="",
        said=said,
        headline=words.headline(newest.content) if newest else None,
        cautions=_cautions(visit, dossier),
        versions=[(one.version.number, state_of(one).label) for one in dossier.standings],
        choices=list(choices(visit, dossier)),
        names=NAMES,
        tables=[table for table in tables if table.rows],
        ledger=ledger if ledger.rows else None,
        history=history,
    )


def choices(visit: Visit, dossier: Dossier) -> Iterator[Choice]:
    """The steps that this person may take now, those of the newest version first."""
    for standing in reversed(dossier.standings):
        for what in _possible(standing):
            own = what is Step.APPROVE and visit.person.name in standing.version.authors
            if visit.may(NEEDS[what]) and not own:
                field = Message("Why") if what in REASONED else None
                if what is Step.APPROVE:
                    field = Message("Remark")
                yield Choice(
                    step=what,
                    number=standing.version.number,
                    file=standing.version.file_name,
                    field=field,
                    required=what in REASONED,
                )


def _possible(standing: Standing) -> tuple[Step, ...]:
    match standing:
        case Draft():
            return (Step.SUBMIT,)
        case InReview():
            return (Step.APPROVE, Step.REJECT)
        case Approved():
            return (Step.LAUNCH, Step.STOP)
        case Launched():
            return (Step.PAUSE, Step.STOP)
        case Paused():
            return (Step.LAUNCH, Step.STOP)
        case Stopped():
            return ()
        case _:
            assert_never(standing)


def _cautions(visit: Visit, dossier: Dossier) -> list[Message]:
    """What is not as it should be with the versions that are not over."""
    found: list[Message] = []
    for standing in dossier.standings:
        if isinstance(standing, Stopped):
            continue
        content = plan_of(visit.database, dossier.name, standing.version.number)
        for kind in visit.workplace.kinds:
            launched = isinstance(standing, Launched)
            told = kind.obstacles(visit.database, dossier.name, content, visit.today, launched=launched)
            found += [one for one in told if one not in found]
    return found
