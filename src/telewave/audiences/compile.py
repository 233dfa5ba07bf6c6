"""A rule as an Ibis boolean over a wide table. Runs on DuckDB and on Spark; three-valued like SQL."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol, assert_never

import ibis
import ibis.expr.types as ir

from telewave.audiences.rule import (
    And,
    Between,
    ColumnTest,
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
    Value,
)

TAGS = "tags"
_COMPARE: dict[Operator, Callable[[Any, Any], Any]] = {
    Operator.EQUAL: operator.eq,
    Operator.NOT_EQUAL: operator.ne,
    Operator.LESS: operator.lt,
    Operator.AT_MOST: operator.le,
    Operator.GREATER: operator.gt,
    Operator.AT_LEAST: operator.ge,
}


class Records(Protocol):
    """Where the records behind events and tags come from."""

    def within(self, table: str, first: date, end: date) -> ir.Table:
        """The records of a table of the days [first, end)."""

    def last(self, table: str, as_of: date) -> ir.Table:
        """The last record of each key of a log before `as_of` (see `features.states`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a rule is compiled over: the columns of `relation`, the subscriber in `key`, and what is known beside it.

    `as_of` is needed for tags and events alone. `definitions`: the rule behind each reference.
    """

    relation: ir.Table
    key: str
    as_of: date | None
    records: Records
    definitions: Mapping[InAudience, Rule]


def compiled(rule: Rule, ground: Ground) -> ir.BooleanValue:
    """The rule as a boolean of each row of the ground's relation, null where it is unknown. Checked rules only."""
    match rule:
        case And(parts):
            return _balanced([compiled(part, ground) for part in parts], operator.and_)
        case Or(parts):
            return _balanced([compiled(part, ground) for part in parts], operator.or_)
        case Not(part):
            return ~compiled(part, ground)
        case HasTag(tag):
            return _one_of(ground, _holders(ground, tag))
        case Event():
            return _one_of(ground, _involved(ground, rule))
        case InAudience():
            member: ir.BooleanValue = compiled(ground.definitions[rule], ground).fill_null(False)
            return member
        case Comparison() | Between() | OneOf() | IsNull() | IsNotNull() | TextMatch():
            return _tested(rule, ground.relation[rule.variable])
        case _:
            assert_never(rule)


def condition(rule: Rule, ground: Ground) -> ir.BooleanValue:
    """True exactly where the rule is true, null or false elsewhere: for filters.

    Outside of `not` the two are the same to a filter, so audiences referred to need no COALESCE, which would keep the
    engine from filtering while it reads.
    """
    match rule:
        case And(parts):
            return _balanced([condition(part, ground) for part in parts], operator.and_)
        case Or(parts):
            return _balanced([condition(part, ground) for part in parts], operator.or_)
        case InAudience():
            return condition(ground.definitions[rule], ground)
        case _:
            return compiled(rule, ground)


def _balanced(parts: Sequence[ir.BooleanValue], join: Callable[[Any, Any], Any]) -> ir.BooleanValue:
    """Parts joined as a balanced tree, so that hundreds of them do not nest hundreds deep in SQL."""
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    whole: ir.BooleanValue = join(_balanced(parts[:middle], join), _balanced(parts[middle:], join))
    return whole


def _tested(rule: ColumnTest, raw: ir.Value) -> ir.BooleanValue:
    column: Any = raw.date() if raw.type().is_timestamp() else raw

    def like(value: Value) -> ir.Value:
        return ibis.literal(value, _literal_type(value, column))

    answer: ir.BooleanValue
    match rule:
        case Comparison(_, sign, value):
            answer = _COMPARE[sign](column, like(value))
        case Between(_, low, high):
            answer = (column >= like(low)) & (column <= like(high))
        case OneOf(_, values):
            answer = column.isin([like(value) for value in values])
        case IsNull():
            answer = _absent(column)
        case IsNotNull():
            answer = ~_absent(column)
        case TextMatch(_, likeness, text):
            answer = _alike(column, likeness, text)
        case _:
            assert_never(rule)
    return answer


def _absent(column: Any) -> ir.BooleanValue:
    # On Spark, Ibis' `isnull` of a floating-point column is also true of not-a-number; the null-safe equality is not.
    absent: ir.BooleanValue = (
        column.identical_to(ibis.null(column.type())) if column.type().is_floating() else column.isnull()
    )
    return absent


def _literal_type(value: Value, column: ir.Value) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "int64" if column.type().is_integer() else "float64"
    if isinstance(value, float):
        return "float64"
    return "date" if isinstance(value, date) else "string"


def _alike(column: Any, likeness: Likeness, text: str) -> ir.BooleanValue:
    answer: ir.BooleanValue
    match likeness:
        case Likeness.CONTAINS:
            answer = column.contains(text)
        case Likeness.STARTS_WITH:
            answer = column.startswith(text)
        case Likeness.LIKE:
            answer = column.like(text)
        case _:
            assert_never(likeness)
    return answer


def _one_of(ground: Ground, people: ir.Table) -> ir.BooleanValue:
    """Whether the row's subscriber is among the people: a semi-join that may stand anywhere in a condition."""
    answer: ir.BooleanValue = ground.relation[ground.key].isin(people.subscriber)
    return answer


def _holders(ground: Ground, tag: str) -> ir.Table:
    latest = ground.records.last(TAGS, _date(ground))
    holders: ir.Table = latest.filter((latest.tag == tag) & latest.held).select("subscriber")
    return holders


def _involved(ground: Ground, event: Event) -> ir.Table:
    end = _date(ground)
    found = ground.records.within(event.table, end - timedelta(event.within_days), end)
    if event.where is not None:
        inside = Ground(
            relation=found,
            key="subscriber",
            as_of=end,
            records=ground.records,
            definitions=ground.definitions,
        )
        found = found.filter(compiled(event.where, inside))
    if event.at_least == 1:
        return found.select("subscriber")
    counted = found.group_by("subscriber").aggregate(times=found.count())
    involved: ir.Table = counted.filter(counted.times >= event.at_least).select("subscriber")
    return involved


def _date(ground: Ground) -> date:
    if ground.as_of is None:
        raise ValueError("tags and events need an as-of date")  # the checks refuse such rules before
    return ground.as_of
