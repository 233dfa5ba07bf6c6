"""The main job on a person's own files, as the README has it: every command through the command line, on a small simulated city."""

import csv
import os
import re
import zipfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.started import started

from telewave.bootstrap import open_home
from telewave.features.usecases import open_wide
from telewave.models.store import load
from telewave.models.usecases import scores
from telewave.platform.pages.library import library_is_there
from telewave.platform.progress import Silent
from telewave.platform.settings import load_settings
from telewave.records.contracts import ORDERS
from telewave.records.tables import reveals
from telewave.simulation.city import simulate
from telewave.simulation.plan import CityPlan
from telewave.targeting.usecases import groups

PLAN = CityPlan(
    subscribers=2_000, seed=3, take_up=50, months_before=1, months_after=2, records_per_day=0.5, workers=2
)
DATES = ("2026-04-01", "2026-04-16", "2026-05-01")
TODAY = "2026-05-16"
RULE = "has_mobile = true"


@dataclass(frozen=True)
class Desk:
    """A home folder and a terminal: `run` gives what a command printed, its lines run together."""

    home: Path

    def run(self, *words, language="en"):
        environment = {"TELEWAVE_HOME": str(self.home), "TELEWAVE_THREADS": "1", "COLUMNS": "200"}
        done = started(["--lang", language, *words], env=os.environ | environment, text=True)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return re.sub(r"\s+", " ", done.stdout)

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


def rows_of(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_scores_are_written_as_a_list_the_likeliest_first_with_headings_in_the_person_s_language(
    said, tmp_path
):
    desk, _ = said
    listed = tmp_path / "scores.csv"
    words = ["score", "--model", "phone", "--as-of", TODAY, "--audience", "mobile", "--to", listed]
    told = desk.run(*words, "--by", "李", language="zh")
    assert listed.read_bytes().startswith(b"\xef\xbb\xbf")
    head, *rows = rows_of(listed)
    assert head == ["号码", "名次", "办理概率"]
    with open_home(desk.settings) as home:
        found = home.warehouse.engine.fetch(scores(home.warehouse, "phone", date.fromisoformat(TODAY)))
    best = max(found["probability"].to_pylist())
    assert len({number for number, *_ in rows}) == len(rows) == found.num_rows
    assert float(rows[0][2]) == pytest.approx(best, abs=1e-6)
    assert [float(row[2]) for row in rows] == sorted((float(row[2]) for row in rows), reverse=True)
    assert f"{len(rows):,} 行已写入" in told


def test_groups_are_written_as_a_list_with_names_instead_of_codes(said, tmp_path):
    desk, _ = said
    listed = tmp_path / "groups.csv"
    desk.run("group", "--model", "phone", "--as-of", TODAY, "--to", listed, "--by", "Li")
    head, *rows = rows_of(listed)
    assert head == ["Number", "Place", "Target group", "Channels", "Chance of taking", "Expected profit"]
    assert {row[2] for row in rows} <= {"Core", "Normal", "Basic"}
    assert [int(row[1]) for row in rows] == list(range(1, len(rows) + 1))
    sheet = tmp_path / "groups.xlsx"
    desk.run("group", "--model", "phone", "--as-of", TODAY, "--to", sheet, "--by", "Li")
    with zipfile.ZipFile(sheet) as book:
        assert book.read("xl/worksheets/sheet1.xml").count(b"<row ") == len(rows) + 1


def test_nobody_gets_a_list_of_people_without_a_name_and_each_number_shown_is_recorded(said, tmp_path):
    desk, _ = said
    listed = tmp_path / "nobody.csv"
    words = ["group", "--model", "phone", "--as-of", TODAY, "--to", listed]
    with pytest.raises(AssertionError, match=r"nobody_reveals"):
        desk.run(*words)
    assert not listed.exists()
    desk.run(*words, "--by", "Wang")
    with open_home(desk.settings) as home, home.database.transaction() as connection:
        query = sa.select(reveals.c.purpose, reveals.c.subscribers).where(reveals.c.person == "Wang")
        found = connection.execute(query).all()
    assert found == [(f"groups of phone, {TODAY}", len(rows_of(listed)) - 1)]


@pytest.mark.skipif(not library_is_there(), reason="the chart library is not installed: make web")
def test_the_report_is_one_file(said, tmp_path):
    desk, _ = said
    out = tmp_path / "report.html"
    desk.run("report", "--model", "phone", "--as-of", TODAY, "--out", out, "--simulated")
    assert out.read_text().rstrip().endswith("</html>")
