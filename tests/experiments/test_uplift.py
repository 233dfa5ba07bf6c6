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


def alarms(runs, n):
    """Share of experiments without any difference in effect in which the ranking is said to be better than lot."""
    said = []
    for seed in range(runs):
        rows, outcome, treated, _ = people(n, seed + 50, strength=0.0)
        fold = folds_of(rows, None, 3)
        score = out_of_fold(UpliftLearner(kind="s"), rows, outcome + 0.3 * treated, treated, fold)
        made = judged({"s": list_places(score, fold, 1)}, outcome + 0.3 * treated, treated, seed=seed, resamples=100)  # fmt: skip
        said.append(made.rankings[0].better_than_lot)
    return np.mean(said)


def test_where_all_are_moved_alike_hardly_any_ranking_is_said_to_be_better_than_lot():
    assert alarms(4, 800) <= 1 / 4


@pytest.mark.prove
def test_over_many_experiments_where_all_are_moved_alike_no_more_alarms_than_promised():
    assert alarms(200, 1_500) <= 0.025 + 0.033
