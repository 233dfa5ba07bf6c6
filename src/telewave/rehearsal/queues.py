"""Queues at agents, windows and couriers: a heap of the times at which each is free again, compiled by numba. Pure.

Times are minutes since the midnight before day 0. On each day all servers begin at its opening; a job begins only
before the close, and one that has begun is finished. Jobs are taken first come, first served. Equal to simpy event by
event on the same times (tests), at some hundred times its rate (bench).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from telewave.allocation.compiled import compiled

DAY = 1440.0
"""Minutes of a day."""


@compiled
def _busy_until(free: Any, size: int, until: float) -> None:
    """The server that is free first is busy until then: its time sinks to its place in the heap."""
    k = 0
    while True:
        child = 2 * k + 1
        if child >= size:
            break
        if child + 1 < size and free[child + 1] < free[child]:
            child += 1
        if free[child] >= until:
            break
        free[k] = free[child]
        k = child
    free[k] = until


@compiled
def visits(
    ready: Any,
    takes: Any,
    patience: Any,
    anybody: Any,
    windows: int,
    clerks: int,
    opens: float,
    closes: float,
    days: int,
) -> Any:
    """When each visitor is served; NaN: he leaves after `patience` minutes, or finds the place closed and its queue
    too long. `ready` rises; `takes`, `patience`, `ready` have shape (n,); opening and closing minutes of every day.
    `anybody`, shape (n,): he is taken at a special window or by a clerk, whichever is free first; the others only at a
    window.
    """
    start = np.full(len(ready), np.nan)
    free, other = np.zeros(max(windows, 1)), np.zeros(max(clerks, 1))
    day = -1
    for i in range(len(ready)):
        mine = int(ready[i] // DAY)
        if mine != day:
            day = mine
            free[:] = day * DAY + opens
            other[:] = day * DAY + opens
        clerk = clerks > 0 and anybody[i] and (windows < 1 or max(ready[i], other[0]) < free[0])
        if windows < 1 and not clerk:
            continue
        begin = max(ready[i], other[0] if clerk else free[0])
        if day >= days or begin >= day * DAY + closes or begin - ready[i] > patience[i]:
            continue
        start[i] = begin
        if clerk:
            _busy_until(other, clerks, begin + takes[i])
        else:
            _busy_until(free, windows, begin + takes[i])
    return start


@compiled
def rounds(day: Any, takes: Any, wait: Any, servers: Any, opens: float, closes: float) -> Any:
    """When each try of each job begins, shape (n, tries) of minutes, NaN: not tried.

    A job is due at the opening of its `day`, shape (n,); jobs of a day in the order given. `takes`, `wait`, shape
    (n, tries): minutes of each try, and so many days later the job is tried again, behind those due then; 0: it is
    over. `servers`, shape (days,): at work on each day. What is not begun before the close is first next day.
    """
    n, tries = takes.shape
    days = len(servers)
    start = np.full((n, tries), np.nan)
    first, last = np.full(days + 1, -1), np.full(days + 1, -1)
    after, tried = np.full(n, -1), np.zeros(n, np.int64)
    for i in range(n):
        _append(first, last, after, min(day[i], days), i)
    free = np.zeros(max(1, servers.max() if days else 1))
    for today in range(days):
        free[:] = today * DAY + opens
        close, i = today * DAY + closes, first[today]
        while i >= 0 and servers[today] > 0 and free[0] < close:
            k, following = tried[i], after[i]
            start[i, k] = free[0]
            _busy_until(free, servers[today], free[0] + takes[i, k])
            tried[i] += 1
            after[i] = -1
            if wait[i, k] > 0 and tried[i] < tries:
                _append(first, last, after, min(today + wait[i, k], days), i)
            i = following
        if i >= 0:  # what is left goes before those of tomorrow
            after[last[today]] = first[today + 1]
            first[today + 1] = i
            if last[today + 1] < 0:
                last[today + 1] = last[today]
    return start


@compiled
def _append(first: Any, last: Any, after: Any, due: int, i: int) -> None:
    if last[due] < 0:
        first[due] = i
    else:
        after[last[due]] = i
    last[due] = i
