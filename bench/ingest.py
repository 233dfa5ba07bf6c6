"""What telephone numbers cost at ingest: usage rows with plain numbers against the same with +86 before them, in one run.

    .venv/bin/python -m bench.ingest [--rows 1000000] [--runs 3]

Processor seconds of whole ingests in processes of their own, the two kinds in turn; the median counts, and least and greatest are shown.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
from datetime import date, datetime, timedelta
from pathlib import Path

from bench.measuring import kept, measured
from telewave.platform.database import Database
from telewave.platform.engine import DuckDBEngine
from telewave.platform.progress import Silent
from telewave.platform.warehouse import Warehouse
from telewave.records.mapping_file import parse_mapping
from telewave.records.usecases import ingest

DAY, PEOPLE = date(2026, 6, 1), 20_000
BAR = 1.15
HEADER = "subscriber,started_at,kind,direction,reach,roaming,peer,duration_s,volume_kb\n"
PERSON = "subscriber,recorded_on,activated_on,payment,segment\n"


def main(rows: int = 1_000_000, runs: int = 3) -> bool:
    """Write, measure, print; whether prefixes cost no more than the bar."""
    with tempfile.TemporaryDirectory() as made:
        files = {
            kind: write(Path(made), kind, prefix, rows) for kind, prefix in (("plain", ""), ("+86", "+86"))
        }
        spent: dict[str, list[float]] = {kind: [] for kind in files}
        for _ in range(runs):
            for kind, file in files.items():
                spent[kind].append(measured(bring_in, file).cpu_s)
    for kind, seconds in spent.items():
        print(f"  {kind:8} {statistics.median(seconds):8.2f} s of processor, {min(seconds):.2f} .. {max(seconds):.2f}, n = {runs}")  # fmt: skip
    ratio = statistics.median(spent["+86"]) / statistics.median(spent["plain"])
    return kept("+86 against plain numbers", ratio, BAR, f"{rows:,} rows of usage")


def write(folder: Path, kind: str, prefix: str, rows: int) -> Path:
    """A file of usage and one of its subscribers beside it."""
    draw = random.Random(1)
    folder = folder / kind
    folder.mkdir()
    people = [13_900_000_000 + number for number in range(PEOPLE)]
    lines = (f"{prefix}{one},2026-01-01,2020-01-01,prepaid,public\n" for one in people)
    (folder / "subscribers.csv").write_text(PERSON + "".join(lines))
    start = datetime(2026, 5, 1)  # noqa: DTZ001 - a wall has none
    with (folder / "usage.csv").open("w") as out:
        out.write(HEADER)
        for row in range(rows):
            at = start + timedelta(seconds=row * 2_000_000 // rows)
            out.write(f"{prefix}{draw.choice(people)},{at},voice,out,local,none,{prefix}{13_000_000_000 + draw.randrange(6 * 10**9)},{draw.randrange(600)},0\n")  # fmt: skip
    return folder / "usage.csv"


def bring_in(file: Path) -> int:
    """Ingest the file and its subscribers into a new home; the accepted rows of usage."""
    with tempfile.TemporaryDirectory() as made:
        home = Path(made)
        database = Database(f"sqlite:///{home / 'operations.sqlite'}")
        database.migrate()
        warehouse = Warehouse(home / "warehouse", DuckDBEngine(2, 4, home / "spill"))
        for table in ("subscribers", "usage"):
            path = file.with_name(f"{table}.csv")
            report = ingest(warehouse, database, parse_mapping(f"table: {table}"), [path], Silent(), DAY)
            assert report.rows_refused == 0, report.refused
        return report.accepted


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    main(**vars(parser.parse_args()))
