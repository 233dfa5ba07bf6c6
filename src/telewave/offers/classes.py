"""Customer classes: what a customer holds, pays, is and brings, and how much it uses; and which offers are open to it.
Pure.

How much it uses is its monthly fee, so who may have an offer is told for every whole unit of the
fee. What neither class nor fee tells (a device, an age, a tag) stays a *condition*: those of a
class who fulfil it are customers of their own.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import product
from typing import assert_never

import numpy as np
import numpy.typing as npt

from telewave.audiences.language import rule_text
from telewave.audiences.matching import Person, judge
from telewave.audiences.rule import (
    LARGEST_NUMBER,
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
    joined,
    walk,
)
from telewave.customers.base import CLASS_LABELS, PAYMENT_LABELS, SEGMENT_LABELS, BaseClass, Cell
from telewave.kernel import Inconclusive, Label, Message, Money
from telewave.offers.model import CUSTOMER_NAMES, Customers, Offer
from telewave.offers.words import Words, listed, rule_words

FEE = "arpu"
"""The wide table's monthly fee, in major units (yuan)."""
HIGHEST_FEE = 600
"""In major units (yuan): fees from here on are counted, and judged, together."""
Flags = npt.NDArray[np.bool_]
"""Of each whole fee 0, 1 .. `HIGHEST_FEE`."""
ANY_FEE: Flags = np.ones(HIGHEST_FEE + 1, np.bool_)
Conditions = frozenset[Rule]
PAYMENTS = tuple(PAYMENT_LABELS)
SEGMENTS = tuple(SEGMENT_LABELS)


@dataclass(frozen=True, slots=True)
class Level:
    """A stretch of monthly fees [low, high), None is open, and the fee that stands
    for it. The bounds are whole major units.
    """

    name: Label
    low: Money
    high: Money | None
    fee: Money

    @property
    def flags(self) -> Flags:
        """The whole fees 0, 1 .. `HIGHEST_FEE` that lie in the stretch."""
        fees = np.arange(HIGHEST_FEE + 1) * 100
        return (self.low.minor <= fees) & (True if self.high is None else fees < self.high.minor)


ASSUMED_LEVELS = (
    Level(Label("Low use", "低消费"), Money(0), Money(50_00), Money(30_00)),
    Level(Label("Middling use", "中消费"), Money(50_00), Money(120_00), Money(80_00)),
    Level(Label("High use", "高消费"), Money(120_00), None, Money(200_00)),
)
"""Used where no data was counted: an assumption."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A customer class but for the level of use. With a new number `payment` is that of
    the new line, otherwise of the present one.

    `base`: what is held before; NONE is somebody from outside, who can only come with a new number. `conditions`: only
    those of the class of whom these rules are true.
    """

    new_number: bool
    base: BaseClass
    payment: str
    segment: str
    conditions: Conditions = frozenset()

    @property
    def whole(self) -> Customer:
        """The class without conditions."""
        return replace(self, conditions=frozenset())

    @property
    def order(self) -> tuple[bool, str, str, str, list[str]]:
        """Where the class stands among others."""
        return self.new_number, self.base, self.payment, self.segment, self.conditions_written

    @property
    def conditions_written(self) -> list[str]:
        """The conditions in the rule language, in order."""
        return sorted(rule_text(rule) for rule in self.conditions)


CUSTOMERS: tuple[Customer, ...] = tuple(
    Customer(new_number=new, base=base, payment=payment, segment=segment)
    for new, base, payment, segment in product((False, True), BaseClass, PAYMENTS, SEGMENTS)
    if new or base is not BaseClass.NONE
)


class Openness(Enum):
    """Whether a class may have an offer: none of it, those of whom more than the class tells, or all."""

    NONE = 0
    SOME = 1
    ALL = 2


NO_CONDITIONS: Conditions = frozenset()


@dataclass(frozen=True, slots=True)
class Access:
    """Who of a class may have an offer: from each of `starts` on (whole fees, rising from 0)
    those of whom `needs` is true; None: nobody.
    """

    starts: tuple[int, ...]
    needs: tuple[Conditions | None, ...]

    def open_to(self, conditions: Conditions) -> Flags:
        """The fees 0, 1 .. `HIGHEST_FEE` at which it is open to all of whom the conditions are true."""
        return self._flags([needed is not None and needed <= conditions for needed in self.needs])

    @property
    def possible(self) -> Flags:
        """The fees at which it is open to some of the class at least."""
        return self._flags([needed is not None for needed in self.needs])

    def _flags(self, answers: Sequence[bool]) -> Flags:
        return np.repeat(np.array(answers), np.diff([*self.starts, HIGHEST_FEE + 1]))


def access(offer: Offer, customer: Customer) -> Access:
    """Who of the class may have the offer, by what the class and the fee tell."""
    rule = offer.eligibility
    if not _sold_to(offer, customer):
        return Access((0,), (None,))
    starts = _turning_points(rule) if rule is not None else (0,)
    told = _told(customer)
    return Access(starts, tuple(_needed(rule, told, start) for start in starts))


def _sold_to(offer: Offer, customer: Customer) -> bool:
    if customer.new_number and offer.payment not in (None, customer.payment):
        return False
    return offer.open_to(customer.new_number)


def _turning_points(rule: Rule) -> tuple[int, ...]:
    """Whole fees at which the rule's answer may change."""
    named: list[object] = []
    for node in walk(rule):
        match node:
            case Comparison(variable, _, value) if variable == FEE:
                named.append(value)
            case Between(variable, low, high) if variable == FEE:
                named += [low, high]
            case OneOf(variable, values) if variable == FEE:
                named += values
    fees = [value for value in named if isinstance(value, int | float)]
    points = {0, *(math.floor(fee) + step for fee in fees for step in (0, 1))}
    inside = {point for point in points if 0 <= point < HIGHEST_FEE}
    return (*sorted(inside), HIGHEST_FEE) if fees else (0,)


def _needed(rule: Rule | None, told: Mapping[str, object], fee: int) -> Conditions | None:
    """What must be true of those of the class with this fee to have the offer; None: nothing suffices.

    The highest fee stands for all above it: where the rule tells them apart, the fee is a condition.
    """
    if rule is None:
        return NO_CONDITIONS
    left = remainder(rule, {**told, FEE: fee})
    if fee == HIGHEST_FEE and remainder(rule, {**told, FEE: LARGEST_NUMBER}) != left:
        left = remainder(rule, told)
    if isinstance(left, bool):
        return NO_CONDITIONS if left else None
    return frozenset(left.parts) if isinstance(left, And) else frozenset({left})


def openness(offer: Offer, customer: Customer) -> Openness:
    """The eligibility rule judged on what the class tells; what it does not tell is
    unknown, and then some of the class may have it.
    """
    if not _sold_to(offer, customer):
        return Openness.NONE
    left = True if offer.eligibility is None else remainder(offer.eligibility, _told(customer))
    if isinstance(left, bool):
        return Openness.ALL if left else Openness.NONE
    return Openness.SOME


def remainder(rule: Rule, told: Mapping[str, object]) -> Rule | bool:
    """True or False where what is told decides the rule, else the rule without the parts that are decided.

    Tags, events and other audiences are never told.
    """
    match rule:
        case And(parts) | Or(parts):
            decisive = isinstance(rule, Or)
            left = [remainder(part, told) for part in parts]
            undecided = [part for part in left if not isinstance(part, bool)]
            if any(part is decisive for part in left):
                return decisive
            return joined(type(rule), undecided) if undecided else not decisive
        case Not(part):
            inside = remainder(part, told)
            return not inside if isinstance(inside, bool) else Not(inside)
        case Comparison() | Between() | OneOf() | IsNull() | IsNotNull() | TextMatch():
            return judge(rule, Person(told), None, {}) is True if rule.variable in told else rule
        case HasTag() | Event() | InAudience():
            return rule
        case _:
            assert_never(rule)


def _told(customer: Customer) -> dict[str, object]:
    told: dict[str, object] = {
        "has_mobile": customer.base in (BaseClass.MOBILE, BaseClass.MOBILE_AND_BROADBAND),
        "has_broadband": customer.base in (BaseClass.BROADBAND, BaseClass.MOBILE_AND_BROADBAND),
        "segment": customer.segment,
    }
    return told if customer.new_number else told | {"payment": customer.payment}


@dataclass(frozen=True, slots=True)
class Counted:
    """Subscribers counted in a wide table.

    `fees`: by cell of the base and whole major units (yuan) of the monthly fee, `HIGHEST_FEE` for all above.
    `eligible`: of each offer how many may have it. `unplaced`: subscribers of whom the fee or the cell is not known;
    they are in no class. `fulfilling`: as `fees`, those of whom conditions are true. Who brings a new number is on no
    record; for those classes the subscribers counted are who could be asked to.
    """

    fees: Mapping[tuple[Cell, int], int]
    eligible: Mapping[str, int]
    unplaced: int = 0
    fulfilling: Mapping[Conditions, Mapping[tuple[Cell, int], int]] = field(default_factory=dict)

    def of(self, customers: Iterable[Customer], level: Level | None = None) -> int:
        """Subscribers (of the level) in any of these classes, each once."""
        return self.at(customers, level.flags if level else ANY_FEE)

    def at(self, customers: Iterable[Customer], flags: Flags) -> int:
        """Subscribers with the flagged fees in any of these classes, each once, however
        many new lines they could choose from.

        Of those who fulfil several conditions of one class the largest number is
        taken, since they may be the same people.
        """
        asked: dict[Cell, set[Conditions]] = {}
        for customer in customers:
            for cell in cells_of(customer):
                asked.setdefault(cell, set()).add(customer.conditions)
        return sum(
            max(self.with_conditions(conditions).get((cell, fee), 0) for conditions in asked[cell])
            for cell, fee in self.fees
            if cell in asked and flags[fee]
        )

    def with_conditions(self, conditions: Conditions) -> Mapping[tuple[Cell, int], int]:
        """The counts of those who fulfil the conditions."""
        return self.fulfilling[conditions] if conditions else self.fees

    def knows(self, customer: Customer) -> bool:
        """Whether those who fulfil the class's conditions were counted."""
        return not customer.conditions or customer.conditions in self.fulfilling


@dataclass(frozen=True, slots=True)
class Market:
    """What policies are judged against: the levels of use, and the classes' sizes if they were counted."""

    levels: tuple[Level, ...] = ASSUMED_LEVELS
    counted: Counted | None = None
    assumed_levels: bool = True

    def size(self, customers: Iterable[Customer], flags: Flags = ANY_FEE) -> int | Inconclusive:
        """How many subscribers (with the flagged fees) are in any of these classes."""
        found = tuple(customers)
        if self.counted is None:
            return Inconclusive(Message("not counted: give the date of a wide table with --as-of"))
        if all(customer.base is BaseClass.NONE for customer in found):
            return Inconclusive(Message("customers from outside are on no record"))
        if not all(self.counted.knows(customer) for customer in found):
            return Inconclusive(Message("not counted"))
        return self.counted.at(found, flags)


def cells_of(customer: Customer) -> tuple[Cell, ...]:
    """The cells of the base that a class is drawn from: a new line may be paid otherwise
    than the present one; nobody from outside.
    """
    if customer.base is BaseClass.NONE:
        return ()
    payments = PAYMENTS if customer.new_number else (customer.payment,)
    return tuple(Cell(customer.base, payment, customer.segment) for payment in payments)


def customers_named(customers: Iterable[Customer]) -> Words:
    """The classes in a few words: dimensions that are complete are left out."""
    alike: dict[tuple[bool, tuple[str, ...]], list[Customer]] = {}
    for customer in sorted(set(customers), key=lambda one: (not one.new_number, one.order)):
        alike.setdefault((customer.new_number, tuple(customer.conditions_written)), []).append(customer)
    return listed([_one_side(group) for group in alike.values()], "; ")


def _one_side(customers: list[Customer]) -> Words:
    """Classes with the same conditions, all with new numbers or all with existing ones."""
    bases = [b for b in BaseClass if any(c.base is b for c in customers)]
    payments = [p for p in PAYMENTS if any(c.payment == p for c in customers)]
    segments = [s for s in SEGMENTS if any(c.segment == s for c in customers)]
    if len(bases) * len(payments) * len(segments) != len(customers):  # not a block: name them one by one
        return listed([_block(c, [c.base], [c.payment], [c.segment]) for c in customers], "; ")
    return _block(customers[0], bases, payments, segments)


def _block(one: Customer, bases: list[BaseClass], payments: list[str], segments: list[str]) -> Words:
    parts: list[Words] = [CUSTOMER_NAMES[Customers.NEW if one.new_number else Customers.EXISTING]]
    if len(payments) == 1:
        parts.append(PAYMENT_LABELS[payments[0]])
    if len(segments) == 1:
        parts.append(SEGMENT_LABELS[segments[0]])
    if len(bases) < (4 if one.new_number else 3):
        parts.append(listed([OUTSIDE if b is BaseClass.NONE else CLASS_LABELS[b] for b in bases], " / "))
    parts += [rule_words(rule) for rule in sorted(one.conditions, key=rule_text)]
    return listed(parts, " · ")


OUTSIDE = Label("From outside", "非本网客户")


def groups_alike(keys: Mapping[Customer, object]) -> list[tuple[Customer, ...]]:
    """Customers with equal values together, in the order of first mention."""
    groups: dict[object, list[Customer]] = {}
    for customer, key in keys.items():
        groups.setdefault(key, []).append(customer)
    return [tuple(group) for group in groups.values()]
