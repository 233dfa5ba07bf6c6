"""`telewave choice` as a person calls it, on a branch whose orders follow known weights."""

import io
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
import typer
from rich.console import Console
from tests.choice.branch import WEIGHTS, Branch
from tests.json_answers import untyped, well_formed
from tests.page_text import text_of
from tests.pages_in_browser import look_at, printed
from typer.testing import CliRunner

from telewave.bootstrap import open_home
from telewave.choice.commands import register
from telewave.choice.document import NewerChoiceModel, from_document, to_document
from telewave.choice.learning import NoAlternatives, TooFewChoices
from telewave.choice.model import LeftOut, weighs
from telewave.choice.store import CHOICES, ChoiceModelDamaged, NoSuchChoiceModel, UnusableChoiceName
from telewave.choice.usecases import (
    NoPoliciesOnOrders,
    NoWideTableBeforeOrders,
    PoliciesNotInCatalogue,
    kept_choice,
)
from telewave.kernel import Estimate
from telewave.platform.languages import render
from telewave.platform.settings import load_settings
from telewave.platform.terminal import Session


def run(home, *words, language="en", collect=False):
    console = Console(file=io.StringIO(), width=250)
    app = typer.Typer()
    register(app)
    session = Session(language=language, settings=home.settings, open_home=lambda: home, console=console)
    if collect:
        session.collect()
    result = CliRunner().invoke(app, ["choice", *map(str, words)], obj=session)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    session.finish()
    return console.file.getvalue()


def opened(folder):
    return open_home(load_settings({"TELEWAVE_HOME": str(folder), "TELEWAVE_THREADS": "1"}))


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with opened(tmp_path_factory.mktemp("branch")) as home:
        yield Branch().put(home)


@pytest.fixture(scope="module")
def learnt(home):
    return run(home, "learn", "--name", "spring", "--catalogue", "reference")


def test_the_known_weights_are_found_the_model_is_used_and_weights_are_told_as_money(home, learnt):
    assert "Use it" in learnt
    model = kept_choice(home.settings.home, "spring")
    assert (model.version, model.orders, dict(model.left_out)) == (1, 2_500, {})
    for term, weight in zip(model.terms, model.weights, strict=True):
        half = (weight.high - weight.low) / 2
        assert abs(weight.value - WEIGHTS.get(term.id, 0.0)) < 1.6 * half, term.id
    largest = model.classes[0]
    worth = weighs(model, largest, [term.id for term in model.terms].index("down"))
    assert isinstance(worth, Estimate)
    assert abs(worth.value - 50_00) < 1.6 * (worth.high - worth.low) / 2
    for policy in model.policies:
        assert policy.predicted == pytest.approx(policy.seen / model.verdict.judged, abs=0.04)


def test_a_model_is_kept_in_versions_and_read_back_as_it_was(home, learnt):
    model = kept_choice(home.settings.home, "spring")
    again = from_document(json.loads(json.dumps(to_document(model))))
    assert to_document(again) == to_document(model)
    with pytest.raises(NewerChoiceModel):
        from_document(to_document(model) | {"form": 99})


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_leads_to_a_decision(home, learnt, tmp_path, language):
    page = tmp_path / "page.html"
    run(home, "show", "spring", "--report", page, language=language)
    text = text_of(page.read_text(encoding="utf-8"))
    assert {"en": "Use it", "zh": "可以使用"}[language] in text
    assert {"en": "less on the first day weighs as much as", "zh": "首日少付"}[language] in text


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_is_readable_wide_narrow_printed_and_aloud(home, learnt, tmp_path, browser, language):
    page = tmp_path / "page.html"
    run(home, "show", "spring", "--report", page, language=language)
    html = page.read_text(encoding="utf-8")
    for width in (1280, 390):
        assert look_at(browser, html, tmp_path, name=f"choice.{language}", width=width) == []
    assert printed(browser, html, tmp_path, name=f"choice.{language}") == []


def test_json_gives_tables_with_numbers_and_the_document(home, learnt):
    answer = json.loads(run(home, "show", "spring", collect=True))
    assert well_formed(answer)
    assert untyped(answer) == []
    assert answer["choice_model"]["verdict"]["used"] is True


def test_refusals_are_sentences_with_a_remedy(tmp_path):
    branch = Branch(people=400)
    with opened(tmp_path / "home") as home:
        refused(home, NoPoliciesOnOrders, branch, [None] * 400)
        refused(home, PoliciesNotInCatalogue, branch, ["autumn"] * 300 + ["web-device-4850"] * 100)
        refused(home, TooFewChoices, branch, [None] * 350 + ["web-device-4850"] * 50)
        with home.warehouse.change("wide") as change:
            for day in list(change.result().partitions):
                change.set(day, {})
        refused(home, NoWideTableBeforeOrders, None, None)
        with pytest.raises(NoSuchChoiceModel):
            run(home, "show", "autumn")
        with pytest.raises(UnusableChoiceName):
            run(home, "learn", "--name", "../x")


def refused(home, error, branch, policies):
    if branch is not None:
        branch.put(home, policies)
    with pytest.raises(error) as caught:
        run(home, "learn", "--name", "one")
    assert "{" not in render(caught.value, "en")
    assert render(caught.value, "zh") != render(caught.value, "en")


def test_where_the_catalogue_has_one_policy_nothing_was_chosen(home, tmp_path):
    own = tmp_path / "one.yaml"
    own.write_text(
        "name: {en: One, zh: 一}\ncurrency: CNY\nchannels:\n  web_hall: {en: Web, zh: 网厅}\noffers:\n"
        "  - {id: web-device-4850, name: {en: One, zh: 一}, kind: device_only, channels: [web_hall],"
        " customers: all, device: {price: 4850}}\n"
    )
    with opened(tmp_path / "home") as other:
        Branch(people=300).put(other, ["web-device-4850"] * 300)
        with pytest.raises(NoAlternatives):
            run(other, "learn", "--name", "one", "--catalogue", own)


def test_a_damaged_document_is_told(home, learnt, tmp_path):
    with opened(tmp_path / "home") as other:
        folder = tmp_path / "home" / "choices" / "spoilt"
        folder.mkdir(parents=True)
        (folder / "1.json").write_text("{}")
        with pytest.raises(ChoiceModelDamaged):
            run(other, "show", "spoilt")


def test_orders_that_say_nothing_are_counted_by_reason(tmp_path):
    branch = Branch(people=900)
    policies = [branch.offers[place].id for place in branch.taken()]
    policies[:20] = [None] * 20
    policies[20:30] = ["autumn"] * 10
    policies[30:35] = ["group-539"] * 5
    young = [place for place in range(35, 900) if not branch.old[place]][:7]
    for place in young:
        policies[place] = "upgrade-prepaid"
    with opened(tmp_path / "home") as home:
        run(branch.put(home, policies), "learn", "--name", "some")
        model = kept_choice(home.settings.home, "some")
    assert model.left_out == {
        LeftOut.NO_POLICY: 20,
        LeftOut.UNKNOWN_POLICY: 10,
        LeftOut.SEVERAL_PIECES: 5,
        LeftOut.NOT_OPEN: 7,
    }
    assert model.unknown_policies == ("autumn",)


def test_what_is_learnt_at_once_under_one_name_is_numbered_one_after_the_other(home, learnt, tmp_path):
    model = kept_choice(home.settings.home, "spring")
    with ThreadPoolExecutor(4) as together:
        kept = list(together.map(lambda _: CHOICES.save(tmp_path, "spring", model, home.clock), range(4)))
    assert sorted(one.version for one in kept) == [1, 2, 3, 4]
