"""What happened in halls as records of contacts, which `telewave ingest` takes in, so that a campaign is measured with
it. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from telewave.halls.model import Standing
from telewave.halls.reservation_number import number_of
from telewave.kernel.figures import Cell

HEADERS = ("subscriber", "contacted_at", "channel", "offer", "disposition", "reached", "reference")
"""As the contract of contacts names its columns: the mapping file is `table: contacts`."""


@dataclass(frozen=True, slots=True)
class HallCounts:
    """A hall's share of a campaign: reservations made, of these who came, and who ordered there."""

    hall: str
    made: int
    came: int
    ordered: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A line of a reservation's log, with whose it is."""

    serial: int
    subscriber: int
    offer: str
    at: datetime
    state: Standing


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """One contact in a hall."""

    subscriber: int
    at: datetime
    offer: str
    disposition: str
    reference: str


def recorded_visits(entries: Sequence[Entry], since: datetime) -> list[Recorded]:
    """A contact for each arrival from `since` on: ordered, where that is what the visit ended with. `entries`: by
    reservation, in the order of its log.
    """
    found: list[Recorded] = []
    for k, one in enumerate(entries):
        if one.state is Standing.AT_WINDOW and one.at >= since:
            after = entries[k + 1] if k + 1 < len(entries) else None
            ordered = after is not None and after.serial == one.serial and after.state is Standing.ORDERED
            found.append(
                Recorded(
                    subscriber=one.subscriber,
                    at=one.at,
                    offer=one.offer,
                    disposition="ordered" if ordered else "visited",
                    reference=str(number_of(one.serial)),
                )
            )
    return found


def lines_of(
    found: Sequence[Recorded], numbers: Sequence[str | None], zone: tzinfo
) -> Iterator[tuple[Cell, ...]]:
    """Cells as `HEADERS`, a line each for who has a number."""
    for one, number in zip(found, numbers, strict=True):
        if number is not None:
            when = one.at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
            yield number, when, "hall", one.offer, one.disposition, "true", one.reference
