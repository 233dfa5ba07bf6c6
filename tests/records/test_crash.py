"""kill -9 at any step leaves the old version of a table or the new one, and the next run heals."""

import subprocess
import sys

import pytest
from tests.dying import Mortals, spread
from tests.records.conftest import USAGE_HEADER, usage_row

from telewave.records import store

INGEST = """
import datetime
from pathlib import Path
from telewave.platform.database import Database
from telewave.platform.engine import DuckDBEngine
from telewave.platform.progress import Silent
from telewave.platform.warehouse import Warehouse
from telewave.records.mapping_file import parse_mapping
from telewave.records.usecases import ingest
from tests.dying import serve

def work(folder, file, mapping="table: usage"):
    home = Path(folder)
    warehouse = Warehouse(home / "warehouse", DuckDBEngine(1, 2))
    database = Database(f"sqlite:///{home / 'operations.sqlite'}")
    today = datetime.date(2026, 6, 1)
    ingest(warehouse, database, parse_mapping(mapping), [Path(file)], Silent(), today, replace=True)

serve(work)
"""
LIGHT = INGEST.replace("from tests.dying import serve", "import sys").replace(
    "serve(work)", "work(*sys.argv[1:]); print('pandas' in sys.modules)"
)


def test_ingest_loads_no_pandas_which_takes_longer_than_most_deliveries(town, tmp_path):
    file = town.file("usage.csv", delivery(1))
    done = subprocess.run(
        [sys.executable, "-c", LIGHT, tmp_path, file], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


def seen(town):
    """What a reader sees: duration of the rows by day, and the refused rows."""
    rows = sorted((row["started_at"].day, row["duration_s"]) for row in town.rows("usage"))
    return tuple(rows), tuple(line["value"] for line in town.refused("usage"))


def delivery(version):
    days = range(1, 12) if version == 1 else range(5, 20)
    rows = "".join(usage_row(at=f"2026-01-{day:02d} 10:00:00", duration=version) for day in days)
    return USAGE_HEADER + rows + "".join(usage_row(kind=f"bad{version}") for _ in range(version))


def each_kill(mortals, folder, files, seen, kills, **more):
    """Deliver the two versions in turn and kill at `kills` steps: every time the old or the new is seen, and in the end the new."""
    states, steps = {}, 0
    for version in (2, 1):
        steps = mortals.run(folder, file=files[version], **more)
        assert steps > 20
        states[version] = seen()
    assert states[1] != states[2]
    current, kept, switched = 1, 0, 0
    for last in spread(steps, kills):
        wanted = 3 - current
        died = mortals.run(folder, last, file=files[wanted], **more) == -1
        now = seen()
        assert now in states.values(), f"neither the old nor the new version after step {last}"
        kept, switched = kept + (died and now == states[current]), switched + (now == states[wanted])
        current = wanted if now == states[wanted] else current
    assert kept
    assert switched
    assert mortals.run(folder, file=files[3 - current], **more) > 0
    assert seen() == states[3 - current]


@pytest.mark.parametrize("kills", [4, pytest.param(1_000, marks=pytest.mark.prove)])
def test_a_process_killed_at_any_step_leaves_the_old_version_or_the_new(town, tmp_path, kills):
    files = {version: town.file(f"{version}/usage.csv", delivery(version)) for version in (1, 2)}
    with Mortals(INGEST) as mortals:
        each_kill(mortals, tmp_path, files, lambda: seen(town), kills)
    facts = town.warehouse.manifest("usage").facts["deliveries"]["usage"]
    logged = store.latest_deliveries(town.database, "usage")[0]
    assert (logged.accepted, sum(logged.refused.values())) == (facts["accepted"], facts["refused"][0][2])


PEOPLE = "subscriber,recorded_on,customer,activated_on,payment,segment\n"


def people(day, *numbers):
    return "".join(f"1390000000{n},{day},c{n},2020-01-01,prepaid,public\n" for n in numbers)


@pytest.mark.parametrize("kills", [2, pytest.param(1_000, marks=pytest.mark.prove)])
def test_a_process_killed_at_any_step_of_a_full_snapshot_leaves_its_rows_and_who_is_missing_or_neither(
    house, tmp_path, kills
):
    full = "table: subscribers\nsnapshot: full"
    house.ingest(full, house.file("may.csv", PEOPLE + people("2026-05-01", 1, 2, 3, 4)))
    later = {1: people("2026-05-20", 1, 2, 5), 2: people("2026-05-20", 1, 3, 4)}
    files = {version: house.file(f"{version}/late.csv", PEOPLE + rows) for version, rows in later.items()}

    def ends():
        rows = house.rows("subscribers")
        return sorted((row["customer"], str(row["recorded_on"]), str(row["ended_on"])) for row in rows)

    with Mortals(INGEST) as mortals:
        each_kill(mortals, tmp_path, files, ends, kills, mapping=full)
    assert {row[0] for row in ends() if row[2] != "None"} in ({"c2"}, {"c3", "c4"})
