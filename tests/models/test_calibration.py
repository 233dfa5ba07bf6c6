import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss
from tests.models.worlds import sigmoid

from telewave.models.calibration import Calibration, calibrated, log_odds, prior_shift, probability

SHARES = st.floats(0.001, 0.999)


@given(SHARES, SHARES, SHARES)
def test_prior_correction_is_the_closed_formula(trained, population, chance):
    """p' = p t/r / (p t/r + (1 - p) (1 - t)/(1 - r)) with r the sample's and t the population's rate (Saerens 2002, eq. 4)."""
    yes = chance * population / trained
    no = (1 - chance) * (1 - population) / (1 - trained)
    corrected = probability(log_odds(np.array([chance])) + prior_shift(trained, population))
    assert corrected[0] == pytest.approx(yes / (yes + no))


@given(SHARES, SHARES)
def test_prior_correction_there_and_back_changes_nothing(one, other):
    assert prior_shift(one, other) + prior_shift(other, one) == pytest.approx(0)


def test_chances_learnt_from_half_takers_become_those_of_the_population():
    rng = np.random.default_rng(0)
    odds = rng.normal(-4, 1.2, 400_000)
    label = rng.random(400_000) < sigmoid(odds)
    kept = label | (rng.random(400_000) < label.mean() / (1 - label.mean()))
    in_sample = odds - np.log(label.mean() / (1 - label.mean()))
    assert sigmoid(in_sample[kept]).mean() == pytest.approx(label[kept].mean(), abs=0.01)
    shift = prior_shift(float(label[kept].mean()), float(label.mean()))
    assert probability(in_sample + shift).mean() == pytest.approx(label.mean(), rel=0.03)


@pytest.mark.parametrize(("slope", "shift"), [(0.4, 0.0), (2.0, 0.0), (1.0, 1.5), (0.5, -2.0)])
def test_calibration_improves_the_brier_score_of_what_is_off(slope, shift):
    rng = np.random.default_rng(0)
    truth = rng.normal(-1.5, 1, (2, 20_000))
    off = (truth - shift) / slope
    label = rng.random((2, 20_000)) < sigmoid(truth)
    found = calibrated(off[0], label[0])
    before, after = (brier_score_loss(label[1], p) for p in (sigmoid(off[1]), found.apply(off[1])))
    assert after < before
    assert after == pytest.approx(brier_score_loss(label[1], sigmoid(truth[1])), abs=5e-4)
    assert (found.slope, found.shift) == (pytest.approx(slope, rel=0.1), pytest.approx(shift, abs=0.15))
    assert found.method == "Platt"


def test_calibration_leaves_what_is_right_nearly_alone():
    rng = np.random.default_rng(1)
    odds = rng.normal(-2, 1, 20_000)
    found = calibrated(odds, rng.random(20_000) < sigmoid(odds))
    assert (found.slope, found.shift) == (pytest.approx(1, abs=0.06), pytest.approx(0, abs=0.1))


def test_sampled_non_takers_count_for_those_they_stand_for():
    rng = np.random.default_rng(2)
    odds = rng.normal(-3, 1, 200_000)
    label = rng.random(200_000) < sigmoid(odds)
    kept = label | (rng.random(200_000) < 0.1)
    found = calibrated(odds[kept] + 1, label[kept], other_weight=10.0)
    assert found.apply(odds + 1).mean() == pytest.approx(label.mean(), rel=0.03)


@pytest.mark.parametrize(("takers", "method"), [(9, "none"), (30, "shift"), (200, "Platt")])
def test_few_takers_teach_the_level_only_and_very_few_nothing(takers, method):
    label = np.arange(1_000) < takers
    odds = np.random.default_rng(0).normal(-2, 1, 1_000)
    found = calibrated(odds, label)
    assert found.method == method
    assert found.slope == 1 or method == "Platt"


@given(st.floats(0.2, 3), st.floats(-5, 5), st.lists(st.floats(-8, 8), min_size=2))
def test_calibration_never_changes_the_ranking(slope, shift, odds):
    ordered = np.sort(odds)
    assert np.all(np.diff(Calibration(slope, shift).apply(ordered)) >= 0)


def test_log_odds_of_certainty_are_finite():
    assert np.isfinite(log_odds(np.array([0.0, 1.0]))).all()
