"""An offer's account: who pays whom what in which month, what the device really costs, what the operator earns. Pure,
exact.

Month 0 is the day of purchase, month 1 the first bill. With u(t) the subscriber's own fees of month t and s the minimum
spend,

    bill(t) = max(u(t), s) while the contract runs, u(t) after it credit(t) = credits that fall due in month t; a share
    of the last month takes bill(t - 1) and drops parts of a minor unit a bill is paid from the balance of credits
    first, then from the deposit, then in cash true cost = device + deposit + cash payments - deposit returned at the
    end cost of the device by this offer = true cost - own fees of the same months

Credits left at the end lapse. Amounts are nominal: nothing is discounted. What a customer gets for the top-up to the
minimum spend is counted as worth nothing, since nobody would have bought it otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from telewave.kernel import Malformed, Money
from telewave.offers.model import Customers, Offer
from telewave.offers.promotions import Bundle, Discount, DiscountKind, Points, Promotion, RecallGift, TradeIn
from telewave.offers.terms import (
    BASIS_POINTS,
    AtOnce,
    Credit,
    Fixed,
    OfferCurrencies,
    ShareOfBill,
    Terms,
    Unspent,
)


class NoFees(Malformed):
    """An account needs the subscriber's fees of at least one month, none of them negative. Give one amount a month;
    the last one stands for all later months.
    """

    code = "no_fees"


class OrderTooSmall(Malformed):
    """The offer {offer} is sold from {least} pieces on, and {pieces} are asked for. Ask for at least {least}."""

    code = "order_too_small"


ASSUMED_DEVICE_COST = Money(4_500_00)
NO_COMMISSION = Money(0)


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What the operator's margin rests on and no record says. All defaults are assumptions
    to be replaced by the branch's own figures.

    `device_cost`: what a device costs the operator (default: a tenth below the market price of about 4 999).
    `cost_to_serve_bp`: variable cost of a subscriber's own use, in basis points of the own fees; a top-up costs nothing
    to serve. `retained_bp`: the part of an existing subscriber's own fees that would be lost without the sale (churn
    avoided). `commission`: paid to the seller for one piece.
    """

    device_cost: Money = ASSUMED_DEVICE_COST
    cost_to_serve_bp: int = 3_500
    retained_bp: int = 0
    commission: Money = NO_COMMISSION


DEFAULT_ASSUMPTIONS = Assumptions()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """The circumstances of one order. `pieces`: None is the smallest order that earns the offer's terms.

    `new_number`: None is what the offer is for (existing where it is for all).
    `day`: decides which dated promotions hold.
    """

    pieces: int | None = None
    new_number: bool | None = None
    day: date | None = None
    trade_in: bool = False
    bundled: bool = False

    def pieces_of(self, offer: Offer) -> int:
        """How many devices are bought. Raises `OrderTooSmall`."""
        least = offer.terms.least_pieces
        pieces = offer.terms.usual_pieces if self.pieces is None else self.pieces
        if pieces < least:
            raise OrderTooSmall(offer=offer.id, least=least, pieces=pieces)
        return pieces

    def is_new(self, offer: Offer) -> bool:
        """Whether the sale brings a new number."""
        return offer.customers is Customers.NEW if self.new_number is None else self.new_number


USUAL = Sale()


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthFlow:
    """One month of one line. `paid` is in cash; `bill = credit_used + deposit_used + paid`."""

    month: int
    own_fees: Money
    bill: Money
    credit_given: Money
    credit_used: Money
    deposit_used: Money
    paid: Money


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """The whole order: first day, then the months of one line (all lines alike), then the end.

    Flow tuples run from month 0 to the last. `customer` is what the customer pays (positive) or gets back in each;
    `operator` what the operator nets: the customer's payments less device, service, gifts and commission.
    """

    pieces: int
    device_paid: Money
    deposit_paid: Money
    lines: tuple[MonthFlow, ...]
    deposit_returned: Money
    credits_lapsed: Money
    deposit_lapsed: Money
    gifts_value: Money
    customer: tuple[Money, ...]
    operator: tuple[Money, ...]
    organic: Money

    @property
    def true_cost(self) -> Money:
        """What the customer pays in all, fees included."""
        return _total(self.customer)

    @property
    def own_fees(self) -> Money:
        """What the own use of the same months would have been billed without the offer."""
        return Money(sum(line.own_fees.minor for line in self.lines) * self.pieces, self.device_paid.currency)

    @property
    def device_cost(self) -> Money:
        """What the device really costs the customer: true cost less own fees, a
        piece, parts of a minor unit dropped.
        """
        whole = self.true_cost - self.own_fees
        return Money(whole.minor // self.pieces, whole.currency)

    @property
    def margin(self) -> Money:
        """What the operator earns on the order, own fees included."""
        return _total(self.operator)

    @property
    def incremental_margin(self) -> Money:
        """The margin less what the operator would have earned without the sale, a
        piece, parts of a minor unit dropped.
        """
        whole = self.margin - self.organic
        return Money(whole.minor // self.pieces, whole.currency)


def account(
    offer: Offer, fees: Sequence[Money], assumptions: Assumptions = DEFAULT_ASSUMPTIONS, sale: Sale = USUAL
) -> Account:
    """The account of one order at the subscriber's monthly own `fees` (the last one stands for all later months).

    Every line of an order of several pieces has these fees. Raises `NoFees`, `OrderTooSmall`, `OfferCurrencies`.
    """
    _require(offer, fees, assumptions)
    terms, pieces, held = offer.terms, sale.pieces_of(offer), promotions_of(offer, sale)
    given = (*terms.credits, *bundle_credits(held))
    months = max([terms.contract_months, *(credit.last_month for credit in given)])
    own = [fees[min(month, len(fees) - 1)].minor for month in range(months)]
    book = _Book(terms, given, terms.least_bill(pieces).minor)
    lines = tuple(book.month(month, own[month - 1]) for month in range(1, months + 1))
    first = _first_day(terms, pieces, held)
    deposit = terms.deposit
    returned = book.deposit if deposit and deposit.unspent is Unspent.RETURNED else 0
    currency = offer.terms.currency

    def money(minor: int) -> Money:
        return Money(minor, currency)

    customer = [first.device + first.deposit, *(line.paid.minor * pieces for line in lines)]
    customer[-1] -= returned * pieces
    operator = _operator(customer, own, pieces, first, assumptions)
    return Account(
        pieces=pieces,
        device_paid=money(first.device),
        deposit_paid=money(first.deposit),
        lines=lines,
        deposit_returned=money(returned * pieces),
        credits_lapsed=money(book.credit * pieces),
        deposit_lapsed=money((book.deposit - returned) * pieces),
        gifts_value=money(first.gifts_value),
        customer=tuple(money(minor) for minor in customer),
        operator=tuple(money(minor) for minor in operator),
        organic=money(0 if sale.is_new(offer) else sum(organic_part(u, assumptions) for u in own) * pieces),
    )


class _Book:
    """The balances of one line; each month is booked once, in order."""

    def __init__(self, terms: Terms, given: Sequence[Credit], least_bill: int) -> None:
        self.terms, self.credits, self.least_bill = terms, given, least_bill
        self.credit = 0
        self.deposit = terms.deposit.amount.minor if terms.deposit else 0
        self.last_bill = 0
        self.shared = [0] * len(given)

    def month(self, month: int, own: int) -> MonthFlow:
        bill = max(own, self.least_bill) if month <= self.terms.contract_months else own
        given = sum(self._due(index, month) for index in range(len(self.credits)))
        self.credit += given
        credit_used = min(self.credit, bill)
        deposit_used = min(self.deposit, bill - credit_used)
        self.credit -= credit_used
        self.deposit -= deposit_used
        self.last_bill = bill
        paid = bill - credit_used - deposit_used

        def money(minor: int) -> Money:
            return Money(minor, self.terms.currency)

        return MonthFlow(
            month=month,
            own_fees=money(own),
            bill=money(bill),
            credit_given=money(given),
            credit_used=money(credit_used),
            deposit_used=money(deposit_used),
            paid=money(paid),
        )

    def _due(self, index: int, month: int) -> int:
        match self.credits[index]:
            case AtOnce(amount):
                return amount.minor if month == 1 else 0
            case Fixed(months=months, first_month=start) as fixed:
                return fixed.parts()[month - start].minor if start <= month < start + months else 0
            case ShareOfBill(share_bp=share, total=total) as credit:
                if not 2 <= month <= credit.last_month:
                    return 0
                due = min(share * self.last_bill // BASIS_POINTS, total.minor - self.shared[index])
                self.shared[index] += due
                return due


@dataclass(frozen=True, slots=True)
class FirstDay:
    """Minor units of the whole order on the day of purchase. `extra_cost`: gifts and points, less the resale of old
    devices.
    """

    device: int
    deposit: int
    gifts_value: int
    extra_cost: int


def promotions_of(offer: Offer, sale: Sale) -> tuple[Promotion, ...]:
    """The offer's promotions that hold for the sale."""
    return tuple(p for p in offer.promotions if p.period.holds(sale.day) and _applies(p, offer, sale))


def _applies(promotion: Promotion, offer: Offer, sale: Sale) -> bool:
    match promotion:
        case Discount(kind=DiscountKind.NEW_CUSTOMER):
            return sale.is_new(offer)
        case Discount(least_pieces=least):
            return sale.pieces_of(offer) >= least
        case TradeIn():
            return sale.trade_in
        case Bundle():
            return sale.bundled
        case RecallGift() | Points():
            return True


def bundle_credits(held: Sequence[Promotion]) -> tuple[Credit, ...]:
    """Monthly reductions as fixed credits."""
    bundles = [p for p in held if isinstance(p, Bundle)]
    return tuple(Fixed(Money(p.off.minor * p.months, p.off.currency), p.months) for p in bundles)


def _first_day(terms: Terms, pieces: int, held: Sequence[Promotion]) -> FirstDay:
    off = sum(p.off.minor for p in held if isinstance(p, Discount))
    traded = [p for p in held if isinstance(p, TradeIn)]
    gifts = [p for p in held if isinstance(p, RecallGift | Points)]
    off += sum(p.allowance.minor for p in traded)
    free = terms.free_pieces.of(pieces) if terms.free_pieces else 0
    device = max(0, terms.device_price(pieces).minor - off) * (pieces - free)
    deposit = terms.deposit.amount.minor * pieces if terms.deposit else 0
    extra = sum(g.cost.minor for g in gifts) - sum(t.resale.minor for t in traded)
    return FirstDay(device, deposit, sum(g.value.minor for g in gifts) * pieces, extra * pieces)


def first_day(offer: Offer, sale: Sale) -> FirstDay:
    """What is paid and given on the day of purchase."""
    return _first_day(offer.terms, sale.pieces_of(offer), promotions_of(offer, sale))


def _operator(
    customer: Sequence[int], own: Sequence[int], pieces: int, first: FirstDay, assumptions: Assumptions
) -> list[int]:
    spent = (assumptions.device_cost.minor + assumptions.commission.minor) * pieces + first.extra_cost
    served = [service_cost(u, assumptions) * pieces for u in own]
    return [customer[0] - spent, *(c - s for c, s in zip(customer[1:], served, strict=True))]


def service_cost(own: int, assumptions: Assumptions) -> int:
    """Cost of serving a month's own use, parts of a minor unit dropped. Works on an array as well."""
    return own * assumptions.cost_to_serve_bp // BASIS_POINTS


def organic_part(own: int, assumptions: Assumptions) -> int:
    """What an existing subscriber's month would have earned without the sale. Works on an array as well."""
    return (own - service_cost(own, assumptions)) * (BASIS_POINTS - assumptions.retained_bp) // BASIS_POINTS


def _require(offer: Offer, fees: Sequence[Money], assumptions: Assumptions) -> None:
    if not fees or any(fee.minor < 0 for fee in fees):
        raise NoFees
    currencies = {offer.terms.currency, assumptions.device_cost.currency, assumptions.commission.currency}
    currencies |= {fee.currency for fee in fees}
    if len(currencies) > 1:
        raise OfferCurrencies(currencies=", ".join(sorted(currencies)))


def _total(amounts: Sequence[Money]) -> Money:
    return Money(sum(amount.minor for amount in amounts), amounts[0].currency)
