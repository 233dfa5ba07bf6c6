"""The warehouse: immutable Parquet files in tables and partitions; a change becomes visible at once and whole.

A table is a folder with a `manifest.json` that names the files of each partition. New files are written aside under
names of their own; one atomic rename of the manifest makes them the table's. A process killed at any moment
leaves the old manifest or the new one, and files that no manifest names, which `vacuum` removes.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from telewave.kernel import Missing
from telewave.platform.engine import Engine


class NoSuchPartition(Missing):
    """The table {table} has no partition {partition}. Build or ingest it first."""


@dataclass(frozen=True, slots=True)
class DataFile:
    """One Parquet file of a partition. `origin` says which delivery or job wrote it."""

    path: str
    rows: int
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a table consists of at one version: its partitions' files and free `facts` about them."""

    version: int = 0
    partitions: Mapping[str, tuple[DataFile, ...]] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Rows of all partitions together."""
        return sum(file.rows for files in self.partitions.values() for file in files)


class Change:
    """A change of one table under way: files are added aside, and nothing shows until it ends well."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self._folder = folder
        self._before = manifest
        self.partitions: dict[str, tuple[DataFile, ...]] = dict(manifest.partitions)
        self.facts: dict[str, Any] = dict(manifest.facts)

    def new_file(self, partition: str) -> Path:
        """A path of its own, aside, for the caller to write a Parquet file to."""
        folder = self._folder / "data" / partition
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{uuid.uuid4().hex}.parquet"

    def set(self, partition: str, files: Mapping[Path, str]) -> None:
        """Make `files` (path to origin) the whole of `partition`; no files removes the partition."""
        self.partitions.pop(partition, None)
        if files:
            self.partitions[partition] = tuple(self._data_file(p, o) for p, o in files.items())

    def add(self, partition: str, file: Path, origin: str) -> None:
        """Add `file` to `partition`."""
        kept = self.partitions.get(partition, ())
        self.partitions[partition] = (*kept, self._data_file(file, origin))

    def drop_origin(self, partition: str, origin: str) -> None:
        """Take the files of `origin` out of `partition`."""
        kept = tuple(f for f in self.partitions.get(partition, ()) if f.origin != origin)
        self.partitions.pop(partition, None)
        if kept:
            self.partitions[partition] = kept

    def _data_file(self, path: Path, origin: str) -> DataFile:
        rows = pq.read_metadata(path).num_rows
        return DataFile(str(path.relative_to(self._folder)), rows, origin)

    def result(self) -> Manifest:
        """The manifest after the change."""
        ordered = dict(sorted(self.partitions.items()))
        return Manifest(self._before.version + 1, ordered, self.facts)


class Warehouse:
    """All tables under one folder, read and written through one engine."""

    def __init__(self, root: Path, engine: Engine) -> None:
        self.root = root
        self.engine = engine

    def tables(self) -> list[str]:
        """Names of the tables that exist, sorted."""
        return sorted(path.parent.name for path in self.root.glob("*/manifest.json"))

    def manifest(self, table: str) -> Manifest:
        """The table's present version; an unknown table is an empty one."""
        try:
            raw = json.loads((self.root / table / "manifest.json").read_text())
        except FileNotFoundError:
            return Manifest()
        partitions = {
            key: tuple(DataFile(**file) for file in files) for key, files in raw["partitions"].items()
        }
        return Manifest(raw["version"], partitions, raw["facts"])

    def files(self, table: str, wanted: Callable[[str], bool] = lambda _: True) -> list[Path]:
        """Paths of the present files of the partitions whose key is `wanted`."""
        folder = self.root / table
        return [
            folder / file.path
            for key, files in self.manifest(table).partitions.items()
            if wanted(key)
            for file in files
        ]

    def read(self, table: str, schema: pa.Schema, wanted: Callable[[str], bool] = lambda _: True) -> ir.Table:
        """The rows of the partitions whose key is `wanted`, as a relation with the columns of `schema`."""
        return self.engine.read(self.files(table, wanted), schema)

    @contextmanager
    def change(self, table: str) -> Iterator[Change]:
        """Change a table; on a clean end the new version becomes visible in one step, on an error nothing does.

        One writer a table at a time: a second waits.
        """
        folder = self.root / table
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            change = Change(folder, self.manifest(table))
            yield change
            _switch(folder, change.result())

    def vacuum(self, table: str, older_than_s: float = 86_400) -> int:
        """Remove files that no version names and that are older than `older_than_s` seconds; returns how many."""
        folder = self.root / table
        named = {file.path for files in self.manifest(table).partitions.values() for file in files}
        stale = [
            path
            for path in folder.glob("data/*/*")
            if str(path.relative_to(folder)) not in named
            and time.time() - path.stat().st_mtime >= older_than_s
        ]
        for path in stale:
            path.unlink()
        return len(stale)


def _switch(folder: Path, manifest: Manifest) -> None:
    """Write the manifest aside, force it to disk, rename it over the old one."""
    aside = folder / f"manifest.{uuid.uuid4().hex}.tmp"
    with aside.open("w") as out:
        json.dump(asdict(manifest), out, ensure_ascii=False, indent=1)
        out.flush()
        os.fsync(out.fileno())
    aside.replace(folder / "manifest.json")
