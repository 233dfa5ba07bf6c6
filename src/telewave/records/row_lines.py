"""Rows of texts as a stream of lines, so that tables of workbooks and pages are read as text files are."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

TAB_LINES: dict[str, Any] = {
    "encoding": "utf-8",
    "delimiter": "\t",
    "quote": "",
    "multiline": False,
    "kind": "csv",
}
"""How the lines are written, as a mapping's `file` says it."""
BREAKS = re.compile(r"[\t\r\n\v\f\x85\u2028\u2029]+")
BLOCK = 1 << 18
BLANKS = " \t\u3000\u00a0\ufeff"
WIDE = r"[\u2e80-\u9fff\uff00-\uffef]"
BETWEEN_WIDE = re.compile(rf"(?<={WIDE})\s*[\r\n]+\s*(?={WIDE})")


def header_name(cell: str) -> str:
    r"""The name of a column: without blanks around, its lines joined, by a blank where letters would run together.

    >>> header_name(" 手机\n号码 "), header_name("start\r\ntime")
    ('手机号码', 'start time')
    """
    return re.sub(r"\s*[\r\n]+\s*", " ", BETWEEN_WIDE.sub("", cell)).strip(BLANKS)


class RowLines(io.RawIOBase):
    """The rows as lines of UTF-8, cells apart by tabs. `heading`: the place of the row of column names, from 0."""

    def __init__(self, rows: Iterator[list[str]], heading: int | None) -> None:
        super().__init__()
        self._rows = enumerate(rows)
        self._heading = heading
        self._ready = b""

    def readable(self) -> bool:
        """A stream to read from."""
        return True

    def readinto(self, target: Any) -> int:
        """Fill `target` with the next bytes; 0 at the end."""
        if not self._ready:
            self._ready = self._block()
        count = min(len(target), len(self._ready))
        target[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def _block(self) -> bytes:
        lines: list[str] = []
        size = 0
        for place, row in self._rows:
            cells = [header_name(cell) for cell in row] if place == self._heading else row
            line = "\t".join(BREAKS.sub(" ", cell) for cell in cells)
            lines.append(line + "\n")
            size += len(line) + 1
            if size >= BLOCK:
                break
        return "".join(lines).encode("utf-8", "replace")
