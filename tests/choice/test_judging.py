"""The model beside simple rules on later choices: better where choices follow terms, not used where they do not."""

from dataclasses import replace

import numpy as np
import pytest
from tests.choice.drawn import drawn, takers

from telewave.choice.judging import Dated, Rule, better, by_cheapest, cut_day, error_rate, judged
from telewave.choice.logit import fit
from telewave.kernel import Estimate


def dated(choices, days=100):
    rng = np.random.default_rng(9)
    return Dated(
        choices=choices, day=rng.integers(0, days, choices.size), subscriber=np.arange(choices.size), cost=0
    )


def test_where_people_weigh_terms_the_model_is_better_than_every_rule_and_used():
    found = judged(dated(drawn(1, n=1_500, groups=3, spread=0.3, weights=(-1.0, 0.8, -0.6))[0]), seed=1)
    assert found.used
    assert found.learnt + found.judged == 1_500
    assert found.bits[Rule.MODEL].value < found.bits[Rule.CHEAPEST].value < found.bits[Rule.LOT].value
    for rule, gain in found.gains.items():
        assert gain.value == pytest.approx(found.bits[rule].value - found.bits[Rule.MODEL].value)


def test_where_people_take_the_cheapest_but_for_errors_the_model_is_not_used():
    choices, _ = drawn(2, n=1_500)
    costs = np.where(choices.open, choices.terms[..., 0], np.inf)
    cheapest = (costs == costs.min(1, keepdims=True)) * 1.0
    chance = 0.8 * cheapest + 0.2 * choices.open / choices.open.sum(1, keepdims=True)
    taken = takers(np.random.default_rng(3), chance)
    case = dated(replace(choices, taken=taken))
    assert error_rate(case) == pytest.approx(0.2, abs=0.05)
    found = judged(case, seed=1)
    assert found.gains[Rule.CHEAPEST].high < 0
    assert not found.used


def test_the_model_is_used_where_it_is_surely_ahead_of_cheapest_and_lot_and_not_surely_behind_shares():
    def gain(value, low):
        return Estimate(value=value, low=low, high=2 * value - low, n=100, method="")

    sure, ahead, behind, far = gain(0.2, 0.1), gain(0.2, -0.1), gain(-0.01, -0.1), gain(-0.2, -0.3)
    assert better({Rule.SHARES: behind, Rule.CHEAPEST: sure, Rule.LOT: sure})
    assert not better({Rule.SHARES: far, Rule.CHEAPEST: sure, Rule.LOT: sure})
    assert not better({Rule.SHARES: sure, Rule.CHEAPEST: ahead, Rule.LOT: sure})
    assert not better({Rule.SHARES: sure, Rule.CHEAPEST: sure, Rule.LOT: ahead})


def test_by_what_is_at_hand_the_first_terms_are_weighed_alike_by_all_classes():
    choices, _ = drawn(1, n=600, groups=3, spread=0.5, weights=(-1.0, 0.8, -0.6))
    found = judged(dated(choices), seed=1, alike=2)
    assert (found.variances.alike, found.variances.appeal) == (2, 0.0)
    weights = fit(choices, found.variances.prior(3, 5)).of_class
    assert np.ptp(weights[:, :2]) > 0
    assert np.ptp(weights[:, :2], axis=0) == pytest.approx(0)
    assert np.ptp(weights[:, 2]) > 0


def test_where_only_the_market_s_shares_tell_the_model_s_own_appeal_learns_them():
    choices, _ = drawn(4, n=1_500, closed=0.0)
    liked = np.exp(np.array([1.5, 0.0, -1.0, 0.5, 0.0]))
    taken = takers(np.random.default_rng(5), np.tile(liked / liked.sum(), (1_500, 1)))
    found = judged(dated(replace(choices, taken=taken)), seed=1)
    assert found.variances.appeal > 0
    assert abs(found.gains[Rule.SHARES].value) < 0.03


def test_the_cheapest_shares_its_chance_among_equals():
    choices, _ = drawn(6, n=50)
    alike = choices.with_terms(np.zeros_like(choices.terms))
    np.testing.assert_allclose(by_cheapest(dated(alike), 0.3), 1 / choices.open.sum(1))


def test_the_cut_leaves_a_day_before_it():
    assert cut_day(np.array([4, 4, 4, 4, 5]), 0.7) == 5
    assert cut_day(np.array([1, 2, 3, 4, 5]), 0.6) == 4
