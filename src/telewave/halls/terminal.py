"""What the commands of `halls` share: how they take a hall and a customer, and how they show a list."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from telewave.kernel import Figure, Malformed, Message
from telewave.platform.terminal import Session, spoken

if TYPE_CHECKING:
    from telewave.halls.reservation import Reservation
    from telewave.halls.usecases import Pitch

Chosen = TypeVar("Chosen", bound=StrEnum)
HallName = Annotated[str, typer.Argument(help=spoken("Name of the hall."))]
Number = Annotated[
    str, typer.Option("--reservation", help=spoken("Reservation number, as the customer says it."))
]
Phone = Annotated[str, typer.Option("--phone", help=spoken("The customer's phone number."))]
Inside = Annotated[
    int | None, typer.Option("--subscriber", help=spoken("The subscriber's number inside Telewave."))
]


class NoSuchOutcome(Malformed):
    """{told!r} is no outcome here. Write one of: {known}."""

    code = "no_such_outcome"


def outcome_read(kind: type[Chosen], told: str) -> Chosen:
    """The outcome of this kind that a person wrote. Raises `NoSuchOutcome`."""
    try:
        return kind(told.strip().casefold())
    except ValueError as cause:
        raise NoSuchOutcome(told=told, known=", ".join(kind)) from cause


class NobodyGiven(Malformed):
    """Who has come? Give one of --reservation NUMBER, --phone NUMBER, --subscriber NUMBER."""

    code = "nobody_given"


def customer(
    session: Session, reservation: str, phone: str, subscriber: int | None
) -> tuple[int | None, int | None]:
    """The reservation's serial, or the subscriber. Raises `NobodyGiven`, `NotAReservation`, `UnknownSubscriber`."""
    from telewave.contacts.terminal import who_is
    from telewave.halls.reservation_number import serial_of

    if (bool(reservation), bool(phone), subscriber is not None).count(True) != 1:
        raise NobodyGiven
    if reservation:
        return serial_of(reservation), None
    return None, subscriber if subscriber is not None else who_is(session)(phone)


def say_pitch(session: Session, pitch: Pitch) -> None:
    """The offer and what to say, as a clerk reads it."""
    session.say(Message("Offer: {offer}", offer=pitch.offer), style="bold")
    for line in pitch.script:
        session.say(Message("Say: {line}", line=line))


def shown_number(number: int) -> Figure:
    """A reservation number, grouped."""
    from telewave.halls.reservation_number import said

    return Figure(number, said(number))


def say_standing(session: Session, found: Reservation) -> None:
    """How the reservation stands."""
    from telewave.halls.reservation_number import said

    session.attach("reservation", {"number": found.number, "state": found.state.standing.value})
    session.say(
        Message("Reservation {number}: {state}.", number=said(found.number), state=found.state.standing.label)
    )
