"""The calls of one channel in one run: when each is tried by the agents at work, and when its person answers. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from telewave.rehearsal.model import NEVER, Array, Desk, Load
from telewave.rehearsal.queues import DAY, rounds

AGAIN_AFTER = 1
"""Days after which somebody who was not reached is tried again."""


@dataclass(frozen=True, eq=False, slots=True)
class Called:
    """Minutes of the `first` try and of the answer (`met`), `NEVER` where there was none, and how many tries."""

    first: Array
    met: Array
    count: Array
    load: Load


def called(day: Array, reached: Array, mood: Array, desk: Desk, more: int, horizon: int) -> Called:
    """Who is called when. `reached`, shape (n, tries): whether a try would be answered; `mood`, shape (n,): how long
    he talks, in [0, 1); `more`: agents on each working day beyond the plan's.
    """
    talk = -np.log1p(-mood.astype(np.float64)) * desk.talk + desk.after_call
    at_work = np.where(desk.agents > 0, np.maximum(0, desk.agents + more), 0.0)
    agents = np.ceil(at_work - 1e-9).astype(np.int64)
    # A part of an agent is one who is so much slower: the minutes of a day stay what they are.
    pace = agents.sum() / at_work.sum() if at_work.any() else 1.0
    takes = np.where(reached, talk[:, None], desk.not_reached) * pace
    wait = np.where(reached, 0, AGAIN_AFTER)
    start = rounds(day, takes, wait, agents, desk.opens, desk.opens + desk.minutes)
    tried = ~np.isnan(start)
    answered = tried & reached
    began = start[np.arange(len(day)), answered.argmax(axis=1)]
    on = (start[tried] // DAY).astype(np.int64)
    load = Load(
        busy=np.bincount(on, weights=takes[tried] / pace, minlength=horizon),
        there=np.pad(at_work * desk.minutes, (0, horizon - len(agents))),
        jobs=len(day),
        lost=int((~tried[:, 0]).sum()),
        late=int((tried[:, 0] & (start[:, 0] // DAY > day)).sum()),
    )
    return Called(
        np.where(tried[:, 0], start[:, 0], NEVER),
        np.where(answered.any(axis=1), began, NEVER),
        tried.sum(axis=1),
        load,
    )
