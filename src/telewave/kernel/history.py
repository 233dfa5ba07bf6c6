"""Histories that never go back in time, whatever a machine's clock does; what one tells of versions in use. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from telewave.kernel.errors import Conflict
from telewave.kernel.messages import Message

MINUTE = "%Y-%m-%d %H:%M"


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """That a version was put to use: by whom, when and why."""

    version: int
    by: str
    at: datetime
    reason: str


class ClockBehind(Conflict):
    """This machine's clock says {now}, and the last entry of {history} is of {last}: no history
    goes back in time. Nothing was changed. Set the clock right and run this again; if that entry's
    own time is wrong, go on under another name.
    """

    code = "clock_behind"


def not_before(last: datetime | None, now: datetime, history: Message) -> datetime:
    """When an entry made `now` counts as made, behind one of `last` (None: it is the first).

    Clocks of two machines differ a little: on the day of the last entry it counts as made with that one at the
    earliest. The day is that of `now`'s own time zone. Raises `ClockBehind` on an earlier day.
    """
    if last is None or now >= last:
        return now
    last = last.astimezone(now.tzinfo)
    if now.date() < last.date():
        raise ClockBehind(now=f"{now:{MINUTE}}", last=f"{last:{MINUTE}}", history=history)
    return last
