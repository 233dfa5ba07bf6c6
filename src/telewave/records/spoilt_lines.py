"""Lines of a text file that could not become rows: put aside on disk as they are met, so that no number of them fills
memory.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

SAMPLE = 200
"""Characters of a line that are kept."""
BATCH = 10_000
"""Lines that are held in memory at most."""
SHORTEST_NUMBER = 7
"""Digits of what may be told by its last four, as identifiers are."""
COLUMNS: dict[str, pa.DataType] = {
    "line": pa.int64(),
    "reason": pa.string(),
    "found": pa.string(),
    "text": pa.string(),
}
SCHEMA = pa.schema(COLUMNS)


class Spoilt(NamedTuple):
    """A line that could not become a row: its number from 1, a reason code, what was found in
    place of what should be, and the line itself.
    """

    line: int
    reason: str
    found: str
    text: str


class SpoiltLines:
    """Takes spoilt lines in any order to a Parquet file of `SCHEMA` in `folder`, masked;
    of a file without any, nothing is written.

    `counts`: how many of each reason.
    """

    def __init__(self, folder: Path) -> None:
        self.counts: Counter[str] = Counter()
        self._path = folder / "spoilt.parquet"
        self._waiting: list[Spoilt] = []
        self._writer: pq.ParquetWriter | None = None

    def add(self, spoilt: Spoilt) -> None:
        """Put one aside."""
        self.counts[spoilt.reason] += 1
        self._waiting.append(spoilt._replace(text=masked_line(spoilt.text[:SAMPLE])))
        if len(self._waiting) >= BATCH:
            self._write()

    def close(self) -> Path | None:
        """End the file and say where it is; None for no lines."""
        if self._waiting:
            self._write()
        if self._writer is None:
            return None
        self._writer.close()
        return self._path

    def _write(self) -> None:
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, SCHEMA, compression="zstd")
        rows = [line._asdict() for line in self._waiting]
        self._writer.write_batch(pa.RecordBatch.from_pylist(rows, schema=SCHEMA))
        self._waiting.clear()


def masked_line(text: str) -> str:
    """A line whose columns cannot be told apart, and any of which may be personal: its shape, and ends of long numbers.

    >>> masked_line("13912345678,7,voice,张三,11 Long Lane")
    '****5678,*,*****,**,** **** ****'
    """
    return re.sub(r"\w+", lambda word: _masked_word(word[0]), text)


def _masked_word(word: str) -> str:
    return f"****{word[-4:]}" if word.isdigit() and len(word) >= SHORTEST_NUMBER else "*" * len(word)
