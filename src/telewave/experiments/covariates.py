"""What is known of each row, as variables of a learner; what cannot be one is left out and told. Pure, on Arrow
columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.types as pt

from telewave.experiments.columns import NotNumeric, numbers, texts
from telewave.experiments.moments import Booleans, Floats, Integers
from telewave.kernel import Malformed, Message
from telewave.kernel.intervals import wilson_limits

MOST_LEVELS = 200
"""Categories beyond the most frequent of them count as one: the trees take 255."""
UNLIKELY = 0.001
BINS = 20
PURE, RARE = 0.95, 0.8
SAME = 0.999


class NothingKnown(Malformed):
    """No column of {table} is left to tell people apart by. Bring columns that were known
    before the draw, such as tenure, fee or use.
    """

    code = "nothing_known_of_people"


class OtherKindOfColumn(Malformed):
    """The column {column} of {table} holds {value!r}, but in the experiment it is a column of
    numbers. Write it in both tables in the same way.
    """

    code = "other_kind_of_column"


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """How a column is a variable: a number where `words` is None (nowhere outside `low` to
    `high`), else a category: the level of each word.

    `levels`: how many there are; beyond `MOST_LEVELS`, all others are one level of their own.
    """

    words: dict[str, int] | None
    levels: int = 0
    low: float = 0.0
    high: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Covariates:
    """The variables, one column each (numbers, or pandas categories), why others were left out, and the form of
    each.
    """

    rows: pd.DataFrame
    left_out: tuple[Message, ...]
    forms: Mapping[str, Form]


def covariates(table: pa.Table, arm: Integers, outcome: Floats, name: str, *, rate: bool) -> Covariates:
    """The columns of `table` as variables, given the `arm` of each row, drawn by lot,
    and its `outcome`. Raises `NothingKnown`.

    What differs between the arms by more than the draw makes it was not known before it: it is left out, as are columns
    that say the outcome, constants, and texts that are different in most rows.
    """
    kept: dict[str, Any] = {}
    left_out: list[Message] = []
    for column in table.column_names:
        values = _variable(table[column], column, name)
        reason = _objection(values, column, arm)
        if reason is None and says_outcome(values, outcome, rate=rate):
            reason = Message(
                "{column} is left out: it says the outcome, so it was not known before.", column=column
            )
        if reason is None:
            kept[column] = values
        else:
            left_out.append(reason)
    if not kept:
        raise NothingKnown(table=name)
    forms = {column: _form(values) for column, values in kept.items()}
    made = {column: _formed(values, forms[column]) for column, values in kept.items()}
    return Covariates(pd.DataFrame(made, copy=False), tuple(left_out), forms)


def in_form(table: pa.Table, forms: Mapping[str, Form], name: str) -> tuple[pd.DataFrame, Booleans]:
    """The columns of another table as the same variables, and which of its rows hold a
    number or a word that the experiment never saw.

    Raises `OtherKindOfColumn`.
    """
    made: dict[str, Any] = {}
    strange = np.zeros(table.num_rows, np.bool_)
    for column, form in forms.items():
        values = (
            _as_category(table[column]) if form.words is not None else _as_number(table[column], column, name)
        )
        made[column] = _formed(values, form)
        strange |= _never_seen(values, form)
    return pd.DataFrame(made, copy=False), strange


def _variable(column: Any, name: str, table: str) -> Floats | pd.Categorical:
    try:
        return numbers(_days(column), name, table)
    except NotNumeric:
        return _as_category(column)


def _days(column: Any) -> Any:
    dated = pt.is_date(column.type) or pt.is_timestamp(column.type)
    return column.cast(pa.date32()).cast(pa.int32()) if dated else column


def _as_category(column: Any) -> pd.Categorical:
    codes, words = texts(column)
    return pd.Categorical.from_codes(codes, categories=pd.Index(words, dtype=object))


def _as_number(column: Any, name: str, table: str) -> Floats:
    try:
        return numbers(_days(column), name, table)
    except NotNumeric as cause:
        raise OtherKindOfColumn(column=name, table=table, value=cause.message.values["value"]) from None


def _objection(values: Floats | pd.Categorical, column: str, arm: Integers) -> Message | None:
    codes = values.codes if isinstance(values, pd.Categorical) else values
    known = codes[codes >= 0] if isinstance(values, pd.Categorical) else codes[~np.isnan(codes)]
    if len(known) == 0 or (known == known[0]).all():
        return Message("{column} is left out: it is the same in all rows.", column=column)
    if isinstance(values, pd.Categorical) and len(values.categories) > max(MOST_LEVELS, len(known) // 2):
        return Message("{column} is left out: it names each row rather than a kind of row.", column=column)
    if _differs(values, arm):
        return Message(
            "{column} is left out: it differs between the arms by more than the draw makes it, so it was "
            "not known before.",
            column=column,
        )
    return None


def _differs(values: Floats | pd.Categorical, arm: Integers) -> bool:
    """Chi-square of the arms against the values' stretches (or categories), at
    `UNLIKELY`; stretches with few rows are joined.
    """
    from scipy.stats import chi2_contingency

    counts = pd.crosstab(_stretches(values), arm).to_numpy()
    small = counts.sum(axis=1) < 50
    joined = [counts[~small], counts[small].sum(axis=0, keepdims=True)] if small.any() else [counts]
    counts = np.concatenate(joined)
    counts = counts[counts.sum(axis=1) > 0]
    if len(counts) < 2:
        return False
    return bool(chi2_contingency(counts, correction=False).pvalue < UNLIKELY)


def _stretches(values: Floats | pd.Categorical) -> Integers:
    """The stretch of each row, -1 where unknown: each value where they are few, else
    quantiles, of what is not the commonest value too.
    """
    if isinstance(values, pd.Categorical):
        return np.asarray(values.codes, np.int64)
    known = values[~np.isnan(values)]
    distinct, often = np.unique(known, return_counts=True)
    edges = distinct
    if len(distinct) > BINS:
        others, steps = known[known != distinct[often.argmax()]], np.arange(1, BINS) / BINS
        edges = np.unique(
            np.concatenate(
                [distinct[[often.argmax()]], *(np.quantile(each, steps) for each in (known, others))]
            )
        )
    return np.where(np.isnan(values), -1, np.searchsorted(edges, values, side="left")).astype(np.int64)


def says_outcome(values: Floats | pd.Categorical, outcome: Floats, *, rate: bool) -> bool:
    """Whether the column says the outcome in other words, so that it cannot be from before.

    Of an outcome of 0 and 1: in some stretch of the column practically all rows have the rarer one (Wilson's lower
    bound above `PURE`), though it is rare in all. Of an amount: it is the column, but for its unit.
    """
    if not rate:
        return not isinstance(values, pd.Categorical) and abs(_correlation(values, outcome)) >= SAME
    rare = outcome if outcome.mean() <= 0.5 else 1 - outcome
    if rare.mean() > RARE:
        return False
    place = _stretches(values) + 1
    rows, hits = np.bincount(place), np.bincount(place, weights=rare)
    most = hits / np.maximum(rows, 1)
    return any(wilson_limits(float(most[k]), int(rows[k]))[0] > PURE for k in np.flatnonzero(rows))


def _correlation(values: Floats, outcome: Floats) -> float:
    known = ~np.isnan(values)
    if known.sum() < 3 or not values[known].std() or not outcome[known].std():
        return 0.0
    return float(np.corrcoef(values[known], outcome[known])[0, 1])


def _form(values: Floats | pd.Categorical) -> Form:
    """Words beyond the `MOST_LEVELS` most frequent are one level of their own."""
    if not isinstance(values, pd.Categorical):
        return Form(None, low=float(np.nanmin(values)), high=float(np.nanmax(values)))
    words, codes = list(values.categories), np.asarray(values.codes, np.int64)
    if len(words) <= MOST_LEVELS:
        return Form({word: k for k, word in enumerate(words)}, len(words))
    often = np.argsort(-np.bincount(codes[codes >= 0], minlength=len(words)), kind="stable")[:MOST_LEVELS]
    level = np.full(len(words), MOST_LEVELS)
    level[often] = np.arange(len(often))
    return Form(dict(zip(words, level.tolist(), strict=True)), MOST_LEVELS + 1)


def _formed(values: Floats | pd.Categorical, form: Form) -> Any:
    if form.words is None or not isinstance(values, pd.Categorical):
        return values
    unseen = MOST_LEVELS if form.levels > MOST_LEVELS else -1
    level = np.asarray(
        [*(form.words.get(word, unseen) for word in values.categories), -1], np.int64
    )  # the last: unknown, whose code is -1
    return pd.Categorical.from_codes(level[values.codes], categories=pd.RangeIndex(form.levels))


def _never_seen(values: Floats | pd.Categorical, form: Form) -> Booleans:
    if form.words is None or not isinstance(values, pd.Categorical):
        return np.asarray((values < form.low) | (values > form.high))
    new = np.asarray([*(word not in form.words for word in values.categories), False])
    return new[values.codes]
