"""On which days, at which hours and how often a day each channel contacts people. Pure.

A day is a local calendar day of the operator. A channel works on its weekdays, less the public holidays, plus the
make-up working days that holidays are paid for with. Phases do not overlap, so a day belongs to at most one of them.
Dates in arrays are ordinals (`date.toordinal()`), minutes in arrays count from local midnight.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from functools import cached_property
from itertools import pairwise
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from telewave.kernel import Label, Malformed

DAY_MINUTES = 24 * 60
UNLIMITED = 2**40
"""Stands in arrays for a capacity without limit: more than the people on earth, far from overflow when added up."""


class PhaseDaysReversed(Malformed):
    """The phase {phase} ends on {last}, before it begins on {first}. Exchange the two days."""

    code = "phase_days_reversed"


class CampaignDaysReversed(Malformed):
    """The campaign ends on {last}, before it begins on {first}. Exchange the two days."""

    code = "campaign_days_reversed"


class PhaseOutsideCampaign(Malformed):
    """The phase {phase} runs from {first} to {last}, and the campaign from {start} to {end}. Move the phase
    into the campaign, or lengthen the campaign.
    """

    code = "phase_outside_campaign"


class PhasesOverlap(Malformed):
    """The phases {phase} and {other} both hold {day}. Let each day belong to one phase only."""

    code = "phases_overlap"


class NoPhase(Malformed):
    """The campaign has no phase, so no contact can be dated. Give at least one phase with its first and last day."""

    code = "no_phase"


class UnknownWeekday(Malformed):
    """There is no weekday {weekday}. Give numbers from 1 (Monday) to 7 (Sunday)."""

    code = "unknown_weekday"


class HolidayAndWorkingDay(Malformed):
    """{day} stands among the holidays and among the make-up working days. Take it out of one of the two lists."""

    code = "holiday_and_working_day"


class NoWorkingDay(Malformed):
    """{channel} has no working day in the phase {phase}, {first} to {last}. Add weekdays or make-up working days,
    lengthen the phase, or leave the channel out of it.
    """

    code = "no_working_day"


class NegativeCapacity(Malformed):
    """The capacity of {channel} is {capacity} contacts a day. Give zero or more."""

    code = "negative_capacity"


class CapacityOnDayOff(Malformed):
    """{channel} is given {capacity} contacts on {day}, which is not one of its working days. Add the day to the
    make-up working days, or take the exception out.
    """

    code = "capacity_on_day_off"


class CapacityOutsideCampaign(Malformed):
    """{channel} is given an exception for {day}, which is in no phase of the campaign ({start} to {end}).
    Correct the date, or take the exception out.
    """

    code = "capacity_outside_campaign"


class NoContactHours(Malformed):
    """The quiet hours of {channel} leave no minute of the day for a contact. Shorten them."""

    code = "no_contact_hours"


class SendingInQuietHours(Malformed):
    """{channel} is to send from {start} to {end}, of which {minutes} minutes are quiet
    hours. Choose hours within the contact hours.
    """

    code = "sending_in_quiet_hours"


@dataclass(frozen=True, slots=True)
class Hours:
    """From `start` up to `end`, local time. An end at or before the start is on the next day: 21:00 to
    09:00 is a night, 00:00 to 00:00 a whole day.

    >>> Hours(time(21), time(9)).minutes
    720
    """

    start: time
    end: time

    def mask(self) -> NDArray[np.bool_]:
        """Which minutes of a day, from midnight to midnight, are within, shape (1440,)."""
        start, end = _minute(self.start), _minute(self.end)
        minutes = np.arange(DAY_MINUTES)
        if start < end:
            return (minutes >= start) & (minutes < end)
        return (minutes >= start) | (minutes < end)

    @property
    def minutes(self) -> int:
        """How many minutes of a day are within."""
        return int(self.mask().sum())


def _minute(moment: time) -> int:
    return moment.hour * 60 + moment.minute


@dataclass(frozen=True, slots=True)
class Workdays:
    """`weekdays`: 1 (Monday) to 7 (Sunday). A holiday is never worked, a make-up day always.

    Raises `UnknownWeekday`, `HolidayAndWorkingDay`.
    """

    weekdays: frozenset[int] = frozenset({1, 2, 3, 4, 5})
    holidays: frozenset[date] = frozenset()
    make_up_days: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        for weekday in sorted(self.weekdays - set(range(1, 8))):
            raise UnknownWeekday(weekday=weekday)
        for day in sorted(self.holidays & self.make_up_days):
            raise HolidayAndWorkingDay(day=day)

    def works(self, day: date) -> bool:
        """Whether `day` is worked."""
        return day in self.make_up_days or (day.isoweekday() in self.weekdays and day not in self.holidays)


EVERY_DAY = Workdays(frozenset(range(1, 8)))
"""For channels that need nobody at work, such as an app push."""


@dataclass(frozen=True, slots=True)
class Phase:
    """From `first` to `last`, both included. Raises `PhaseDaysReversed`."""

    name: Label
    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise PhaseDaysReversed(phase=self.name, first=self.first, last=self.last)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelCalendar:
    """When and how often a channel contacts people.

    `daily_capacity`: contacts a working day at most; None: no limit. `capacity_on`: other capacities on single working
    days, such as a day of training with fewer agents. `quiet`: hours without contacts. `sending`: the hours among the
    rest over which the contacts of a day are spread; empty: all of them. `phases`: numbers of the phases the channel is
    used in; None: all. Raises `NegativeCapacity`, `CapacityOnDayOff`, `NoContactHours`, `SendingInQuietHours`.
    """

    name: Label
    workdays: Workdays
    daily_capacity: int | None
    capacity_on: Mapping[date, int] = field(default_factory=lambda: MappingProxyType({}))
    quiet: tuple[Hours, ...] = (Hours(time(21), time(9)),)
    sending: tuple[Hours, ...] = ()
    phases: frozenset[int] | None = None

    def __post_init__(self) -> None:
        if self.daily_capacity is not None and self.daily_capacity < 0:
            raise NegativeCapacity(channel=self.name, capacity=self.daily_capacity)
        for day, capacity in sorted(self.capacity_on.items()):
            if capacity < 0:
                raise NegativeCapacity(channel=self.name, capacity=capacity)
            if capacity and not self.workdays.works(day):
                raise CapacityOnDayOff(channel=self.name, capacity=capacity, day=day)
        self._check_hours()

    def _check_hours(self) -> None:
        contact = self._contact_mask()
        if not contact.any():
            raise NoContactHours(channel=self.name)
        for hours in self.sending:
            if quiet := int((hours.mask() & ~contact).sum()):
                start, end = f"{hours.start:%H:%M}", f"{hours.end:%H:%M}"
                raise SendingInQuietHours(channel=self.name, start=start, end=end, minutes=quiet)

    def _contact_mask(self) -> NDArray[np.bool_]:
        return ~_any(self.quiet)

    def sending_minutes(self) -> NDArray[np.int16]:
        """The minutes of the day over which contacts are spread, increasing."""
        mask = _any(self.sending) if self.sending else self._contact_mask()
        return np.flatnonzero(mask).astype(np.int16)

    def capacity(self, day: date) -> int:
        """Contacts on `day` at most; `UNLIMITED` where there is no limit."""
        if not self.workdays.works(day):
            return 0
        usual = UNLIMITED if self.daily_capacity is None else self.daily_capacity
        return self.capacity_on.get(day, usual)


def _any(hours: Sequence[Hours]) -> NDArray[np.bool_]:
    mask = np.zeros(DAY_MINUTES, np.bool_)
    for span in hours:
        mask |= span.mask()
    return mask


@dataclass(frozen=True)
class Timetable:
    """The campaign's days, D = last - first + 1, and what each of its C channels can do on each of them.

    Channels and phases are numbered as they stand. Raises `CampaignDaysReversed`, `NoPhase`, `PhaseOutsideCampaign`,
    `PhasesOverlap`, `NoWorkingDay`, `CapacityOutsideCampaign`.
    """

    first: date
    last: date
    phases: tuple[Phase, ...]
    channels: tuple[ChannelCalendar, ...]

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise CampaignDaysReversed(first=self.first, last=self.last)
        _check_phases(self)
        for channel in self.channels:
            _check_channel(self, channel)

    @property
    def days(self) -> int:
        """D."""
        return (self.last - self.first).days + 1

    def day(self, index: int) -> date:
        """The date of a day's index."""
        return self.first + timedelta(days=index)

    @cached_property
    def phase_spans(self) -> NDArray[np.int64]:
        """Shape (P, 2): index of each phase's first day, and of the day after its last."""
        spans = [((p.first - self.first).days, (p.last - self.first).days + 1) for p in self.phases]
        return np.array(spans, np.int64).reshape(-1, 2)

    @cached_property
    def phase_of_day(self) -> NDArray[np.int64]:
        """Shape (D,): number of the phase; -1 between phases."""
        phase = np.full(self.days, -1)
        for number, (start, end) in enumerate(self.phase_spans.tolist()):
            phase[start:end] = number
        return phase

    @cached_property
    def working(self) -> NDArray[np.bool_]:
        """Shape (C, D): the days on which a channel works, within the phases that it is used in."""
        phase = self.phase_of_day.tolist()
        rows = [
            [p >= 0 and uses(channel, p) and channel.workdays.works(self.day(d)) for d, p in enumerate(phase)]
            for channel in self.channels
        ]
        return np.array(rows, np.bool_).reshape(len(self.channels), self.days)

    @cached_property
    def capacity(self) -> NDArray[np.int64]:
        """Shape (C, D): contacts a day at most, 0 where the channel does not work, `UNLIMITED` without limit."""
        rows = [[channel.capacity(self.day(d)) for d in range(self.days)] for channel in self.channels]
        capacity = np.array(rows, np.int64).reshape(len(self.channels), self.days)
        return np.where(self.working, capacity, 0)


def uses(channel: ChannelCalendar, phase: int) -> bool:
    """Whether the channel is used in the phase of that number."""
    return channel.phases is None or phase in channel.phases


def _check_phases(table: Timetable) -> None:
    if not table.phases:
        raise NoPhase
    for phase in table.phases:
        if phase.first < table.first or phase.last > table.last:
            raise PhaseOutsideCampaign(
                phase=phase.name, first=phase.first, last=phase.last, start=table.first, end=table.last
            )
    ordered = sorted(table.phases, key=lambda phase: phase.first)
    for one, other in pairwise(ordered):
        if other.first <= one.last:
            raise PhasesOverlap(phase=one.name, other=other.name, day=other.first)


def _check_channel(table: Timetable, channel: ChannelCalendar) -> None:
    for number, phase in enumerate(table.phases):
        days = range((phase.last - phase.first).days + 1)
        if uses(channel, number) and not any(
            channel.workdays.works(phase.first + timedelta(days=d)) for d in days
        ):
            raise NoWorkingDay(channel=channel.name, phase=phase.name, first=phase.first, last=phase.last)
    for day in sorted(channel.capacity_on):
        if not any(phase.first <= day <= phase.last for phase in table.phases):
            raise CapacityOutsideCampaign(channel=channel.name, day=day, start=table.first, end=table.last)
