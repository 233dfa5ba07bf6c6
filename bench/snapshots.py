"""What a full snapshot costs beyond its rows: who is missing is found and told, in one run beside the same file as a plain delivery.

    .venv/bin/python -m bench.snapshots [--rows 2000000]

Processor seconds of the second of two months' ingests, each in a process of its own; one in a hundred of the first month is missing from it.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from bench.measuring import kept, measured
from telewave.platform.database import Database
from telewave.platform.engine import DuckDBEngine
from telewave.platform.progress import Silent
from telewave.platform.warehouse import Warehouse
from telewave.records.mapping_file import parse_mapping
from telewave.records.usecases import ingest

DAY = date(2026, 10, 1)
BAR = 1.5
HEADER = "subscriber,recorded_on,activated_on,payment,segment\n"
PLAIN, FULL = "table: subscribers", "table: subscribers\nsnapshot: full"


def main(rows: int = 2_000_000) -> bool:
    """Write, measure, print; whether a snapshot costs no more than the bar times a plain delivery."""
    spent = {}
    with tempfile.TemporaryDirectory() as made:
        for kind, mapping in (("plain", PLAIN), ("full", FULL)):
            home = Path(made) / kind
            home.mkdir()
            write(home / "august.csv", "2026-08-01", range(rows))
            write(home / "september.csv", "2026-09-01", (one for one in range(rows) if one % 100))
            measured(bring_in, home, "august", mapping)
            spent[kind] = found = measured(bring_in, home, "september", mapping)
            print(
                f"  {kind:8} {found.cpu_s:8.2f} s of processor, {found.wall_s:.2f} s, {found.peak_gb:.2f} GB, n = 1"
            )
    ratio = spent["full"].cpu_s / spent["plain"].cpu_s
    return kept("a full snapshot against a plain file", ratio, BAR, f"{rows:,} subscribers, 1 % missing")


def write(file: Path, day: str, numbers: Iterable[int]) -> None:
    """A file of subscribers."""
    with file.open("w") as out:
        out.write(HEADER)
        out.writelines(f"{13_000_000_000 + one},{day},2020-01-01,prepaid,public\n" for one in numbers)


def bring_in(home: Path, name: str, mapping: str) -> int:
    """Ingest one month into the home; the accepted rows."""
    database = Database(f"sqlite:///{home / 'operations.sqlite'}")
    database.migrate()
    warehouse = Warehouse(home / "warehouse", DuckDBEngine(2, 4, home / "spill"))
    report = ingest(warehouse, database, parse_mapping(mapping), [home / f"{name}.csv"], Silent(), DAY)
    assert report.rows_refused == 0, report.refused
    return report.accepted


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=2_000_000)
    main(**vars(parser.parse_args()))
