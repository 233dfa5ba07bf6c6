"""Expected takers with the range in which the real number will lie, and the lift that was seen at core's depth."""

from dataclasses import replace

import numpy as np
import pytest

from telewave.kernel import Estimate, Inconclusive
from telewave.kernel.intervals import Z95
from telewave.models.model import RateUncertainty
from telewave.models.quality import ranking_quality
from telewave.models.rate import rate_uncertainty
from telewave.targeting.expectation import SHALLOWEST, Part, expected_takers, lift_at


def judged(seed, n=6_000, off=1.0):
    """Quality on `n` rows whose takers are `off` times as many as the probabilities say."""
    rng = np.random.default_rng(seed)
    probability = rng.beta(1, 25, n)
    return ranking_quality(rng.random(n) < off * probability, probability, seed=1, resamples=50)


def future(seed, off=1.0, n=3_000):
    """The best tenth of a new list: takers expected by its probabilities, and those that came."""
    rng = np.random.default_rng(10_000 + seed)
    best = np.sort(rng.beta(1, 25, n))[::-1][: n // 10]
    return best.sum(), int((rng.random(len(best)) < off * best).sum())


@pytest.mark.parametrize("off", [1.0, 0.7])
def test_the_real_number_of_takers_lies_in_the_range_about_as_often_as_said(off):
    held = 0
    for seed in range(200):
        expected, came = future(seed, off)
        quality = judged(seed, off=off)
        told = expected_takers([Part(0, 0.1, expected)], quality, rate_uncertainty(quality))
        held += told.low <= came <= told.high
        assert told.value == expected
    assert held >= 0.93 * 200


def test_predictions_that_were_off_widen_the_range_to_the_side_that_came():
    quality = judged(1, n=40_000, off=0.5)
    told = expected_takers([Part(0, 1, 1_000.0)], quality, rate_uncertainty(quality))
    assert told.low == pytest.approx(500, rel=0.2)
    assert told.high == told.value == 1_000


def test_periods_that_differed_from_each_other_widen_the_range():
    alike = [judged(k) for k in range(6)]
    apart = [judged(k, off=off) for k, off in enumerate((0.4, 1.0, 1.6, 0.5, 1.5, 1.0))]
    whole = [Part(0, 1, 1_000.0)]
    quality = judged(9, n=40_000)
    narrow, wide = (
        expected_takers(whole, quality, rate_uncertainty(quality, periods)) for periods in (alike, apart)
    )
    assert narrow.high - narrow.low < 300
    assert wide.high - wide.low > 1_500
    two, none = (rate_uncertainty(quality, periods) for periods in (apart[:2], ()))
    assert expected_takers(whole, quality, two) == expected_takers(whole, quality, none)


@pytest.mark.parametrize("spread", [0.0, 0.3])
def test_the_report_is_as_unsure_of_the_whole_list_as_the_plan_that_forecasts_with_the_same_rate(spread):
    quality = judged(4, n=40_000)
    rate = RateUncertainty(quality.takers, spread, 0.0)
    told = expected_takers([Part(0, 1, 2_000.0)], quality, rate)
    by_plan = 2 * Z95 * np.sqrt(2_000 + (rate.log_error * 2_000) ** 2)
    assert told.high - told.low == pytest.approx(by_plan, rel=0.05)


def test_groups_together_are_as_uncertain_as_the_whole_list():
    quality = judged(2)
    rate = rate_uncertainty(quality)
    whole = expected_takers([Part(0, 1, 100.0)], quality, rate)
    shares = [b.predicted * b.n for b in quality.calibration[::-1]]
    cut, start, parts = np.cumsum([b.n for b in quality.calibration[::-1]]) / quality.n, 0.0, []
    for end, share in zip(cut, shares, strict=True):
        parts.append(Part(start, float(end), 100 * share / sum(shares)))
        start = float(end)
    together = expected_takers(parts, quality, rate)
    assert (together.value, together.low, together.high) == pytest.approx((100, whole.low, whole.high))


def test_too_few_takers_give_no_range():
    few = judged(1, n=100)
    assert isinstance(expected_takers([Part(0, 1, 5.0)], few, rate_uncertainty(few)), Inconclusive)
    assert lift_at(judged(1, n=100), 0.05) is None


def test_an_empty_group_expects_nobody():
    quality, rate = judged(1), rate_uncertainty(judged(1))
    assert expected_takers([Part(0, 0, 0.0)], quality, rate) == expected_takers([], quality, rate)
    assert expected_takers([], quality, rate).high == 0


def test_the_lift_at_a_tenth_is_the_cards_own():
    quality = judged(3)
    assert isinstance(quality.lift_best_tenth, Estimate)
    told = lift_at(quality, 0.1)
    assert told.share == 0.1
    assert told.lift.value == pytest.approx(quality.lift_best_tenth.value, rel=0.03)
    assert told.lift.low == pytest.approx(quality.lift_best_tenth.low, rel=0.15)
    assert told.lift.high == pytest.approx(quality.lift_best_tenth.high, rel=0.15)


def test_the_lift_of_less_than_was_kept_is_told_at_the_depth_that_was():
    told = lift_at(judged(3), 0.001)
    assert told.share == SHALLOWEST
    assert lift_at(replace(judged(3)), 1.0).lift.value == pytest.approx(1)
