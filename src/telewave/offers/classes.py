"""Customer classes: what a customer holds, pays, is and brings, and how much it uses; and which offers are open to it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import product
from typing import assert_never

from telewave.audiences.matching import Person, judge
from telewave.audiences.rule import (
    And,
    Between,
    Comparison,
    Event,
    HasTag,
    InAudience,
    IsNotNull,
    IsNull,
    Not,
    OneOf,
    Or,
    Rule,
    TextMatch,
)
from telewave.customers.base import CLASS_LABELS, PAYMENT_LABELS, SEGMENT_LABELS, BaseClass, Cell
from telewave.kernel import Inconclusive, Label, Message, Money
from telewave.offers.model import CUSTOMER_NAMES, Customers, Offer

PAYMENTS = tuple(PAYMENT_LABELS)
SEGMENTS = tuple(SEGMENT_LABELS)


@dataclass(frozen=True, slots=True)
class Level:
    """A stretch of monthly fees [low, high), None is open, and the fee that stands for it. The bounds are whole major units."""

    name: Label
    low: Money
    high: Money | None
    fee: Money

    def holds(self, fee: int) -> bool:
        """Whether a fee of so many whole major units lies in the stretch."""
        return self.low.minor <= fee * 100 and (self.high is None or fee * 100 < self.high.minor)


ASSUMED_LEVELS = (
    Level(Label("Low use", "低消费"), Money(0), Money(50_00), Money(30_00)),
    Level(Label("Middling use", "中消费"), Money(50_00), Money(120_00), Money(80_00)),
    Level(Label("High use", "高消费"), Money(120_00), None, Money(200_00)),
)
"""Used where no data was counted: an assumption."""


@dataclass(frozen=True, slots=True, order=True)
class Customer:
    """A customer class but for the level of use. With a new number `payment` is that of the new line, otherwise of the present one.

    `base`: what is held before; NONE is somebody from outside, who can only come with a new number.
    """

    new_number: bool
    base: BaseClass
    payment: str
    segment: str


CUSTOMERS: tuple[Customer, ...] = tuple(
    Customer(new, base, payment, segment)
    for new, base, payment, segment in product((False, True), BaseClass, PAYMENTS, SEGMENTS)
    if new or base is not BaseClass.NONE
)


class Openness(Enum):
    """Whether a class may have an offer: none of it, those of whom more than the class tells, or all."""

    NONE = 0
    SOME = 1
    ALL = 2


def openness(offer: Offer, customer: Customer) -> Openness:
    """The eligibility rule judged on what the class tells; what it does not tell is unknown, and then some of the class may have it."""
    if not offer.open_to(customer.new_number):
        return Openness.NONE
    if customer.new_number and offer.payment not in (None, customer.payment):
        return Openness.NONE
    if offer.eligibility is None:
        return Openness.ALL
    answer = _answer(offer.eligibility, _told(customer))
    if answer is None:
        return Openness.SOME
    return Openness.ALL if answer else Openness.NONE


def _answer(rule: Rule, told: Mapping[str, object]) -> bool | None:
    """The rule on a class: None where it asks for what the class does not tell (tags, events and other audiences included)."""
    match rule:
        case And(parts):
            answers = [_answer(part, told) for part in parts]
            return False if False in answers else None if None in answers else True
        case Or(parts):
            answers = [_answer(part, told) for part in parts]
            return True if True in answers else None if None in answers else False
        case Not(part):
            answer = _answer(part, told)
            return None if answer is None else not answer
        case Comparison() | Between() | OneOf() | IsNull() | IsNotNull() | TextMatch():
            return judge(rule, Person(told), None, {}) if rule.variable in told else None
        case HasTag() | Event() | InAudience():
            return None
        case _:
            assert_never(rule)


def _told(customer: Customer) -> dict[str, object]:
    told: dict[str, object] = {
        "has_mobile": customer.base in (BaseClass.MOBILE, BaseClass.MOBILE_AND_BROADBAND),
        "has_broadband": customer.base in (BaseClass.BROADBAND, BaseClass.MOBILE_AND_BROADBAND),
        "segment": customer.segment,
    }
    return told if customer.new_number else told | {"payment": customer.payment}


HIGHEST_FEE = 600
"""In major units (yuan): fees from here on are counted together."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Subscribers counted in a wide table.

    `fees`: by cell of the base and whole major units (yuan) of the monthly fee, `HIGHEST_FEE` for all above. `eligible`: of each offer
    how many may have it. `unplaced`: subscribers of whom the fee or the cell is not known; they are in no class. Who brings a new number is
    on no record; for those classes the subscribers counted are who could be asked to.
    """

    fees: Mapping[tuple[Cell, int], int]
    eligible: Mapping[str, int]
    unplaced: int = 0

    def of(self, customers: Iterable[Customer], level: Level | None = None) -> int:
        """Subscribers (of the level) in any of these classes, each once, however many new lines they could choose from."""
        cells = {cell for customer in customers for cell in cells_of(customer)}
        return sum(
            count
            for (cell, fee), count in self.fees.items()
            if cell in cells and (level is None or level.holds(fee))
        )


@dataclass(frozen=True, slots=True)
class Market:
    """What policies are judged against: the levels of use, and the classes' sizes if they were counted."""

    levels: tuple[Level, ...] = ASSUMED_LEVELS
    counted: Counted | None = None
    assumed_levels: bool = True

    def size(self, customers: Iterable[Customer]) -> int | Inconclusive:
        """How many subscribers are in any of these classes."""
        found = tuple(customers)
        if self.counted is None:
            return Inconclusive(Message("not counted: give the date of a wide table with --as-of"))
        if all(customer.base is BaseClass.NONE for customer in found):
            return Inconclusive(Message("customers from outside are on no record"))
        return self.counted.of(found)


def cells_of(customer: Customer) -> tuple[Cell, ...]:
    """The cells of the base that a class is drawn from: a new line may be paid otherwise than the present one; nobody from outside."""
    if customer.base is BaseClass.NONE:
        return ()
    payments = PAYMENTS if customer.new_number else (customer.payment,)
    return tuple(Cell(customer.base, payment, customer.segment) for payment in payments)


def customers_named(customers: Iterable[Customer]) -> Message | Label:
    """The classes in a few words: dimensions that are complete are left out."""
    found = tuple(sorted(set(customers)))
    parts = [_one_side([c for c in found if c.new_number is new]) for new in (True, False)]
    named = [part for part in parts if part is not None]
    return named[0] if len(named) == 1 else Message("{first}; {second}", first=named[0], second=named[1])


def _one_side(customers: list[Customer]) -> Message | Label | None:
    if not customers:
        return None
    new = customers[0].new_number
    bases = [b for b in BaseClass if any(c.base is b for c in customers)]
    payments = [p for p in PAYMENTS if any(c.payment == p for c in customers)]
    segments = [s for s in SEGMENTS if any(c.segment == s for c in customers)]
    if len(bases) * len(payments) * len(segments) != len(customers):  # not a block: name them one by one
        return _listed([_block(new, [c.base], [c.payment], [c.segment]) for c in customers], "; ")
    return _block(new, bases, payments, segments)


def _block(new: bool, bases: list[BaseClass], payments: list[str], segments: list[str]) -> Message | Label:
    parts: list[Message | Label] = [CUSTOMER_NAMES[Customers.NEW if new else Customers.EXISTING]]
    if len(payments) == 1:
        parts.append(PAYMENT_LABELS[payments[0]])
    if len(segments) == 1:
        parts.append(SEGMENT_LABELS[segments[0]])
    if len(bases) < (4 if new else 3):
        parts.append(_listed([OUTSIDE if b is BaseClass.NONE else CLASS_LABELS[b] for b in bases], " / "))
    return _listed(parts, " · ")


OUTSIDE = Label("From outside", "非本网客户")


def _listed(parts: list[Message | Label], between: str) -> Message | Label:
    if len(parts) == 1:
        return parts[0]
    return Message("{first}" + between + "{rest}", first=parts[0], rest=_listed(parts[1:], between))


def groups_alike(keys: Mapping[Customer, object]) -> list[tuple[Customer, ...]]:
    """Customers with equal values together, in the order of first mention."""
    groups: dict[object, list[Customer]] = {}
    for customer, key in keys.items():
        groups.setdefault(key, []).append(customer)
    return [tuple(group) for group in groups.values()]
