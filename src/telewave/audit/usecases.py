"""Verify the audit log against itself and against its anchors, and keep an anchor."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import sqlalchemy as sa

from telewave.audit import store
from telewave.audit.model import Action, Anchor, Entry, Finding, breaks
from telewave.kernel import Malformed
from telewave.platform.database import Database
from telewave.platform.files import make_private

BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)
"""The time of an anchor that is not kept."""
MOST_TOLD = 20
"""Breaks told; after one, many may follow from it."""


class AnchorUnreadable(Malformed):
    """Line {line} of {path} is no anchor of the audit log. Anchors are written by telewave audit verify alone: bring
    the file back from the copy that is kept apart, or delete the line if it was cut off while it was written.
    """

    code = "anchor_unreadable"


@dataclass(frozen=True, kw_only=True, slots=True)
class Verified:
    """What came of it. `end`: what the log says it ends with; `anchors`: how many it was compared with; `found`: at
    most `MOST_TOLD` breaks; `kept`: the anchor that was added, None: nothing new, or something is wrong. `revealed`: by
    the number of each reveal the digest of the subscribers whom it showed.
    """

    end: Anchor
    anchors: int
    found: tuple[Finding, ...]
    kept: Anchor | None
    revealed: Mapping[int, str]


def verify(database: Database, path: Path, now: datetime) -> Verified:
    """Read the whole log as of one moment, and compare; where all is sound and the log has grown, add an anchor to the
    file `path`, outside the database. Raises `AnchorUnreadable`, `OSError`.
    """
    looked = look_at(database, path)
    newest = max((one.sequence for one in anchors_in(path)), default=0)
    if looked.found or looked.end.sequence <= newest:
        return looked
    kept = replace(looked.end, at=now)
    _add(path, kept)
    return replace(looked, kept=kept)


def look_at(database: Database, path: Path) -> Verified:
    """The same, and keep nothing. Raises `AnchorUnreadable`."""
    anchors = anchors_in(path)
    revealed: dict[int, str] = {}
    with database.transaction() as connection:
        _as_of_one_moment(connection)
        end = store.anchor_of(connection, BEFORE_ALL)
        found = tuple(islice(breaks(_noting(store.pages(connection), revealed), end, anchors), MOST_TOLD))
    return Verified(end=end, anchors=len(anchors), found=found, kept=None, revealed=revealed)


def _noting(entries: Iterable[Entry], revealed: dict[int, str]) -> Iterator[Entry]:
    """The same entries; what each reveal among them tells is noted."""
    for entry in entries:
        if entry.action == Action.REVEALED and isinstance(key := entry.facts.get("reveal"), int):
            revealed[key] = str(entry.facts.get("numbers"))
        yield entry


def anchors_in(path: Path) -> list[Anchor]:
    """All anchors of the file; none where it is not there. Raises `AnchorUnreadable`."""
    if not path.exists():
        return []
    found = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        try:
            said = json.loads(line)
            at, sequence, digest = (
                datetime.fromisoformat(said["at"]),
                int(said["sequence"]),
                str(said["hash"]),
            )
        except (ValueError, TypeError, KeyError) as cause:
            raise AnchorUnreadable(line=number, path=path) from cause
        found.append(Anchor(at=at, sequence=sequence, hash=digest))
    return found


def _add(path: Path, anchor: Anchor) -> None:
    line = json.dumps({"at": anchor.at.isoformat(), "sequence": anchor.sequence, "hash": anchor.hash})
    new = not path.exists()
    with path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
        file.flush()
        os.fsync(file.fileno())
    if new:
        make_private(path)


def _as_of_one_moment(connection: sa.Connection) -> None:
    """What others add meanwhile is not seen: PostgreSQL is told so, SQLite's reader never does."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
