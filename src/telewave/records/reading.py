"""A source file as a relation `raw` of text columns with row numbers, inside DuckDB. Memory stays bounded."""

from __future__ import annotations

import csv
import io
from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Literal, cast

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from telewave.kernel import Malformed, Missing
from telewave.platform.engine import exact, registered
from telewave.records.clean_text import SPOILT, CleanLines, EmptyFile, Layout, find_layout
from telewave.records.contents import Contents, begins_with, contents_of
from telewave.records.mapping import FileFormat
from telewave.records.row_lines import BLANKS
from telewave.records.spoilt_lines import Spoilt, SpoiltLines
from telewave.records.sql_text import literal


class NotAFile(Missing):
    """{file} is a folder, not a file. Name the files in it, for example with {file}/*."""

    code = "not_a_file"


class NoSuchFile(Missing):
    """{file} does not exist or may not be read. Check the path and its permissions."""

    code = "no_such_file"


class PackedParquet(Malformed):
    """{file} is a Parquet file that was packed once more. Unpack it, for example with gunzip or unzip, and name the
    Parquet file itself: it is compressed within.
    """

    code = "packed_parquet"


class TruncatedParquet(Malformed):
    """{file} is not a whole Parquet file: {cause}. It was probably cut off on the way; have it delivered again."""

    code = "truncated_parquet"


PARQUET = b"PAR1"
PACKED_BEGINS = (b"\x1f\x8b", b"PK")


@dataclass(frozen=True, kw_only=True, slots=True)
class Raw:
    """A file read: its columns are `c1`, `c2` ... of the DuckDB relation `raw`, all text, beside `line`.

    `rows`: those of the relation and the spoilt lines; `spoilt`: lines that never became rows, by reason;
    `spoilt_lines`: the file of `spoilt_lines.SCHEMA` that holds them, None for none; `blank`: empty lines, which are
    no rows; `headers`: rows that repeat the header, as where exports were joined; `surplus`: lines with empty cells
    beyond the last column, which are left out.
    """

    header: tuple[str, ...]
    rows: int
    blank: int = 0
    headers: int = 0
    surplus: int = 0
    spoilt: Mapping[str, int] = field(default_factory=dict)
    spoilt_lines: Path | None = None
    byte_order_mark: bool = False


def header_of(path: Path, file: FileFormat) -> tuple[str, ...]:
    """The column names of `path`. Raises what `layout` and `read_raw` raise."""
    if is_parquet(path, file):
        return tuple(parquet_schema(path).names)
    return find_layout(contents_of(path, file)).header


def is_parquet(path: Path, file: FileFormat) -> bool:
    """Whether `path` is to be read as Parquet: as the mapping says, else by suffix or
    by how it begins. Raises `PackedParquet`.
    """
    _existing(path)
    if file.kind:
        return file.kind == "parquet"
    with path.open("rb") as stream:
        head = stream.read(len(PARQUET))
    if path.suffix.lower() in (".parquet", ".pq") or head == PARQUET:
        return True
    if head[:2] in PACKED_BEGINS and begins_with(path, PARQUET):
        raise PackedParquet(file=path.name)
    return False


def parquet_schema(path: Path) -> pa.Schema:
    """The Arrow schema of a Parquet file. Raises `EmptyFile` or `TruncatedParquet`."""
    _existing(path)
    if not path.stat().st_size:
        raise EmptyFile(file=path.name)
    try:
        return pq.read_schema(path)
    except (pa.ArrowInvalid, OSError) as cause:
        raise TruncatedParquet(file=path.name, cause=str(cause).split(".")[0]) from cause


def _existing(path: Path) -> None:
    if path.is_dir():
        raise NotAFile(file=path.name)
    try:
        path.open("rb").close()
    except OSError as cause:
        raise NoSuchFile(file=path.name) from cause


def read_raw(con: Any, path: Path, file: FileFormat, wanted: Sequence[int], aside: Path) -> Raw:
    """Read the columns at the places `wanted` (from 0) of `path` into a temporary relation;
    spoilt lines to a file in the folder `aside`.

    Raises `NotAFile`, `NoSuchFile`, `EmptyFile`, `WrongEncoding`, `WrongDelimiter`, `NoDelimiter`,
    `TruncatedParquet`, and what `contents_of` raises.
    """
    if is_parquet(path, file):
        return _read_parquet(con, path, wanted)
    return _read_text(con, contents_of(path, file), wanted, SpoiltLines(aside))


def _read_parquet(con: Any, path: Path, wanted: Sequence[int]) -> Raw:
    names = parquet_schema(path).names
    columns = [
        f'CAST("{names[place].replace(chr(34), chr(34) * 2)}" AS VARCHAR) AS c{place + 1}' for place in wanted
    ]
    try:
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE raw AS SELECT file_row_number + 1 AS line, {', '.join(columns)} "
            "FROM read_parquet(?, file_row_number = true, hive_partitioning = false)",
            [exact(path)],
        )
    except duckdb.Error as cause:
        raise TruncatedParquet(file=path.name, cause=str(cause).split("\n")[0]) from cause
    rows = con.execute("SELECT count(*) FROM raw").fetchall()[0][0]
    return Raw(header=tuple(names), rows=rows)


def _read_text(con: Any, contents: Contents, wanted: Sequence[int], spoilt: SpoiltLines) -> Raw:
    layout = find_layout(contents)
    with closing(CleanLines(contents, layout, spoilt.add)) as lines:
        reader = _TextRows(lines, layout, contents.file, wanted, spoilt)
        batches = pa.RecordBatchReader.from_batches(reader.schema, reader.batches())
        with registered(con, "incoming", batches):
            con.execute("CREATE OR REPLACE TEMP TABLE raw AS SELECT * FROM incoming")
    put_aside = spoilt.close()
    empty = " AND ".join(f"c{place + 1} = ''" for place in wanted)
    blank = con.execute(f"DELETE FROM raw WHERE {empty}").fetchall()[0][0] if reader.some_rows else 0
    again = _header_again(con, layout, wanted) if reader.some_rows and contents.file.header else 0
    return Raw(
        header=layout.header,
        headers=again,
        surplus=reader.surplus,
        rows=con.execute("SELECT count(*) FROM raw").fetchall()[0][0] + spoilt.counts.total(),
        blank=blank,
        spoilt=spoilt.counts,
        spoilt_lines=put_aside,
        byte_order_mark=layout.byte_order_mark,
    )


def _header_again(con: Any, layout: Layout, wanted: Sequence[int]) -> int:
    """Take out the rows that repeat the header in every column that is read; returns how many."""
    names = [(place, layout.header[place]) for place in wanted if layout.header[place]]
    same = " AND ".join(f"trim(c{place + 1}, {literal(BLANKS)}) = {literal(name)}" for place, name in names)
    if not names:
        return 0
    first, name = names[0]
    return int(
        con.execute(f"DELETE FROM raw WHERE contains(c{first + 1}, {literal(name)}) AND {same}").fetchall()[
            0
        ][0]
    )


class _TextRows:
    """Record batches of a text file with the line number of each row, which the parser itself does not give."""

    def __init__(
        self,
        lines: CleanLines,
        layout: Layout,
        file: FileFormat,
        wanted: Sequence[int],
        spoilt: SpoiltLines,
    ) -> None:
        self._lines = lines
        self._layout = layout
        self._file = file
        self._names = [f"c{place + 1}" for place in range(len(layout.header))]
        self._wanted = [self._names[place] for place in wanted]
        columns: dict[str, pa.DataType] = {"line": pa.int64(), **dict.fromkeys(self._wanted, pa.string())}
        self.schema = pa.schema(columns)
        self.some_rows = False
        self.surplus = 0
        self._waiting: list[tuple[int, list[str]]] = []
        self._places = wanted
        self._spoilt = spoilt
        self._first = layout.first_line
        self._numbers = LineNumbers(self._first)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows in file order."""
        try:
            reader = self._open()
        except pa.ArrowInvalid:  # nothing after the header
            return
        for batch in reader:
            numbers = self._numbers.following(batch.num_rows)
            self.some_rows = True
            yield pa.RecordBatch.from_arrays([numbers, *batch.columns], schema=self.schema)
            if self._waiting:
                yield self._mended()
        if self._waiting:
            yield self._mended()

    def _mended(self) -> pa.RecordBatch:
        """Lines whose surplus cells are empty, as rows."""
        rows, self._waiting = self._waiting, []
        self.some_rows = True
        self.surplus += len(rows)
        cells = [pa.array([row[place] for _, row in rows], pa.string()) for place in self._places]
        return pa.RecordBatch.from_arrays(
            [pa.array([number for number, _ in rows], pa.int64()), *cells], schema=self.schema
        )

    def _open(self) -> pc.CSVStreamingReader:
        return pc.open_csv(
            cast("IO[bytes]", self._lines),
            read_options=pc.ReadOptions(use_threads=False, block_size=8 << 20, column_names=self._names),
            parse_options=pc.ParseOptions(
                delimiter=self._layout.delimiter,
                quote_char=self._file.quote or False,
                newlines_in_values=self._file.multiline,
                ignore_empty_lines=False,
                invalid_row_handler=self._leave_out,
            ),
            convert_options=pc.ConvertOptions(
                column_types=dict.fromkeys(self._names, pa.string()),
                include_columns=self._wanted,
                strings_can_be_null=False,
            ),
        )

    def _leave_out(self, row: pc.InvalidRow) -> Literal["skip", "error"]:
        number = (row.number or 0) + self._first - 1  # always there without threads
        self._numbers.leave_out(number)
        if row.text.startswith(SPOILT):
            return "skip"
        cells = self._cells(row.text) if row.actual_columns > len(self._names) else []
        if cells and not "".join(cells[len(self._names) :]).strip(BLANKS):
            self._waiting.append((number, cells))
        else:
            self._spoilt.add(Spoilt(number, "wrong_column_count", str(row.actual_columns), row.text))
        return "skip"

    def _cells(self, line: str) -> list[str]:
        """The cells of a line that holds more than there are columns; none where it is too long for that."""
        quote = self._file.quote
        options: Any = {"quotechar": quote} if quote else {"quoting": csv.QUOTE_NONE}
        if len(line) > csv.field_size_limit():
            return []
        return next(
            csv.reader(io.StringIO(line, newline=""), delimiter=self._layout.delimiter, **options), []
        )


class LineNumbers:
    """Gives the rows of a file their line numbers, batch after batch, where some lines are left out.

    Lines left out are held as runs, and only until the rows after them have their
    numbers: their number does not tell in memory.
    """

    def __init__(self, first: int) -> None:
        self._next = first  # the number of the next row, were no line left out between
        self._from = array("q")
        self._count = array("q")

    def leave_out(self, line: int) -> None:
        """Line `line` becomes no row. They come in ascending order, before the rows behind them."""
        if self._from and line == self._from[-1] + self._count[-1]:
            self._count[-1] += 1
        else:
            self._from.append(line)
            self._count.append(1)

    def following(self, rows: int) -> Any:
        """The line numbers of the next `rows` rows.

        >>> numbers = LineNumbers(2)
        >>> numbers.leave_out(3), numbers.leave_out(4), numbers.leave_out(7)
        (None, None, None)
        >>> numbers.following(3).to_pylist(), numbers.following(2).to_pylist()
        ([2, 5, 6], [8, 9])
        """
        count = np.array(self._count, dtype=np.int64)
        skipped = np.concatenate([np.zeros(1, np.int64), np.cumsum(count)])
        numbers = np.arange(self._next, self._next + rows, dtype=np.int64)
        runs = np.searchsorted(np.array(self._from, dtype=np.int64) - skipped[:-1], numbers, side="right")
        numbers += skipped[runs]
        if rows:
            self._next = int(numbers[-1]) + 1
            del self._from[: runs[-1]], self._count[: runs[-1]]
        # Not pa.array(numbers): that imports pandas, which takes longer than most files.
        return pa.Int64Array.from_buffers(pa.int64(), rows, [None, pa.py_buffer(numbers.data)])
