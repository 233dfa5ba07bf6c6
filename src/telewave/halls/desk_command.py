"""Commands at a hall's desk: arrive, outcome, load, gifts."""

from __future__ import annotations

from typing import Annotated

import typer

from telewave.contacts.terminal import told_by
from telewave.halls.terminal import (
    HallName,
    Inside,
    Number,
    Phone,
    customer,
    outcome_read,
    say_pitch,
    say_standing,
)
from telewave.kernel import Message
from telewave.platform.command_line import ByInLog, CampaignName, NumbersTo
from telewave.platform.terminal import Session, spoken

Finished = Annotated[
    str, typer.Option("--outcome", help=spoken("What became of the visit: ordered, undecided or refused."))
]
Waits = Annotated[int, typer.Option("--waiting", help=spoken("Customers who wait."))]
Open = Annotated[int, typer.Option("--windows", help=spoken("Windows that are open."))]
GiftName = Annotated[str, typer.Option("--gift", help=spoken("Name of the recall gift."))]
Counted = Annotated[
    int | None, typer.Option("--count", min=0, help=spoken("How many lie in the hall, counted."))
]
Contact = Annotated[int, typer.Argument(help=spoken("Number of the contact, as the offer was shown with."))]
Reply = Annotated[
    str,
    typer.Option(
        "--outcome", help=spoken("What became of the offer: ordered, willing, refused or do_not_contact.")
    ),
]
Clerk = Annotated[str, typer.Option("--by", help=spoken("Who has counted, by name."))]


def register_desk(group: typer.Typer) -> None:
    """Add the commands to the group `halls`."""
    group.command("arrive", help=spoken("A customer has come: who it is, to which window, what to offer."))(
        arrive_command
    )
    group.command(
        "offer",
        help=spoken("A customer has come for something else: show the offer of a running campaign to him."),
    )(offer_command)
    group.command("offered", help=spoken("Note what became of an offer that was shown."))(offered_command)
    group.command(
        "again", help=spoken("Let who was willing and has not ordered in a month be called again.")
    )(again_command)
    group.command("outcome", help=spoken("Note what became of a visit."))(outcome_command)
    group.command(
        "load",
        help=spoken(
            "Say how busy the hall is: reserved customers go to a special window when it is busy, to any when idle."
        ),
    )(load_command)
    group.command("gifts", help=spoken("Show a hall's recall gifts, or note how many were counted."))(
        gifts_command
    )


def arrive_command(
    context: typer.Context,
    hall: HallName,
    by: ByInLog,
    reservation: Number = "",
    phone: Phone = "",
    subscriber: Inside = None,
) -> None:
    """Recognise, send to a window, show the offer."""
    from telewave.halls.usecases import pitch_of, receive

    session: Session = context.obj
    serial, person = customer(session, reservation, phone, subscriber)
    found = receive(session.database, hall, told_by(session, by, ""), serial=serial, subscriber=person)
    say_standing(session, found.reservation)
    session.say(Message("Serve at {window}.", window=found.window.label))
    say_pitch(session, pitch_of(session.database, found.reservation))
    if found.gift is not None:
        session.say(Message("Hand over: {gift}", gift=found.gift))


def outcome_command(context: typer.Context, reservation: Number, outcome: Finished, by: ByInLog) -> None:
    """One visit."""
    from telewave.halls.model import Visit
    from telewave.halls.reservation_number import serial_of
    from telewave.halls.usecases import finish

    session: Session = context.obj
    say_standing(
        session,
        finish(
            session.database, serial_of(reservation), outcome_read(Visit, outcome), told_by(session, by, "")
        ),
    )


def load_command(context: typer.Context, hall: HallName, waiting: Waits, windows: Open) -> None:
    """Note it, and say what follows."""
    from telewave.halls.usecases import set_load
    from telewave.halls.windows import BUSY_FROM, IDLE_BELOW, Load, window_for

    session: Session = context.obj
    found = set_load(session.database, hall, Load(waiting, windows))
    session.attach("load", {"hall": hall, "busy": found.busy})
    session.say(
        Message("{hall}: reserved customers go to {window}.", hall=hall, window=window_for(found.busy).label)
    )
    session.say(
        Message(
            "{each:.1f} wait for each window; a hall is busy from {busy:g} on, and idle again below {idle:g}.",
            each=waiting / windows,
            busy=BUSY_FROM,
            idle=IDLE_BELOW,
        )
    )


def gifts_command(
    context: typer.Context, hall: HallName, gift: GiftName = "", count: Counted = None, by: Clerk = ""
) -> None:
    """What lies there, what is reserved, what is free."""
    from telewave.halls.gifts import free
    from telewave.halls.usecases import count_gift, gift_stock

    session: Session = context.obj
    if count is not None and gift.strip():
        count_gift(session.database, hall, gift.strip(), count, told_by(session, by, ""))
    stock = gift_stock(session.database, hall, session.clock.today())
    session.table(
        Message("Recall gifts in {hall}", hall=hall),
        [Message("Recall gift"), Message("On hand"), Message("Reserved"), Message("Free")],
        [[name, on_hand, reserved, free(stock, name)] for name, (on_hand, reserved) in stock.items()],
    )
    for name, (on_hand, reserved) in stock.items():
        if reserved > on_hand:
            session.say(
                Message(
                    "{gift}: {short:,} more are promised than lie there. Get them, or tell the customers.",
                    gift=name,
                    short=reserved - on_hand,
                ),
                style="yellow",
            )


def offer_command(
    context: typer.Context, hall: HallName, by: ByInLog, phone: Phone = "", subscriber: Inside = None
) -> None:
    """The offer and the script, or why there is none."""
    from telewave.halls.offering import PopUp, pop_up

    session: Session = context.obj
    _, person = customer(session, "", phone, subscriber)
    assert person is not None  # noqa: S101 - no reservation was given
    found = pop_up(session.warehouse, session.database, hall, person, told_by(session, by, ""))
    if isinstance(found, PopUp):
        session.attach("offer", {"campaign": found.campaign, "contact": found.contact})
        say_pitch(session, found.pitch)
        session.say(
            Message(
                "Then note what came of it: telewave halls offered {campaign} {contact} --outcome OUTCOME --by YOU",
                campaign=found.campaign,
                contact=found.contact,
            )
        )
        return
    session.say(Message("There is no offer for this customer now."))
    for reason in found.why:
        session.say(Message("Reason: {reason}.", reason=reason.label))


def offered_command(
    context: typer.Context, campaign: CampaignName, contact: Contact, outcome: Reply, by: ByInLog
) -> None:
    """To the ledger."""
    from telewave.halls.model import Answer
    from telewave.halls.offering import answered

    session: Session = context.obj
    answer = outcome_read(Answer, outcome)
    found = answered(session.database, campaign, contact, answer, told_by(session, by, ""))
    session.say(Message("{moved:,} contacts changed their state.", moved=found.moved))


def again_command(context: typer.Context, campaign: CampaignName, by: ByInLog, to: NumbersTo = None) -> None:
    """Lapse, ask everything again, list."""
    from telewave.contacts.beyond_plan import listed
    from telewave.contacts.work_list import HEADERS, lines_of
    from telewave.halls.offering import call_again
    from telewave.platform.lists import write_list
    from telewave.records.key_keeping import open_keys

    session: Session = context.obj
    told = told_by(session, by, "")
    found = call_again(session.warehouse, session.database, campaign, told)
    session.attach("again", {"lapsed": found.lapsed, "released": len(found.approached.released)})
    session.say(
        Message(
            "{lapsed:,} reservations have lapsed. {released:,} customers are called again, {held:,} later, {never:,} "
            "not any more.",
            lapsed=found.lapsed,
            released=len(found.approached.released),
            held=found.held,
            never=found.never,
        )
    )
    if to is not None:
        keys = open_keys(session.settings.keys, session.database, create=False)
        purpose = f"campaign {campaign}, called again"
        out = listed(found.approached, keys, by=told.by, purpose=purpose, now=told.now)
        write_list(to, [session.text(head) for head in HEADERS], lines_of(out, session.language))
        session.say(Message("{rows:,} contacts are in {path}.", rows=len(out.contacts), path=to))
