"""What ingest reports: values that add up. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from telewave.kernel import Message

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file: `accepted` + the refused = `read`. `problem` is set where the file as a whole was refused.

    `repaired`: accepted rows with at least one repair; `repairs`: rows by repair code; `refused`: rows by
    (reason code, column); `days`: accepted rows by day (or "all"); `blank`: empty lines, which are no rows.
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
    blank: int = 0
    ignored_columns: tuple[str, ...] = ()
    unchanged: bool = False
    problem: Message | None = None
    code: str = ""
    notes: tuple[Message, ...] = ()

    @property
    def rows_refused(self) -> int:
        """Rows in quarantine."""
        return sum(self.refused.values())


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What a check found or an ingest did, for one table. `dry`: nothing was written."""

    table: str
    files: tuple[FileReport, ...]
    dry: bool

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
        return _added(file.refused for file in self.files)

    @property
    def rows_refused(self) -> int:
        """Rows in quarantine."""
        return sum(file.rows_refused for file in self.files)

    @property
    def days(self) -> Mapping[str, int]:
        """Accepted rows by day."""
        return _added(file.days for file in self.files)

    @property
    def problems(self) -> tuple[FileReport, ...]:
        """Files refused as a whole."""
        return tuple(file for file in self.files if file.problem is not None)


def _added(parts: Iterable[Mapping[Key, int]]) -> dict[Key, int]:
    total: dict[Key, int] = {}
    for part in parts:
        for key, rows in part.items():
            total[key] = total.get(key, 0) + rows
    return total
