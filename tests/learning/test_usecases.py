"""From a home's contacts to a version in use: learnt anew, judged on what came later, approved by a second person."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from tests.features.conftest import Town
from tests.funnel.city import contact_row, order_row, put_groups
from tests.pages_in_browser import look_at

from telewave.approvals.approval import NoPerson, NoReason
from telewave.bootstrap import open_home
from telewave.briefs.campaign_file import load_campaign
from telewave.funnel.model import Question
from telewave.funnel.usecases import kept, learn, saved
from telewave.learning.deciding import (
    InUseAlready,
    JudgedBesideAnother,
    NeverJudged,
    NothingToJudgeBy,
    NotShownBetter,
    OwnRefit,
)
from telewave.learning.document import from_json, to_json
from telewave.learning.model import Verdict
from telewave.learning.page import compared_page, overview_page
from telewave.learning.store import NoRefit
from telewave.learning.usecases import approve, histories, history, last_compared, refit
from telewave.planning.usecases import learnt
from telewave.platform.settings import load_settings

SINCE, TURN, END = date(2026, 4, 1), date(2026, 5, 1), date(2026, 8, 1)
PEOPLE = 3_000
BEFORE = {"core": 0.06, "normal": 0.04, "basic": 0.02}
AFTER = {"core": 0.30, "normal": 0.15, "basic": 0.05}


def outcome(lot, willing):
    if lot.random() >= 0.55:
        return "no_answer"
    if lot.random() >= 0.7:
        return "hung_up"
    return "willing" if lot.random() < willing else "refused"


def pilot(after, seed=3):
    """Calls of four months; from `TURN` on people are as willing as `after` says. With scores and groups."""
    lot = np.random.default_rng(seed)
    score = np.sort(lot.normal(-3, 0.8, PEOPLE))[::-1]
    group = np.repeat([0, 1, 2], [PEOPLE // 5, 2 * PEOPLE // 5, 2 * PEOPLE // 5])
    contacts, orders = [], []
    for who in range(PEOPLE):
        day = SINCE + timedelta(days=int(lot.integers(0, (END - SINCE).days)))
        chances = BEFORE if day < TURN else after
        said = outcome(lot, chances[("core", "normal", "basic")[group[who]]])
        reference = f"o{who}" if said == "willing" and lot.random() < 0.6 else None
        contacts.append(contact_row(who, day, said, reference))
        if reference:
            orders.append(order_row(who, day + timedelta(days=2), reference))
    orders.append(order_row(PEOPLE, END - timedelta(days=1)))
    known = [one for one in orders if one["ordered_at"].date() < END]
    return {"contacts": contacts, "orders": known}, score, group


def home_of(folder, records):
    """A home with these records and the funnel `spring`, learnt from the contacts before `TURN`, in use."""
    contacts_orders, score, group = records
    home = open_home(load_settings({"TELEWAVE_HOME": str(folder), "TELEWAVE_THREADS": "1"}))
    Town(home.warehouse.root, home.warehouse.engine).put(contacts_orders)
    put_groups(home.warehouse, score, group, as_of=SINCE)
    question = Question(since=SINCE, as_of=TURN, days=14, model="m")
    saved(home, learn(home.warehouse, question, "spring"))
    return home


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """In which outcomes turned away from what was learnt."""
    with home_of(tmp_path_factory.mktemp("home"), pilot(AFTER)) as opened:
        yield opened


@pytest.fixture(scope="module")
def compared(home):
    return refit(home, "spring", "Li Na")


def planned_effects(home):
    """What the next plan of the reference campaign on this funnel would take for orders that a call causes."""
    brief = replace(load_campaign(Path("reference")), funnel="spring", model="m")
    brief = learnt(home.settings.home, brief)
    (call,) = [one for one in brief.channels if one.records == "outbound_call"]
    return call.steps


def test_what_is_learnt_anew_wins_on_later_contacts_and_after_a_second_person_agrees_the_next_plan_uses_it(
    home, compared
):
    made = compared.refit
    assert (made.champion, made.challenger) == (1, 2)
    assert made.judged.verdict is Verdict.BETTER
    assert made.judged.first == made.as_of == date(2026, 6, 20)
    before = planned_effects(home)
    assert before.funnel == ("spring", 1)
    with pytest.raises(OwnRefit):
        approve(home, "spring", "  li NA", "I think so")
    assert planned_effects(home) == before
    use = approve(home, "spring", "Wang Wei", "better on July's contacts")
    assert (use.version, use.by) == (2, "Wang Wei")
    after = planned_effects(home)
    assert after.funnel == ("spring", 2)
    assert after.ordered.levels[0].value > before.ordered.levels[0].value
    with pytest.raises(InUseAlready):
        approve(home, "spring", "Wang Wei", "again")
    approve(home, "spring", "Zhao Min", "back, to see", version=1)
    assert planned_effects(home) == before
    told = history(home, "spring")
    assert [one.version for one in told.uses] == [1, 2, 1]
    assert (told.used, [one.number for one in told.versions]) == (1, [1, 2])


def test_without_a_name_or_a_reason_nothing_is_put_to_use(home, compared):
    with pytest.raises(NoReason):
        approve(home, "spring", "Wang Wei", "  ")
    with pytest.raises(NoPerson):
        approve(home, "spring", " ", "because")
    with pytest.raises(NoPerson):
        refit(home, "spring", " ")


def test_the_comparison_is_kept_as_it_was_and_shown_in_both_languages(home, compared):
    assert from_json(json.loads(json.dumps(to_json(compared.refit)))) == compared.refit
    assert last_compared(home, "spring").refit.number >= 1
    for language, words in (("en", "predicts later contacts better"), ("zh", "后续接触")):
        assert words in compared_page(compared, language)


def test_what_happens_after_the_date_does_not_move_the_version_learnt_anew(tmp_path):
    records, score, group = pilot(AFTER, seed=4)
    day = date(2026, 6, 1)
    changed = {
        "contacts": [
            one | {"disposition": "refused", "reference": None} if one["contacted_at"].date() >= day else one
            for one in records["contacts"]
        ],
        "orders": [one for one in records["orders"] if one["ordered_at"].date() < day]
        + [order_row(k, END - timedelta(days=3)) for k in range(400)],
    }
    made = []
    for name, told in (("one", records), ("other", changed)):
        with home_of(tmp_path / name, (told, score, group)) as opened:
            made.append(refit(opened, "spring", "Li Na", as_of=day))
    assert made[0].challenger == made[1].challenger
    assert made[0].refit.judged != made[1].refit.judged


def test_what_says_the_same_is_not_put_to_use_and_neither_is_a_version_nobody_judged(tmp_path):
    with home_of(tmp_path, pilot(BEFORE)) as opened:
        with pytest.raises(NoRefit):
            approve(opened, "spring", "Wang Wei", "why not")
        made = refit(opened, "spring", "Li Na").refit
        assert made.judged.verdict is not Verdict.BETTER
        with pytest.raises(NotShownBetter):
            approve(opened, "spring", "Wang Wei", "it is newer")
        by_hand = saved(
            opened, learn(opened.warehouse, kept(opened.settings.home, "spring", 1).question, "spring")
        )
        with pytest.raises(NeverJudged):
            approve(opened, "spring", "Wang Wei", "it is newer still", version=by_hand.version)
        assert history(opened, "spring").used == 1
        assert planned_effects(opened).funnel == ("spring", 1)


def test_who_was_judged_beside_another_than_the_one_in_use_is_judged_anew(tmp_path):
    with home_of(tmp_path, pilot(AFTER)) as opened:
        for _ in range(2):
            assert refit(opened, "spring", "Li Na").refit.champion == 1
        approve(opened, "spring", "Wang Wei", "better", version=2)
        with pytest.raises(JudgedBesideAnother):
            approve(opened, "spring", "Wang Wei", "better too", version=3)


def test_before_there_is_anything_to_judge_by_the_remedy_is_a_day_and_an_option_that_works(tmp_path):
    records, score, group = pilot(AFTER, seed=6)
    early = {name: [one for one in rows if next(v for k, v in one.items() if k.endswith("ed_at")).date() < TURN] for name, rows in records.items()}  # fmt: skip
    with home_of(tmp_path, (early, score, group)) as opened:
        with pytest.raises(NothingToJudgeBy, match=f"--as-of {TURN}"):
            refit(opened, "spring", "Li Na")
        judged = refit(opened, "spring", "Li Na", as_of=TURN).refit.judged
        assert (judged.verdict, judged.records) == (Verdict.UNTOLD, 0)


@pytest.mark.browser
@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("zh", 390)])
def test_the_page_can_be_read_wide_and_narrow(compared, browser, tmp_path, language, width):
    assert look_at(browser, compared_page(compared, language), tmp_path, name="learning", width=width) == []


@pytest.mark.browser
@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("zh", 390)])
def test_the_page_of_everything_can_be_read_wide_and_narrow(
    home, compared, browser, tmp_path, language, width
):
    page = overview_page(histories(home), language)
    assert look_at(browser, page, tmp_path, name="learning-overview", width=width) == []
