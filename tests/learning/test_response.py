"""Who takes the offer, learnt anew: from a town's orders to a version in use, which every reader asks in one place."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import roc_auc_score
from tests.proving import PROVING

from telewave.bootstrap import open_home
from telewave.features.usecases import WIDE, WIDE_SCHEMA, open_wide
from telewave.kernel.history import Use
from telewave.learning.deciding import OwnRefit
from telewave.learning.document import from_json, to_json
from telewave.learning.model import Sort, Verdict
from telewave.learning.of_response import LearntFromOutside, NoLaterDates
from telewave.learning.page import compared_page
from telewave.learning.response_judging import Later, auc, judged
from telewave.learning.usecases import approve, history, refit
from telewave.models.target import OutcomeNotYetKnown, Target
from telewave.models.training import train
from telewave.models.training_tables import training_table
from telewave.models.usecases import (
    ScoredByAnother,
    find,
    load,
    load_card,
    put_model_to_use,
    require_scored_by_used,
    save,
    score,
    scored_by,
)
from telewave.platform.progress import Silent
from telewave.platform.settings import load_settings
from telewave.records.contracts import ORDERS

DATES = tuple(date(2026, month, 1) for month in (1, 2, 3, 4, 5, 6))
TURN, ANEW = DATES[2], DATES[4]
PEOPLE, WINDOW = 2_000, 28
LATER = {"arpu": -1.5, "tenure_months": 1.2}
BEFORE = {"arpu": 1.5, "tenure_months": 0.0}


def people(seed=1):
    lot = np.random.default_rng(seed)
    return {"arpu": lot.normal(size=PEOPLE), "tenure_months": lot.normal(size=PEOPLE)}


def orders(after, seed=2):
    """Who takes the phone in the month of each date, as (subscriber, day): some 6 %, by `BEFORE` until `TURN`."""
    lot, known = np.random.default_rng(seed), people()
    found = [(0, DATES[0] - timedelta(days=40)), (1, DATES[-1] + timedelta(days=WINDOW - 1))]
    for day in DATES:
        weights = BEFORE if day < TURN else after
        logit = -3.2 + sum(weight * known[name] for name, weight in weights.items())
        takers = np.flatnonzero(lot.random(PEOPLE) < 1 / (1 + np.exp(-logit))).tolist()
        found += [(who, day + timedelta(days=int(lot.integers(0, WINDOW)))) for who in takers]
    return found


def put_orders(home, rows):
    by_day = {}
    for who, day in rows:
        by_day.setdefault(day, []).append(
            {"subscriber": who, "ordered_at": datetime.combine(day, time(12)), "offer": "phone",
             "kind": "device_only", "channel": "hall"}
        )  # fmt: skip
    with home.warehouse.change("orders") as change:
        for day, mine in by_day.items():
            file = change.new_file(day.isoformat())
            pq.write_table(pa.Table.from_pylist(mine, ORDERS.schema), file)
            change.set(day.isoformat(), {file: "test"})


def home_of(folder, rows):
    """A home with these orders, wide tables, and the model `phone`, learnt from the two dates before `TURN`."""
    home = open_home(load_settings({"TELEWAVE_HOME": str(folder), "TELEWAVE_THREADS": "1"}))
    known = people() | {"subscriber": np.arange(PEOPLE)}
    wide = pa.table(
        [pa.array(known[one.name], one.type) if one.name in known else pa.nulls(PEOPLE, one.type) for one in WIDE_SCHEMA],
        schema=WIDE_SCHEMA,
    )  # fmt: skip
    with home.warehouse.change(WIDE) as change:
        for day in DATES:
            file = change.new_file(day.isoformat())
            pq.write_table(wide, file)
            change.set(day.isoformat(), {file: "test"})
    put_orders(home, rows)
    table = training_table(home.warehouse, Target("phone", WINDOW), DATES[:2], open_wide, Silent())
    save(train(table, name="phone", seed=1, now=home.clock.now()), home.models, home.database, home.clock)
    return home


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """In which other people than before take the offer."""
    with home_of(tmp_path_factory.mktemp("town"), orders(LATER)) as opened:
        yield opened


@pytest.fixture(scope="module")
def compared(home):
    return refit(home, "phone", "Li Na", ANEW, TURN, sort=Sort.RESPONSE)


def scored(home):
    """The version that scores of the last date are made by."""
    warehouse, fitted = home.warehouse, load(home.models, home.database, "phone")
    score(fitted, open_wide(warehouse, DATES[-1]), warehouse, Silent())
    return scored_by(warehouse, "phone", DATES[-1])


def test_a_model_that_knows_who_takes_now_wins_on_later_takers_and_scores_when_a_second_person_agrees(
    home, compared
):
    made, warehouse = compared.refit, home.warehouse
    assert (made.champion, made.challenger, made.since, made.as_of) == (1, 2, TURN, ANEW)
    assert made.judged.verdict is Verdict.BETTER
    assert [one.name.en for one in made.judged.parts] == [f"as of {day}" for day in DATES[4:]]
    assert all(one.challenger_auc > one.champion_auc for one in made.judged.parts)
    assert scored(home) == "phone/1"
    require_scored_by_used(warehouse, home.models, "phone", DATES[-1])
    with pytest.raises(OwnRefit):
        approve(home, "phone", "Li Na", "better", sort=Sort.RESPONSE)
    approve(home, "phone", "Wang Wei", "better on May's and June's takers", sort=Sort.RESPONSE)
    assert find(home.models, home.database, "phone").version == 2
    assert load_card(home.models, home.database, "phone").version == 2
    with pytest.raises(ScoredByAnother, match="--model phone --as-of 2026-06-01"):
        require_scored_by_used(warehouse, home.models, "phone", DATES[-1])
    assert scored(home) == "phone/2"
    require_scored_by_used(warehouse, home.models, "phone", DATES[-1])
    approve(home, "phone", "Zhao Min", "back, to see", version=1, sort=Sort.RESPONSE)
    assert scored(home) == "phone/1"
    told = history(home, "phone", Sort.RESPONSE)
    assert ([one.version for one in told.uses], told.used) == ([1, 2, 1], 1)


def test_the_comparison_is_kept_as_it_was_and_speaks_of_takers_in_both_languages(compared):
    assert from_json(to_json(compared.refit)) == compared.refit
    for language, words in (("en", "predicts later outcomes better"), ("zh", "对后续办理结果的预测优于")):
        assert words in compared_page(compared, language)


def test_until_something_is_put_to_use_the_newest_version_is_used_and_what_cannot_be_learnt_anew_says_why(
    tmp_path,
):
    early = [(who, day) for who, day in orders(BEFORE, seed=4) if day < DATES[2] + timedelta(days=WINDOW)]
    with home_of(tmp_path, early) as opened:
        models, database = opened.models, opened.database
        fitted = load(models, database, "phone")
        save(fitted, models, database, opened.clock)
        assert find(models, database, "phone").version == 2
        use = Use(version=1, by="Wang Wei", at=opened.clock.now(), reason="steadier")
        put_model_to_use(models, "phone", use, 0)
        save(fitted, models, database, opened.clock)
        assert (find(models, database, "phone").version, find(models, database, "phone", 3).version) == (1, 3)
        card = replace(fitted.card, offered=None)
        save(replace(fitted, name="bank", card=replace(card, name="bank")), models, database, opened.clock)
        with pytest.raises(LearntFromOutside):
            refit(opened, "bank", "Li Na", sort=Sort.RESPONSE)
        with pytest.raises(NoLaterDates, match="--as-of 2026-03-01"):
            refit(opened, "phone", "Li Na", sort=Sort.RESPONSE)


@pytest.mark.prove
def test_what_happens_after_the_date_does_not_move_the_model_learnt_anew(tmp_path):
    """To the last digit; what it is learnt from is compared in `make test` too, below."""
    rows = orders(BEFORE, seed=5)
    with home_of(tmp_path, rows) as opened:
        one = refit(opened, "phone", "Li Na", ANEW, sort=Sort.RESPONSE).refit
        before = load(opened.models, opened.database, "phone", one.challenger)
        put_orders(opened, [(who, day) for who, day in rows if day < ANEW] + [(k, day + timedelta(days=9)) for k in range(300) for day in DATES[4:]])  # fmt: skip
        other = refit(opened, "phone", "Li Na", ANEW, sort=Sort.RESPONSE).refit
        after = load(opened.models, opened.database, "phone", other.challenger)
        sample = training_table(
            opened.warehouse, Target("phone", WINDOW), DATES[:1], open_wide, Silent()
        ).rows
        assert np.array_equal(before.probabilities(sample), after.probabilities(sample))
        assert before.card == replace(after.card, trained_at=before.card.trained_at)
        assert one.judged != other.judged


def test_what_is_learnt_from_and_its_warnings_know_nothing_of_the_date_or_later(home):
    question = home.warehouse, Target("phone", WINDOW), DATES[2:4], open_wide, Silent()
    early = training_table(*question, before=ANEW)
    assert early.rows.equals(training_table(*question).rows)
    assert early.warnings == training_table(*question, before=ANEW + timedelta(days=1)).warnings == ()
    with pytest.raises(OutcomeNotYetKnown):
        training_table(*question, before=DATES[3] + timedelta(days=WINDOW - 1))


def drawn(lot, champion, challenger, truth, months=1):
    n = len(truth)
    return Later(
        first=DATES[0], end=DATES[1], dates=DATES[:months], date=np.repeat(np.arange(months), n // months),
        champion=champion, challenger=challenger, took=lot.random(n) < truth, household=np.arange(n) % (n // months),
        weight=np.ones(n),
    )  # fmt: skip


def test_the_gain_is_the_mean_difference_of_log_loss_and_sampled_people_count_for_those_they_stand_for():
    lot = np.random.default_rng(7)
    truth, other = lot.beta(2, 30, 4_000), lot.beta(2, 30, 4_000)
    later = drawn(lot, other, truth, truth)
    found = judged(later)
    loss = [-np.where(later.took, np.log(p), np.log(1 - p)) for p in (other, truth)]
    assert found.gain.value == pytest.approx(np.mean(loss[0] - loss[1]))
    assert found.verdict is Verdict.BETTER
    assert found.parts[0].challenger_auc == pytest.approx(roc_auc_score(later.took, truth))
    assert auc(truth, np.zeros(4_000, bool)) is None
    weight = np.where(later.took, 1.0, 3.0)
    heavier = judged(replace(later, weight=weight))
    assert heavier.gain.value == pytest.approx(np.average(loss[0] - loss[1], weights=weight))


def test_too_few_takers_tell_nothing_and_a_worse_model_is_not_better():
    lot = np.random.default_rng(8)
    truth, other = lot.beta(2, 30, 4_000), lot.beta(2, 30, 4_000)
    assert judged(drawn(lot, truth, other, truth)).verdict is Verdict.NOT_BETTER
    rare = truth / 200
    assert judged(drawn(lot, other / 200, rare, rare)).verdict is Verdict.UNTOLD


@pytest.mark.prove
def test_a_model_that_is_only_learnt_anew_is_taken_for_better_in_at_most_one_of_forty_worlds():
    """Judged after each of six months; takers are as the champion says, the challenger is off by chance."""
    worlds, wrong = 400 if PROVING else 40, 0
    for seed in range(worlds):
        lot = np.random.default_rng([12, seed])
        truth = np.tile(lot.beta(2, 40, 3_000), 6)
        logit = np.log(truth / (1 - truth)) + np.tile(0.3 * lot.normal(size=3_000), 6)
        whole = drawn(lot, truth, 1 / (1 + np.exp(-logit)), truth, months=6)
        looks = [judged(first_of(whole, months)) for months in range(1, 7)]
        wrong += any(one.verdict is Verdict.BETTER for one in looks)
    assert wrong <= worlds / 40 + 2 * np.sqrt(worlds / 40)


def first_of(later, months):
    mine = later.date < months
    return replace(
        later, dates=later.dates[:months], date=later.date[mine], champion=later.champion[mine],
        challenger=later.challenger[mine], took=later.took[mine], household=later.household[mine],
        weight=later.weight[mine],
    )  # fmt: skip
