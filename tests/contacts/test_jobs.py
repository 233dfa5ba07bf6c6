"""A day's release as a job: at each channel's rate, at rest while its campaign is, killed at any statement; on both databases."""

import os
import random
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import typer
from tests.contacts.test_handing_out import FIRST, SECOND, contact, kept, launched, warehouse
from tests.contacts.test_kills import address, begin
from tests.contacts.test_ledger_commands import Desk
from tests.contacts.test_ledger_rows import check_counts, check_log, rows_of
from tests.dying import Mortals, spread
from tests.proving import PROVING

from telewave import job_commands as told
from telewave.approvals.approval import Pause
from telewave.approvals.usecases import NotRunning, launch, step
from telewave.contacts.jobs import KIND, Releasing, release_later
from telewave.contacts.ledger_commands import release_command
from telewave.platform.clock import Clock
from telewave.platform.database import Database
from telewave.platform.engine import DuckDBEngine
from telewave.platform.jobs.model import BUDGET, LEASE, State
from telewave.platform.jobs.store import all_jobs, jobs, take
from telewave.platform.jobs.worker import Worker
from telewave.platform.languages import LANGUAGES
from telewave.platform.warehouse import Warehouse

__all__ = ["warehouse"]
KILLS = 60 if PROVING else 3
"""For each of the two tests, on each database."""
PROGRAM = """
from tests.contacts.test_jobs import work
from tests.dying import serve
serve(work)
"""
PEOPLE, BATCH = 8, 4
MORNING = datetime(2026, 7, 8, 9, 50, tzinfo=UTC)
AFTER = datetime(2026, 7, 10, tzinfo=UTC)


def crew(warehouse, database, at, name="first", batch=BATCH):
    clock = Clock("UTC", lambda: at)
    handler = Releasing(warehouse=warehouse, database=database, clock=clock, batch=batch)
    return Worker(database=database, handlers={KIND: handler}, clock=clock, name=name)


def work(folder, url, root, at):
    """What a worker does: everything that is due."""
    database, engine = Database(url), DuckDBEngine(1, 1)
    for _ in crew(Warehouse(Path(root), engine), database, datetime.fromisoformat(at)).work():
        pass
    engine.close()
    database.close()


def out(database):
    return {row["subscriber"] for row in rows_of(database) if row["state"] == "released"}


def test_each_contact_is_let_go_in_the_quarter_of_an_hour_of_its_minute(warehouse, database):
    launched(database, kept(warehouse, database, [contact(n, minute=590 + 10 * n) for n in range(5)]))
    job = release_later(database, "spring", FIRST, "Li Na", MORNING - timedelta(days=1))
    assert release_later(database, "spring", FIRST, "Li Na", MORNING) == job
    seen, at = [], job.due_at
    while (job := all_jobs(database)[0]).state is State.QUEUED:
        at = max(at, job.due_at)
        assert len(list(crew(warehouse, database, at).work())) == 1
        seen.append((f"{at:%d %H:%M}", sorted(out(database))))
    assert seen == [
        ("07 09:50", []), ("08 09:45", [0]), ("08 10:00", [0, 1, 2]), ("08 10:15", [0, 1, 2, 3]), ("08 10:30", [0, 1, 2, 3, 4]),
    ]  # fmt: skip
    assert (job.state, job.done, job.total) == (State.DONE, 5, 5)


def test_a_campaign_that_rests_lets_nobody_go_and_its_job_goes_on_when_it_runs_again(warehouse, database):
    launched(database, kept(warehouse, database, [contact(n) for n in range(PEOPLE)]))
    release_later(database, "spring", FIRST, "Li Na", MORNING)
    list(crew(warehouse, database, AFTER).work(lambda: bool(out(database))))
    assert len(out(database)) == BATCH
    step(database, "spring", Pause("Zhao", "no stock"), MORNING)
    ((job, refused),) = crew(warehouse, database, AFTER).work()
    assert isinstance(refused, NotRunning)
    assert (job.state, len(out(database))) == (State.QUEUED, BATCH)
    launch(database, "spring", "Li Na", MORNING)
    list(crew(warehouse, database, job.due_at).work())
    assert len(out(database)) == PEOPLE


def test_the_commands_of_jobs_from_leaving_one_to_a_worker_to_its_end(warehouse, database, tmp_path):
    language = LANGUAGES[database.engine.dialect.name == "postgresql"]
    desk = Desk(tmp_path, warehouse, database, language)
    desk.at = MORNING
    launched(database, kept(warehouse, database, [contact(0), contact(1, minute=1100)]))
    left = desk.do(release_command, "spring", by="Li", day=FIRST.isoformat(), background=True)
    assert left["job"] == {"job": 1, "state": "queued"}
    desk.do(told.jobs_command, "pause", 1)
    assert desk.do(told.work_command)["sentences"]
    assert out(database) == set()
    desk.do(told.jobs_command, "resume", 1)
    desk.at = MORNING + timedelta(minutes=15)
    desk.do(told.work_command)
    (row,) = desk.do(told.jobs_command)["tables"][0]["rows"]
    assert (row["state"], row["done"], row["total"], row["next_due"][:16]) == (
        "queued", 1, 2, "2026-07-08T18:15",
    )  # fmt: skip
    with pytest.raises(told.WhatToTellJob):
        desk.do(told.jobs_command, "brew", 1)
    with pytest.raises(told.WhatToTellJob):
        desk.do(told.jobs_command, "stop")


def test_work_ends_with_1_where_a_job_is_given_up_because_its_workers_were_lost(
    warehouse, database, tmp_path
):
    desk = Desk(tmp_path, warehouse, database, "en")
    desk.at = MORNING
    launched(database, kept(warehouse, database, [contact(0)]))
    desk.do(release_command, "spring", by="Li", day=FIRST.isoformat(), background=True)
    for _ in range(BUDGET):
        assert take(database, [KIND], "weak", desk.at) is not None
        desk.at += LEASE
    with pytest.raises(typer.Exit) as ended:
        desk.do(told.work_command)
    assert ended.value.exit_code == 1
    assert [job.state for job in all_jobs(database)] == [State.FAILED]
    desk.do(told.work_command)  # it was said once


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_whoever_ends_a_worker_lets_it_finish_its_batch(number):
    before = signal.getsignal(number)
    with told.ending_gently() as told_to_end:
        assert not told_to_end()
        os.kill(os.getpid(), number)
        assert told_to_end()
        assert signal.getsignal(number) == before  # a second time it ends at once
    assert signal.getsignal(number) == before


@pytest.fixture(scope="module")
def workers():
    """Two that do the work and die when told; started once for all tests."""
    with Mortals(PROGRAM) as one, Mortals(PROGRAM) as other:
        yield one, other


@pytest.fixture
def live(warehouse, database, workers, tmp_path):
    """Work as one of the two workers at an instant until nothing is due, or it is dead at a step."""
    launched(database, kept(warehouse, database, [contact(n, day) for n in range(PEOPLE) for day in (FIRST, SECOND)], spacing_days=0))  # fmt: skip

    def run(worker, at, last=0):
        more = {"url": address(database), "root": warehouse.root, "at": at.isoformat()}
        return workers[worker].run(tmp_path / "files", last, **more)

    return run


def queued(database, days):
    """An empty ledger, and the releases of these days as jobs."""
    begin(database)
    with database.transaction() as connection:
        connection.execute(sa.delete(jobs))
    for day in days:
        release_later(database, "spring", day, "Li Na", MORNING)


def check(database, days):
    """Nothing lost, nothing twice, and the jobs are done."""
    rows = rows_of(database)
    assert len({(row["subscriber"], row["day"]) for row in rows}) == len(rows) == len(days) * PEOPLE
    assert all(row["sequence"] == 1 for row in rows)
    assert [(job.state, job.done, job.total) for job in all_jobs(database)] == [
        (State.DONE, PEOPLE, PEOPLE)
    ] * len(days)
    check_log(database)
    check_counts(database)


def test_a_worker_killed_at_any_statement_is_followed_by_one_that_goes_on(database, live):
    days = (FIRST, SECOND) if PROVING else (FIRST,)
    queued(database, days)
    steps = live(0, AFTER)
    check(database, days)
    drawn = random.Random(7)
    for last in spread(steps, KILLS):
        queued(database, days)
        assert live(0, AFTER, last) == -1
        if PROVING:  # on the way again
            live(0, AFTER + LEASE, drawn.randint(1, steps))
        live(0, AFTER + 2 * LEASE)
        check(database, days)


@pytest.mark.prove
def test_two_workers_who_are_killed_and_come_again_share_the_work(database, live):
    drawn, killed = random.Random(5), 0
    with ThreadPoolExecutor(2) as pool:
        while killed < KILLS:
            queued(database, (FIRST, SECOND))
            for life in range(2):
                lasts = [drawn.randint(2, 60) for _ in range(2)]
                at = [AFTER + life * LEASE] * 2
                killed += list(pool.map(live, range(2), at, lasts)).count(-1)
            assert -1 not in pool.map(live, range(2), [AFTER + 2 * LEASE] * 2)
            check(database, (FIRST, SECOND))
