"""`telewave work` and `telewave jobs`: which kinds of jobs there are, who does them, how they stand. Assembly only."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from telewave.kernel import Figure, Malformed, Message
from telewave.platform.terminal import Session, spoken

if TYPE_CHECKING:
    from telewave.platform.jobs.model import Job, Order
    from telewave.platform.jobs.worker import Handler

PAUSE_S = 5
"""A worker that keeps on looks this often whether something is due."""


class WhatToTellJob(Malformed):
    """Write pause, resume or stop and a job's number, such as: telewave jobs pause 3. To list all jobs, write
    nothing behind: telewave jobs
    """

    code = "what_to_tell_job"


KeepOn = Annotated[
    bool, typer.Option("--keep-on", help=spoken("Wait for more instead of ending when nothing is due."))
]
Step = Annotated[str, typer.Argument(help=spoken("pause, resume or stop; nothing: list all jobs."))]
Number = Annotated[int | None, typer.Argument(help=spoken("The number of the job."))]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("work", help=spoken("Do the jobs that are due, batch by batch."))(work_command)
    app.command("jobs", help=spoken("List the jobs, or pause, resume or stop one."))(jobs_command)


def handlers(session: Session) -> Mapping[str, Handler]:
    """Who does which kind of job."""
    from telewave.contacts import jobs as releases

    return {
        releases.KIND: releases.Releasing(
            warehouse=session.warehouse, database=session.database, clock=session.clock
        )
    }


def work_command(context: typer.Context, keep_on: KeepOn = False) -> None:
    """Work until nothing is due, or until it is told to end; ends with code 1 where a job was given up."""
    from telewave.platform.jobs.model import State
    from telewave.platform.jobs.worker import Worker, name_of_this_process

    session: Session = context.obj
    worker = Worker(
        database=session.database,
        handlers=handlers(session),
        clock=session.clock,
        name=name_of_this_process(),
    )
    before = _failed(session)
    given_up = False
    with ending_gently() as told_to_end:
        while True:
            for job, refused in worker.work(told_to_end):
                _say(session, job, refused is not None)
                if refused is not None and job.state is State.FAILED:
                    given_up = True
                    before[job.id] = job
            if told_to_end() or not keep_on:
                break
            _wait(told_to_end)
        _say_what_waits(session, told_to_end())
    # Given up while they were being taken over: their workers were lost once too often.
    for number, job in _failed(session).items():
        if number not in before:
            session.say(_given_up(job), style="red")
            given_up = True
    if given_up:
        raise typer.Exit(1)


def _failed(session: Session) -> dict[int, Job]:
    """The jobs that are given up, by number."""
    from telewave.platform.jobs.model import State
    from telewave.platform.jobs.store import all_jobs

    return {job.id: job for job in all_jobs(session.database) if job.state is State.FAILED}


@contextmanager
def ending_gently() -> Iterator[Callable[[], bool]]:
    """While this lasts, Ctrl-C and SIGTERM are noted, to end after the batch; a second time they end at once."""
    told: list[int] = []

    def note(number: int, _frame: Any) -> None:
        told.append(number)
        signal.signal(number, before[number] or signal.SIG_DFL)

    before: dict[int, Any] = {
        number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield lambda: bool(told)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)


def _wait(told_to_end: Callable[[], bool]) -> None:
    for _ in range(PAUSE_S):
        if not told_to_end():
            time.sleep(1)


def _say(session: Session, job: Job, refused: bool) -> None:
    from telewave.platform.jobs.model import State

    if refused and job.state is State.FAILED:
        session.say(_given_up(job), style="red")
    elif refused and job.state is State.QUEUED:
        session.say(
            Message(
                "{title}: tried again at {when}. {error}",
                title=job.title,
                error=job.error or "",
                when=f"{session.clock.local(job.due_at):%Y-%m-%d %H:%M}",
            ),
            style="yellow",
        )
    else:
        session.say(
            Message(
                "{title}: {done:,} of {total:,}, {state}.",
                title=job.title,
                done=job.done,
                total=job.total or 0,
                state=job.state.label,
            )
        )


def _given_up(job: Job) -> Message:
    return Message(
        "{title}: given up after {failures} failures. `telewave jobs resume {job}` tries again once this is mended: "
        "{error}",
        title=job.title,
        error=job.error or "",
        failures=job.failures,
        job=job.id,
    )


def _say_what_waits(session: Session, ended: bool) -> None:
    from telewave.platform.jobs.model import State
    from telewave.platform.jobs.store import all_jobs

    due = [job.due_at for job in all_jobs(session.database) if job.state is State.QUEUED]
    if ended:
        session.say(
            Message("Ended after the batch, as asked. The jobs that wait: {count:,}.", count=len(due))
        )
    elif due:
        session.say(
            Message(
                "Nothing more is due now. The jobs that wait: {count:,}; the next is due at {when}. Run this again "
                "then, or with --keep-on.",
                count=len(due),
                when=f"{session.clock.local(min(due)):%Y-%m-%d %H:%M}",
            )
        )
    else:
        session.say(Message("There is nothing to do now."))


def jobs_command(context: typer.Context, step: Step = "", job: Number = None) -> None:
    """Tell a job something, or list all. Raises `WhatToTellJob`, `NoSuchJob`, `OrderNotPossible`."""
    from telewave.platform.jobs.store import all_jobs, tell

    session: Session = context.obj
    if step or job is not None:
        found = tell(session.database, _number(job), _order(step), session.clock.now())
        session.say(Message("{title}: {state}.", title=found.title, state=found.state.label))
        return
    jobs = all_jobs(session.database)
    if not jobs:
        session.say(
            Message(
                "There are no jobs. Leave one to a worker with: telewave campaign release NAME --by YOU --background"
            )
        )
        return
    columns = [
        Message("Job"), Message("What"), Message("State"), Message("Done"), Message("Total"), Message("Next due"),
        Message("Held by"), Message("Lease until"), Message("Failures"), Message("Last error"),
    ]  # fmt: skip
    session.table(Message("Jobs of the workers"), columns, [_row(session, one) for one in jobs])


def _row(session: Session, job: Job) -> list[Any]:
    from telewave.platform.jobs.model import State

    return [
        job.id, job.title, Figure(job.state.value, job.state.label), job.done, job.total,
        session.clock.local(job.due_at) if job.state is State.QUEUED else None,
        job.holder, session.clock.local(job.lease_until) if job.lease_until else None, job.failures,
        _given_up(job) if job.state is State.FAILED else job.error,
    ]  # fmt: skip


def _number(job: int | None) -> int:
    if job is None:
        raise WhatToTellJob
    return job


def _order(step: str) -> Order:
    from telewave.platform.jobs.model import Order

    try:
        return Order(step)
    except ValueError as cause:
        raise WhatToTellJob from cause
