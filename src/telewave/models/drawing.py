"""What folds and samples are drawn by: a hash of who or what a row is, never of where it lies. Pure.

A file's rows may lie in any order and any rhythm: every fifth row may come from another group, copies may follow their
originals. So rows are drawn by a hash of the subscriber (dated tables) or of what the row says (outside tables). Rows
that belong together, the dates of one subscriber or the copies of one row, share the hash and with it the fold.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from telewave.models.matrix import Column, as_text, is_category

Hashes: TypeAlias = "NDArray[np.uint64]"

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
UNKNOWN = np.uint64(0x5851F42D4C957F2D)
"""What an unknown value of any column is hashed to."""


def hash_of(values: NDArray[Any]) -> Hashes:
    """A number for each value, equal for equal ones. Shape (n,).

    By pandas, imported when rows are drawn: a command that only asks never waits for it.
    """
    from pandas.util import hash_array

    mixed: Hashes = hash_array(values)
    return mixed


def hashed(key: NDArray[np.int64]) -> Hashes:
    """Keys mixed so that their order says nothing, always in the same way."""
    return hash_of(key)


def drawn_into(drawn_by: Hashes, parts: int, salt: int = 0) -> NDArray[np.int64]:
    """One of `parts` numbers from 0 for each row, the same for equal hashes; another `salt` draws anew. Shape (n,)."""
    again: Hashes = hash_of(drawn_by ^ np.uint64(salt * int(GOLDEN) % 2**64))
    return (again % np.uint64(parts)).astype(np.int64)


def some_of(drawn_by: Hashes, most: int) -> NDArray[np.int64]:
    """Places, in rising order, of at most `most` rows: those whose hashes come first."""
    again: Hashes = hash_of(drawn_by ^ GOLDEN)
    return np.sort(np.argsort(again, kind="stable")[:most])


def contents(rows: pa.Table) -> Hashes:
    """Equal numbers for rows of equal values, whatever other rows lie around them. Shape (n,)."""
    mixed: Hashes = np.zeros(rows.num_rows, dtype=np.uint64)
    for name in rows.column_names:  # a column at a time: never a second copy of the whole table
        mixed = mixed * GOLDEN + column_hash(rows.column(name))
    return mixed


def each_apart(mixed: Hashes) -> Hashes:
    """`mixed` with the second, third ... of equal rows told apart: which of them is
    which makes no difference, they are equal.
    """
    from pandas import Series

    rank = Series(mixed).groupby(mixed, sort=False).cumcount().to_numpy()
    return np.where(rank > 0, hash_of(mixed + rank.astype(np.uint64) * GOLDEN), mixed)


def column_hash(column: Column) -> Hashes:
    """Equal numbers for equal values, unknown included; by value, so that they are the same in any other table. Shape
    (n,).
    """
    return _of_texts(column) if is_category(column.type) else _of_numbers(column)


def _of_texts(column: Column) -> Hashes:
    coded: Any = as_text(column).combine_chunks().dictionary_encode()
    names = np.array(coded.dictionary.to_pylist(), dtype=object)
    each = np.append(hash_of(names) if len(names) else np.zeros(0, np.uint64), UNKNOWN)
    codes = pc.fill_null(coded.indices, len(names)).to_numpy(zero_copy_only=False)
    return np.asarray(each[np.asarray(codes).astype(np.int64)], dtype=np.uint64)


def _of_numbers(column: Column) -> Hashes:
    values = exact(column)
    found = hash_of(values + 0.0)  # a zero is a zero, whatever its sign
    found[np.isnan(values)] = UNKNOWN
    return np.asarray(found, dtype=np.uint64)


def exact(column: Column) -> NDArray[np.float64]:
    """A number, flag or date column as 64-bit floats, NaN where unknown. Shape (n,)."""
    if pa.types.is_temporal(column.type):
        width = pa.int32() if pa.types.is_date32(column.type) else pa.int64()
        column = pc.cast(column, width)
    floats = pc.cast(column, pa.float64(), safe=False)
    return np.array(floats.to_numpy(), dtype=np.float64)
