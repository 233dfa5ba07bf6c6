"""All measurements, one after the other: `make bench`, or `python -m bench NAME ...` for some, with their options (`allocation --large`)."""

from __future__ import annotations

import importlib
import os
import platform
import sys

import psutil

NAMES = (
    "simulation",
    "ingest",
    "snapshots",
    "features",
    "models",
    "audiences",
    "ranking",
    "allocation",
    "planning",
    "contacts",
    "ledger",
    "calls",
    "rehearsal",
)


VERDICTS = {True: "kept", False: "MISSED", None: "not judged"}


def main(arguments: list[str]) -> bool:
    """Say what machine this is, run each, sum up; whether no bar was missed. A measurement's `main` says whether it kept its bars."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    memory = psutil.virtual_memory().total / 1024**3
    print(
        f"machine: {psutil.cpu_count()} processors, {memory:.0f} GiB, {platform.machine()}, Python {platform.python_version()}",
        flush=True,
    )
    names, options = ([x for x in arguments if x.startswith("--") is dashed] for dashed in (False, True))
    found: dict[str, bool | None] = {}
    for name in names or NAMES:
        print(f"\n== {name}", flush=True)
        sys.argv = [f"bench.{name}", *options]
        found[name] = importlib.import_module(f"bench.{name}").main()
    print("\n== bars")
    for name, verdict in found.items():
        print(f"  {name:12} {VERDICTS[verdict]}")
    return False not in found.values()


if __name__ == "__main__":
    sys.exit(not main(sys.argv[1:]))
