"""The commands of plans in both languages: sentences, pages, objects; and whose scores and verdict stand behind a plan."""

import json
import re
from contextlib import contextmanager
from dataclasses import replace

import pytest
from tests.json_answers import untyped, well_formed
from tests.planning.planned import (
    AS_OF,
    SIZE,
    drawn,
    put,
    run,
)

from telewave.briefs.campaign_file import load_campaign
from telewave.kernel import Estimate
from telewave.models.store import load, save
from telewave.models.target import Target
from telewave.models.usecases import SCORES
from telewave.models.verdict import ModelNotToBeUsed, NoReasonGiven
from telewave.planning.gathering import scorer_of
from telewave.planning.plans import (
    contacts_of,
    control_of,
    latest_plan,
)
from telewave.planning.scorer import verdict_read
from telewave.platform.files import FileIsThere
from telewave.platform.settings import UnreadableSetting, load_settings


@drawn
def test_a_plan_is_made_shown_listed_and_explained_in_both_languages(session, tmp_path):
    page, document = tmp_path / "plan.html", tmp_path / "plan.json"
    said = run(
        session, "make", "reference", "--as-of", AS_OF, "--out", page, "--document", document, "--simulated"
    )
    assert ("This plan" if session.language == "en" else "本方案") in said
    assert json.loads(document.read_text())["campaign"] == "handset"
    plan = latest_plan(session.database, "handset", AS_OF)
    assert plan.document == document.read_bytes()
    assert plan.hash[:12] in run(session, "list")
    first = contacts_of(session.warehouse, plan)["subscriber"][0].as_py()
    said = run(session, "explain", "reference", "--as-of", AS_OF, "--subscriber", first)
    assert ("In the plan" if session.language == "en" else "入选") in said
    text = page.read_text(encoding="utf-8")
    body = re.sub(r"<script.*?</script>|<style>.*?</style>", "", text, flags=re.DOTALL)
    assert text.count("data-chart=") >= 2
    assert 'src="http' not in text
    body = re.sub(r"<code>.*?</code>", " ", body)  # what to type is typed in any language
    words = re.sub(r"<[^>]+>|&\w+;|&#\d+;", " ", body)
    if session.language == "en":
        assert not re.search(r"[\u4e00-\u9fff]", words)
    else:
        words = re.sub(r"telewave funnel learn[^。]*|`[^`]*`", " ", words)
        assert set(re.findall(r"[A-Za-z]{4,}", words)) - {"Apache", "ECharts", "License", "effect"} == set()


@drawn
def test_tables_of_a_plan_are_objects_with_numbers_as_numbers(session):
    of_plan = ["reference", "--as-of", AS_OF]
    first = object_of(session, "make", *of_plan)["tables"][0]["rows"][0]
    assert isinstance(first["contacts"], int)
    assert first["expected_profit"]["currency"] == "CNY"
    plan = latest_plan(session.database, "handset", AS_OF)
    someone = contacts_of(session.warehouse, plan)["subscriber"][0].as_py()
    options = object_of(session, "explain", *of_plan, "--subscriber", someone)["tables"][0]["rows"]
    assert isinstance(options[0]["expected_profit"], float)
    assert object_of(session, "list")["tables"][0]["rows"][0]["as_of"] == AS_OF.isoformat()
    assert object_of(session, "groups", *of_plan)["tables"]
    assert object_of(session, "redate", *of_plan, "--today", AS_OF)["sentences"]


def object_of(session, *arguments):
    """What a command answers with --json."""
    session.collect()
    run(session, *arguments)
    answer, session.answer = json.loads(session.answer.text()), None
    assert well_formed(answer)
    assert untyped(answer) == []
    return answer


def test_the_example_can_be_begun_from(session, tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text(run(session, "example"), encoding="utf-8")
    assert load_campaign(file).id == "handset"
    other = tmp_path / "other.yaml"
    run(session, "example", "--to", other)
    assert load_campaign(other).id == "handset"
    with pytest.raises(FileIsThere, match="already"):
        run(session, "example", "--to", other)


def scorer(session, campaign, despite=None):
    return scorer_of(session.warehouse, session.settings.models, session.database, campaign, AS_OF, despite)


def saved_again(session, **more):
    """Another version of the model with a card that says something else."""
    learnt = load(session.settings.models, session.database, "contract_phone")
    again = replace(learnt, name="contract_phone", card=replace(learnt.card, **more))
    return save(again, session.settings.models, session.database)


def test_window_and_product_are_those_of_the_version_behind_the_scores(session, campaign, tmp_path):
    assert scorer(session, campaign).window_days == 30
    made = saved_again(session, offered=Target("tablet", 60))
    assert scorer(session, campaign).window_days == 30
    with scored_by_version(session, made.version):
        assert scorer(session, campaign).window_days == 60
        assert scorer(session, campaign).products == ("tablet",)
    assert scorer(session, campaign).window_days == 30


@contextmanager
def scored_by_version(session, version):
    """The same scores, as if that version had made them."""
    table, warehouse = "scores.contract_phone", session.warehouse
    rows = warehouse.engine.fetch(warehouse.read(table, SCORES))
    put(warehouse, table, rows, f"contract_phone/{version}")
    try:
        yield
    finally:
        put(warehouse, table, rows, "contract_phone/1")


@drawn
def test_a_plan_by_a_model_not_to_be_used_is_refused_without_a_reason_and_says_so_with_one(session, tmp_path):
    weak = Estimate(value=0.52, low=0.48, high=0.56, n=900, method="test")
    card = load(session.settings.models, session.database, "contract_phone").card
    ranking = replace(card.validation.refreshed, auc=weak)
    made = saved_again(session, validation=replace(card.validation, refreshed=ranking))
    page, document = tmp_path / "plan.html", tmp_path / "plan.json"
    call = ["make", "reference", "--as-of", AS_OF, "--out", page, "--document", document]
    with scored_by_version(session, made.version):
        with pytest.raises(ModelNotToBeUsed, match=r"AUC 0\.52"):
            run(session, *call)
        assert not document.exists()
        with pytest.raises(NoReasonGiven):
            run(session, *call, "--despite-verdict", " ")
        said = run(session, *call, "--despite-verdict", "a pilot of 500 calls")
    assert "a pilot of 500 calls" in said
    assert "a pilot of 500 calls" in page.read_text(encoding="utf-8")
    content = json.loads(document.read_text())
    assert content["verdict"]["despite"] == "a pilot of 500 calls"
    assert verdict_read(content).stops
    assert "0.52" in str(verdict_read(content).why)


def test_the_universal_control_is_a_setting_between_nothing_and_everybody():
    assert load_settings({}).universal_control == 0.01
    assert load_settings({"TELEWAVE_UNIVERSAL_CONTROL": "0.03"}).universal_control == 0.03
    for wrong in ("1", "-0.1", "much"):
        with pytest.raises(UnreadableSetting, match="TELEWAVE_UNIVERSAL_CONTROL"):
            load_settings({"TELEWAVE_UNIVERSAL_CONTROL": wrong})


def test_a_plan_leaves_the_universal_control_of_the_installation_alone(session):
    settings = replace(session.settings, universal_control=0.2)
    run(replace(session, settings=settings), "make", "reference", "--as-of", AS_OF)
    control = control_of(session.warehouse, latest_plan(session.database, "handset", AS_OF)).to_pandas()
    assert abs((control["control"] == "universal").sum() / SIZE - 0.2) < 0.03
