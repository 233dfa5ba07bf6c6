"""A guess as a commented mapping file in one language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import yaml

from telewave.kernel import Label, Message
from telewave.records.contracts import CONTRACTS
from telewave.records.guessing import ColumnGuess, Guess
from telewave.records.mapping import GAP
from telewave.records.mapping_file import DELIMITER_NAMES

Say = Callable[[Message | Label | str], str]
COMMA = Label(", ", "，")


def guess_text(guess: Guess, say: Say) -> str:
    """The YAML of the proposal. Every gap is a `?` in quotes, which no command
    accepts, with the question in a remark behind it.
    """
    rows = guess.rows
    seen = (
        Message("Proposed from all {rows:,} rows of {file}.", rows=len(rows.rows), file=rows.file)
        if rows.all_read
        else Message("Proposed from the first {rows:,} rows of {file}.", rows=len(rows.rows), file=rows.file)
    )
    lines = [_remark(say(seen)), _remark(say(_to_do(guess)))]
    lines.append(f"table: {_scalar(guess.table or GAP)}{_table_remark(guess, say)}")
    if form := _form(guess):
        lines.append(f"file: {_flow(form)}")
    lines += [f"{one.key}: {_scalar(one.value)}  # {say(one.remark)}" for one in guess.keys]
    if guess.columns:
        lines.append("columns:")
        lines += [_line(one, say) for one in guess.columns]
    if guess.unused:
        lines.append(_remark(say(Message("Columns that feed nothing: {names}", names=list(guess.unused)))))
    return "\n".join(lines) + "\n"


def _to_do(guess: Guess) -> Message:
    if guess.gaps:
        return Message(
            'Each "?" is to be filled in (of these: {gaps}). Then see what comes of it with telewave check --map.',
            gaps=guess.gaps,
        )
    return Message(
        "Nothing is left open, but read it through. See what comes of it with telewave check --map."
    )


def _table_remark(guess: Guess, say: Say) -> str:
    if guess.table is not None:
        return f"  # {say(CONTRACTS[guess.table].label)}"
    asked = Message("which of {tables}? Then guess again with --table", tables=list(CONTRACTS))
    return f"  # {say(asked)}"


def _form(guess: Guess) -> dict[str, Any]:
    rows = guess.rows
    skip: dict[str, Any] = {"skip": rows.skip} if rows.skip else {}
    skip |= {"sheet": rows.sheet} if rows.sheet else {}
    if not rows.encoding:
        return skip
    delimiter = DELIMITER_NAMES.get(rows.delimiter, rows.delimiter)
    form: dict[str, Any] = {"encoding": rows.encoding, "delimiter": delimiter, **skip}
    return form if rows.header else {**form, "header": False}


def _line(one: ColumnGuess, say: Say) -> str:
    name = one.column.name
    label = say(one.column.label)
    if one.source is None:
        return f"  # {name}: {say(Message('{label}: not found, and not needed', label=label))}"
    remark = say(COMMA).join([label, *(say(remark) for remark in one.reading.remarks)])
    keys = dict(one.reading.keys)
    source = list(one.source) if isinstance(one.source, tuple) else one.source
    value = _flow({"from": source, **keys}) if keys or one.source == GAP else _scalar(one.source)
    return f"  {name}: {value}  # {remark}"


def _remark(text: str) -> str:
    return "# " + " ".join(text.split())


def _flow(values: Mapping[str, Any]) -> str:
    return "{" + ", ".join(f"{_scalar(key)}: {_value(value)}" for key, value in values.items()) + "}"


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return _flow(value)
    if isinstance(value, list):
        return "[" + ", ".join(_scalar(each, quoted=True) for each in value) + "]"
    return _scalar(value)


def _scalar(value: Any, *, quoted: bool = False) -> str:
    """One word as YAML reads it back, wherever it stands."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    style = '"' if quoted or value == GAP or value.isdecimal() else None
    listed = yaml.safe_dump(
        [value], default_flow_style=True, allow_unicode=True, width=10_000, default_style=style
    )
    return listed.strip()[1:-1]
