"""The warehouse engine: where relations are computed. One port, DuckDB inside the process or Spark behind it.

Everything above speaks Ibis expressions and Parquet files; only this module knows which engine runs them.
"""

from __future__ import annotations

import itertools
import re
import uuid
import weakref
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Protocol

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.expr.operations import DatabaseTable

from telewave.kernel import Missing
from telewave.kernel.evolving import EVOLVED


class SparkMissing(Missing):
    """The Spark engine needs the extra `spark` and Java 17 or newer: {cause}.
    Install both, or set TELEWAVE_ENGINE=duckdb.
    """

    code = "spark_missing"


class Engine(Protocol):
    """Computes Ibis expressions over Parquet files."""

    name: str

    def read(self, files: Sequence[Path], schema: pa.Schema) -> ir.Table:
        """The rows of `files` as one relation with the columns of `schema`; no files gives no rows.

        Of an evolved schema, columns that a file lacks are null, and others are cast. What the engine registers for it
        is dropped when nobody holds the relation any more.
        """

    def write(self, relation: ir.Table, target: Path) -> int:
        """Write `relation` to the Parquet file `target`; returns the rows written."""

    def writing(self, make: Callable[[ir.Table], ir.Table]) -> Callable[[ir.Table, Path], int]:
        """What writes `make` of one relation from `read` after another, as `write` does: a statement is
        made once for all of the same columns.
        """

    def fetch(self, relation: ir.Expr) -> pa.Table:
        """Compute `relation` into memory."""

    def close(self) -> None:
        """Give back memory and threads."""


class _Views:
    """The views registered for relations. One whose relation is gone is dropped at the next `fresh`,
    in a thread that may speak to the engine.
    """

    _numbers = itertools.count()

    def __init__(self, drop: Callable[[str], None]) -> None:
        self._drop = drop
        self._orphaned: deque[str] = deque()

    def fresh(self) -> str:
        """A name for a new view."""
        while self._orphaned:
            self._drop(self._orphaned.popleft())
        return f"telewave_{next(self._numbers)}"

    def follow(self, relation: ir.Table, name: str) -> None:
        """Let the view live as long as `relation`, and whatever is made of it."""
        weakref.finalize(relation.op(), self._orphaned.append, name).atexit = False


_COLUMNS: dict[tuple[Any, ...], ibis.Schema] = {}
"""What DuckDB says of a view's columns, and the columns as Ibis knows them: there are some dozens in all."""


class DuckDBEngine:
    """DuckDB inside the process: the default, for everything one machine can hold on disk.

    `sealed`: what does not fit in memory is encrypted on its way to disk, with a key that this process alone knows.
    """

    name = "duckdb"

    def __init__(
        self, memory_gb: float = 4, threads: int = 0, spill: Path | None = None, *, sealed: bool = False
    ) -> None:
        self._limits = (memory_gb, threads, spill)
        self._sealed = sealed
        self._views = _Views(lambda name: self.connection.con.execute(f"DROP VIEW IF EXISTS {name}"))

    @cached_property
    def connection(self) -> Any:
        """Ibis' connection, opened at the first question: a command that asks the database alone needs none."""
        memory_gb, threads, spill = self._limits
        connection = ibis.duckdb.connect()
        raw = connection.con
        raw.execute(f"SET memory_limit = '{memory_gb}GB'")
        raw.execute("SET preserve_insertion_order = false")
        raw.execute("SET enable_progress_bar = false")
        raw.execute("SET TimeZone = 'UTC'")
        # A part never changes: what stands at its end is read once, not for the view, its columns and the query each.
        raw.execute("SET parquet_metadata_cache = true")
        if threads:
            raw.execute(f"SET threads = {threads}")
        if spill is not None:
            raw.execute(f"SET temp_directory = '{_quoted(spill)}'")
        if self._sealed:
            # DuckDB's own cipher is AES; "unsafe" says that its keys come from no generator for cryptography. The
            # other one would have to be loaded from the network. This one is enough for files that live for
            # minutes, in a folder of their owner's.
            raw.execute("SET force_mbedtls_unsafe = 'true'")
            raw.execute("SET temp_file_encryption = true")
        return connection

    def sealed(self) -> DuckDBEngine:
        """Another one beside this, of the same limits, that spills nothing unencrypted: for what identifies people."""
        return DuckDBEngine(*self._limits, sealed=True)

    def read(self, files: Sequence[Path], schema: pa.Schema) -> ir.Table:
        """See `Engine.read`."""
        if not files:
            return _empty(schema)
        evolved, name = _evolved(schema), self._views.fresh()
        relation = self._viewed(files, name, alike=not evolved)
        self._views.follow(relation, name)
        return _as_today(relation, schema) if evolved else relation.select(*schema.names)

    def _viewed(self, files: Sequence[Path], name: str, *, alike: bool) -> ir.Table:
        """The files as the view `name`; `alike`: all have the columns of the first. The statement is written here:
        Ibis would make a tree of it with a node or more a file, 40 ms for the files of half a year.
        """
        paths = ", ".join(f"'{_quoted(exact(file))}'" for file in files)
        how = f"hive_partitioning = false, union_by_name = {str(not alike).lower()}"
        self.connection.con.execute(
            f"CREATE TEMP VIEW {name} AS SELECT * FROM read_parquet([{paths}], {how})"
        )
        return self._table(name)

    def _table(self, name: str) -> ir.Table:
        """As Ibis' own `table`, which makes the same columns anew of the same words each time."""
        said = tuple(self.connection.con.execute(f"DESCRIBE {name}").fetchall())
        if said not in _COLUMNS:
            _COLUMNS[said] = self.connection.get_schema(name)
        table: ir.Table = DatabaseTable(name, schema=_COLUMNS[said], source=self.connection).to_expr()
        return table

    def write(self, relation: ir.Table, target: Path) -> int:
        """See `Engine.write`."""
        return self._copy(self._compiled(relation), target)

    def writing(self, make: Callable[[ir.Table], ir.Table]) -> Callable[[ir.Table, Path], int]:
        """See `Engine.writing`. The statements differ in the name of the view that is read, and in nothing else."""
        known: dict[object, tuple[str, str, ir.Table]] = {}

        def write(relation: ir.Table, target: Path) -> int:
            sources = relation.op().find(DatabaseTable)
            if len(sources) != 1:
                return self.write(make(relation), target)
            (source,) = sources
            if source.schema not in known:
                made = make(relation)
                known[source.schema] = source.name, self._compiled(made), made
            name, query, _ = known[source.schema]
            return self._copy(query.replace(f'"{name}"', f'"{source.name}"'), target)

        return write

    def _compiled(self, relation: ir.Table) -> str:
        """The statement whose columns have the types that the relation says. DuckDB sums whole numbers in 128 bits,
        which Ibis takes for 64 and Parquet keeps as floats.
        """
        self.connection._register_in_memory_tables(relation)  # COPY bypasses Ibis' own execution
        whole = [name for name, kind in relation.schema().items() if kind.is_int64()]
        query = str(self.connection.compile(relation))
        casts = ", ".join(f'CAST("{_doubled(name)}" AS BIGINT) AS "{_doubled(name)}"' for name in whole)
        return f"SELECT * REPLACE ({casts}) FROM ({query})" if whole else query

    def _copy(self, query: str, target: Path) -> int:
        counted = self.connection.con.execute(
            f"COPY ({query}) TO '{_quoted(target)}' (FORMAT parquet, COMPRESSION zstd)"
        ).fetchone()
        return int(counted[0]) if counted else 0

    def fetch(self, relation: ir.Expr) -> pa.Table:
        """See `Engine.fetch`. As Ibis' own `to_pyarrow`, which imports pandas: half of what a short command takes."""
        table = relation.as_table()
        found = self.connection._to_duckdb_relation(table).to_arrow_table()
        return _as_said(found, table.schema().to_pyarrow())

    def close(self) -> None:
        """See `Engine.close`."""
        if "connection" in self.__dict__:
            self.connection.disconnect()


class SparkEngine:
    """Spark, for bases that outgrow one machine. The session is given, so a province can bring its own cluster."""

    name = "spark"

    def __init__(self, session: Any) -> None:
        self.session = session
        self._views = _Views(session.catalog.dropTempView)
        self.connection = ibis.pyspark.connect(session)

    @classmethod
    def local(cls, threads: int = 0) -> SparkEngine:
        """A Spark of this machine's own processors. Raises `SparkMissing` without Spark or Java."""
        try:
            from pyspark.sql import SparkSession

            session = (
                SparkSession.builder.master(f"local[{threads or '*'}]")
                .appName("telewave")
                .config("spark.ui.enabled", "false")
                .config("spark.sql.session.timeZone", "UTC")
                .config("spark.sql.ansi.enabled", "false")
                .config("spark.sql.shuffle.partitions", "8")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .getOrCreate()
            )
        except Exception as cause:  # Spark reports a missing Java in many shapes
            raise SparkMissing(cause=type(cause).__name__) from cause
        return cls(session)

    def read(self, files: Sequence[Path], schema: pa.Schema) -> ir.Table:
        """See `Engine.read`."""
        if not files:
            return _empty(schema)
        if not _evolved(schema):
            return self._viewed(files).select(*schema.names)
        alike: dict[str, list[Path]] = {}
        for file in files:  # Spark joins no columns of different types
            alike.setdefault(str(pq.read_schema(file).remove_metadata()), []).append(file)
        return ibis.union(*(_as_today(self._viewed(some), schema) for some in alike.values()))

    def _viewed(self, files: Sequence[Path]) -> ir.Table:
        view = self._views.fresh()
        self.session.read.parquet(*[str(file) for file in files]).createOrReplaceTempView(view)
        relation: ir.Table = self.connection.table(view)
        self._views.follow(relation, view)
        return relation

    def writing(self, make: Callable[[ir.Table], ir.Table]) -> Callable[[ir.Table, Path], int]:
        """See `Engine.writing`."""
        return lambda relation, target: self.write(make(relation), target)

    def write(self, relation: ir.Table, target: Path) -> int:
        """See `Engine.write`. Spark writes a folder aside; its parts become the one file."""
        aside = target.with_name(f"{target.name}.{uuid.uuid4().hex}")
        self.connection.to_parquet(relation, str(aside))
        parts = sorted(aside.glob("part-*.parquet"))
        with pq.ParquetWriter(target, pq.read_schema(parts[0]).remove_metadata(), compression="zstd") as out:
            for part in parts:
                for batch in pq.ParquetFile(part).iter_batches():
                    out.write_batch(batch.replace_schema_metadata(None))
        for leftover in aside.iterdir():
            leftover.unlink()
        aside.rmdir()
        return int(pq.read_metadata(target).num_rows)

    def fetch(self, relation: ir.Expr) -> pa.Table:
        """See `Engine.fetch`. As Arrow straight from Spark: the way through pandas would turn whole numbers to
        floats.
        """
        table = relation.as_table()
        self.connection._register_in_memory_tables(table)
        return self.session.sql(self.connection.compile(table)).toArrow().replace_schema_metadata(None)

    def close(self) -> None:
        """See `Engine.close`."""
        self.session.stop()


def _as_said(found: pa.Table, schema: pa.Schema) -> pa.Table:
    """The columns with the types that the relation says. DuckDB has none for a column of nothing but nulls."""
    typed = [
        pa.nulls(found.num_rows) if pa.types.is_null(field.type) else column.cast(field.type)
        for field, column in zip(schema, found.columns, strict=True)
    ]
    return pa.Table.from_arrays(typed, schema=schema)


def _evolved(schema: pa.Schema) -> bool:
    return EVOLVED in (schema.metadata or {})


def _as_today(relation: ir.Table, schema: pa.Schema) -> ir.Table:
    kinds = ibis.schema(schema)
    values = {
        name: (relation[name] if name in relation.columns else ibis.null()).cast(kinds[name])
        for name in schema.names
    }
    return relation.select(**values)


@cache
def _empty(schema: pa.Schema) -> ir.Table:
    """One for each schema, since Ibis keeps tables in memory registered for as long as the process lives. Not
    `schema.empty_table()`, which imports pandas.
    """
    return ibis.memtable(pa.Table.from_batches([], schema))


@contextmanager
def registered(connection: Any, name: str, rows: Any) -> Iterator[None]:
    """Let a DuckDB connection see `rows`, Arrow data in memory or a stream of it, under `name`, for as long as the
    block.
    """
    connection.register(name, rows)
    try:
        yield
    finally:
        connection.unregister(name)


def exact(file: Path) -> str:
    """A path as DuckDB reads it without taking `*`, `?` or `[` in it for a pattern.

    >>> exact(Path("/data/what?/usage[1].parquet"))
    '/data/what[?]/usage[[]1].parquet'
    """
    return re.sub(r"[*?\[]", r"[\g<0>]", str(file))


def _doubled(name: str) -> str:
    return name.replace('"', '""')


def _quoted(path: Path | str) -> str:
    return str(path).replace("'", "''")
