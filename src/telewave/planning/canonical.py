"""One form of rows, byte for byte, and the hash of it: the same content has the same hash,
whatever file holds it and in whatever order. Pure.

The form, all numbers little-endian:

    "telewave rows 1" and a newline, then for each column in the order of the schema: name, NUL, type, newline; then
    the number of rows as uint64 for each column, the rows sorted by the key: one byte a row, 1 where there is a
    value; then the values, 0 where there is none:
        whole numbers, days since 1970-01-01 and truth values as int64
        floating-point numbers as IEEE 754 binary64, with one zero and one NaN
        text as one uint32 a row, its length in UTF-8, then the text of all rows

Values count, not their text: 0.1 + 0.2 is not 0.3, and no rounding of a print-out comes between.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

HEAD = b"telewave rows 1\n"


def content_hash(rows: pa.Table, key: Sequence[str]) -> str:
    """SHA-256 of the canonical form, in hexadecimal. `key`: columns that no two rows share.

    >>> rows = pa.table({"subscriber": [2, 1], "value": [0.5, None]})
    >>> content_hash(rows, ["subscriber"]) == content_hash(rows.take([1, 0]), ["subscriber"])
    True
    """
    found = hashlib.sha256(HEAD)
    for field in rows.schema:
        found.update(f"{field.name}\0{field.type}\n".encode())
    found.update(np.uint64(len(rows)).tobytes())
    ordered = rows.sort_by([(name, "ascending") for name in key])
    for name in rows.column_names:
        for part in _bytes(ordered[name]):
            found.update(part)
    return found.hexdigest()


def _bytes(column: Any) -> Iterator[bytes]:
    """Which values there are, then the values."""
    yield column.is_valid().to_numpy().astype(np.uint8).tobytes()
    kind = column.type
    values: Any
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        values = pc.fill_null(column, "")
        yield pc.binary_length(values).to_numpy().astype("<u4").tobytes()
        yield from map(_text, values.cast(pa.large_string()).chunks)
    elif pa.types.is_floating(kind):
        values = pc.fill_null(column, 0.0).to_numpy().astype("<f8") + 0.0  # one zero
        values[np.isnan(values)] = np.nan
        yield values.tobytes()
    else:
        values = column.cast(pa.int32()) if pa.types.is_date32(kind) else column
        yield pc.fill_null(values.cast(pa.int64()), 0).to_numpy().astype("<i8").tobytes()


def _text(chunk: Any) -> bytes:
    """The text of all rows, one after the other, as it lies in memory."""
    _, offsets, text = chunk.buffers()
    if text is None or not len(chunk):
        return b""
    ends = np.frombuffer(offsets, np.int64)[chunk.offset : chunk.offset + len(chunk) + 1]
    return bytes(memoryview(text)[ends[0] : ends[-1]])
