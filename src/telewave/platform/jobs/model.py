"""A job's states, and what follows from an order, a failure, a lease that ran out. Pure.

    queued -> running -> queued (the next batch) | done | failed
       |_________|-> paused -> queued        stopped: from everything that is not done

A batch is one lease. What was done of the work itself is never told by a job: its handler finds that in its own rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from telewave.kernel import Conflict, Label

LEASE = timedelta(minutes=3)
"""How long a worker that is not heard of keeps its batch; it is heard of three times as often."""
BUDGET = 5
"""Failures in a row after which a job is given up."""
FIRST_PAUSE = timedelta(minutes=1)
"""Before the first retry; before each further one twice as long."""


class OrderNotPossible(Conflict):
    """Job {job} is {state}, so it cannot be {order}. See how the jobs stand with: telewave jobs"""

    code = "job_order_not_possible"


class WorkerLost(Conflict):
    """The worker {worker} was lost in the middle of a batch. See whether that machine had enough memory and was not
    switched off; what was finished before stays.
    """

    code = "worker_lost"


class State(StrEnum):
    """How a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    DONE = "done"
    FAILED = "failed"

    @property
    def label(self) -> Label:
        """For people."""
        return STATES[self]


STATES = {
    State.QUEUED: Label("queued", "排队中"),
    State.RUNNING: Label("running", "执行中"),
    State.PAUSED: Label("paused", "已暂停"),
    State.STOPPED: Label("stopped", "已停止"),
    State.DONE: Label("done", "已完成"),
    State.FAILED: Label("given up", "已放弃"),
}
ENDED = (State.STOPPED, State.DONE, State.FAILED)


class Order(StrEnum):
    """What a person may tell a job."""

    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"

    @property
    def label(self) -> Label:
        """What becomes of the job, for people."""
        return ORDERS[self]


ORDERS = {
    Order.PAUSE: Label("paused", "暂停"),
    Order.RESUME: Label("resumed", "继续"),
    Order.STOP: Label("stopped", "停止"),
}
LEADS_TO = {Order.PAUSE: State.PAUSED, Order.RESUME: State.QUEUED, Order.STOP: State.STOPPED}
POSSIBLE = {
    Order.PAUSE: (State.QUEUED, State.RUNNING, State.PAUSED),
    Order.RESUME: (State.QUEUED, State.PAUSED, State.STOPPED, State.FAILED),
    Order.STOP: (State.QUEUED, State.RUNNING, State.PAUSED, State.STOPPED, State.FAILED),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """Work to be done: what `kind` of handler does it, by which `key` it is one job however often it is asked for, what
    the handler has to know, what people call it, who asks for it.
    """

    kind: str
    key: str
    payload: dict[str, str]
    title: Label
    person: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """A job as it stands. `done` of `total` (None: not known yet) units; `failures` in a row, the last being `error`;
    `takes`: how often a worker has taken it, by which the holder of an older lease is told from the one of this.
    """

    id: int
    kind: str
    payload: dict[str, str]
    title: Label
    person: str
    state: State
    due_at: datetime
    holder: str | None
    lease_until: datetime | None
    takes: int
    failures: int
    done: int
    total: int | None
    error: Label | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """After a batch: `done` of `total` units, and when there is more to do; None: never."""

    done: int
    total: int
    next_at: datetime | None


def ordered(job: Job, order: Order) -> State:
    """The state that an order leads to. Raises `OrderNotPossible`."""
    if job.state not in POSSIBLE[order]:
        raise OrderNotPossible(job=job.id, state=job.state.label, order=order.label)
    return LEADS_TO[order]


def after_failure(failures: int, now: datetime) -> tuple[State, datetime]:
    """State, and when it is tried again, after so many failures in a row.

    >>> [after_failure(n, datetime(2026, 7, 1))[1].minute for n in (1, 2, 3, 4)]
    [1, 2, 4, 8]
    """
    state = State.FAILED if failures >= BUDGET else State.QUEUED
    return state, now + FIRST_PAUSE * 2 ** (failures - 1)
