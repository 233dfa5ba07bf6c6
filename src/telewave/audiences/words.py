"""The words of the rule language: a text cut into tokens with their positions. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from telewave.kernel import Malformed, Message


class UnreadableText(Malformed):
    """The rule cannot be read at character {position}: expected {expected}, found {found}.{picture}Correct it at the
    mark; docs/reference/audiences.md shows the language.
    """

    code = "unreadable_text"


class Sort(StrEnum):
    """What a token is."""

    KEYWORD = "keyword"
    NAME = "name"
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    SIGN = "sign"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """One token: `value` is the keyword in small letters, the name, the text without quotes,
    or the sign; `at` counts characters from 0.
    """

    sort: Sort
    value: str
    at: int


KEYWORDS: tuple[str, ...] = (
    "and", "or", "not", "between", "in", "is", "null", "contains", "starts", "with", "like", "true", "false",
    "has", "tag", "event", "where", "at", "least", "times", "within", "days", "audience", "version",
)  # fmt: skip
_ALIKE = {
    "==": "=",
    "<>": "!=",
    "≠": "!=",
    "≤": "<=",
    "≥": ">=",
    "（": "(",
    "）": ")",
    "，": ",",
    "time": "times",
    "day": "days",
}
_TOKENS = re.compile(
    r"""(?P<space>\s+)
      | (?P<date>\d{4}-\d{2}-\d{2}(?!\d))
      | (?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)
      | (?P<text>'(?:[^']|'')*')
      | (?P<quoted>"(?:[^"]|"")+")
      | (?P<name>[^\W\d][\w.]*)
      | (?P<sign><=|>=|!=|<>|==|[=<>(),≠≤≥（），])
    """,
    re.VERBOSE,
)


def tokens(text: str) -> list[Token]:
    """The tokens of a rule, the end included. Raises `UnreadableText` at a character that begins none."""
    found, at = [], 0
    while at < len(text):
        match = _TOKENS.match(text, at)
        if match is None:
            raise _no_token(text, at)
        token = _token(match)
        if token is not None:
            found.append(token)
        at = match.end()
    return [*found, Token(Sort.END, "", len(text))]


def _token(match: re.Match[str]) -> Token | None:
    value, at = match.group(), match.start()
    match match.lastgroup:
        case "space":
            return None
        case "text":
            return Token(Sort.TEXT, value[1:-1].replace("''", "'"), at)
        case "quoted":
            return Token(Sort.NAME, value[1:-1].replace('""', '"'), at)
        case "name":
            small = _ALIKE.get(value.lower(), value.lower())
            return Token(Sort.KEYWORD, small, at) if small in KEYWORDS else Token(Sort.NAME, value, at)
        case "sign":
            return Token(Sort.SIGN, _ALIKE.get(value, value), at)
        case other:
            return Token(Sort(str(other)), value, at)


def _no_token(text: str, at: int) -> UnreadableText:
    if text[at] in "'\"":
        return unreadable(text, at, Message("a closing quotation mark"), Message("the end of the rule"))
    return unreadable(text, at, Message("a word, a number, a text in '...' or a sign"), repr(text[at]))


def unreadable(text: str, at: int, expected: Message | str, found: Message | str) -> UnreadableText:
    """The error with a picture of the line and a mark under the place."""
    return UnreadableText(position=at + 1, expected=expected, found=found, picture=_picture(text, at))


def _picture(text: str, at: int) -> str:
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    line = text[start:] if end < 0 else text[start:end]
    before = sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text[start:at])
    return f"\n    {line.expandtabs(1)}\n    {' ' * before}^\n"


def quoted_name(name: str) -> str:
    """A variable's name as it is written in a rule: as it is, or in double quotes
    where it would be read as something else.
    """
    word = re.fullmatch(r"[^\W\d][\w.]*", name)
    small = _ALIKE.get(name.lower(), name.lower())
    return name if word and small not in KEYWORDS else '"' + name.replace('"', '""') + '"'


def quoted_text(text: str) -> str:
    """A text as it is written in a rule."""
    return "'" + text.replace("'", "''") + "'"
