"""kill -9 while partials or a wide table are made: the old or the new is visible, and the next run finishes."""

import shutil

import pyarrow.parquet as pq
import pytest
from tests.dying import Mortals, spread
from tests.features.conftest import Town
from tests.features.records import AS_OF, by_seed

AS_OF_DAY = AS_OF[0]
OFFSETS = (-24, -23, -12, -2)
"""Few days, since each is so many steps to be killed at."""
BUILD = """
import datetime
from pathlib import Path
from telewave.features.usecases import build_wide
from telewave.platform.engine import DuckDBEngine
from telewave.platform.progress import Silent
from telewave.platform.warehouse import Warehouse
from tests.dying import serve

def work(folder, as_of):
    warehouse = Warehouse(Path(folder), DuckDBEngine(1, 2))
    build_wide(warehouse, datetime.date.fromisoformat(as_of), Silent(), with_gaps=True)

serve(work)
"""


def seen(town):
    """The wide table that a reader sees."""
    rows = [row for file in town.warehouse.files("wide") for row in pq.read_table(file).to_pylist()]
    return sorted(rows, key=lambda row: row["subscriber"])


def days_are_whole(town, records):
    """Every visible day of partials has a file that can be read, one row for each person with records on the day."""
    made = town.warehouse.manifest("partials.usage")
    assert set(made.partitions) == set(made.facts.get("inputs", {}))
    folder = town.warehouse.root / "partials.usage"
    counted = {day: pq.read_table(folder / files[0].path).num_rows for day, files in made.partitions.items()}
    people = {}
    for row in records["usage"]:
        people.setdefault(row["started_at"].date().isoformat(), set()).add(row["subscriber"])
    assert counted == {day: len(people[day]) for day in counted}
    return len(counted)


@pytest.mark.parametrize("kills", [2, pytest.param(1_000, marks=pytest.mark.prove)])
def test_a_run_killed_at_any_step_leaves_the_old_table_or_the_new_and_the_next_run_finishes(
    town, new_town, tmp_path, duckdb_engine, kills
):
    first, second = (by_seed(AS_OF_DAY, people=30, a_person=2, offsets=OFFSETS, seed=s) for s in (1, 2))
    old = town.put(first).wide(AS_OF_DAY)
    new = new_town().put(second).wide(AS_OF_DAY)
    keyed = [
        sorted(({"subscriber": n} | row for n, row in t.items()), key=lambda r: r["subscriber"])
        for t in (old, new)
    ]
    town.put(second)
    with Mortals(BUILD) as mortals:

        def trial(name, last=0):
            folder = shutil.copytree(town.warehouse.root, tmp_path / "trials" / name)
            return Town(folder, duckdb_engine), mortals.run(folder, last, as_of=AS_OF_DAY)

        whole, steps = trial("whole")
        assert steps > 20
        assert seen(whole) == keyed[1]
        for last in spread(steps, kills):
            killed, ended = trial(str(last), last)
            assert ended == -1
            assert seen(killed) in keyed
            assert mortals.run(killed.warehouse.root, as_of=AS_OF_DAY) > 0
            assert seen(killed) == keyed[1]
            assert days_are_whole(killed, second) == len(killed.files("usage"))
            shutil.rmtree(killed.warehouse.root)
