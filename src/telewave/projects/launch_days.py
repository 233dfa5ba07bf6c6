"""Days counted from the launch, T: `T-3 weeks`, `T-10 working days`, `T+1 weeks`, `T`. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from telewave.kernel import Label, Malformed
from telewave.scheduling.working_days import Workdays

FARTHEST = {"weeks": 260, "days": 1_820, "working days": 1_300}
ONE_DAY = timedelta(days=1)
YEARS = range(1900, 3000)


class NotALaunchDay(Malformed):
    """{text!r} does not say a day before or after launch. Write for example T-3 weeks, T-10
    working days, T or T+1 weeks, within 5 years.
    """

    code = "not_a_launch_day"


class NoWorkingDays(Malformed):
    """There is no working day near {day}: the holidays leave none. Take some holidays out."""

    code = "no_working_days"


class DayOutOfCalendar(Malformed):
    """A launch on {launch} cannot be planned for. Give a day from 1900 to 2999."""

    code = "day_out_of_calendar"


class Unit(StrEnum):
    """What an offset counts."""

    WEEKS = "weeks"
    DAYS = "days"
    WORKING_DAYS = "working days"


UNITS = {
    Unit.WEEKS: Label("weeks", "周"),
    Unit.DAYS: Label("days", "天"),
    Unit.WORKING_DAYS: Label("working days", "个工作日"),
}
_WORDS = {
    "week": Unit.WEEKS, "weeks": Unit.WEEKS, "周": Unit.WEEKS,
    "day": Unit.DAYS, "days": Unit.DAYS, "天": Unit.DAYS,
    "working day": Unit.WORKING_DAYS, "working days": Unit.WORKING_DAYS, "个工作日": Unit.WORKING_DAYS,
    "工作日": Unit.WORKING_DAYS,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Offset:
    """So many units after the launch; negative: before it."""

    count: int
    unit: Unit = Unit.WEEKS

    @property
    def label(self) -> Label:
        """As people write it."""
        if not self.count:
            return Label("T", "T")
        sign = "-" if self.count < 0 else "+"
        names = UNITS[self.unit]
        name = names.en.removesuffix("s") if abs(self.count) == 1 else names.en
        return Label(f"T{sign}{abs(self.count)} {name}", f"T{sign}{abs(self.count)} {names.zh}")


def parse_offset(text: str) -> Offset:
    """Read `T-3 weeks`. Raises `NotALaunchDay`.

    >>> parse_offset("T-10 working days").label.en, parse_offset("T - 3 周").label.en, parse_offset("T").count
    ('T-10 working days', 'T-3 weeks', 0)
    """
    plain = " ".join(text.split())
    if plain in ("T", "t"):
        return Offset(0)
    found = re.fullmatch(r"[Tt] ?([+\-−]) ?(\d{1,4}) ?(\D+)", plain)
    unit = _WORDS.get(found[3].strip().lower()) if found else None
    if found is None or unit is None or int(found[2]) > FARTHEST[unit]:
        raise NotALaunchDay(text=text)
    return Offset(int(found[2]) * (1 if found[1] == "+" else -1), unit)


def day_of(offset: Offset, launch: date, workdays: Workdays) -> date:
    """The day that an offset means.

    Counted in working days, it is the n-th working day before or after launch. Counted in weeks or days, a day that is
    not worked becomes the last working day before it, since a deadline must be met before; the launch day itself stays.
    Raises `NoWorkingDays`, `DayOutOfCalendar`.
    """
    if launch.year not in YEARS:
        raise DayOutOfCalendar(launch=launch)
    if not offset.count:
        return launch
    if offset.unit is Unit.WORKING_DAYS:
        step = ONE_DAY if offset.count > 0 else -ONE_DAY
        day = launch
        for _ in range(abs(offset.count)):
            day = _worked(day + step, step, workdays)
        return day
    days = offset.count * (7 if offset.unit is Unit.WEEKS else 1)
    return _worked(launch + days * ONE_DAY, -ONE_DAY, workdays)


def _worked(day: date, step: timedelta, workdays: Workdays) -> date:
    for distance in range(366):
        if workdays.works(day + distance * step):
            return day + distance * step
    raise NoWorkingDays(day=day)
