"""A reservation as a value, and what an event makes of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from telewave.halls.model import (
    OPEN,
    Arrive,
    AtWindow,
    Event,
    Lapse,
    State,
    Waiting,
    take,
)
from telewave.halls.reservation_number import number_of, said
from telewave.halls.second_call import ends_on, second_call_due


@dataclass(frozen=True, kw_only=True, slots=True)
class Hall:
    """A hall: who makes its second calls and on which `weekdays` (0 for Monday), and how busy it was when last told."""

    hall: str
    caller: str
    weekdays: tuple[int, ...]
    waiting: int = 0
    windows: int = 1
    busy: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Whose reservation: the `contact` of the ledger that found `subscriber` willing, under `plan` and through the
    plan's `channel`, with the `offer` and `target_group` of that contact.
    """

    campaign: str
    contact: int
    plan: str
    subscriber: int
    channel: str
    offer: str
    target_group: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Reservation(Origin):
    """A willing customer on a hall's list. `due_on`: of the second call, None where there is none to make; `gift`: kept
    for him; `sequence`: entries of its log.
    """

    serial: int
    hall: str
    made_on: date
    visit_on: date | None
    ends_on: date
    due_on: date | None
    state: State
    gift: str | None = None
    gift_given: bool = False
    sequence: int = 0

    @property
    def number(self) -> int:
        """What the customer says."""
        return number_of(self.serial)

    @property
    def is_open(self) -> bool:
        """Whether he stands on the list, as far as it is written down."""
        return self.state.standing in OPEN

    def is_over(self, day: date) -> bool:
        """Whether his time is up on the day, though nobody has written it down: nothing has to run for a gift or a
        place on the list to be free again.
        """
        return self.is_open and self.ends_on <= day


def moved(before: Reservation, event: Event, on: date, hall: Hall) -> Reservation:
    """The reservation after `event` on a day in `hall`: its state, when it is to be called, and where it stands.

    A gift is given back with a reservation that ends without it. The day on which somebody comes is his until its end.
    Raises `ReservationNotPossible`.
    """
    state = take(before.state, event, said(before.number), before.hall)
    over = state.standing not in OPEN
    return replace(
        before,
        state=state,
        hall=hall.hall,
        ends_on=max(before.ends_on, on + timedelta(days=1)) if isinstance(event, Arrive) else before.ends_on,
        due_on=second_call_due(state, on, before.visit_on, hall.weekdays),
        gift=None if over and not before.gift_given else before.gift,
        sequence=before.sequence + 1,
    )


def as_of(one: Reservation, day: date) -> Reservation:
    """The reservation as it stands on the day: whose time is up has lapsed."""
    return lapsed(one, day) if one.is_over(day) else one


def lapsed(one: Reservation, day: date) -> Reservation:
    """The same when it is written down. Raises `ReservationNotPossible`."""
    hall = Hall(hall=one.hall, caller="", weekdays=())
    return moved(one, Lapse(), day, hall)


def made(whose: Origin, on: date, visit_on: date | None, hall: Hall, gift: str | None = None) -> Reservation:
    """A new one, without its serial."""
    state = Waiting()
    return Reservation(
        serial=0,
        campaign=whose.campaign,
        contact=whose.contact,
        plan=whose.plan,
        subscriber=whose.subscriber,
        channel=whose.channel,
        offer=whose.offer,
        target_group=whose.target_group,
        hall=hall.hall,
        made_on=on,
        visit_on=visit_on,
        ends_on=ends_on(on),
        due_on=second_call_due(state, on, visit_on, hall.weekdays),
        state=state,
        gift=gift,
        sequence=1,
    )


def calls_of(state: State) -> tuple[int, bool]:
    """Second calls that reached nobody, and whether one found him coming."""
    return (state.calls, state.reached) if isinstance(state, Waiting) else (0, False)


def window_of(state: State) -> str | None:
    """The window that he was sent to, while he is there."""
    return state.window.value if isinstance(state, AtWindow) else None
