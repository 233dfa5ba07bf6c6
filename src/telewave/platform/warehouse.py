"""The warehouse: immutable Parquet files in tables and partitions; a change becomes visible at once and whole.

A table is a folder with a `manifest.json` that names the files of each partition. New files are written aside under
names of their own; one atomic rename of the manifest makes them the table's. A process killed at any moment
leaves the old manifest or the new one, and files that no manifest names. Every change of a table removes those that
have been out of use for a day, so that a reader of an earlier version can finish.

The manifest knows each file's size, rows and digest, and no file is read that is not what was written: see `parts`.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from telewave.kernel import Conflict, Message, Missing
from telewave.platform.engine import Engine
from telewave.platform.parts import DataFile, PartDamaged, content_fault, measured, size_fault

__all__ = ["Change", "DataFile", "Manifest", "PartDamaged", "Warehouse"]

RETIRED_S = 86_400


class ManifestSpoilt(Conflict):
    """The list of files of the table {table} cannot be read ({cause}). Restore {file} from the backup; or remove the folder that holds it, and build or ingest the table again."""


class ManifestLost(Conflict):
    """The table {table} has lost its list of files, while files of it are still there. Restore {file} from the backup; or remove the folder that holds it, and build or ingest the table again."""


class WarehouseUnwritable(Conflict):
    """The table {table} cannot be written: {cause}. See that there is room and that {folder} may be written to; what was there before stays."""


class NoSuchPartition(Missing):
    """The table {table} has no partition {partition}. Build or ingest it first."""


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
        return measured(self._folder, path, origin)

    def _completed(self, part: DataFile) -> DataFile:
        """A part that an earlier release wrote, with its size and digest; as it was if it is damaged already."""
        if part.digest or size_fault(self._folder, part) or content_fault(self._folder, part):
            return part
        found = measured(self._folder, self._folder / part.path, part.origin)
        return replace(part, size=found.size, digest=found.digest)

    def result(self) -> Manifest:
        """The manifest after the change."""
        ordered = {key: tuple(map(self._completed, parts)) for key, parts in sorted(self.partitions.items())}
        return Manifest(self._before.version + 1, ordered, self.facts)


def from_backup(table: str, partition: str, origin: str) -> Message:  # noqa: ARG001 - for tables of which nothing else is known
    """The remedy that helps with every part."""
    return Message("Restore the file from the backup.")


class Warehouse:
    """All tables under one folder, read and written through one engine.

    `remedy` says what helps when a part of a table (its name, partition and the part's origin) is damaged.
    """

    def __init__(
        self,
        root: Path,
        engine: Engine,
        force: Callable[[Path], None] | None = None,
        remedy: Callable[[str, str, str], Message] = from_backup,
    ) -> None:
        self.root = root
        self.engine = engine
        self._force = force or forced_to_disk
        self._remedy = remedy
        self._seen: set[tuple[str, str]] = set()

    def tables(self) -> list[str]:
        """Names of the tables that exist, sorted. Raises `ManifestSpoilt`."""
        named = (path.parent.name for path in self.root.glob("*/manifest.json"))
        return sorted(name for name in named if self.manifest(name).version)

    def manifest(self, table: str) -> Manifest:
        """The table's present version; an unknown table is an empty one. Raises `ManifestSpoilt`, `ManifestLost`."""
        path = self.root / table / "manifest.json"
        try:
            return _manifest(json.loads(path.read_text("utf-8")))
        except FileNotFoundError:
            if (self.root / table / "data").exists():
                raise ManifestLost(table=table, file=str(path)) from None
            return Manifest()
        except SPOILT as cause:
            raise ManifestSpoilt(table=table, file=str(path), cause=type(cause).__name__) from cause

    def files(self, table: str, wanted: Callable[[str], bool] = lambda _: True) -> list[Path]:
        """Paths of the present files of the partitions whose key is `wanted`. Raises `PartDamaged`."""
        present = self.manifest(table).partitions
        return self.paths(table, {key: parts for key, parts in present.items() if wanted(key)})

    def paths(self, table: str, partitions: Mapping[str, Iterable[DataFile]]) -> list[Path]:
        """Paths of the parts of these partitions, each looked at. Raises `PartDamaged` if one is not what was written."""
        folder, found = self.root / table, []
        for key, parts in partitions.items():
            for part in parts:
                if (fault := self.fault(table, part)) is not None:
                    raise self.damage(table, key, part, fault)
                found.append(folder / part.path)
        return found

    def fault(self, table: str, part: DataFile, *, whole: bool = False) -> Message | None:
        """What is wrong with a part; None for nothing. Its content is looked at once a process, and, if `whole`, to the last byte."""
        folder, name = self.root / table, (table, part.path)
        fault = size_fault(folder, part)
        if fault is None and (whole or name not in self._seen):
            fault = content_fault(folder, part, whole=whole)
        if fault is None:
            self._seen.add(name)
        return fault

    def damage(self, table: str, partition: str, part: DataFile, fault: Message) -> PartDamaged:
        """The error for a part with a fault, with what helps."""
        remedy = self._remedy(table, partition, part.origin)
        return PartDamaged(table=table, file=str(self.root / table / part.path), fault=fault, remedy=remedy)

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
            before = self._begun(table)
            change = Change(folder, before)
            yield change
            with _told(table, folder):
                self._switch(folder, before, change.result())
                self._vacuum(table)

    def _begun(self, table: str) -> Manifest:
        """The present version. A table that is new is given an empty one first: files without a manifest are then a loss, never a crash."""
        manifest, path = self.manifest(table), self.root / table / "manifest.json"
        if manifest.version == 0 and not path.exists():
            with _told(table, path.parent):
                self._name(path.parent, manifest)
        return manifest

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
        for path in filter(Path.exists, old - new):
            path.touch()  # its age counts from now on, since a reader may have begun just before
        self._name(folder, after)

    def _name(self, folder: Path, manifest: Manifest) -> None:
        aside = folder / f"manifest.{uuid.uuid4().hex}.tmp"
        aside.write_text(json.dumps(asdict(manifest), ensure_ascii=False, indent=1), "utf-8")
        self._force(aside)
        aside.replace(folder / "manifest.json")
        self._force(folder)


def forced_to_disk(path: Path) -> None:
    """Make a file or a folder outlast a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


SPOILT = (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError)


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
