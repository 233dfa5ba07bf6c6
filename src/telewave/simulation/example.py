"""A worked small example for a newcomer: files as a Chinese BSS exports them, their mappings, a campaign file."""

from __future__ import annotations

import csv
from datetime import date
from importlib.resources import files
from pathlib import Path
from shlex import quote
from tempfile import TemporaryDirectory

import duckdb

from telewave.kernel import Conflict
from telewave.platform.files import write_whole
from telewave.platform.progress import Progress
from telewave.records.contracts import CONTRACTS
from telewave.simulation.city import City, simulate
from telewave.simulation.exports import STYLES, export_query, mapping_text
from telewave.simulation.facts import OFFER
from telewave.simulation.plan import CityPlan

RECORDS_PER_DAY, TAKE_UP = 0.3, 30.0
EXPORTED = tuple(STYLES)
"""The tables that the city has, in the order in which they are ingested."""
SHIPPED = ("campaign",)
"""Files that are the same whatever the city."""
ROWS = 50_000
"""Rows written at a time, which bounds memory."""


class ExampleFolderInUse(Conflict):
    """{folder} is not an empty folder. Name a new one, for example: telewave init example."""

    code = "example_folder_in_use"


def example_plan(subscribers: int, seed: int = 1) -> CityPlan:
    """A city small enough for seconds, with takers enough to learn from."""
    return CityPlan(subscribers=subscribers, seed=seed, records_per_day=RECORDS_PER_DAY, take_up=TAKE_UP)


def write_example(plan: CityPlan, folder: Path, progress: Progress) -> City:
    """Write the example of the city `plan` to `folder`: `<table>.csv`, `<table>.yaml` and `campaign.yaml`.

    Raises `ExampleFolderInUse` where `folder` is a file or holds something.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ExampleFolderInUse(folder=folder)
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as aside:
        city = simulate(plan, Path(aside) / "city", progress)
        for name in EXPORTED:
            source = Path(aside) / "city" / "records" / name
            _export(name, source, folder / f"{name}.csv")
            write_whole(folder / f"{name}.yaml", mapping_text(name))
    for name in SHIPPED:
        text = (files("telewave.simulation") / f"example-{name}.yaml").read_text("utf-8")
        write_whole(folder / f"{name}.yaml", text)
    return city


def next_commands(folder: Path, dates: list[date]) -> list[str]:
    """What to type after `init`: ingest every table, build the wide tables as of `dates`, and train on all but the
    last two: the last is the campaign's, and of the month before it what contacts did is learnt.
    """
    trained = " ".join(f"--as-of {day}" for day in dates[:-2])
    return [
        f"cd {quote(str(folder))}",
        f"for table in {' '.join(EXPORTED)}; do telewave ingest --map $table.yaml $table.csv; done",
        f"for day in {' '.join(map(str, dates))}; do telewave features build --as-of $day; done",
        f"telewave train --offer {OFFER} {trained} --name phone",
    ]


def _export(name: str, source: Path, target: Path) -> None:
    with duckdb.connect() as con, target.open("w", encoding="gb18030", newline="") as out:
        con.read_parquet(str(source / "*.parquet")).create_view("records")
        written = con.execute(export_query(CONTRACTS[name]))
        writer = csv.writer(out, delimiter=STYLES[name].delimiter, lineterminator="\n")
        writer.writerow([column[0] for column in written.description or ()])
        while rows := written.fetchmany(ROWS):
            writer.writerows(rows)
