"""Contacts a minute of a rehearsal on two processors, its memory, and the queue's rate beside simpy's on the same calls. Bars: 1 million a minute; 8 GB."""

from __future__ import annotations

import time

import numpy as np
import simpy
from tests.rehearsal.scripts import script

from bench.measuring import kept, measured
from telewave.platform.progress import Silent
from telewave.rehearsal.model import Means
from telewave.rehearsal.queues import DAY, rounds
from telewave.rehearsal.usecases import rehearse

CONTACTS, DAYS, AGENTS, DRAWS = 500_000, 50, 30, 20
CALLS = 200_000


def rehearsed() -> float:
    """Seconds of one rehearsal after the first, which compiles."""
    means = Means(halls=40, couriers=10)
    rehearse(script(1_000), means, Silent(), draws=10)
    plan = script(CONTACTS, DAYS, AGENTS)
    begun = time.monotonic()
    rehearse(plan, means, Silent(), draws=DRAWS)
    return time.monotonic() - begun


def by_simpy(takes: np.ndarray, agents: int) -> float:
    """Calls a second of simpy: each agent a process that takes the next call."""
    env, calls = simpy.Environment(), iter(takes.tolist())

    def agent(env: simpy.Environment):
        for minutes in calls:
            yield env.timeout(minutes)

    begun = time.monotonic()
    for _ in range(agents):
        env.process(agent(env))
    env.run()
    return len(takes) / (time.monotonic() - begun)


def by_heap(takes: np.ndarray, agents: int) -> float:
    """Calls a second of the rehearsal's own queue."""
    n = len(takes)
    over, servers = np.zeros((n, 1), np.int64), np.array([agents])
    begun = time.monotonic()
    start = rounds(np.zeros(n, np.int64), takes[:, None], over, servers, 0.0, DAY * 1e6)
    assert not np.isnan(start).any()
    return n / (time.monotonic() - begun)


def queues() -> tuple[float, float]:
    """Calls a second of simpy and of the own queue, on the same calls."""
    takes = np.random.default_rng(1).exponential(3.0, CALLS)
    by_heap(takes[:10], AGENTS)
    return by_simpy(takes, AGENTS), by_heap(takes, AGENTS)


def main() -> bool:
    """Whether all bars were kept."""
    run = measured(rehearsed)
    rate = CONTACTS * DRAWS / run.result * 60
    print(
        f"  {rate / 1e6:,.1f} million contacts a minute ({CONTACTS:,} contacts, {DRAWS} draws, {run.result:.1f} s)"
    )
    simpy_s, own_s = queues()
    print(
        f"  queue alone: simpy {simpy_s:,.0f} calls a second, own {own_s:,.0f}, {own_s / simpy_s:,.0f} times"
    )
    fast = kept("minutes for a million contacts", 1e6 / rate, 1.0)
    return kept("peak memory, GB", run.peak_gb, 8.0) and fast


if __name__ == "__main__":
    raise SystemExit(not main())
