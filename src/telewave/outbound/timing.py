"""When calls may be made, and when a contact is tried again. Pure; instants are local, with their offset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from telewave.contacts.policy import Policy
from telewave.kernel import Malformed
from telewave.outbound.dispositions import CallResult, Effect, row_of
from telewave.outbound.team import Rules

DAY_MINUTES = 24 * 60
FURTHEST_DAYS = 62


class UnreadableTime(Malformed):
    """The time {value!r} cannot be read. Write it as 15:30, or with its day as "2026-07-09 15:30"."""

    code = "unreadable_time"


def parse_time(text: str, now: datetime) -> datetime:
    """A local time of the day of `now`, or of the day it names. Raises `UnreadableTime`.

    >>> parse_time("15:30", datetime(2026, 7, 8, 9)).isoformat()
    '2026-07-08T15:30:00'
    """
    words = text.strip()
    try:
        if len(words) <= len("15:30"):
            return datetime.combine(now.date(), time.fromisoformat(words.rjust(5, "0")), now.tzinfo)
        return datetime.fromisoformat(words).replace(tzinfo=now.tzinfo)
    except ValueError as cause:
        raise UnreadableTime(value=text) from cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """When a channel may be used: `stretches` of the day in minutes from midnight, the end not within; `closed`: days
    on which it makes no contact; `last`: the campaign's last day; `quiet`: the house's policy.
    """

    stretches: tuple[tuple[int, int], ...]
    closed: frozenset[date]
    last: date
    quiet: Policy

    def is_open(self, at: datetime) -> bool:
        """Whether a call may be made then."""
        return self.opens(at.date()) and self._minute_open(at.hour * 60 + at.minute)

    def opens(self, day: date) -> bool:
        """Whether calls are made on the day at all."""
        return day <= self.last and day not in self.closed

    def next_open(self, at: datetime) -> datetime | None:
        """The first time from `at` on; None: there is none before the campaign ends."""
        for _ in range(FURTHEST_DAYS):
            minute = at.hour * 60 + at.minute
            if self.opens(at.date()):
                if self._minute_open(minute):
                    return at
                later = [one for one in range(minute + 1, DAY_MINUTES) if self._minute_open(one)]
                if later:
                    return at.replace(hour=later[0] // 60, minute=later[0] % 60, second=0, microsecond=0)
            at = datetime.combine(at.date() + timedelta(days=1), time(0), at.tzinfo)
        return None

    def _minute_open(self, minute: int) -> bool:
        quiet = any(one.covers(minute) for one in self.quiet.quiet)
        return not quiet and any(start <= minute < end for start, end in self.stretches)


def hours_of(document: Mapping[str, Any], channel: str, quiet: Policy) -> Hours:
    """The hours of a channel in a plan's document."""
    told = document["channels"][channel]
    capacity = told["capacity"] or {}
    return Hours(
        stretches=tuple((int(start), int(end)) for start, end in told["hours"]),
        closed=frozenset(date.fromisoformat(day) for day, most in capacity.items() if not most),
        last=date.fromisoformat(document["to"]),
        quiet=quiet,
    )


def again_at(
    result: CallResult, attempts: int, now: datetime, call_back: datetime | None, rules: Rules, hours: Hours,
    best_hour: int | None = None,
) -> datetime | None:  # fmt: skip
    """When the contact may be called again after its attempt number `attempts`; None: never.

    A call-back that was promised is kept whatever the budget. `best_hour`: of the day, to which a later try is moved
    where that is at most a day off.
    """
    effect = row_of(result).effect
    if effect is Effect.CALL_BACK:
        return call_back
    if effect is Effect.GIVEN_BACK:
        return now
    if effect not in (Effect.SOON, Effect.LATER) or attempts >= rules.attempts:
        return None
    if effect is Effect.SOON:
        return hours.next_open(now + rules.soon)
    return hours.next_open(_at_hour(now + rules.later, best_hour, hours))


def _at_hour(at: datetime, hour: int | None, hours: Hours) -> datetime:
    """The first time from `at` on in that hour, if calls may be made then within a day; else `at`."""
    if hour is None or at.hour == hour:
        return at
    start = at.replace(hour=hour, minute=0, second=0, microsecond=0)
    start += timedelta(days=start < at)
    return start if hours.is_open(start) else at
