"""A rule judged on one subscriber: the same answer as the compiled expression gives for its row. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, assert_never

from telewave.audiences.rule import (
    And,
    Between,
    Comparison,
    Event,
    HasTag,
    InAudience,
    IsNotNull,
    IsNull,
    Likeness,
    Not,
    OneOf,
    Operator,
    Or,
    Rule,
    TextMatch,
)

Record = Mapping[str, Any]
"""One record of a table, or one wide row: column to value, None where there is none."""


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of one subscriber as of a date.

    `values`: its wide row. `tags`: tags held on the eve. `events`: records by table, each as (day, columns), of any
    day.
    """

    values: Record
    tags: frozenset[str] = frozenset()
    events: Mapping[str, Sequence[tuple[date, Record]]] = field(default_factory=dict)


def judge(
    rule: Rule, person: Person, as_of: date | None, definitions: Mapping[InAudience, Rule]
) -> bool | None:
    """Whether the rule is true of the person; None where that is unknown.

    `definitions` holds the rule behind each reference to another audience. `as_of` is needed for events alone.
    """
    match rule:
        case And(parts):
            return _all(judge(part, person, as_of, definitions) for part in parts)
        case Or(parts):
            return _any(judge(part, person, as_of, definitions) for part in parts)
        case Not(part):
            return _not(judge(part, person, as_of, definitions))
        case HasTag(tag):
            return tag in person.tags
        case Event():
            return _times(rule, person, as_of, definitions) >= rule.at_least
        case InAudience():
            return judge(definitions[rule], person, as_of, definitions) is True
        case Comparison() | Between() | OneOf() | IsNull() | IsNotNull() | TextMatch():
            return _tested(rule, person.values.get(rule.variable))
        case _:
            assert_never(rule)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of one part of a rule: its answer, and that of the parts below it.

    `found`: the value that a variable has, or how often an event happened; None for all other parts.
    """

    rule: Rule
    answer: bool | None
    found: Any
    parts: tuple[Judgement, ...]


def judgement(
    rule: Rule, person: Person, as_of: date | None, definitions: Mapping[InAudience, Rule]
) -> Judgement:
    """`judge`, part by part: why the rule is true of the person, or is not."""
    below: tuple[Rule, ...] = ()
    found = None
    match rule:
        case And(parts) | Or(parts):
            below = parts
        case Not(part):
            below = (part,)
        case InAudience():
            below = (definitions[rule],)
        case Event():
            found = _times(rule, person, as_of, definitions)
        case HasTag():
            pass
        case _:
            found = person.values.get(rule.variable)
    answer = judge(rule, person, as_of, definitions)
    return Judgement(
        rule, answer, found, tuple(judgement(part, person, as_of, definitions) for part in below)
    )


def _times(event: Event, person: Person, as_of: date | None, definitions: Mapping[InAudience, Rule]) -> int:
    if as_of is None:
        raise ValueError("events need an as-of date")  # the checks refuse such rules before
    first = as_of - timedelta(event.within_days)
    found = 0
    for day, record in person.events.get(event.table, ()):
        if first <= day < as_of:
            fits = event.where is None or judge(event.where, Person(record), as_of, definitions)
            found += fits is True
    return found


_COMPARE: dict[Operator, Callable[[Any, Any], bool]] = {
    Operator.EQUAL: lambda a, b: a == b,
    Operator.NOT_EQUAL: lambda a, b: a != b,
    Operator.LESS: lambda a, b: a < b,
    Operator.AT_MOST: lambda a, b: a <= b,
    Operator.GREATER: lambda a, b: a > b,
    Operator.AT_LEAST: lambda a, b: a >= b,
}


def _tested(rule: Comparison | Between | OneOf | IsNull | IsNotNull | TextMatch, raw: Any) -> bool | None:
    if isinstance(rule, IsNull | IsNotNull):
        return (raw is None) is isinstance(rule, IsNull)
    if raw is None:
        return None
    value = _comparable(raw)
    match rule:
        case Comparison(_, operator, other):
            return _COMPARE[operator](value, other)
        case Between(_, low, high):
            return bool(low <= value <= high)
        case OneOf(_, values):
            return value in values
        case TextMatch(_, likeness, text):
            return _alike(str(value), likeness, text)
        case _:
            assert_never(rule)


def _comparable(value: Any) -> Any:
    """Instants as their day; not-a-number above every number, which is where the engines sort it."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, float) and math.isnan(value):
        return math.inf
    return value


def _alike(value: str, likeness: Likeness, text: str) -> bool:
    match likeness:
        case Likeness.CONTAINS:
            return text in value
        case Likeness.STARTS_WITH:
            return value.startswith(text)
        case Likeness.LIKE:
            signs = {"%": ".*", "_": "."}
            pattern = "".join(signs.get(sign) or re.escape(sign) for sign in text)
            return re.fullmatch(pattern, value, re.DOTALL) is not None
        case _:
            assert_never(likeness)


def _all(answers: Iterable[bool | None]) -> bool | None:
    unknown = False
    for answer in answers:
        if answer is False:
            return False
        unknown = unknown or answer is None
    return None if unknown else True


def _any(answers: Iterable[bool | None]) -> bool | None:
    return _not(_all(_not(answer) for answer in answers))


def _not(answer: bool | None) -> bool | None:
    return None if answer is None else not answer
