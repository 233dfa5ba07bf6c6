"""The beginning of a file as names and rows of text, to guess from. Memory is bounded by `ROWS`."""

from __future__ import annotations

import csv
import io
import re
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, cast

import pyarrow.parquet as pq

from telewave.kernel import Malformed
from telewave.records.clean_text import CleanLines, EmptyFile, NoDelimiter, find_layout
from telewave.records.contents import Contents, contents_of, sheets_of
from telewave.records.mapping import FileFormat
from telewave.records.reading import is_parquet, parquet_schema

ROWS = 50_000
"""Rows that are looked at."""
MOST_TITLES = 5
A_VALUE = re.compile(r"[-+]?[\d.,]+|\d{2,4}[-/.年]\d{1,2}([-/.月]\d{1,2}日?)?([ T].*)?")


class NothingToGuessFrom(Malformed):
    """{file} has no rows below its header, so there is nothing to guess from. Name a file with rows."""

    code = "nothing_to_guess_from"


@dataclass(frozen=True, kw_only=True, slots=True)
class FirstRows:
    """The first rows of a file. `names`: the header's, or places from 1 where the file has none;
    `encoding` and `delimiter` empty for Parquet.

    `all_read`: whether these are all rows of the file; `skip`: lines above the header, titles by their
    look; `sheet`: the one that was asked for.
    """

    file: str
    encoding: str
    delimiter: str
    header: bool
    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    all_read: bool
    skip: int = 0
    sheet: str = ""

    def values(self, place: int) -> list[str]:
        """What stands at `place` from 0, without blanks around and without empty cells."""
        return [value for row in self.rows if (value := row[place].strip())]


def first_rows(path: Path, sheet: str = "") -> FirstRows:
    """Read the beginning of `path`; `sheet`: name or number of a workbook's sheet. Raises
    `NothingToGuessFrom` and what `read_raw` raises.
    """
    found = _parquet(path, ROWS) if is_parquet(path, FileFormat()) else _text(path, sheet)
    if not found.rows:
        raise NothingToGuessFrom(file=path.name)
    return found


def first_rows_of_each(path: Path, sheet: str = "") -> list[FirstRows]:
    """Likewise of each sheet of a workbook that has several with rows, where none is named.
    What is no table is left out.

    Raises `NothingToGuessFrom`, of none that is one, and what `read_raw` raises.
    """
    sheets = () if sheet or is_parquet(path, FileFormat()) else sheets_of(path)
    found = []
    for one in sheets if len(sheets) > 1 else ():
        with suppress(NothingToGuessFrom, NoDelimiter, EmptyFile):
            found.append(first_rows(path, one))
    return found or [first_rows(path, sheet)]


def beginning(path: Path, file: FileFormat, rows: int) -> FirstRows:
    """The first `rows` rows of a file that is written as a mapping says, every
    column of it. Raises what `read_raw` raises.
    """
    return _parquet(path, rows) if is_parquet(path, file) else _rows_of(contents_of(path, file), rows)


def _parquet(path: Path, most: int) -> FirstRows:
    names = tuple(parquet_schema(path).names)
    with pq.ParquetFile(path) as file:
        batch = next(file.iter_batches(batch_size=most), None)
        columns = [] if batch is None else [column.to_pylist() for column in batch.columns]
        whole = file.metadata.num_rows <= most
    rows = tuple(
        tuple("" if value is None else str(value) for value in row) for row in zip(*columns, strict=True)
    )
    return FirstRows(
        file=path.name, encoding="", delimiter="", header=True, names=names, rows=rows, all_read=whole
    )


def _titles(path: Path, sheet: str) -> int:
    """How many lines stand above the header: those up to the first of the fullest, where
    the first line names less than half of that.
    """
    named = []
    for skip in range(MOST_TITLES + 1):
        try:
            header = find_layout(contents_of(path, FileFormat(skip=skip, sheet=sheet))).header
        except (NoDelimiter, EmptyFile):
            header = ()
        named.append(sum(bool(name) for name in header))
    return named.index(max(named)) if 2 * named[0] <= max(named) else 0


def _text(path: Path, sheet: str) -> FirstRows:
    skip = _titles(path, sheet)
    contents = contents_of(path, FileFormat(skip=skip, sheet=sheet))
    if any(A_VALUE.fullmatch(name) for name in find_layout(contents).header):
        contents = replace(contents, file=replace(contents.file, header=False))
    return _rows_of(contents, ROWS)


def _rows_of(contents: Contents, most: int) -> FirstRows:
    layout, file = find_layout(contents), contents.file
    options: Any = {"quotechar": file.quote} if file.quote else {"quoting": csv.QUOTE_NONE}
    with closing(CleanLines(contents, layout)) as lines:
        text = io.TextIOWrapper(cast("io.BytesIO", lines), "utf-8", newline="")
        read = [
            tuple(row) for row in islice(csv.reader(text, delimiter=layout.delimiter, **options), most + 1)
        ]
    width = len(layout.header)
    return FirstRows(
        file=contents.name,
        encoding="" if contents.table else layout.encoding,
        delimiter="" if contents.table else layout.delimiter,
        header=file.header,
        names=layout.header if file.header else tuple(str(place + 1) for place in range(width)),
        rows=tuple(row for row in read[:most] if len(row) == width),
        all_read=len(read) <= most,
        skip=file.skip,
        sheet=file.sheet,
    )
