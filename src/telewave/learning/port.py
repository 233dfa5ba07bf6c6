"""What a kind of learnt document must be able to do to be learnt anew, judged, and put to use."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from telewave.kernel.history import Use
from telewave.learning.model import Judged, Sort, Table, Version
from telewave.platform.home import Home
from telewave.platform.progress import Progress, Silent


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What to learn from: records before `as_of` (None: what leaves enough to judge by), from `since` on (None: as the
    version in use), and by the draw of a
    `campaign`, where the kind learns what a contact adds (empty: as the version in use). `catalogue`: file
    of the offers, where the kind knows offers.
    """

    as_of: date | None = None
    since: date | None = None
    campaign: str = ""
    catalogue: Path | None = None
    progress: Progress = field(default_factory=Silent)


class Anew(Protocol):
    """A challenger that is learnt and not kept yet, beside the champion."""

    @property
    def champion(self) -> int:
        """The number of the version in use."""

    @property
    def since(self) -> date:
        """The first day of the records that it was learnt from."""

    @property
    def as_of(self) -> date:
        """The day before which it was learnt."""

    @property
    def usable(self) -> bool:
        """Whether it says by itself that it may be used."""

    def keep(self) -> int:
        """Keep it as the next version; with its number."""

    def judge(self) -> Judged:
        """What the records after both were learnt say of both."""


class Learnt(Protocol):
    """A kind of learnt document. Each raises its capability's own errors of what is missing or damaged."""

    sort: Sort

    def names(self, home: Home) -> list[str]:
        """All names under which something is kept."""

    def versions(self, home: Home, name: str) -> list[Version]:
        """All versions, the oldest first."""

    def used(self, home: Home, name: str) -> int:
        """The version that plans use now."""

    def uses(self, home: Home, name: str) -> list[Use]:
        """Every time that one was put to use on purpose, the oldest first."""

    def put_to_use(self, home: Home, name: str, use: Use, after: int) -> None:
        """Use it from now on; `after`: how many uses there were when that was decided. Raises `FileIsThere`."""

    def learnt_anew(self, home: Home, name: str, ask: Ask) -> Anew:
        """Learn from what was known before the day asked."""

    def load(self, home: Home, name: str, version: int) -> Any:
        """What that version says, for `changes`."""

    def changes(self, champion: Any, challenger: Any) -> Table:
        """What differs between two versions."""
