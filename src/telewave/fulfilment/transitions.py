"""What an event makes of a parcel: the only ways from one state to the next. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from telewave.fulfilment.model import (
    APPOINTED_DAYS,
    CALLING_DAYS,
    MOST_CALLS,
    Accept,
    Accepted,
    Appointed,
    AppointmentTooFar,
    Arrive,
    AtSubstation,
    AtWarehouse,
    Call,
    CallsUsedUp,
    Close,
    Closed,
    End,
    Ended,
    Event,
    Fail,
    Failed,
    HandOver,
    MoveNotPossible,
    Nobody,
    NobodyHome,
    Ordered,
    Pack,
    Packed,
    Pick,
    Reconcile,
    Reconciled,
    Standing,
    State,
    WithCourier,
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody says so, for the sentence of a refusal: file, line and order."""

    file: str = ""
    line: int = 0
    order: str = ""


NOWHERE = Place()


def take(state: State, event: Event, at: datetime, place: Place = NOWHERE) -> State:
    """The parcel after `event`, which happened at `at`.

    Raises `MoveNotPossible`, `CallsUsedUp`, `AppointmentTooFar`.
    """
    after: State | None
    if isinstance(event, Fail):
        after = None if state.standing in WITHOUT_RETURN else Failed(event.reason)
    elif isinstance(state, AtSubstation | NobodyHome) and isinstance(event, Call):
        after = _called(state, event.appointed, at, place)
    else:
        after = _on_the_way(state, event, at) or _from_the_door_on(state, event)
    if after is None:
        raise MoveNotPossible(
            file=place.file,
            line=place.line,
            order=place.order,
            state=state.standing.label,
            event=event.label,
        )
    return after


WITHOUT_RETURN = (Standing.ACCEPTED, Standing.RECONCILED, Standing.CLOSED, Standing.FAILED, Standing.ENDED)
"""States that do not fail any more."""


def _on_the_way(state: State, event: Event, at: datetime) -> State | None:
    match state, event:
        case Ordered(), Pick():
            return AtWarehouse()
        case AtWarehouse(), Pack():
            return Packed()
        case Packed(), HandOver(courier):
            return WithCourier(courier)
        case WithCourier(), Arrive(substation):
            return AtSubstation(substation, at)
        case _:
            return None


def _from_the_door_on(state: State, event: Event) -> State | None:
    match state, event:
        case Appointed(), Accept(paid, how):
            return Accepted(paid, how)
        case Appointed(), Nobody():
            return NobodyHome(state.substation, state.since, state.calls)
        case Accepted(paid, how), Reconcile():
            return Reconciled(paid, how)
        case Reconciled(paid, how), Close():
            return Closed(paid, how)
        case Failed(reason), End(contact):
            return Ended(reason, contact)
        case _:
            return None


def may_call(state: AtSubstation | NobodyHome, at: datetime) -> bool:
    """Whether one more call for an appointment may be made.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 7, 8, 12, tzinfo=UTC)
    >>> may_call(AtSubstation("East", noon, 8), noon), may_call(AtSubstation("East", noon, 9), noon)
    (True, False)
    """
    return state.calls < MOST_CALLS and at - state.since <= CALLING_DAYS


def _called(
    state: AtSubstation | NobodyHome, appointed: datetime | None, at: datetime, place: Place
) -> State:
    told = {"file": place.file, "line": place.line, "order": place.order}
    if not may_call(state, at):
        raise CallsUsedUp(**told, days=CALLING_DAYS.days, calls=MOST_CALLS)
    calls = state.calls + 1
    if appointed is not None:
        if not timedelta(0) <= appointed - at <= APPOINTED_DAYS:
            raise AppointmentTooFar(**told, days=APPOINTED_DAYS.days)
        return Appointed(state.substation, state.since, calls, appointed)
    if isinstance(state, NobodyHome):
        return NobodyHome(state.substation, state.since, calls)
    return AtSubstation(state.substation, state.since, calls)
