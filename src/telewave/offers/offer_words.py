"""One offer in words: who may have it, and its terms. Pure."""

from __future__ import annotations

from typing import assert_never

from telewave.customers.base import PAYMENT_LABELS
from telewave.kernel import Message
from telewave.offers.model import Offer
from telewave.offers.promotions import (
    Bundle,
    Discount,
    DiscountKind,
    Period,
    Points,
    Promotion,
    RecallGift,
    TradeIn,
)
from telewave.offers.terms import AtOnce, Credit, Fixed, ShareOfBill, Terms, Tier, Unspent
from telewave.offers.wording import fee
from telewave.offers.words import Words, listed, rule_words

DISCOUNT_WORDS = {
    DiscountKind.FLASH_SALE: Message("flash sale"),
    DiscountKind.SEASONAL: Message("seasonal promotion"),
    DiscountKind.NEW_CUSTOMER: Message("new-customer discount"),
    DiscountKind.GROUP_PURCHASE: Message("group-purchase discount"),
}


def who(offer: Offer) -> Words:
    """Whom the offer is for."""
    parts: list[Words] = [offer.customers.label]
    if offer.payment is not None:
        parts.append(PAYMENT_LABELS[offer.payment])
    if offer.eligibility is not None:
        parts.append(rule_words(offer.eligibility))
    return listed(parts, " · ")


def terms_words(terms: Terms) -> list[Words]:
    """Every term, one sentence each."""
    said: list[Words] = [_device(terms)]
    if terms.deposit is not None:
        said.append(_deposit(terms))
    said += [credit_words(credit) for credit in terms.credits]
    if terms.minimum_spend is not None:
        said.append(Message("Minimum spend {amount} a month.", amount=fee(terms.minimum_spend)))
    if terms.contract_months:
        said.append(Message("Contract of {months} months.", months=terms.contract_months))
    if terms.least_pieces > 1:
        said.append(Message("From {pieces} pieces on.", pieces=terms.least_pieces))
    if terms.free_pieces is not None:
        free = terms.free_pieces
        said.append(Message("{bought} bought, {free} free.", bought=free.bought, free=free.free))
    return said + [_tier(tier) for tier in terms.tiers]


def _device(terms: Terms) -> Message:
    device = terms.device
    if device.list_price is None:
        return Message("Device {price}.", price=fee(device.price))
    parts: list[Words] = []
    if device.subsidy is not None:
        parts.append(Message("subsidy {amount}", amount=fee(device.subsidy)))
    if device.credit_taken_off is not None:
        parts.append(Message("credit {amount} taken off", amount=fee(device.credit_taken_off)))
    return Message(
        "Device {price} (list price {list_price}; {parts}).",
        price=fee(device.price),
        list_price=fee(device.list_price),
        parts=listed(parts, "; "),
    )


def _deposit(terms: Terms) -> Message:
    assert terms.deposit is not None  # noqa: S101 - called for terms with a deposit only
    amount = fee(terms.deposit.amount)
    if terms.deposit.unspent is Unspent.LAPSES:
        return Message("Deposit {amount}, used for bills; what is left at the end lapses.", amount=amount)
    return Message("Deposit {amount}, used for bills; what is left at the end is returned.", amount=amount)


def credit_words(credit: Credit) -> Message:
    """A credit in one sentence."""
    match credit:
        case AtOnce(amount):
            return Message("Credit {amount} at once.", amount=fee(amount))
        case Fixed(total=total, months=months, first_month=start):
            return Message(
                "Credit {amount} in equal parts over {months} months from month {start} on.",
                amount=fee(total),
                months=months,
                start=start,
            )
        case ShareOfBill(share_bp=share, total=total, months=months):
            return Message(
                "Credit up to {amount}: {share} of last month's bill, {months} times at most.",
                amount=fee(total),
                share=f"{share / 100:g}%",
                months=months,
            )
    assert_never(credit)


def _tier(tier: Tier) -> Message:
    changed: list[Words] = []
    if tier.device_price is not None:
        changed.append(Message("device {price}", price=fee(tier.device_price)))
    if tier.minimum_spend is not None:
        changed.append(Message("minimum spend {amount} a month", amount=fee(tier.minimum_spend)))
    return Message("From {pieces} pieces on: {changed}.", pieces=tier.pieces, changed=listed(changed, "; "))


def promotion_words(promotion: Promotion) -> Message:
    """A promotion in one sentence."""
    days = period_words(promotion.period)
    match promotion:
        case Discount(kind=kind, off=off):
            return Message(
                "{off} off the device: {kind}, {days}.", off=fee(off), kind=DISCOUNT_WORDS[kind], days=days
            )
        case RecallGift(name=name, value=value):
            return Message(
                "Gift on coming to a hall: {name}, worth {value}, {days}.",
                name=name,
                value=fee(value),
                days=days,
            )
        case TradeIn(allowance=allowance):
            return Message("{allowance} off for an old device, {days}.", allowance=fee(allowance), days=days)
        case Bundle(product=product, off=off, months=months):
            return Message(
                "{off} a month off for {months} months with {product}, {days}.",
                off=fee(off),
                months=months,
                product=product,
                days=days,
            )
        case Points(points=points, value=value):
            return Message(
                "{points} points, worth {value}, {days}.", points=f"{points:,}", value=fee(value), days=days
            )
    assert_never(promotion)


def period_words(period: Period) -> Message:
    """The days of a period."""
    start = period.start.isoformat() if period.start else None
    end = period.end.isoformat() if period.end else None
    if start and end:
        return Message("from {start} to {end}", start=start, end=end)
    if start:
        return Message("from {start} on", start=start)
    if end:
        return Message("until {end}", end=end)
    return Message("at any time")
