"""Arrow arrays from Python lists. `pa.array` imports pandas, which takes longer than most deliveries. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
import pyarrow as pa


def texts_of(texts: Sequence[str]) -> pa.StringArray:
    """Texts, in all less than 2 GB.

    >>> texts_of(["13912345678", "", "用户"]).to_pylist()
    ['13912345678', '', '用户']
    """
    encoded = [text.encode() for text in texts]
    ends = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    buffers = pa.py_buffer(ends.data), pa.py_buffer(b"".join(encoded))
    return pa.StringArray.from_buffers(len(encoded), *buffers)


def numbers_of(numbers: Sequence[int]) -> pa.Int32Array:
    """Whole numbers of 32 bits.

    >>> numbers_of([7, -1]).to_pylist()
    [7, -1]
    """
    held = np.array(numbers, np.int32)
    made = pa.Array.from_buffers(pa.int32(), len(held), [None, pa.py_buffer(held.data)])
    return cast("pa.Int32Array", made)
