"""`telewave init`: files as a BSS exports them, read back without a refusal to exactly what the city recorded."""

import csv
import os
from collections import Counter

import pytest
from tests.started import started

from telewave.briefs.campaign_file import load_campaign
from telewave.platform.database import Database
from telewave.platform.engine import DuckDBEngine
from telewave.platform.progress import Silent
from telewave.platform.warehouse import Warehouse
from telewave.records.contracts import CONTRACTS
from telewave.records.mapping_file import load_mapping
from telewave.records.usecases import ingest
from telewave.simulation.city import simulate
from telewave.simulation.example import EXPORTED, ExampleFolderInUse, write_example
from telewave.simulation.exports import STYLES
from telewave.simulation.plan import CityPlan

PLAN = CityPlan(
    subscribers=1_000, seed=3, months_before=1, months_after=1, records_per_day=2.0, take_up=20, workers=1
)


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    folder = tmp_path_factory.mktemp("example") / "new"
    write_example(PLAN, folder, Silent())
    return folder


@pytest.fixture(scope="module")
def read_back(example, tmp_path_factory):
    """Reports and warehouse after every file was ingested by its mapping, in the order that `init` tells."""
    home = tmp_path_factory.mktemp("home")
    database = Database(f"sqlite:///{home / 'operations.sqlite'}")
    database.migrate()
    warehouse = Warehouse(home / "warehouse", DuckDBEngine(memory_gb=1))
    reports = {}
    for name in EXPORTED:
        mapping = load_mapping(example / f"{name}.yaml")
        reports[name] = ingest(warehouse, database, mapping, [example / f"{name}.csv"], Silent(), PLAN.end)
    yield reports, warehouse
    warehouse.engine.close()
    database.close()


def lines(folder, name):
    with (folder / f"{name}.csv").open(encoding="gb18030", newline="") as file:
        return list(csv.reader(file, delimiter=STYLES[name].delimiter))


def test_every_file_has_chinese_headers_and_rows_that_no_utf8_reader_would_take(example):
    for name in EXPORTED:
        header, *rows = lines(example, name)
        assert rows
        assert all(any("\u4e00" <= letter <= "\u9fff" for letter in column) for column in header)
        with pytest.raises(UnicodeDecodeError):
            (example / f"{name}.csv").read_text("utf-8")


def test_every_row_is_accepted_through_the_mapping_beside_it(read_back):
    for name, report in read_back[0].items():
        assert (name, report.read, dict(report.refused)) == (name, report.accepted, {})


def test_what_is_read_back_is_what_the_city_recorded(read_back, tmp_path):
    simulate(PLAN, tmp_path / "city", Silent())
    warehouse = read_back[1]
    for name in ("subscribers", "holdings", "bills", "payments", "orders"):
        kept = warehouse.engine.fetch(warehouse.read(name, CONTRACTS[name].schema)).to_pylist()
        made = (
            warehouse.engine.connection.con.read_parquet(
                str(tmp_path / "city" / "records" / name / "*.parquet")
            )
            .fetch_arrow_table()
            .select(CONTRACTS[name].schema.names)
            .to_pylist()
        )
        assert counted(kept) == counted(made)


def counted(rows):
    """Without the subscriber's number, which ingesting gives anew, and without parts of a second, which an export lacks."""
    plain = lambda value: value.replace(microsecond=0) if hasattr(value, "microsecond") else value  # noqa: E731
    return Counter(
        tuple(sorted((name, str(plain(value))) for name, value in row.items() if name != "subscriber"))
        for row in rows
    )


def test_the_same_seed_writes_the_same_files(example, tmp_path):
    write_example(PLAN, tmp_path / "again", Silent())
    assert {p.name for p in (tmp_path / "again").iterdir()} == {p.name for p in example.iterdir()}
    for path in example.iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()


def test_the_campaign_is_a_file_that_its_commands_read(example):
    assert load_campaign(example / "campaign.yaml").id == "spring"


def test_a_folder_that_holds_something_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(ExampleFolderInUse):
        write_example(PLAN, tmp_path, Silent())
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_the_command_says_what_to_type_next(tmp_path):
    words = ["--lang", "en", "init", str(tmp_path / "example"), "--subscribers", "1000"]
    environment = os.environ | {"TELEWAVE_HOME": str(tmp_path / "home")}
    done = started(words, env=environment, text=True)
    assert done.returncode == 0, done.stderr
    assert "telewave ingest --map $table.yaml $table.csv" in done.stdout
