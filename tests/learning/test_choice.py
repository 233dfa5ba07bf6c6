"""Which policy suits whom, learnt anew: from a branch's orders to a version in use."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.choice.branch import WEIGHTS, Branch, put_wide

from telewave.audit.store import found as written_down
from telewave.bootstrap import open_home
from telewave.choice.foreseeing import foreseen, shown
from telewave.choice.model import LeftOut
from telewave.choice.usecases import kept_choice, learnt_choice, orders_taken, saved_choice
from telewave.learning.choice_judging import Later, judged
from telewave.learning.deciding import NothingToJudgeBy, NotShownBetter, OwnRefit
from telewave.learning.document import from_json, to_json
from telewave.learning.model import Sort, Verdict
from telewave.learning.page import compared_page
from telewave.learning.port import Ask
from telewave.learning.usecases import approve, history, refit
from telewave.offers.catalogue_file import reference_case
from telewave.platform.progress import Silent
from telewave.platform.settings import load_settings
from telewave.records.contracts import ORDERS

FIRST, TURN, ANEW, END = date(2026, 5, 1), date(2026, 5, 21), date(2026, 6, 12), date(2026, 6, 30)
PEOPLE = 4_000
OTHERWISE = WEIGHTS | {"down": 0.04, "months": 0.6, "true_cost": -0.02}
"""From `TURN` on people mind the contract less and like money down."""


def orders_of(branch, after, seed=2):
    """An order of everybody, by known weights until `TURN` and by `after` from then on."""
    lot = np.random.default_rng(seed)
    before, later = (branch.taken(weights) for weights in (WEIGHTS, after))
    rows = []
    for who, day in enumerate(lot.integers(0, (END - FIRST).days, PEOPLE).tolist()):
        at = datetime(2026, 5, 1, 12) + timedelta(days=day)
        policy = branch.offers[(before if at.date() < TURN else later)[who]].id
        rows.append({"subscriber": who, "ordered_at": at, "offer": "phone", "kind": "device_only", "channel": "hall", "policy": policy})  # fmt: skip
    return rows


def home_of(folder, rows):
    """A home with these orders and the choice model `spring`, learnt from those before `TURN`."""
    home = open_home(load_settings({"TELEWAVE_HOME": str(folder), "TELEWAVE_THREADS": "1"}))
    put_wide(home, Branch(people=PEOPLE).wide())
    with home.warehouse.change("orders") as change:
        for day in sorted({row["ordered_at"].date() for row in rows}):
            file, mine = change.new_file(day.isoformat()), [r for r in rows if r["ordered_at"].date() == day]
            pq.write_table(pa.Table.from_pylist(mine, ORDERS.schema), file)
            change.set(day.isoformat(), {file: day.isoformat()})
    saved_choice(home, learnt_choice(home, reference_case(), "spring", 1, Silent(), before=TURN))
    return home


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """In which people's minds changed."""
    rows = orders_of(Branch(people=PEOPLE), OTHERWISE)
    with home_of(tmp_path_factory.mktemp("branch"), rows) as opened:
        yield opened


@pytest.fixture(scope="module")
def compared(home):
    return refit(home, "spring", "Li Na", ANEW, TURN, sort=Sort.CHOICE)


def test_what_is_learnt_from_newer_orders_wins_on_later_ones_and_is_used_after_a_second_person_agrees(
    home, compared
):
    made, folder = compared.refit, home.settings.home
    assert (made.champion, made.challenger, made.since, made.as_of) == (1, 2, TURN, ANEW)
    assert made.judged.verdict is Verdict.BETTER
    assert made.judged.first == ANEW
    assert kept_choice(folder, "spring").version == 1
    with pytest.raises(OwnRefit):
        approve(home, "spring", "li na", "better", sort=Sort.CHOICE)
    approve(home, "spring", "Wang Wei", "better on June's orders", sort=Sort.CHOICE)
    assert kept_choice(folder, "spring").version == 2
    (entry,) = written_down(home.database)
    assert (entry.person, entry.action, entry.about) == ("Wang Wei", "version:used", "spring")
    assert entry.facts == {"kind": "choice", "version": 2, "reason": "better on June's orders"}
    approve(home, "spring", "Zhao Min", "back, to see", version=1, sort=Sort.CHOICE)
    assert kept_choice(folder, "spring").version == 1
    told = history(home, "spring", Sort.CHOICE)
    assert ([one.version for one in told.uses], told.used) == ([1, 2, 1], 1)


def test_the_gain_is_that_of_the_chances_of_what_was_taken_written_down_a_second_time(home, compared):
    catalogue = reference_case()
    orders = shown(orders_taken(home, catalogue, Silent(), since=ANEW, before=END), catalogue)
    chances = [
        foreseen(one, orders)[np.arange(len(orders.taken)), orders.taken]
        for one in (compared.champion, compared.challenger)
    ]
    found = compared.refit.judged
    assert found.records == len(orders.taken)
    assert found.gain.value == pytest.approx(np.mean(np.log(chances[1] / chances[0])))
    assert sum(one.n for one in found.parts) == found.records


def test_a_kept_model_foresees_what_it_said_of_the_orders_that_judged_it(home):
    model, catalogue = kept_choice(home.settings.home, "spring", 1), reference_case()
    orders = shown(orders_taken(home, catalogue, Silent(), before=TURN), catalogue)
    chances = foreseen(model, orders)
    assert chances.sum(1) == pytest.approx(1)
    assert (chances[~orders.open] == 0).all()
    largest = model.classes[0]
    mine = np.array([orders.cells[one] == largest.cell for one in orders.cell])
    may = mine & orders.open[:, largest.lead.policy]
    assert chances[may, largest.lead.policy].mean() == pytest.approx(largest.lead.share)


def test_what_is_ordered_after_the_date_does_not_move_the_version_learnt_anew(tmp_path):
    branch = Branch(people=PEOPLE)
    rows = orders_of(branch, WEIGHTS, seed=5)
    changed = [
        row | {"policy": branch.offers[0].id, "channel": "web"} if row["ordered_at"].date() >= ANEW else row
        for row in rows
    ]
    made = []
    for name, told in (("one", rows), ("other", changed)):
        with home_of(tmp_path / name, told) as opened:
            made.append(refit(opened, "spring", "Li Na", ANEW, sort=Sort.CHOICE))
    one, other = (replace(each.challenger, learnt_at=datetime(2026, 1, 1)) for each in made)
    assert repr(one) == repr(other)
    assert LeftOut.NOT_OPEN not in one.left_out
    assert made[0].refit.judged != made[1].refit.judged


def test_what_says_the_same_stays_unused_and_before_there_are_later_orders_a_remedy_is_said(tmp_path):
    with home_of(tmp_path, orders_of(Branch(people=PEOPLE), WEIGHTS, seed=6)) as opened:
        made = refit(opened, "spring", "Li Na", ANEW, sort=Sort.CHOICE).refit
        assert made.judged.verdict is not Verdict.BETTER
        with pytest.raises(NotShownBetter, match="--kind choice"):
            approve(opened, "spring", "Wang Wei", "it is newer", sort=Sort.CHOICE)
        saved_choice(opened, learnt_choice(opened, reference_case(), "late", 1, Silent()))
        with pytest.raises(NothingToJudgeBy, match=f"--as-of {END}"):
            refit(opened, "late", "Li Na", sort=Sort.CHOICE)
        none = refit(opened, "late", "Li Na", END, sort=Sort.CHOICE, ask=Ask()).refit.judged
        assert (none.verdict, none.records) == (Verdict.UNTOLD, 0)


def test_the_page_speaks_of_orders_in_both_languages_and_a_comparison_is_kept_as_it_was(compared):
    assert from_json(to_json(compared.refit)) == compared.refit
    for language, words in (("en", "predicts later orders better"), ("zh", "对后续订单的预测优于")):
        assert words in compared_page(compared, language)


@pytest.mark.prove
def test_a_choice_model_that_is_only_learnt_anew_is_taken_for_better_in_at_most_one_of_forty_worlds(home):
    """Judged after each week. People go on choosing as the champion says; the challenger has chance alone."""
    from tests.choice.drawn import takers
    from tests.proving import PROVING

    catalogue = reference_case()
    orders = shown(orders_taken(home, catalogue, Silent()), catalogue)
    champion = kept_choice(home.settings.home, "spring", 1)
    chances = foreseen(champion, orders)
    worlds, wrong = 200 if PROVING else 20, 0
    for seed in range(worlds):
        lot = np.random.default_rng([11, seed])
        noise = tuple(
            replace(one, weights=lot.multivariate_normal(one.weights, one.covariance))
            for one in champion.classes
        )
        challenger = replace(champion, classes=noise)
        drawn = replace(orders, taken=takers(lot, chances))
        looks = [judged(champion, challenger, first_of(drawn, n)) for n in range(300, len(chances), 300)]
        wrong += any(one.verdict is Verdict.BETTER for one in looks)
    assert wrong <= worlds / 40 + 2 * np.sqrt(worlds / 40)


def first_of(orders, n):
    mine = replace(
        orders, terms=orders.terms[:n], open=orders.open[:n], taken=orders.taken[:n],
        subscriber=orders.subscriber[:n], day=orders.day[:n], cell=orders.cell[:n],
    )  # fmt: skip
    return Later(first=ANEW, end=END, orders=mine, household=mine.subscriber)
