"""The whole main job, as `make demo` runs it, on a city small enough for a test; run again, it goes on from what is there."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "telewave.cli"]


def run(folder, *options, lang="zh"):
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "COLUMNS": "120",
        "OMP_WAIT_POLICY": "PASSIVE",
    }
    return subprocess.run(
        [*COMMAND, "--lang", lang, *options],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    return folder, run(folder, "demo", "--folder", "demo", "--subscribers", "5000")


def test_the_demo_ends_well_and_says_what_to_look_at(done):
    folder, result = done
    assert result.returncode == 0, result.stdout + result.stderr
    assert str(folder / "demo" / "report.zh.html") in result.stdout.replace("\n", "")
    assert "模拟" in result.stdout
    for group in ("核心目标群", "一般目标群", "基础目标群"):
        assert group in result.stdout


def test_both_reports_are_whole_and_need_no_network(done):
    folder, _ = done
    for language in ("zh", "en"):
        page = (folder / "demo" / f"report.{language}.html").read_text()
        assert page.rstrip().endswith("</html>")
        assert not re.search(r"<(?:script|link|img)[^>]+(?:src|href)=\"https?:", page)


def test_the_demo_goes_on_to_a_plan_that_a_second_person_approved(done):
    folder, result = done
    for name in ("policies", "plan", "actions"):
        for language in ("zh", "en"):
            page = (folder / "demo" / f"{name}.{language}.html").read_text()
            assert page.rstrip().endswith("</html>")
            assert not re.search(r"<(?:script|link|img)[^>]+(?:src|href)=\"https?:", page)
    told = json.loads((folder / "demo" / "plan.json").read_text())
    assert told["contacts"] > 0
    assert "本方案" in result.stdout
    assert "已批准" in result.stdout
    handed_out = (folder / "demo" / "contacts.csv").read_text().splitlines()
    assert len(handed_out) == told["contacts"] + 1


def test_the_demo_run_again_goes_on_from_what_is_there_and_says_the_same(done):
    folder, first = done
    records = folder / "demo" / "city" / "city.json"
    before = records.stat().st_mtime_ns
    again = run(folder, "demo", "--folder", "demo", "--subscribers", "5000")
    assert again.returncode == 0, again.stdout + again.stderr
    assert records.stat().st_mtime_ns == before
    assert groups(again.stdout) == groups(first.stdout)


def groups(output):
    """The table of the groups, to its lower border: the progress bars around it tell seconds, which differ from run to run."""
    table = output[output.index("核心目标群") :]
    return table[: table.index("└")].splitlines()


def test_another_city_is_not_made_over_the_one_that_is_there(done):
    folder, _ = done
    other = run(folder, "demo", "--folder", "demo", "--subscribers", "6000", lang="en")
    assert other.returncode == 1
    assert "holds something else than the city" in " ".join(other.stderr.split())


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["score", "--model", "nobody"], 1, "Say what to score"),
        (["train"], 1, "Say what to learn from"),
        (["no-such"], 2, "There is no command no-such here."),
        (["demo", "--subscribers", "many"], 2, "--subscribers takes a whole number"),
        (["features", "build", "--as-of", "yesterday"], 1, "Write it as year-month-day"),
    ],
)
def test_a_mistake_gets_a_sentence_with_a_remedy_and_no_traceback(tmp_path: Path, words, code, sentence):
    result = run(tmp_path, *words, lang="en")
    said = " ".join((result.stderr + result.stdout).split())
    assert (result.returncode, sentence in said) == (code, True), said
    assert "Traceback" not in said
