"""`telewave experiments measure` as a person calls it: files as they come, outside tables, sentences with remedies, JSON, the page."""

import io
import json

import pytest
import typer
from rich.console import Console
from tests.experiments.experiment_files import experiment, written
from tests.json_answers import untyped, well_formed
from tests.page_text import text_of
from tests.pages_in_browser import look_at, printed
from typer.testing import CliRunner

from telewave.bootstrap import open_home
from telewave.experiments.columns import (
    ArmsAlike,
    ControlNotAmongArms,
    NoArms,
    NobodyWithWord,
    NoOutcomeKnown,
    NotNumeric,
    OneArmOnly,
    TooManyArms,
)
from telewave.experiments.commands import register
from telewave.experiments.measuring import ConstantOutcome, TooFewUnits
from telewave.experiments.sources import ColumnsOfOneName, NoSuchColumn, NothingInFile, WhatToMeasure
from telewave.experiments.table_options import NotAnExpectation
from telewave.experiments.usecases import ColumnTwice, DuplicateKeys
from telewave.platform.languages import render
from telewave.platform.progress import Silent
from telewave.platform.settings import load_settings
from telewave.platform.terminal import Session
from telewave.records.mapping_file import load_mapping
from telewave.records.usecases import ingest

ASKED = ("--arm", "arm", "--control", "left alone", "--outcome", "took")


def run(*words, language="en", home=None, collect=False):
    console = Console(file=io.StringIO(), width=250)

    def nothing():
        raise AssertionError("a file needs no home")

    app = typer.Typer()
    register(app)
    session = Session(
        language=language, settings=load_settings({}), open_home=home or nothing, console=console
    )
    if collect:
        session.collect()
    result = CliRunner().invoke(app, ["experiments", "measure", *map(str, words)], obj=session)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    session.finish()
    return console.file.getvalue()


@pytest.fixture(scope="module")
def rows():
    return experiment()


@pytest.fixture(scope="module")
def file(rows, tmp_path_factory):
    return written(tmp_path_factory.mktemp("experiment") / "spring.csv", rows)


def refused(tmp_path, rows, error, *words):
    path = written(tmp_path / "bad.csv", rows)
    with pytest.raises(error) as caught:
        run(path, *(words or ASKED))
    said = render(caught.value, "en")
    assert "{" not in said
    assert render(caught.value, "zh") != said
    return said


def test_a_file_as_it_is_says_what_each_arm_did(file):
    said = run(file, *ASKED)
    assert "Sample-ratio check passed" in said
    assert "call raises took by 1" in said
    assert "SMS against left alone says nothing about took" in said
    assert "would have been seen in 8 of 10 such experiments" in said


def test_what_was_known_before_and_households_are_taken_into_account(file):
    said = run(file, *ASKED, "--outcome", "bill", "--before", "bill before", "--cluster", "house")
    assert "Outcome bill, adjusted by bill before" in said
    assert "of the variance, as if there were" in said
    assert "rows in several arms" in said
    assert "took is the outcome that decides" in said


def test_the_same_is_told_in_chinese(file):
    said = run(file, *ASKED, "--before", "bill before", language="zh")
    assert "分流比例检查通过" in said
    assert "看不出差别" in said
    assert "raises" not in said


def test_delimiter_and_encoding_are_found_out(rows, tmp_path, file):
    chinese = [{"分组": row["arm"], "办理": "是" if row["took"] == "yes" else "否"} for row in rows]
    path = written(tmp_path / "春季.csv", chinese, delimiter=";", encoding="gb18030")
    told = run(path, "--arm", "分组", "--control", "left alone", "--outcome", "办理")
    assert told.replace("办理", "took").split("Outcome")[1] == run(file, *ASKED).split("Outcome")[1]


def test_an_outside_table_says_the_same_as_its_file(rows, tmp_path, file):
    mapping = tmp_path / "map.yaml"
    mapping.write_text(
        "samples: spring\ntitle: {en: Spring, zh: 春季}\noutcome: {from: took, positive: 'yes'}\norder: rows\nkey: number\n"
        "columns: {arm: {kind: category}}\n"
    )
    settings = load_settings({"TELEWAVE_HOME": str(tmp_path / "home"), "TELEWAVE_THREADS": "1"})
    with open_home(settings) as home:
        clock = Session(language="en", settings=settings, open_home=lambda: home).clock
        ingest(home.warehouse, home.database, load_mapping(mapping), [file], Silent(), clock.today(), key_file=settings.keys)  # fmt: skip
        told = run("--samples", "spring", *ASKED, home=lambda: home)
    assert told == run(file, *ASKED)


def test_the_answer_in_json_has_numbers_as_numbers(file):
    answer = json.loads(run(file, *ASKED, "--before", "bill before", collect=True))
    assert well_formed(answer)
    assert untyped(answer) == []
    call = answer["tables"][0]["rows"][2]
    assert call["arm"] == "call" or answer["tables"][0]["rows"][1]["arm"] == "call"
    assert max(row["difference_in_points_95"]["value"] or 0 for row in answer["tables"][0]["rows"][1:]) > 0.1
    assert answer["sample_ratio"]["counts"] == [1000, 1000, 1000]


def test_blanks_around_the_arms_do_not_count_but_other_spellings_are_asked_about(rows, tmp_path, file):
    padded = [row | {"arm": f" {row['arm']}\u3000"} for row in rows]
    assert run(written(tmp_path / "spring.csv", padded), *ASKED) == run(file, *ASKED)
    said = refused(tmp_path, [*rows[:-1], rows[-1] | {"arm": rows[-1]["arm"].swapcase()}], ArmsAlike)
    assert "capital letters" in said


def test_an_arm_may_be_called_none(rows, tmp_path):
    renamed = [row | {"arm": row["arm"].replace("left alone", "None")} for row in rows]
    said = run(written(tmp_path / "a.csv", renamed), "--arm", "arm", "--control", "None", "--outcome", "took")
    assert "None (control)" in said


def test_the_arms_must_be_there(rows, tmp_path):
    assert "Its columns: number, house" in refused(tmp_path, rows, NoSuchColumn, "--arm", "Arm", *ASKED[2:])
    assert "SMS" in refused(tmp_path, [r for r in rows if r["arm"] == "SMS"], OneArmOnly)
    assert "Its arms: SMS, call, left alone" in refused(
        tmp_path, rows, ControlNotAmongArms, "--arm", "arm", "--control", "none", "--outcome", "took"
    )
    refused(tmp_path, [row | {"arm": ""} for row in rows], NoArms)
    refused(tmp_path, rows, TooManyArms, "--arm", "number", *ASKED[2:])


def test_the_remedy_for_words_as_an_outcome_works_as_written(rows, tmp_path):
    said = refused(tmp_path, rows, NotNumeric, *ASKED[:4], "--outcome", "plan")
    assert "--outcome 'plan=A'" in said
    assert "Outcome plan=A" in run(tmp_path / "bad.csv", *ASKED[:4], "--outcome", "plan=A")
    assert "Outcome plan=A|B" in run(tmp_path / "bad.csv", *ASKED[:4], "--outcome", "plan=A|B")
    assert "It holds: A, B, C" in refused(tmp_path, rows, NobodyWithWord, *ASKED[:4], "--outcome", "plan=D")


def test_outcomes_that_say_nothing_are_refused(rows, tmp_path):
    refused(tmp_path, [row | {"took": "0"} for row in rows], ConstantOutcome)
    refused(tmp_path, [row | {"took": "NaN"} for row in rows], NoOutcomeKnown)
    refused(tmp_path, [row | {"took": "1_000"} for row in rows], NotNumeric)
    one_each = [next(row for row in rows if row["arm"] == arm) for arm in ("left alone", "SMS", "call")]
    one_each[0] = one_each[0] | {"took": "yes" if one_each[1]["took"] == "no" else "no"}
    refused(tmp_path, one_each, TooFewUnits)


def test_blank_outcomes_are_left_out_and_told(rows, tmp_path):
    holes = [row | {"took": "" if k % 10 == 0 else row["took"]} for k, row in enumerate(rows)]
    assert "Rows without a known outcome took are left out" in run(written(tmp_path / "a.csv", holes), *ASKED)


def test_somebody_in_two_rows_is_refused_and_the_remedy_works(rows, tmp_path):
    twice = [*rows, rows[7]]
    said = refused(tmp_path, twice, DuplicateKeys, *ASKED, "--key", "number")
    assert rows[7]["number"] in said
    assert "Rows of one number count together" in run(tmp_path / "bad.csv", *ASKED, "--cluster", "number")


def test_a_column_cannot_be_two_things(rows, tmp_path):
    assert "the arm and an outcome" in refused(tmp_path, rows, ColumnTwice, *ASKED[:4], "--outcome", "arm")


def test_a_covariate_that_is_the_outcome_is_told(file):
    assert "says the outcome bill itself" in run(file, *ASKED[:4], "--outcome", "bill", "--before", "bill")


def test_expected_shares_are_read_or_refused(rows, tmp_path, file):
    said = run(file, *ASKED, "--expect", "left alone=1", "--expect", "SMS=1", "--expect", "call=1")
    assert "expected left alone 33.3%" in said
    refused(tmp_path, rows, NotAnExpectation, *ASKED, "--expect", "half")


def test_where_the_rows_are_must_be_said_once(file):
    for words in ([], [file, "--samples", "spring"]):
        with pytest.raises(WhatToMeasure):
            run(*words, *ASKED)


def test_lines_that_are_no_rows_are_left_out_and_told(file, tmp_path):
    path = tmp_path / "torn.csv"
    path.write_text(file.read_text() + "half a line,SMS\n")
    assert "1 lines of the file are no rows" in run(path, *ASKED)


def test_a_file_without_rows_or_with_two_columns_of_one_name_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("arm,took\n")
    with pytest.raises(NothingInFile):
        run(path, *ASKED)
    path.write_text("arm,took,took\nleft alone,1,0\nSMS,1,0\n")
    with pytest.raises(ColumnsOfOneName):
        run(path, *ASKED)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_leads_to_a_decision(file, tmp_path, language):
    page = tmp_path / "page.html"
    run(file, *ASKED, "--outcome", "bill", "--before", "bill before", "--report", page, language=language)
    text = text_of(page.read_text(encoding="utf-8"))
    for word in {"en": ("What to decide", "call raises took by"), "zh": ("怎么决定", "call 使 took 提高")}[
        language
    ]:
        assert word in text


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_is_readable_wide_narrow_printed_and_aloud(file, tmp_path, browser, language):
    page = tmp_path / "page.html"
    run(file, *ASKED, "--outcome", "bill", "--before", "bill before", "--report", page, language=language)
    html = page.read_text(encoding="utf-8")
    for width in (1280, 390):
        assert look_at(browser, html, tmp_path, name=f"effects.{language}", width=width) == []
    assert printed(browser, html, tmp_path, name=f"effects.{language}") == []
