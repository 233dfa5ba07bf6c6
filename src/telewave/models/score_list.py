"""Scored rows as a list that people open in a spreadsheet: the likeliest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import ibis
import pyarrow as pa

from telewave.kernel import Label
from telewave.kernel.figures import Cell
from telewave.models.usecases import scores
from telewave.platform.warehouse import Warehouse

HEADERS = (Label("Place", "名次"), Label("Chance of taking", "办理概率"))
"""After the name of the row."""
DECIMALS = 6


def ranked_scores(warehouse: Warehouse, model: str, as_of: date | None) -> pa.Table:
    """The rows that `score` wrote for `model` as of a date (None: an outside table): `subscriber`
    and `probability`, by falling probability.
    """
    relation = scores(warehouse, model, as_of).select("subscriber", "probability")
    return warehouse.engine.fetch(relation.order_by(ibis.desc("probability"), "subscriber"))


def score_lines(rows: pa.Table, names: Sequence[str | int | None]) -> Iterator[tuple[Cell, ...]]:
    """A line a row that has a name, cells as the name and `HEADERS`."""
    chances: list[float] = rows["probability"].to_numpy().round(DECIMALS).tolist()
    for place, (name, chance) in enumerate(zip(names, chances, strict=True), start=1):
        if name is not None:
            yield name, place, chance
