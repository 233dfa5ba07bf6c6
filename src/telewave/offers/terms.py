"""What an offer asks and gives in money: device, deposit, credits, minimum spend, quantity. Pure.

All amounts are for one piece (one device with its line) unless a name says otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from telewave.kernel import Malformed, Message, Money
from telewave.targeting.plan import NegativeAmount

BASIS_POINTS = 10_000
"""Shares are whole basis points (35 % = 3 500), so that a share of an amount is exact and the same everywhere."""


MOST_MONTHS = 120
"""The longest contract and the longest return of a credit that are computed: ten years."""


class DeviceDoesNotAddUp(Malformed):
    """The list price of {list_price} less the subsidy of {subsidy} and the credit of {credit} taken off is {should},
    but the device is priced at {price}. Correct one of the four.
    """

    code = "device_does_not_add_up"


class OfferCurrencies(Malformed):
    """The amounts are in the currencies {currencies}. Give all amounts of a catalogue in one currency."""

    code = "offer_currencies"


class EmptyCredit(Malformed):
    """A credit needs an amount above zero, at least one month, and a first month from
    1 on. Correct it, or leave the credit out.
    """

    code = "empty_credit"


class TiersOutOfOrder(Malformed):
    """The quantity tiers must rise, each from 2 pieces on, and change the device
    price or the minimum spend. Put them in order.
    """

    code = "tiers_out_of_order"


class NoFreePieces(Malformed):
    """`bought` and `free` must both be 1 or more; they are {bought} and {free}. Write for example bought: 10, free:
    1.
    """

    code = "no_free_pieces"


class Unspent(StrEnum):
    """What becomes of the part of a deposit that the contract's bills did not use up."""

    RETURNED = "returned"
    LAPSES = "lapses"


@dataclass(frozen=True, slots=True)
class Device:
    """The price of the device at the till, and how it came about.

    Where a list price is given, `list_price - subsidy - credit_taken_off = price`: the subsidy and the credit are in
    the price already and are not given a second time. Raises `DeviceDoesNotAddUp`.
    """

    price: Money
    list_price: Money | None = None
    subsidy: Money | None = None
    credit_taken_off: Money | None = None

    def __post_init__(self) -> None:
        if self.list_price is None:
            return
        none = Money(0, self.price.currency)
        subsidy, credit = self.subsidy or none, self.credit_taken_off or none
        should = self.list_price - subsidy - credit
        if should != self.price:
            raise DeviceDoesNotAddUp(
                list_price=self.list_price.major,
                subsidy=subsidy.major,
                credit=credit.major,
                should=should.major,
                price=self.price.major,
            )


@dataclass(frozen=True, slots=True)
class Deposit:
    """Paid on the first day and used for the bills of the contract, after credits."""

    amount: Money
    unspent: Unspent = Unspent.RETURNED


@dataclass(frozen=True, slots=True)
class AtOnce:
    """Credit of the first month."""

    amount: Money

    @property
    def last_month(self) -> int:
        """The month of the last part."""
        return 1


@dataclass(frozen=True, slots=True)
class Fixed:
    """`total` in equal monthly parts (largest remainder first) in the months
    `first_month` and on. Raises `EmptyCredit`.
    """

    total: Money
    months: int
    first_month: int = 1

    def __post_init__(self) -> None:
        if self.total.minor <= 0 or self.months < 1 or self.first_month < 1:
            raise EmptyCredit

    @property
    def last_month(self) -> int:
        """The month of the last part."""
        return self.first_month + self.months - 1

    def parts(self) -> tuple[Money, ...]:
        """The monthly parts, which sum to the total."""
        return self.total.split([1] * self.months)


@dataclass(frozen=True, slots=True)
class ShareOfBill:
    """Each month the share of last month's bill, from month 2 on, `months` times at most, `total` in all at most.

    The bill is that before credits and with the top-up to the minimum spend. Parts of a
    minor unit are dropped. Raises `EmptyCredit`.
    """

    share_bp: int
    total: Money
    months: int

    def __post_init__(self) -> None:
        if not 0 < self.share_bp <= BASIS_POINTS or self.total.minor <= 0 or self.months < 1:
            raise EmptyCredit

    @property
    def last_month(self) -> int:
        """The month of the last possible part."""
        return self.months + 1


Credit = AtOnce | Fixed | ShareOfBill


@dataclass(frozen=True, slots=True)
class FreePieces:
    """Of every `bought + free` pieces `free` cost nothing. Raises `NoFreePieces`."""

    bought: int
    free: int = 1

    def __post_init__(self) -> None:
        if self.bought < 1 or self.free < 1:
            raise NoFreePieces(bought=self.bought, free=self.free)

    def of(self, pieces: int) -> int:
        """How many of `pieces` are free."""
        return pieces // (self.bought + self.free) * self.free


@dataclass(frozen=True, slots=True)
class Tier:
    """From `pieces` on these replace the offer's own; None keeps it."""

    pieces: int
    device_price: Money | None = None
    minimum_spend: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The money side of an offer.

    `minimum_spend`: what a month of the contract is billed at least. `contract_months`: 0 without a contract.
    `least_pieces`: smallest order. Raises `OfferCurrencies`, `NegativeAmount`, `TiersOutOfOrder`.
    """

    device: Device
    deposit: Deposit | None = None
    credits: tuple[Credit, ...] = ()
    minimum_spend: Money | None = None
    contract_months: int = 0
    least_pieces: int = 1
    free_pieces: FreePieces | None = None
    tiers: tuple[Tier, ...] = ()

    def __post_init__(self) -> None:
        require_one_currency(self.amounts())
        for amount in self.amounts():
            if amount.minor < 0:
                raise NegativeAmount(what=Message("An amount"), amount=f"{amount.major} {amount.currency}")
        starts = [1, *(tier.pieces for tier in self.tiers)]
        idle = any(tier.device_price is None and tier.minimum_spend is None for tier in self.tiers)
        if idle or any(later <= earlier for earlier, later in pairwise(starts)):
            raise TiersOutOfOrder

    @property
    def currency(self) -> str:
        """ISO 4217 code of all amounts."""
        return self.device.price.currency

    def amounts(self) -> list[Money]:
        """Every amount that the terms name."""
        device = self.device
        named = [device.price, device.list_price, device.subsidy, device.credit_taken_off, self.minimum_spend]
        named += [self.deposit.amount] if self.deposit else []
        named += [credit.amount if isinstance(credit, AtOnce) else credit.total for credit in self.credits]
        for tier in self.tiers:
            named += [tier.device_price, tier.minimum_spend]
        return [amount for amount in named if amount is not None]

    def device_price(self, pieces: int) -> Money:
        """The price of one device that is paid for, in an order of `pieces`."""
        prices = [t.device_price for t in self.tiers if t.pieces <= pieces and t.device_price is not None]
        return prices[-1] if prices else self.device.price

    def least_bill(self, pieces: int) -> Money:
        """The minimum spend of a month in an order of `pieces`; zero without one."""
        spends = [t.minimum_spend for t in self.tiers if t.pieces <= pieces and t.minimum_spend is not None]
        return spends[-1] if spends else self.minimum_spend or Money(0, self.currency)

    @property
    def usual_pieces(self) -> int:
        """The smallest order that earns what the offer advertises: free pieces and the first tier included."""
        free = self.free_pieces
        return max(
            self.least_pieces,
            free.bought + free.free if free else 1,
            self.tiers[0].pieces if self.tiers else 1,
        )

    @property
    def months(self) -> int:
        """Months that the account of the offer covers: the contract, or the last possible credit if that is later."""
        return max([self.contract_months, *(credit.last_month for credit in self.credits)])


def require_one_currency(amounts: Sequence[Money]) -> None:
    """Raises `OfferCurrencies` where they are in several."""
    currencies = sorted({amount.currency for amount in amounts})
    if len(currencies) > 1:
        raise OfferCurrencies(currencies=", ".join(currencies))
