"""What the model explains its scores by: each variable's share, in the reference case's form. Pure.

A variable's share is the mean absolute deviation of its SHAP values (Lundberg and others 2020, "From local explanations
to global understanding with explainable AI for trees", Nature Machine Intelligence 2) over the sum of all variables'.
Deviation from the variable's mean: what it adds to everybody's score alike ranks nobody before another.

Of variables that say the same of every row the trees take now one, now the other: that is chance,
so they are counted together and share equally.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from telewave.features.model import Variable
from telewave.kernel import Message
from telewave.models.dataset import Floats
from telewave.models.drawing import column_hash, exact
from telewave.models.matrix import Column, is_category
from telewave.models.model import Contribution

FEW_VALUES = 20


def contributions(
    variables: Sequence[Variable], shap: Floats, alike: Sequence[Sequence[int]] = ()
) -> tuple[Contribution, ...]:
    """Shares of `variables` from their SHAP values of shape (n, variables), greatest first; they sum to 1 unless all
    are 0.

    `alike`: groups of places in `variables` that say the same (`saying_the_same`).
    """
    weight = np.zeros(len(variables))
    others: dict[int, tuple[Variable, ...]] = {}
    in_groups = {k for group in alike for k in group}
    for group in [*alike, *([k] for k in range(len(variables)) if k not in in_groups)]:
        together = shap[:, list(group)].sum(1)
        moved = np.abs(together - together.mean()).mean() if len(shap) else 0.0
        for k in group:
            weight[k] = moved / len(group)
            others[k] = tuple(variables[j] for j in group if j != k)
    shares = weight / weight.sum() if weight.sum() else weight
    order = np.argsort(-shares, kind="stable")
    return tuple(Contribution(variables[k], float(shares[k]), others[k]) for k in order)


def saying_the_same(rows: pa.Table) -> list[list[int]]:
    """Groups of columns, by place, that say the same of every row: minutes and seconds, a
    word and its code. Constant ones are in none.

    Numbers of many values must rank the rows alike, forwards or backwards; else the rows that agree in
    one must be those that agree in the other.
    """
    groups: dict[bytes, list[int]] = {}
    for k, name in enumerate(rows.column_names):
        if (mark := _mark(rows.column(name))) is not None:
            groups.setdefault(mark, []).append(k)
    return [group for group in groups.values() if len(group) > 1]


def _mark(column: Column) -> bytes | None:
    """Equal for columns that say the same; None for one that says nothing."""
    named = is_category(column.type)
    values: Any = column_hash(column) if named else exact(column)
    rank = np.unique(values, return_inverse=True)[1].astype(np.int64)
    most = int(rank.max()) if len(rank) else 0
    if not most:
        return None
    if named or most < FEW_VALUES:
        first = np.unique(rank, return_index=True)[1]
        return b"parts" + np.argsort(np.argsort(first))[rank].tobytes()
    unknown = np.isnan(values)
    rank[unknown] = -1
    backwards = np.where(unknown, -1, rank[~unknown].max() - rank)
    return min(rank.tobytes(), backwards.tobytes())


def shared(parts: Sequence[Contribution]) -> tuple[Message, ...]:
    """A sentence for each group of variables that share what they contribute."""
    told: dict[frozenset[str], Message] = {}
    for part in parts:
        names = [part.variable, *part.same_as]
        if part.same_as and (key := frozenset(v.name for v in names)) not in told:
            told[key] = Message(
                "{names} say the same of every row: which of them the model takes is chance, so each is "
                "given an equal share.",
                names=[v.label for v in names],
            )
    return tuple(told.values())


def grouped(parts: Sequence[Contribution], group: Callable[[Variable], Variable]) -> tuple[Contribution, ...]:
    """Shares of groups of variables (say the months of one measure), where `group`
    names the variable that stands for its group.
    """
    sums: dict[str, Contribution] = {}
    for part in parts:
        head = group(part.variable)
        before = sums[head.name].share if head.name in sums else 0.0
        sums[head.name] = Contribution(head, before + part.share, part.same_as)
    return tuple(sorted(sums.values(), key=lambda part: -part.share))
