"""What is kept of audiences: versions and snapshots. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from telewave.audiences.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of an audience, counted from 1; never changed once saved. `samples`:
    the outside table that it speaks of, if any.
    """

    name: str
    version: int
    created_at: datetime
    rule: Rule
    samples: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A membership frozen as of a date, in the warehouse table `audience.<name>`, partition `<as_of>`."""

    name: str
    version: int
    as_of: date
    taken_at: datetime
    members: int
