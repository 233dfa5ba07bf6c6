"""Full snapshots: deliveries that name everybody who is there on their day, so that
who is missing has left (docs/adr/0040). Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from telewave.kernel import Conflict
from telewave.kernel.intervals import wilson
from telewave.records.contracts import HOLDINGS, SUBSCRIBERS

MANY_MISSING = 0.1
"""No more of those who were there than this share are missing from a snapshot that is whole."""
FEWEST_JUDGED = 20
"""Of fewer any share may be missing, or refused: it tells nothing about the file."""
MOST_NAMED = 20_000
"""Of more people with refused rows a snapshot lets nobody leave: the manifest, which every command reads, keeps their
numbers.
"""
SAID = "snapshot"
"""Fact of a delivery that is a full snapshot: `named`, the subscribers of refused rows,
and `doubts`, refused rows by which it is none.
"""
FULL = (SUBSCRIBERS.name, HOLDINGS.name)
"""Tables of which a file may be a full snapshot: what they hold has an end."""
MEANT = "fewer"
"""Fact of the table: the days of snapshots of which somebody has said that so many are really missing."""

ABSENT = "/absent"
"""What follows the name of a delivery where its absences, not its rows, brought a part. No file's name has a slash in
it.
"""


def told_by_absence(delivery: str) -> str:
    """The origin of what the full snapshot `delivery` says by absence."""
    return f"{delivery}{ABSENT}"


def brought_by(origin: str) -> str:
    """The delivery that helps where a part of this origin is damaged.

    >>> brought_by("september/absent"), brought_by("september")
    ('september', 'september')
    """
    return origin.removesuffix(ABSENT)


class SnapshotCutShort(Conflict):
    """Of {known} entries of {before}, {missing} are missing from the full snapshot of {day} ({snapshot}), as if it had
    been cut short. If it comes in several files, give all of them in one command; if `recorded_on` is not the day of
    the snapshot, correct the mapping; if so many have really left, add --fewer. Nothing was changed.
    """

    code = "snapshot_cut_short"


def doubts(unread: int, refused: int, read: int, named: int = 0) -> int:
    """Refused rows by which a snapshot lets nobody leave: those of which it cannot be said whose they are, else all if
    they are many, or of more people than are kept (`named`).

    >>> doubts(0, 1, 3), doubts(1, 1, 3), doubts(0, 300, 1_000), doubts(0, 25_000, 1_000_000, 25_000)
    (0, 1, 300, 25000)
    """
    if unread:
        return unread
    if named > MOST_NAMED:
        return refused
    many = read >= FEWEST_JUDGED and refused and wilson(refused, read).low > MANY_MISSING
    return refused if many else 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Naming:
    """What a full snapshot says beside its good rows. `named`: subscribers of whom it has a refused row, who are there
    as before; `doubts`: refused rows by which nobody can be said to have left, 0 for a sound one.
    """

    named: tuple[int, ...]
    doubts: int

    @classmethod
    def of(cls, named: Sequence[int], *, unread: int, refused: int, read: int) -> Naming:
        """What is kept of `refused` of the `read` rows, which are of the people `named` (one more than `MOST_NAMED`
        tells of more) and, `unread` of them, of nobody who can be told.

        >>> Naming.of([7], unread=0, refused=1, read=3), Naming.of(range(25_000), unread=0, refused=25_000, read=10**6)
        (Naming(named=(7,), doubts=0), Naming(named=(), doubts=25000))
        """
        kept = tuple(named) if len(named) <= MOST_NAMED else ()
        return cls(named=kept, doubts=doubts(unread, refused, read, len(named)))

    @property
    def facts(self) -> dict[str, Any]:
        """As the manifest keeps it."""
        return {"named": list(self.named), "doubts": self.doubts}


@dataclass(frozen=True, slots=True)
class Day:
    """A day that has a full snapshot: the deliveries that are it together, whom
    their refused rows name, and their doubts.
    """

    deliveries: tuple[str, ...]
    named: tuple[int, ...]
    doubts: int


def days_of(deliveries: Mapping[str, Mapping[str, Any]]) -> dict[str, Day]:
    """The days of full snapshots, in their order: all full deliveries that have rows of a day are its snapshot
    together.
    """
    full = {name: entry for name, entry in sorted(deliveries.items()) if SAID in entry}
    found = {}
    for day in sorted({day for entry in full.values() for day in entry["days"]}):
        of_day = {name: entry[SAID] for name, entry in full.items() if day in entry["days"]}
        named = sorted({number for said in of_day.values() for number in said["named"]})
        found[day] = Day(tuple(of_day), tuple(named), sum(said["doubts"] for said in of_day.values()))
    return found


def too_many(missing: int, known: int) -> bool:
    """Whether so many are missing that the snapshot was rather cut short.

    >>> too_many(1, 3), too_many(40, 1_000), too_many(150, 1_000)
    (False, False, True)
    """
    return known >= FEWEST_JUDGED and wilson(min(missing, known), known).low > MANY_MISSING
