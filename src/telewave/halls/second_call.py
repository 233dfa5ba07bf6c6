"""When a willing customer is called a second time, and when his reservation ends. Pure."""

from __future__ import annotations

from datetime import date, timedelta

from telewave.halls.model import MOST_CALLS, State, Waiting
from telewave.kernel import Malformed

DAYS_OPEN = 30
"""Days after which a reservation without an order lapses, and the customer is called again."""
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class NoSuchWeekday(Malformed):
    """{text!r} names no days of the week. Write two or three, such as mon,wed,fri."""

    code = "no_such_weekday"


def weekdays_read(text: str) -> tuple[int, ...]:
    """Days of the week, 0 for Monday. Raises `NoSuchWeekday`.

    >>> weekdays_read("fri, mon")
    (0, 4)
    """
    names = [one.strip().casefold() for one in text.split(",") if one.strip()]
    if not names or set(names) - set(WEEKDAYS):
        raise NoSuchWeekday(text=text)
    return tuple(sorted({WEEKDAYS.index(one) for one in names}))


def next_opening(after: date, weekdays: tuple[int, ...]) -> date:
    """The first day after `after` on which the clerks open the list.

    >>> next_opening(date(2026, 7, 8), (0, 4))  # a Wednesday
    datetime.date(2026, 7, 10)
    """
    return next(day for day in (after + timedelta(days=n) for n in range(1, 8)) if day.weekday() in weekdays)


def second_call_due(
    state: State, since: date, visit_on: date | None, weekdays: tuple[int, ...]
) -> date | None:
    """When the second call is due. `since`: the day of the reservation or of the last call. None: no (further) one,
    since he was reached, has come, or could not be reached `MOST_CALLS` times.

    An appointed day asks for a call before it; the list is opened on its days only, so that one may come too late: then
    the first opening after `since` is taken all the same.

    >>> second_call_due(Waiting(), date(2026, 7, 8), date(2026, 7, 14), (0, 4))
    datetime.date(2026, 7, 13)
    """
    if not isinstance(state, Waiting) or state.reached or state.calls >= MOST_CALLS:
        return None
    due = first = next_opening(since, weekdays)
    while visit_on is not None and (later := next_opening(due, weekdays)) < visit_on:
        due = later
    return due if state.calls == 0 else first


def ends_on(made_on: date) -> date:
    """The day on which a reservation made on `made_on` lapses.

    >>> ends_on(date(2026, 7, 8))
    datetime.date(2026, 8, 7)
    """
    return made_on + timedelta(days=DAYS_OPEN)
