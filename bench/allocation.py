"""Allocating millions of subscribers: time, memory, proven gap; beside OR-Tools' PDLP on a hundred thousand.

Values are made up: each subscriber has a taste for each offer and each channel; an option earns chance x margin - cost. Limits:
channels in each wave, stock of each offer, size of each wave, budget in all, by channel and by wave.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit, prange

from bench.measuring import measured
from telewave.allocation.model import Allocation, Limit, Problem
from telewave.allocation.solve import allocate
from telewave.kernel import Label

CASES = ((1_000_000, (4, 3, 2), 1.2), (10_000_000, (4, 3, 2), 3.9), (10_000_000, (5, 5, 4), 9.1))
"""Subscribers, (offers, channels, waves), and the seconds of the best method known for this class of machine."""
GAP_BAR, TIME_BAR, MEMORY_BAR_GB, PDLP_BAR = 5e-5, 1.5, 6.0, 20.0
JUDGED_BY_PDLP = 100_000


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one allocation."""

    seconds: float
    gap: float
    passes: int
    contacts: int


def problem(subscribers: int, shape: tuple[int, int, int], most: int, seed: int = 1) -> Problem:
    """A made-up problem of so many subscribers with offers x channels x waves options."""
    offers, channels, waves = shape
    options = offers * channels * waves
    offer, channel, wave = (code.ravel() for code in np.indices(shape))
    draw = np.random.default_rng(seed)
    margin = draw.uniform(60, 240, offers)[offer]
    cost = np.array([3.0, 1.5, 0.1, 0.05, 6.0])[:channels][channel]
    reach = np.array([1.0, 0.8, 0.35, 0.3, 1.2])[:channels][channel]
    fade = (0.94 ** np.arange(waves))[wave]
    values = np.empty((subscribers, options), np.float32)
    _fill(values, offer, channel, offers, channels, margin * reach * fade, cost, seed)
    size = subscribers * most
    limits = [
        *(_limit(f"channel {c} in wave {w}", (channel == c) & (wave == w), size * (0.5, 0.7, 2, 2.5, 0.3)[c] / 10 / waves)
          for c in range(channels) for w in range(waves)),
        *(_limit(f"offer {o}", offer == o, size * 0.25 / offers) for o in range(offers)),
        *(_limit(f"wave {w}", wave == w, size * 0.22 / waves) for w in range(waves)),
        *(_limit(f"budget of channel {c}", cost * (channel == c), size * 0.02 * cost.max()) for c in range(channels)),
        *(_limit(f"budget of wave {w}", cost * (wave == w), size * 0.3 / waves) for w in range(waves)),
        _limit("budget", cost, size * 0.28),
    ]  # fmt: skip
    if options < 50:
        limits += [
            _limit(f"offer {o} at first", (offer == o) & (wave == 0), size * 0.14 / offers)
            for o in range(offers)
        ]
    return Problem(values, offer.astype(np.int64), limits, most)


def _limit(name: str, use: Any, amount: float) -> Limit:
    return Limit(Label(name, name), np.asarray(use, dtype=np.float64), float(np.floor(amount)))


@njit(parallel=True, cache=True)  # type: ignore[untyped-decorator]
def _fill(
    values: Any, offer: Any, channel: Any, offers: int, channels: int, gain: Any, cost: Any, seed: int
) -> None:
    blocks = 64
    for block in prange(blocks):
        np.random.seed(seed * 1000 + block)
        for i in range(block * len(values) // blocks, (block + 1) * len(values) // blocks):
            base = np.exp(np.random.normal(-4.2, 0.9))
            likes = np.exp(np.random.normal(0.0, 0.5, offers))
            ways = np.exp(np.random.normal(0.0, 0.4, channels))
            for j in range(len(gain)):
                chance = base * likes[offer[j]] * ways[channel[j]] * np.exp(np.random.normal(0.0, 0.05))
                values[i, j] = min(chance, 0.9) * gain[j] - cost[j]


def ours(subscribers: int, shape: tuple[int, int, int], most: int) -> Figures:
    """Our allocation of a made-up problem, after the loops were compiled."""
    allocate(problem(1_000, (2, 2, 2), most))
    made = problem(subscribers, shape, most)
    start = time.monotonic()
    found: Allocation = allocate(made)
    return Figures(time.monotonic() - start, found.gap, found.passes, found.contacts)


def pdlp(made: Problem) -> tuple[float, float]:
    """Seconds and objective of OR-Tools' PDLP on the linear relaxation, to the relative tolerance 1e-6 (k = 1)."""
    from ortools.linear_solver.python import model_builder  # noqa: F401 - fails early where OR-Tools is missing
    from ortools.pdlp import solve_log_pb2, solvers_pb2
    from ortools.pdlp.python import pdlp as engine
    from scipy import sparse

    n, m = made.values.shape
    columns = np.arange(n * m)
    rows = sparse.csr_matrix((np.ones(n * m), (columns // m, columns)), shape=(n, n * m))
    global_rows = sparse.csr_matrix(np.tile(made.use[:, 0, :], n))
    lp = engine.QuadraticProgram()
    lp.resize_and_initialize(n * m, n + len(made.limits))
    lp.objective_vector = -made.values.ravel().astype(float)
    lp.constraint_matrix = sparse.csc_matrix(sparse.vstack([global_rows, rows]))
    lp.constraint_lower_bounds = np.full(n + len(made.limits), -np.inf)
    lp.constraint_upper_bounds = np.concatenate([made.amounts, np.ones(n)])
    lp.variable_lower_bounds, lp.variable_upper_bounds = np.zeros(n * m), np.ones(n * m)
    wanted = solvers_pb2.PrimalDualHybridGradientParams(num_threads=2)
    wanted.termination_criteria.simple_optimality_criteria.eps_optimal_relative = 1e-4
    wanted.termination_criteria.simple_optimality_criteria.eps_optimal_absolute = 1e-4
    start = time.monotonic()
    found = engine.primal_dual_hybrid_gradient(lp, wanted)
    reason = solve_log_pb2.TerminationReason.Name(found.solve_log.termination_reason)
    if "OPTIMAL" not in reason:
        print(f"  PDLP ended with {reason}")
    return time.monotonic() - start, float(made.values.ravel() @ found.primal_solution)


def main() -> None:
    """Print the figures and the bars."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a tenth of the subscribers")
    small = parser.parse_args().small
    for subscribers, shape, known in CASES:
        for most in (1, 2):
            count = subscribers // 10 if small else subscribers
            found = measured(ours, count, shape, most)
            f: Figures = found.result
            print(
                f"{count:>10,} x {int(np.prod(shape)):3}, k = {most}: {f.seconds:6.2f} s ({f.seconds / known:.2f} of the best known), "
                f"gap {100 * f.gap:.5f} %, {f.passes} passes, {f.contacts:,} contacts, {found.peak_gb:.1f} GB",
                flush=True,
            )
    print(f"bars: {TIME_BAR} of the best known, gap {100 * GAP_BAR} %, {MEMORY_BAR_GB} GB")
    made = problem(JUDGED_BY_PDLP, (4, 3, 2), 1)
    mine = allocate(made)
    timed = ours(JUDGED_BY_PDLP, (4, 3, 2), 1).seconds
    seconds, objective = pdlp(made)
    print(
        f"{JUDGED_BY_PDLP:,} x {made.options}: {timed:.3f} s, gap {100 * mine.gap:.5f} %; PDLP {seconds:.1f} s for the relaxation "
        f"(objective {objective:.1f}, ours {mine.objective:.1f}, bound {mine.bound:.1f}): {seconds / timed:.0f} times as long, bar {PDLP_BAR:.0f}"
    )


if __name__ == "__main__":
    main()
