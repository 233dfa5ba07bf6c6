"""All measurements, one after the other: `make bench`, or `python -m bench NAME ...` for some."""

from __future__ import annotations

import importlib
import os
import platform
import sys

import psutil

NAMES = ("simulation", "features", "models", "audiences", "ranking", "allocation")


def main(names: list[str]) -> None:
    """Say what machine this is, then run each."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    memory = psutil.virtual_memory().total / 1024**3
    print(
        f"machine: {psutil.cpu_count()} processors, {memory:.0f} GiB, {platform.machine()}, Python {platform.python_version()}",
        flush=True,
    )
    for name in names or NAMES:
        print(f"\n== {name}", flush=True)
        sys.argv = [f"bench.{name}"]
        importlib.import_module(f"bench.{name}").main()


if __name__ == "__main__":
    main(sys.argv[1:])
