"""The Qini curve and its relative area, against plain computations and known truths."""

import numpy as np
import pytest

from telewave.experiments.qini import judged, list_places
from telewave.kernel import Inconclusive


def city(n=20_000, seed=1, spread=0.2, mean=0.1):
    """Rows whose effect is known: outcome, who was treated, and the effect."""
    draw = np.random.default_rng(seed)
    effect = mean + spread * (draw.random(n) - 0.5)
    treated = draw.random(n) < 0.5
    outcome = (draw.random(n) < 0.2 + effect * treated).astype(float)
    return outcome, treated, effect


def one_fold(score, seed=0):
    return list_places(score, np.zeros(len(score), np.int64), seed)


def judged_as_given(places, *rest, **options):
    """Rankings that were there before the experiment."""
    return judged({name: [place] for name, place in places.items()}, *rest, learnt=False, **options)


def plain_area(score, outcome, treated):
    """Row by row, as the definition reads."""
    order = np.argsort(-score)
    t, y = treated[order], outcome[order]
    nt, nc = np.cumsum(t), np.cumsum(~t)
    gained = (np.cumsum(y * t) - np.cumsum(y * ~t) * nt / np.maximum(nc, 1)) / t.sum()
    return gained.mean() - gained[-1] / 2, gained[-1]


def test_the_area_is_the_one_of_the_definition():
    outcome, treated, effect = city()
    made = judged_as_given({"true": one_fold(effect)}, outcome, treated, resamples=50)
    area, whole = plain_area(effect, outcome, treated)
    assert made.rankings[0].area.value == pytest.approx(area, abs=2e-4)
    assert made.effect.value == pytest.approx(whole)
    assert made.rankings[0].relative.value == pytest.approx(2 * area / whole, abs=5e-3)


def test_the_true_effect_has_the_relative_qini_that_its_spread_gives():
    """Effects even between 0 and 0.2: g(s) = 0.2 s - 0.1 s^2, so the area is 1/60 and the relative Qini 1/3."""
    outcome, treated, effect = city(200_000)
    made = judged_as_given({"true": one_fold(effect)}, outcome, treated, resamples=40).rankings[0]
    assert made.relative.low < 1 / 3 < made.relative.high
    assert made.relative.value == pytest.approx(1 / 3, abs=0.04)


def test_a_random_order_is_no_better_than_lot_and_a_reversed_one_is_worse():
    outcome, treated, effect = city()
    lot = one_fold(np.zeros(len(effect)), seed=4)
    made = judged_as_given({"true": one_fold(effect), "lot": lot, "turned": one_fold(-effect)}, outcome, treated, resamples=100)  # fmt: skip
    true, random, turned = made.rankings
    assert true.better_than_lot
    assert random.area.low < 0 < random.area.high
    assert turned.area.high < 0
    assert made.ahead["lot"].low > 0


def test_without_an_effect_on_the_whole_there_is_no_relative_qini():
    outcome, treated, effect = city(mean=0.0)
    made = judged_as_given({"true": one_fold(effect)}, outcome, treated, resamples=50).rankings[0]
    assert isinstance(made.relative, Inconclusive)
    assert made.brought == ()
    assert made.area.low > 0


def test_folds_are_ranked_each_by_itself():
    score = np.array([1.0, 2.0, 101.0, 102.0])
    assert list_places(score, np.array([0, 0, 1, 1]), 0).tolist() == [0.75, 0.25, 0.75, 0.25]


def test_rows_of_a_household_are_drawn_together():
    outcome, treated, effect = city(4_000)
    twice = [np.repeat(each, 2) for each in (outcome, treated, effect)]
    house = np.repeat(np.arange(4_000), 2)
    single = judged_as_given({"true": one_fold(effect)}, outcome, treated, resamples=200).rankings[0].area
    wide = judged_as_given({"true": one_fold(twice[2])}, twice[0], twice[1], cluster=house, resamples=200).rankings[0].area  # fmt: skip
    naive = judged_as_given({"true": one_fold(twice[2])}, twice[0], twice[1], resamples=200).rankings[0].area
    assert wide.high - wide.low == pytest.approx(single.high - single.low, rel=0.2)
    assert naive.high - naive.low < 0.85 * (wide.high - wide.low)


def test_a_learnt_ranking_has_the_mean_of_its_splits_and_an_interval_for_ranking_and_split():
    outcome, treated, effect = city(4_000)
    splits = [one_fold(effect + np.random.default_rng(k).normal(0, 0.1, 4_000)) for k in range(3)]
    each = [judged_as_given({"a": one}, outcome, treated, resamples=100).rankings[0].area for one in splits]
    made = judged({"a": splits}, outcome, treated, resamples=100).rankings[0].area
    given = judged({"a": splits}, outcome, treated, resamples=100, learnt=False).rankings[0].area
    areas = [one.value for one in each]
    assert made.value == pytest.approx(np.mean(areas))
    beside = 1.96 * np.std(areas, ddof=1) / np.sqrt(3)
    assert made.value - made.low == pytest.approx(
        np.hypot(np.sqrt(2) * (given.value - given.low), beside), rel=1e-3
    )


def coverage(runs, n=1_500):
    """Share of experiments whose interval holds the area that a very large one shows."""
    truth = 0.2 / 12
    held = []
    for seed in range(runs):
        outcome, treated, effect = city(n, seed + 100)
        area = (
            judged_as_given({"true": one_fold(effect)}, outcome, treated, seed=seed, resamples=120)
            .rankings[0]
            .area
        )
        held.append(area.low <= truth <= area.high)
    return np.mean(held)


def test_the_interval_holds_the_true_area_about_as_often_as_it_says():
    assert coverage(60) > 0.95 - 0.085


@pytest.mark.prove
def test_over_many_experiments_the_interval_holds_the_true_area_as_often_as_it_says():
    assert 0.925 <= coverage(1_000) <= 0.975
