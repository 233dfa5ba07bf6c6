"""Commands of `fulfilment`: take, list, move, import, reconcile, overdue, again, report."""

from __future__ import annotations

from dataclasses import replace
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from telewave.contacts.terminal import told_by
from telewave.kernel import Malformed, Message
from telewave.platform.command_line import ByInLog, CampaignName, HtmlFile, NumbersTo, ShownTo
from telewave.platform.terminal import Session, spoken

if TYPE_CHECKING:
    from telewave.fulfilment.parcel import Parcel
    from telewave.fulfilment.usecases import Done

Orders = Annotated[
    Path,
    typer.Argument(help=spoken("CSV of orders to deliver with the columns contact, order, area and price.")),
]
Moves = Annotated[
    Path,
    typer.Argument(
        help=spoken(
            "CSV of what happened to parcels with the columns order, event, at, and who, appointed, paid, how, reason "
            "where the event needs them."
        )
    ),
]
Statement = Annotated[
    Path,
    typer.Argument(help=spoken("CSV of what the courier hands in, with the columns order, paid and how.")),
]
State = Annotated[str, typer.Option("--state", help=spoken("Only parcels in this state, such as packed."))]
Area = Annotated[str, typer.Option("--area", help=spoken("Only parcels of this area."))]
OneOrder = Annotated[str, typer.Option("--order", help=spoken("Only the parcel of this order."))]
Courier = Annotated[str, typer.Option("--courier", help=spoken("Whose statement it is."))]
Order = Annotated[str, typer.Argument(help=spoken("Number of the order."))]
EventName = Annotated[
    str,
    typer.Option(
        "--event",
        help=spoken(
            "What happened: pick, pack, hand_over, arrive, call, accept, nobody, refuse, fail or close."
        ),
    ),
]
Who = Annotated[
    str, typer.Option("--who", help=spoken("Of hand_over the courier, of arrive the substation."))
]
Appointed = Annotated[
    str,
    typer.Option(
        "--appointed", help=spoken("Of call: the appointed time, year-month-day hour:minute; none: not made.")
    ),
]
Paid = Annotated[str, typer.Option("--paid", help=spoken("Of accept: the amount that was paid."))]
How = Annotated[str, typer.Option("--how", help=spoken("Of accept: cash or card."))]
Reason = Annotated[
    str,
    typer.Option("--reason", help=spoken("Of fail: refused, nobody, no_appointment, damaged or cancelled.")),
]


class NoSuchState(Malformed):
    """No parcel is ever {told!r}. Name one of: {known}."""

    code = "no_such_state"


def register(app: typer.Typer) -> None:
    """Add the group of commands to `app`."""
    group = typer.Typer(no_args_is_help=True)
    for name, purpose, command in (
        ("take", TAKE, take_command),
        ("list", LIST, list_command),
        ("move", MOVE, move_command),
        ("import", IMPORT, import_command),
        ("reconcile", RECONCILE, reconcile_command),
        ("overdue", OVERDUE, overdue_command),
        ("again", AGAIN, again_command),
        ("report", REPORT, report_command),
    ):
        group.command(name, help=purpose)(command)
    app.add_typer(group, name="fulfilment")


TAKE = spoken("Begin a parcel for each order to deliver, and note its contact as ordered.")
LIST = spoken("Show parcels by the time they are due; as a file, the packing list of an area.")
MOVE = spoken("Note what happened to one parcel now.")
IMPORT = spoken("Take over what happened to parcels from a courier's or a warehouse's file.")
RECONCILE = spoken("Compare a courier's statement with his parcels to the cent, and list what differs.")
OVERDUE = spoken("Show the parcels whose time is over, by who they wait for.")
AGAIN = spoken("Let customers whose delivery failed be approached a second time.")
REPORT = spoken("Write the page of parcels: how far they came, by area and courier, and what is stuck.")


def take_command(context: typer.Context, campaign: CampaignName, file: Orders, by: ByInLog) -> None:
    """All of the file, or nothing."""
    from telewave.fulfilment.parcel_file import read_orders
    from telewave.fulfilment.usecases import take_orders

    session: Session = context.obj
    told = told_by(session, by, file.name)
    _say(session, take_orders(session.warehouse, session.database, campaign, read_orders(file), told))


def list_command(
    context: typer.Context,
    state: State = "",
    area: Area = "",
    order: OneOrder = "",
    to: NumbersTo = None,
    by: ShownTo = "",
) -> None:
    """A table without outside numbers; a file with them."""
    from telewave.fulfilment.model import Standing
    from telewave.fulfilment.parcel_words import COLUMNS, rows_of
    from telewave.fulfilment.store import Asked
    from telewave.fulfilment.usecases import parcels

    session: Session = context.obj
    wanted = Standing(state) if state in set(Standing) else None
    if state and wanted is None:
        raise NoSuchState(told=state, known=", ".join(Standing))
    found = parcels(session.database, Asked(state=wanted, area=area or None, order=order or None))
    local = [_local(session, one) for one in found]
    session.table(Message("Parcels"), COLUMNS, rows_of(local, session.language))
    if to is not None:
        _write(session, local, to, by)


def move_command(
    context: typer.Context,
    order: Order,
    event: EventName,
    by: ByInLog,
    who: Who = "",
    appointed: Appointed = "",
    paid: Paid = "",
    how: How = "",
    reason: Reason = "",
) -> None:
    """One event, now."""
    from telewave.fulfilment.parcel_file import Cells, Move, event_of
    from telewave.fulfilment.usecases import move

    session: Session = context.obj
    told = told_by(session, by, "fulfilment move")
    given = {"event": event, "who": who, "appointed": appointed, "paid": paid, "how": how, "reason": reason}
    what = event_of(Cells(told.file, 1, given), zone_of(session))
    move(session.database, [Move(1, order, what, told.now)], told)
    list_command(context, order=order)


def import_command(context: typer.Context, file: Moves, by: ByInLog) -> None:
    """All of the file, or nothing."""
    from telewave.fulfilment.parcel_file import read_moves
    from telewave.fulfilment.usecases import move

    session: Session = context.obj
    told = told_by(session, by, file.name)
    _say(session, move(session.database, read_moves(file, zone_of(session)), told))


def reconcile_command(context: typer.Context, file: Statement, courier: Courier, by: ByInLog) -> None:
    """Compare, reconcile what agrees, list the rest."""
    from telewave.fulfilment.parcel_file import read_statement
    from telewave.fulfilment.parcel_words import DIFFERENCE_COLUMNS, difference_rows, money
    from telewave.fulfilment.usecases import reconcile

    session: Session = context.obj
    found = reconcile(session.database, read_statement(file), courier, told_by(session, by, file.name))
    session.say(
        Message(
            "{equal:,} parcels are reconciled, {known:,} were before; {differs:,} differ.",
            equal=len(found.equal),
            known=found.known,
            differs=len(found.differs),
        ),
        style="yellow" if found.differs else "",
    )
    session.say(
        Message(
            "Expected {expected}, in the statement {told}, difference {difference}.",
            expected=money(found.expected).shown,
            told=money(found.told).shown,
            difference=money(found.told - found.expected).shown,
        )
    )
    session.table(
        Message("What differs from the statement of {courier}", courier=courier),
        DIFFERENCE_COLUMNS,
        difference_rows(found),
    )


def overdue_command(context: typer.Context) -> None:
    """What is stuck, and with whom."""
    from telewave.fulfilment.parcel_words import LATE_COLUMNS, late_rows
    from telewave.fulfilment.usecases import late

    session: Session = context.obj
    now = session.clock.now()
    found = [_local(session, one) for one in late(session.database, now)]
    session.table(
        Message("Parcels whose time is over"), LATE_COLUMNS, late_rows(found, now, session.language)
    )


def again_command(context: typer.Context, campaign: CampaignName, by: ByInLog, to: NumbersTo = None) -> None:
    """Ask everything again, end their parcels, list."""
    from telewave.contacts.beyond_plan import listed
    from telewave.contacts.work_list import HEADERS, lines_of
    from telewave.fulfilment.usecases import approach_again
    from telewave.platform.lists import write_list
    from telewave.records.key_keeping import open_keys

    session: Session = context.obj
    told = told_by(session, by, "fulfilment again")
    found = approach_again(session.warehouse, session.database, campaign, told)
    session.attach(
        "again", {"released": len(found.approached.released), "held": found.held, "never": found.never}
    )
    session.say(
        Message(
            "{released:,} customers are approached a second time, {held:,} later, {never:,} not any more.",
            released=len(found.approached.released),
            held=found.held,
            never=found.never,
        )
    )
    if to is not None:
        keys = open_keys(session.settings.keys, session.database, create=False)
        purpose = f"campaign {campaign}, second approach"
        out = listed(found.approached, keys, by=told.by, purpose=purpose, now=told.now)
        write_list(to, [session.text(head) for head in HEADERS], lines_of(out, session.language))
        session.say(Message("{rows:,} contacts are in {path}.", rows=len(out.contacts), path=to))


def report_command(context: typer.Context, out: HtmlFile) -> None:
    """One page."""
    from telewave.fulfilment.page import parcels_page
    from telewave.fulfilment.usecases import late, reached
    from telewave.platform.files import write_whole

    session: Session = context.obj
    now = session.clock.now()
    stuck = [_local(session, one) for one in late(session.database, now)]
    write_whole(out, parcels_page(reached(session.database), stuck, now, session.language))
    session.say(Message("The report is in {path}.", path=out))


def _write(session: Session, found: list[Parcel], to: Path, by: str) -> None:
    from telewave.fulfilment.parcel_words import HEADERS, lines_of
    from telewave.fulfilment.usecases import offer_names
    from telewave.platform.lists import write_list
    from telewave.records.key_keeping import open_keys
    from telewave.records.revealing import reveal

    keys = open_keys(session.settings.keys, session.database, create=False)
    people = [one.subscriber for one in found]
    numbers = reveal(session.database, keys, people, by=by, purpose="packing list", now=session.clock.now())
    lines = lines_of(found, numbers, offer_names(session.database, found), session.language)
    write_list(to, [session.text(head) for head in HEADERS], lines)
    session.say(Message("{rows:,} parcels are in {path}.", rows=len(found), path=to))


def zone_of(session: Session) -> tzinfo:
    """The operator's, in which files name times."""
    zone = session.clock.now().tzinfo
    assert zone is not None  # noqa: S101 - a clock's instants have one
    return zone


def _local(session: Session, one: Parcel) -> Parcel:
    """Its due time on the operator's clock."""
    return one if one.due_at is None else replace(one, due_at=session.clock.local(one.due_at))


def _say(session: Session, done: Done) -> None:
    session.attach("done", {"new": done.new, "known": done.known})
    session.say(
        Message("{new:,} lines were new, {known:,} were known before.", new=done.new, known=done.known)
    )
