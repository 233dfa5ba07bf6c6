"""Amounts, fees, stretches and offers in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from telewave.kernel import Message, Money
from telewave.offers.model import Offer
from telewave.offers.ranges import TOP, Fees, Stretch
from telewave.offers.words import Words, listed
from telewave.targeting.sentences import amount


def offers_named(offers: Sequence[Offer]) -> Words:
    """The names of offers, in quotation marks, since names are sentences at times."""
    return listed([Message("“{name}”", name=offer.name) for offer in offers], " / ")


def fee(money: Money) -> Message:
    """A monthly fee to the minor unit, since break-evens are exact."""
    number = f"{money.major:,.2f}".removesuffix(".00")
    if money.currency == "CNY":
        return Message("{value} yuan", value=number)
    return Message("{value} {currency}", value=number, currency=money.currency)


def fees_named(fees: Sequence[Fees]) -> Words:
    """Ranges of monthly fees."""
    return listed([_range_named(one.low, one.high) for one in fees], "; ")


def stretches_named(stretches: Sequence[Stretch]) -> Words:
    """Stretches of monthly fees, and the largest advantage in each."""
    return listed([_stretch_named(stretch) for stretch in stretches], "; ")


def _stretch_named(stretch: Stretch) -> Message:
    return Message(
        "{fees} (by {most} at {at})",
        fees=_range_named(stretch.low, stretch.high),
        most=amount(stretch.most),
        at=fee(stretch.at),
    )


def _range_named(low: Money, high: Money | None) -> Message:
    """No claim is made beyond the highest fee compared."""
    top = fee(Money(TOP, low.currency))
    if high is None and low.minor == 0:
        return Message("any fee up to {top} a month", top=top)
    if high is None:
        return Message("fees from {low} a month up, compared up to {top}", low=fee(low), top=top)
    if low.minor == 0:
        return Message("fees up to {high} a month", high=fee(high))
    return Message("fees from {low} to {high} a month", low=fee(low), high=fee(high))
