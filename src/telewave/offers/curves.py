"""The account over many constant monthly fees at once: arrays in, arrays out, equal
to `economics.account` to the minor unit. Pure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from telewave.offers.economics import (
    DEFAULT_ASSUMPTIONS,
    USUAL,
    Assumptions,
    FirstDay,
    NoFees,
    Sale,
    bundle_credits,
    first_day,
    promotions_of,
)
from telewave.offers.model import Offer
from telewave.offers.terms import BASIS_POINTS, AtOnce, Credit, Fixed, OfferCurrencies, ShareOfBill, Unspent

Minor = npt.NDArray[np.int64]
ROWS_AT_ONCE = 1 << 15  # a dozen arrays of these stay in a core's cache through all months


@dataclass(frozen=True, slots=True)
class _Shape:
    """An offer's terms as plain numbers for one line, and the first day of the whole order."""

    first: FirstDay
    pieces: int
    credits: tuple[Credit, ...]
    months: int
    contract: int
    least_bill: int
    deposit: int
    returned: bool


def margins(
    offer: Offer,
    monthly_fee_minor: Minor,
    assumptions: Assumptions = DEFAULT_ASSUMPTIONS,
    sale: Sale = USUAL,
) -> Minor:
    """The operator's incremental margin of one sale (one piece) in minor units, for each constant monthly fee.

    `monthly_fee_minor`: int64, shape (n,), own fees a month in minor units; result int64, shape (n,).
    Equal to `account(offer, [fee], assumptions, sale).incremental_margin`. Raises `NoFees` for negative
    fees, `OrderTooSmall`, `OfferCurrencies`.
    """
    if {assumptions.device_cost.currency, assumptions.commission.currency} != {offer.terms.currency}:
        named = {offer.terms.currency, assumptions.device_cost.currency, assumptions.commission.currency}
        raise OfferCurrencies(currencies=", ".join(sorted(named)))
    shape, new = _shape(offer, sale), sale.is_new(offer)
    spent = (assumptions.device_cost.minor + assumptions.commission.minor) * shape.pieces
    constant = shape.first.device + shape.first.deposit - spent - shape.first.extra_cost

    def part(fees: Minor) -> Minor:
        served = fees * assumptions.cost_to_serve_bp // BASIS_POINTS
        organic = (fees - served) * (BASIS_POINTS - assumptions.retained_bp) // BASIS_POINTS
        line = _paid(shape, fees) - served * shape.months
        if not new:
            line -= organic * shape.months
        return (constant + line * shape.pieces) // shape.pieces

    return _in_parts(monthly_fee_minor, part)


def device_costs(offer: Offer, monthly_fee_minor: Minor, sale: Sale = USUAL) -> Minor:
    """What the device really costs the customer, a piece, in minor units, for each
    constant monthly fee; as `Account.device_cost`.
    """
    shape = _shape(offer, sale)
    constant = shape.first.device + shape.first.deposit

    def part(fees: Minor) -> Minor:
        line = _paid(shape, fees) - fees * shape.months
        return (constant + line * shape.pieces) // shape.pieces

    return _in_parts(monthly_fee_minor, part)


def _in_parts(fees: Minor, part: Callable[[Minor], Minor]) -> Minor:
    if fees.size and int(fees.min()) < 0:
        raise NoFees
    result = np.empty(fees.shape, np.int64)
    for start in range(0, fees.size, ROWS_AT_ONCE):
        stretch = slice(start, start + ROWS_AT_ONCE)
        result[stretch] = part(fees[stretch].astype(np.int64, copy=False))
    return result


def _shape(offer: Offer, sale: Sale) -> _Shape:
    terms, pieces = offer.terms, sale.pieces_of(offer)
    given = (*terms.credits, *bundle_credits(promotions_of(offer, sale)))
    deposit = terms.deposit
    return _Shape(
        first_day(offer, sale),
        pieces,
        given,
        max([terms.contract_months, *(credit.last_month for credit in given)]),
        terms.contract_months,
        terms.least_bill(pieces).minor,
        deposit.amount.minor if deposit else 0,
        deposit is not None and deposit.unspent is Unspent.RETURNED,
    )


def _paid(shape: _Shape, fees: Minor) -> Minor:
    """Cash paid for the bills of one line over all months, less a deposit returned at the end."""
    topped = np.maximum(fees, shape.least_bill)
    fixed = [_parts(one) for one in shape.credits]
    shared = [np.zeros_like(fees) for _ in shape.credits]
    credit, deposit = np.zeros_like(fees), np.full_like(fees, shape.deposit)
    paid, last = np.zeros_like(fees), np.zeros_like(fees)
    for month in range(1, shape.months + 1):
        bill = topped if month <= shape.contract else fees
        for index, one in enumerate(shape.credits):
            credit = credit + _due(one, fixed[index], month, last, shared[index])
        used = np.minimum(credit, bill)
        from_deposit = np.minimum(deposit, bill - used)
        credit = credit - used
        deposit -= from_deposit
        paid += bill - used - from_deposit
        last = bill
    return paid - deposit if shape.returned else paid


def _parts(credit: Credit) -> list[int]:
    """What is credited at an amount of its own each month, in minor units; a share of the bill: nothing."""
    return [part.minor for part in credit.parts()] if isinstance(credit, Fixed) else []


def _due(credit: Credit, parts: list[int], month: int, last: Minor, shared: Minor) -> Minor | int:
    match credit:
        case AtOnce(amount):
            return amount.minor if month == 1 else 0
        case Fixed(months=months, first_month=start):
            return parts[month - start] if start <= month < start + months else 0
        case ShareOfBill(share_bp=share, total=total) as returned:
            if not 2 <= month <= returned.last_month:
                return 0
            due = np.minimum(last * share // BASIS_POINTS, total.minor - shared)
            shared += due
            return due
