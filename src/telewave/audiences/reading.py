"""A rule as JSON and back. Reading is strict: an unknown key, a wrong type or a missing part is refused with its place.

    {"all": [rule, ...]}   {"any": [rule, ...]}   {"not": rule}
    {"variable": name, "=": value}              also !=, <, <=, >, >=
    {"variable": name, "between": [low, high]}  {"variable": name, "in": [value, ...]}
    {"variable": name, "null": true}            false: the value is there
    {"variable": name, "contains": text}        also starts_with, like
    {"tag": name}
    {"event": table, "where": rule, "at_least": 1, "within_days": 30}
    {"audience": name, "version": 2}

A date is {"date": "2026-07-01"}; numbers, texts, true and false are themselves.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, assert_never

from telewave.audiences.language import parse_rule
from telewave.audiences.rule import (
    MOST_LEVELS,
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
    Value,
    joined,
)
from telewave.kernel import Malformed, Message


class NotJson(Malformed):
    """The rule begins like JSON but breaks off at line {line}, column {column}. Correct
    it there, or write it in the rule language.
    """

    code = "not_json"


class UnreadableRule(Malformed):
    """The rule cannot be read at {place}: {problem} Correct it there."""

    code = "unreadable_rule"


LIKENESS_KEYS: dict[str, Likeness] = {
    "contains": Likeness.CONTAINS,
    "starts_with": Likeness.STARTS_WITH,
    "like": Likeness.LIKE,
}
_KEY_OF_LIKENESS = {likeness: key for key, likeness in LIKENESS_KEYS.items()}
_TESTS: tuple[str, ...] = (*(o.value for o in Operator), "between", "in", "null", *LIKENESS_KEYS)
_FORMS: dict[str, frozenset[str]] = {
    "all": frozenset(),
    "any": frozenset(),
    "not": frozenset(),
    "variable": frozenset(_TESTS),
    "tag": frozenset(),
    "event": frozenset({"where", "at_least", "within_days"}),
    "audience": frozenset({"version"}),
}


def read_rule(text: str) -> Rule:
    """A rule in the rule language, or as JSON if it begins with a brace. Raises `NotJson` and what the readers
    raise.
    """
    if not text.lstrip().startswith("{"):
        return parse_rule(text)
    try:
        raw = json.loads(text)
    except json.JSONDecodeError as cause:
        raise NotJson(line=cause.lineno, column=cause.colno) from cause
    except RecursionError as cause:
        raise NotJson(line=1, column=1) from cause
    return from_json(raw)


def from_json(raw: Any, place: str = "$", level: int = 0) -> Rule:
    """The rule that `raw` (as `json.loads` gives it) describes.

    Raises `UnreadableRule` with the place; `NumberTooLarge`, `UncountableWindow`.
    """
    if level > MOST_LEVELS:
        raise _wrong(place, Message("It is nested more than {most} levels deep.", most=MOST_LEVELS))
    node = _object(raw, place)
    forms = [key for key in _FORMS if key in node]
    if len(forms) != 1:
        keys = ", ".join(_FORMS)
        raise _wrong(place, Message("Exactly one of the keys {keys} is needed.", keys=keys))
    form = forms[0]
    for key in node:
        if key != form and key not in _FORMS[form]:
            raise _wrong(f"{place}.{key}", Message("The key {key!r} is not known here.", key=key))
    return _READ[form](node, place, level)


def to_json(rule: Rule) -> dict[str, Any]:
    """What `from_json` reads back as the same rule."""
    match rule:
        case And(parts):
            return {"all": [to_json(part) for part in parts]}
        case Or(parts):
            return {"any": [to_json(part) for part in parts]}
        case Not(part):
            return {"not": to_json(part)}
        case HasTag(tag):
            return {"tag": tag}
        case Event(table, where, within_days, at_least):
            inside = {} if where is None else {"where": to_json(where)}
            return {"event": table, **inside, "at_least": at_least, "within_days": within_days}
        case InAudience(name, version):
            return {"audience": name} | ({} if version is None else {"version": version})
        case Comparison() | Between() | OneOf() | IsNull() | IsNotNull() | TextMatch():
            return {"variable": rule.variable} | _test_to_json(rule)
        case _:
            assert_never(rule)


def _test_to_json(rule: Comparison | Between | OneOf | IsNull | IsNotNull | TextMatch) -> dict[str, Any]:
    match rule:
        case Comparison(_, operator, value):
            return {operator.value: _value_to_json(value)}
        case Between(_, low, high):
            return {"between": [_value_to_json(low), _value_to_json(high)]}
        case OneOf(_, values):
            return {"in": [_value_to_json(value) for value in values]}
        case IsNull():
            return {"null": True}
        case IsNotNull():
            return {"null": False}
        case TextMatch(_, likeness, text):
            return {_KEY_OF_LIKENESS[likeness]: text}
        case _:
            assert_never(rule)


def _value_to_json(value: Value) -> Any:
    return {"date": value.isoformat()} if isinstance(value, date) else value


def _wrong(place: str, problem: Message) -> UnreadableRule:
    return UnreadableRule(place=place, problem=problem)


def _object(raw: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(raw, Mapping):
        raise _wrong(place, Message("An object in braces is needed."))
    return raw


def _list(raw: Any, place: str) -> Sequence[Any]:
    if not isinstance(raw, list) or not raw:
        raise _wrong(place, Message("A list in square brackets with at least one entry is needed."))
    return raw


def _text(raw: Any, place: str) -> str:
    if not isinstance(raw, str) or not raw:
        raise _wrong(place, Message("A text that is not empty is needed."))
    return raw


def _whole(raw: Any, place: str) -> int:
    if not isinstance(raw, int) or isinstance(raw, bool) or raw < 1:
        raise _wrong(place, Message("A whole number from 1 is needed."))
    return raw


def _value(raw: Any, place: str) -> Value:
    match raw:
        case bool() | str() | int() | float():
            return raw
        case {"date": str(day), **rest} if not rest:
            return _day(day, f"{place}.date")
        case _:
            raise _wrong(
                place,
                Message(
                    "A number, a text, true, false or a date like {example} is needed.",
                    example='{"date": "2026-07-01"}',
                ),
            )


def _day(raw: str, place: str) -> date:
    try:
        if len(raw) == len("2026-07-01"):
            return date.fromisoformat(raw)
    except ValueError:
        pass
    raise _wrong(place, Message("A day written as year-month-day is needed, not {value!r}.", value=raw))


def _parts(key: str, kind: type[And | Or]) -> Callable[[Mapping[str, Any], str, int], Rule]:
    def read(node: Mapping[str, Any], place: str, level: int) -> Rule:
        entries = _list(node[key], f"{place}.{key}")
        return joined(kind, [from_json(e, f"{place}.{key}[{n}]", level + 1) for n, e in enumerate(entries)])

    return read


def _negation(node: Mapping[str, Any], place: str, level: int) -> Rule:
    return Not(from_json(node["not"], f"{place}.not", level + 1))


def _tag(node: Mapping[str, Any], place: str, _level: int) -> Rule:
    return HasTag(_text(node["tag"], f"{place}.tag"))


def _event(node: Mapping[str, Any], place: str, level: int) -> Rule:
    if "within_days" not in node:
        raise _wrong(place, Message("The key {key!r} is missing.", key="within_days"))
    where = from_json(node["where"], f"{place}.where", level + 1) if "where" in node else None
    return Event(
        _text(node["event"], f"{place}.event"),
        where,
        _whole(node["within_days"], f"{place}.within_days"),
        _whole(node.get("at_least", 1), f"{place}.at_least"),
    )


def _audience(node: Mapping[str, Any], place: str, _level: int) -> Rule:
    version = _whole(node["version"], f"{place}.version") if "version" in node else None
    return InAudience(_text(node["audience"], f"{place}.audience"), version)


def _test(node: Mapping[str, Any], place: str, _level: int) -> Rule:
    name = _text(node["variable"], f"{place}.variable")
    tests = [key for key in _TESTS if key in node]
    if len(tests) != 1:
        keys = ", ".join(_TESTS)
        raise _wrong(place, Message("Exactly one of the keys {keys} is needed.", keys=keys))
    key = tests[0]
    raw, here = node[key], f"{place}.{key}"
    if key == "between":
        return _between(name, raw, here)
    if key == "in":
        return OneOf(name, tuple(_value(v, f"{here}[{n}]") for n, v in enumerate(_list(raw, here))))
    if key == "null":
        if not isinstance(raw, bool):
            raise _wrong(here, Message("true or false is needed."))
        return IsNull(name) if raw else IsNotNull(name)
    if key in LIKENESS_KEYS:
        return TextMatch(name, LIKENESS_KEYS[key], _text(raw, here))
    return Comparison(name, Operator(key), _value(raw, here))


def _between(name: str, raw: Any, place: str) -> Rule:
    bounds = _list(raw, place)
    if len(bounds) != 2:
        raise _wrong(place, Message("Two values are needed, the lower and the upper bound."))
    low, high = (_value(bound, f"{place}[{n}]") for n, bound in enumerate(bounds))
    return Between(name, low, high)


_READ: dict[str, Callable[[Mapping[str, Any], str, int], Rule]] = {
    "all": _parts("all", And),
    "any": _parts("any", Or),
    "not": _negation,
    "variable": _test,
    "tag": _tag,
    "event": _event,
    "audience": _audience,
}
