"""The release of a day as a job: each contact is let go in the quarter of an hour of its planned minute, which is how
a plan spreads a channel's contacts over its hours. What is done stands in the ledger alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time

import numpy as np

from telewave.approvals.usecases import launched_plan
from telewave.contacts.claiming import BATCH, Errand, claim
from telewave.contacts.handing_out import STEPS, planned_on
from telewave.contacts.plan_kind import ContactPlanKind
from telewave.contacts.standings import entered_of
from telewave.kernel import Label
from telewave.platform.clock import Clock
from telewave.platform.database import Database
from telewave.platform.jobs.model import Job, Outcome, Wanted
from telewave.platform.jobs.store import enqueue
from telewave.platform.warehouse import Warehouse

KIND = "release"
SLOT_MINUTES = 15
DAY_MINUTES = 24 * 60


def release_later(database: Database, campaign: str, day: date, by: str, now: datetime) -> Job:
    """The job that lets the launched plan's contacts of `day` go; asked for twice, it is one.

    Raises `NotRunning`, `NoSuchCampaign`, `NotWhatWasApproved`.
    """
    launched_plan(database, campaign, ContactPlanKind.name)
    on = day.isoformat()
    wanted = Wanted(
        kind=KIND,
        key=f"{KIND}/{on}/{campaign}",
        payload={"campaign": campaign, "day": on, "by": by},
        title=Label(f"Release of {campaign}, {on}", f"放行“{campaign}”{on} 的接触"),
        person=by,
    )
    return enqueue(database, wanted, now)


@dataclass(frozen=True, kw_only=True, slots=True)
class Releasing:
    """The handler of such jobs; `batch`: contacts let go at most before it is looked whether to go on."""

    warehouse: Warehouse
    database: Database
    clock: Clock
    batch: int = BATCH

    def __call__(self, job: Job) -> Outcome:
        """Let go those contacts that are due and not in the ledger yet, the earliest first, at most a batch of them.

        Raises what `handing_out.let_go` raises.
        """
        day, now = date.fromisoformat(job.payload["day"]), self.clock.now()
        asked = planned_on(self.warehouse, self.database, job.payload["campaign"], day)
        entered = np.array(entered_of(self.database, asked.plan.hash, day), np.int64).reshape(-1, 2)
        step = asked.rows["touch"].to_numpy().astype(np.int64)
        waiting = ~np.isin(asked.subscriber * STEPS + step, entered[:, 0] * STEPS + entered[:, 1])
        minute = np.asarray(asked.rows["minute"].to_numpy(), np.int64)
        due = np.flatnonzero(waiting & (minute < open_until(day, now)))[: self.batch]
        claim(
            replace(asked, rows=asked.rows.take(due)),
            Errand(by=job.payload["by"], now=now, what="release"),
        )
        waiting[due] = False
        left = minute[waiting]
        return Outcome(
            done=len(minute) - len(left),
            total=len(minute),
            next_at=opens_at(day, int(left.min()), now) if len(left) else None,
        )


def open_until(day: date, now: datetime) -> int:
    """Up to which minute of `day`, not included, contacts may be let go at `now` (local).

    >>> [open_until(date(2026, 7, 8), datetime(2026, 7, d, 9, 5)) for d in (7, 8, 9)]
    [0, 555, 1440]
    """
    if now.date() != day:
        return 0 if now.date() < day else DAY_MINUTES
    return (now.hour * 60 + now.minute) // SLOT_MINUTES * SLOT_MINUTES + SLOT_MINUTES


def opens_at(day: date, minute: int, now: datetime) -> datetime:
    """When contacts of this minute of `day` may be let go, at `now` at the earliest.

    >>> opens_at(date(2026, 7, 8), 610, datetime(2026, 7, 8, 9)).isoformat()
    '2026-07-08T10:00:00'
    """
    start = minute // SLOT_MINUTES * SLOT_MINUTES
    return max(now, datetime.combine(day, time(start // 60, start % 60), now.tzinfo))
