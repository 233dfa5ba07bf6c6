"""Who is affected by a finding, and what is at stake. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from telewave.customers.base import Cell
from telewave.kernel import Inconclusive, Message, Money
from telewave.offers.bench import Bench
from telewave.offers.classes import Conditions, Counted, Customer, Flags, Market, cells_of
from telewave.offers.curves import Minor
from telewave.offers.ranges import GRID, SAME, Curve

ENTERPRISE = "enterprise"
TAKE_UP_BP = 100
"""Assumed share of the affected who buy, in basis points: 1 %, the reference case's share of mobile users with the
device.
"""

Gains = Mapping[Customer, Curve]
"""Of each customer what is at stake in one sale, as a function of the monthly fee."""


@dataclass(frozen=True, slots=True)
class Stake:
    """`affected`: subscribers concerned, at their own fees. `a_sale`: what is at stake in one sale, on average over
    them (over the levels of use where nobody was counted).

    `total`: a sale's stake times the affected subscribers times the assumed take-up.
    """

    affected: int | Inconclusive
    a_sale: Money | Inconclusive
    total: Money | Inconclusive


def stake(ground: Bench, gains: Gains, *, pieces: int = 1, costs: Gains | None = None) -> Stake:
    """Who is affected and what is at stake: in one sale, and for all of them at the assumed take-up.

    Affected is who gains noticeably at its own fee. A subscriber who could come with several new lines counts once,
    with the mean of what they mean to it; so does one of a class that is affected as a whole and again under
    conditions. Without counts a sale's stake is the mean over the levels of use at which there is one.

    Counted is only whom the policies can serve: orders of several `pieces` come from enterprises, and nobody takes a
    policy by which the device really costs more (`costs`, the dearest policy concerned) than it costs by itself.
    """
    market, currency = ground.market, ground.catalogue.currency
    if pieces > 1 and market.counted is not None:
        gains = {customer: gain for customer, gain in gains.items() if customer.segment == ENTERPRISE}
        if not gains:
            unknown = Inconclusive(Message("who orders so many pieces together is on no record"))
            return Stake(unknown, unknown, unknown)
    size = market.size(gains)
    if market.counted is None or isinstance(size, Inconclusive):
        reason = size if isinstance(size, Inconclusive) else Inconclusive(Message("not counted"))
        return Stake(reason, _at_levels(market, gains, currency), reason)
    affected, worth = _weighed(market.counted, gains if costs is None else _serving(ground, gains, costs))
    if not affected:
        nobody = Inconclusive(Message("nobody counted is in these stretches of use"))
        return Stake(0, nobody, Money(0, currency))
    total = Money(round(worth * TAKE_UP_BP / 10_000), currency)
    return Stake(affected, Money(round(worth / affected), currency), total)


def _serving(ground: Bench, gains: Gains, costs: Gains) -> Gains:
    """The gains of those whom the dearest policy concerned can serve, nothing for the others."""
    most = ground.ceiling.minor

    def served(gain: Curve, cost: Curve) -> Curve:
        return lambda fees: np.where(cost(fees) <= most, gain(fees), 0)

    return {customer: served(gain, costs[customer]) for customer, gain in gains.items()}


def unknown_stake(ground: Bench, customers: Sequence[Customer], flags: Flags) -> Stake:
    """What a policy for these customers (at the flagged fees) would earn nobody knows before it is written."""
    reason = Inconclusive(Message("depends on the policy to be made"))
    return Stake(ground.market.size(customers, flags), reason, reason)


def _at_levels(market: Market, gains: Gains, currency: str) -> Money | Inconclusive:
    """The mean of what is noticeably at stake at the levels' fees."""
    fees = np.array([level.fee.minor for level in market.levels], np.int64)
    values = np.concatenate([gain(fees) for gain in gains.values()])
    if not (values > SAME).any():
        return Inconclusive(Message("none of the three levels of use lies in these stretches"))
    return Money(round(float(values[values > SAME].mean())), currency)


def _weighed(counted: Counted, gains: Gains) -> tuple[int, float]:
    """Subscribers who gain noticeably, and the sum of what a sale to each means to it, in minor units."""
    drawn: dict[Cell, dict[Conditions, list[Minor]]] = {}
    for customer, gain in gains.items():
        for cell in cells_of(customer):
            drawn.setdefault(cell, {}).setdefault(customer.conditions, []).append(gain(GRID))
    affected, worth = 0, 0.0
    means = {
        (cell, conditions): np.mean(values, axis=0)
        for cell, found in drawn.items()
        for conditions, values in found.items()
    }
    for cell, fee in counted.fees:
        there = [
            (counted.with_conditions(conditions).get((cell, fee), 0), float(means[cell, conditions][fee]))
            for conditions in drawn.get(cell, {})
            if means[cell, conditions][fee] > SAME
        ]
        count, each = max(there, default=(0, 0.0))
        affected += count
        worth += count * each
    return affected, worth
