"""Days as a person writes them on the command line."""

from __future__ import annotations

from datetime import date

from telewave.kernel import Malformed


class UnreadableDate(Malformed):
    """The date {value!r} cannot be read. Write it as year-month-day, for example 2026-07-01."""

    code = "unreadable_date"


def parse_day(value: str) -> date:
    """The day written as year-month-day. Raises `UnreadableDate`.

    >>> parse_day("2026-07-01")
    datetime.date(2026, 7, 1)
    """
    try:
        return date.fromisoformat(value.strip())
    except ValueError as cause:
        raise UnreadableDate(value=value) from cause
