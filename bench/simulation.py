"""Speed and memory of the simulator: usage records a second, and resident memory of its largest process at two sizes."""

from __future__ import annotations

import resource
import tempfile
from pathlib import Path

import psutil

from bench.measuring import kept, measured
from telewave.platform.progress import Silent
from telewave.simulation.city import simulate
from telewave.simulation.plan import BLOCK, CityPlan

SUBSCRIBERS = 200_000
SLOWEST = 1e6
"""Usage records a second on two processors, all other tables included."""
GROWTH = 1.2
"""At most so many times the memory for a city of four blocks as for one of a single block."""


def _simulated(subscribers: int, records_per_day: float, folder: str) -> tuple[int, float]:
    """Usage records of one month, and the peak memory of the largest of the simulator's processes in GB."""
    plan = CityPlan(subscribers=subscribers, months_before=0, months_after=1, records_per_day=records_per_day)
    rows = simulate(plan, Path(folder) / "city", Silent()).rows
    return rows["usage"], resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024**2


def main() -> bool:
    """One month of a city of 200 000 subscribers, and memory at one and four blocks of subscribers; whether the bars are kept."""
    with tempfile.TemporaryDirectory() as folder:
        found = measured(_simulated, SUBSCRIBERS, 8.0, folder)
    rows, peak_gb = found.result
    speed = rows / found.wall_s
    print(f"simulated city, {SUBSCRIBERS:,} subscribers, one month, {psutil.cpu_count()} processors:")
    print(
        f"  {rows:,} usage records and the other tables in {found.wall_s:.1f} s, {peak_gb:.2f} GB a process"
    )
    quick = kept("seconds a million records", 1e6 / speed, 1e6 / SLOWEST, f"{speed / 1e6:.2f} M records/s")
    small, large = (_memory(blocks * BLOCK) for blocks in (1, 4))
    print(f"memory of a process, {BLOCK:,} and {4 * BLOCK:,} subscribers: {small:.2f} and {large:.2f} GB")
    return kept("memory, large / small", large / small, GROWTH) and quick


def _memory(subscribers: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        peak_gb: float = measured(_simulated, subscribers, 1.0, folder).result[1]
    return peak_gb


if __name__ == "__main__":
    main()
