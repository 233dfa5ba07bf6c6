"""kill -9 while partials or a wide table are made: the old or the new is visible, and the next run finishes."""

import signal
import subprocess
import sys

import pyarrow.parquet as pq
from tests.features.records import AS_OF, by_seed

AS_OF_DAY = AS_OF[0]
OFFSETS = tuple(range(-24, 0, 2))
# Imports once, then forks a process for each order read, which kills it after so many seconds; 0: lets it finish.
SERVER = """
import datetime, os, signal, sys, time
from pathlib import Path
from telewave.features.usecases import build_wide
from telewave.platform.engine import DuckDBEngine
from telewave.platform.progress import Silent
from telewave.platform.warehouse import Warehouse

root, as_of = Path(sys.argv[1]), datetime.date.fromisoformat(sys.argv[2])
for line in sys.stdin:
    seconds, started = float(line), time.monotonic()
    child = os.fork()
    if child == 0:
        build_wide(Warehouse(root, DuckDBEngine(1, 2)), as_of, Silent(), with_gaps=True)
        os._exit(0)
    if seconds:
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    print(status, time.monotonic() - started, flush=True)
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


def test_a_run_killed_at_any_moment_leaves_the_old_table_or_the_new_and_the_next_run_finishes(town, new_town):
    first, second = (by_seed(AS_OF_DAY, people=30, a_person=2, offsets=OFFSETS, seed=s) for s in (1, 2))
    old = town.put(first).wide(AS_OF_DAY)
    new = new_town().put(second).wide(AS_OF_DAY)
    keyed = [
        sorted(({"subscriber": n} | row for n, row in t.items()), key=lambda r: r["subscriber"])
        for t in (old, new)
    ]
    town.put(second)
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, str(town.warehouse.root), AS_OF_DAY.isoformat()],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as server:  # fmt: skip

        def run(seconds):
            server.stdin.write(f"{seconds}\n")
            server.stdin.flush()
            status, took = server.stdout.readline().split()
            return int(status), float(took)

        killed = 0
        for seconds in (0.02, 0.2, 0.4, 0.6, 0.8, 1.0, 1.3, 1.6):
            status, _ = run(seconds)
            killed += status == signal.SIGKILL
            assert seen(town) in keyed
        assert killed
        assert run(0)[0] == 0
        assert seen(town) == keyed[1]
        assert days_are_whole(town, second) == len(town.files("usage"))
        server.stdin.close()
