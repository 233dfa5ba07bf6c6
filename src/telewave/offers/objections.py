"""What does not fit together in an offer, though each of its terms may stand alone. Pure."""

from __future__ import annotations

from telewave.kernel import Message
from telewave.offers.model import Offer
from telewave.offers.promotions import Discount, DiscountKind, Period, Promotion, TradeIn
from telewave.offers.terms import Device, Terms


def device_objection(device: Device) -> Message | None:
    """Why the device's price cannot have come about so."""
    if device.list_price is None and (device.subsidy or device.credit_taken_off):
        return Message(
            "a subsidy or a credit taken off explains the price beside a list price. Add `list_price`, or "
            "leave it out: the price is what is paid."
        )
    return None


def terms_objection(terms: Terms) -> tuple[str, Message] | None:
    """The key of the file at which the terms contradict each other, and how."""
    topped = terms.minimum_spend is not None or any(t.minimum_spend is not None for t in terms.tiers)
    if topped and not terms.contract_months:
        key = "tiers" if terms.minimum_spend is None else "minimum_spend"
        return key, Message(
            "a minimum spend holds in the months of a contract, and there is none. Add `contract_months`, "
            "or leave the minimum out."
        )
    if terms.tiers and terms.tiers[0].pieces < terms.least_pieces:
        return "tiers", Message(
            (
                "the tier from {tier} pieces on is below the smallest order, {least}. Begin it there, or lower "
                "`least_pieces`."
            ),
            tier=terms.tiers[0].pieces,
            least=terms.least_pieces,
        )
    return None


def quota_objection(offer: Offer) -> Message | None:
    """Why the quotas let nobody buy."""
    least = offer.terms.least_pieces
    given = [q for q in (offer.quotas.stock, offer.quotas.a_customer, offer.quotas.a_day) if q is not None]
    if given and min(given) < least:
        return Message(
            (
                "{pieces} pieces are fewer than the smallest order, {least}, so nobody could buy. Raise the "
                "quota, or lower `least_pieces`."
            ),
            pieces=min(given),
            least=least,
        )
    return None


def promotion_objection(offer: Offer, promotion: Promotion) -> Message | None:
    """Why the promotion can never hold, or takes off more than there is."""
    if not _overlap(offer.valid, promotion.period):
        return Message(
            "the promotion's days lie outside the validity of the offer. Correct one of the two periods."
        )
    terms = offer.terms
    lowest = min(terms.device_price(pieces) for pieces in (1, *(tier.pieces for tier in terms.tiers)))
    if isinstance(promotion, Discount | TradeIn):
        off = promotion.off if isinstance(promotion, Discount) else promotion.allowance
        if off > lowest:
            return Message(
                "{off} off is more than the device costs, {price}. Lower it.",
                off=off.major,
                price=lowest.major,
            )
    if (
        isinstance(promotion, Discount)
        and promotion.kind is DiscountKind.GROUP_PURCHASE
        and promotion.least_pieces < 2
    ):
        return Message("a group purchase needs the pieces from which on it holds. Add `least_pieces`.")
    return None


def _overlap(one: Period, other: Period) -> bool:
    starts = [p.start for p in (one, other) if p.start is not None]
    ends = [p.end for p in (one, other) if p.end is not None]
    return not starts or not ends or max(starts) <= min(ends)
