"""What happens in halls: reserve, call a second time, receive, finish. Each is one transaction with the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never

import sqlalchemy as sa

from telewave.approvals.usecases import find
from telewave.contacts.ledger import Answer, Disposition
from telewave.contacts.origins import offers_of
from telewave.contacts.out_store import contacts_named, objected_to_calls
from telewave.contacts.results_file import Result
from telewave.contacts.settling import NoSuchContact, Told, deciding, results_within
from telewave.halls import store
from telewave.halls.appointments_file import Appointment
from telewave.halls.gifts import gift_to_keep, given_out
from telewave.halls.model import ApproachAgain, Arrive, Call, Event, Finish, Lapse, SecondCall, Visit, Window
from telewave.halls.reservation import Hall, Origin, Reservation, as_of, lapsed, made, moved
from telewave.halls.reservation_number import number_of, said
from telewave.halls.windows import Load, busy_after, window_for
from telewave.kernel import Label, Missing
from telewave.planning.plans import plan_called
from telewave.platform.database import Database
from telewave.platform.warehouse import Warehouse

HEARD = {
    SecondCall.COMING: Disposition.WILLING,
    SecondCall.REFUSED: Disposition.REFUSED,
    SecondCall.DO_NOT_CONTACT: Disposition.DO_NOT_CONTACT,
    Visit.ORDERED: Disposition.ORDERED,
    Visit.UNDECIDED: Disposition.VISITED,
    Visit.REFUSED: Disposition.REFUSED,
}
"""What the ledger is told; of a call that nobody answered, nothing."""


class NoSuchHall(Missing):
    """No hall is called {hall}. Enter it with who makes its second calls: telewave halls set {hall} --caller NAME
    --days mon,wed,fri --by YOU
    """

    code = "no_such_hall"


class NoSuchReservation(Missing):
    """Nobody has the reservation {number}. Ask for the number again, or look the customer up by phone number: --phone
    NUMBER
    """

    code = "no_such_reservation"


class NotExpected(Missing):
    """This customer stands on no hall's list. See whether there is an offer for him: telewave halls offer {hall}
    --phone NUMBER --by YOU
    """

    code = "not_expected"


@dataclass(frozen=True, kw_only=True, slots=True)
class Booked:
    """`made`: new reservations; `known`: contacts that had one; `objected`: customers who may not be called."""

    made: tuple[Reservation, ...]
    known: int
    objected: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Received:
    """Who has come, where he is served, and the gift to hand over to him."""

    reservation: Reservation
    window: Window
    gift: str | None


@dataclass(frozen=True, slots=True)
class Pitch:
    """What to offer: the offer's name, and what to say, sentence by sentence."""

    offer: Label
    script: tuple[Label, ...]


def set_hall(database: Database, hall: str, caller: str, weekdays: tuple[int, ...]) -> Hall:
    """Enter a hall with its second caller, or another caller and other days of one that is known."""
    with deciding(database) as connection:
        known = store.halls_known(connection).get(hall)
        fresh = Hall(hall=hall, caller=caller, weekdays=weekdays)
        after = fresh if known is None else replace(known, caller=caller, weekdays=weekdays)
        store.put_hall(connection, after)
    return after


def set_load(database: Database, hall: str, load: Load) -> Hall:
    """Note how busy the hall is. Raises `NoSuchHall`."""
    with deciding(database) as connection:
        known = hall_called(connection, hall)
        busy = busy_after(load, known.busy)
        after = replace(known, waiting=load.waiting, windows=load.windows, busy=busy)
        store.put_hall(connection, after)
    return after


def all_halls(database: Database, on: date) -> dict[str, tuple[Hall, int]]:
    """Each hall by name, with how many stand on its list on the day."""
    with database.transaction() as connection:
        standing = store.counted(connection, on)
        return {name: (hall, standing.get(name, 0)) for name, hall in store.halls_known(connection).items()}


def book(
    warehouse: Warehouse,
    database: Database,
    campaign: str,
    given: Sequence[Appointment],
    told: Told,
    gift: str | None = None,
) -> Booked:
    """Give willing customers a reservation, and the ledger their answer. The same file twice changes nothing. `gift`:
    one is kept for each, as long as some are free in his hall.

    Raises `NoSuchCampaign`, `NoSuchContact`, `NoSuchHall`, `PlanChanged`, `ClockBehind`.
    """
    find(database, campaign)
    by_contact = {one.contact: one for one in given}
    with database.transaction() as connection:
        origins = contacts_named(connection, campaign, by_contact)
    for contact, one in by_contact.items():
        if contact not in origins:
            raise NoSuchContact(file=told.file, line=one.line, campaign=campaign, contact=contact)
    offers = offers_of(warehouse, database, origins)
    with deciding(database) as connection:
        known = store.of_contacts(connection, by_contact)
        stop = objected_to_calls(connection, {one.subscriber for one in origins.values()})
        wanted = [one for one in by_contact.values() if one.contact not in known]
        new = [one for one in wanted if origins[one.contact].subscriber not in stop]
        stocks = {hall: _stock(connection, told.now.date(), hall) for hall in {one.hall for one in new}}
        halls = store.halls_known(connection)
        fresh = []
        for one in new:
            origin = origins[one.contact]
            kept = gift_to_keep(gift, stocks[one.hall])
            if kept is not None:
                on_hand, reserved = stocks[one.hall][kept]
                stocks[one.hall][kept] = on_hand, reserved + 1
            hall = named(halls, one.hall)
            offer, group = offers[one.contact]
            whose = Origin(
                campaign=campaign,
                contact=one.contact,
                plan=origin.plan,
                subscriber=origin.subscriber,
                channel=origin.channel,
                offer=offer,
                target_group=group,
            )
            fresh.append(made(whose, told.now.date(), one.visit_on, hall, kept))
        entered = store.add(connection, fresh, _entry(told, "reserved"))
        _tell(connection, entered, Disposition.WILLING, told)
    return Booked(made=tuple(entered), known=len(known), objected=len(wanted) - len(new))


def listed(
    database: Database, hall: str, on: date, *, only_due: bool = False
) -> tuple[Hall, list[Reservation]]:
    """The hall and who stands on its list on the day; with `only_due` those whose second call is due by then, and who
    may be called. Raises `NoSuchHall`.
    """
    with database.transaction() as connection:
        known = hall_called(connection, hall)
        found = store.standing(connection, on, hall)
        if only_due:
            due = [one for one in found if one.due_on is not None and one.due_on <= on]
            stop = objected_to_calls(connection, {one.subscriber for one in due})
            found = [one for one in due if one.subscriber not in stop]
    return known, found


def second_call(database: Database, serial: int, outcome: SecondCall, told: Told) -> Reservation:
    """Note what became of a second call. Raises `NoSuchReservation`, `ReservationNotPossible`, `ClockBehind`."""
    with deciding(database) as connection:
        before = written_down(connection, _reservation(connection, serial), told)
        after = change(connection, before, Call(outcome), told, hall_called(connection, before.hall))
        if outcome in HEARD:
            _tell(connection, [after], HEARD[outcome], told)
    return after


def receive(
    database: Database, hall: str, told: Told, *, serial: int | None = None, subscriber: int | None = None
) -> Received:
    """A customer has come, known by his reservation or as a subscriber: to which window, and with which gift.

    Whoever comes to another hall than his is received there. Raises `NoSuchHall`, `NoSuchReservation`, `NotExpected`,
    `ReservationNotPossible`, `ClockBehind`.
    """
    day = told.now.date()
    with deciding(database) as connection:
        here = hall_called(connection, hall)
        if serial is not None:
            before = written_down(connection, _reservation(connection, serial), told)
        else:
            found = store.of_subscriber(connection, subscriber if subscriber is not None else -1)
            standing = [one for one in found if as_of(one, day).is_open]
            if not standing:
                raise NotExpected(hall=hall)
            before = standing[0]
        window = window_for(here.busy)
        after = moved(before, Arrive(window), day, here)
        after, gift = given_out(after, before.hall, _stock(connection, day, hall))
        if gift is not None:
            left = store.gifts_in(connection, hall)[gift] - 1
            store.put_gift(connection, hall, gift, left, _entry(told, "handed over"))
        store.change(connection, before, after, _entry(told, f"came to {hall}"))
        _tell(connection, [after], Disposition.VISITED, told)
    return Received(reservation=after, window=window, gift=gift)


def finish(database: Database, serial: int, visit: Visit, told: Told) -> Reservation:
    """Note what became of a visit. Raises `NoSuchReservation`, `ReservationNotPossible`, `ClockBehind`."""
    with deciding(database) as connection:
        before = _reservation(connection, serial)
        after = change(connection, before, Finish(visit), told, hall_called(connection, before.hall))
        _tell(connection, [after], HEARD[visit], told)
    return after


def count_gift(database: Database, hall: str, gift: str, on_hand: int, told: Told) -> None:
    """Note how many of a recall gift lie in the hall, and who counted. Raises `NoSuchHall`."""
    with deciding(database) as connection:
        hall_called(connection, hall)
        store.put_gift(connection, hall, gift, on_hand, _entry(told, "counted"))


def gift_stock(database: Database, hall: str, on: date) -> dict[str, tuple[int, int]]:
    """Of each gift how many lie in the hall, and how many of them are reserved on the day. Raises `NoSuchHall`."""
    with database.transaction() as connection:
        hall_called(connection, hall)
        return _stock(connection, on, hall)


def pitch_of(database: Database, reservation: Reservation) -> Pitch:
    """What the clerk offers. Raises `NoSuchPlan`."""
    document = plan_called(database, reservation.plan).content
    return pitch(document, reservation.offer, reservation.target_group)


def pitch(document: Mapping[str, object], offer: str, group: str) -> Pitch:
    """An offer of a plan's document, with its script for a target group."""
    told: dict[str, dict[str, dict[str, list[dict[str, str]]]]] = document["offers"]  # type: ignore[assignment]
    script = told[offer]["script"].get(group, ())
    return Pitch(Label(**told[offer]["name"]), tuple(Label(**one) for one in script))  # type: ignore[arg-type]


def pitches_of(
    database: Database, found: Sequence[Reservation]
) -> dict[tuple[str, str, str], tuple[Label, tuple[Label, ...]]]:
    """Offer and script by plan, offer and target group."""
    documents = {digest: plan_called(database, digest).content for digest in {one.plan for one in found}}
    told = {(one.plan, one.offer, one.target_group) for one in found}
    pitches = {key: pitch(documents[key[0]], key[1], key[2]) for key in told}
    return {key: (one.offer, one.script) for key, one in pitches.items()}


def _stock(connection: sa.Connection, on: date, hall: str) -> dict[str, tuple[int, int]]:
    kept = store.gifts_kept(connection, on, hall)
    return {gift: (on_hand, kept.get(gift, 0)) for gift, on_hand in store.gifts_in(connection, hall).items()}


def written_down(connection: sa.Connection, one: Reservation, told: Told) -> Reservation:
    """The reservation as it stands now; that its time is up is written down where nobody has."""
    if not one.is_over(told.now.date()):
        return one
    after = lapsed(one, told.now.date())
    store.change(connection, one, after, _entry(told, _what(Lapse())))
    return after


def change(
    connection: sa.Connection, before: Reservation, event: Event, told: Told, hall: Hall
) -> Reservation:
    """What an event makes of a reservation, written down with its line of the log. Raises `ReservationNotPossible`."""
    after = moved(before, event, told.now.date(), hall)
    store.change(connection, before, after, _entry(told, _what(event)))
    return after


def _what(event: Event) -> str:
    match event:
        case Call(outcome):
            return outcome.value
        case Finish(visit):
            return visit.value
        case Arrive(window):
            return window.value
        case Lapse():
            return "time"
        case ApproachAgain(contact):
            return "not possible" if contact is None else f"contact {contact}"
        case _:
            assert_never(event)


def _tell(
    connection: sa.Connection, given: Sequence[Reservation], disposition: Disposition, told: Told
) -> None:
    """Give the ledger the outcome of these customers' contacts, with the reservation as reference."""
    for campaign in sorted({one.campaign for one in given}):
        results = [
            Result(line=0, event=Answer(disposition), contact=one.contact, reference=str(one.number))
            for one in given
            if one.campaign == campaign
        ]
        results_within(connection, campaign, results, replace(told, file=told.file or "halls"))


def _entry(told: Told, why: str) -> store.Note:
    return store.Note(at=told.now, person=told.by, why=why)


def hall_called(connection: sa.Connection, hall: str) -> Hall:
    """The hall of this name. Raises `NoSuchHall`."""
    return named(store.halls_known(connection), hall)


def named(halls: Mapping[str, Hall], hall: str) -> Hall:
    """The one of this name. Raises `NoSuchHall`."""
    if hall not in halls:
        raise NoSuchHall(hall=hall)
    return halls[hall]


def _reservation(connection: sa.Connection, serial: int) -> Reservation:
    found = store.of_serial(connection, serial)
    if found is None:
        raise NoSuchReservation(number=said(number_of(serial)))
    return found
