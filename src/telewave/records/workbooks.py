"""Sheets of workbooks (.xlsx, .xlsm, .xls, .ods) as rows of text. The library holds a
sheet in memory, so the size is bounded here.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import IO, Any

from telewave.kernel import Malformed
from telewave.records.mapping import FileFormat
from telewave.records.row_lines import BREAKS

LARGEST_OLD = 100 << 20
"""Bytes of an .xls file, and of an .xlsx file as it lies packed."""
LARGEST_NEW = 512 << 20
"""Bytes of the parts of an .xlsx file once unpacked. They grow about twofold in memory."""
OLE, ZIP = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"
ROWS_SEEN, NAMES_SEEN = 6, 6
"""Of a sheet, to tell which it is."""
INSIDE = ("xl/workbook.xml", "xl/workbook.bin", "content.xml")


class BrokenWorkbook(Malformed):
    """{file} is a workbook that cannot be read: it is cut off, damaged or locked by a password. Open it, save
    the sheet as CSV (UTF-8), and deliver that.
    """

    code = "broken_workbook"


class LargeWorkbook(Malformed):
    """{file} is a workbook of {size} MB, and a workbook is read only up to {limit} MB, since all of it must be in
    memory. Open it, save the sheet as CSV (UTF-8), and deliver that.
    """

    code = "large_workbook"


class WhichSheet(Malformed):
    """{file} has {count} sheets: {sheets}. Name the right one under `file` in the mapping, for example
    `sheet: {first}`; or have a mapping proposed for each, with `telewave map guess {file}`.
    """

    code = "which_sheet"


class NoSuchSheet(Malformed):
    """{file} has no sheet {sheet}. It has: {sheets}. Correct `sheet` under `file` in the mapping."""

    code = "no_such_sheet"


def is_workbook(head: bytes, open_again: Callable[[], IO[bytes]]) -> bool:
    """Whether bytes that begin with `head` are a workbook."""
    if head.startswith(OLE):
        return True
    if not head.startswith(ZIP):
        return False
    try:
        with open_again() as stream, zipfile.ZipFile(stream) as archive:
            return any(name in INSIDE for name in archive.namelist())
    except (zipfile.BadZipFile, EOFError):
        return False


def workbook_rows(name: str, open_it: Callable[[], IO[bytes]], file: FileFormat) -> Iterator[list[str]]:
    """The rows of the sheet that `file` names, from the sheet's first row on; the one with rows where it names none.

    Raises `BrokenWorkbook`, `LargeWorkbook`, `WhichSheet` or `NoSuchSheet`.
    """
    with _opened(name, open_it) as book:
        sheet = _sheet(name, book, file)
    return ([text_of(cell) for cell in row] for row in sheet.iter_rows())


def filled_sheets(name: str, open_it: Callable[[], IO[bytes]]) -> tuple[str, ...]:
    """The names of the visible sheets that have rows. Raises `BrokenWorkbook` or `LargeWorkbook`."""
    with _opened(name, open_it) as book:
        return tuple(sheet for sheet, rows in _shown(book) if rows.height)


@contextmanager
def _opened(name: str, open_it: Callable[[], IO[bytes]]) -> Iterator[Any]:
    import python_calamine

    with open_it() as stream:
        held = io.BytesIO(stream.read(LARGEST_OLD + 1))
    _small_enough(name, held)
    errors = (python_calamine.CalamineError, python_calamine.PasswordError, OSError, ValueError)
    try:
        with python_calamine.CalamineWorkbook.from_filelike(held) as book:
            yield book
    except errors as cause:
        raise BrokenWorkbook(file=name) from cause


def _shown(book: Any) -> list[tuple[str, Any]]:
    names = [one.name for one in book.sheets_metadata if str(one.visible).endswith(".Visible")]
    return [(one, book.get_sheet_by_name(one)) for one in names or book.sheet_names]


def _small_enough(name: str, held: io.BytesIO) -> None:
    size, limit = len(held.getbuffer()), LARGEST_OLD
    if size <= limit and bytes(held.getbuffer()[:4]) == ZIP:
        with zipfile.ZipFile(held) as archive:
            size, limit = sum(part.file_size for part in archive.infolist()), LARGEST_NEW
        held.seek(0)
    if size > limit:
        raise LargeWorkbook(file=name, size=f"{size >> 20:,}", limit=f"{limit >> 20:,}")


def _sheet(name: str, book: Any, file: FileFormat) -> Any:
    names = list(book.sheet_names)
    if file.sheet:
        if file.sheet in names:
            return book.get_sheet_by_name(file.sheet)
        if file.sheet.isdecimal() and 1 <= int(file.sheet) <= len(names):
            return book.get_sheet_by_index(int(file.sheet) - 1)
        raise NoSuchSheet(file=name, sheet=file.sheet, sheets=", ".join(names))
    sheets = _shown(book)
    filled = [(one, sheet) for one, sheet in sheets if sheet.height]
    if len(filled) > 1:
        seen = "; ".join(_seen(one, sheet) for one, sheet in filled)
        raise WhichSheet(file=name, count=len(filled), sheets=seen, first=_as_word(filled[0][0]))
    return (filled or sheets)[0][1]


def _seen(name: str, sheet: Any) -> str:
    """A sheet by its name, its rows and what its first fullest row says, which is its heading."""
    first = [[text_of(cell) for cell in row] for row in islice(sheet.iter_rows(), ROWS_SEEN)]
    heading = max(first, key=lambda row: sum(cell != "" for cell in row), default=[])
    names = [BREAKS.sub(" ", cell).strip() for cell in heading if cell != ""]
    shown = ", ".join(names[:NAMES_SEEN]) + (" …" if len(names) > NAMES_SEEN else "")
    return f"{name} ({sheet.height:,}: {shown})"


def _as_word(name: str) -> str:
    """A name that a mapping and a shell read as one word."""
    return name if re.fullmatch(r"[^\W\d]\w*", name) else "'" + name.replace("'", "''") + "'"


def text_of(cell: Any) -> str:
    """A cell as a text file would write it: whole numbers without a point, days and instants
    as 2026-08-01 10:00:00, spans as 30:03:00.

    >>> text_of(13912345678.0), text_of(True), text_of(datetime(2026, 8, 1, 10))
    ('13912345678', 'true', '2026-08-01 10:00:00')
    >>> text_of(timedelta(hours=30, minutes=3))
    '30:03:00'
    """
    match cell:
        case str():
            return cell
        case bool():
            return "true" if cell else "false"
        case float() if cell.is_integer() and abs(cell) < 2**53:
            return str(int(cell))
        case datetime():
            return cell.isoformat(" ")
        case date() | time():
            return cell.isoformat()
        case timedelta():
            hours, rest = divmod(round(cell.total_seconds()), 3600)
            return f"{hours}:{rest // 60:02}:{rest % 60:02}"
        case _:
            return str(cell)
