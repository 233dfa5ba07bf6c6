"""Commands of `campaigns`: the way of a plan from draft to stop, and its history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, assert_never

import typer

from telewave.approvals.approval import (
    SHOWN_DIGITS,
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
    state_of,
)
from telewave.approvals.model import Dossier, EmptyPlan
from telewave.kernel import Malformed, Message
from telewave.platform.command_line import By, CampaignName
from telewave.platform.files import read_whole, shown_name, write_whole
from telewave.platform.terminal import Session, TableCell, spoken

if TYPE_CHECKING:
    from telewave.approvals.ports import PlanKind
    from telewave.approvals.usecases import PlanFile


class PlanFileUnreadable(Malformed):
    """The plan file {file} cannot be read: {cause}. Give the path of a file that you may read."""

    code = "plan_file_unreadable"


class NotAPlan(Malformed):
    """The file {file} is no plan: neither the document that telewave plan make --document writes nor an action plan as
    telewave campaign template writes one. Give one of these.
    """

    code = "not_a_plan"


Reason = Annotated[str, typer.Option("--reason", help=spoken("Why; kept in the history."))]
Note = Annotated[str, typer.Option("--note", help=spoken("Remark, kept in the history."))]
Plan = Annotated[
    Path,
    typer.Option(
        "--plan",
        help=spoken("File of the plan: the document of a plan, or an action plan; its bytes are kept."),
    ),
]
MaybePlan = Annotated[
    Path | None,
    typer.Option(
        "--plan",
        help=spoken(
            "File of the plan: the document of a plan, or an action plan; none: the one that was saved last."
        ),
    ),
]
Despite = Annotated[
    str,
    typer.Option(
        "--despite-verdict",
        help=spoken(
            "Why the plan is approved although the verdict on its model is not to use it; kept in the history."
        ),
    ),
]
SamePlan = Annotated[
    Path | None,
    typer.Option(
        "--plan",
        help=spoken(
            "File that is about to run; refused unless it is what was approved. None: what was approved."
        ),
    ),
]
Number = Annotated[
    int | None,
    typer.Option("--version", help=spoken("Version number; none: the only version it can be.")),
]
Out = Annotated[
    Path | None,
    typer.Option("--out", help=spoken("File to write the plan to, byte for byte as it was saved.")),
]


KINDS = "telewave.plan_kinds"


def campaign_group(kinds: Callable[[], Sequence[PlanKind]]) -> typer.Typer:
    """The group of commands `campaign`, for plans of the kinds that `kinds` gives; other
    capabilities add their own commands to it.
    """

    def remember(context: typer.Context) -> None:
        context.meta[KINDS] = kinds

    group = typer.Typer(
        no_args_is_help=True,
        help=spoken(
            "Campaigns: plans rehearsed, approved and launched; their contacts, and what they earned."
        ),
        callback=remember,
    )
    group.command("draft", help=spoken("Save a plan as a draft; a new version if it differs from the last."))(
        draft_command
    )
    group.command("submit", help=spoken("Submit a plan for review."))(submit_command)
    group.command("approve", help=spoken("Approve a plan as a second person; from then on it is frozen."))(
        approve_command
    )
    group.command("reject", help=spoken("Send a plan back to its author, with the reason."))(reject_command)
    group.command("launch", help=spoken("Launch what was approved, or go on after a pause."))(launch_command)
    group.command("pause", help=spoken("Pause a campaign that is running."))(pause_command)
    group.command("stop", help=spoken("Stop a campaign for good."))(stop_command)
    group.command("show", help=spoken("Show a campaign's versions, or write one version's plan to a file."))(
        show_command
    )
    group.command("history", help=spoken("Show who did what with a campaign, and why."))(history_command)
    group.command("list", help=spoken("List all campaigns."))(list_command)
    return group


def draft_command(context: typer.Context, name: CampaignName, plan: Plan, by: By) -> None:
    """Save, and say which version it is."""
    from telewave.approvals.ports import judge_of
    from telewave.approvals.usecases import save_plan

    session: Session = context.obj
    judge = judge_of(_kinds(context), session.database, name)
    tell(
        session,
        save_plan(session.database, name, read_plan(plan, _kinds(context)), by, session.clock.now(), judge),
    )


def submit_command(context: typer.Context, name: CampaignName, by: By, plan: MaybePlan = None) -> None:
    """Save if a file is given, and submit."""
    from telewave.approvals.ports import judge_of
    from telewave.approvals.usecases import submit

    session: Session = context.obj
    given = None if plan is None else read_plan(plan, _kinds(context))
    judge = judge_of(_kinds(context), session.database, name)
    tell(session, submit(session.database, name, by, session.clock.now(), given, judge))


def approve_command(
    context: typer.Context,
    name: CampaignName,
    by: By,
    note: Note = "",
    version: Number = None,
    despite_verdict: Despite = "",
) -> None:
    """Approve what is in review."""
    from telewave.approvals.usecases import approve

    session: Session = context.obj
    taken = Approve(by, note, despite_verdict)
    dossier = approve(session.database, name, taken, session.clock.now(), _kinds(context), version)
    tell(session, dossier)
    _warn(session, _kinds(context), dossier)


def reject_command(
    context: typer.Context, name: CampaignName, by: By, reason: Reason, version: Number = None
) -> None:
    """Send back what is in review."""
    from telewave.approvals.usecases import step

    session: Session = context.obj
    tell(session, step(session.database, name, Reject(by, reason), session.clock.now(), version))


def launch_command(
    context: typer.Context, name: CampaignName, by: By, plan: SamePlan = None, version: Number = None
) -> None:
    """Launch, after comparing the hashes."""
    from telewave.approvals.usecases import launch

    session: Session = context.obj
    given = None if plan is None else read_plan(plan, _kinds(context))
    dossier = launch(session.database, name, by, session.clock.now(), given, version)
    tell(session, dossier)
    _warn(session, _kinds(context), dossier, launched=True)


def pause_command(
    context: typer.Context, name: CampaignName, by: By, reason: Reason, version: Number = None
) -> None:
    """Pause what is running."""
    from telewave.approvals.usecases import step

    session: Session = context.obj
    tell(session, step(session.database, name, Pause(by, reason), session.clock.now(), version))


def stop_command(
    context: typer.Context, name: CampaignName, by: By, reason: Reason, version: Number = None
) -> None:
    """Stop what is running, else what was approved, else what is being written."""
    from telewave.approvals.usecases import step

    session: Session = context.obj
    tell(session, step(session.database, name, Stop(by, reason), session.clock.now(), version))


def show_command(context: typer.Context, name: CampaignName, version: Number = None, out: Out = None) -> None:
    """A line for each version; with --out the bytes of one."""
    from telewave.approvals.usecases import find, plan_of

    session: Session = context.obj
    found = find(session.database, name)
    if out is not None:
        number = found.saved[-1].number if version is None else version
        write_whole(out, plan_of(session.database, name, number))
        session.say(Message("Version {number} is in {path}.", number=number, path=out))
        return
    chosen = found.standings if version is None else (found.standing(version),)
    columns = (Message("Version"), Message("State"), Message("File"), Message("Hash"), Message("Authors"))
    rows = [_version_row(standing) for standing in chosen]
    session.table(Message("Versions of the campaign {name}", name=name), columns, rows)


def history_command(context: typer.Context, name: CampaignName) -> None:
    """A line for each step."""
    from telewave.approvals.usecases import find
    from telewave.approvals.words import HISTORY_COLUMNS, history_rows

    session: Session = context.obj
    found = find(session.database, name)
    session.table(
        Message("History of the campaign {name}", name=name),
        HISTORY_COLUMNS,
        history_rows(found, session.clock.local),
    )


def list_command(context: typer.Context) -> None:
    """A line for each campaign."""
    from telewave.approvals.usecases import campaigns

    session: Session = context.obj
    found = campaigns(session.database)
    if not found:
        session.say(
            Message(
                "There are no campaigns yet. Begin one with: telewave campaign submit NAME --plan FILE --by YOU"
            )
        )
        return
    rows: list[tuple[TableCell, ...]] = [
        (name, standing.version.number, state_of(standing).label, standing.version.file_name)
        for name, standing in found
    ]
    columns = (Message("Campaign"), Message("Version"), Message("State"), Message("File"))
    session.table(Message("Campaigns"), columns, rows)


def read_plan(path: Path, kinds: Sequence[PlanKind]) -> PlanFile:
    """A file's name, bytes and kind. Raises `PlanFileUnreadable`, `EmptyPlan`, `NotAPlan`."""
    from telewave.approvals.usecases import PlanFile

    try:
        content = read_whole(path)
    except OSError as cause:
        raise PlanFileUnreadable(file=path, cause=type(cause).__name__) from cause
    if not content.strip():
        raise EmptyPlan(file=shown_name(path))
    for kind in kinds:
        if kind.recognises(content):
            return PlanFile(shown_name(path), content, kind.name)
    raise NotAPlan(file=shown_name(path))


def tell(session: Session, dossier: Dossier) -> None:
    """Say how the version of the last step stands, and what comes next."""
    standing = dossier.standing(dossier.entries[-1].number)
    version = standing.version
    session.say(
        Message(
            "{name}, version {number} ({file}, hash {digest}): {state}.",
            name=dossier.name,
            number=version.number,
            file=version.file_name,
            digest=version.digest[:SHOWN_DIGITS],
            state=state_of(standing).label,
        )
    )
    if (coming := _next(standing)) is not None:
        session.say(coming)


def _next(standing: Standing) -> Message | None:
    name = standing.version.campaign
    match standing:
        case Draft():
            return Message("Next: telewave campaign submit {name} --by YOU", name=name)
        case InReview():
            return Message("Next, by a second person: telewave campaign approve {name} --by YOU", name=name)
        case Approved():
            return Message("Next: telewave campaign launch {name} --by YOU", name=name)
        case Paused():
            return Message("To go on: telewave campaign launch {name} --by YOU", name=name)
        case Launched() | Stopped():
            return None
    assert_never(standing)


def _kinds(context: typer.Context) -> Sequence[PlanKind]:
    kinds: Callable[[], Sequence[PlanKind]] = context.meta[KINDS]
    return kinds()


def _warn(session: Session, kinds: Sequence[PlanKind], campaign: Dossier, launched: bool = False) -> None:
    """Say what is overdue in the plan of the last step, and what is not ready."""
    from telewave.approvals.usecases import plan_of

    database, name, today = session.database, campaign.name, session.clock.today()
    content = plan_of(database, name, campaign.entries[-1].number)
    asked = (kind.obstacles(database, name, content, today, launched=launched) for kind in kinds)
    found = [sentence for sentences in asked for sentence in sentences]
    if found:
        session.say(Message("This is not as it should be:"), style="yellow")
    for sentence in found:
        session.say(sentence, style="yellow")


def _version_row(standing: Standing) -> tuple[TableCell, ...]:
    version = standing.version
    return (
        version.number,
        state_of(standing).label,
        version.file_name,
        version.digest[:SHOWN_DIGITS],
        ", ".join(sorted(version.authors)),
    )
