"""The steps that a contact goes through in each channel, and what a record says about each: yes, no or nothing. Pure.

A recorded outcome tells some steps and is silent on others, and silence is not a no: `delivered` where nobody tracks
who opens says nothing on *seen*; `no_answer` says that nobody was reached and nothing on what he would have wanted. A
step that no record of a channel ever denies was not recorded there: its chance is part of the next recorded one's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from telewave.kernel import Label


class Step(StrEnum):
    """One step of a contact; a contact that does not take it goes no further."""

    REACHED = "reached"
    LISTENS = "listens"
    VISITED = "visited"
    DELIVERED = "delivered"
    SEEN = "seen"
    ANSWERED = "answered"
    WILLING = "willing"
    ORDERED = "ordered"

    @property
    def label(self) -> Label:
        """The step's name for people."""
        return _LABELS[self]


_LABELS = {
    Step.REACHED: Label("Reached", "接通"),
    Step.LISTENS: Label("Listens", "听完介绍"),
    Step.VISITED: Label("Visited", "到厅"),
    Step.DELIVERED: Label("Delivered", "送达"),
    Step.SEEN: Label("Seen", "已阅"),
    Step.ANSWERED: Label("Clicked or replied", "点击或回复"),
    Step.WILLING: Label("Willing", "有意向"),
    Step.ORDERED: Label("Ordered", "办理"),
}


class Family(StrEnum):
    """Channels whose contacts go through the same steps."""

    CALL = "call"
    VISIT = "visit"
    MESSAGE = "message"


CHANNELS: Mapping[str, Family] = {
    "outbound_call": Family.CALL,
    "hall": Family.VISIT,
    "third_party_shop": Family.VISIT,
    "courier": Family.VISIT,
    "sms": Family.MESSAGE,
    "mms": Family.MESSAGE,
    "email": Family.MESSAGE,
    "web_push": Family.MESSAGE,
    "web_hall": Family.MESSAGE,
    "app": Family.MESSAGE,
    "social": Family.MESSAGE,
}
CHANNEL_LABELS: Mapping[str, Label] = {
    "outbound_call": Label("Outbound call", "外呼"),
    "hall": Label("Hall", "营业厅"),
    "third_party_shop": Label("Third-party shop", "社会渠道门店"),
    "courier": Label("Courier", "快递上门"),
    "sms": Label("SMS", "短信"),
    "mms": Label("MMS", "彩信"),
    "email": Label("E-mail", "电子邮件"),
    "web_push": Label("Web push", "网页推送"),
    "web_hall": Label("Web hall", "网上营业厅"),
    "app": Label("App", "手机客户端"),
    "social": Label("Social media", "社交媒体"),
}
STEPS: Mapping[Family, tuple[Step, ...]] = {
    Family.CALL: (Step.REACHED, Step.LISTENS, Step.WILLING, Step.ORDERED),
    Family.VISIT: (Step.VISITED, Step.WILLING, Step.ORDERED),
    Family.MESSAGE: (Step.DELIVERED, Step.SEEN, Step.ANSWERED, Step.ORDERED),
}

_FURTHEST: Mapping[Family, Mapping[str, tuple[Step | None, Step | None]]] = {
    Family.CALL: {
        "no_answer": (None, Step.REACHED),
        "hung_up": (Step.REACHED, Step.LISTENS),
        "refused": (Step.LISTENS, Step.WILLING),
        "opted_out": (Step.LISTENS, Step.WILLING),
        "willing": (Step.WILLING, None),
        "visited": (Step.WILLING, None),
        "ordered": (Step.ORDERED, None),
    },
    Family.VISIT: {
        "no_answer": (None, Step.VISITED),
        "visited": (Step.VISITED, None),
        "refused": (Step.VISITED, Step.WILLING),
        "opted_out": (Step.VISITED, Step.WILLING),
        "willing": (Step.WILLING, None),
        "ordered": (Step.ORDERED, None),
    },
    Family.MESSAGE: {
        "bounced": (None, Step.DELIVERED),
        "delivered": (Step.DELIVERED, None),
        "opened": (Step.SEEN, None),
        "refused": (Step.SEEN, Step.ANSWERED),
        "opted_out": (Step.SEEN, Step.ANSWERED),
        "clicked": (Step.ANSWERED, None),
        "replied": (Step.ANSWERED, None),
        "willing": (Step.ANSWERED, None),
        "visited": (Step.ANSWERED, None),
        "ordered": (Step.ORDERED, None),
    },
}
"""The last step that an outcome affirms, and the one that it denies."""


class Order(StrEnum):
    """What is known of an order after a contact."""

    REFERRED = "referred"
    FOLLOWED = "followed"
    NONE = "none"
    OPEN = "open"

    @property
    def meaning(self) -> Label:
        """What the code says."""
        return _ORDERS[self]


_ORDERS = {
    Order.REFERRED: Label("the contact names the order", "接触记录写明了订单号"),
    Order.FOLLOWED: Label("an order of the offer followed in time", "随后在期限内办理了该业务"),
    Order.NONE: Label("none within the days allowed", "期限内没有办理"),
    Order.OPEN: Label("the days allowed are not over", "期限未满"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a record tells: its channel and outcome, the flag `reached` (None: not told), and its `order`."""

    channel: str
    disposition: str
    reached: bool | None = None
    order: Order = Order.NONE


@dataclass(frozen=True, slots=True)
class Tracking:
    """Whether a channel's system tells who opened a message and who clicked or replied."""

    opens: bool = False
    answers: bool = False

    @classmethod
    def of(cls, dispositions: Collection[str]) -> Tracking:
        """What a channel tracks, by the outcomes that occur in it.

        >>> Tracking.of({"delivered", "clicked"})
        Tracking(opens=False, answers=True)
        """
        return cls("opened" in dispositions, bool({"clicked", "replied"} & set(dispositions)))


def steps_of(channel: str) -> tuple[Step, ...]:
    """The steps of a contact in `channel`, in their order."""
    return STEPS[CHANNELS[channel]]


def told(outcome: Outcome, tracking: Tracking) -> tuple[bool | None, ...]:
    """What the record says about each step of its channel: True, False, or None where it says nothing.

    An outcome decides over the flag `reached`, which speaks where the outcome is silent. An order that only followed in
    time is an order of this contact unless the contact is known to have ended before.

    >>> told(Outcome(channel="sms", disposition="delivered"), Tracking())
    (True, None, None, False)
    """
    family = CHANNELS[outcome.channel]
    steps = STEPS[family]
    yes, no = _FURTHEST[family].get(outcome.disposition, (None, None))
    if outcome.order is Order.REFERRED:
        yes, no = Step.ORDERED, None
    found = _between(steps, yes, no)
    if found[0] is None and family is not Family.MESSAGE:
        found[0] = outcome.reached
    if family is Family.MESSAGE and outcome.disposition in ("delivered", "opened"):
        found = _untold(found, tracking)
    if found[-1] is None and False not in found:
        found[-1] = {Order.FOLLOWED: True, Order.NONE: False}.get(outcome.order)
    return tuple(found)


def _between(steps: Sequence[Step], yes: Step | None, no: Step | None) -> list[bool | None]:
    """True up to the step affirmed, False at the one denied, silent elsewhere: what lies behind a no was not tried."""
    affirmed = steps.index(yes) + 1 if yes else 0
    found: list[bool | None] = [True if k < affirmed else None for k in range(len(steps))]
    if no:
        found[steps.index(no)] = False
    return found


def _untold(found: list[bool | None], tracking: Tracking) -> list[bool | None]:
    """A message of which no more was recorded: it was not opened where opening is tracked, else nobody knows."""
    delivered, seen, _, ordered = found
    if seen is None and tracking.opens:
        return [delivered, False, None, ordered]
    return [delivered, seen, False if tracking.answers else None, ordered]


def recorded(told_of: Collection[tuple[bool | None, ...]], steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps that a channel's records tell of: those that some record denies.

    >>> recorded([(True, None, None, False), (False, None, None, None)], STEPS[Family.MESSAGE])
    (<Step.DELIVERED: 'delivered'>, <Step.ORDERED: 'ordered'>)
    """
    return tuple(step for k, step in enumerate(steps) if any(one[k] is False for one in told_of))


def tried(
    one: tuple[bool | None, ...], steps: Sequence[Step], chain: Sequence[Step], step: Step
) -> bool | None:
    """Whether a record took `step` of the recorded `chain`: None where it says nothing, or did not come so far."""
    place = chain.index(step)
    if place and one[steps.index(chain[place - 1])] is not True:
        return None
    return one[steps.index(step)]
