"""Halls and couriers in one run: when visitors are served, and parcels handed over. Pure."""

from __future__ import annotations

import numpy as np

from telewave.rehearsal.model import NEVER, Array, Assumed, Load, Means
from telewave.rehearsal.queues import DAY, rounds, visits

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
        for k in range(means.halls):
            who = order[ends[k] : ends[k + 1]]
            start = visits(
                ready[who], takes[who], np.full(len(who), assumed.patience),
                means.windows, assumed.hall_opens, assumed.hall_closes, horizon,
            )  # fmt: skip
            served[who] = np.where(np.isnan(start), NEVER, start)
        open_for = assumed.hall_closes - assumed.hall_opens
        minutes[:] = means.halls * means.windows * open_for
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


def _busiest_hour(at: Array, takes: Array, horizon: int) -> float:
    """Servers busy on average in the busiest hour of a day that only 1 of 20 days exceeds."""
    hour = (at // 60).astype(np.int64)
    by_hour = np.bincount(hour, weights=takes, minlength=horizon * HOURS).reshape(horizon, HOURS) / 60
    daily = by_hour.max(axis=1)
    return float(np.quantile(daily[daily > 0], 0.95)) if (daily > 0).any() else 0.0


def at_the_door(
    ordered: Array, moods: Array, means: Means, horizon: int, assumed: Assumed
) -> tuple[Array, Load]:
    """When each parcel is handed over (`NEVER`), and what it takes. `ordered`: minutes, shape (n,)."""
    due = (ordered // DAY).astype(np.int64) + assumed.packing_days
    order = np.argsort(due, kind="stable")
    away = 1 - assumed.at_home
    # How often nobody is at home before somebody is, of one number in [0, 1): geometric.
    tries = np.floor(np.log(np.maximum(moods[0].astype(np.float64), 1e-12)) / np.log(away)).astype(np.int64)
    home = np.arange(assumed.door_tries)[None, :] >= tries[:, None]
    takes = np.full(home.shape, assumed.door_minutes)
    couriers = len(ordered) + 1 if means.couriers is None else means.couriers
    at_work = np.full(horizon, couriers, np.int64)
    start = np.full(home.shape, np.nan)
    if len(ordered):
        closes = assumed.courier_opens + assumed.courier_minutes
        start[order] = rounds(
            due[order], takes[order], home[order], at_work, assumed.courier_opens, closes, 1
        )
    tried = ~np.isnan(start)
    handed = tried & home
    at = start[np.arange(len(due)), handed.argmax(axis=1)]
    busy = np.bincount((start[tried] // DAY).astype(np.int64), weights=takes[tried], minlength=horizon)
    limited = means.couriers is not None
    worked = busy[busy > 0]
    load = Load(
        busy=busy,
        there=np.full(horizon, couriers * assumed.courier_minutes if limited else 0.0),
        jobs=len(due),
        lost=int((~handed.any(axis=1)).sum()),
        late=int((tried[:, 0] & (start[:, 0] // DAY > due)).sum()) if len(due) else 0,
        peak=float(np.quantile(worked, 0.95)) / assumed.courier_minutes if len(worked) else 0.0,
    )
    return np.where(handed.any(axis=1), at, NEVER), load
