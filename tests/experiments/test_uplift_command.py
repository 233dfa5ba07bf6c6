"""`telewave experiments uplift` as a person calls it: an effect that some have, one that all have, the list, JSON, the page."""

import csv
import io
import json

import numpy as np
import pytest
import typer
from rich.console import Console
from tests.experiments.experiment_files import written
from tests.json_answers import untyped, well_formed
from tests.page_text import text_of
from tests.pages_in_browser import look_at, printed
from typer.testing import CliRunner

from telewave.bootstrap import open_home
from telewave.experiments.commands import register
from telewave.experiments.covariates import NothingKnown, OtherKindOfColumn
from telewave.experiments.sample_ratio import SampleRatioMismatch
from telewave.experiments.sources import NoSuchColumn
from telewave.experiments.uplift_command import ListShareOutOfRange, NoListToWrite
from telewave.experiments.uplift_report import NoTargetsByEffect
from telewave.experiments.uplift_study import (
    NoSuchArm,
    SplitsOutOfRange,
    TooFewToRank,
    UnknownLearner,
    WhichArm,
)
from telewave.platform.languages import render
from telewave.platform.progress import Silent
from telewave.platform.settings import load_settings
from telewave.platform.terminal import Session
from telewave.records.mapping_file import load_mapping
from telewave.records.revealing import NobodyReveals
from telewave.records.usecases import ingest

ASKED = ("--arm", "arm", "--control", "none", "--outcome", "took", "--key", "number", "--splits", "2")


def rows_of(n=2400, moved=0.4, seed=1, arms=("none", "sms")):
    """The contact moves those with plan A only, and they answer less by themselves; `moved` 0: it moves all alike."""
    draw = np.random.default_rng(seed)
    arm = draw.permutation(np.arange(n) % len(arms))
    plan = draw.integers(0, 2, n)
    effect = np.where(plan == 0, moved, 0.0) if moved else np.full(n, 0.1)
    took = draw.random(n) < 0.1 + 0.3 * (plan == 1) * bool(moved) + effect * (arm > 0)
    clicked = took & (draw.random(n) < 0.5)
    return [
        {"number": f"139{k:08d}", "arm": arms[arm[k]], "plan": "AB"[plan[k]], "use": f"{draw.normal():.2f}",
         "took": int(took[k]), "clicked": int(clicked[k])}
        for k in range(n)
    ]  # fmt: skip


def run(*words, language="en", home=None, collect=False):
    console = Console(file=io.StringIO(), width=400)

    def nothing():
        raise AssertionError("a file needs no home")

    app = typer.Typer()
    register(app)
    session = Session(language=language, settings=load_settings({}) if home is None else home.settings, open_home=(lambda: home) if home else nothing, console=console)  # fmt: skip
    if collect:
        session.collect()
    result = CliRunner().invoke(app, ["experiments", "uplift", *map(str, words)], obj=session)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    session.finish()
    return console.file.getvalue()


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return written(tmp_path_factory.mktemp("uplift") / "spring.csv", rows_of())


@pytest.fixture(scope="module")
def alike(tmp_path_factory):
    return written(tmp_path_factory.mktemp("uplift") / "alike.csv", rows_of(moved=0))


@pytest.fixture(scope="module")
def told(file, tmp_path_factory):
    """What is said of the file, in both languages, with page and list."""
    folder = tmp_path_factory.mktemp("told")
    words = (file, *ASKED, "--to", folder / "list.csv", "--share", "0.5")
    said = {language: run(*words, "--report", folder / f"{language}.html", language=language) for language in ("en", "zh")}  # fmt: skip
    return folder, said


def test_who_is_moved_is_found_and_leads_to_a_list(told):
    folder, said = told
    assert "Ranking by effect is better than lot" in said["en"]
    assert "also better than choosing by response" in said["en"]
    assert "clicked is left out" in said["en"]
    assert "按增量排序优于随机挑选" in said["zh"]
    assert "Learnt from: plan, use." in said["en"]
    with (folder / "list.csv").open(encoding="utf-8-sig") as lines:
        listed = list(csv.DictReader(lines))
    plans = {row["number"]: row["plan"] for row in rows_of()}
    assert len(listed) == 1200
    assert np.mean([plans[row["number"]] == "A" for row in listed[:900]]) > 0.95


def test_where_all_are_moved_alike_no_list_is_written(alike, tmp_path):
    with pytest.raises(NoTargetsByEffect):
        run(alike, *ASKED, "--to", tmp_path / "list.csv")
    assert not (tmp_path / "list.csv").exists()


def test_the_answer_in_json_has_numbers_as_numbers(alike):
    answer = json.loads(run(alike, *ASKED, collect=True))
    assert any(said.startswith("No ranking by effect beats contacting all") for said in answer["sentences"])
    assert well_formed(answer)
    assert untyped(answer) == []


def test_an_outside_table_names_people_only_to_somebody_and_so_does_another_that_is_ranked_instead(
    file, tmp_path
):
    base = written(tmp_path / "base.csv", beyond_rows())
    (tmp_path / "base.yaml").write_text(
        "samples: base\ntitle: {en: Base, zh: 全网}\norder: none\nkey: number\n"
    )
    mapping = tmp_path / "map.yaml"
    mapping.write_text(
        "samples: spring\ntitle: {en: Spring, zh: 春季}\noutcome: {from: took, positive: '1'}\norder: rows\nkey: number\n"
    )
    settings = load_settings({"TELEWAVE_HOME": str(tmp_path / "home"), "TELEWAVE_THREADS": "1"})
    with open_home(settings) as home:
        today = Session(language="en", settings=settings, open_home=lambda: home).clock.today()
        ingest(home.warehouse, home.database, load_mapping(mapping), [file], Silent(), today, key_file=settings.keys)  # fmt: skip
        words = ("--samples", "spring", *ASKED[:6], "--splits", "2", "--without", "clicked", "--to", tmp_path / "list.csv", "--share", "0.1")  # fmt: skip
        with pytest.raises(NobodyReveals):
            run(*words, home=home)
        run(*words, "--by", "Wang", home=home)
        ingest(home.warehouse, home.database, load_mapping(tmp_path / "base.yaml"), [base], Silent(), today, key_file=settings.keys)  # fmt: skip
        elsewhere = [tmp_path / "beyond.csv" if word == tmp_path / "list.csv" else word for word in words]
        said = run(*elsewhere, "--for", "base", "--by", "Wang", home=home)
    with (tmp_path / "list.csv").open(encoding="utf-8-sig") as lines:
        listed = list(csv.DictReader(lines))
    plans = {row["number"]: row["plan"] for row in rows_of()}
    assert len(listed) == 240
    assert {plans[row["number"]] for row in listed} == {"A"}
    with (tmp_path / "beyond.csv").open(encoding="utf-8-sig") as lines:
        listed = list(csv.DictReader(lines))
    plans = {row["number"]: row["plan"] for row in beyond_rows()}
    assert len(listed) == 100
    assert {plans[row["number"]] for row in listed} <= {"A", "C"}
    assert "30% of the rows of" in said


def beyond_rows():
    """Rows without arm and outcome, columns in another order, and a plan that nobody in the experiment had."""
    draw = np.random.default_rng(5)
    return [
        {"use": f"{draw.normal():.2f}", "plan": "ABC"[k % 10 % 3], "number": f"138{k:08d}"}
        for k in range(1000)
    ]


def test_rows_beyond_the_experiment_are_ranked_by_what_it_taught(file, tmp_path):
    base = beyond_rows()
    others = written(tmp_path / "base.csv", base)
    said = run(file, *ASKED, "--for", others, "--to", tmp_path / "list.csv", "--share", "0.4")
    with (tmp_path / "list.csv").open(encoding="utf-8-sig") as lines:
        listed = list(csv.DictReader(lines))
    plans = {row["number"]: row["plan"] for row in base}
    assert len(listed) == 400
    assert "B" not in {plans[row["number"]] for row in listed}  # what C does nobody knows, and it is said
    effects = [float(row["Expected effect"]) for row in listed]
    assert effects == sorted(effects, reverse=True)
    assert "30% of the rows of base.csv" in said


def test_what_cannot_be_ranked_is_refused_with_the_remedy(file, tmp_path):
    odd = written(tmp_path / "odd.csv", [{"number": "1", "plan": "A", "use": "much"}])
    three = written(tmp_path / "three.csv", rows_of(600, arms=("none", "sms", "call")))
    cases = [
        (WhichArm, three, ()),
        (NoSuchArm, three, ("--treated", "letter")),
        (TooFewToRank, three, ("--treated", "sms")),
        (UnknownLearner, file, ("--learner", "x")),
        (SplitsOutOfRange, file, ("--splits", "1")),
        (NoListToWrite, file, ("--for", file)),
        (OtherKindOfColumn, file, ("--for", odd, "--to", tmp_path / "a.csv")),
        (NoSuchColumn, file, ("--without", "nothing")),
        (NothingKnown, file, ("--without", "plan", "--without", "use", "--without", "clicked")),
        (ListShareOutOfRange, file, ("--to", tmp_path / "a.csv", "--share", "2")),
        (SampleRatioMismatch, file, ("--expect", "none=0.6", "--expect", "sms=0.4")),
    ]
    for error, path, words in cases:
        with pytest.raises(error) as caught:
            run(path, *ASKED, *words)
        assert "{" not in render(caught.value, "en")
        assert render(caught.value, "zh") != render(caught.value, "en")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_leads_to_a_decision(told, language):
    text = text_of((told[0] / f"{language}.html").read_text(encoding="utf-8"))
    assert {"en": "begin at the top of this list", "zh": "从名单最前面开始"}[language] in text


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_is_readable_wide_narrow_printed_and_aloud(told, tmp_path, browser, language):
    html = (told[0] / f"{language}.html").read_text(encoding="utf-8")
    for width in (1280, 390):
        assert look_at(browser, html, tmp_path, name=f"uplift.{language}", width=width) == []
    assert printed(browser, html, tmp_path, name=f"uplift.{language}") == []
