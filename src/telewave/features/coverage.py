"""Coverage: what of the windows of a wide table is on record, told by the days that have records. Pure.

A day or month without records where the source's rhythm expects some is missing, not empty. Windows that the records
do not reach back over are unknown, and with them every feature that looks back so far.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from telewave.features.feature import WINDOWS
from telewave.features.folding import MONTHS
from telewave.features.measures import Rhythm, Source
from telewave.kernel import Message
from telewave.kernel.periods import days, month_window


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """One source as of a date.

    `begins`: first day of its records, None without any. `missing`: days since then in the months looked back on that
    lack the records they should have. `known`: the windows, in months, of which the records tell the whole or all but
    `missing`. `lacking`: the days without records of a window that lacks most of its days: the last month, or any of
    `known`, of a source that has some every day.
    """

    source: Source
    begins: date | None
    missing: tuple[date, ...]
    known: frozenset[int]
    lacking: tuple[date, ...] = ()


def covered(source: Source, recorded: Collection[date], as_of: date) -> Coverage:
    """What the days `recorded` of a source cover of the windows as of `as_of`; later days do not count."""
    past = {day for day in recorded if day < as_of}
    begins = min(past, default=None)
    if begins is None:
        return Coverage(source=source, begins=None, missing=(), known=frozenset())
    months = [days(*month_window(as_of, back)) for back in range(MONTHS)]
    known = frozenset(window for window in WINDOWS if _whole(source.rhythm, past, begins, months[:window]))
    missing = tuple(day for day in sorted(_missing(source.rhythm, past, months)) if day > begins)
    daily = source.rhythm is Rhythm.DAILY
    lacking = next(filter(None, (_most(past, months[:m]) for m in sorted({1, *known}))), ()) if daily else ()
    return Coverage(source=source, begins=begins, missing=missing, known=known, lacking=lacking)


def _whole(rhythm: Rhythm, past: set[date], begins: date, months: list[list[date]]) -> bool:
    """Whether records go back over `months`, the latest first."""
    match rhythm:
        case Rhythm.DAILY:
            return begins <= months[-1][0]
        case Rhythm.MONTHLY:
            return not any(past.isdisjoint(month) for month in months)
        case Rhythm.OCCASIONAL:
            return begins <= months[-1][-1]


def _missing(rhythm: Rhythm, past: set[date], months: list[list[date]]) -> Iterator[date]:
    for month in months:
        if rhythm is Rhythm.DAILY or (rhythm is Rhythm.MONTHLY and past.isdisjoint(month)):
            yield from set(month) - past


def _most(past: set[date], months: list[list[date]]) -> tuple[date, ...]:
    """The days of `months` without records, if they are most of them."""
    every = {day for month in months for day in month}
    without = every - past
    return tuple(sorted(without)) if 2 * len(without) > len(every) else ()


def remarks(coverage: Coverage, as_of: date) -> Iterator[Message]:
    """What a person must know of a source before reading features of it; nothing where all is there."""
    table = coverage.source.contract
    if coverage.begins is None:
        yield Message(
            "No {table} before {as_of}: every feature of them is unknown.", table=table, as_of=as_of
        )
        return
    if coverage.missing:
        yield Message(
            "No {table} on {count} days: {days}. Ingest them and build again.",
            table=table,
            count=len(coverage.missing),
            days=ranges(coverage.missing),
        )
        if coverage.known and coverage.source.rhythm is Rhythm.DAILY:
            yield Message("Until then counts and sums of {table} are too low.", table=table)
    if coverage.known < WINDOWS.keys():
        yield Message(
            "The {table} from {begins} on do not fill {months}: features that look back so far are unknown.",
            table=table,
            begins=coverage.begins,
            months=Message("three months") if coverage.known else Message("one month"),
        )


def ranges(missing: Iterable[date]) -> str:
    """Days, in order, with those that follow each other as a range.

    >>> ranges([date(2026, 3, 1), date(2026, 3, 8), date(2026, 3, 9)])
    '2026-03-01, 2026-03-08–2026-03-09'
    """
    runs: list[tuple[date, date]] = []
    for day in missing:
        if runs and day == runs[-1][1] + timedelta(1):
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return ", ".join(str(low) if low == high else f"{low}–{high}" for low, high in runs)
