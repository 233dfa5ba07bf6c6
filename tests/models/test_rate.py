"""How sure the model's rate is: chance, scatter between periods, and what it was off by."""

import math

import numpy as np
import pytest

from telewave.models.quality import ranking_quality
from telewave.models.rate import mean_rates, rate_uncertainty


def judged(seed, n=6_000, off=1.0, other_weight=1.0):
    """Quality of `n` rows whose takers are `off` times as many as the probabilities say; of others one in `other_weight` is kept."""
    rng = np.random.default_rng(seed)
    probability = rng.beta(1, 25, n)
    took = rng.random(n) < off * probability
    kept = took | (rng.random(n) < 1 / other_weight)
    return ranking_quality(took[kept], probability[kept], seed=1, resamples=20, other_weight=other_weight)


def test_a_right_model_is_as_unsure_as_chance_makes_its_takers():
    quality = judged(1, n=200_000)
    rate = rate_uncertainty(quality, [judged(k) for k in range(2, 10)])
    assert rate.log_error == pytest.approx(1 / math.sqrt(quality.takers), abs=0.05)


def test_periods_that_differ_make_the_next_one_unsure():
    periods = [judged(k, n=60_000, off=off) for k, off in enumerate((0.7, 1.0, 1.3, 0.7, 1.3, 1.0))]
    rate = rate_uncertainty(judged(9, n=60_000), periods)
    assert rate.between_periods == pytest.approx(np.std([0.7, 1.0, 1.3, 0.7, 1.3, 1.0], ddof=1), rel=0.15)
    assert rate.log_error > rate.between_periods


def test_two_periods_do_not_tell_how_periods_differ():
    assert rate_uncertainty(judged(1), [judged(2, off=0.5), judged(3, off=1.5)]).between_periods == 0


def test_a_model_that_was_off_by_half_may_be_off_by_half_again():
    rate = rate_uncertainty(judged(1, n=200_000, off=0.5))
    assert rate.off_by == pytest.approx(math.log(2), abs=0.05)
    assert rate.log_error > 0.6


def test_sampled_non_takers_count_for_those_they_stand_for():
    whole, sampled = judged(1, n=200_000), judged(1, n=200_000, other_weight=5.0)
    assert mean_rates(sampled, 5.0)[0] == pytest.approx(mean_rates(whole)[0], rel=0.02)
    assert rate_uncertainty(sampled, (), 5.0).off_by < 0.05


def test_nothing_judged_is_as_unsure_as_one_taker():
    assert rate_uncertainty(judged(1, n=0)).log_error == 1
