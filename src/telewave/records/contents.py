"""What a file holds once it is out of its wrapping: text as it is, unpacked, or the
table of a workbook or page as lines of text.
"""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, cast

from telewave.kernel import Malformed
from telewave.records.mapping import FileFormat
from telewave.records.markup_tables import is_markup, markup_rows
from telewave.records.row_lines import TAB_LINES, RowLines
from telewave.records.workbooks import filled_sheets, is_workbook, workbook_rows

PACKED = (".gz", ".zip")
GZIP, ZIP = b"\x1f\x8b", (b"PK\x03\x04", b"PK\x05\x06")  # the latter of one without members
BROKEN = (gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, EOFError)
NOT_DATA = ("__MACOSX", ".DS_Store")


class SeveralMembers(Malformed):
    """{file} packs {count} files: {members}. Unpack it, and name those you want, or pack one file alone."""

    code = "several_members"


class BrokenArchive(Malformed):
    """{file} cannot be unpacked: it is cut off, damaged or locked by a password.
    Unpack it yourself, or have it delivered again.
    """

    code = "broken_archive"


@dataclass(frozen=True, slots=True)
class Contents:
    """The text of a file. `open`: it from its beginning, as bytes; `file`: how it is written,
    `table` set for lines made of a table's rows.
    """

    name: str
    open: Callable[[], IO[bytes]]
    file: FileFormat
    table: bool = False


def delivery_of(path: Path) -> str:
    """The name of a delivery: the file's without its suffix, and without that of its packing.

    >>> delivery_of(Path("in/cdr_20260801.csv.gz")), delivery_of(Path("cdr_20260801.csv"))
    ('cdr_20260801', 'cdr_20260801')
    """
    inner = path.with_suffix("") if path.suffix.lower() in PACKED else path
    return inner.stem


def contents_of(path: Path, file: FileFormat) -> Contents:
    """What `path` holds, told by its first bytes and not by its suffix.

    Raises `SeveralMembers`, `BrokenArchive`, and what reading a workbook or a page raises.
    """
    plain = Contents(path.name, lambda: path.open("rb"), file)
    inner = _unpacked(path, plain)
    with told(path.name), inner.open() as stream:
        head = stream.read(1 << 16)
    if is_workbook(head, inner.open):
        return _of_rows(inner, lambda: workbook_rows(path.name, inner.open, file))
    if is_markup(head):
        return _of_rows(inner, lambda: markup_rows(path.name, inner.open, file))
    return inner


def sheets_of(path: Path) -> tuple[str, ...]:
    """The sheets with rows of the workbook that `path` holds; none of what is no workbook. Raises as `contents_of`."""
    inner = _unpacked(path, Contents(path.name, lambda: path.open("rb"), FileFormat()))
    with told(path.name), inner.open() as stream:
        head = stream.read(1 << 16)
    return filled_sheets(path.name, inner.open) if is_workbook(head, inner.open) else ()


def begins_with(path: Path, sign: bytes) -> bool:
    """Whether what `path` packs begins so; no where it packs several files, or none, or is damaged."""
    try:
        with _unpacked(path, Contents(path.name, lambda: path.open("rb"), FileFormat())).open() as stream:
            return stream.read(len(sign)) == sign
    except (Malformed, RuntimeError, *BROKEN):
        return False


@contextmanager
def told(name: str) -> Iterator[None]:
    """Whatever is wrong with an archive while it is read, as `BrokenArchive`."""
    try:
        yield
    except BROKEN as cause:
        raise BrokenArchive(file=name) from cause
    except RuntimeError as cause:  # what zipfile says of a password
        if "password" not in str(cause):
            raise
        raise BrokenArchive(file=name) from cause


def _unpacked(path: Path, plain: Contents) -> Contents:
    with plain.open() as stream:
        head = stream.read(4)
    if head.startswith(GZIP):
        return replace(plain, open=lambda: cast("IO[bytes]", gzip.open(path, "rb")))
    if head in ZIP and not is_workbook(head, plain.open):
        member = _only_member(path)
        return replace(plain, open=lambda: _member(path, member))
    return plain


def _only_member(path: Path) -> str:
    with told(path.name), zipfile.ZipFile(path) as archive:
        members = [one.filename for one in archive.infolist() if not one.is_dir()]
    members = [name for name in members if not any(sign in name for sign in NOT_DATA)]
    if len(members) != 1:
        raise SeveralMembers(file=path.name, count=len(members), members=", ".join(members[:10]) or "-")
    return members[0]


def _member(path: Path, member: str) -> IO[bytes]:
    archive = zipfile.ZipFile(path)
    try:
        opened = archive.open(member)
    finally:
        archive.close()  # the member holds what it needs until it is closed itself
    return opened


def _of_rows(inner: Contents, rows: Callable[[], Iterator[list[str]]]) -> Contents:
    """Rows of texts as lines: blanks for the tabs and line breaks in a cell, so that
    a row is a line and its number the row's.
    """
    heading = inner.file.skip if inner.file.header else None
    return Contents(
        inner.name,
        lambda: io.BufferedReader(cast("Any", RowLines(rows(), heading))),
        replace(inner.file, **TAB_LINES),
        table=True,
    )
