"""Cut-offs and capacities in sentences. Pure."""

from __future__ import annotations

from typing import assert_never

from telewave.kernel import Label, Message, Money
from telewave.models.curves import high_rate
from telewave.models.model import ResponseCurve
from telewave.models.wording import where_high
from telewave.targeting.groups import Cutoff, Limit
from telewave.targeting.plan import Capacity, Contacts, Group, ShareOfBase, Unlimited

SUBSCRIBERS, ROWS = Label("subscribers", "户"), Label("rows", "条")
"""What a table counts: the operator's own subscribers, or the rows of an outside table."""


def amount(money: Money) -> Message:
    """Money as people write it: two decimals below a hundred, whole amounts above."""
    value = float(money.major)
    if money.currency == "CNY":
        # Yuan are written after the number in both languages here: "yuan" and "元" are catalogue words.
        return Message("{value} yuan", value=_written(value))
    return Message("{value} {currency}", value=_written(value), currency=money.currency)


def amounts(low: Money, high: Money) -> Message:
    """A range of money as people write it, the currency once."""
    ends = Message("{low} to {high}", low=_written(float(low.major)), high=_written(float(high.major)))
    if low.currency == "CNY":
        return Message("{value} yuan", value=ends)
    return Message("{value} {currency}", value=ends, currency=low.currency)


def _written(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.2f}"


def percent(probability: float) -> str:
    """A probability in per cent with as many decimals as small ones need.

    >>> percent(0.0042), percent(0.25), percent(0.00004)
    ('0.42%', '25.0%', '0.004%')
    """
    value = probability * 100
    decimals = 1 if value >= 10 or value == 0 else 2 if value >= 0.1 else 3
    return f"{value:.{decimals}f}%"


def capacity_sentence(capacity: Capacity) -> Message:
    """A capacity in words."""
    match capacity:
        case Contacts():
            return Message("{count:,} contacts", count=capacity.count)
        case ShareOfBase():
            return Message("{share} of the base", share=f"{capacity.share * 100:g}%")
        case Unlimited():
            return Message("unlimited")
    assert_never(capacity)


def cutoff_sentence(cutoff: Cutoff, counted: Label = SUBSCRIBERS) -> Message:
    """Where the group ends and why, in one or two sentences; `counted`: what its members are called."""
    match cutoff.limit:
        case Limit.REST:
            return _rest(cutoff)
        case Limit.CAPACITY:
            return _capacity(cutoff, counted)
        case Limit.EVERYBODY:
            return Message(
                "Everybody who is left is worth this treatment, and its capacity is enough for all of them."
            )
        case Limit.VALUE:
            return _value(cutoff)
    assert_never(cutoff.limit)


def _rest(cutoff: Cutoff) -> Message:
    if not cutoff.size:
        return Message("Nobody is left for this group.")
    return Message(
        "Everybody else: for them an active contact would cost more than it brings, or the capacity for it is used up."
    )


def _capacity(cutoff: Cutoff, counted: Label) -> Message:
    if cutoff.lowest is None:
        return Message(
            "Empty, because the plan gives it no capacity. By value alone {worthwhile:,} {counted} would be in it.",
            worthwhile=cutoff.worthwhile,
            counted=counted,
        )
    return Message(
        "Ends at a probability of {lowest}, because all {capacity:,} contacts that the plan allows are used. "
        "By value alone {more:,} more {counted} would be in it.",
        lowest=percent(cutoff.lowest),
        capacity=cutoff.capacity,
        more=cutoff.worthwhile - cutoff.size,
        counted=counted,
    )


def _value(cutoff: Cutoff) -> Message:
    if cutoff.lowest is None:
        if cutoff.break_even is None:
            return Message("Empty: it costs more than the next cheaper treatment and brings no more sales.")
        return Message(
            "Empty: it would pay only from a probability of {break_even} on, and nobody reaches that.",
            break_even=percent(cutoff.break_even),
        )
    if cutoff.break_even is None:
        return Message("Ends at a probability of {lowest}.", lowest=percent(cutoff.lowest))
    if cutoff.group is Group.CORE and cutoff.lowest < cutoff.break_even:
        return Message(
            "Ends at a probability of {lowest}. It would otherwise end at {break_even}, where the "
            "additional sales no longer "
            "pay for the additional cost, but the next cheaper treatment has no room for all who are worth it.",
            lowest=percent(cutoff.lowest),
            break_even=percent(cutoff.break_even),
        )
    return Message(
        "Ends at a probability of {lowest}: below {break_even} the additional sales no longer pay for the "
        "additional cost. "
        "The capacity is not used up.",
        lowest=percent(cutoff.lowest),
        break_even=percent(cutoff.break_even),
    )


def curve_sentence(curve: ResponseCurve) -> Message:
    """How the response runs over a variable's range, and where it is high."""
    where, rate, average = where_high(curve), high_rate(curve), percent(curve.base_rate)
    if where is None or rate is None:
        return Message(
            "{shape}; no stretch stands out from the average of {rate}", shape=curve.shape, rate=average
        )
    told = {"low": percent(rate.low), "high": percent(rate.high), "average": average}
    return Message(
        "{shape}; high response: {where}, where {rate} take the offer (95% interval {low}–{high}; average {average})",
        shape=curve.shape, where=where, rate=percent(rate.value), **told,
    )  # fmt: skip
