"""What ingest reports: values that add up. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from telewave.kernel import Message
from telewave.records.look import Look

Key = TypeVar("Key")


@dataclass(frozen=True, kw_only=True, slots=True)
class FileReport:
    """One file: `accepted` + the refused + `joined` (rows that continue another) = `read`. `problem` is
    set where the file as a whole was refused.

    `repaired`: accepted rows with at least one repair; `repairs`: rows by repair code; `refused`: rows by (reason code,
    column); `days`: accepted rows by day (or "all"); `replaced`: rows by day of the earlier version that this one takes
    the place of; `blank`: empty lines, which are no rows; `headers`: rows that repeat the header; `surplus`: lines
    whose empty cells beyond the last column were left out; `look`: what stands in it, where a check looked.
    """

    file: str
    delivery: str
    table: str
    read: int = 0
    accepted: int = 0
    repaired: int = 0
    repairs: Mapping[str, int] = field(default_factory=dict)
    refused: Mapping[tuple[str, str], int] = field(default_factory=dict)
    days: Mapping[str, int] = field(default_factory=dict)
    replaced: Mapping[str, int] = field(default_factory=dict)
    joined: int = 0
    blank: int = 0
    headers: int = 0
    surplus: int = 0
    ignored_columns: tuple[str, ...] = ()
    unchanged: bool = False
    problem: Message | None = None
    code: str = ""
    look: Look | None = field(default=None, compare=False)

    @property
    def rows_refused(self) -> int:
        """Rows in quarantine."""
        return sum(self.refused.values())

    def replacing(self, rows: Mapping[str, int]) -> FileReport:
        """The same, in place of `rows` by day."""
        return replace(self, replaced=rows)


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What a check found or an ingest did, for one table. `dry`: nothing was
    written. `notes`: what else is to be known.
    """

    table: str
    files: tuple[FileReport, ...]
    dry: bool
    notes: tuple[Message, ...] = ()

    @property
    def read(self) -> int:
        """Rows read."""
        return sum(file.read for file in self.files)

    @property
    def accepted(self) -> int:
        """Rows accepted."""
        return sum(file.accepted for file in self.files)

    @property
    def repaired(self) -> int:
        """Accepted rows that were put right."""
        return sum(file.repaired for file in self.files)

    @property
    def refused(self) -> Mapping[tuple[str, str], int]:
        """Refused rows by (reason code, column)."""
        return added(file.refused for file in self.files)

    @property
    def rows_refused(self) -> int:
        """Rows in quarantine."""
        return sum(file.rows_refused for file in self.files)

    @property
    def days(self) -> Mapping[str, int]:
        """Accepted rows by day."""
        return added(file.days for file in self.files)

    @property
    def look(self) -> Look | None:
        """What stands in the first file that was looked at."""
        return next(iter(self.looks), None)

    @property
    def looks(self) -> tuple[Look, ...]:
        """What stands in each file that was looked at."""
        return tuple(file.look for file in self.files if file.look is not None)

    @property
    def in_vain(self) -> tuple[FileReport, ...]:
        """Files that have rows, of which none was accepted."""
        return tuple(file for file in self.files if file.read and not file.accepted)

    @property
    def problems(self) -> tuple[FileReport, ...]:
        """Files refused as a whole."""
        return tuple(file for file in self.files if file.problem is not None)


def added(parts: Iterable[Mapping[Key, int]]) -> dict[Key, int]:
    """The counts of all parts, summed by key."""
    total: dict[Key, int] = {}
    for part in parts:
        for key, rows in part.items():
            total[key] = total.get(key, 0) + rows
    return total
