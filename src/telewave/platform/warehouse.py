"""The warehouse: immutable Parquet files in tables and partitions; a change becomes visible at once and whole.

A table is a folder with a `manifest.json` that names the files of each partition. New files are written aside under
names of their own; one atomic rename of the manifest makes them the table's. A process killed at any moment
leaves the old manifest or the new one, and files that no manifest names. Every change of a table removes those that
have been out of use for a day, so that a reader of an earlier version can finish.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
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

from telewave.kernel import Conflict, Missing
from telewave.platform.engine import Engine

RETIRED_S = 86_400


class ManifestSpoilt(Conflict):
    """The list of files of the table {table} cannot be read ({cause}). Restore {file} from the backup; or remove the folder that holds it, and build or ingest the table again."""


class WarehouseUnwritable(Conflict):
    """The table {table} cannot be written: {cause}. See that there is room and that {folder} may be written to; what was there before stays."""


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

    def __init__(self, root: Path, engine: Engine, force: Callable[[Path], None] | None = None) -> None:
        self.root = root
        self.engine = engine
        self._force = force or forced_to_disk

    def tables(self) -> list[str]:
        """Names of the tables that exist, sorted."""
        return sorted(path.parent.name for path in self.root.glob("*/manifest.json"))

    def manifest(self, table: str) -> Manifest:
        """The table's present version; an unknown table is an empty one. Raises `ManifestSpoilt`."""
        path = self.root / table / "manifest.json"
        try:
            return _manifest(json.loads(path.read_text("utf-8")))
        except FileNotFoundError:
            return Manifest()
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as cause:
            raise ManifestSpoilt(table=table, file=str(path), cause=type(cause).__name__) from cause

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

        One writer a table at a time: a second waits. Raises `WarehouseUnwritable`, `ManifestSpoilt`.
        """
        folder = self.root / table
        with self.locked(table):
            before = self.manifest(table)
            change = Change(folder, before)
            yield change
            with _told(table, folder):
                self._switch(folder, before, change.result())
                self._vacuum(table)

    @contextmanager
    def locked(self, table: str) -> Iterator[None]:
        """Keep writers of the table waiting. Raises `WarehouseUnwritable`."""
        folder = self.root / table
        with _told(table, folder):
            folder.mkdir(parents=True, exist_ok=True)
            lock = (folder / ".lock").open("w")
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def vacuum(self, table: str, older_than_s: float = RETIRED_S) -> int:
        """Remove files that no version has named for `older_than_s` seconds; returns how many. A writer is waited for."""
        with self.locked(table):
            return self._vacuum(table, older_than_s)

    def _vacuum(self, table: str, older_than_s: float = RETIRED_S) -> int:
        folder = self.root / table
        named = _paths(folder, self.manifest(table))
        limit = time.time() - older_than_s
        found = (*folder.glob("data/*/*"), *folder.glob("manifest.*.tmp"))
        stale = [path for path in found if path not in named and path.stat().st_mtime <= limit]
        for path in stale:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        return len(stale)

    def _switch(self, folder: Path, before: Manifest, after: Manifest) -> None:
        """Force the new files to disk, write the manifest aside, force it too, rename it over the old one."""
        old, new = _paths(folder, before), _paths(folder, after)
        written = new - old
        folders = {parent for path in written for parent in path.parents[:4]}  # partition, data, table, root
        for place in (*written, *folders):
            self._force(place)
        aside = folder / f"manifest.{uuid.uuid4().hex}.tmp"
        aside.write_text(json.dumps(asdict(after), ensure_ascii=False, indent=1), "utf-8")
        self._force(aside)
        for path in filter(Path.exists, old - new):
            path.touch()  # its age counts from now on, since a reader may have begun just before
        aside.replace(folder / "manifest.json")
        self._force(folder)


def forced_to_disk(path: Path) -> None:
    """Make a file or a folder outlast a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _manifest(raw: Mapping[str, Any]) -> Manifest:
    partitions = {key: tuple(DataFile(**file) for file in files) for key, files in raw["partitions"].items()}
    return Manifest(raw["version"], partitions, raw["facts"])


def _paths(folder: Path, manifest: Manifest) -> set[Path]:
    return {folder / file.path for files in manifest.partitions.values() for file in files}


@contextmanager
def _told(table: str, folder: Path) -> Iterator[None]:
    """What the file system refuses, as a sentence."""
    try:
        yield
    except OSError as cause:
        raise WarehouseUnwritable(
            table=table, folder=str(folder), cause=cause.strerror or type(cause).__name__
        ) from cause
