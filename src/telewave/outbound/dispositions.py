"""What may become of a call, as one ordered table: what each means, what the ledger is told, what it does. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from telewave.contacts.ledger import Answer, Attempt, Disposition, Event
from telewave.kernel import Label, Malformed, Message


class UnknownDisposition(Malformed):
    """{value!r} is no disposition of a call. Write one of: {known}."""

    code = "unknown_disposition"


class CallResult(StrEnum):
    """The disposition of a call. Of those that the ledger keeps, the weakest first."""

    NOT_MADE = "not_made"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    MACHINE = "machine"
    WRONG_NUMBER = "wrong_number"
    CALL_BACK = "call_back"
    HUNG_UP = "hung_up"
    REFUSED = "refused"
    WILLING = "willing"
    ORDERED = "ordered"
    OPTED_OUT = "opted_out"
    DO_NOT_CONTACT = "do_not_contact"

    @property
    def label(self) -> Label:
        """For people."""
        return row_of(self).label


class Effect(StrEnum):
    """What a disposition does with the contact."""

    GIVEN_BACK = "given_back"
    SOON = "soon"
    LATER = "later"
    CALL_BACK = "call_back"
    CLOSED = "closed"
    ORDER = "order"
    OBJECTION = "objection"

    @property
    def label(self) -> Label:
        """For people."""
        return EFFECTS[self]


EFFECTS = {
    Effect.GIVEN_BACK: Label("waits for another agent, counts as no attempt", "退回待呼，不计次数"),
    Effect.SOON: Label("is tried again soon, while attempts are left", "短时间后再呼，直到次数用完"),
    Effect.LATER: Label("is tried again later, while attempts are left", "隔一段时间再呼，直到次数用完"),
    Effect.CALL_BACK: Label("is called back at the time agreed, by the same agent", "按约定时间由原坐席回拨"),
    Effect.CLOSED: Label("is not called again", "不再呼叫"),
    Effect.ORDER: Label("an order is noted; is not called again", "记为办理，不再呼叫"),
    Effect.OBJECTION: Label(
        "falls out of every queue this concerns, in all campaigns", "从相关渠道的所有活动名单中移除"
    ),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One line. `event`: what the ledger is told; None: nothing. `reached`: whether somebody spoke."""

    result: CallResult
    label: Label
    meaning: Message
    effect: Effect
    event: Event | None
    reached: bool


TABLE = (
    Row(
        result=CallResult.NOT_MADE,
        label=Label("not made", "未拨打"),
        meaning=Message("The call was not made, such as at the end of a shift."),
        effect=Effect.GIVEN_BACK,
        event=None,
        reached=False,
    ),
    Row(
        result=CallResult.BUSY,
        label=Label("busy", "占线"),
        meaning=Message("The line was engaged."),
        effect=Effect.SOON,
        event=Answer(Disposition.NO_ANSWER),
        reached=False,
    ),
    Row(
        result=CallResult.NO_ANSWER,
        label=Label("no answer", "无人接听"),
        meaning=Message("It rang, and nobody answered; or the phone was off."),
        effect=Effect.LATER,
        event=Answer(Disposition.NO_ANSWER),
        reached=False,
    ),
    Row(
        result=CallResult.MACHINE,
        label=Label("answering machine", "语音信箱"),
        meaning=Message("A machine or a voice mailbox answered."),
        effect=Effect.LATER,
        event=Answer(Disposition.NO_ANSWER),
        reached=False,
    ),
    Row(
        result=CallResult.WRONG_NUMBER,
        label=Label("wrong number", "空号或号码有误"),
        meaning=Message("The number does not exist, or somebody else has it."),
        effect=Effect.CLOSED,
        event=Answer(Disposition.BOUNCED),
        reached=False,
    ),
    Row(
        result=CallResult.CALL_BACK,
        label=Label("call back", "约定回拨"),
        meaning=Message("The customer asks to be called at another time."),
        effect=Effect.CALL_BACK,
        event=Attempt(),
        reached=True,
    ),
    Row(
        result=CallResult.HUNG_UP,
        label=Label("hung up", "挂断"),
        meaning=Message("The customer answered, and hung up before the offer was told."),
        effect=Effect.CLOSED,
        event=Answer(Disposition.HUNG_UP),
        reached=True,
    ),
    Row(
        result=CallResult.REFUSED,
        label=Label("refused", "拒绝"),
        meaning=Message("The customer heard the offer, and does not want it."),
        effect=Effect.CLOSED,
        event=Answer(Disposition.REFUSED),
        reached=True,
    ),
    Row(
        result=CallResult.WILLING,
        label=Label("willing", "有意向"),
        meaning=Message("The customer wants the offer, and orders later or in a hall."),
        effect=Effect.CLOSED,
        event=Answer(Disposition.WILLING),
        reached=True,
    ),
    Row(
        result=CallResult.ORDERED,
        label=Label("ordered", "已办理"),
        meaning=Message("The customer ordered during the call."),
        effect=Effect.ORDER,
        event=Answer(Disposition.ORDERED),
        reached=True,
    ),
    Row(
        result=CallResult.OPTED_OUT,
        label=Label("no more calls", "不再接听外呼"),
        meaning=Message("The customer wants no more marketing calls."),
        effect=Effect.OBJECTION,
        event=Answer(Disposition.OPTED_OUT),
        reached=True,
    ),
    Row(
        result=CallResult.DO_NOT_CONTACT,
        label=Label("do not contact", "要求不再营销"),
        meaning=Message("The customer wants no more marketing at all."),
        effect=Effect.OBJECTION,
        event=Answer(Disposition.DO_NOT_CONTACT),
        reached=True,
    ),
)
"""The table: the one place that says what a disposition means and does."""


def row_of(result: CallResult) -> Row:
    """The line of a disposition.

    >>> row_of(CallResult.BUSY).effect.value
    'soon'
    """
    return next(one for one in TABLE if one.result is result)


def parse_result(text: str) -> CallResult:
    """The disposition that a code or a name in either language means. Raises `UnknownDisposition`.

    >>> parse_result("无人接听").value
    'no_answer'
    """
    word = text.strip()
    for one in TABLE:
        if word.casefold() in (one.result.value, one.label.en) or word == one.label.zh:
            return one.result
    raise UnknownDisposition(value=text, known=", ".join(CallResult))


NOBODY_SPOKE = tuple(one.result for one in TABLE if not one.reached and one.result is not CallResult.NOT_MADE)
ATTEMPTS = tuple(one.result for one in TABLE if one.result is not CallResult.NOT_MADE)
"""What counts as a call that was made."""
REACHED = tuple(one.result for one in TABLE if one.reached)
WILLING = (CallResult.WILLING, CallResult.ORDERED)
