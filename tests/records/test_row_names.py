"""What rows of a list are called: numbers and keys to a person only, and recorded; places in a file to anybody."""

import os
import subprocess
import sys

import pytest
import sqlalchemy as sa

from telewave.bootstrap import open_home
from telewave.kernel import Label
from telewave.platform.lists import SHEET_ROWS, SheetFull, write_list
from telewave.platform.settings import load_settings
from telewave.records.key_keeping import open_keys
from telewave.records.revealing import NobodyReveals
from telewave.records.row_names import NUMBER, RowNamesNotKept, names_of, naming_of
from telewave.records.tables import reveals

MAPPINGS = {
    "keyed": "samples: keyed\ntitle: {en: Calls, zh: 外呼}\nkey: phone\norder: rows\noutcome: {from: y, positive: 'yes'}\n",
    "plain": "samples: plain\ntitle: {en: Calls, zh: 外呼}\norder: rows\noutcome: {from: y, positive: 'yes'}\n",
}
ROWS = "phone,age,y\n13911112222,40,yes\n13911113333,50,no\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home with an outside table whose rows have a key, and one whose rows have none."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "calls.csv").write_text(ROWS)
    environment = os.environ | {"TELEWAVE_HOME": str(folder / "home"), "TELEWAVE_THREADS": "1"}
    for name, text in MAPPINGS.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
        words = ["ingest", "--map", str(folder / f"{name}.yaml"), str(folder / "calls.csv")]
        subprocess.run(
            [sys.executable, "-m", "telewave.cli", *words], env=environment, check=True, capture_output=True
        )
    with open_home(load_settings(environment)) as opened:
        yield opened


def named(home, samples, clock, by=""):
    naming = naming_of(home.warehouse, samples, by)
    keys = open_keys(home.keys, home.database, create=False)
    given = names_of(naming, home.database, keys, [1, 0], by=by, purpose="test", now=clock)
    return naming, given


def test_rows_of_an_outside_table_are_called_by_its_key_which_is_recorded_as_revealed(home):
    with pytest.raises(NobodyReveals):
        naming_of(home.warehouse, "keyed", by=" ")
    naming, given = named(home, "keyed", home.clock.now(), by="Li")
    assert naming.heading == Label("phone", "phone")
    assert given == ["13911113333", "13911112222"]
    with home.database.transaction() as connection:
        assert connection.execute(sa.select(reveals.c.person, reveals.c.subscribers)).all() == [("Li", 2)]


def test_rows_without_a_key_are_called_by_their_place_and_nobody_is_revealed(home):
    naming, given = named(home, "plain", home.clock.now())
    assert (naming.people, given) == (False, [2, 1])


def test_subscribers_are_called_by_their_numbers(home):
    assert naming_of(home.warehouse, "", by="Li").heading == NUMBER


def test_a_table_of_an_older_version_is_refused_rather_than_called_wrongly(home):
    with home.warehouse.change("samples.old") as change:
        change.facts["title"] = {"en": "Old", "zh": "旧"}
    with pytest.raises(RowNamesNotKept):
        naming_of(home.warehouse, "old", by="Li")


def test_what_does_not_fit_on_a_sheet_is_refused_rather_than_left_out(tmp_path):
    goal = tmp_path / "list.xlsx"
    with pytest.raises(SheetFull):
        write_list(goal, ["n"], ((n,) for n in range(SHEET_ROWS)))
    assert not goal.exists()
