"""Columns of a table as arms, numbers and clusters: text as files bring it, or
values of the warehouse. Pure, on Arrow columns.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt

from telewave.experiments.moments import Floats, Integers
from telewave.kernel import Malformed
from telewave.records.checks import NO, YES
from telewave.records.row_lines import BLANKS

UNKNOWN = frozenset({"", "null", "nan", "n/a", "#n/a", "\\n"})
"""What stands for a value that is not known, in small letters. `None` is not among them: an arm may be called so."""
UNKNOWN_NUMBER = UNKNOWN | {"none", "na", "-", "–", "nat"}
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
MOST_ARMS = 20


class NotNumeric(Malformed):
    """The column {column} of {table} holds {value!r}, which is neither a number nor yes or no. Name a column of
    numbers; to count the rows that say {value!r}, write {example}; amounts written otherwise are read with a
    mapping: telewave ingest --map, then --samples.
    """

    code = "not_numeric"


class NoOutcomeKnown(Malformed):
    """The column {column} of {table} is empty in every row. Name a column that has values."""

    code = "no_outcome_known"


class NobodyWithWord(Malformed):
    """No row of {table} has {word!r} in the column {column}. It holds: {found}. Write one of these."""

    code = "nobody_with_word"


class OneArmOnly(Malformed):
    """The column {column} of {table} has one value in every row: {arm}. An experiment needs a control and at least one
    other arm; name the column that says who was left alone.
    """

    code = "one_arm_only"


class NoArms(Malformed):
    """The column {column} of {table} is empty in every row. Name the column that says which arm each row was drawn
    into.
    """

    code = "no_arms"


class ControlNotAmongArms(Malformed):
    """There is no arm {control!r} in the column {column} of {table}. Its arms: {arms}. Name
    the one that was left alone with --control.
    """

    code = "control_not_among_arms"


class TooManyArms(Malformed):
    """The column {column} of {table} has {count:,} different values, such as {examples}: these are not arms. Name the
    column that says which arm each row was drawn into.
    """

    code = "too_many_arms"


class ArmsAlike(Malformed):
    """The arms {one!r} and {other!r} in the column {column} of {table} differ only in capital letters or blanks. If
    they are one arm, write it in one way in the file.
    """

    code = "arms_alike"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A column that says what came of each row; where `words` are given, whether it says one of them."""

    column: str
    words: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As tables and sentences call it."""
        return f"{self.column}={'|'.join(self.words)}" if self.words else self.column


def texts(column: Any, unknown: frozenset[str] = UNKNOWN) -> tuple[Integers, tuple[str, ...]]:
    """A code a row, -1 where unknown, and the words by code in the order of their
    first row; blanks around them do not count.
    """
    plain = pc.cast(column, column.type.value_type) if pt.is_dictionary(column.type) else column
    whole = pa.chunked_array([plain]) if isinstance(plain, pa.Array) else plain
    coded: Any = pc.cast(whole, pa.string()).combine_chunks().dictionary_encode()
    places: dict[str, int] = {}
    renamed = np.full(len(coded.dictionary) + 1, -1, np.int64)  # the last: null
    for code, raw in enumerate(coded.dictionary.to_pylist()):
        word = str(raw).strip(BLANKS)
        if word.lower() not in unknown:
            renamed[code] = places.setdefault(word, len(places))
    places_of: Any = pc.fill_null(coded.indices, len(coded.dictionary))
    codes = np.asarray(places_of.to_numpy(zero_copy_only=False))
    return renamed[codes], tuple(places)


def numbers(column: Any, name: str, table: str) -> Floats:
    """The column as numbers, nan where unknown; yes and no (in any of the words that
    records know) are 1 and 0. Raises `NotNumeric`.
    """
    kind = column.type
    if pt.is_boolean(kind) or pt.is_integer(kind) or pt.is_floating(kind) or pt.is_decimal(kind):
        found = np.asarray(pc.cast(column, pa.float64(), safe=False).to_numpy(), np.float64)
        return np.where(np.isfinite(found), found, np.nan)
    codes, words = texts(column, UNKNOWN_NUMBER)
    lower = [word.lower() for word in words]
    read: Callable[[str], float | None] = _number
    if lower and not any(NUMBER.fullmatch(word) for word in lower):
        read = _yes_or_no
    values = [read(word) for word in lower]
    if None in values:
        odd = words[values.index(None)]
        raise NotNumeric(column=name, table=table, value=odd, example=f"--outcome '{name}={odd}'")
    return np.asarray([*values, math.nan], np.float64)[codes]


def _number(word: str) -> float | None:
    value = float(word) if NUMBER.fullmatch(word) else math.inf
    return value if math.isfinite(value) else None


def _yes_or_no(word: str) -> float | None:
    return 1.0 if word in YES else 0.0 if word in NO else None


def outcome_values(column: Any, outcome: Outcome, table: str) -> Floats:
    """The outcome of each row, nan where unknown. Raises `NotNumeric`, `NobodyWithWord`, `NoOutcomeKnown`."""
    if outcome.words:
        codes, words = texts(column)
        for word in outcome.words:
            if word not in words:
                raise NobodyWithWord(table=table, word=word, column=outcome.column, found=list(words[:10]))
        said = np.asarray([*(float(word in outcome.words) for word in words), math.nan])
        return said[codes]
    values = numbers(column, outcome.column, table)
    if np.isnan(values).all():
        raise NoOutcomeKnown(column=outcome.column, table=table)
    return values


def arms_of(column: Any, name: str, control: str, table: str) -> tuple[Integers, tuple[str, ...]]:
    """The arm of each row, 0 for the control, -1 where none is known; and the arms'
    names, the control first, the others by name.

    Raises `NoArms`, `OneArmOnly`, `TooManyArms`, `ArmsAlike`, `ControlNotAmongArms`.
    """
    codes, words = texts(column)
    if not words:
        raise NoArms(column=name, table=table)
    if len(words) == 1:
        raise OneArmOnly(column=name, table=table, arm=words[0])
    if len(words) > MOST_ARMS:
        raise TooManyArms(column=name, table=table, count=len(words), examples=list(words[:3]))
    _require_apart(words, name, table)
    wanted = control.strip(BLANKS)
    if wanted not in words:
        raise ControlNotAmongArms(control=control, column=name, table=table, arms=sorted(words))
    names = (wanted, *sorted(word for word in words if word != wanted))
    places = np.asarray([*(names.index(word) for word in words), -1], np.int64)
    return places[codes], names


def _require_apart(words: Sequence[str], name: str, table: str) -> None:
    seen: dict[str, str] = {}
    for word in words:
        other = seen.setdefault("".join(word.split()).casefold(), word)
        if other != word:
            raise ArmsAlike(one=other, other=word, column=name, table=table)
