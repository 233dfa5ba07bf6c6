"""A source file as a relation `raw` of text columns with row numbers, inside DuckDB. Memory stays bounded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal, cast

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from telewave.kernel import Malformed, Missing
from telewave.platform.engine import exact
from telewave.records.clean_text import SAMPLE, SPOILT, CleanLines, EmptyFile, Layout, Spoilt, find_layout
from telewave.records.mapping import FileFormat


class NotAFile(Missing):
    """{file} is a folder, not a file. Name the files in it, for example with {file}/*."""

    code = "not_a_file"


class NoSuchFile(Missing):
    """{file} does not exist or may not be read. Check the path and its permissions."""

    code = "no_such_file"


class TruncatedParquet(Malformed):
    """{file} is not a whole Parquet file: {cause}. It was probably cut off on the way; have it delivered again."""

    code = "truncated_parquet"


@dataclass(frozen=True, slots=True)
class Raw:
    """A file read: its columns are `c1`, `c2` ... of the DuckDB relation `relation`, all text, beside `line`."""

    relation: str
    header: tuple[str, ...]
    rows: int
    blank: int
    spoilt: tuple[Spoilt, ...]
    byte_order_mark: bool
    text: bool


def header_of(path: Path, file: FileFormat) -> tuple[str, ...]:
    """The column names of `path`. Raises what `layout` and `read_raw` raise."""
    if is_parquet(path, file):
        return tuple(parquet_schema(path).names)
    return layout_of(path, file).header


def is_parquet(path: Path, file: FileFormat) -> bool:
    """Whether `path` is to be read as Parquet: as the mapping says, else by suffix."""
    _existing(path)
    return file.kind == "parquet" or (not file.kind and path.suffix.lower() in (".parquet", ".pq"))


def layout_of(path: Path, file: FileFormat) -> Layout:
    """Encoding, delimiter and header of a text file."""
    return find_layout(path, file.encoding, file.delimiter, file.quote, file.header)


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


def read_raw(con: Any, path: Path, file: FileFormat, wanted: Sequence[int]) -> Raw:
    """Read the columns at the places `wanted` (from 0) of `path` into a temporary relation.

    Raises `NotAFile`, `NoSuchFile`, `EmptyFile`, `NotText`, `WrongEncoding`, `WrongDelimiter`, `NoDelimiter`, `TruncatedParquet`.
    """
    if is_parquet(path, file):
        return _read_parquet(con, path, wanted)
    return _read_text(con, path, file, wanted)


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
    return Raw("raw", tuple(names), rows, 0, (), byte_order_mark=False, text=False)


def _read_text(con: Any, path: Path, file: FileFormat, wanted: Sequence[int]) -> Raw:
    layout = layout_of(path, file)
    with closing(CleanLines(path, layout, file.quote, file.multiline)) as lines:
        reader = _TextRows(lines, layout, file, wanted)
        con.register("incoming", pa.RecordBatchReader.from_batches(reader.schema, reader.batches()))
        con.execute("CREATE OR REPLACE TEMP TABLE raw AS SELECT * FROM incoming")
        con.unregister("incoming")
    some = " AND ".join(f"c{place + 1} = ''" for place in wanted)
    blank = con.execute(f"DELETE FROM raw WHERE {some} RETURNING 1").fetchall() if reader.some_blank else []
    spoilt = (*lines.spoilt, *reader.spoilt)
    rows = con.execute("SELECT count(*) FROM raw").fetchall()[0][0] + len(spoilt)
    return Raw("raw", layout.header, rows, len(blank), spoilt, layout.byte_order_mark, text=True)


class _TextRows:
    """Record batches of a text file with the line number of each row, which the parser itself does not give."""

    def __init__(self, lines: CleanLines, layout: Layout, file: FileFormat, wanted: Sequence[int]) -> None:
        self._lines = lines
        self._layout = layout
        self._file = file
        self._names = [f"c{place + 1}" for place in range(len(layout.header))]
        self._wanted = [self._names[place] for place in wanted]
        columns: dict[str, pa.DataType] = {"line": pa.int64(), **dict.fromkeys(self._wanted, pa.string())}
        self.schema = pa.schema(columns)
        self.spoilt: list[Spoilt] = []
        self.some_blank = False
        self._left_out: list[int] = []

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows in file order."""
        start = 2 if self._file.header else 1
        try:
            reader = self._open(start)
        except pa.ArrowInvalid:  # nothing after the header
            return
        parsed = 0
        for batch in reader:
            numbers = self._numbers(parsed, batch.num_rows, start)
            parsed += batch.num_rows
            self.some_blank = True
            yield pa.RecordBatch.from_arrays([numbers, *batch.columns], schema=self.schema)

    def _open(self, start: int) -> pc.CSVStreamingReader:
        return pc.open_csv(
            cast("IO[bytes]", self._lines),
            read_options=pc.ReadOptions(
                use_threads=False, block_size=8 << 20, column_names=self._names, skip_rows=start - 1
            ),
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
        number = row.number or 0  # always there without threads
        self._left_out.append(number)
        if not row.text.startswith(SPOILT):
            reason = f"wrong_column_count:{row.actual_columns}"
            self.spoilt.append(Spoilt(number, reason, row.text[:SAMPLE]))
        return "skip"

    def _numbers(self, parsed: int, count: int, start: int) -> Any:
        """Line numbers of the parsed rows `parsed` .. `parsed + count`: the places of left-out rows are skipped."""
        index = np.arange(parsed, parsed + count, dtype=np.int64)
        out = np.array(self._left_out, dtype=np.int64) - start - np.arange(len(self._left_out))
        lines = index + start + np.searchsorted(out, index, side="right")
        # Not pa.array(lines): that imports pandas, which takes longer than most files.
        return pa.Int64Array.from_buffers(pa.int64(), count, [None, pa.py_buffer(lines.data)])
