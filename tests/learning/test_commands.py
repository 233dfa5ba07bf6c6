"""`telewave learning` as people and scripts use it."""

import json

import pytest
import typer
from tests.json_answers import untyped, well_formed
from tests.learning.test_usecases import AFTER, home_of, pilot
from typer.testing import CliRunner

from telewave.learning.commands import register
from telewave.platform.terminal import Session


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with home_of(tmp_path_factory.mktemp("home"), pilot(AFTER, seed=8)) as opened:
        yield opened


def answer(home, *words):
    app = typer.Typer()
    register(app)
    session = Session(language="en", settings=home.settings, open_home=lambda: home)
    session.collect()
    done = CliRunner().invoke(app, ["learning", *words], obj=session)
    if done.exception:
        raise done.exception
    found = json.loads(session.answer.text())
    assert well_formed(found)
    assert untyped(found) == []
    return found


def test_the_way_from_a_comparison_to_use_in_commands(home, tmp_path):
    app_page = tmp_path / "learning.html"
    made = answer(home, "refit", "spring", "--by", "Li Na", "--report", str(app_page))
    assert [len(one["rows"]) > 0 for one in made["tables"]] == [True, True]
    assert made["refit"]["judged"]["verdict"] == "better"
    assert "predicts later contacts better" in app_page.read_text()
    shown = answer(home, "show", "spring")
    assert shown["refit"] == made["refit"]
    done = answer(home, "approve", "spring", "--by", "Wang Wei", "--reason", "better")
    assert "use version 2" in done["sentences"][0]
    told = answer(home, "history", "spring")
    assert [one["state"] for one in told["tables"][0]["rows"]] == ["was in use", "in use"]
    assert [one["put_to_use_by"] for one in told["tables"][1]["rows"]] == ["Li Na", "Wang Wei"]
    page = tmp_path / "all.html"
    everything = answer(home, "overview", "--report", str(page))
    (row,) = everything["tables"][0]["rows"]
    assert (row["name"], row["version_in_use"], row["learnt_anew_last"]) == ("spring", 2, 2)
    assert "telewave learning refit spring --by YOU" in row["what_next"]
    assert "spring" in page.read_text()
    assert answer(home)["tables"] == everything["tables"]
