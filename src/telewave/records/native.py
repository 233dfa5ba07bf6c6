"""The fast way for files in contract form: one condition over the typed columns, and a file that meets it is kept as it
is.

A file that does not (a bad row, a repeated key, several days, other types) is judged row by row instead.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from telewave.platform.engine import exact
from telewave.records.checks import row_ok
from telewave.records.destination import Destination
from telewave.records.model import Contract
from telewave.records.reading import TruncatedParquet, parquet_schema
from telewave.records.repetition import key_column
from telewave.records.report import FileReport
from telewave.records.sql_text import literal, quoted

WORKERS = 2
Hashes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class _Seen:
    """A file that met the condition. `day` None: it has no rows. `hashes`: of its keys, sorted, no two alike."""

    stored: Path
    rows: int
    day: str | None
    hashes: Hashes


class NativeFiles:
    """Looks at the files ahead, in threads of its own; `accepted` is then asked for one after the other."""

    def __init__(
        self, con: Any, contract: Contract, today: date, target: Destination, files: Sequence[Path]
    ) -> None:
        self._con = con
        self._contract = contract
        self._target = target
        self._ok = f"{row_ok(contract, today)} AND {_known(con, contract)}"
        self._day = ""
        self._hashes: dict[Path, Hashes] = {}
        self._folder = target.folder()
        self._pool = ThreadPoolExecutor(WORKERS)
        self._looked: dict[Path, Future[_Seen | None]] = {f: self._pool.submit(self._look, f) for f in files}
        self._pool.shutdown(wait=False)

    def accepted(self, path: Path, delivery: str) -> FileReport | None:
        """Take the file over unchanged and report it; None where it must be judged
        row by row. Raises `TruncatedParquet`.
        """
        seen = self._looked.pop(path).result()
        if seen is None:
            return None
        if seen.day is not None:
            if self._collides(seen):
                seen.stored.unlink(missing_ok=True)
                return None
            stored = seen.stored
            if self._target.dry:
                shutil.copyfile(path, stored)
            self._target.add(seen.day, stored, delivery)
            self._hashes[self._target.others(seen.day)[-1][0]] = seen.hashes
        days = {seen.day: seen.rows} if seen.day else {}
        return FileReport(
            file=path.name,
            delivery=delivery,
            table=self._contract.name,
            read=seen.rows,
            accepted=seen.rows,
            days=days,
        )

    def _look(self, path: Path) -> _Seen | None:
        if not _contract_form(parquet_schema(path), self._contract):
            return None
        stored = self._folder / f"{uuid.uuid4().hex}.parquet"
        if not self._target.dry:
            shutil.copyfile(path, stored)  # what is looked at is what is kept, whatever happens to the source
        seen = self._judge(path if self._target.dry else stored, stored)
        if (seen is None or seen.day is None) and not self._target.dry:
            stored.unlink()
        return seen

    def _judge(self, path: Path, stored: Path) -> _Seen | None:
        con = self._con.cursor()
        source = f"read_parquet({literal(exact(path))}, hive_partitioning = false)"
        try:
            ((bad,),) = con.execute(
                f"SELECT count(*) FROM {source} WHERE ({self._ok}) IS NOT TRUE"
            ).fetchall()
            ((rows, first, last),) = con.execute(
                f'SELECT count(*), min("{self._contract.dated_by}")::DATE::VARCHAR, '
                f'max("{self._contract.dated_by}")::DATE::VARCHAR FROM {source}'
            ).fetchall()
            hashes = self._keys(con, path)
        except duckdb.Error as cause:
            raise TruncatedParquet(file=path.name, cause=str(cause).split("\n")[0]) from cause
        finally:
            con.close()
        if bad or first != last or (hashes[1:] == hashes[:-1]).any():
            return None
        return _Seen(stored, rows, first, hashes)

    def _keys(self, con: Any, path: Path) -> Hashes:
        """Sorted 64-bit hashes of the keys. Two rows with one hash are looked at
        again row by row, never refused here.
        """
        held = parquet_schema(path).names
        key = ", ".join(key_column(self._contract, name, held) for name in self._contract.key)
        names = ", ".join(quoted(name) for name in self._contract.key)
        hashes = con.execute(
            f"SELECT hash({names}) AS h FROM (SELECT {key} "
            f"FROM read_parquet({literal(exact(path))}, hive_partitioning = false))"
        ).fetchnumpy()["h"]
        hashes.sort()
        return hashes

    def _collides(self, seen: _Seen) -> bool:
        """Whether another file of the day may have one of the keys."""
        assert seen.day is not None  # noqa: S101
        if seen.day != self._day:
            self._day, self._hashes = seen.day, {}
        for rival, _ in self._target.others(seen.day):
            if rival not in self._hashes:
                self._hashes[rival] = self._keys(self._con, rival)
            if np.isin(seen.hashes, self._hashes[rival], assume_unique=True).any():
                return True
        return False


def _known(con: Any, contract: Contract) -> str:
    """The condition that the subscriber is known: a range where the numbers are dense, else a look-up."""
    if not contract.refers:
        return '"subscriber" >= 0'
    ((low, high, count),) = con.execute(
        "SELECT min(subscriber), max(subscriber), count(*) FROM known_subscriber"
    ).fetchall()
    if not count:
        return "false"
    if count == high - low + 1:
        return f'"subscriber" BETWEEN {low} AND {high}'
    return f'"subscriber" BETWEEN {low} AND {high} AND "subscriber" IN (FROM known_subscriber)'


def _contract_form(schema: pa.Schema, contract: Contract) -> bool:
    """Whether names, order and types are the contract's; texts may be stored as dictionaries."""
    if schema.names != contract.schema.names:
        return False
    return all(
        _plain(found.type) == wanted.type for found, wanted in zip(schema, contract.schema, strict=True)
    )


def _plain(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return pa.string() if pa.types.is_large_string(kind) else kind
