"""Lists and rules in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from telewave.audiences.language import rule_text
from telewave.audiences.rule import And, Comparison, Operator, Rule
from telewave.customers.base import PAYMENT_LABELS, SEGMENT_LABELS
from telewave.features.catalogue import VARIABLES
from telewave.kernel import Label, Message

Words = Message | Label | str
_LABELS = {variable.name: variable.label for variable in VARIABLES}


def listed(parts: Sequence[Words], between: str) -> Words:
    """The parts one after the other, with `between` between them."""
    if not parts:
        return "–"
    if len(parts) == 1:
        return parts[0]
    return Message("{first}" + between + "{rest}", first=parts[0], rest=listed(parts[1:], between))


def rule_words(rule: Rule) -> Words:
    """A rule as people say it where it is simple, else in the rule language."""
    match rule:
        case And(parts):
            return listed([rule_words(part) for part in parts], " · ")
        case Comparison(_, Operator.EQUAL, str() as value) if value in PAYMENT_LABELS | SEGMENT_LABELS:
            return (PAYMENT_LABELS | SEGMENT_LABELS)[value]
        case Comparison(variable, Operator.EQUAL, True) if variable in _LABELS:
            return _LABELS[variable]
        case Comparison(variable, operator, value) if variable in _LABELS:
            shown = str(value).upper() if isinstance(value, str) else value
            return Message(
                "{variable} {sign} {value}", variable=_LABELS[variable], sign=operator.value, value=shown
            )
        case _:
            return rule_text(rule)
