"""The rule language: text to rule by recursive descent, rule to text.

rule = part {"or" part}; part = term {"and" term} term = "not" term | "(" rule ")" | "has" "tag" TEXT | "in" "audience"
TEXT ["version" NUMBER] | event | test event = "event" NAME ["where" rule] ["at" "least" NUMBER "times"] "within"
NUMBER "days" test = NAME (("=" | "!=" | "<" | "<=" | ">" | ">=") value | "is" ["not"] "null" | ["not"] more) more =
"between" value "and" value | "in" "(" value {"," value} ")" | "contains" TEXT | "starts" "with" TEXT | "like" TEXT
value = NUMBER | TEXT | DATE | "true" | "false"
"""

from __future__ import annotations

from datetime import date
from typing import assert_never

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
    TooDeep,
    Value,
    depth,
    joined,
)
from telewave.audiences.words import (
    Sort,
    Token,
    UnreadableText,
    quoted_name,
    quoted_text,
    tokens,
    unreadable,
)
from telewave.kernel import Message

Expected = Message | str
A_VALUE = Message("a number, a text in '...', a date, true or false")
A_TEXT = Message("a text in '...'")
A_NAME = Message("a name")
A_WHOLE = Message("a whole number from 1")
THE_END = Message("the end of the rule")
SIGNS = tuple(operator.value for operator in Operator)
TESTS = ("between", "in", "contains", "starts", "like")


def parse_rule(text: str) -> Rule:
    """The rule that `text` says. Raises `UnreadableText` with position and mark,
    `TooDeep`, `NumberTooLarge`, `UncountableWindow`.

    >>> parse_rule("age >= 18")
    Comparison(variable='age', operator=<Operator.AT_LEAST: '>='>, value=18)
    """
    return _Parser(text).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens(text)
        self.next = 0
        self.level = 0

    def whole(self) -> Rule:
        rule = self.rule()
        if self.token.sort is not Sort.END:
            raise self.wrong("and", "or", THE_END)
        if depth(rule) > MOST_LEVELS:
            raise TooDeep
        return rule

    @property
    def token(self) -> Token:
        return self.tokens[self.next]

    def at(self, *values: str) -> bool:
        """Whether one of these keywords or signs stands here."""
        return self.token.sort in (Sort.KEYWORD, Sort.SIGN) and self.token.value in values

    def taken(self, *values: str) -> bool:
        """Whether one of them stands here; if so, step over it."""
        here = self.at(*values)
        self.next += here
        return here

    def take(self, *words: str) -> None:
        """Step over these words, one after the other."""
        for word in words:
            if not self.taken(word):
                raise self.wrong(word)

    def take_sort(self, sort: Sort, expected: Expected) -> str:
        if self.token.sort is not sort or (sort in (Sort.TEXT, Sort.NAME) and not self.token.value):
            raise self.wrong(expected)
        self.next += 1
        return self.tokens[self.next - 1].value

    def wrong(self, *expected: Expected) -> UnreadableText:
        """The error at the present token: what would have been right, what is there."""
        token = self.token
        end = len(self.text) if self.next + 1 >= len(self.tokens) else self.tokens[self.next + 1].at
        found: Expected = THE_END if token.sort is Sort.END else repr(self.text[token.at : end].strip())
        words = [e if isinstance(e, Message) else f"`{e}`" for e in expected]
        return unreadable(self.text, token.at, _either(words), found)

    def rule(self) -> Rule:
        self.level += 1
        if self.level > MOST_LEVELS:
            raise TooDeep
        parts = [self.conjunction()]
        while self.taken("or"):
            parts.append(self.conjunction())
        self.level -= 1
        return joined(Or, parts)

    def conjunction(self) -> Rule:
        parts = [self.term()]
        while self.taken("and"):
            parts.append(self.term())
        return joined(And, parts)

    def term(self) -> Rule:
        negations = 0
        while self.taken("not"):
            negations += 1
            if negations > MOST_LEVELS:
                raise TooDeep
        rule = self.plain_term()
        for _ in range(negations):
            rule = Not(rule)
        return rule

    def plain_term(self) -> Rule:
        if self.taken("("):
            rule = self.rule()
            if not self.taken(")"):
                raise self.wrong("and", "or", ")")
            return rule
        if self.taken("has"):
            self.take("tag")
            return HasTag(self.take_sort(Sort.TEXT, A_TEXT))
        if self.taken("in"):
            self.take("audience")
            name = self.take_sort(Sort.TEXT, A_TEXT)
            return InAudience(name, self.whole_number() if self.taken("version") else None)
        if self.taken("event"):
            return self.event()
        if self.token.sort is Sort.NAME:
            return self.test()
        raise self.wrong(Message("the name of a variable"), "not", "(", "has tag", "event", "in audience")

    def event(self) -> Rule:
        table = self.take_sort(Sort.NAME, Message("the name of a table"))
        where = self.rule() if self.taken("where") else None
        at_least = 1
        if self.taken("at"):
            self.take("least")
            at_least = self.whole_number()
            self.take("times")
        if not self.taken("within"):
            more = ["and", "or"] if where is not None else ["where"]
            raise self.wrong(*more, "at least", "within")
        days = self.whole_number()
        self.take("days")
        return Event(table, where, days, at_least)

    def test(self) -> Rule:
        name = self.take_sort(Sort.NAME, A_NAME)
        if self.at(*SIGNS):
            sign = self.token.value
            self.next += 1
            return Comparison(name, Operator(sign), self.value())
        if self.taken("is"):
            negated = self.taken("not")
            self.take("null")
            return IsNotNull(name) if negated else IsNull(name)
        if self.taken("not"):
            return Not(self.more(name, TESTS))
        return self.more(name, (*SIGNS, "is", "not", *TESTS))

    def more(self, name: str, allowed: tuple[str, ...]) -> Rule:
        if self.taken("between"):
            low = self.value()
            self.take("and")
            return Between(name, low, self.value())
        if self.taken("in"):
            return OneOf(name, self.values())
        if self.taken("contains"):
            return TextMatch(name, Likeness.CONTAINS, self.take_sort(Sort.TEXT, A_TEXT))
        if self.taken("starts"):
            self.take("with")
            return TextMatch(name, Likeness.STARTS_WITH, self.take_sort(Sort.TEXT, A_TEXT))
        if self.taken("like"):
            return TextMatch(name, Likeness.LIKE, self.take_sort(Sort.TEXT, A_TEXT))
        raise self.wrong(*allowed)

    def values(self) -> tuple[Value, ...]:
        self.take("(")
        found = [self.value()]
        while self.taken(","):
            found.append(self.value())
        if not self.taken(")"):
            raise self.wrong(",", ")")
        return tuple(found)

    def value(self) -> Value:
        token = self.token
        value: Value
        match token.sort, token.value:
            case Sort.NUMBER, number:
                value = float(number)
            case Sort.TEXT, text:
                value = text
            case Sort.KEYWORD, "true" | "false":
                value = token.value == "true"
            case Sort.DATE, day:
                value = self.day(day)
            case _:
                raise self.wrong(A_VALUE)
        self.next += 1
        return value

    def day(self, written: str) -> date:
        try:
            return date.fromisoformat(written)
        except ValueError as cause:
            raise self.wrong(Message("a day of the calendar, year-month-day")) from cause

    def whole_number(self) -> int:
        if (
            self.token.sort is not Sort.NUMBER
            or not self.token.value.isdecimal()
            or int(self.token.value) < 1
        ):
            raise self.wrong(A_WHOLE)
        self.next += 1
        return int(self.tokens[self.next - 1].value)


def _either(expected: list[Expected]) -> Expected:
    """All of them with commas, and `or` before the last."""
    first, *rest = expected
    if not rest:
        return first
    if len(rest) == 1:
        return Message("{first} or {rest}", first=first, rest=rest[0])
    return Message("{first}, {rest}", first=first, rest=_either(rest))


def rule_text(rule: Rule) -> str:
    """The rule in the rule language, on one line; `parse_rule` reads it back as the same rule."""
    match rule:
        case And(parts):
            return " and ".join(_bracketed(part) for part in parts)
        case Or(parts):
            return " or ".join(_bracketed(part) for part in parts)
        case Not(part):
            return f"not {_bracketed(part)}"
        case HasTag(tag):
            return f"has tag {quoted_text(tag)}"
        case Event():
            return _event_text(rule)
        case InAudience(name, version):
            return f"in audience {quoted_text(name)}" + ("" if version is None else f" version {version}")
        case Comparison() | Between() | OneOf() | IsNull() | IsNotNull() | TextMatch():
            return f"{quoted_name(rule.variable)} {_test_text(rule)}"
        case _:
            assert_never(rule)


def _bracketed(rule: Rule) -> str:
    return f"({rule_text(rule)})" if isinstance(rule, And | Or) else rule_text(rule)


def _event_text(event: Event) -> str:
    where = "" if event.where is None else f" where {rule_text(event.where)}"
    times = "" if event.at_least == 1 else f" at least {event.at_least} times"
    return f"event {quoted_name(event.table)}{where}{times} within {event.within_days} days"


def _test_text(rule: Comparison | Between | OneOf | IsNull | IsNotNull | TextMatch) -> str:
    match rule:
        case Comparison(_, operator, value):
            return f"{operator.value} {_value_text(value)}"
        case Between(_, low, high):
            return f"between {_value_text(low)} and {_value_text(high)}"
        case OneOf(_, values):
            return f"in ({', '.join(_value_text(value) for value in values)})"
        case IsNull():
            return "is null"
        case IsNotNull():
            return "is not null"
        case TextMatch(_, likeness, text):
            return f"{likeness.value} {quoted_text(text)}"
        case _:
            assert_never(rule)


def _value_text(value: Value) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case date():
            return value.isoformat()
        case str():
            return quoted_text(value)
        case _:
            return repr(value)
