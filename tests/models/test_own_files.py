"""The main job on a person's own files, as the README has it: every command through the command line, on a small simulated city."""

import io
import re
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from telewave.bootstrap import open_home
from telewave.cli import command_tree
from telewave.features.usecases import open_wide
from telewave.models.store import load
from telewave.models.usecases import scores
from telewave.platform.pages.library import library_is_there
from telewave.platform.progress import Silent
from telewave.platform.settings import load_settings
from telewave.records.contracts import ORDERS
from telewave.simulation.city import simulate
from telewave.simulation.plan import CityPlan
from telewave.targeting.usecases import groups

PLAN = CityPlan(2_000, seed=3, take_up=50, months_before=1, months_after=2, records_per_day=0.5, workers=2)
DATES = ("2026-04-01", "2026-04-16", "2026-05-01")
TODAY = "2026-05-16"
RULE = "has_mobile = true"


@dataclass(frozen=True)
class Desk:
    """A home folder and a terminal: `run` gives what a command printed, its lines run together."""

    home: Path

    def run(self, *words):
        said = io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(said), redirect_stderr(said):
            patch.setenv("TELEWAVE_HOME", str(self.home))
            patch.setenv("TELEWAVE_THREADS", "2")
            patch.setenv("COLUMNS", "200")
            command = ["--lang", "en", *map(str, words)]
            ended = command_tree()(args=command, prog_name="telewave", standalone_mode=False)
        assert not ended, (words, said.getvalue())
        return re.sub(r"\s+", " ", said.getvalue())

    @property
    def settings(self):
        return load_settings({"TELEWAVE_HOME": str(self.home)})


@pytest.fixture(scope="session")
def said(tmp_path_factory):
    """What each command of the pipeline printed, and the desk it was done at."""
    folder = tmp_path_factory.mktemp("own")
    simulate(PLAN, folder / "city", Silent())
    desk, records = Desk(folder / "home"), folder / "city" / "records"
    told = {"check": desk.run("check", records), "ingest": desk.run("ingest", records)}
    for as_of in (*DATES, TODAY):
        told["features"] = desk.run("features", "build", "--as-of", as_of)
    desk.run("audience", "define", "mobile", RULE)
    learn = [word for as_of in DATES for word in ("--as-of", as_of)]
    told["train"] = desk.run(
        "train",
        "--offer",
        "contract_phone",
        *learn,
        "--name",
        "phone",
        "--audience",
        "mobile",
        "--window-days",
        15,
    )
    scored = ("score", "--model", "phone", "--as-of", TODAY)
    told["score everybody"] = desk.run(*scored)
    told["score"] = desk.run(*scored, "--audience", "mobile")
    told["group"] = desk.run("group", "--model", "phone", "--as-of", TODAY)
    return desk, told


def test_check_writes_nothing_and_ingest_refuses_nothing(said):
    _, told = said
    assert "What ingest would do" in told["check"]
    assert "What was ingested" in told["ingest"]
    assert "Refused rows of" not in told["ingest"]


def test_the_card_names_the_audience_learnt_from_and_the_later_months_judged(said):
    desk, told = said
    assert f"Learnt from the audience mobile/1: {RULE}." in told["train"]
    assert "Saved as phone, version 1." in told["train"]
    with open_home(desk.settings) as home:
        card = load(home.models, home.database, "phone").card
    assert (card.audience, card.offered.offer) == (f"mobile/1: {RULE}", "contract_phone")
    assert [fold.period for fold in card.validation.folds] == list(DATES[1:])


def test_scoring_others_than_were_learnt_from_is_said(said):
    _, told = said
    assert f"The model learnt from mobile/1: {RULE}, and everybody are scored" in told["score everybody"]
    assert "The model learnt from" not in told["score"]


def test_members_of_the_audience_who_have_not_the_offer_yet_are_scored_and_grouped(said):
    desk, told = said
    home = open_home(desk.settings)
    warehouse = home.warehouse

    def subscribers(relation):
        return set(warehouse.engine.fetch(relation.select("subscriber"))["subscriber"].to_pylist())

    day = date.fromisoformat(TODAY)
    wide, orders = open_wide(warehouse, day).relation, warehouse.read("orders", ORDERS.schema)
    members = subscribers(wide.filter(wide.has_mobile))
    holders = subscribers(
        orders.filter((orders.offer == "contract_phone") & (orders.ordered_at.date() < day))
    )
    scored, grouped = (subscribers(of(warehouse, "phone", day)) for of in (scores, groups))
    home.close()
    assert len(members & holders) > 50
    assert scored == grouped == members - holders
    assert f"{len(scored)} rows scored into scores.phone by the model phone, version 1." in told["score"]
    assert (
        f"Left out: {len(members & holders):,} subscribers who took contract_phone before." in told["score"]
    )


@pytest.mark.skipif(not library_is_there(), reason="the chart library is not installed: make web")
def test_the_report_is_one_file(said, tmp_path):
    desk, _ = said
    out = tmp_path / "report.html"
    desk.run("report", "--model", "phone", "--as-of", TODAY, "--out", out, "--simulated")
    assert out.read_text().rstrip().endswith("</html>")
