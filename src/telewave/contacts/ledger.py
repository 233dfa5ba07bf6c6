"""The states of a contact, and the only ways from one to the next. Pure.

    planned -> released -> attempted -> answered | delivered | unknown -> closed
       |___________|-> withdrawn

What is asked for is possible or refused; what has happened is taken down in every state.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, TypeAlias, assert_never

from telewave.kernel import Conflict, Label


class ContactNotPossible(Conflict):
    """A contact that is {state} cannot be {event}: each is released once and attempted once. See how the campaign's
    contacts stand: telewave campaign ledger {campaign}
    """

    code = "contact_not_possible"


class Disposition(StrEnum):
    """What became of an attempt, the weakest first: of several the strongest stays, whichever was told first."""

    BOUNCED = "bounced"
    NO_ANSWER = "no_answer"
    OPENED = "opened"
    CLICKED = "clicked"
    REPLIED = "replied"
    HUNG_UP = "hung_up"
    REFUSED = "refused"
    WILLING = "willing"
    VISITED = "visited"
    ORDERED = "ordered"
    OPTED_OUT = "opted_out"
    DO_NOT_CONTACT = "do_not_contact"

    @property
    def label(self) -> Label:
        """For people."""
        return DISPOSITIONS[self]


DISPOSITIONS = {
    Disposition.BOUNCED: Label("could not be delivered", "发送失败"),
    Disposition.NO_ANSWER: Label("no answer", "无人接听"),
    Disposition.OPENED: Label("opened", "已打开"),
    Disposition.CLICKED: Label("clicked", "已点击"),
    Disposition.REPLIED: Label("replied", "已回复"),
    Disposition.HUNG_UP: Label("hung up", "挂断"),
    Disposition.REFUSED: Label("refused", "拒绝"),
    Disposition.WILLING: Label("willing", "有意向"),
    Disposition.VISITED: Label("came to the hall", "到厅"),
    Disposition.ORDERED: Label("ordered", "已办理"),
    Disposition.OPTED_OUT: Label("opted out of the channel", "退订该渠道"),
    Disposition.DO_NOT_CONTACT: Label("does not want to be contacted at all", "要求不再营销"),
}
STRENGTH = {one: place for place, one in enumerate(Disposition)}
OBJECTIONS = (Disposition.OPTED_OUT, Disposition.DO_NOT_CONTACT)


class Standing(StrEnum):
    """The states by name, as the ledger and its log keep them."""

    PLANNED = "planned"
    RELEASED = "released"
    ATTEMPTED = "attempted"
    ANSWERED = "answered"
    DELIVERED = "delivered"
    UNKNOWN = "unknown"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> Label:
        """For people."""
        return STANDINGS[self]


STANDINGS = {
    Standing.PLANNED: Label("planned", "待放行"),
    Standing.RELEASED: Label("released", "已放行"),
    Standing.ATTEMPTED: Label("attempted", "已尝试接触"),
    Standing.ANSWERED: Label("answered", "已有结果"),
    Standing.DELIVERED: Label("delivered", "已送达"),
    Standing.UNKNOWN: Label("unknown", "结果不明"),
    Standing.CLOSED: Label("closed", "已关闭"),
    Standing.WITHDRAWN: Label("withdrawn", "已撤回"),
}
MADE = (
    Standing.RELEASED,
    Standing.ATTEMPTED,
    Standing.ANSWERED,
    Standing.DELIVERED,
    Standing.UNKNOWN,
    Standing.CLOSED,
)
"""States that count as a contact: whatever is out may have been made."""


@dataclass(frozen=True, slots=True)
class Planned:
    """Approved, and not let go."""

    standing: ClassVar[Standing] = Standing.PLANNED


@dataclass(frozen=True, slots=True)
class Released:
    """With whoever carries it out."""

    standing: ClassVar[Standing] = Standing.RELEASED


@dataclass(frozen=True, slots=True)
class Attempted:
    """Sent or dialled, and nothing heard yet."""

    standing: ClassVar[Standing] = Standing.ATTEMPTED


@dataclass(frozen=True, slots=True)
class Answered:
    """The customer, or the line, has answered."""

    standing: ClassVar[Standing] = Standing.ANSWERED

    disposition: Disposition


@dataclass(frozen=True, slots=True)
class Delivered:
    """A receipt says that it arrived."""

    standing: ClassVar[Standing] = Standing.DELIVERED


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing was heard in time. Counted as made; a late receipt settles it."""

    standing: ClassVar[Standing] = Standing.UNKNOWN


@dataclass(frozen=True, slots=True)
class Closed:
    """Over. `disposition`: its last, None where there was none."""

    standing: ClassVar[Standing] = Standing.CLOSED

    disposition: Disposition | None


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Taken back before it was made. `reason`: a code of `FallsOut`."""

    standing: ClassVar[Standing] = Standing.WITHDRAWN

    reason: str


State: TypeAlias = Planned | Released | Attempted | Answered | Delivered | Unknown | Closed | Withdrawn
"""How a contact stands."""


@dataclass(frozen=True, slots=True)
class Release:
    """Let it go."""

    label: ClassVar[Label] = Label("released", "放行")


@dataclass(frozen=True, slots=True)
class Attempt:
    """It is being made."""

    label: ClassVar[Label] = Label("attempted", "尝试接触")


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Take it back, if it is not out of our hands. `reason`: a code of `FallsOut`."""

    label: ClassVar[Label] = Label("withdrawn", "撤回")

    reason: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of it."""

    label: ClassVar[Label] = Label("answered", "记录结果")

    disposition: Disposition


@dataclass(frozen=True, slots=True)
class Deliver:
    """A receipt."""

    label: ClassVar[Label] = Label("delivered", "记为送达")


@dataclass(frozen=True, slots=True)
class TimeOut:
    """Nothing was heard in time."""

    label: ClassVar[Label] = Label("given up", "记为超时")


@dataclass(frozen=True, slots=True)
class Close:
    """Whatever comes later is no longer waited for."""

    label: ClassVar[Label] = Label("closed", "关闭")


Event: TypeAlias = Release | Attempt | Withdraw | Answer | Deliver | TimeOut | Close
"""What is asked of a contact, or has happened to it."""


def take(state: State, event: Event, campaign: str = "") -> State:
    """How the contact stands after `event`; the same state where the event tells nothing new.

    Raises `ContactNotPossible` for a release, an attempt or a closing that the state does not allow.
    """
    match event:
        case Answer(disposition):
            return _answered(state, disposition)
        case Deliver():
            open_still = isinstance(state, Planned | Released | Attempted | Unknown | Withdrawn)
            return Delivered() if open_still else state
        case TimeOut():
            return Unknown() if isinstance(state, Released | Attempted) else state
        case Withdraw(reason):
            return Withdrawn(reason) if isinstance(state, Planned | Released) else state
        case Release() | Attempt() | Close():
            after = _asked(state, event)
        case _:
            assert_never(event)
    if after is None:
        raise ContactNotPossible(state=standing_of(state).label, event=event.label, campaign=campaign)
    return after


def stronger(one: Disposition | None, other: Disposition) -> Disposition:
    """The one that stays.

    >>> stronger(Disposition.DO_NOT_CONTACT, Disposition.REFUSED).value
    'do_not_contact'
    """
    return other if one is None or STRENGTH[other] > STRENGTH[one] else one


def standing_of(state: State) -> Standing:
    """The name of the state."""
    return state.standing


def disposition_of(state: State) -> Disposition | None:
    """What became of it, where that is known."""
    return state.disposition if isinstance(state, Answered | Closed) else None


def reason_of(state: State) -> str | None:
    """Why it was withdrawn; None in any other state."""
    return state.reason if isinstance(state, Withdrawn) else None


def state_read(standing: str, disposition: str | None, reason: str | None) -> State:
    """The state that a row of the ledger holds."""
    known = None if disposition is None else Disposition(disposition)
    match Standing(standing):
        case Standing.ANSWERED:
            return Answered(Disposition(disposition or ""))
        case Standing.CLOSED:
            return Closed(known)
        case Standing.WITHDRAWN:
            return Withdrawn(reason or "")
        case plain:
            return PLAIN[plain]


PLAIN: dict[Standing, State] = {
    one.standing: one for one in (Planned(), Released(), Attempted(), Delivered(), Unknown())
}


def _answered(state: State, disposition: Disposition) -> State:
    match state:
        case Answered(before):
            return Answered(stronger(before, disposition))
        case Closed(before):
            return Closed(stronger(before, disposition))
        case _:
            return Answered(disposition)


def _asked(state: State, event: Release | Attempt | Close) -> State | None:
    """None where it is not possible."""
    match state, event:
        case Planned(), Release():
            return Released()
        case Released(), Attempt():
            return Attempted()
        case ((Answered() | Delivered() | Unknown() | Closed() | Withdrawn()), Close()):
            return _closed(state)
        case _:
            return None


def _closed(state: State) -> State:
    return state if isinstance(state, Closed | Withdrawn) else Closed(disposition_of(state))
