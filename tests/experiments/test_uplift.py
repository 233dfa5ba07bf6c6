"""Learners of the effect on each, on people whose effect is known."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression
from threadpoolctl import threadpool_limits

from telewave.experiments.qini import judged, list_places
from telewave.experiments.uplift import KINDS, UpliftLearner, folds_of, out_of_fold


@pytest.fixture(autouse=True)
def one_thread():
    with threadpool_limits(1):
        yield


def people(n=3_000, seed=1, strength=0.3):
    """Rows, outcome, treated, and the true effect, which half of `plan` has and `use` raises."""
    draw = np.random.default_rng(seed)
    rows = pd.DataFrame(
        {
            "use": draw.normal(size=n),
            "plan": pd.Categorical(draw.choice(["A", "B"], n)),
            "noise": np.where(draw.random(n) < 0.1, np.nan, draw.normal(size=n)),
        }
    )
    effect = strength * (rows["plan"] == "A").to_numpy() * (1 + rows["use"].to_numpy())
    treated = draw.random(n) < 0.5
    outcome = rows["use"].to_numpy() + effect * treated + draw.normal(0, 0.5, n)
    return rows, outcome, treated, effect


@pytest.mark.parametrize("kind", KINDS)
def test_each_learner_finds_who_is_moved_among_rows_it_has_not_seen(kind):
    rows, outcome, treated, effect = people()
    fold = folds_of(rows, None, 3)
    score = out_of_fold(UpliftLearner(kind=kind), rows, outcome, treated, fold)
    assert np.corrcoef(score, effect)[0, 1] > 0.6
    assert score.mean() == pytest.approx(effect.mean(), abs=0.08)


def test_with_a_linear_base_the_t_learner_is_the_difference_of_two_regressions():
    rows, outcome, treated, _ = people()
    plain = rows[["use"]]
    made = UpliftLearner(kind="t", base=LinearRegression()).fit(plain, outcome, treated).predict(plain)
    some, none = (LinearRegression().fit(plain[treated == t], outcome[treated == t]) for t in (True, False))
    np.testing.assert_allclose(made, some.predict(plain) - none.predict(plain))


def test_with_a_linear_base_the_doubly_robust_mean_is_the_difference_of_means_adjusted():
    rows, outcome, treated, effect = people(8_000)
    plain = rows[["use"]]
    made = UpliftLearner(kind="dr", base=LinearRegression()).fit(plain, outcome, treated).predict(plain)
    assert made.mean() == pytest.approx(effect.mean(), abs=0.05)


def test_the_order_of_rows_decides_no_fold():
    rows, *_ = people()
    mixed = np.random.default_rng(2).permutation(len(rows))
    assert (folds_of(rows, None)[mixed] == folds_of(rows.iloc[mixed].reset_index(drop=True), None)).all()


def test_folds_of_few_distinct_rows_have_one_size_and_households_stay_together():
    rows = pd.DataFrame({"plan": np.tile([0.0, 1.0], 500)})
    assert np.bincount(folds_of(rows, None)).tolist() == [200] * 5
    house = np.repeat(np.arange(500), 2)
    fold = folds_of(rows, house)
    assert (fold[::2] == fold[1::2]).all()
    assert np.bincount(fold).min() > 120


def said_better(rows, outcome, treated, learner, *, splits=3, folds=3):
    """Whether the ranking is said to be better than lot."""
    places = []
    for split in range(splits):
        fold = folds_of(rows, None, folds, split)
        places.append(list_places(out_of_fold(learner, rows, outcome, treated, fold), fold, split))
    return judged({"it": places}, outcome, treated, resamples=100).rankings[0].better_than_lot


def alarms(runs, n, learner):
    """Share of experiments in which all are moved alike, but the ranking is said to be better than lot."""
    said = []
    for seed in range(runs):
        rows, outcome, treated, _ = people(n, seed + 50, strength=0.0)
        said.append(said_better(rows, outcome + 0.3 * treated, treated, learner))
    return np.mean(said)


def linear_people(n, seed, strength):
    """Eight numbers, of which the first moves the effect: cheap to learn, and with many ways to be wrong."""
    draw = np.random.default_rng(seed)
    rows = pd.DataFrame(draw.normal(size=(n, 8)), columns=list("abcdefgh"))
    treated = draw.random(n) < 0.5
    return rows, (0.3 + strength * rows["a"].to_numpy()) * treated + draw.normal(0, 1, n), treated


def linear_share(runs, n, strength):
    learner = UpliftLearner(kind="t", base=LinearRegression())
    return np.mean([said_better(*linear_people(n, seed, strength), learner) for seed in range(runs)])


def test_where_all_are_moved_alike_hardly_any_ranking_is_said_to_be_better_than_lot():
    assert linear_share(20, 400, 0.0) <= 2 / 20


def test_folds_are_drawn_anew_for_another_split():
    rows, *_ = people()
    first, second = (folds_of(rows, None, 5, split) for split in (0, 1))
    assert 0.15 < (first == second).mean() < 0.25
    assert np.bincount(second).tolist() == [600] * 5


MOST_OF_400 = 17
"""Of 400 experiments at a rate of 2.5 % more than so many alarm in one out of fifty (binomial)."""


@pytest.mark.prove
def test_over_many_experiments_where_all_are_moved_alike_no_more_alarms_than_promised():
    assert linear_share(400, 600, 0.0) <= MOST_OF_400 / 400


@pytest.mark.prove
@pytest.mark.parametrize("kind", KINDS)
def test_over_many_experiments_the_boosted_learners_raise_no_more_alarms_than_promised(kind):
    """Of 200 at 2.5 % more than 10 alarm in one out of a hundred."""
    assert alarms(200, 600, UpliftLearner(kind=kind)) <= 10 / 200


@pytest.mark.prove
def test_over_many_experiments_where_people_are_moved_differently_most_are_found():
    assert linear_share(100, 600, 0.4) >= 0.8
    found = []
    for seed in range(30):
        rows, outcome, treated, _ = people(2_500, seed + 50, strength=0.3)
        found.append(said_better(rows, outcome, treated, UpliftLearner()))
    assert np.mean(found) >= 0.8
