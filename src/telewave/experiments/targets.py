"""Whom to contact first: the rows of an experiment, or those of another table, by what
the contact is expected to bring of each. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from threadpoolctl import threadpool_limits

from telewave.experiments.covariates import Covariates, in_form
from telewave.experiments.moments import Booleans, Floats, Integers
from telewave.experiments.qini import list_places
from telewave.experiments.splits import DrawnRows
from telewave.experiments.uplift import Kind, UpliftLearner
from telewave.kernel import Message
from telewave.kernel.figures import Cell
from telewave.platform.progress import Progress

ROWS_A_BATCH = 250_000
DECIMALS = 6


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Targets:
    """Rows in any order. Of each: its `position` in its table, the effect `score` expected, its `place` in the list,
    from 1, all of shape (n,); `strange`: how many hold something that the experiment never saw.
    """

    position: Integers
    score: Floats
    place: Integers
    strange: int = 0

    def __len__(self) -> int:
        return len(self.position)


def targets_beyond(
    table: pa.Table, name: str, known: Covariates, drawn: DrawnRows, kind: Kind, seed: int, progress: Progress
) -> Targets:
    """The rows of another table, by a learner of all rows of the experiment. Raises `OtherKindOfColumn`."""
    score, strange = np.zeros(table.num_rows), 0
    starts = range(0, table.num_rows, ROWS_A_BATCH)
    with (
        threadpool_limits(1),
        progress.step(Message("Ranking the rows of {name}", name=name), total=len(starts) + 1) as step,
    ):
        learner = UpliftLearner(kind=kind, seed=seed).fit(drawn.rows, drawn.outcome, drawn.treated)
        step.advance()
        for start in starts:
            rows, new = in_form(table.slice(start, ROWS_A_BATCH), known.forms, name)
            score[start : start + len(rows)] = learner.predict(rows)
            strange += int(new.sum())
            step.advance()
    place = list_places(score, np.zeros(len(score), np.int64), seed)
    return Targets(position=np.arange(len(score)), score=score, place=counted(place), strange=strange)


def counted(place: Floats) -> Integers:
    """Places from 1 in the order of `place`."""
    return np.argsort(np.argsort(place, kind="stable"), kind="stable") + 1


def best(targets: Targets, share: float) -> Booleans:
    """Which rows are among the best `share` of the list."""
    return np.asarray(targets.place <= round(share * len(targets)))


def list_lines(
    targets: Targets, names: Sequence[str | int | None], share: float
) -> Iterator[tuple[Cell, ...]]:
    """A line a row among the best `share` that has a name (`names`: of the rows), the
    best first: name, place, expected effect.
    """
    order = np.argsort(targets.place)
    for row in order[: int(best(targets, share).sum())].tolist():
        if names[row] is not None:
            yield names[row], int(targets.place[row]), round(float(targets.score[row]), DECIMALS)
