"""`telewave funnel` as people and scripts use it."""

import json
import os
import sys
from pathlib import Path

import pytest
from tests.features.conftest import Town
from tests.funnel.city import AS_OF, SINCE, drawn, put_groups
from tests.json_answers import untyped, well_formed
from tests.started import started

from telewave.bootstrap import open_home
from telewave.platform.settings import load_settings

TELEWAVE = Path(sys.executable).with_name("telewave")
LEARN = ("learn", "--as-of", AS_OF.isoformat(), "--since", SINCE.isoformat(), "--model", "m")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("home")
    records, score, group, _, _ = drawn(7, people=800)
    with open_home(load_settings({"TELEWAVE_HOME": str(folder), "TELEWAVE_THREADS": "1"})) as opened:
        Town(opened.warehouse.root, opened.warehouse.engine).put(records)
        put_groups(opened.warehouse, score, group)
    return folder


def run(home, *words):
    settings = {"TELEWAVE_LANG": "en", "COLUMNS": "200", "TELEWAVE_HOME": str(home), "TELEWAVE_THREADS": "1"}
    return started(["funnel", *words], env=os.environ | settings)


def test_what_is_learnt_is_kept_and_shown_again_with_its_page(home, tmp_path):
    learnt = run(home, *LEARN, "--json")
    assert (learnt.returncode, learnt.stderr) == (0, b"")
    page = tmp_path / "funnel.html"
    shown = run(home, "show", "--json", "--report", str(page))
    assert shown.returncode == 0, shown.stderr
    answers = [json.loads(one.stdout) for one in (learnt, shown)]
    for answer in answers:
        assert well_formed(answer)
        assert untyped(answer) == []
    assert answers[0]["tables"] == answers[1]["tables"]
    assert answers[1]["funnel"]["version"] == 1
    assert "What to decide" in page.read_text()
