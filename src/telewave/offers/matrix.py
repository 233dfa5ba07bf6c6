"""Channels by customer classes: what each channel offers whom, and what the device then really costs. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from telewave.kernel import Inconclusive, Label, Money
from telewave.offers.classes import CUSTOMERS, Customer, Level, Openness, groups_alike
from telewave.offers.consistency import Bench
from telewave.offers.model import ChannelId, Offer
from telewave.offers.ranges import curve


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """What one channel offers one class. `offers`: open to all of it in orders of one piece; `partly`: open to some, or in larger orders.

    `best` and `cost`: the offer with which the device costs least at the level's fee; None without an offer. `distance`: how much more
    that is than through the best channel of the row.
    """

    channel: ChannelId
    offers: tuple[Offer, ...]
    partly: tuple[Offer, ...]
    best: Offer | None
    cost: Money | None
    distance: Money | None


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """Customers to whom the same offers are open, at one level of use."""

    customers: tuple[Customer, ...]
    level: Level
    size: int | Inconclusive
    cells: tuple[MatrixCell, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """The whole picture: rows by customers and level, cells by channel in the catalogue's order."""

    channels: tuple[tuple[ChannelId, Label], ...]
    rows: tuple[MatrixRow, ...]


def matrix(ground: Bench) -> Matrix:
    """Every class in a row, classes with the same offers together."""
    keys = {c: tuple(ground.open[c][offer.id] for offer in ground.offers) for c in CUSTOMERS}
    groups = sorted(groups_alike(keys), key=lambda group: (not group[0].new_number, group[0]))
    rows = [_row(ground, group, index) for group in groups for index in range(len(ground.market.levels))]
    return Matrix(tuple(ground.catalogue.channels.items()), tuple(rows))


def _row(ground: Bench, group: tuple[Customer, ...], index: int) -> MatrixRow:
    level = ground.market.levels[index]
    size = ground.market.size(group)
    if ground.market.counted is not None and not isinstance(size, Inconclusive):
        size = ground.market.counted.of(group, level)
    found = [_offered(ground, group[0], channel, level) for channel in ground.catalogue.channels]
    costs = [cost.minor for *_, cost in found if cost is not None]
    cells = tuple(
        MatrixCell(
            channel,
            whole,
            partly,
            best,
            cost,
            Money(cost.minor - min(costs), cost.currency) if cost else None,
        )
        for channel, whole, partly, best, cost in found
    )
    return MatrixRow(group, level, size, cells)


Offered = tuple[ChannelId, tuple[Offer, ...], tuple[Offer, ...], Offer | None, Money | None]


def _offered(ground: Bench, customer: Customer, channel: ChannelId, level: Level) -> Offered:
    whole = ground.choices(customer, channel)
    open_here = [
        o for o in ground.offers if channel in o.channels and ground.open[customer][o.id] is not Openness.NONE
    ]
    partly = tuple(offer for offer in open_here if offer not in whole)
    if not whole:
        return channel, whole, partly, None, None
    costs = costs_at(whole, customer.new_number, level)
    best = int(np.argmin([cost.minor for cost in costs]))
    return channel, whole, partly, whole[best], costs[best]


def costs_at(offers: Sequence[Offer], new_number: bool, level: Level) -> list[Money]:
    """What the device really costs by each offer, a piece of its usual order for larger orders, at the level's fee."""
    fees = np.array([level.fee.minor], np.int64)
    return [
        Money(
            int(curve(o, 1 if o.terms.least_pieces == 1 else o.terms.usual_pieces, new_number)(fees)[0]),
            level.fee.currency,
        )
        for o in offers
    ]
