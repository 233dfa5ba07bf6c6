"""Where the rows of an experiment come from: a file as it is, or an outside table of the warehouse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa

from telewave.features.usecases import open_samples
from telewave.kernel import Malformed, Missing
from telewave.platform.warehouse import Warehouse
from telewave.records.mapping import FileFormat
from telewave.records.reading import header_of, read_raw


class NoSuchColumn(Missing):
    """There is no column {column!r} in {table}. Its columns: {columns}. Write the name as it stands there."""

    code = "no_such_column"


class ColumnsOfOneName(Malformed):
    """Several columns of {table} are called {column!r}, and which one is meant cannot be told. Give each a
    name of its own in the file's first line.
    """

    code = "columns_of_one_name"


class WhatToMeasure(Malformed):
    """Say where the rows are: either the name of a file, or --samples with the name of an outside table."""

    code = "what_to_measure"


class NothingInFile(Malformed):
    """{table} has no rows below its header. Name a file with a row for each person of the experiment."""

    code = "nothing_in_file"


@dataclass(frozen=True, slots=True)
class Rows:
    """`table`: one column a name that was asked for; `unreadable`: lines of the file that are no
    rows; `numbers`: of an outside table's rows.
    """

    table: pa.Table
    unreadable: int = 0
    numbers: Any = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A table by the `name` that sentences call it, its `columns`, and how to fetch some of them.
    `samples`: of the outside table, else empty.

    `variables`: the columns, but for the outcome of an outside table, which goes by two names.
    """

    name: str
    columns: tuple[str, ...]
    variables: tuple[str, ...]
    fetch: Callable[[Sequence[str]], Rows]
    samples: str = ""

    def rows(self, wanted: Sequence[str]) -> Rows:
        """The columns `wanted`, each once. Raises `NoSuchColumn`, `ColumnsOfOneName`,
        `NothingInFile` and what reading raises.
        """
        names = tuple(dict.fromkeys(wanted))
        for name in names:
            if name not in self.columns:
                raise NoSuchColumn(column=name, table=self.name, columns=list(dict.fromkeys(self.columns)))
            if self.columns.count(name) > 1:
                raise ColumnsOfOneName(column=name, table=self.name)
        found = self.fetch(names)
        if not found.table.num_rows:
            raise NothingInFile(table=self.name)
        return found


def source_of(file: Path | None, samples: str, open_warehouse: Callable[[], Warehouse]) -> Source:
    """The file, or the outside table; the warehouse is opened for the latter only. Raises
    `WhatToMeasure`, `NoSuchSamples` and reading errors.
    """
    if (file is None) == (not samples):
        raise WhatToMeasure
    return of_samples(open_warehouse(), samples) if file is None else of_file(file)


def of_file(path: Path) -> Source:
    """A text file of any encoding and delimiter, or a Parquet file. Raises what `header_of` raises."""
    header = header_of(path, FileFormat())

    def fetch(names: Sequence[str]) -> Rows:
        places = [header.index(name) for name in names]
        with closing(duckdb.connect()) as con, TemporaryDirectory() as aside:
            raw = read_raw(con, path, FileFormat(), sorted(places), Path(aside))
            wanted = ", ".join(f"c{place + 1}" for place in places)
            found = con.sql(f"SELECT {wanted} FROM raw ORDER BY line").to_arrow_table()  # noqa: S608 - places in the file
        return Rows(found.rename_columns(list(names)), sum(raw.spoilt.values()))

    return Source(name=path.name, columns=header, variables=header, fetch=fetch)


def of_samples(warehouse: Warehouse, name: str) -> Source:
    """An outside table; its outcome goes by the name that the mapping took it from,
    and by `outcome`. Raises `NoSuchSamples`.
    """
    opened = open_samples(warehouse, name)
    renamed = {v.name: v.name for v in opened.variables} | {"outcome": "outcome"}
    if outcome := warehouse.manifest(f"samples.{name}").facts.get("outcome"):
        renamed[str(outcome)] = "outcome"

    def fetch(names: Sequence[str]) -> Rows:
        picked = {f"x{k}": opened.relation[renamed[column]] for k, column in enumerate(names)}
        relation = opened.relation.select(place=opened.relation[opened.key], **picked)
        found = warehouse.engine.fetch(relation.order_by("place"))
        return Rows(found.drop_columns(["place"]).rename_columns(list(names)), numbers=found["place"])

    return Source(
        name=name,
        columns=tuple(renamed),
        variables=tuple(v.name for v in opened.variables),
        fetch=fetch,
        samples=name,
    )
