"""Channels by customer classes: what each channel offers whom, and what the device then really costs. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from telewave.kernel import Inconclusive, Label, Money
from telewave.offers.bench import Bench
from telewave.offers.classes import CUSTOMERS, Customer, Level, groups_alike
from telewave.offers.model import ChannelId, Offer
from telewave.offers.ranges import GRID


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixCell:
    """What one channel offers one class at a level of use. `offers`: open to all of it, for one
    piece; `partly`: to some, or in larger orders.

    `best` and `cost`: the offer with which the device costs least at the level's fee; None without an offer.
    `distance`: how much more that is than through the best channel of the row.
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
    """Every class in a row, classes with the same offers at the same costs together."""
    keys = {
        c: tuple(
            ground.cost(o, c)(GRID).tobytes() + ground.possible[c][o.id].tobytes() for o in ground.offers
        )
        for c in CUSTOMERS
    }
    groups = sorted(groups_alike(keys), key=lambda group: (not group[0].new_number, group[0].order))
    rows = [_row(ground, group, level) for group in groups for level in ground.market.levels]
    return Matrix(tuple(ground.catalogue.channels.items()), tuple(rows))


def _row(ground: Bench, group: tuple[Customer, ...], level: Level) -> MatrixRow:
    found = [_cell(ground, group[0], channel, level) for channel in ground.catalogue.channels]
    best = min((cell.cost.minor for cell in found if cell.cost is not None), default=0)
    cells = tuple(
        replace(cell, distance=Money(cell.cost.minor - best, cell.cost.currency)) if cell.cost else cell
        for cell in found
    )
    return MatrixRow(group, level, ground.market.size(group, level.flags), cells)


def _cell(ground: Bench, customer: Customer, channel: ChannelId, level: Level) -> MatrixCell:
    """What the channel offers, not yet compared with others."""
    here = [
        o
        for o in ground.offers
        if channel in o.channels and (ground.possible[customer][o.id] & level.flags).any()
    ]
    whole = tuple(
        o for o in here if o.terms.least_pieces == 1 and ground.open[customer][o.id][level.flags].all()
    )
    partly = tuple(offer for offer in here if offer not in whole)
    if not whole:
        return MatrixCell(channel=channel, offers=whole, partly=partly, best=None, cost=None, distance=None)
    fees = np.array([level.fee.minor], np.int64)
    costs = [int(ground.price(offer, customer.new_number)(fees)[0]) for offer in whole]
    best = int(np.argmin(costs))
    return MatrixCell(
        channel=channel,
        offers=whole,
        partly=partly,
        best=whole[best],
        cost=Money(costs[best], level.fee.currency),
        distance=None,
    )
