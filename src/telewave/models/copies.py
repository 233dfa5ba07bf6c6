"""Rows that are copies of others: left out, or kept together, so that no copy is
judged by a model that knew the original. Pure.

The operator's tables say who is who: a row that repeats subscriber, date, variables and outcome is one too many. An
outside table does not, and of a coarse one most rows are alike. So the pairs of equal rows are compared with the
number that chance would make (`pairs_by_chance`):

- where chance would make not one, the first of equal rows stays and the others are left out;
- where there are `BEYOND_CHANCE` = 2 times as many pairs as by chance, and no accident (Poisson, one in a thousand),
  all stay and share a fold; in a table in order, no step learns from the equal of a row that it judges (`validation`);
- else equal rows are people who are alike.

A copy is often given a new number. Columns that could be such numbers,
`identifiers`, are set aside before rows are compared.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from telewave.kernel import Message
from telewave.models.dataset import Integers, TrainingTable
from telewave.models.drawing import Hashes, column_hash, contents, exact, hashed, some_of
from telewave.models.matrix import Column, is_category
from telewave.models.model import LeakFinding, LeakRule

BEYOND_CHANCE = 2.0
ACCIDENT = 1e-3
DISTINCT = 0.95
FEWEST_NUMBERED = 20
PAIRED_ROWS = 4_000


def without_repeats(table: TrainingTable) -> tuple[TrainingTable, list[LeakFinding]]:
    """The table without copies, or with its copies drawn together; and a finding
    where there are any. See the module's text.
    """
    from scipy.stats import poisson

    numbers = [] if table.dated else identifiers(table)
    said = contents(table.rows.drop_columns(numbers))
    mixed = said * np.uint64(31) + hashed(table.label.astype(np.int64))
    if table.dated:
        mixed = (mixed * np.uint64(31) + hashed(table.key)) * np.uint64(31) + hashed(table.period)
    repeat = pd.Series(mixed).duplicated().to_numpy()
    if table.dated:
        return (table.take(~repeat), [_left_out(int(repeat.sum()))]) if repeat.any() else (table, [])
    if not pd.Series(said).duplicated().any():
        return table, []
    found, by_chance = _pairs(mixed), pairs_by_chance(table.without(numbers), np.flatnonzero(~repeat))
    if by_chance < 1:
        together = replace(table, drawn_by=said).take(~repeat).in_order()
        return together, [_left_out(int(repeat.sum()))] if repeat.any() else []
    if found < BEYOND_CHANCE * by_chance or poisson.sf(found - 1, by_chance) > ACCIDENT:
        return table, []
    finding = _kept_together(int(repeat.sum()), found, by_chance)
    return replace(table, drawn_by=said).in_order(), [finding]


def identifiers(table: TrainingTable) -> list[str]:
    """Names of the columns that could number the rows: text, whole numbers or dates hardly one of which comes twice."""
    return [name for name in table.rows.column_names if _numbers_rows(table.rows.column(name))]


def _numbers_rows(column: Column) -> bool:
    if not is_category(column.type):
        values = exact(column)
        known = values[~np.isnan(values)]
        if not bool(np.all(np.isfinite(known) & (known == np.floor(known)))):
            return False
    mixed = column_hash(column)[np.asarray(column.is_valid())]
    enough = len(mixed) >= max(FEWEST_NUMBERED, len(column) // 2)
    return enough and len(np.unique(mixed)) >= DISTINCT * len(mixed)


def pairs_by_chance(table: TrainingTable, distinct: Integers) -> float:
    """How many pairs of rows chance may make equal in every variable and the outcome: rather too many than too few.

    Each column is taken to depend on that earlier one which makes agreement in it likeliest (a dependence tree, Chow
    and Liu 1968): the chance of a pair is the product over the columns of P(agree | agree in that earlier one),
    estimated from up to `PAIRED_ROWS` of the `distinct` rows, among which no copy counts.
    """
    drawn_by = table.drawing()[distinct]
    some = table.take(distinct[some_of(drawn_by, PAIRED_ROWS)])
    columns: list[Integers | Hashes] = [some.label.astype(np.int64)]
    columns += [column_hash(some.rows.column(name)) for name in some.rows.column_names]
    codes = [np.unique(column, return_inverse=True)[1].astype(np.int64) for column in columns]
    agreeing = [_pairs(code) for code in codes]
    chance = len(table) * (len(table) - 1) / 2
    for k, code in enumerate(codes):
        given = [
            _pairs(code * (other.max() + 1) + other) / agreeing[j]
            for j, other in enumerate(codes[:k])
            if agreeing[j]
        ]
        chance *= max([agreeing[k] / _all_pairs(len(some)), *given])
    return float(chance)


def _pairs(codes: Integers | Hashes) -> float:
    """Pairs of rows with equal codes."""
    size = np.unique(codes, return_counts=True)[1].astype(np.float64)
    return float((size * (size - 1) / 2).sum())


def _all_pairs(rows: int) -> float:
    return max(1.0, rows * (rows - 1) / 2)


def _left_out(rows: int) -> LeakFinding:
    evidence = Message("{rows} rows repeat an earlier row in every variable and were left out.", rows=rows)
    return LeakFinding(LeakRule.DUPLICATE_ROWS, "", evidence, True)


def _kept_together(rows: int, found: float, by_chance: float) -> LeakFinding:
    evidence = Message(
        "{rows} rows repeat another in every variable: {found} equal pairs, where chance makes about "
        "{chance}. They may be copies. All were kept, "
        "and none is judged by a model that learnt from its equal. Find out where they come from.",
        rows=rows,
        found=round(found),
        chance=round(by_chance),
    )
    return LeakFinding(LeakRule.DUPLICATE_ROWS, "", evidence, False)
