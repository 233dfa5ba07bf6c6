"""Promotions on top of an offer's terms: gifts, trade-in, discounts, bundles, points. Pure.

A promotion with a period holds on its days; one without holds as long as its offer. Its pieces are a stock of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from telewave.kernel import Label, Malformed, Money


class DatesReversed(Malformed):
    """The period ends on {end}, before it starts on {start}. Exchange the two dates."""

    code = "dates_reversed"


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `start` to `end`, both included; None is open. Raises `DatesReversed`."""

    start: date | None = None
    end: date | None = None

    def __post_init__(self) -> None:
        if self.start and self.end and self.end < self.start:
            raise DatesReversed(start=self.start.isoformat(), end=self.end.isoformat())

    def holds(self, day: date | None) -> bool:
        """Whether `day` is in the period; without a day only an open period holds."""
        if day is None:
            return self.start is None and self.end is None
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


ALWAYS = Period()


class DiscountKind(StrEnum):
    """Why money is taken off the device."""

    FLASH_SALE = "flash_sale"
    SEASONAL = "seasonal"
    NEW_CUSTOMER = "new_customer"
    GROUP_PURCHASE = "group_purchase"


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """`off` each device, on the days of the period; `new_customer` for new numbers
    only, `group_purchase` from `least_pieces` on.
    """

    kind: DiscountKind
    off: Money
    period: Period = ALWAYS
    least_pieces: int = 1
    stock: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallGift:
    """A thing handed over when a recalled customer buys in a hall: worth `value` to the
    customer, `cost` to the operator, a piece.
    """

    name: Label
    value: Money
    cost: Money
    period: Period = ALWAYS
    stock: int | None = None


@dataclass(frozen=True, slots=True)
class TradeIn:
    """For an old device: `allowance` off the new one; the operator sells the old one for `resale`."""

    allowance: Money
    resale: Money
    period: Period = ALWAYS
    stock: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """`off` each monthly bill for `months` months where the customer also holds `product`."""

    product: Label
    off: Money
    months: int
    period: Period = ALWAYS
    stock: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """Loyalty points with the purchase: worth `value` to the customer, `cost` to the operator, a piece."""

    points: int
    value: Money
    cost: Money
    period: Period = ALWAYS
    stock: int | None = None


Promotion = Discount | RecallGift | TradeIn | Bundle | Points


def amounts_of(promotion: Promotion) -> tuple[Money, ...]:
    """Every amount that the promotion names."""
    match promotion:
        case Discount(off=off) | Bundle(off=off):
            return (off,)
        case RecallGift(value=value, cost=cost) | Points(value=value, cost=cost):
            return value, cost
        case TradeIn(allowance=allowance, resale=resale):
            return allowance, resale
