"""The queues of a rehearsal against simpy, event by event on the same random numbers."""

from functools import partial

import numpy as np
import pytest
import simpy

from telewave.rehearsal.queues import DAY, rounds, visits

OPENS, CLOSES = 540.0, 900.0


def rounds_by_simpy(day, takes, wait, servers):
    """Each agent a process that takes the next job in line until the close."""
    n, tries = takes.shape
    start, tried = np.full((n, tries), np.nan), [0] * n
    due = [[i for i in range(n) if day[i] == d] for d in range(len(servers) + wait.max() + 1)]
    carried = []
    for today, many in enumerate(servers):
        env = simpy.Environment(today * DAY + OPENS)
        line = [*carried, *due[today]]

        def agent(env, line, today):
            while line and env.now < today * DAY + CLOSES:
                i = line.pop(0)
                k = tried[i]
                start[i, k], tried[i] = env.now, k + 1
                if wait[i, k] and tried[i] < tries and today + wait[i, k] < len(servers):
                    due[today + wait[i, k]].append(i)
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
    wait, servers = draw.integers(0, 2 + seed % 3, (n, tries)), draw.integers(0, 4, days)
    servers[seed % days] = 0
    ours = rounds(day, takes, wait, servers, OPENS, CLOSES)
    np.testing.assert_array_equal(ours, rounds_by_simpy(day, takes, wait, servers))
    assert np.isnan(ours[:, 0]).any() or seed > 2


def opening(env, desks):
    """Nobody is served before the hall opens."""
    held = [(desk, desk.request()) for desk in desks for _ in range(desk.capacity)]
    yield env.timeout(OPENS)
    for desk, one in held:
        desk.release(one)


def visitor(env, desks, ready, until, takes, served):
    """Asks at all `desks` and takes whoever is free first; leaves when `until` comes."""
    yield env.timeout(ready - env.now)
    if until < env.now:
        return
    mine = {desk.request(): desk for desk in desks}
    yield simpy.AnyOf(env, [*mine, env.timeout(until - env.now)])
    got = [one for one in mine if one.triggered]
    for one, desk in mine.items():
        if one not in got:
            one.cancel()
        elif one is not got[0]:
            desk.release(one)
    if got:
        served(env.now)
        yield env.timeout(takes)
        mine[got[0]].release(got[0])


def visits_by_simpy(ready, takes, patience, anybody, windows, clerks, days):
    """Each visitor a process; whom anybody takes asks for a window and a clerk, the others for a window."""
    start = np.full(len(ready), np.nan)
    for today in range(days):
        env = simpy.Environment(today * DAY)
        desks = [simpy.Resource(env, many) for many in (windows, clerks) if many]
        env.process(opening(env, desks))
        for i in np.flatnonzero(ready // DAY == today):
            until = min(ready[i] + patience[i], np.nextafter(today * DAY + CLOSES, 0))
            asked = desks if anybody[i] else desks[:1]
            env.process(visitor(env, asked, ready[i], until, takes[i], partial(start.__setitem__, i)))
        env.run()
    return start


@pytest.mark.parametrize(
    ("seed", "windows", "clerks"), [(1, 1, 0), (2, 2, 0), (3, 5, 0), (4, 1, 1), (5, 2, 3)]
)
def test_visitors_are_served_when_simpy_says(seed, windows, clerks):
    draw = np.random.default_rng(seed)
    days, n = 4, 400
    ready = np.sort(draw.integers(0, days, n) * DAY + draw.uniform(OPENS - 20, CLOSES + 20, n))
    takes, patience = draw.exponential(9.0, n), draw.exponential(30.0, n)
    anybody = draw.random(n) < 0.6
    ours = visits(ready, takes, patience, anybody, windows, clerks, OPENS, CLOSES, days)
    theirs = visits_by_simpy(ready, takes, patience, anybody, windows, clerks, days)
    np.testing.assert_array_equal(np.isnan(ours), np.isnan(theirs))
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-8)
    assert 0 < np.isnan(ours).sum() < n


def test_what_is_not_begun_before_the_close_is_first_on_the_next_day():
    takes = np.full((4, 1), 200.0)
    start = rounds(np.array([0, 0, 0, 1]), takes, np.zeros((4, 1), int), np.array([1, 1]), OPENS, CLOSES)
    assert start[:, 0].tolist() == [540.0, 740.0, DAY + 540.0, DAY + 740.0]


def test_nobody_at_work_does_nothing():
    none = np.zeros(0)
    late, one, either = np.array([600.0]), np.ones(1), np.ones(1, bool)
    assert np.isnan(visits(late, one, one, either, 0, 0, OPENS, CLOSES, 1)).all()
    assert visits(late, one, one, either, 0, 1, OPENS, CLOSES, 1)[0] == 600.0
    assert np.isnan(visits(late, one, one, ~either, 0, 1, OPENS, CLOSES, 1)).all()
    empty = np.zeros((0, 1))
    assert rounds(none.astype(int), empty, empty.astype(int), np.zeros(3, int), OPENS, CLOSES).size == 0
