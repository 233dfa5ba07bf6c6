"""Lists that people open in a spreadsheet: CSV with a byte order mark, or xlsx; cells that
a spreadsheet would compute are made harmless.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import islice
from pathlib import Path

from telewave.kernel import Malformed
from telewave.kernel.figures import Cell
from telewave.platform.files import filled_aside

SHEET_ROWS = 1_048_576
"""As many rows a sheet holds, its headings included."""
PAGE = 10_000
"""Rows written at a time."""
FORMULA = frozenset("=+-@\t\r")


class SheetFull(Malformed):
    """A sheet of a spreadsheet holds {most:,} rows below its headings, and the list for {path} has more. Write it
    as .csv, or choose fewer with --audience.
    """

    code = "sheet_full"


def harmless(cell: Cell) -> Cell:
    """Text that a spreadsheet would take for a formula gets an apostrophe before it; everything else stays.

    >>> harmless("=1+1"), harmless(-3), harmless("-"), harmless("13911112222")
    ("'=1+1", -3, "'-", '13911112222')
    """
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in FORMULA else cell


def write_list(path: Path, headers: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write the list at once and whole: xlsx where the name ends so, else CSV. Numbers and days stay such, text stays
    text. Raises `FileNotWritten`, `SheetFull`.
    """
    with filled_aside(path) as aside:
        if path.suffix.lower() == ".xlsx":
            _xlsx(aside, headers, _fitting(path, rows))
        else:
            _csv(aside, headers, rows)


def _fitting(path: Path, rows: Iterable[Sequence[Cell]]) -> Iterator[Sequence[Cell]]:
    """The rows; what does not fit on a sheet is refused rather than left out."""
    for number, row in enumerate(rows, start=1):
        if number >= SHEET_ROWS:
            raise SheetFull(most=SHEET_ROWS - 1, path=path)
        yield row


def _csv(path: Path, headers: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        csv.writer(out).writerow(headers)
        left = iter(rows)
        while page := list(islice(left, PAGE)):
            text = StringIO(newline="")  # a page at once: each write is encoded for itself
            csv.writer(text).writerows(zip(*map(_harmless_column, zip(*page, strict=True)), strict=True))
            out.write(text.getvalue())


def _harmless_column(cells: Sequence[Cell]) -> Sequence[Cell]:
    """The cells of a column, each as `harmless`: most columns have few different ones."""
    changed: dict[Cell, Cell] = {
        cell: harmless(cell) for cell in set(cells) if type(cell) is str and cell[:1] in FORMULA
    }
    return [changed.get(cell, cell) for cell in cells] if changed else cells


def _xlsx(path: Path, headers: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Strings are written as strings: nothing in a cell is ever a formula or a link."""
    from xlsxwriter import Workbook

    settings = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(str(path), {**settings, "default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, headers, book.add_format({"bold": True}))
        for number, row in enumerate(rows, start=1):
            sheet.write_row(number, 0, row)
