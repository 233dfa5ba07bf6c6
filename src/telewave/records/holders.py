"""Whose history is it? Which rows about one number speak of another holder, who is a line of his own
(docs/adr/0038).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

SETTLING_DAYS = 31
"""A day of activation that moves by no more is a correction: no number is given out again within a month of being given
back.
"""
EVER = date.min


@dataclass(frozen=True, kw_only=True, slots=True)
class Sighting:
    """What a row says of who holds the number. `customer` None: it does not say."""

    day: date
    customer: str | None
    activated_on: date
    ended_on: date | None = None


def another_holder(one: Sighting, other: Sighting) -> bool:
    """Whether two rows about a number speak of two holders.

    Two customers are two holders, whatever else is the same, and one customer is one. Where a row
    names none, the later one must have been activated more than a month after the earlier, and after
    the day on which that was still recorded.
    """
    if one.customer and other.customer:
        return one.customer.lstrip("0") != other.customer.lstrip("0")
    earlier, later = sorted((one, other), key=lambda sighting: sighting.day)
    moved = later.activated_on - earlier.activated_on
    return moved > timedelta(SETTLING_DAYS) and later.activated_on > earlier.day


@dataclass(frozen=True, slots=True)
class Line:
    """A holder's time with the number. `number` None: it is still to be given.
    `seen`: the rows about it, in the order of days.
    """

    number: int | None
    since: date
    seen: tuple[Sighting, ...] = ()

    def near(self, day: date) -> Sighting | None:
        """The last row up to `day`, else the first after it."""
        before = [one for one in self.seen if one.day <= day]
        return before[-1] if before else next(iter(self.seen), None)

    def with_row(self, row: Sighting, since: date) -> Line:
        """The line with one more row."""
        seen = sorted((*self.seen, row), key=lambda one: one.day)
        return replace(self, since=since, seen=tuple(seen))


@dataclass(slots=True)
class Lines:
    """The lines of one number in the order of their time; rows are told one after the other, the earliest first."""

    lines: list[Line]

    def tell(self, row: Sighting) -> int:
        """The place of the line that the row is about; a new one where another holder has the number."""
        seen = [place for place, line in enumerate(self.lines) if line.seen]
        if not seen:
            return self._attach(0, row)
        at = max((place for place in seen if self.lines[place].since <= row.day), default=seen[0])
        for place in self._asked(at, row):
            near = self.lines[place].near(row.day)
            if near is not None and not another_holder(near, row):
                return self._attach(place, row)
        near = self.lines[at].near(row.day)
        assert near is not None  # noqa: S101 - the line has been seen
        if near.day == row.day and near.ended_on is None:
            return self._attach(at, row)  # two holders on one day: the second row is a duplicate
        return self._before(at, row, near) if near.day > row.day else self._after(at, row, near)

    def _asked(self, at: int, row: Sighting) -> list[int]:
        """The lines that the row may be about, the likeliest first: a later one that began sooner than
        was known, one of before that has ended.
        """
        later = [at + 1] if at + 1 < len(self.lines) else []
        return [at, *later, *(reversed(range(at)) if row.ended_on else ())]

    def _attach(self, place: int, row: Sighting) -> int:
        line = self.lines[place]
        self.lines[place] = line.with_row(row, min(line.since, row.day))
        return place

    def _after(self, at: int, row: Sighting, near: Sighting) -> int:
        since = row.activated_on if row.activated_on > near.activated_on else row.day
        left = near.ended_on or near.day
        since = min(max(since, left + timedelta(1)), row.day)
        if at + 1 < len(self.lines) and not self.lines[at + 1].seen:  # whose rows this delivery replaces
            self.lines[at + 1] = replace(self.lines[at + 1], since=since, seen=(row,))
        else:
            self.lines.insert(at + 1, Line(None, since, (row,)))
        return at + 1

    def _before(self, at: int, row: Sighting, near: Sighting) -> int:
        """The holder of before is told of after the present one."""
        present = self.lines[at]
        began = min(max(near.activated_on, row.day + timedelta(1)), near.day)
        self.lines[at] = replace(present, since=began)
        if at and not self.lines[at - 1].seen:
            self.lines[at - 1] = replace(self.lines[at - 1], seen=(row,))
            return at - 1
        self.lines.insert(at, Line(None, present.since, (row,)))
        return at


def closings(lines: Sequence[Line]) -> list[tuple[Line, Line]]:
    """Each line that another follows and whose end nobody has told, with the one that follows."""
    return [
        (one, after)
        for one, after in pairwise(lines)
        if one.seen and one.seen[-1].ended_on is None and after.seen
    ]
