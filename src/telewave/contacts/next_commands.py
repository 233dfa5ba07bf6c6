"""`telewave campaign next`: the phases to come planned on what those before them brought."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from telewave.kernel import Figure, Message
from telewave.planning.terminal import opened, say_submit
from telewave.platform.command_line import CampaignFile, DespiteVerdict, DocumentFile
from telewave.platform.files import write_whole
from telewave.platform.terminal import Session, TableCell, spoken

if TYPE_CHECKING:
    from telewave.briefs.model import Brief
    from telewave.planning.next_phase import Next
    from telewave.planning.next_rules import Wave

AsOf = Annotated[
    str,
    typer.Option(
        "--as-of",
        help=spoken("Date of the scores, year-month-day; phases that begin on it or later are planned."),
    ),
]


def register_next(group: typer.Typer) -> None:
    """Add the command to the group `campaign`."""
    group.command(
        "next",
        help=spoken("Plan the phases to come on what those that have begun brought; say what changed."),
    )(next_command)


def next_command(
    context: typer.Context,
    file: CampaignFile,
    as_of: AsOf,
    document: DocumentFile = None,
    despite_verdict: DespiteVerdict = None,
) -> None:
    """Ask the ledger, plan, and show it beside the plan before."""
    from telewave.briefs.assortment import offers_of
    from telewave.contacts.told_by_ledger import told_by_ledger
    from telewave.planning.gathering import scorer_of
    from telewave.planning.next_phase import plan_next
    from telewave.planning.next_rules import phases_to_come

    session: Session = context.obj
    brief, wide = opened(session, file, as_of)
    catalogue, offers = offers_of(brief, file.parent)
    warehouse, database, settings = session.warehouse, session.database, session.settings
    day = wide.as_of or session.clock.today()
    first_days = {one.id: one.days.first for one in phases_to_come(brief, day)}
    scorer = scorer_of(warehouse, settings.models, database, brief, wide.as_of, despite_verdict)
    found = plan_next(
        warehouse, database, settings.home, brief, offers, wide,
        told_by_ledger(warehouse, database, brief.id, first_days), session.progress,
        now=session.clock.now(), catalogue=catalogue, universal=settings.universal_control, scorer=scorer,
    )  # fmt: skip
    show_next(session, found, brief)
    if document is not None:
        write_whole(document, found.plan.document)
        say_submit(session, document, brief.id)


def show_next(session: Session, found: Next, brief: Brief) -> None:
    """The phases to come before and now, the effects that moved, who fell out, and the sum of it."""
    from telewave.planning.plans import SHOWN_DIGITS

    phases = {one.id: one.days.name for one in brief.phases}
    channels = {one.id: one.name for one in brief.channels}
    was, now = ({(one.phase, one.channel): one for one in waves} for waves in (found.before, found.now))
    session.table(
        Message("The phases to come, in the plan before and now"),
        [Message("Phase"), Message("Channel"), Message("Contacts before"), Message("Contacts"),
         Message("Because of the contact before"), Message("Because of the contact"),
         Message("Expected profit before"), Message("Expected profit")],
        [
            [phases[key[0]], channels[key[1]], *_pairs(was.get(key), now.get(key))]
            for key in [(phase, channel) for phase in phases for channel in channels]
            if key in was or key in now
        ],
    )  # fmt: skip
    _show_moved(session, found, brief)
    if found.left_out:
        session.table(
            Message("Who is contacted no more, and why"),
            [Message("Reason"), Message("Subscribers")],
            [[Figure(reason.value, reason.label), count] for reason, count in found.left_out.items()],
        )
    if found.unrecorded:
        session.say(
            Message(
                "{count:,} contacts that were made are in the ledger and not on record, so that no funnel knows what "
                "they did. Ingest them with the orders after them, learn the funnel anew, and run this again.",
                count=found.unrecorded,
            ),
            style="yellow",
        )
    if not brief.funnel:
        session.say(
            Message(
                "The campaign names no funnel, so that what its contacts did changes nothing of what they are expected "
                "to do. Learn one with telewave funnel learn, and name it in the file: funnel."
            ),
            style="yellow",
        )
    session.say(
        Message(
            "{made:,} contacts were made and stay as they were done. The phases to come: {was:,} contacts before, "
            "{now:,} now; {caused_was:,.1f} orders because of them before, {caused:,.1f} now; expected profit "
            "{profit_was:,.0f} before, {profit:,.0f} now. The result is plan {plan}, from plan {parent}, which stays "
            "as it was. Put the new one before a second person.",
            made=found.made,
            was=sum(one.contacts for one in found.before), now=sum(one.contacts for one in found.now),
            caused_was=sum(one.caused for one in found.before), caused=sum(one.caused for one in found.now),
            profit_was=sum(one.profit for one in found.before), profit=sum(one.profit for one in found.now),
            plan=found.plan.hash[:SHOWN_DIGITS], parent=found.parent.hash[:SHOWN_DIGITS],
        )
    )  # fmt: skip


def _pairs(was: Wave | None, now: Wave | None) -> list[TableCell]:
    """Contacts, orders and profit, before and now."""
    cells: list[TableCell] = []
    for name, form in (("contacts", ",.0f"), ("caused", ",.1f"), ("profit", ",.0f")):
        for wave in (was, now):
            value = getattr(wave, name) if wave else 0
            cells.append(value if name == "contacts" else Figure.of(value, form))
    return cells


def _show_moved(session: Session, found: Next, brief: Brief) -> None:
    """What a contact is counted with, where that has changed."""
    from telewave.targeting.plan import Group

    if not found.told_before:
        session.say(Message("The plan before does not say what its contacts were counted with."))
    channels = {one.id: one.name for one in brief.channels}
    groups = {one.value: one.label for one in Group}
    if not found.moved:
        session.say(Message("What a contact wins is counted as in the plan before."))
        return
    session.table(
        Message("What a contact wins (orders of 1,000 attempts), in the plan before and now"),
        [Message("Channel"), Message("Group"), Message("In the plan before"), Message("In this plan")],
        [
            [
                channels[one.channel], groups.get(one.group, Message("odds ratio")),
                "" if one.before is None else _counted(one.before, one.group),
                _counted(one.now, one.group),
            ]
            for one in found.moved
        ],
    )  # fmt: skip


def _counted(value: float, group: str) -> Figure:
    return Figure.of(value * 1_000 if group else value, ",.2f")
