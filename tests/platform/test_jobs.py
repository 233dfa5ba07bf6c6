"""Jobs: what an order, a failure, a lost worker does to them; several workers; on both databases."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from telewave.kernel import Conflict, Label
from telewave.platform.clock import Clock
from telewave.platform.jobs.model import (
    BUDGET,
    ENDED,
    LEASE,
    POSSIBLE,
    Order,
    OrderNotPossible,
    Outcome,
    State,
    Wanted,
    after_failure,
)
from telewave.platform.jobs.store import NoSuchJob, all_jobs, enqueue, find, finish_batch, renew, take, tell
from telewave.platform.jobs.worker import Worker

NOW = datetime(2026, 7, 7, 9, tzinfo=UTC)
KINDS = ["count"]


class OutOfPaper(Conflict):
    """There is no paper. Put some in."""

    code = "out_of_paper"


class Hand:
    """A clock that is set by hand."""

    def __init__(self, at=NOW):
        self.at, self.clock = at, Clock("UTC", lambda: self.at)


def wanted(key="one"):
    title = Label(f"Count {key}", f"清点 {key}")
    return Wanted(kind="count", key=key, payload={"what": key}, title=title, person="Li Na")


def worker(database, handler, hand, name="first", **more):
    return Worker(database=database, handlers={"count": handler}, clock=hand.clock, name=name, **more)


def test_asked_for_twice_it_is_one_job_and_one_that_has_ended_is_queued_again(database):
    first = enqueue(database, wanted(), NOW)
    assert enqueue(database, wanted(), NOW) == first
    tell(database, first.id, Order.STOP, NOW)
    again = enqueue(database, wanted(), NOW + timedelta(days=1))
    assert (again.id, again.state, again.due_at) == (first.id, State.QUEUED, NOW + timedelta(days=1))


def test_a_job_is_done_batch_by_batch_and_tells_how_far_it_is(database):
    hand, seen = Hand(), []

    def two_by_two(job):
        seen.append(job.done)
        return Outcome(job.done + 2, 6, NOW if job.done < 4 else None)

    enqueue(database, wanted(), NOW)
    told = [(job.done, job.total, job.state) for job, _ in worker(database, two_by_two, hand).work()]
    assert seen == [0, 2, 4]
    assert told == [(2, 6, "queued"), (4, 6, "queued"), (6, 6, "done")]


def test_a_worker_that_is_told_to_end_ends_after_the_batch_and_the_next_goes_on(database):
    hand, ended = Hand(), []

    def handler(job):
        ended.append(job)
        return Outcome(job.done + 1, 2, NOW if job.done < 1 else None)

    enqueue(database, wanted(), NOW)
    assert len(list(worker(database, handler, hand).work(lambda: bool(ended)))) == 1
    (job,) = all_jobs(database)
    assert (job.state, job.done, job.holder) == (State.QUEUED, 1, None)
    assert [one.state for one, _ in worker(database, handler, hand, "second").work()] == [State.DONE]


def test_a_lease_that_runs_out_is_taken_by_another_and_the_late_report_counts_no_more(database):
    enqueue(database, wanted(), NOW)
    lost = take(database, KINDS, "first", NOW)
    assert take(database, KINDS, "second", NOW + LEASE - timedelta(seconds=1)) is None
    taken = take(database, KINDS, "second", NOW + LEASE)
    assert (taken.holder, taken.failures, taken.takes) == ("second", 1, 2)
    assert not renew(database, lost, NOW + LEASE)
    assert not finish_batch(database, lost, Outcome(9, 9, None), NOW + LEASE)
    assert finish_batch(database, taken, Outcome(1, 9, NOW), NOW + LEASE)
    assert (find(database, taken.id).done, find(database, taken.id).failures) == (1, 0)


def test_a_lease_of_a_clock_that_was_set_back_since_holds_nobody_up(database):
    enqueue(database, wanted(), NOW - timedelta(days=3))
    take(database, KINDS, "first", NOW)
    assert take(database, KINDS, "second", NOW - timedelta(days=2)).holder == "second"


def test_a_worker_is_heard_of_while_its_batch_lasts(database):
    hand, first = Hand(), NOW + LEASE

    def long(job):
        hand.at = NOW + LEASE / 2
        while find(database, job.id).lease_until == first:
            time.sleep(0.01)
        assert take(database, KINDS, "second", first) is None
        return Outcome(1, 1, None)

    enqueue(database, wanted(), NOW)
    assert [job.state for job, _ in worker(database, long, hand, beat_s=0.01).work()] == [State.DONE]


def test_a_failure_is_tried_again_later_each_time_until_the_budget_is_spent_and_then_tells_what_to_mend(database):  # fmt: skip
    hand, tries = Hand(), []

    def refused(job):
        tries.append(hand.at - NOW)
        raise OutOfPaper

    enqueue(database, wanted(), NOW)
    while (job := all_jobs(database)[0]).state is State.QUEUED:
        hand.at = job.due_at
        assert len(list(worker(database, refused, hand).work())) == 1
    assert [int(one.total_seconds() / 60) for one in tries] == [0, 1, 3, 7, 15]
    assert (job.state, job.failures, job.error.en) == (
        State.FAILED,
        BUDGET,
        "There is no paper. Put some in.",
    )
    tell(database, job.id, Order.RESUME, hand.at)
    done = worker(database, lambda _: Outcome(1, 1, None), hand)
    assert [(one.state, one.error) for one, _ in done.work()] == [(State.DONE, None)]


def test_a_job_whose_workers_are_lost_again_and_again_is_given_up(database):
    enqueue(database, wanted(), NOW)
    at = NOW
    while take(database, KINDS, "weak", at) is not None:
        at += LEASE
    (job,) = all_jobs(database)
    assert (job.state, job.failures, job.holder) == (State.FAILED, BUDGET, None)
    assert "weak" in job.error.en
    assert "weak" in job.error.zh


@pytest.mark.parametrize(
    ("order", "state"), [(Order.PAUSE, State.PAUSED), (Order.STOP, State.STOPPED)], ids=str
)
def test_an_order_during_a_batch_holds_after_it_and_resume_goes_on(database, order, state):
    hand = Hand()

    def told_meanwhile(job):
        if job.takes == 1:
            tell(database, job.id, order, NOW)
        return Outcome(1, 1, None)

    enqueue(database, wanted(), NOW)
    crew = worker(database, told_meanwhile, hand)
    assert [job.state for job, _ in crew.work()] == [state]
    assert list(crew.work()) == []
    tell(database, 1, Order.RESUME, NOW)
    assert [job.state for job, _ in crew.work()] == [State.DONE]
    with pytest.raises(OrderNotPossible, match=r"Job 1 is done, so it cannot be (paused|stopped)"):
        tell(database, 1, order, NOW)
    with pytest.raises(NoSuchJob, match="telewave jobs"):
        tell(database, 2, order, NOW)


def test_several_workers_share_the_jobs_and_none_gets_the_other_s(database):
    for n in range(20):
        enqueue(database, wanted(str(n)), NOW)

    def all_that_come(name):
        return list(iter(lambda: take(database, KINDS, name, NOW), None))

    with ThreadPoolExecutor(2) as pool:
        shares = list(pool.map(all_that_come, ("first", "second")))
    assert sorted(job.id for share in shares for job in share) == list(range(1, 21))


@pytest.mark.postgresql
def test_on_postgresql_nobody_waits_for_a_job_that_another_is_just_taking(database):
    if database.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer")
    enqueue(database, wanted("one"), NOW)
    enqueue(database, wanted("two"), NOW)
    with database.transaction() as other:
        other.exec_driver_sql("SELECT * FROM jobs WHERE key = 'one' FOR UPDATE")
        assert take(database, KINDS, "second", NOW).payload == {"what": "two"}


def test_every_state_but_done_can_be_left_and_no_order_leads_to_what_it_does_not_say():
    for state in State:
        assert any(state in states for states in POSSIBLE.values()) == (state is not State.DONE)
    assert set(ENDED) & set(POSSIBLE[Order.PAUSE]) == set()
    assert after_failure(BUDGET, NOW)[0] is State.FAILED
    assert after_failure(BUDGET - 1, NOW)[0] is State.QUEUED
