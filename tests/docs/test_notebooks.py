"""The notebook page's examples run as they stand, on a home that the command line made."""

import re
from datetime import date
from pathlib import Path

import pytest
from tests.features.conftest import Town
from tests.features.records import by_seed

import telewave
from telewave.bootstrap import open_home
from telewave.features.usecases import NoWideTable, build_wide
from telewave.notebooks import NoSuchHome
from telewave.platform.languages import LANGUAGES
from telewave.platform.progress import Silent
from telewave.platform.settings import load_settings

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = {"en": DOCS / "reference/notebooks.md", "zh": DOCS / "zh/reference/notebooks.md"}
DAY = date(2026, 7, 1)
PEOPLE = 5


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder with a home in it whose wide table as of the page's date is built."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TELEWAVE_THREADS", "1")
    with open_home(load_settings({"TELEWAVE_HOME": "telewave-home", "TELEWAVE_THREADS": "1"})) as home:
        town = Town(home.warehouse.root, home.warehouse.engine)
        town.put(by_seed(DAY, people=PEOPLE, a_person=4, offsets=(-40, -2)))
        build_wide(home.warehouse, DAY, Silent(), with_gaps=True)
    return tmp_path


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_runs_from_top_to_bottom(folder, language, capsys):
    names = {}
    for block in re.findall(r"^```python\n(.*?)^```$", PAGES[language].read_text(), re.MULTILINE | re.DOTALL):
        exec(block, names)  # noqa: S102
    assert names["frame"]["subscribers"].sum() == PEOPLE
    assert capsys.readouterr().out.startswith("no_wide_table The wide table as of 2031-01-01")


def test_the_table_is_a_row_a_subscriber_and_takes_a_date_as_well(folder):
    with telewave.open("telewave-home") as home:
        assert home.wide(DAY).to_pyarrow().num_rows == PEOPLE
        with pytest.raises(NoWideTable):
            home.wide("2026-06-01")


def test_a_folder_that_is_not_there_is_refused_and_not_made(folder):
    with pytest.raises(NoSuchHome, match="elsewhere"):
        telewave.open("elsewhere")
    assert not Path("elsewhere").exists()
