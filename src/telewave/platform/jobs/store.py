"""Jobs in the operations database: each change is one transaction, and of a batch only that of the newest lease counts.

Whoever looks for a job passes over those that another is just taking (`SKIP LOCKED`); on SQLite there is one writer.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from telewave.kernel import Label, Missing, TelewaveError
from telewave.platform.database import Database, Instant, metadata
from telewave.platform.jobs.model import (
    ENDED,
    LEASE,
    Job,
    Order,
    Outcome,
    State,
    Wanted,
    WorkerLost,
    after_failure,
    ordered,
)
from telewave.platform.languages import LANGUAGES, render

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("key", sa.String(300), nullable=False, unique=True),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("person", sa.String(200), nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("due_at", Instant, nullable=False),
    sa.Column("holder", sa.String(200)),
    sa.Column("lease_until", Instant),
    sa.Column("takes", sa.Integer, nullable=False),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("done", sa.Integer, nullable=False),
    sa.Column("total", sa.Integer),
    sa.Column("error", sa.Text),
    sa.Index(None, "state", "due_at"),
)
"""`title` and `error` are said in each language when they are written: whoever lists jobs need not know their kinds."""
FREE = {"holder": None, "lease_until": None}


class NoSuchJob(Missing):
    """There is no job {job}. See the numbers of all with: telewave jobs"""

    code = "no_such_job"


def enqueue(database: Database, wanted: Wanted, now: datetime) -> Job:
    """The job of this key: a new one, the one that is under way, or the one that has ended, queued again."""
    afresh = {"state": State.QUEUED, "due_at": now, "failures": 0, "error": None, **FREE}
    row = {
        "kind": wanted.kind,
        "payload": json.dumps(wanted.payload),
        "title": _written(wanted.title),
        "person": wanted.person,
    }
    with database.writing() as connection:
        if (
            connection.dialect.name == "postgresql"
        ):  # two who ask at once: one lock for all, held for a moment
            connection.exec_driver_sql(f"LOCK TABLE {jobs.name} IN SHARE ROW EXCLUSIVE MODE")
        found = connection.execute(sa.select(jobs).where(jobs.c.key == wanted.key)).one_or_none()
        if found is None:
            new = row | afresh | {"key": wanted.key, "takes": 0, "done": 0}
            connection.execute(sa.insert(jobs).values(new))
        elif found.state in ENDED:
            connection.execute(sa.update(jobs).where(jobs.c.id == found.id).values(row | afresh))
        return _job(connection.execute(sa.select(jobs).where(jobs.c.key == wanted.key)).one())


def take(database: Database, kinds: Collection[str], holder: str, now: datetime) -> Job | None:
    """The job of these kinds that has been due longest, leased to `holder`; None where there is none.

    One whose lease ran out counts as failed once more, and is taken over or, with its budget spent, given up.
    """
    while True:
        with database.writing() as connection:
            found = connection.execute(_takeable(kinds, now)).one_or_none()
            if found is None:
                return None
            lost = found.state == State.RUNNING
            change: dict[str, Any] = {"failures": found.failures + lost, "takes": found.takes + 1}
            state = after_failure(change["failures"], now)[0] if lost else State.QUEUED
            if state == State.FAILED:
                change |= {"state": state, "error": _said(WorkerLost(worker=found.holder)), **FREE}
            else:
                change |= {"state": State.RUNNING, "holder": holder, "lease_until": now + LEASE}
            connection.execute(sa.update(jobs).where(jobs.c.id == found.id).values(change))
            if state != State.FAILED:
                return _job(connection.execute(sa.select(jobs).where(jobs.c.id == found.id)).one())


def _takeable(kinds: Collection[str], now: datetime) -> sa.Select[Any]:
    """One job that is due, or whose lease ran out. A lease that no clock of today can have given ran out too: the clock
    was set back since.
    """
    row = jobs.c
    lapsed = (row.lease_until <= now) | (row.lease_until > now + 2 * LEASE)
    free = ((row.state == State.QUEUED) & (row.due_at <= now)) | ((row.state == State.RUNNING) & lapsed)
    query = sa.select(jobs).where(row.kind.in_(kinds), free).order_by(row.due_at, row.id).limit(1)
    return query.with_for_update(skip_locked=True)


def renew(database: Database, job: Job, now: datetime) -> bool:
    """The worker is still at this batch. False where its lease is another's by now, or the job was told to rest."""
    return _change(database, job, {"lease_until": now + LEASE})


def finish_batch(database: Database, job: Job, outcome: Outcome, now: datetime) -> bool:
    """A batch is done. False, and nothing changed, where its lease is another's by now, or the job was told to rest."""
    state = State.DONE if outcome.next_at is None else State.QUEUED
    after = {"state": state, "due_at": outcome.next_at or now, "done": outcome.done, "total": outcome.total}
    return _change(database, job, after | FREE | {"failures": 0, "error": None})


def fail_batch(database: Database, job: Job, error: TelewaveError, now: datetime) -> bool:
    """A batch was refused: the job is tried again later, or given up. False as `finish_batch` has it."""
    failures = job.failures + 1
    state, due_at = after_failure(failures, now)
    after = {"state": state, "due_at": due_at, "failures": failures, "error": _said(error), **FREE}
    return _change(database, job, after)


def _change(database: Database, job: Job, values: dict[str, Any]) -> bool:
    """Change the job as long as the lease of `job` is the newest."""
    mine = (jobs.c.id == job.id) & (jobs.c.takes == job.takes) & (jobs.c.state == State.RUNNING)
    with database.writing() as connection:
        return connection.execute(sa.update(jobs).where(mine).values(values)).rowcount == 1


def tell(database: Database, number: int, order: Order, now: datetime) -> Job:
    """Pause, resume or stop a job; a batch under way is still done. Raises `NoSuchJob`, `OrderNotPossible`."""
    with database.writing() as connection:
        row = connection.execute(sa.select(jobs).where(jobs.c.id == number).with_for_update()).one_or_none()
        if row is None:
            raise NoSuchJob(job=number)
        after: dict[str, Any] = {"state": ordered(_job(row), order), **FREE}
        if order is Order.RESUME:
            after |= {"due_at": now, "failures": 0, "error": None}
        connection.execute(sa.update(jobs).where(jobs.c.id == number).values(after))
    return find(database, number)


def find(database: Database, number: int) -> Job:
    """Raises `NoSuchJob`."""
    with database.transaction() as connection:
        row = connection.execute(sa.select(jobs).where(jobs.c.id == number)).one_or_none()
    if row is None:
        raise NoSuchJob(job=number)
    return _job(row)


def all_jobs(database: Database) -> list[Job]:
    """Every job, by number."""
    with database.transaction() as connection:
        return [_job(row) for row in connection.execute(sa.select(jobs).order_by(jobs.c.id))]


def _job(row: Any) -> Job:
    values = row._asdict()
    del values["key"]
    values |= {"state": State(row.state), "payload": json.loads(row.payload), "title": _read(row.title)}
    return Job(**values | {"error": _read(row.error) if row.error else None})


def _said(error: TelewaveError) -> str:
    return _written(Label(**{language: render(error, language) for language in LANGUAGES}))


def _written(label: Label) -> str:
    return json.dumps({"en": label.en, "zh": label.zh}, ensure_ascii=False)


def _read(text: str) -> Label:
    return Label(**json.loads(text))
