"""Calendar months as the operator bills them. Days are the operator's local days."""

from __future__ import annotations

import calendar
from datetime import date, timedelta


def add_months(day: date, months: int) -> date:
    """The same day of another month, or that month's last day where it is shorter.

    >>> add_months(date(2026, 3, 31), -1)
    datetime.date(2026, 2, 28)
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def month_window(as_of: date, months_back: int) -> tuple[date, date]:
    """The half-open days [start, end) of the month that lies `months_back` whole months before `as_of`.

    Window 0 is the month that ends the day before `as_of`: nothing of `as_of` itself or later is in it.

    >>> month_window(date(2026, 7, 1), 0)
    (datetime.date(2026, 6, 1), datetime.date(2026, 7, 1))
    """
    return add_months(as_of, -months_back - 1), add_months(as_of, -months_back)


def days(start: date, end: date) -> list[date]:
    """Every day of the half-open range [start, end)."""
    return [start + timedelta(n) for n in range((end - start).days)]
