"""The parts of a table, its Parquet files, and whether each still is what was written.

A part is immutable, so its size, its rows and its SHA-256 are known for good from the moment it is
written. Sizes are compared at every opening; rows, the place and a small part's digest once a process;
every digest when somebody asks for it (docs/adr/0025).
"""

from __future__ import annotations

import hashlib
import stat
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pyarrow as pa
import pyarrow.parquet as pq

from telewave.kernel import Conflict, Message

SMALL = 256 * 1024
"""Bytes up to which a part's digest is compared at its first opening: a third of a millisecond."""


class PartDamaged(Conflict):
    """The table {table} is damaged: its part {file} {fault}. {remedy}"""

    code = "part_damaged"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFile:
    """One Parquet file of a partition: `path` within the table's folder, `size` in bytes, `digest` its SHA-256.

    `origin` says which delivery or job wrote it. Manifests of earlier releases know neither size nor digest: 0 and "".
    """

    path: str
    rows: int
    origin: str = ""
    size: int = 0
    digest: str = ""

    def __post_init__(self) -> None:
        kinds = ((self.path, str), (self.rows, int), (self.origin, str), (self.size, int), (self.digest, str))
        if not all(isinstance(value, kind) for value, kind in kinds):
            raise TypeError(self.path)
        if not stays_inside(self.path):
            raise ValueError(self.path)


def stays_inside(path: str) -> bool:
    """Whether a part's path names a place inside the folder that it is relative to.

    >>> stays_inside("data/2026-07-01/1.parquet"), stays_inside("data/../../x"), stays_inside("")
    (True, False, False)
    """
    pure = PurePosixPath(path)
    return bool(pure.parts) and not pure.is_absolute() and ".." not in pure.parts and "\0" not in path


def measured(folder: Path, path: Path, origin: str) -> DataFile:
    """The part that the finished Parquet file `path` in the table's `folder` is."""
    rows = pq.read_metadata(path).num_rows
    return DataFile(
        path=str(path.relative_to(folder)),
        rows=rows,
        origin=origin,
        size=path.stat().st_size,
        digest=_digest(path),
    )


def size_fault(folder: Path, part: DataFile) -> Message | None:
    """What a glance shows: one system call a part. None where nothing is wrong."""
    try:
        found = (folder / part.path).stat()
    except (FileNotFoundError, NotADirectoryError):
        return Message("is gone")
    except OSError as cause:
        return Message("cannot be read ({cause})", cause=cause.strerror or type(cause).__name__)
    if not stat.S_ISREG(found.st_mode):
        return Message("is no file")
    if part.size and found.st_size != part.size:
        return Message("has {found} bytes where {size} were written", found=found.st_size, size=part.size)
    return None


def content_fault(folder: Path, part: DataFile, *, whole: bool = False) -> Message | None:
    """What reading shows: where the file lies, the rows its footer tells of, and of
    a small part (`whole`: of any) the digest.
    """
    path = folder / part.path
    try:
        if not path.resolve().is_relative_to(folder.resolve()):
            return Message("is a link that leads out of the table's folder")
        rows = pq.read_metadata(path).num_rows
        if rows != part.rows:
            return Message("holds {found} rows where {rows} were written", found=rows, rows=part.rows)
        if part.digest and (whole or part.size <= SMALL) and _digest(path) != part.digest:
            return Message("holds other data than was written")
    except (OSError, RuntimeError, pa.ArrowException) as cause:
        known = cause.strerror if isinstance(cause, OSError) else None
        return Message("cannot be read ({cause})", cause=known or type(cause).__name__)
    return None


def _digest(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
