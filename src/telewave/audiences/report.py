"""Why a subscriber is in an audience or out of it, in rows for the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from telewave.audiences.language import rule_text
from telewave.audiences.matching import Judgement
from telewave.audiences.rule import And, Event, HasTag, InAudience, Not, Or
from telewave.features.report import value_text
from telewave.kernel import Figure, Message
from telewave.platform.terminal import Session, TableCell, Text

ANSWERS = {True: Message("yes"), False: Message("no"), None: Message("unknown")}


def judged_rows(session: Session, judged: Judgement, level: int = 0) -> Iterator[tuple[TableCell, ...]]:
    """A line a part, those below it indented."""
    match judged.rule:
        case And():
            part: Text = Message("all of these")
        case Or():
            part = Message("one of these")
        case Not():
            part = Message("not this")
        case rule:
            part = rule_text(rule)
    yield "· " * level + session.text(part), ANSWERS[judged.answer], _found(judged)
    for below in judged.parts:
        yield from judged_rows(session, below, level + 1)


def _found(judged: Judgement) -> TableCell:
    match judged.rule:
        case And() | Or() | Not() | InAudience() | HasTag():
            return ""
        case Event():
            return Figure(judged.found, Message("{times} times", times=judged.found))
        case _:
            return Figure(judged.found, value_text(judged.found))
