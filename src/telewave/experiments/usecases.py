"""Measure an experiment: read its columns, say what cannot be one, and compare the arms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from telewave.experiments.columns import Outcome, arms_of, numbers, outcome_values, texts
from telewave.experiments.measuring import Measurement, Trial, measured
from telewave.experiments.moments import Integers
from telewave.experiments.sources import Source
from telewave.kernel import Malformed, Message


class ColumnTwice(Malformed):
    """The column {column} is named for two things: {one} and {other}. Each needs a column of its own."""

    code = "column_twice"


class DuplicateKeys(Malformed):
    """The column {column} of {table} names {count:,} persons in more than one row, for example
    {example!r}: they would count as often. Keep one row of each, or name the column with --cluster
    instead, so that the rows of one count together.
    """

    code = "duplicate_keys"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What to measure, by the names of columns; empty: none. `expected`: the shares
    the arms were drawn with, None for one size.
    """

    arm: str
    control: str
    outcomes: tuple[Outcome, ...]
    before: str = ""
    cluster: str = ""
    key: str = ""
    expected: Mapping[str, float] | None = None

    def columns(self) -> tuple[str, ...]:
        """All that are read. Raises `ColumnTwice`."""
        roles = [
            (self.arm, Message("the arm")),
            *((one.column, Message("an outcome")) for one in self.outcomes),
        ]
        roles += [(self.cluster, Message("the cluster")), (self.key, Message("the key"))]
        seen: dict[str, Message] = {}
        for column, role in roles:
            other = seen.setdefault(column, role)
            if column and other != role:
                raise ColumnTwice(column=column, one=other, other=role)
        names = (self.arm, *(one.column for one in self.outcomes), self.before, self.cluster, self.key)
        return tuple(dict.fromkeys(name for name in names if name))


def measure(source: Source, question: Question) -> Measurement:
    """What the experiment did. Raises what cannot be read, what is no experiment, and `SampleRatioMismatch`."""
    found = source.rows(question.columns())
    if question.key:
        require_single(found.table[question.key], question.key, source.name)
    made = measured(trial_of(found.table, question, source.name), question.expected)
    if not found.unreadable:
        return made
    lost = Message(
        "{lines:,} lines of the file are no rows of this table and were left out.", lines=found.unreadable
    )
    return replace(made, warnings=(lost, *made.warnings))


def trial_of(rows: pa.Table, question: Question, table: str) -> Trial:
    """The rows as arms, numbers and clusters."""
    arm, arms = arms_of(rows[question.arm], question.arm, question.control, table)
    outcomes = {one.name: outcome_values(rows[one.column], one, table) for one in question.outcomes}
    before = numbers(rows[question.before], question.before, table) if question.before else None
    cluster = clusters_of(rows[question.cluster]) if question.cluster else None
    return Trial(
        arms=arms,
        arm=arm,
        outcomes=outcomes,
        before=before,
        before_name=question.before,
        cluster=cluster,
        cluster_name=question.cluster,
    )


def clusters_of(column: pa.ChunkedArray[Any]) -> Integers:
    """A number for each cluster; a row that names none is one by itself."""
    codes, words = texts(column)
    alone = codes < 0
    codes[alone] = len(words) + np.arange(int(alone.sum()))
    return codes


def require_single(column: pa.ChunkedArray[Any], name: str, table: str) -> None:
    """Raises `DuplicateKeys` where a key stands in more than one row; rows without one are nobody twice."""
    codes, words = texts(column)
    often = np.flatnonzero(np.bincount(codes[codes >= 0], minlength=len(words)) > 1)
    if len(often):
        raise DuplicateKeys(column=name, table=table, count=len(often), example=words[int(often[0])])


def outcome_of(text: str, columns: Sequence[str]) -> Outcome:
    """`column`, or `column=word` for the rows that say the word; `column=one|other` for several words.

    >>> outcome_of("visit", ["visit"]), outcome_of("state=left|ported out", ["state"]).words
    (Outcome(column='visit', words=()), ('left', 'ported out'))
    """
    column, sign, words = text.rpartition("=")
    if text in columns or not sign:
        return Outcome(text)
    return Outcome(column, tuple(word.strip() for word in words.split("|")))
