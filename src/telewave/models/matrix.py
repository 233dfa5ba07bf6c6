"""Rows as the learner takes them: numbers as 32-bit floats with NaN for unknown, categories as they are. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt

if TYPE_CHECKING:  # imported where frames are made: a command that only asks never waits for it
    import pandas as pd

UNKNOWN = ""
LOOKED_AT = 10_000
Column: TypeAlias = "pa.ChunkedArray[Any]"


def is_category(kind: pa.DataType) -> bool:
    """Whether a column of this type holds categories: text, or a dictionary of anything."""
    return bool(
        pt.is_string(kind) or pt.is_large_string(kind) or pt.is_string_view(kind) or pt.is_dictionary(kind)
    )


def as_table(rows: Any) -> pa.Table:
    """Arrow tables as they are; pandas frames and arrays of shape (n, variables) as Arrow tables."""
    if isinstance(rows, pa.Table):
        return rows
    import pandas as pd

    if isinstance(rows, pd.DataFrame):
        named = rows.rename(columns=str)
        return pa.Table.from_pandas(named, preserve_index=False)
    array = np.asarray(rows)
    columns: Any = {f"x{i}": array[:, i] for i in range(array.shape[1])}
    return pa.table(columns)


def matrix(rows: pa.Table, categories: Collection[str] | None = None) -> pd.DataFrame:
    """One column a variable. Dates count in days, flags as 0 and 1, an unknown category is the empty text.

    `categories`: the variables that are categories, where that is known; rows that know
    no value of one tell nothing of its type.
    """
    import pandas as pd

    columns: Any = {}
    for name in rows.column_names:
        column = rows.column(name)
        category = is_category(column.type) if categories is None else name in categories
        columns[name] = _categories(column) if category else numbers(column)
    return pd.DataFrame(columns, copy=False)


def numbers(column: Column) -> np.ndarray[Any, np.dtype[np.float32]]:
    """A numeric, flag or date column as 32-bit floats, NaN where unknown. Shape (n,)."""
    if pt.is_date(column.type) or pt.is_timestamp(column.type):
        column = pc.cast(pc.cast(column, pa.date32()), pa.int32())
    if pt.is_boolean(column.type) or pt.is_decimal(column.type) or pt.is_null(column.type):
        column = pc.cast(column, pa.float64())
    # 32-bit floats are what the learner bins by; the cast of a 64-bit integer must not refuse to round.
    floats = pc.cast(column, pa.float32(), safe=False)
    return np.asarray(floats.to_numpy()).astype(np.float32, copy=False)


def few_values(values: Any, most: int) -> Any:
    """The distinct values of an array in rising order, where there are at most `most`; None where there
    are more, which its beginning mostly tells.
    """
    if len(np.unique(values[:LOOKED_AT])) > most:
        return None
    distinct = np.unique(values)
    return distinct if len(distinct) <= most else None


def as_text(column: Column) -> Any:
    """A category column as plain text, unknown stays unknown."""
    plain: Any = pc.cast(column, column.type.value_type) if pt.is_dictionary(column.type) else column
    return pc.cast(plain, pa.string())


def _categories(column: Column) -> pd.Categorical:
    from pandas import Categorical, Index

    text: Any = pc.fill_null(as_text(column), UNKNOWN)
    coded = text.combine_chunks().dictionary_encode()
    codes = np.asarray(coded.indices.to_numpy())
    return Categorical.from_codes(codes, categories=Index(coded.dictionary.to_pylist(), dtype=object))
