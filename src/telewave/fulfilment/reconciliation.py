"""A courier's statement beside what his parcels were to bring, to the cent. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from telewave.fulfilment.model import Accepted, Closed, Payment, Reconciled
from telewave.fulfilment.parcel import Parcel
from telewave.kernel import Label, Money


class Difference(StrEnum):
    """How a statement and the books differ about an order."""

    UNKNOWN = "unknown"
    TWICE = "twice"
    OTHER_COURIER = "other_courier"
    NOT_ACCEPTED = "not_accepted"
    AMOUNT = "amount"
    DOOR = "door"
    HOW = "how"
    MISSING = "missing"

    @property
    def label(self) -> Label:
        """For people."""
        return DIFFERENCES[self]


DIFFERENCES = {
    Difference.UNKNOWN: Label("no such order", "没有该订单"),
    Difference.TWICE: Label("stands twice in the statement", "对账单中重复"),
    Difference.OTHER_COURIER: Label("another courier's parcel", "不是该配送员的包裹"),
    Difference.NOT_ACCEPTED: Label("not noted as accepted", "未登记签收"),
    Difference.AMOUNT: Label("another amount than the price", "金额与应收不符"),
    Difference.DOOR: Label("another amount was noted at the door", "上门登记的金额不符"),
    Difference.HOW: Label("paid in another way", "付款方式不符"),
    Difference.MISSING: Label("accepted, and not in the statement", "已签收，但对账单中没有"),
}


@dataclass(frozen=True, slots=True)
class StatementLine:
    """What a courier hands in for an order."""

    line: int
    order: str
    paid: Money
    how: Payment


@dataclass(frozen=True, slots=True)
class Differs:
    """An order about which the two differ: what the books expect and what the statement says, nothing where it is not
    in one of them.
    """

    order: str
    kind: Difference
    expected: Money
    told: Money


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """`equal`: orders that can be reconciled; `known`: that were already; `differs`: the others, by order. `expected`
    and `told`: the sums, which differ by exactly what the differences add up to.
    """

    equal: tuple[str, ...]
    known: int
    differs: tuple[Differs, ...]
    expected: Money
    told: Money


def compare(
    statement: Sequence[StatementLine],
    parcels: Mapping[str, Parcel],
    courier: str,
    accepted: Sequence[Parcel],
) -> Compared:
    """`parcels`: those that the statement names, by order; `accepted`: all for which the courier owes money."""
    nothing = Money(0)
    equal: list[str] = []
    differs: list[Differs] = []
    known, expected, told = 0, nothing, nothing
    seen: set[str] = set()
    for line in statement:
        told += line.paid
        parcel = parcels.get(line.order)
        repeated = line.order in seen
        seen.add(line.order)
        kind = Difference.TWICE if repeated else _difference(line, parcel, courier)
        due = nothing if repeated or parcel is None else _due(parcel, courier)
        expected += due
        if kind is not None:
            differs.append(Differs(line.order, kind, due, line.paid))
        elif isinstance(parcel, Parcel) and isinstance(parcel.state, Accepted):
            equal.append(line.order)
        else:
            known += 1
    for parcel in accepted:
        if parcel.order not in seen:
            expected += parcel.price
            differs.append(Differs(parcel.order, Difference.MISSING, parcel.price, nothing))
    differs.sort(key=lambda one: (one.order, one.kind))
    return Compared(equal=tuple(equal), known=known, differs=tuple(differs), expected=expected, told=told)


def _due(parcel: Parcel, courier: str) -> Money:
    """What the courier owes for the parcel."""
    paid = isinstance(parcel.state, Accepted | Reconciled | Closed)
    return parcel.price if paid and parcel.courier == courier else Money(0)


def _difference(line: StatementLine, parcel: Parcel | None, courier: str) -> Difference | None:
    """None where statement, price and door agree."""
    if parcel is None:
        return Difference.UNKNOWN
    if parcel.courier != courier:
        return Difference.OTHER_COURIER
    if not isinstance(parcel.state, Accepted | Reconciled | Closed):
        return Difference.NOT_ACCEPTED
    if line.paid != parcel.price:
        return Difference.AMOUNT
    if parcel.state.paid != parcel.price:
        return Difference.DOOR
    return Difference.HOW if parcel.state.how is not line.how else None
