"""Single values that hold a large part of all takers, and how well the others are ranked without them. Pure.

A ranking can be good because it knows one thing: who took the offer before takes it again. Such a value is named where
it holds at least `OF_TAKERS` = a fifth of all takers while they are at least `TIMES` = 2 times as frequent in it as on
average: the AUC without its rows says what the ranking is worth for everybody else. Many an ordinary value does: below
`BY_ITSELF` = 3 times it is named only where the others are ranked worse without it, by `WORSE` = 0.02 of AUC at least.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from telewave.features.model import Variable
from telewave.kernel.intervals import wilson
from telewave.models.dataset import Booleans, Floats, TrainingTable
from telewave.models.drawing import some_of
from telewave.models.leaks import within_auc
from telewave.models.matrix import Column, as_text, is_category, numbers
from telewave.models.model import Segment

OF_TAKERS = 0.2
TIMES = 2.0
BY_ITSELF = 3.0
WORSE = 0.02
FEWEST_TAKERS = 20
MOST = 5
ROWS_LOOKED_AT = 100_000
FEWEST_JUDGED = 10


def segments(table: TrainingTable, judged: TrainingTable, probability: Floats) -> tuple[Segment, ...]:
    """The segments of `table` (of a sample, where it is large), that of most takers first; how the rest is ranked is
    told by the `judged` rows and their `probability`.
    """
    table = table.take(some_of(table.drawing(), ROWS_LOOKED_AT))
    whole = _auc(judged, probability, np.ones(len(judged), dtype=np.bool_))
    found: dict[bytes, Segment] = {}
    for variable in table.variables:
        value = _heaviest(table.rows.column(variable.name), table.label)
        if value is None:
            continue
        mine = _where(table.rows.column(variable.name), value[0])
        segment = _segment(table, variable, value[0], mine)
        if segment is not None:
            rest = ~_where(judged.rows.column(variable.name), value[0])
            told = _with(segment, _auc(judged, probability, rest))
            if _stands_out(told, whole):
                found.setdefault(mine.tobytes(), told)
    return tuple(sorted(found.values(), key=lambda one: -one.takers)[:MOST])


def _heaviest(column: Column, label: Booleans) -> tuple[str | float | None] | None:
    """The value, in a tuple, that exceeds its expected takers most; None where no value comes often enough."""
    values = _plain(column)
    distinct, place = np.unique(values, return_inverse=True)
    took = np.bincount(place, weights=label, minlength=len(distinct))
    count = np.bincount(place, minlength=len(distinct))
    enough = (took >= max(FEWEST_TAKERS, OF_TAKERS * label.sum())) & (
        took / np.maximum(count, 1) >= TIMES * label.mean()
    )
    if not enough.any():
        return None
    best = int(np.argmax(np.where(enough, took, -1)))
    return (_value(column, distinct[best]),)


def _plain(column: Column) -> NDArray[np.object_] | Floats:
    """Values that can be sorted; what is unknown is the empty text, or not a number."""
    if not is_category(column.type):
        return numbers(column).astype(np.float64)
    return np.array([text or "" for text in as_text(column).to_pylist()], dtype=str)


def _value(column: Column, value: str | float) -> str | float | None:
    if is_category(column.type):
        return str(value) or None
    return None if np.isnan(float(value)) else float(value)


def _where(column: Column, value: str | float | None) -> Booleans:
    plain = _plain(column)
    if value is None:
        unknown = plain == "" if is_category(column.type) else np.isnan(plain.astype(np.float64))
        return np.asarray(unknown, dtype=np.bool_)
    return np.asarray(plain == value, dtype=np.bool_)


def _segment(
    table: TrainingTable, variable: Variable, value: str | float | None, mine: Booleans
) -> Segment | None:
    n, took = int(mine.sum()), int(table.label[mine].sum())
    rate = wilson(took, n, table.other_weight)
    if n == len(table) or rate.low <= table.base_rate:
        return None
    return Segment(
        variable=variable,
        value=value,
        rows=n / len(table),
        takers=took / max(1, table.takers),
        rate=rate,
        auc_without=None,
    )


def _stands_out(segment: Segment, whole: float | None) -> bool:
    """Whether it is worth naming; `whole`: the AUC with it."""
    if segment.takers >= BY_ITSELF * segment.rows or whole is None or segment.auc_without is None:
        return True
    return whole - segment.auc_without >= WORSE


def _auc(judged: TrainingTable, probability: Floats, rest: Booleans) -> float | None:
    label = judged.label[rest]
    if min(label.sum(), (~label).sum()) < FEWEST_JUDGED:
        return None
    lists = np.unique(judged.period, return_inverse=True)[1] if judged.dated else np.zeros(len(judged))
    return within_auc(label, probability[rest], lists[rest].astype(np.int64))[0]


def _with(segment: Segment, auc: float | None) -> Segment:
    return Segment(
        variable=segment.variable,
        value=segment.value,
        rows=segment.rows,
        takers=segment.takers,
        rate=segment.rate,
        auc_without=auc,
    )
