"""Speed and memory of the simulator: usage records a second, and resident memory of its largest process at two sizes."""

from __future__ import annotations

import resource
import tempfile
from pathlib import Path

import psutil

from bench.measuring import measured
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
    plan = CityPlan(subscribers, months_before=0, months_after=1, records_per_day=records_per_day)
    rows = simulate(plan, Path(folder) / "city", Silent()).rows
    return rows["usage"], resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024**2


def main() -> None:
    """Print the figures for one month of a city of 200 000 subscribers, and memory at one and four blocks of subscribers."""
    with tempfile.TemporaryDirectory() as folder:
        found = measured(_simulated, SUBSCRIBERS, 8.0, folder)
    rows, peak_gb = found.result
    speed = rows / found.wall_s
    print(f"simulated city, {SUBSCRIBERS:,} subscribers, one month, {psutil.cpu_count()} processors:")
    print(
        f"  {rows:,} usage records and the other tables in {found.wall_s:.1f} s, {peak_gb:.2f} GB a process"
    )
    print(f"  {speed / 1e6:.2f} M records/s (bar: at least {SLOWEST / 1e6:g})  {_verdict(speed >= SLOWEST)}")
    small, large = (_memory(blocks * BLOCK) for blocks in (1, 4))
    print(f"memory of a process, {BLOCK:,} and {4 * BLOCK:,} subscribers: {small:.2f} and {large:.2f} GB")
    print(f"  ratio {large / small:.2f} (bar: at most {GROWTH:g})  {_verdict(large <= GROWTH * small)}")


def _memory(subscribers: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        peak_gb: float = measured(_simulated, subscribers, 1.0, folder).result[1]
    return peak_gb


def _verdict(kept: bool) -> str:
    return "kept" if kept else "MISSED"


if __name__ == "__main__":
    main()
