"""Halls in one run: when visitors are served. Pure."""

from __future__ import annotations

import numpy as np

from telewave.rehearsal.model import NEVER, Array, Assumed, Load, Means
from telewave.rehearsal.queues import DAY, visits

HOURS = 24


def in_halls(
    since: Array,
    invited: Array,
    orders: Array,
    moods: Array,
    means: Means,
    horizon: int,
    assumed: Assumed,
) -> tuple[Array, Array, Load]:
    """When each visitor arrives and when he is served (`NEVER`: not within the horizon; left), and what it takes.

    `since`: minutes at which he was invited or became willing; `moods`, shape (4, n).
    """
    first = np.where(invited, 0, 1)
    lag = first + np.floor(-np.log1p(-moods[1].astype(np.float64)) * assumed.hall_days)
    ready = (since // DAY + lag) * DAY + _hour(moods[2].astype(np.float64), assumed)
    takes = np.where(orders, assumed.window_minutes, assumed.glance_minutes)
    there = ready < horizon * DAY
    served = np.where(there, ready, NEVER)
    minutes = np.zeros(horizon)
    if means.halls is not None:
        hall = np.minimum((moods[3] * means.halls).astype(np.int64), means.halls - 1)
        order = np.lexsort((ready, hall))
        order = order[there[order]]
        ends = np.searchsorted(hall[order], np.arange(means.halls + 1))
        idle = ~_rushed(ready, assumed)
        for k in range(means.halls):
            who = order[ends[k] : ends[k + 1]]
            start = visits(
                ready[who], takes[who], np.full(len(who), assumed.patience), idle[who],
                means.windows_of(k), means.clerks, assumed.hall_opens, assumed.hall_closes, horizon,
            )  # fmt: skip
            served[who] = np.where(np.isnan(start), NEVER, start)
        open_for = assumed.hall_closes - assumed.hall_opens
        rush = sum(ends - starts for starts, ends in assumed.busy)
        minutes[:] = (means.all_windows or 0) * open_for + means.halls * means.clerks * (open_for - rush)
    done = served >= 0
    day = (served[done] // DAY).astype(np.int64)
    load = Load(
        busy=np.bincount(day, weights=takes[done], minlength=horizon),
        there=minutes,
        jobs=int(there.sum()),
        lost=int((there & ~done).sum()),
        late=0,
        peak=_busiest_hour(ready[there], takes[there], horizon),
    )
    return np.where(there, ready, NEVER), served, load


def _hour(mood: Array, assumed: Assumed) -> Array:
    """Minute of the day: a share comes within the busy stretches, the others evenly."""
    opens, span = assumed.hall_opens, assumed.hall_closes - assumed.hall_opens
    rest = (mood - assumed.busy_share) / (1 - assumed.busy_share)
    place = mood / assumed.busy_share * len(assumed.busy)
    which = np.clip(place.astype(np.int64), 0, len(assumed.busy) - 1)
    starts, ends = (np.array(one) for one in zip(*assumed.busy, strict=True))
    busy = starts[which] + (place - which) * (ends - starts)[which]
    return np.where(mood < assumed.busy_share, busy, opens + rest * span * 0.97)


def _rushed(at: Array, assumed: Assumed) -> Array:
    """Whether that minute is in a busy stretch of its day, when clerks have their own queue to serve."""
    minute = at % DAY
    return np.any([(minute >= begins) & (minute < ends) for begins, ends in assumed.busy], axis=0)


def _busiest_hour(at: Array, takes: Array, horizon: int) -> float:
    """Servers busy on average in the busiest hour of a day that only 1 of 20 days exceeds."""
    hour = (at // 60).astype(np.int64)
    by_hour = np.bincount(hour, weights=takes, minlength=horizon * HOURS).reshape(horizon, HOURS) / 60
    daily = by_hour.max(axis=1)
    return float(np.quantile(daily[daily > 0], 0.95)) if (daily > 0).any() else 0.0
