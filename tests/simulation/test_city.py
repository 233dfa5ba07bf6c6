"""Making a city: the same for a seed, in the contracts' form, whole or not at all."""

import signal
import subprocess
import sys
from datetime import date

import pyarrow.parquet as pq
import pytest

from telewave.platform.database import Database
from telewave.platform.engine import DuckDBEngine
from telewave.platform.progress import Silent
from telewave.platform.warehouse import Warehouse
from telewave.records.contracts import CONTRACTS
from telewave.records.usecases import ingest_folder
from telewave.simulation.city import FolderInUse, NotAFolder, UnreadableCity, simulate
from telewave.simulation.plan import CityPlan, UnusableCity

SMALL = {"months_before": 1, "months_after": 1, "records_per_day": 2.0}


def tables(folder):
    return {
        str(path.relative_to(folder)): pq.read_table(path)
        for path in sorted([*(folder / "records").rglob("*.parquet"), *(folder / "truth").rglob("*.parquet")])
    }


def test_the_same_plan_gives_the_same_city_whatever_the_number_of_processes(tmp_path):
    for name, workers in (("one", 1), ("two", 2)):
        simulate(CityPlan(subscribers=1_500, seed=5, workers=workers, **SMALL), tmp_path / name, Silent())
    assert tables(tmp_path / "one") == tables(tmp_path / "two")


def test_another_seed_gives_another_city(tmp_path):
    for seed in (1, 2):
        simulate(CityPlan(subscribers=1_000, seed=seed, workers=1, **SMALL), tmp_path / str(seed), Silent())
    assert tables(tmp_path / "1") != tables(tmp_path / "2")


def test_a_city_with_hardly_any_takers_is_made(tmp_path):
    """In some months nobody comes with the offer, and contacts alone win more than the case has."""
    plan = CityPlan(
        subscribers=3_000,
        seed=2,
        take_up=0.3,
        workers=1,
        months_before=0,
        months_after=3,
        records_per_day=0.05,
    )
    assert simulate(plan, tmp_path / "city", Silent()).takers < 30


def test_every_table_has_its_contract_s_columns_and_is_accepted_by_ingest_without_a_refusal(tmp_path):
    plan = CityPlan(subscribers=1_200, take_up=20, **SMALL)
    simulate(plan, tmp_path / "city", Silent())
    for path in (tmp_path / "city" / "records").rglob("*.parquet"):
        assert pq.read_schema(path).names == CONTRACTS[path.parent.name].schema.names
    reports = ingested(tmp_path, plan)
    assert len(reports) == 9
    assert all(report.read == report.accepted and not report.refused for report in reports)


def test_a_dirty_city_has_faults_that_ingest_refuses_with_their_reason(tmp_path):
    plan = CityPlan(subscribers=1_000, dirty=True, **SMALL)
    simulate(plan, tmp_path / "city", Silent())
    usage = next(report for report in ingested(tmp_path, plan) if report.table == "usage")
    assert usage.read == usage.accepted + usage.rows_refused
    assert {reason for reason, _ in usage.refused} == {"negative", "duplicate_in_file"}
    assert 0.0005 < usage.rows_refused / usage.read < 0.003


def ingested(tmp_path, plan):
    database = Database(f"sqlite:///{tmp_path / 'operations.sqlite'}")
    database.migrate()
    warehouse = Warehouse(tmp_path / "warehouse", DuckDBEngine(memory_gb=1))
    try:
        return ingest_folder(warehouse, database, tmp_path / "city", Silent(), plan.end)
    finally:
        warehouse.engine.close()
        database.close()


def test_a_finished_city_is_found_again_and_another_is_not_written_over_it(tmp_path):
    plan = CityPlan(subscribers=1_000, workers=1, **SMALL)
    made = simulate(plan, tmp_path / "city", Silent())
    marker = (tmp_path / "city" / "city.json").stat().st_mtime_ns
    assert simulate(plan, tmp_path / "city", Silent()) == made
    assert (tmp_path / "city" / "city.json").stat().st_mtime_ns == marker
    with pytest.raises(FolderInUse):
        simulate(CityPlan(subscribers=1_001, workers=1, **SMALL), tmp_path / "city", Silent())


def test_a_folder_with_something_else_in_it_is_refused_and_left_alone(tmp_path):
    (tmp_path / "letters.txt").write_text("dear")
    with pytest.raises(FolderInUse):
        simulate(CityPlan(subscribers=1_000, **SMALL), tmp_path, Silent())
    assert [p.name for p in tmp_path.iterdir()] == ["letters.txt"]


def test_somebody_s_own_records_are_refused_and_left_alone(tmp_path):
    own = tmp_path / "records" / "usage" / "own.csv"
    own.parent.mkdir(parents=True)
    own.write_text("mine")
    with pytest.raises(FolderInUse):
        simulate(CityPlan(subscribers=1_000, **SMALL), tmp_path, Silent())
    assert own.read_text() == "mine"


def test_an_unfinished_city_with_something_else_beside_it_is_refused_and_left_alone(tmp_path):
    (tmp_path / "records").mkdir()
    (tmp_path / "city.unfinished").touch()
    (tmp_path / "letters.txt").write_text("dear")
    with pytest.raises(FolderInUse):
        simulate(CityPlan(subscribers=1_000, **SMALL), tmp_path, Silent())
    assert {p.name for p in tmp_path.iterdir()} == {"records", "city.unfinished", "letters.txt"}


@pytest.mark.parametrize("below", ["", "deeper"])
def test_a_file_in_the_place_of_the_folder_is_named(tmp_path, below):
    (tmp_path / "letters.txt").write_text("dear")
    with pytest.raises(NotAFolder, match=r"letters\.txt"):
        simulate(CityPlan(subscribers=1_000, **SMALL), tmp_path / "letters.txt" / below, Silent())
    assert (tmp_path / "letters.txt").read_text() == "dear"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"plan": {}}', "\x00\xff"])
def test_a_city_json_that_cannot_be_read_is_named(tmp_path, text):
    (tmp_path / "city.json").write_text(text, encoding="latin-1")
    with pytest.raises(UnreadableCity, match=r"city\.json"):
        simulate(CityPlan(subscribers=1_000, **SMALL), tmp_path, Silent())


KILLED = """
import os, signal, sys
from contextlib import contextmanager
from pathlib import Path
from telewave.simulation.city import simulate
from telewave.simulation.plan import CityPlan

class Deadly:
    # Kills the whole group of processes when the third stretch of usage is written.
    @contextmanager
    def step(self, title, total=None):
        self.done, self.last = 0, 3 if title.template == "Writing usage records" else None
        yield self

    def advance(self, amount=1):
        self.done += amount
        if self.done == self.last:
            os.killpg(0, signal.SIGKILL)

if __name__ == "__main__":
    simulate(CityPlan(subscribers=3_000, workers=1, months_before=1, months_after=1, records_per_day=20), Path(sys.argv[1]), Deadly())
"""


def test_a_killed_simulation_is_not_taken_for_a_finished_one_and_can_be_begun_anew(tmp_path):
    plan = CityPlan(subscribers=3_000, workers=1, months_before=1, months_after=1, records_per_day=20)
    script, city = tmp_path / "run.py", tmp_path / "city"
    script.write_text(KILLED)
    died = subprocess.run([sys.executable, str(script), str(city)], start_new_session=True, check=False)
    assert died.returncode == -signal.SIGKILL
    usage = city / "records" / "usage"
    assert list(usage.glob("*.parquet"))
    assert not (city / "city.json").exists()
    for whole in usage.glob("*.parquet"):
        assert pq.read_metadata(whole).num_rows > 0
    simulate(plan, city, Silent())
    assert not list(city.rglob("*.aside"))
    assert len(list(usage.glob("*.000000000.parquet"))) == len(plan.days)


@pytest.mark.parametrize(
    "wrong",
    [
        {"subscribers": 10},
        {"subscribers": 2_000, "records_per_day": 0},
        {"subscribers": 2_000, "take_up": -1},
        {"subscribers": 2_000, "months_after": 0},
        {"subscribers": 2_000, "seed": -1},
        {"subscribers": 2_000, "workers": -3},
        {"subscribers": 2_000, "launch": date(1, 1, 1)},
    ],
)
def test_an_impossible_plan_is_refused_with_what_would_be_possible(wrong):
    with pytest.raises(UnusableCity) as refused:
        CityPlan(**wrong)
    name = list(wrong)[-1]
    assert name in str(refused.value)
