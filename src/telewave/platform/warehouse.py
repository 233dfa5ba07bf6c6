"""The warehouse: immutable Parquet files in tables and partitions; a change becomes visible at once and whole.

A table is a folder with a `manifest.json` that names the files of each partition. New files are written aside under
names of their own; one atomic rename of the manifest makes them the table's. A process killed at any moment
leaves the old manifest or the new one, and files that no manifest names. Every change of a table removes those that
have been out of use for a day, so that a reader of an earlier version can finish.

The manifest knows each file's size, rows and digest, and no file is read that is not what was written: see `parts`.
"""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from telewave.kernel import Conflict, Message, Missing
from telewave.platform.clock import Clock
from telewave.platform.engine import Engine
from telewave.platform.files import make_private, own_folder
from telewave.platform.locks import LONGEST_WAIT_S, held
from telewave.platform.merging import merged_facts, merged_partitions
from telewave.platform.parts import DataFile, PartDamaged, content_fault, measured, size_fault

__all__ = ["Change", "DataFile", "Manifest", "PartDamaged", "Warehouse"]

RETIRED_S = 86_400
LOCK, TURN = ".lock", ".turn"
FORCED_TOGETHER = 16
"""Files forced to disk at a time: 200 take 0.05 s so, and 1 s one after the other."""


class ManifestSpoilt(Conflict):
    """The list of files of the table {table} cannot be read ({cause}). Restore {file} from the backup; or remove the
    folder that holds it, and build or ingest the table again.
    """

    code = "manifest_spoilt"


class ManifestLost(Conflict):
    """The table {table} has lost its list of files, while files of it are still there. Restore {file} from the backup;
    or remove the folder that holds it, and build or ingest the table again.
    """

    code = "manifest_lost"


class WarehouseUnwritable(Conflict):
    """The table {table} cannot be written: {cause}. See that there is room and that {folder} may
    be written to; what was there before stays.
    """

    code = "warehouse_unwritable"


class NoSuchPartition(Missing):
    """The table {table} has no partition {partition}. Build or ingest it first."""

    code = "no_such_partition"


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
        self._replaced: set[str] = set()

    def new_file(self, partition: str) -> Path:
        """A path of its own, aside, for the caller to write a Parquet file to."""
        folder = own_folder(self._folder / "data" / partition)
        return folder / f"{uuid.uuid4().hex}.parquet"

    def set(self, partition: str, files: Mapping[Path, str]) -> None:
        """Make `files` (path to origin) the whole of `partition`; no files removes the partition."""
        self.partitions.pop(partition, None)
        self._replaced.add(partition)
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

    def completed(self) -> Mapping[DataFile, DataFile]:
        """The parts that an earlier release wrote, each with its size and digest;
        without those that are damaged already.
        """
        kept = (part for parts in self.partitions.values() for part in parts if not part.digest)
        return {part: self._completed(part) for part in kept if not _faulty(self._folder, part)}

    def _completed(self, part: DataFile) -> DataFile:
        found = measured(self._folder, self._folder / part.path, part.origin)
        return replace(part, size=found.size, digest=found.digest)

    def result(self) -> Manifest:
        """The manifest after the change."""
        return Manifest(self._before.version + 1, dict(sorted(self.partitions.items())), self.facts)

    def written(self) -> frozenset[Path]:
        """The files that are new."""
        return _paths(self._folder, self.result()) - _paths(self._folder, self._before)

    def result_after(self, present: Manifest, completed: Mapping[DataFile, DataFile]) -> Manifest:
        """The manifest after the change, where others changed the table to `present` since this change began."""
        after = self.result()
        if present.version != self._before.version:
            before = self._before
            partitions = merged_partitions(
                before.partitions, after.partitions, present.partitions, self._replaced
            )
            facts = merged_facts(before.facts, after.facts, present.facts)
            after = Manifest(present.version + 1, dict(sorted(partitions.items())), facts)
        known = {key: tuple(completed.get(p, p) for p in parts) for key, parts in after.partitions.items()}
        return replace(after, partitions=known)


def from_backup(table: str, partition: str, origin: str) -> Message:  # noqa: ARG001 - for tables of which nothing else is known
    """The remedy that helps with every part."""
    return Message("Restore the file from the backup.")


class Warehouse:
    """All tables under one folder, read and written through one engine.

    `remedy` says what helps when a part of a table (its name, partition and the part's origin) is damaged. `clock`
    dates the owners of locks; a lock is waited for at most `longest_wait_s` seconds.
    """

    def __init__(
        self,
        root: Path,
        engine: Engine,
        force: Callable[[Path], None] | None = None,
        *,
        remedy: Callable[[str, str, str], Message] = from_backup,
        clock: Clock | None = None,
        longest_wait_s: float = LONGEST_WAIT_S,
    ) -> None:
        self.root = root
        self.engine = engine
        self._force = force or forced_to_disk
        self._remedy = remedy
        self._clock = clock or Clock()
        self._longest_wait_s = longest_wait_s
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

    def mark(self, tables: Iterable[str]) -> str:
        """A text that is another one as soon as any of the tables has changed. Costs a look at a file each."""
        found = []
        for table in sorted(tables):
            try:
                about = (self.root / table / "manifest.json").stat()
            except FileNotFoundError:
                continue
            found.append(f"{table} {about.st_ino} {about.st_mtime_ns} {about.st_size}")
        return ", ".join(found)

    def files(self, table: str, wanted: Callable[[str], bool] = lambda _: True) -> list[Path]:
        """Paths of the present files of the partitions whose key is `wanted`. Raises `PartDamaged`."""
        present = self.manifest(table).partitions
        return self.paths(table, {key: parts for key, parts in present.items() if wanted(key)})

    def paths(self, table: str, partitions: Mapping[str, Iterable[DataFile]]) -> list[Path]:
        """Paths of the parts of these partitions, each looked at. Raises
        `PartDamaged` if one is not what was written.
        """
        folder, found = self.root / table, []
        for key, parts in partitions.items():
            for part in parts:
                if (fault := self.fault(table, part)) is not None:
                    raise self.damage(table, key, part, fault)
                found.append(folder / part.path)
        return found

    def fault(self, table: str, part: DataFile, *, whole: bool = False) -> Message | None:
        """What is wrong with a part; None for nothing. Its content is looked at once a
        process, and, if `whole`, to the last byte.
        """
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

        Nobody waits while the files are written: the lock is held for the switch alone, and what others changed
        meanwhile stays, except in partitions that this change replaces. Who must find the table as it was when he began
        takes it in `turn` around the change. Raises `WarehouseUnwritable`, `ManifestSpoilt`, `HeldByAnother`.
        """
        folder = self.root / table
        change = Change(folder, self._begun(table))
        yield change
        with _told(table, folder):
            self._settle(folder, change.written())
            completed = change.completed()
        with self.locked(table):
            present = self.manifest(table)
            with _told(table, folder):
                self._switch(folder, present, change.result_after(present, completed))
                self._vacuum(table)

    def _begun(self, table: str) -> Manifest:
        """The present version. A table that is new is given an empty one first: files without a
        manifest are then a loss, never a crash.
        """
        path = self.root / table / "manifest.json"
        if path.exists():
            return self.manifest(table)
        with self.locked(table):
            manifest = self.manifest(table)
            if not path.exists():
                with _told(table, path.parent):
                    self._name(path.parent, manifest)
        return manifest

    @contextmanager
    def locked(self, table: str) -> Iterator[None]:
        """Keep the table's version as it is, for a moment. Raises `WarehouseUnwritable`, `HeldByAnother`."""
        with self._held(table, LOCK):
            yield

    @contextmanager
    def turn(self, table: str) -> Iterator[None]:
        """Keep others who take the table in turn waiting, for as long as the work
        takes: readers and other changes go on.

        Raises `WarehouseUnwritable`, `HeldByAnother`.
        """
        with self._held(table, TURN):
            yield

    @contextmanager
    def _held(self, table: str, name: str) -> Iterator[None]:
        folder = self.root / table
        with ExitStack() as stack:
            with _told(table, folder):
                file = own_folder(folder) / name
                what = Message("The table {table}", table=table)
                stack.enter_context(held(file, what, self._clock, self._longest_wait_s))
            yield

    def vacuum(self, table: str, older_than_s: float = RETIRED_S) -> int:
        """Remove files that no version has named for `older_than_s` seconds; returns how many. A writer is waited
        for.
        """
        with self.locked(table):
            return self._vacuum(table, older_than_s)

    def _vacuum(self, table: str, older_than_s: float = RETIRED_S) -> int:
        folder = self.root / table
        named = _paths(folder, self.manifest(table))
        now = (folder / LOCK).stat().st_mtime  # written a moment ago: ages are told by the disk's own clock
        found = (*folder.glob("data/*/*"), *folder.glob("manifest.*.tmp"))
        stale = [path for path in found if path not in named and path.stat().st_mtime <= now - older_than_s]
        for path in stale:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        return len(stale)

    def _settle(self, folder: Path, written: frozenset[Path]) -> None:
        """Force new files and their folders to disk, readable by their owner only."""
        folders = {folder.parent, folder} | {parent for path in written for parent in path.parents[:4]}
        places = [*written, *folders]  # partition, data, table, root
        for place in places:
            make_private(place)
        # Side by side: a disk writes what is asked for together in one go, one after the other each waits for its own.
        with ThreadPoolExecutor(min(len(places), FORCED_TOGETHER)) as forcing:
            list(forcing.map(self._force, places))

    def _switch(self, folder: Path, before: Manifest, after: Manifest) -> None:
        """Let `after` take the place of `before`; parts that it names no longer age from now on."""
        old, new = _paths(folder, before), _paths(folder, after)
        for path in filter(Path.exists, old - new):
            path.touch()  # its age counts from now on, since a reader may have begun just before
        self._name(folder, after)

    def _name(self, folder: Path, manifest: Manifest) -> None:
        aside = folder / f"manifest.{uuid.uuid4().hex}.tmp"
        aside.write_text(json.dumps(asdict(manifest), ensure_ascii=False, indent=1), "utf-8")
        make_private(aside)
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


def _faulty(folder: Path, part: DataFile) -> bool:
    return bool(size_fault(folder, part) or content_fault(folder, part))


SPOILT = (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError)


def _manifest(raw: Mapping[str, Any]) -> Manifest:
    partitions = {key: tuple(DataFile(**file) for file in files) for key, files in raw["partitions"].items()}
    return Manifest(raw["version"], partitions, raw["facts"])


def _paths(folder: Path, manifest: Manifest) -> frozenset[Path]:
    return frozenset(folder / file.path for files in manifest.partitions.values() for file in files)


@contextmanager
def _told(table: str, folder: Path) -> Iterator[None]:
    """What the file system refuses, as a sentence."""
    try:
        yield
    except OSError as cause:
        raise WarehouseUnwritable(
            table=table, folder=str(folder), cause=cause.strerror or type(cause).__name__
        ) from cause
