"""Whether a rule makes sense of a table: names exist, values are of the right kind, codes are known. Pure.

What a rule may not do is told with the nearest thing that it may.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from datetime import date

from telewave.audiences.language import rule_text
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
from telewave.audiences.scope import Field, Scope, scope_of_contract
from telewave.features.model import VariableKind
from telewave.kernel import Conflict, Label, Malformed, Message
from telewave.records.contracts import CONTRACTS


class UnknownVariable(Malformed):
    """There is no variable {name!r} here. {near}"""

    code = "unknown_variable"


class UnknownTable(Malformed):
    """There is no table {name!r} to look for events in. Choose one of: {known}."""

    code = "unknown_table"


class UnfitTest(Malformed):
    """`{test}` does not fit {name} ({label}), which is {kind}. Use {allowed}."""

    code = "unfit_test"


class UnfitValue(Malformed):
    """In `{test}`, {name} ({label}) is {kind}, and {value!r} is not. Write {example}."""

    code = "unfit_value"


class UnknownCode(Malformed):
    """In `{test}`, {name} ({label}) is never {value!r}. {near} It is one of: {known}."""

    code = "unknown_code"


class EmptyBetween(Malformed):
    """`{test}` is true of nobody, since the lower bound is above the upper one. Exchange the two."""

    code = "empty_between"


class UnmatchableText(Malformed):
    """`{test}` holds a sign that cannot be matched (a backslash in a `like`, or a NUL character).
    Leave it out, or use contains or starts with.
    """

    code = "unmatchable_text"


class NotInsideEvent(Malformed):
    """`{test}` cannot stand in the `where` of an event, which speaks of single records.
    Take it out of there, and join it with `and`.
    """

    code = "not_inside_event"


class NoDates(Conflict):
    """`{test}` needs dates, and the outside table has none. Leave tags and events out for outside tables."""

    code = "no_dates"


KIND_NAMES: dict[VariableKind, Label] = {
    VariableKind.NUMBER: Label("a number", "数值"),
    VariableKind.CATEGORY: Label("a category", "分类"),
    VariableKind.FLAG: Label("yes or no", "是/否"),
    VariableKind.DATE: Label("a date", "日期"),
}
_ORDERED = "=, !=, <, <=, >, >=, between, in, is null"
ALLOWED: dict[VariableKind, str] = {
    VariableKind.NUMBER: _ORDERED,
    VariableKind.CATEGORY: "=, !=, in, contains, starts with, like, is null",
    VariableKind.FLAG: "= true, = false, is null",
    VariableKind.DATE: _ORDERED,
}
EXAMPLES: dict[VariableKind, str] = {
    VariableKind.NUMBER: "30",
    VariableKind.CATEGORY: "'north'",
    VariableKind.FLAG: "true",
    VariableKind.DATE: "2026-07-01",
}


def check(rule: Rule, scope: Scope) -> None:
    """Raise what is wrong first: `UnknownVariable`, `UnknownTable`, `UnfitTest`, `UnfitValue`,
    `UnknownCode`, `EmptyBetween`, `UnmatchableText`, `NotInsideEvent`, `NoDates`. References
    to other audiences are looked up elsewhere.
    """
    _check(rule, scope, inside_event=False)


def _check(rule: Rule, scope: Scope, inside_event: bool) -> None:
    match rule:
        case And(parts) | Or(parts):
            for part in parts:
                _check(part, scope, inside_event)
        case Not(part):
            _check(part, scope, inside_event)
        case HasTag() | Event() | InAudience():
            _check_beside(rule, scope, inside_event)
        case _:
            _check_test(rule, scope)


def _check_beside(rule: HasTag | Event | InAudience, scope: Scope, inside_event: bool) -> None:
    if inside_event:
        raise NotInsideEvent(test=rule_text(rule))
    if isinstance(rule, InAudience):
        return
    if not scope.dated:
        raise NoDates(test=rule_text(rule))
    if isinstance(rule, HasTag):
        _check_text(rule.tag, rule)
        return
    if rule.table not in CONTRACTS:
        raise UnknownTable(name=rule.table, known=", ".join(CONTRACTS))
    if rule.where is not None:
        _check(rule.where, scope_of_contract(CONTRACTS[rule.table]), inside_event=True)


def _check_test(rule: ColumnTest, scope: Scope) -> None:
    field = scope.fields.get(rule.variable)
    if field is None:
        raise UnknownVariable(name=rule.variable, near=_near_field(rule.variable, scope))
    if not _fits(rule, field.kind):
        raise UnfitTest(
            test=rule_text(rule),
            name=field.name,
            label=field.label,
            kind=KIND_NAMES[field.kind],
            allowed=ALLOWED[field.kind],
        )
    for value in _values(rule):
        _check_value(rule, field, value)
    if isinstance(rule, Between) and rule.low > rule.high:  # type: ignore[operator]
        raise EmptyBetween(test=rule_text(rule))
    if isinstance(rule, TextMatch):
        _check_text(rule.text, rule)


def _fits(rule: ColumnTest, kind: VariableKind) -> bool:
    ordered = kind in (VariableKind.NUMBER, VariableKind.DATE)
    match rule:
        case IsNull() | IsNotNull():
            return True
        case Comparison(_, Operator.EQUAL | Operator.NOT_EQUAL, _):
            return True
        case Comparison() | Between():
            return ordered
        case OneOf():
            return kind is not VariableKind.FLAG
        case TextMatch():
            return kind is VariableKind.CATEGORY


def _values(rule: ColumnTest) -> tuple[Value, ...]:
    match rule:
        case Comparison(_, _, value):
            return (value,)
        case Between(_, low, high):
            return low, high
        case OneOf(_, values):
            return values
        case _:
            return ()


def _check_value(rule: ColumnTest, field: Field, value: Value) -> None:
    if _kind_of(value) is not field.kind:
        raise UnfitValue(
            test=rule_text(rule),
            name=field.name,
            label=field.label,
            kind=KIND_NAMES[field.kind],
            value=value.isoformat() if isinstance(value, date) else value,
            example=EXAMPLES[field.kind],
        )
    if isinstance(value, str):
        _check_text(value, rule)
        if field.codes and value not in field.codes:
            raise UnknownCode(
                test=rule_text(rule),
                name=field.name,
                label=field.label,
                value=value,
                near=near(value, field.codes),
                known=", ".join(field.codes),
            )


def _kind_of(value: Value) -> VariableKind:
    match value:
        case bool():
            return VariableKind.FLAG
        case int() | float():
            return VariableKind.NUMBER
        case str():
            return VariableKind.CATEGORY
        case _:
            return VariableKind.DATE


def _check_text(text: str, rule: Rule) -> None:
    backslash = isinstance(rule, TextMatch) and rule.likeness is Likeness.LIKE and "\\" in text
    # Engines differ in what a backslash means in LIKE; no engine's statement can hold a NUL.
    if backslash or "\0" in text:
        raise UnmatchableText(test=rule_text(rule).replace("\0", "\\0"))


def near(name: str, known: Iterable[str]) -> Message:
    """Which of the known names are like `name`."""
    close = difflib.get_close_matches(name, list(known), n=3, cutoff=0.5)
    if not close:
        return Message("Nothing has a name like it.")
    return Message("Did you mean {names}?", names=", ".join(close))


def _near_field(name: str, scope: Scope) -> Message:
    """Fields whose name or label in either language is like `name`."""
    spoken = {
        word.lower(): f.name for f in scope.fields.values() for word in (f.label.en, f.label.zh, f.name)
    }
    close = difflib.get_close_matches(name.lower(), spoken, n=5, cutoff=0.5)
    contained = [word for word in spoken if name.lower() in word]
    names = list(dict.fromkeys(spoken[word] for word in (*close, *contained)))[:5]
    if not names:
        return Message("Nothing has a name like it; docs/reference/features.md lists all variables.")
    return Message("Did you mean {names}?", names=", ".join(names))
