"""The queues of a rehearsal against simpy, event by event on the same random numbers."""

import numpy as np
import pytest
import simpy

from telewave.rehearsal.queues import DAY, rounds, visits

OPENS, CLOSES = 540.0, 900.0


def rounds_by_simpy(day, takes, met, servers, gap):
    """Each agent a process that takes the next job in line until the close."""
    n, tries = takes.shape
    start, tried = np.full((n, tries), np.nan), [0] * n
    due = [[i for i in range(n) if day[i] == d] for d in range(len(servers) + gap + 1)]
    carried = []
    for today, many in enumerate(servers):
        env = simpy.Environment(today * DAY + OPENS)
        line = [*carried, *due[today]]

        def agent(env, line, today):
            while line and env.now < today * DAY + CLOSES:
                i = line.pop(0)
                k = tried[i]
                start[i, k], tried[i] = env.now, k + 1
                if not met[i, k] and tried[i] < tries and today + gap < len(servers):
                    due[today + gap].append(i)
                yield env.timeout(takes[i, k])

        for _ in range(many):
            env.process(agent(env, line, today))
        env.run()
        carried = line
    return start


@pytest.mark.parametrize("seed", range(6))
def test_calls_begin_when_simpy_says(seed):
    draw = np.random.default_rng(seed)
    days, n, tries = 6, 500, 1 + seed % 3
    day, takes = draw.integers(0, days, n), draw.exponential(9, (n, tries)) + 0.5
    met, servers = draw.random((n, tries)) < 0.5, draw.integers(0, 4, days)
    servers[seed % days] = 0
    ours = rounds(day, takes, met, servers, OPENS, CLOSES, 1)
    np.testing.assert_array_equal(ours, rounds_by_simpy(day, takes, met, servers, 1))
    assert np.isnan(ours[:, 0]).any() or seed > 2


def visits_by_simpy(ready, takes, patience, servers, days):
    """Each visitor a process that asks for a window and leaves when his patience ends or the hall closes."""
    start = np.full(len(ready), np.nan)
    for today in range(days):
        env = simpy.Environment(today * DAY)
        windows = simpy.Resource(env, servers)

        def opening(env, today, windows):
            held = [windows.request() for _ in range(servers)]
            yield env.timeout(OPENS)
            for one in held:
                windows.release(one)

        def visitor(env, i, today, windows):
            yield env.timeout(ready[i] - env.now)
            with windows.request() as mine:
                until = min(ready[i] + patience[i], np.nextafter(today * DAY + CLOSES, 0))
                if until < env.now:
                    return
                yield mine | env.timeout(until - env.now)
                if mine.triggered:
                    start[i] = env.now
                    yield env.timeout(takes[i])

        env.process(opening(env, today, windows))
        for i in np.flatnonzero(ready // DAY == today):
            env.process(visitor(env, i, today, windows))
        env.run()
    return start


@pytest.mark.parametrize(("seed", "servers"), [(1, 1), (2, 2), (3, 5)])
def test_visitors_are_served_when_simpy_says(seed, servers):
    draw = np.random.default_rng(seed)
    days, n = 4, 400
    ready = np.sort(draw.integers(0, days, n) * DAY + draw.uniform(OPENS - 20, CLOSES + 20, n))
    takes, patience = draw.exponential(9.0, n), draw.exponential(30.0, n)
    ours = visits(ready, takes, patience, servers, OPENS, CLOSES, days)
    theirs = visits_by_simpy(ready, takes, patience, servers, days)
    np.testing.assert_array_equal(np.isnan(ours), np.isnan(theirs))
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-8)
    assert 0 < np.isnan(ours).sum() < n


def test_what_is_not_begun_before_the_close_is_first_on_the_next_day():
    takes = np.full((4, 1), 200.0)
    start = rounds(np.array([0, 0, 0, 1]), takes, np.ones((4, 1), bool), np.array([1, 1]), OPENS, CLOSES, 1)
    assert start[:, 0].tolist() == [540.0, 740.0, DAY + 540.0, DAY + 740.0]


def test_nobody_at_work_does_nothing():
    none = np.zeros(0)
    assert np.isnan(visits(np.array([600.0]), np.ones(1), np.ones(1), 0, OPENS, CLOSES, 1)).all()
    assert (
        rounds(
            none.astype(int), np.zeros((0, 1)), np.zeros((0, 1), bool), np.zeros(3, int), OPENS, CLOSES, 1
        ).size
        == 0
    )
