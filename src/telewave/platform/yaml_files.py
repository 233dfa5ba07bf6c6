"""Reading the YAML files that people write: key by key, each mistake named with its line and the remedy.

A capability's reader inherits `YamlReader` and calls its methods on the nodes it expects; whatever is not expected is a
`YamlMistake`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TypeVar

import yaml

from telewave.kernel import Label, Malformed, Message, Money, TelewaveError
from telewave.platform.files import read_whole, shown_name

LABEL_KEYS = ("en", "zh")
CURRENCY = "CNY"
MOST_DIGITS = 15
UNREADABLE: tuple[tuple[type[Exception], Message], ...] = (
    (FileNotFoundError, Message("there is no such file")),
    (IsADirectoryError, Message("it is a folder")),
    (PermissionError, Message("you may not read it")),
    (UnicodeDecodeError, Message("it is not UTF-8 text")),
)
PARSER_WORDS = (
    ("mapping values are not allowed", Message("a colon too many, or a line indented wrongly")),
    ("could not find expected ':'", Message("a colon is missing")),
    ("found unexpected end of stream", Message("a quotation mark or a bracket is not closed")),
    ("found character", Message("a tab, or another character that is not allowed here")),
    ("expected", Message("a line indented wrongly, or a bracket that is not closed")),
)

Read = TypeVar("Read")


class YamlMistake(Malformed):
    """{file}, line {line}: {problem}"""

    code = "yaml_mistake"


class YamlUnreadable(Malformed):
    """The file {file} cannot be read: {cause}. Give the path of a YAML text file in UTF-8."""

    code = "yaml_unreadable"


def load_yaml(path: Path, read: Callable[[str, str], Read]) -> Read:
    """What `read` makes of the text of the file `path` and its name. Raises
    `YamlUnreadable`, and what `read` raises.
    """
    try:
        text = read_whole(path).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as cause:
        known = [words for kind, words in UNREADABLE if isinstance(cause, kind)]
        words = known[0] if known else Message("it cannot be opened")
        raise YamlUnreadable(file=shown_name(path), cause=words) from cause
    return read(text, shown_name(path))


class YamlReader:
    """Walks the YAML nodes of one file; every method raises `YamlMistake` at the node's line."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.currency = CURRENCY

    def root(self, text: str) -> yaml.Node | None:
        """The file's top node; None where the file is empty."""
        try:
            return yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as cause:
            line = cause.problem_mark.line + 1 if cause.problem_mark else 1
            raise self._mistake(line, _not_yaml(cause.problem)) from cause
        except yaml.YAMLError as cause:
            raise self._mistake(1, _not_yaml("found character")) from cause
        except RecursionError as cause:
            raise self._mistake(1, Message("brackets or lines are nested too deeply")) from cause

    def fail(self, node: yaml.Node | None, problem: Message) -> YamlMistake:
        """The mistake to raise for `problem` at the line of `node`."""
        return self._mistake(line_of(node), problem)

    def _mistake(self, line: int, problem: Message) -> YamlMistake:
        return YamlMistake(file=self.name, line=line, problem=problem)

    def built(self, node: yaml.Node | None, make: Callable[[], Read]) -> Read:
        """What `make` returns; its domain errors are told with the line of `node`."""
        try:
            return make()
        except YamlMistake:
            raise
        except TelewaveError as cause:
            raise self.fail(node, cause.message) from cause

    def keys(
        self, node: yaml.Node | None, allowed: Iterable[str], required: Iterable[str] = ()
    ) -> dict[str, yaml.Node]:
        """The entries of a YAML mapping: keys among `allowed`, each once, all of `required`."""
        allowed = list(allowed)
        if not isinstance(node, yaml.MappingNode):
            raise self.fail(
                node,
                Message("`key: value` lines belong here, with the keys {keys}.", keys=", ".join(allowed)),
            )
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = self.choice(key, allowed)
            if name in found:
                raise self.fail(key, Message("`{key}` is given twice. Keep one.", key=name))
            found[name] = value
        for name in required:
            if name not in found:
                raise self.fail(node, Message("`{key}` is missing here. Add it.", key=name))
        return found

    def entries(self, node: yaml.Node | None, example: str) -> list[tuple[yaml.Node, yaml.Node]]:
        """The (key, value) nodes of a mapping whose keys the writer chooses, each once and one word."""
        if not isinstance(node, yaml.MappingNode):
            raise self.fail(node, Message("lines such as `{example}` belong here.", example=example))
        seen: set[str] = set()
        for key, _ in node.value:
            if self.text(key) in seen:
                raise self.fail(key, Message("`{key}` is given twice. Keep one.", key=self.text(key)))
            seen.add(self.text(key))
        return list(node.value)

    def items(self, node: yaml.Node | None, example: str) -> list[yaml.Node]:
        """The nodes of a list with at least one `- ...` line."""
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            raise self.fail(
                node,
                Message("a list belongs here, each line such as `- {example}`.", example=example),
            )
        return list(node.value)

    def choice(self, node: yaml.Node, allowed: Iterable[str]) -> str:
        """One word among `allowed`; else the nearest right word is proposed."""
        word = self.text(node)
        options = list(allowed)
        if word in options:
            return word
        near = difflib.get_close_matches(word, options, n=1, cutoff=0.5)
        if near:
            raise self.fail(
                node, Message("`{word}` is not known here. Did you mean `{near}`?", word=word, near=near[0])
            )
        raise self.fail(
            node,
            Message(
                "`{word}` is not known here. Write one of {allowed}.", word=word, allowed=", ".join(options)
            ),
        )

    def text(self, node: yaml.Node) -> str:
        """One scalar as it is written."""
        if not isinstance(node, yaml.ScalarNode):
            raise self.fail(node, Message("one word or number belongs here."))
        return str(node.value)

    def words(self, node: yaml.Node | None) -> tuple[str, ...]:
        """One scalar or a list of scalars, as text."""
        if node is None:
            return ()
        if isinstance(node, yaml.SequenceNode):
            return tuple(self.text(item) for item in node.value)
        return (self.text(node),)

    def yes(self, node: yaml.Node | None, default: bool) -> bool:
        """yes, no, true or false."""
        if node is None:
            return default
        word = self.text(node).lower()
        if word not in ("yes", "no", "true", "false"):
            raise self.fail(node, Message("`{word}` must be yes or no.", word=word))
        return word in ("yes", "true")

    def number(self, node: yaml.Node) -> Decimal:
        """A decimal number of zero or more, exact."""
        try:
            value = Decimal(self.text(node))
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite() or value < 0:
            raise self.fail(
                node,
                Message(
                    "{value!r} is not a number of zero or more. Write for example 3.50.",
                    value=self.text(node),
                ),
            )
        return value

    def whole(self, node: yaml.Node, least: int = 0, most: int = 10**MOST_DIGITS - 1) -> int:
        """A whole number from `least` to `most`; underscores may group its digits."""
        text = self.text(node)
        digits = text.replace("_", "")
        if re.fullmatch(r"\d[\d_]*", text) and (len(digits) > MOST_DIGITS or int(digits) > most):
            raise self.fail(
                node, Message("{value} is too many. Write {most} at most.", value=text, most=f"{most:,}")
            )
        if not re.fullmatch(r"\d[\d_]*", text) or int(digits) < least:
            raise self.fail(
                node,
                Message("{value!r} is not a whole number of {least} or more.", value=text, least=least),
            )
        return int(digits)

    def share(self, node: yaml.Node) -> float:
        """A share from 0 to 1, or a percentage such as `5 %`."""
        text = self.text(node)
        percent = re.fullmatch(r"(\d+(?:\.\d+)?)\s*%", text)
        value = float(percent[1]) / 100 if percent else float(self.number(node))
        if value > 1:
            raise self.fail(
                node,
                Message("{value} is more than 1. Write a share between 0 and 1, 50 % as 0.5.", value=text),
            )
        return value

    def money(self, node: yaml.Node) -> Money:
        """An amount of at most `MOST_DIGITS` digits, two of them decimals, in the file's currency."""
        value, text = self.number(node), self.text(node)
        if "e" in text.lower() or sum(letter.isdigit() for letter in text) > MOST_DIGITS:
            raise self.fail(
                node, Message("{amount} is not an amount. Write it out, with at most 15 digits.", amount=text)
            )
        minor = value.scaleb(2)
        if minor != minor.to_integral_value():
            raise self.fail(
                node, Message("{value} has more than two decimals. Round it.", value=self.text(node))
            )
        return Money(int(minor), self.currency)

    def currency_code(self, node: yaml.Node) -> str:
        """Three capitals, ISO 4217."""
        text = self.text(node)
        if not re.fullmatch("[A-Z]{3}", text):
            raise self.fail(
                node,
                Message(
                    "{value!r} is not a currency code. Write three capitals, for example CNY.", value=text
                ),
            )
        return text

    def date(self, node: yaml.Node) -> date:
        """A day written 2026-07-01."""
        try:
            return date.fromisoformat(self.text(node))
        except ValueError as cause:
            raise self.fail(
                node,
                Message("{value!r} is not a day. Write it as 2026-07-01.", value=self.text(node)),
            ) from cause

    def label(self, node: yaml.Node) -> Label:
        """A name in both languages, `{en: .., zh: ..}` (one of them stands for both), or one word for both."""
        if not isinstance(node, yaml.MappingNode):
            word = self.text(node)
            if not word.strip():
                raise self.fail(
                    node, Message("a name is missing here. Write one, or {example}.", example=_BOTH)
                )
            return Label(word, word)
        keys = {name: self.text(value) for name, value in self.keys(node, LABEL_KEYS).items()}
        either = keys.get("en") or keys.get("zh")
        if not either:
            raise self.fail(node, Message("a name is missing here. Write one, or {example}.", example=_BOTH))
        return Label(keys.get("en") or either, keys.get("zh") or either)


_BOTH = "{en: SMS, zh: 短信}"


def line_of(node: yaml.Node | None) -> int:
    """The line of `node`, counted from 1."""
    return node.start_mark.line + 1 if node is not None else 1


def label_content(label: Label) -> Mapping[str, str]:
    """A label as a YAML file writes it."""
    return {"en": label.en, "zh": label.zh}


def _not_yaml(problem: str | None) -> Message:
    known = [words for start, words in PARSER_WORDS if (problem or "").startswith(start)]
    cause = known[0] if known else Message("the text is incomplete or garbled")
    return Message("this is not YAML ({cause}). Check indentation, colons and quotes.", cause=cause)
