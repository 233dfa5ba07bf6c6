"""The rule tree of an audience: small immutable nodes. Pure.

A rule is true, false or unknown of a subscriber, as in SQL: a comparison with a value that is not there is unknown,
`and`, `or` and `not` carry that on, and only those of whom the rule is true are in the audience. Tags, events and
membership in another audience are never unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from telewave.kernel import Malformed

Value: TypeAlias = "int | float | str | bool | date"
MOST_LEVELS = 40
"""How deep a rule may be nested."""
LARGEST_NUMBER = 2**53 - 1
"""Up to here whole numbers and floating-point numbers compare the same on every engine."""


class NumberTooLarge(Malformed):
    """The number {value} cannot be compared exactly. Use numbers between -9007199254740991 and 9007199254740991."""

    code = "number_too_large"


class TooFewParts(Malformed):
    """`and` and `or` join at least two rules, and `in` needs at least one value. Add what
    is missing, or leave the joining word out.
    """

    code = "too_few_parts"


class TooDeep(Malformed):
    """The rule is nested more than 40 levels deep. Save its parts as audiences of their
    own, and refer to them with `in audience`.
    """

    code = "too_deep"


class UncountableWindow(Malformed):
    """An event happens at least {at_least} times within {days} days: both must be whole numbers from 1, and at most
    36525 days. Correct the smaller or larger one.
    """

    code = "uncountable_window"


class Operator(StrEnum):
    """How a value is compared."""

    EQUAL = "="
    NOT_EQUAL = "!="
    LESS = "<"
    AT_MOST = "<="
    GREATER = ">"
    AT_LEAST = ">="


class Likeness(StrEnum):
    """How a text is matched; letters count as they are written. LIKE: `%` is any text, `_` any one character."""

    CONTAINS = "contains"
    STARTS_WITH = "starts with"
    LIKE = "like"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The variable compared with a value."""

    variable: str
    operator: Operator
    value: Value

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", plain(self.value))


@dataclass(frozen=True, slots=True)
class Between:
    """The variable lies between two values, both included."""

    variable: str
    low: Value
    high: Value

    def __post_init__(self) -> None:
        object.__setattr__(self, "low", plain(self.low))
        object.__setattr__(self, "high", plain(self.high))


@dataclass(frozen=True, slots=True)
class OneOf:
    """The variable is one of some values."""

    variable: str
    values: tuple[Value, ...]

    def __post_init__(self) -> None:
        if not self.values:
            raise TooFewParts
        object.__setattr__(self, "values", tuple(plain(value) for value in self.values))


@dataclass(frozen=True, slots=True)
class IsNull:
    """The variable's value is not there."""

    variable: str


@dataclass(frozen=True, slots=True)
class IsNotNull:
    """The variable's value is there."""

    variable: str


@dataclass(frozen=True, slots=True)
class TextMatch:
    """The variable's text is like another text."""

    variable: str
    likeness: Likeness
    text: str


@dataclass(frozen=True, slots=True)
class HasTag:
    """Holds the tag on the eve of the as-of date."""

    tag: str


@dataclass(frozen=True, slots=True)
class Event:
    """At least `at_least` records of a table, of which `where` is true, on the last
    `within_days` days before the as-of date.

    `where` speaks of the table's columns; None: any record.
    """

    table: str
    where: Rule | None
    within_days: int
    at_least: int = 1

    def __post_init__(self) -> None:
        if self.at_least < 1 or not 1 <= self.within_days <= 36_525:
            raise UncountableWindow(at_least=self.at_least, days=self.within_days)


@dataclass(frozen=True, slots=True)
class InAudience:
    """In another audience: in its newest version, or in the one named."""

    name: str
    version: int | None = None


@dataclass(frozen=True, slots=True)
class And:
    """All of the parts."""

    parts: tuple[Rule, ...]

    def __post_init__(self) -> None:
        if len(self.parts) < 2:
            raise TooFewParts


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of the parts."""

    parts: tuple[Rule, ...]

    def __post_init__(self) -> None:
        if len(self.parts) < 2:
            raise TooFewParts


@dataclass(frozen=True, slots=True)
class Not:
    """Not the part; unknown where the part is."""

    part: Rule


ColumnTest: TypeAlias = Comparison | Between | OneOf | IsNull | IsNotNull | TextMatch
Rule: TypeAlias = ColumnTest | HasTag | Event | InAudience | And | Or | Not


def plain(value: Value) -> Value:
    """A number in the one form that is saved: whole ones as `int`. Raises `NumberTooLarge`.

    >>> plain(30.0)
    30
    """
    if isinstance(value, bool | str | date):
        return value
    if not abs(value) <= LARGEST_NUMBER:  # not-a-number compares as false
        raise NumberTooLarge(value=value)
    return int(value) if value == int(value) else float(value)


def joined(kind: type[And | Or], parts: Iterable[Rule]) -> Rule:
    """The parts joined, or the only one as it is. Raises `TooFewParts` for none."""
    found = tuple(parts)
    if len(found) == 1:
        return found[0]
    return kind(found)


def walk(rule: Rule) -> Iterator[Rule]:
    """Every node of the subscriber's own level: inside events nothing is looked at."""
    yield rule
    match rule:
        case And(parts) | Or(parts):
            for part in parts:
                yield from walk(part)
        case Not(part):
            yield from walk(part)


def depth(rule: Rule) -> int:
    """How many levels lie below the topmost node."""
    match rule:
        case And(parts) | Or(parts):
            return 1 + max(depth(part) for part in parts)
        case Not(part):
            return 1 + depth(part)
        case Event(where=part) if part is not None:
            return 1 + depth(part)
        case _:
            return 0


def references(rule: Rule) -> list[InAudience]:
    """The audiences that a rule refers to, each once, in the order of their first mention."""
    return list(dict.fromkeys(node for node in walk(rule) if isinstance(node, InAudience)))


def variables(rule: Rule) -> list[str]:
    """The subscriber's own variables that a rule tests, each once."""
    tests = Comparison | Between | OneOf | IsNull | IsNotNull | TextMatch
    return list(dict.fromkeys(node.variable for node in walk(rule) if isinstance(node, tests)))
