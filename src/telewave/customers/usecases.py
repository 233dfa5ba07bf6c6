"""The base as of a date: sizes of the classes, who holds an offer, who took it of late, who came new with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis.expr.types as ir

from telewave.customers.base import BaseClass, Cell, base_class_expression
from telewave.features.states import state_as_of
from telewave.features.usecases import open_wide
from telewave.kernel import Estimate, Inconclusive, Malformed, Message, Missing
from telewave.kernel.intervals import wilson
from telewave.platform.warehouse import Warehouse
from telewave.records.contracts import ORDERS, SUBSCRIBERS

ORDER_KINDS: tuple[str, ...] = ORDERS.column("kind").codes
NEW_NUMBER = "new_number"


class NoSuchOffer(Missing):
    """Nobody has ordered {offer} before {as_of}. Choose one of the offers on record: {known}."""

    code = "no_such_offer"


class EmptyRange(Malformed):
    """The range from {since} to {as_of} holds no day. Choose a start before the as-of date."""

    code = "empty_range"


@dataclass(frozen=True, slots=True)
class BaseRow:
    """One cell of the base as of the date, or a sum of cells.

    `size`: subscribers. `holders`: of these, who took the offer at any time before the as-of date. `takers`: who took
    it in the range, by kind of order. `net_new`: who came with it (see `Base`).
    """

    size: int
    holders: int
    takers: Mapping[str, int]
    net_new: int

    @property
    def penetration(self) -> Estimate | Inconclusive:
        """Holders divided by subscribers, with Wilson's interval."""
        if not self.size:
            return Inconclusive(Message("The class has no subscribers."))
        if self.size == self.net_new:
            return Inconclusive(Message("Everybody in it came with the offer."))
        return wilson(self.holders, self.size)

    def __add__(self, other: BaseRow) -> BaseRow:
        takers = {kind: self.takers[kind] + other.takers[kind] for kind in ORDER_KINDS}
        return BaseRow(
            self.size + other.size, self.holders + other.holders, takers, self.net_new + other.net_new
        )


NOBODY = BaseRow(0, 0, dict.fromkeys(ORDER_KINDS, 0), 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The base as of `as_of` (nothing of that day is in it), seen from one offer; takers are of the days [since,
    as_of).

    `newcomers`, the net new: takers with a new number who were activated in the same range. They are counted in the
    class that they hold as of the date, and again here as the fourth class of the reference case. `outside`: takers in
    the range who are in no wide table as of the date; they are in no cell.
    """

    as_of: date
    since: date
    offer: str
    cells: Mapping[Cell, BaseRow]
    newcomers: BaseRow
    outside: int

    def of_class(self, base: BaseClass) -> BaseRow:
        """All cells of one class together."""
        return sum((row for cell, row in self.cells.items() if cell.base is base), NOBODY)

    @property
    def total(self) -> BaseRow:
        """The whole base."""
        return sum(self.cells.values(), NOBODY)


def base_classes(warehouse: Warehouse, as_of: date, offer: str, since: date) -> Base:
    """Count the base as of `as_of` by class, payment and segment, and the offer's takers in it.

    Raises `EmptyRange`, `NoWideTable` if the wide table has not been built,
    `NoSuchOffer` if nobody has ordered the offer.
    """
    if since >= as_of:
        raise EmptyRange(since=since.isoformat(), as_of=as_of.isoformat())
    opened = open_wide(warehouse, as_of)
    orders = warehouse.read("orders", ORDERS.schema, lambda day: day < as_of.isoformat())
    mine = orders.filter(orders.offer == offer)
    placed = _placed(opened.relation, opened.key, _ordered(warehouse, mine, as_of, since))
    rows = warehouse.engine.fetch(_counted(placed)).to_pylist()
    everybody = warehouse.engine.fetch(_takers(mine, since)).to_pylist()[0]
    if not everybody["ever"]:
        raise NoSuchOffer(offer=offer, as_of=as_of.isoformat(), known=_offers(warehouse, orders))
    cells = {_cell(row): _row(row) for row in rows}
    inside = sum(row["in_range"] for row in rows)
    outside = everybody["in_range"] - inside
    return Base(
        as_of=as_of,
        since=since,
        offer=offer,
        cells=dict(sorted(cells.items())),
        newcomers=_newcomers(rows),
        outside=outside,
    )


def _ordered(warehouse: Warehouse, mine: ir.Table, as_of: date, since: date) -> ir.Table:
    """One row a subscriber who took the offer: kinds taken in the range, and whether it came new with it."""
    people = state_as_of(warehouse, SUBSCRIBERS.name, as_of)
    activated = people.select(person=people.subscriber, line_from=people.activated_on)
    joined = mine.left_join(activated, mine.subscriber == activated.person)
    recent = joined.ordered_at.date() >= since
    came = recent & (joined.kind == NEW_NUMBER) & (joined.line_from >= since)
    return joined.group_by(taker="subscriber").aggregate(
        in_range=recent.any(),
        net_new=came.fill_null(False).any(),
        **{f"took_{kind}": (recent & (joined.kind == kind)).any() for kind in ORDER_KINDS},
    )


def _placed(wide: ir.Table, key: str, ordered: ir.Table) -> ir.Table:
    people = wide.select(
        person=wide[key], base=base_class_expression(wide), payment=wide.payment, segment=wide.segment
    )
    return people.left_join(ordered, people.person == ordered.taker)


def _counted(placed: ir.Table) -> ir.Table:
    flags = ("in_range", "net_new", *(f"took_{kind}" for kind in ORDER_KINDS))
    return placed.group_by("base", "payment", "segment").aggregate(
        size=placed.count(),
        holders=placed.taker.notnull().sum(),
        **{name: placed[name].fill_null(False).sum() for name in flags},
        **{f"new_{k}": (placed.net_new & placed[f"took_{k}"]).fill_null(False).sum() for k in ORDER_KINDS},
    )


def _takers(mine: ir.Table, since: date) -> ir.Table:
    return mine.aggregate(
        ever=mine.subscriber.nunique(),
        in_range=mine.subscriber.nunique(where=mine.ordered_at.date() >= since),
    )


def _offers(warehouse: Warehouse, orders: ir.Table) -> str:
    found = warehouse.engine.fetch(orders.select("offer").distinct())["offer"].to_pylist()
    return ", ".join(sorted(str(name) for name in found)) or "-"


def _cell(row: Mapping[str, Any]) -> Cell:
    return Cell(BaseClass(row["base"]), row["payment"] or "", row["segment"] or "")


def _newcomers(rows: Sequence[Mapping[str, Any]]) -> BaseRow:
    count = sum(int(row["net_new"] or 0) for row in rows)
    takers = {kind: sum(int(row[f"new_{kind}"] or 0) for row in rows) for kind in ORDER_KINDS}
    return BaseRow(count, count, takers, count)


def _row(row: Mapping[str, Any]) -> BaseRow:
    takers = {kind: int(row[f"took_{kind}"] or 0) for kind in ORDER_KINDS}
    return BaseRow(int(row["size"]), int(row["holders"]), takers, int(row["net_new"] or 0))
