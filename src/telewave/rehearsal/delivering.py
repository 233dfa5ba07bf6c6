"""Couriers in one run: appointments, doors, and a second approach to who was not met. Pure.

A courier calls from his round, `calls_a_day` times a day at most and on `calling_days` days, until an appointment is
made: nine calls in three days. With one he goes to the door that day, and finds who kept it. Who was never reached or
did not keep it is approached a second time some days later, if he still wants it, with a parcel of his own; no third.
"""

from __future__ import annotations

import numpy as np

from telewave.rehearsal.model import NEVER, Array, Assumed, Load, Means
from telewave.rehearsal.queues import DAY, rounds

FEWEST = 1e-12


def at_the_door(
    ordered: Array, moods: Array, means: Means, horizon: int, assumed: Assumed
) -> tuple[Array, Load]:
    """When each parcel is handed over (`NEVER`), and what it takes. `ordered`: minutes, shape (n,); `moods`, shape
    (2, n).
    """
    due = (ordered // DAY).astype(np.int64) + assumed.packing_days
    place = moods[1].astype(np.float64) * means.areas
    area = np.minimum(place.astype(np.int64), means.areas - 1)
    takes, wait, handing = _tries(moods[0].astype(np.float64), place - area, assumed)
    start = np.full(takes.shape, np.nan)
    closes = assumed.courier_opens + assumed.courier_minutes
    order = np.lexsort((due, area))
    ends = np.searchsorted(area[order], np.arange(means.areas + 1))
    for k in range(means.areas):
        who = order[ends[k] : ends[k + 1]]
        couriers = len(who) + 1 if means.couriers is None else means.couriers_of(k)
        if len(who):
            at_work = np.full(horizon, couriers, np.int64)
            start[who] = rounds(due[who], takes[who], wait[who], at_work, assumed.courier_opens, closes)
    tried = ~np.isnan(start)
    handed = tried & handing
    at = start[np.arange(len(due)), handed.argmax(axis=1)]
    busy = np.bincount((start[tried] // DAY).astype(np.int64), weights=takes[tried], minlength=horizon)
    load = Load(
        busy=busy,
        there=np.full(horizon, (means.all_couriers or 0) * assumed.courier_minutes),
        jobs=len(due),
        lost=int((~tried[:, 0]).sum()) if len(due) else 0,
        late=int((tried[:, 0] & (start[:, 0] // DAY > due)).sum()) if len(due) else 0,
        peak=float(sum(_wanted(due[area == k], takes[area == k], assumed) for k in range(means.areas))),
    )
    return np.where(handed.any(axis=1), at, NEVER), load


def _wanted(due: Array, takes: Array, assumed: Assumed) -> int:
    """Couriers for the parcels of one area on a day that only 1 of 20 exceeds, were all of each parcel's work then."""
    if not len(due):
        return 0
    minutes = np.bincount(due - due.min(), weights=takes.sum(axis=1))
    return int(np.ceil(np.quantile(minutes[minutes > 0], 0.95) / assumed.courier_minutes - 1e-9))


def _tries(reaching: Array, keeping: Array, assumed: Assumed) -> tuple[Array, Array, Array]:
    """Of each day on which a courier is on a parcel, first approach then second, to the left: its minutes, days until
    the next (0: none), whether it is handed over; shape (n, twice the calling days). From two numbers in [0, 1).
    """
    days = assumed.calling_days
    shape = (len(reaching), 2 * days)
    takes, wait, handing = np.zeros(shape), np.zeros(shape, np.int64), np.zeros(shape, bool)
    rows = np.arange(len(reaching))
    first, rest = _calls(reaching, assumed)
    used, met = _approach(takes, wait, rows, np.zeros(len(rows), np.int64), first, assumed)
    kept = met & (keeping < assumed.kept)
    handing[rows[kept], used[kept] - 1] = True
    # What is left of a number, once it has decided one thing, is even in [0, 1) again.
    keeping = np.where(met, (keeping - assumed.kept) / (1 - assumed.kept), keeping)
    wants = ~kept & (keeping < assumed.again)
    late, at = rows[wants], used[wants]
    wait[late, at - 1] = assumed.again_days + assumed.packing_days
    keeping = keeping[wants] / assumed.again
    second, _ = _calls(rest[wants], assumed)
    ended, met = _approach(takes, wait, late, at, second, assumed)
    kept = met & (keeping < assumed.kept)
    handing[late[kept], ended[kept] - 1] = True
    return takes, wait, handing


def _calls(number: Array, assumed: Assumed) -> tuple[Array, Array]:
    """Calls in vain before one is answered, at most all of them; and what is left of the number."""
    most, silent = assumed.calls_a_day * assumed.calling_days, 1 - assumed.answers
    vain = np.floor(np.log(np.maximum(number, FEWEST)) / np.log(silent)).astype(np.int64)
    vain = np.minimum(vain, most)
    above, below = silent**vain, np.where(vain < most, silent ** (vain + 1.0), 0.0)
    return vain, np.clip((number - below) / (above - below), 0.0, 1.0)


def _approach(
    takes: Array, wait: Array, rows: Array, at: Array, vain: Array, assumed: Assumed
) -> tuple[Array, Array]:
    """Write the days of one approach from column `at` on; the column behind its last, and who made an appointment."""
    daily = assumed.calls_a_day
    met = vain < daily * assumed.calling_days
    days = np.where(met, vain // daily + 1, assumed.calling_days)
    for k in range(assumed.calling_days):
        on = k < days
        last = on & (k == days - 1)
        calls = np.where(last & met, vain % daily + 1, daily)[on]
        minutes = calls * assumed.courier_call_minutes + np.where((last & met)[on], assumed.door_minutes, 0.0)
        takes[rows[on], at[on] + k] = minutes
        wait[rows[on], at[on] + k] = np.where(last[on], 0, 1)
    return at + days, met
