"""The clock: today and now as the operator's calendar on the wall says, wherever the machine stands.

The only file that asks the machine for the time of day (the linter refuses it
everywhere else): everything takes a `Clock`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def machine() -> datetime:
    """This instant by the machine's clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Clock:
    """The instants of `instant` in the zone called `timezone`.

    >>> Clock("Asia/Shanghai", lambda: datetime(2026, 2, 9, 19, tzinfo=UTC)).today()
    datetime.date(2026, 2, 10)
    """

    timezone: str = "UTC"
    instant: Callable[[], datetime] = machine

    def now(self) -> datetime:
        """This instant, as local time with its offset."""
        return self.local(self.instant())

    def local(self, instant: datetime) -> datetime:
        """An instant as local time with its offset."""
        return instant.astimezone(ZoneInfo(self.timezone))

    def today(self) -> date:
        """The local day."""
        return self.now().date()
