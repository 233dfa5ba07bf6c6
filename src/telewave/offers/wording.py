"""Amounts, fees, stretches and offers in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from telewave.kernel import Label, Message, Money
from telewave.offers.model import Offer
from telewave.offers.ranges import Stretch
from telewave.targeting.sentences import amount

Words = Message | Label | str


def listed(parts: Sequence[Words], between: str) -> Words:
    """The parts one after the other, with `between` between them."""
    if not parts:
        return "–"
    if len(parts) == 1:
        return parts[0]
    return Message("{first}" + between + "{rest}", first=parts[0], rest=listed(parts[1:], between))


def offers_named(offers: Sequence[Offer]) -> Words:
    """The names of offers."""
    return listed([offer.name for offer in offers], " / ")


def fee(money: Money) -> Message:
    """A monthly fee to the minor unit, since break-evens are exact."""
    number = f"{money.major:,.2f}".removesuffix(".00")
    if money.currency == "CNY":
        return Message("{value} yuan", value=number)
    return Message("{value} {currency}", value=number, currency=money.currency)


def stretch_named(stretch: Stretch) -> Message:
    """A stretch of monthly fees, and the largest advantage in it."""
    most, at = amount(stretch.most), fee(stretch.at)
    if stretch.high is None and stretch.low.minor == 0:
        return Message("any fee (by {most} at {at} a month)", most=most, at=at)
    if stretch.high is None:
        return Message(
            "fees from {low} a month up (by {most} at {at})", low=fee(stretch.low), most=most, at=at
        )
    if stretch.low.minor == 0:
        return Message(
            "fees up to {high} a month (by {most} at {at})", high=fee(stretch.high), most=most, at=at
        )
    return Message(
        "fees from {low} to {high} a month (by {most} at {at})",
        low=fee(stretch.low),
        high=fee(stretch.high),
        most=most,
        at=at,
    )


def stretches_named(stretches: Sequence[Stretch]) -> Words:
    """Several stretches."""
    return listed([stretch_named(stretch) for stretch in stretches], "; ")
