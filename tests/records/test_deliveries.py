"""What a file takes the place of, and files that are named twice or together."""

import datetime as dt
import shutil
from concurrent.futures import ThreadPoolExecutor
from io import StringIO

import pytest
import typer
from rich.console import Console
from tests.records.conftest import SUBSCRIBERS, USAGE_HEADER, usage_row
from tests.records.test_ingest import call, native, subscriber

from telewave.platform.home import Home
from telewave.platform.settings import load_settings
from telewave.platform.terminal import Session
from telewave.records.commands import check_command, ingest_command
from telewave.records.deliveries import SeveralSampleFiles
from telewave.records.mapping import NATIVE
from telewave.records.quarantine import prune, table_of
from telewave.records.quarantine_commands import quarantine_command

THIRD, FOURTH = (USAGE_HEADER + usage_row(at=f"2026-01-0{day} 10:00:00") for day in (3, 4))
SAMPLE = "samples: visitors"


@pytest.fixture
def session(house):
    """Commands on the house, with what they print as text."""
    console = Console(file=StringIO(), width=200)
    settings = load_settings({"TELEWAVE_HOME": str(house.home)})
    return Session(
        language="en",
        settings=settings,
        open_home=lambda: Home.of(settings, house.warehouse, house.database),
        console=console,
    )


def printed(session):
    return session.console.file.getvalue()


class Context:
    """As Typer hands it over."""

    def __init__(self, session):
        self.obj = session


def test_a_file_of_the_same_name_with_other_days_is_refused_with_both_remedies(town):
    town.ingest("table: usage", town.file("d1/calls.csv", THIRD))
    report = town.ingest("table: usage", town.file("d2/calls.csv", FOURTH))
    (file,) = report.problems
    assert file.code == "earlier_days_lost"
    assert "1 rows of 2026-01-03" in str(file.problem)
    assert "rename" in str(file.problem)
    assert "--replace" in str(file.problem)
    assert [row["started_at"].day for row in town.rows("usage")] == [3]


def test_a_file_of_the_same_name_may_be_told_to_replace_the_earlier_one(town):
    town.ingest("table: usage", town.file("d1/calls.csv", THIRD))
    report = town.ingest("table: usage", town.file("d2/calls.csv", FOURTH), replace=True)
    assert report.files[0].replaced == {"2026-01-03": 1}
    assert [row["started_at"].day for row in town.rows("usage")] == [4]


def test_a_corrected_file_says_how_many_rows_it_replaces(town):
    town.usage(usage_row() + usage_row(at="2026-01-03 11:00:00"))
    report = town.usage(usage_row(duration=1))
    assert report.files[0].replaced == {"2026-01-03": 2}


def test_the_command_says_how_many_rows_are_replaced(town, session):
    mapping = town.file("usage.yaml", "table: usage")
    for content in (THIRD, THIRD + usage_row(at="2026-01-04 10:00:00")):
        ingest_command(Context(session), [town.file("calls.csv", content)], mapping)
    assert "calls.csv: replaces 1 rows of 2026-01-03" in printed(session)


def test_several_files_for_one_outside_table_are_refused(house):
    files = [house.file(f"{n}.csv", f"name,age\nx{n},{n}\n") for n in range(2)]
    with pytest.raises(SeveralSampleFiles, match=r"0\.csv, 1\.csv"):
        house.ingest(SAMPLE, *files)
    assert house.warehouse.tables() == []


def test_an_outside_table_replaced_by_a_file_of_another_name_is_told(house):
    house.ingest(SAMPLE, house.file("a.csv", "name,age\nx,1\ny,2\n"))
    report = house.ingest(SAMPLE, house.file("b.csv", "name,age\nz,3\n"))
    assert report.files[0].replaced == {"all": 2}


def test_a_file_named_twice_counts_once(town):
    path = town.file("usage.csv", USAGE_HEADER + usage_row() + usage_row(kind="x"))
    report = town.ingest("table: usage", path, path.parent / ".." / path.parent.name / path.name)
    assert (report.read, report.accepted, report.rows_refused) == (2, 1, 1)


def test_a_file_in_contract_form_named_twice_counts_once(house, tmp_path):
    native(house, tmp_path, "subscribers", "2026-01-01", [subscriber(n) for n in range(3)])
    path = native(house, tmp_path, "subscribers", "2026-01-02", [subscriber(3, day=2)])
    assert house.ingest(NATIVE, path, path).accepted == 1


def test_a_check_of_a_folder_knows_the_subscribers_that_the_folder_brings(house, tmp_path):
    city = tmp_path / "city"
    known = [subscriber(n) for n in range(3)] + [subscriber(3) | {"payment": "barter"}]
    native(house, city, "subscribers", "2026-01-01", known)
    native(house, city, "usage", "2026-01-03", [call(0), call(3)])
    from telewave.platform.progress import Silent
    from telewave.records.usecases import check_folder, ingest_folder

    work = house.warehouse, house.database, city, Silent(), dt.date(2026, 6, 1)
    checked = check_folder(*work)
    assert checked[1].refused == {("unknown_subscriber", "subscriber"): 1}
    assert house.warehouse.tables() == []
    assert [report.files for report in ingest_folder(*work)] == [report.files for report in checked]


@pytest.mark.parametrize("command", [check_command, ingest_command])
@pytest.mark.parametrize("content", [b"", USAGE_HEADER + usage_row(kind="telegram")])
def test_a_command_ends_with_code_1_where_a_file_brings_nothing_in(town, session, command, content):
    good, bad = town.file("good.csv", THIRD), town.file("bad.csv", content)
    mapping = town.file("usage.yaml", "table: usage")
    with pytest.raises(typer.Exit) as ended:
        command(Context(session), [good, bad], mapping)
    assert ended.value.exit_code == 1
    assert "Of 2 files, 1 brought nothing in." in printed(session)


def test_a_command_whose_files_all_brought_rows_in_ends_well(house, session):
    mapping = house.file("subscribers.yaml", "table: subscribers")
    ingest_command(Context(session), [house.file("s.csv", SUBSCRIBERS)], mapping)
    assert "brought nothing in" not in printed(session)


@pytest.mark.parametrize(
    ("language", "said"), [("en", ("unknown code", "Kind of usage")), ("zh", ("未知代码", "使用类型"))]
)
def test_reasons_and_columns_are_named_in_the_persons_language(town, session, language, said):
    session.language = language
    path, mapping = (
        town.file("u.csv", THIRD + usage_row(kind="telegram")),
        town.file("u.yaml", "table: usage"),
    )
    ingest_command(Context(session), [path], mapping)
    quarantine_command(Context(session))
    for word in said:
        assert printed(session).count(word) >= 2
    assert "unknown_code" not in printed(session)


def test_a_delivery_on_its_way_is_not_taken_out_of_quarantine_by_one_that_has_just_ended(town):
    town.usage(usage_row(kind="telegram"))
    warehouse, table = town.warehouse, table_of("usage")
    (kept,) = warehouse.files(table)
    with ThreadPoolExecutor(1) as another, warehouse.turn("usage"), warehouse.change("usage") as change:
        with warehouse.change(table) as published:
            file = published.new_file("second")
            shutil.copy(kept, file)
            published.add("second", file, "second")
        pruning = another.submit(prune, warehouse, "usage")
        name = str(file.relative_to(warehouse.root / table))
        change.facts["deliveries"] = change.facts["deliveries"] | {"second": {"quarantine": name}}
    pruning.result()
    assert set(warehouse.files(table)) == {kept, file}
