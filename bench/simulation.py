"""Speed and memory of the simulator: usage records a second, resident memory of each process."""

from __future__ import annotations

import tempfile
from pathlib import Path

import psutil

from bench.measuring import measured
from telewave.platform.progress import Silent
from telewave.simulation.city import simulate
from telewave.simulation.plan import CityPlan


def _simulated(subscribers: int, folder: str) -> dict[str, int]:
    plan = CityPlan(subscribers, months_before=0, months_after=1, records_per_day=8)
    return simulate(plan, Path(folder) / "city", Silent()).rows


def main() -> None:
    """Print the figures for one month of a city of 200 000 subscribers."""
    with tempfile.TemporaryDirectory() as folder:
        found = measured(_simulated, 200_000, folder)
    rows = found.result["usage"]
    print(f"simulated city, 200,000 subscribers, one month, {psutil.cpu_count()} processors:")
    print(
        f"  {rows:,} usage records and the other tables in {found.wall_s:.1f} s: "
        f"{rows / found.wall_s / 1e6:.2f} M records/s (bar: at least 1)"
    )


if __name__ == "__main__":
    main()
