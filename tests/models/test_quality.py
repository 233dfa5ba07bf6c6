import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score
from tests.models.worlds import sigmoid

from telewave.kernel import Estimate, Inconclusive
from telewave.kernel.intervals import wilson
from telewave.models.quality import ranking_quality


def drawn(n, seed, spread=1.0, decimals=None):
    rng = np.random.default_rng(seed)
    odds = rng.normal(-1.5, spread, n)
    label = rng.random(n) < sigmoid(odds)
    chance = sigmoid(odds)
    return label, chance if decimals is None else np.round(chance, decimals)


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.integers(100, 600), st.sampled_from([None, 1, 2]))
def test_measures_agree_with_scikit_learn_with_and_without_ties(seed, n, decimals):
    label, chance = drawn(n, seed, decimals=decimals)
    judged = ranking_quality(label, chance, seed=0, resamples=20)
    assert judged.auc.value == pytest.approx(roc_auc_score(label, chance))
    assert judged.average_precision.value == pytest.approx(average_precision_score(label, chance))
    assert judged.brier.value == pytest.approx(brier_score_loss(label, chance))


def test_measures_of_sampled_non_takers_are_those_of_the_population():
    label, chance = drawn(300_000, 0)
    kept = label | (np.random.default_rng(1).random(len(label)) < 0.2)
    whole = ranking_quality(label, chance, seed=0, resamples=20)
    judged = ranking_quality(label[kept], chance[kept], seed=0, other_weight=5.0, resamples=20)
    for name in ("auc", "average_precision", "brier", "lift_best_tenth", "gain_best_half"):
        assert getattr(judged, name).value == pytest.approx(getattr(whole, name).value, rel=0.02), name


def test_lift_and_gain_are_counts_from_the_top_of_the_list():
    label = np.zeros(1_000, dtype=bool)
    label[:60] = True  # the best tenth holds 60 of 100 takers, the best half 90
    label[300:330] = True
    label[700:710] = True
    chance = np.linspace(0.9, 0.1, 1_000)
    judged = ranking_quality(label, chance, seed=0, resamples=20)
    assert judged.lift_best_tenth.value == pytest.approx(6.0)
    assert judged.gain_best_half.value == pytest.approx(0.9)
    assert judged.lift_by_tenth == pytest.approx([6, 0, 0, 3, 0, 0, 0, 1, 0, 0])
    assert judged.gain[0] == (0, 0)
    assert judged.gain[-1] == (1, pytest.approx(1))
    assert dict(judged.gain)[0.5] == pytest.approx(0.9)


def test_a_list_of_equal_scores_is_a_random_one():
    label = np.arange(1_000) % 5 == 0
    judged = ranking_quality(label, np.full(1_000, 0.2), seed=0, resamples=20)
    assert judged.auc.value == 0.5
    assert judged.lift_best_tenth.value == pytest.approx(1)
    assert judged.gain_best_half.value == pytest.approx(0.5)
    assert len(judged.calibration) == 1


def test_a_reversed_ranking_has_the_complementary_auc():
    label, chance = drawn(2_000, 3)
    there, back = (ranking_quality(label, c, seed=0, resamples=20).auc.value for c in (chance, 1 - chance))
    assert there + back == pytest.approx(1)


@pytest.mark.prove
def test_intervals_hold_the_truth_about_as_often_as_they_say():
    """300 lists of 1 000 rows whose true AUC and Brier score are known from two million."""
    label, chance = drawn(2_000_000, 99)
    true = {"auc": roc_auc_score(label, chance), "brier": brier_score_loss(label, chance)}
    held = dict.fromkeys(true, 0)
    for seed in range(300):
        judged = ranking_quality(*drawn(1_000, seed), seed=seed, resamples=200)
        for name, value in true.items():
            estimate = getattr(judged, name)
            held[name] += estimate.low <= value <= estimate.high
    assert all(0.91 <= count / 300 <= 0.99 for count in held.values()), (
        held
    )  # 95 % +- 3 standard errors of 1.3 %


def test_intervals_shrink_with_the_root_of_the_rows():
    small, large = (ranking_quality(*drawn(n, 5), seed=0).auc for n in (2_000, 32_000))
    assert (small.high - small.low) / (large.high - large.low) == pytest.approx(4, rel=0.25)


def test_stretches_of_scores_give_the_intervals_of_single_scores():
    label, chance = drawn(10_000, 6)
    by_row = [
        roc_auc_score(label[rows], chance[rows])
        for rows in (np.random.default_rng(k).integers(0, 10_000, 10_000) for k in range(200))
    ]
    estimate = ranking_quality(label, chance, seed=0).auc
    width = np.subtract(*np.quantile(by_row, [0.975, 0.025]))
    assert estimate.high - estimate.low == pytest.approx(width, rel=0.15)


@pytest.mark.parametrize(("takers", "others"), [(9, 500), (500, 9), (0, 100), (100, 0), (0, 0)])
def test_too_few_of_either_are_inconclusive_and_say_so(takers, others):
    label = np.r_[np.ones(takers, dtype=bool), np.zeros(others, dtype=bool)]
    judged = ranking_quality(label, np.linspace(0.1, 0.9, len(label)), seed=0)
    assert isinstance(judged.auc, Inconclusive)
    assert "too few to judge by" in judged.auc.reason.template
    assert (judged.n, judged.takers) == (len(label), takers)


def test_the_same_seed_gives_the_same_intervals():
    one, two = (ranking_quality(*drawn(1_000, 0), seed=4) for _ in range(2))
    assert one == two
    assert isinstance(one.auc, Estimate)


def test_calibration_bins_compare_what_was_said_with_what_came():
    label, chance = drawn(50_000, 7)
    bins = ranking_quality(label, chance, seed=0, resamples=20).calibration
    assert sum(b.n for b in bins) == 50_000
    assert [b.predicted for b in bins] == sorted(b.predicted for b in bins)
    assert sum(b.observed.low <= b.predicted <= b.observed.high for b in bins) >= 8


@pytest.mark.parametrize(("share", "n"), [(0.02, 200), (0.1, 50), (0.5, 30)])
def test_wilson_intervals_hold_the_truth(share, n):
    takers = np.random.default_rng(0).binomial(n, share, 4_000)
    held = [w.low <= share <= w.high for w in (wilson(int(t), n) for t in takers)]
    assert np.mean(held) > 0.92


def test_the_interval_of_nothing_is_everything():
    nothing = wilson(0, 0)
    assert math.isnan(nothing.value)
    assert (nothing.low, nothing.high) == (0, 1)


def test_rows_of_one_subscriber_count_as_one_when_it_comes_to_chance():
    """The same 1 000 subscribers at four dates, no different: four times the rows tell nothing more."""
    label, chance = drawn(1_000, 7)
    alone = ranking_quality(label, chance, seed=0).auc
    again = {"label": np.tile(label, 4), "probability": np.tile(chance, 4), "seed": 0}
    dates, subscriber = np.repeat(np.arange(4), 1_000), np.tile(np.arange(1_000), 4)
    together = ranking_quality(**again, lists=dates, cluster=subscriber).auc
    by_row = ranking_quality(**again, lists=dates).auc
    assert together.value == by_row.value == pytest.approx(alone.value)
    assert together.high - together.low == pytest.approx(alone.high - alone.low, rel=0.15)
    assert by_row.high - by_row.low < 0.6 * (alone.high - alone.low)


def test_intervals_hold_the_truth_where_rows_of_one_time_are_alike():
    """150 sequences of 40 stretches whose share of takers moves from stretch to stretch: rows alone would say too much."""
    held = {"stretch": 0, "row": 0}
    stretch = np.repeat(np.arange(40), 25)
    true = 0.2 * 0.8 + 0.15**2  # E[(label - 0.2)^2] + (0.35 - 0.2)^2, whatever the stretches
    for seed in range(150):
        rng = np.random.default_rng(seed)
        share = np.where(rng.random(40) < 0.5, 0.05, 0.35)[stretch]
        label = rng.random(1_000) < share
        said = np.full(1_000, 0.35)
        for name, cluster in (("stretch", stretch), ("row", None)):
            estimate = ranking_quality(label, said, seed=seed, resamples=200, cluster=cluster).brier
            held[name] += estimate.low <= true <= estimate.high
    assert held["stretch"] / 150 >= 0.89
    assert held["row"] / 150 <= 0.8


def test_the_lists_of_several_dates_are_averaged_by_their_takers():
    parts = [drawn(n, seed) for n, seed in ((800, 1), (300, 2), (500, 3))]
    one = [ranking_quality(*part, seed=0, resamples=20) for part in parts]
    whole = ranking_quality(
        np.concatenate([label for label, _ in parts]),
        np.concatenate([k + chance / 2 for k, (_, chance) in enumerate(parts)]),  # levels of their own
        seed=0,
        lists=np.repeat([0, 1, 2], [800, 300, 500]),
        resamples=20,
    )
    takers = np.array([judged.takers for judged in one])
    for name in ("average_precision", "lift_best_tenth", "gain_best_half"):
        mean = np.average([getattr(judged, name).value for judged in one], weights=takers)
        assert getattr(whole, name).value == pytest.approx(mean), name
