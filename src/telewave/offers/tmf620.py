"""A catalogue as TM Forum's ProductOffering objects (TMF620, version 4.1): the names that other systems know offers by.
Pure.

TMF620 has no word for a deposit, a quota, a selling point or a script, and none for a rule: a rule is named by a market
segment, a deposit is a price paid once, the others are left out.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, tzinfo
from typing import Any

from telewave.audiences.language import rule_text
from telewave.kernel import Message, Money
from telewave.offers.model import Catalogue, Offer
from telewave.offers.offer_words import credit_words, promotion_words
from telewave.offers.promotions import Bundle, Discount, Period, Points, Promotion, RecallGift, TradeIn
from telewave.offers.terms import AtOnce, Credit, Fixed, ShareOfBill, Terms, Tier
from telewave.offers.words import Words

Json = dict[str, Any]
Say = Callable[[Words], str]


def product_offerings(catalogue: Catalogue, say: Say, zone: tzinfo | None = None) -> list[Json]:
    """Every offer as a ProductOffering. `say`: words in the reader's language;
    `zone`: of the days (None: this machine's).
    """
    return [_offering(catalogue, offer, say, zone) for offer in catalogue.offers]


def _offering(catalogue: Catalogue, offer: Offer, say: Say, zone: tzinfo | None) -> Json:
    made: Json = {
        "@type": "ProductOffering",
        "id": offer.id,
        "name": say(offer.name),
        "isBundle": any(isinstance(one, Bundle) for one in offer.promotions),
        "isSellable": True,
        "category": [{"id": offer.kind.value, "name": say(offer.kind.label)}],
        "channel": [{"id": channel, "name": say(catalogue.channels[channel])} for channel in offer.channels],
        "marketSegment": _segments(offer, say),
        "productOfferingPrice": _prices(offer, say, zone),
        "validFor": _valid_for(offer.valid, zone),
    }
    if offer.note is not None:
        made["description"] = say(offer.note)
    if offer.terms.contract_months:
        duration = {"amount": offer.terms.contract_months, "units": "month"}
        made["productOfferingTerm"] = [{"name": say(Message("Contract")), "duration": duration}]
    if offer.payment is not None:
        made["prodSpecCharValueUse"] = [
            {"name": "payment", "valueType": "string", "productSpecCharacteristicValue": [{"value": offer.payment}]}
        ]  # fmt: skip
    return made


def _segments(offer: Offer, say: Say) -> list[Json]:
    segments = [{"id": offer.customers.value, "name": say(offer.customers.label)}]
    if offer.eligibility is not None:
        segments.append({"id": f"{offer.id}.eligibility", "name": rule_text(offer.eligibility)})
    return segments


def _prices(offer: Offer, say: Say, zone: tzinfo | None) -> list[Json]:
    terms = offer.terms
    alterations = [_credit(credit, say) for credit in terms.credits]
    alterations += [made for one in offer.promotions if (made := _promotion(one, say, zone))]
    device = _price("device", say(Message("Device")), terms.device.price)
    if alterations:
        device["priceAlteration"] = alterations
    prices = [device | _from_pieces(terms)]
    if terms.deposit is not None:
        prices.append(_price("deposit", say(Message("Deposit")), terms.deposit.amount))
    if terms.minimum_spend is not None:
        prices.append(_monthly("minimum_spend", say, terms.minimum_spend))
    return prices + [price for tier in terms.tiers for price in _tier(tier, say)]


def _tier(tier: Tier, say: Say) -> list[Json]:
    constraint = {"constraint": [{"id": "least_pieces", "name": str(tier.pieces)}]}
    made = []
    if tier.device_price is not None:
        made.append(
            _price(f"device.from_{tier.pieces}", say(Message("Device")), tier.device_price) | constraint
        )
    if tier.minimum_spend is not None:
        made.append(_monthly(f"minimum_spend.from_{tier.pieces}", say, tier.minimum_spend) | constraint)
    return made


def _from_pieces(terms: Terms) -> Json:
    constraints = []
    if terms.least_pieces > 1:
        constraints.append({"id": "least_pieces", "name": str(terms.least_pieces)})
    if terms.free_pieces is not None:
        free = terms.free_pieces
        constraints.append({"id": "free_pieces", "name": f"{free.bought}+{free.free}"})
    return {"constraint": constraints} if constraints else {}


def _price(price_id: str, name: str, amount: Money) -> Json:
    return {"id": price_id, "name": name, "priceType": "oneTime", "price": _value(amount)}


def _monthly(price_id: str, say: Say, amount: Money) -> Json:
    period = {"priceType": "recurring", "recurringChargePeriod": "month", "recurringChargePeriodLength": 1}
    return _price(price_id, say(Message("Minimum spend")), amount) | period


def _credit(credit: Credit, say: Say) -> Json:
    """Negative amounts: the part of a month where parts are fixed, else the total."""
    match credit:
        case AtOnce(each):
            months, kind = 1, "oneTime"
        case Fixed(months=months):
            each, kind = credit.parts()[0], "recurring"
        case ShareOfBill(total=each, months=months):
            kind = "recurring"
    return {
        "name": say(Message("Credit")),
        "description": say(credit_words(credit)),
        "priceType": kind,
        "price": _value(Money(-each.minor, each.currency)),
        "applicationDuration": {"amount": months, "units": "month"},
    }


def _promotion(promotion: Promotion, say: Say, zone: tzinfo | None) -> Json | None:
    """What a promotion takes off; gifts and points take nothing off a price."""
    match promotion:
        case Discount(off=off) | TradeIn(allowance=off):
            made: Json = {"priceType": "oneTime"}
        case Bundle(off=off, months=months):
            made = {"priceType": "recurring", "applicationDuration": {"amount": months, "units": "month"}}
        case RecallGift() | Points():
            return None
    made["name"] = say(Message("Promotion"))
    made["description"] = say(promotion_words(promotion))
    made["price"] = _value(Money(-off.minor, off.currency))
    made["validFor"] = _valid_for(promotion.period, zone)
    return made


def _value(amount: Money) -> Json:
    return {"taxIncludedAmount": {"unit": amount.currency, "value": float(amount.major)}}


def _valid_for(period: Period, zone: tzinfo | None) -> Json:
    """Both days included, so the period ends with the last second of its last day."""
    made = {}
    if period.start is not None:
        made["startDateTime"] = _moment(period.start, time.min, zone)
    if period.end is not None:
        made["endDateTime"] = _moment(period.end, time(23, 59, 59), zone)
    return made


def _moment(day: date, at: time, zone: tzinfo | None) -> str:
    local = datetime.combine(day, at, zone)
    return (local if zone else local.astimezone()).isoformat()
