"""Tables of web pages, and of spreadsheets in XML, that call themselves .xls: as rows
of text. Read piece by piece in bounded memory.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import IO

from telewave.kernel import Malformed
from telewave.records.mapping import FileFormat

PIECE = 1 << 16
LONGEST_TAG = LONGEST_CELL = 1_000_000
"""Characters, so that a page without an end does not fill memory."""
WIDEST = 16_384
"""Columns that a spreadsheet has at most."""
BEGINNINGS = re.compile(rb"\s*<(!doctype html|html|head|meta|table|body|style|\?xml|!--|div)", re.IGNORECASE)
ROWS = {"tr", "row"}
CELLS = {"td", "th", "cell"}


class NoTableInside(Malformed):
    """{file} is a web page or XML, and has no table {table} in it. Open it, save the table as CSV (UTF-8), and deliver
    that.
    """

    code = "no_table_inside"


def is_markup(head: bytes) -> bool:
    """Whether text that begins with `head` is a page or XML with a table; every
    encoding of ours leaves its tags readable.
    """
    plain = head.replace(b"\0", b"").removeprefix(codecs.BOM_UTF8)
    for mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        plain = plain.removeprefix(mark)
    return BEGINNINGS.match(plain) is not None


def markup_rows(name: str, open_it: Callable[[], IO[bytes]], file: FileFormat) -> Iterator[list[str]]:
    """The rows of the first table that has any, or of the one whose number
    `file.sheet` gives. Raises `NoTableInside`.
    """
    wanted = int(file.sheet) if file.sheet.isdecimal() else None
    parser = _Tables(wanted)
    found = False
    with open_it() as stream:
        decoder = codecs.getincrementaldecoder(_encoding(stream.read(PIECE), file.encoding))("replace")
        stream.seek(0)
        while piece := stream.read(PIECE):
            parser.feed(decoder.decode(piece))
            for row in parser.taken():
                found = True
                yield row
            if parser.over:
                break
            if len(parser.rawdata) > LONGEST_TAG or parser.held > LONGEST_CELL:
                raise NoTableInside(file=name, table=file.sheet or 1)
    parser.close()
    for row in parser.taken():
        found = True
        yield row
    if not found:
        raise NoTableInside(file=name, table=file.sheet or 1)


def _encoding(head: bytes, declared: str) -> str:
    """As declared, else by the mark, else as UTF-8 where it can be, else as GB18030 (a page's own word is often
    wrong).
    """
    if declared != "auto":
        return declared
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(head)
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8-sig"


class _Tables(HTMLParser):
    """Takes the rows of one table, a table within it included; cells over several columns leave blanks behind them."""

    def __init__(self, wanted: int | None) -> None:
        super().__init__(convert_charrefs=True)
        self.over = False
        self._wanted = wanted
        self._number = 0
        self._depth = 0
        self._rows: list[list[str]] = []
        self._row: list[str] | None = None
        self._cell: list[str] | None = None
        self._blanks = 0
        self._some = False
        self.held = 0

    def taken(self) -> list[list[str]]:
        """The rows since it was asked last."""
        rows, self._rows = self._rows, []
        return rows

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a table, a row or a cell."""
        if tag == "table":
            self._number += not self._depth
            self._depth += 1
        elif tag in ROWS and self._depth:
            self._end_row()
            self._row = []
        elif tag in CELLS and self._row is not None:
            self._end_cell()
            self._begin_cell(dict(attrs))
        elif tag == "br" and self._cell is not None:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """End it."""
        if tag in CELLS:
            self._end_cell()
        elif tag in ROWS:
            self._end_row()
        elif tag == "table" and self._depth:
            self._end_table()

    def handle_data(self, data: str) -> None:
        """What stands in a cell."""
        if self._cell is not None:
            self._cell.append(data)
            self.held += len(data)

    def close(self) -> None:
        """What was open at the end ends."""
        super().close()
        self._end_row()

    def _end_table(self) -> None:
        self._end_row()
        self._depth -= 1
        if self._some and not self._depth:
            self.over = True

    def _begin_cell(self, attrs: dict[str, str | None]) -> None:
        row = self._row
        place = attrs.get("ss:index")
        if row is not None and place and place.isdecimal():
            row += [""] * (min(int(place), WIDEST) - 1 - len(row))
        over = attrs.get("colspan") or ""
        merged = attrs.get("ss:mergeacross") or ""
        self._blanks = int(over) - 1 if over.isdecimal() else int(merged) if merged.isdecimal() else 0
        self._cell = []

    def _end_cell(self) -> None:
        if self._cell is None or self._row is None:
            return
        self._row.append("".join(self._cell).strip())
        self._row += [""] * min(max(self._blanks, 0), WIDEST)
        self._cell = None

    def _end_row(self) -> None:
        self._end_cell()
        row, self._row = self._row, None
        self.held = 0
        if row and not self.over and (self._wanted is None or self._number == self._wanted):
            self._some = True
            self._rows.append(row)
