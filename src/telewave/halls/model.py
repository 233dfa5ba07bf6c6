"""The states of a reservation, and the only ways from one to the next. Pure.

waiting -> at the window -> ordered | undecided | declined
   |-> declined | lapsed            undecided -> at the window | lapsed
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, TypeAlias, assert_never

from telewave.kernel import Conflict, Label

MOST_CALLS = 3
"""Second calls that reach nobody before the hall waits for the customer to come by himself."""


class Window(StrEnum):
    """Where a customer with a reservation is served."""

    SPECIAL = "special"
    ANY = "any"

    @property
    def label(self) -> Label:
        """For people."""
        return WINDOWS[self]


WINDOWS = {
    Window.SPECIAL: Label("the special window", "预约专窗"),
    Window.ANY: Label("any window", "任一窗口"),
}


class SecondCall(StrEnum):
    """What became of a second call."""

    COMING = "coming"
    NO_ANSWER = "no_answer"
    REFUSED = "refused"
    DO_NOT_CONTACT = "do_not_contact"


class Visit(StrEnum):
    """What became of a visit."""

    ORDERED = "ordered"
    UNDECIDED = "undecided"
    REFUSED = "refused"


class Answer(StrEnum):
    """What became of an offer to who came for something else."""

    ORDERED = "ordered"
    WILLING = "willing"
    REFUSED = "refused"
    DO_NOT_CONTACT = "do_not_contact"


class ReservationNotPossible(Conflict):
    """The reservation {number} is {state}: it cannot be {event}. See how the hall's list stands: telewave halls list
    {hall}
    """

    code = "reservation_not_possible"


class Standing(StrEnum):
    """The states by name, as the table and its log keep them."""

    WAITING = "waiting"
    AT_WINDOW = "at_window"
    UNDECIDED = "undecided"
    ORDERED = "ordered"
    DECLINED = "declined"
    LAPSED = "lapsed"
    CALLED_AGAIN = "called_again"
    ENDED = "ended"

    @property
    def label(self) -> Label:
        """For people."""
        return STANDINGS[self]


STANDINGS = {
    Standing.WAITING: Label("expected", "待到厅"),
    Standing.AT_WINDOW: Label("at the window", "办理中"),
    Standing.UNDECIDED: Label("came, undecided", "已到厅未办理"),
    Standing.ORDERED: Label("ordered", "已办理"),
    Standing.DECLINED: Label("declined", "已谢绝"),
    Standing.LAPSED: Label("lapsed", "已过期"),
    Standing.CALLED_AGAIN: Label("lapsed, called again", "已过期并再次呼叫"),
    Standing.ENDED: Label("lapsed, not to be called again", "已过期，不再呼叫"),
}
OPEN = (Standing.WAITING, Standing.AT_WINDOW, Standing.UNDECIDED)
"""States in which somebody stands on a hall's list."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Expected in the hall. `calls`: second calls so far that reached nobody; `reached`: one found him coming."""

    standing: ClassVar[Standing] = Standing.WAITING

    calls: int = 0
    reached: bool = False


@dataclass(frozen=True, slots=True)
class AtWindow:
    """In the hall, sent to a window."""

    standing: ClassVar[Standing] = Standing.AT_WINDOW

    window: Window


@dataclass(frozen=True, slots=True)
class Undecided:
    """Has come, and gone without an order."""

    standing: ClassVar[Standing] = Standing.UNDECIDED


@dataclass(frozen=True, slots=True)
class Ordered:
    """Over, with an order."""

    standing: ClassVar[Standing] = Standing.ORDERED


@dataclass(frozen=True, slots=True)
class Declined:
    """Over: does not want it any more, or objected."""

    standing: ClassVar[Standing] = Standing.DECLINED


@dataclass(frozen=True, slots=True)
class Lapsed:
    """Over: the time has gone by without an order."""

    standing: ClassVar[Standing] = Standing.LAPSED


@dataclass(frozen=True, slots=True)
class CalledAgain:
    """Over, with another contact in the ledger."""

    standing: ClassVar[Standing] = Standing.CALLED_AGAIN


@dataclass(frozen=True, slots=True)
class Ended:
    """Over, and nobody may call him again."""

    standing: ClassVar[Standing] = Standing.ENDED


State: TypeAlias = Waiting | AtWindow | Undecided | Ordered | Declined | Lapsed | CalledAgain | Ended


@dataclass(frozen=True, slots=True)
class Call:
    """The second call was made."""

    label: ClassVar[Label] = Label("called", "记录二次呼叫")

    outcome: SecondCall


@dataclass(frozen=True, slots=True)
class Arrive:
    """The customer has come."""

    label: ClassVar[Label] = Label("received at a window", "接待")

    window: Window


@dataclass(frozen=True, slots=True)
class Finish:
    """The visit is over."""

    label: ClassVar[Label] = Label("finished", "记录到厅结果")

    visit: Visit


@dataclass(frozen=True, slots=True)
class Lapse:
    """The time is up."""

    label: ClassVar[Label] = Label("let lapse", "记为过期")


@dataclass(frozen=True, slots=True)
class ApproachAgain:
    """The ledger has let another contact go (its number), or never will (None)."""

    label: ClassVar[Label] = Label("called again", "再次呼叫")

    contact: int | None


Event: TypeAlias = Call | Arrive | Finish | Lapse | ApproachAgain


def take(state: State, event: Event, number: str = "", hall: str = "") -> State:
    """How the reservation stands after `event`. An arrival and what became of it are facts: they are taken down of a
    lapsed or declined reservation too.

    Raises `ReservationNotPossible`.
    """
    match event:
        case Call(outcome):
            after = _called(state, outcome)
        case Arrive(window):
            after = None if isinstance(state, Ordered) else AtWindow(window)
        case Finish(visit):
            after = VISITED[visit] if isinstance(state, AtWindow) else None
        case Lapse():
            after = Lapsed() if state.standing in OPEN else None
        case ApproachAgain(contact):
            after = (CalledAgain() if contact is not None else Ended()) if isinstance(state, Lapsed) else None
        case _:
            assert_never(event)
    if after is None:
        raise ReservationNotPossible(number=number, state=state.standing.label, event=event.label, hall=hall)
    return after


VISITED: dict[Visit, State] = {
    Visit.ORDERED: Ordered(),
    Visit.UNDECIDED: Undecided(),
    Visit.REFUSED: Declined(),
}


def _called(state: State, outcome: SecondCall) -> State | None:
    if not isinstance(state, Waiting):
        return None
    match outcome:
        case SecondCall.COMING:
            return Waiting(state.calls, reached=True)
        case SecondCall.NO_ANSWER:
            return Waiting(state.calls + 1, state.reached)
        case SecondCall.REFUSED | SecondCall.DO_NOT_CONTACT:
            return Declined()
        case _:
            assert_never(outcome)


def state_read(standing: str, calls: int, reached: bool, window: str | None) -> State:
    """The state that a row holds."""
    match Standing(standing):
        case Standing.WAITING:
            return Waiting(calls, reached)
        case Standing.AT_WINDOW:
            return AtWindow(Window(window or ""))
        case plain:
            return PLAIN[plain]


PLAIN: dict[Standing, State] = {
    one.standing: one for one in (Undecided(), Ordered(), Declined(), Lapsed(), CalledAgain(), Ended())
}
