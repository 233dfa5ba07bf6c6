"""Organic take-up and effects on people whose chances are known."""

import numpy as np
import pytest
from scipy.special import expit

from telewave.funnel.effect import adjusted, assumed, of_the_contacted, randomised
from telewave.funnel.organic import BOUND, organic, propensity
from telewave.kernel import Estimate, Inconclusive


def people(seed, n=20_000, won=0.05, aimed=1.2):
    """Who was contacted (the likelier oftener), who ordered, x, and each one's organic chance."""
    lot = np.random.default_rng(seed)
    x = lot.normal(0, 1, n)
    contacted = lot.random(n) < expit(aimed * x - 1)
    alone = expit(-3 + 0.8 * x)
    took = lot.random(n) < np.where(contacted, alone + (1 - alone) * won, alone)
    return contacted, took, x[:, None], alone


def test_the_propensity_is_what_it_was_drawn_by():
    contacted, _, x, _ = people(1)
    assert np.abs(propensity(contacted, x) - expit(1.2 * x[:, 0] - 1)).max() < 0.03


def test_take_up_of_comparable_people_corrects_for_who_was_chosen():
    contacted, took, x, alone = people(2)
    found = organic(contacted, took, x)
    truth = alone[found.kept].mean()
    assert found.take_up.low < truth < found.take_up.high
    assert (
        took[~contacted].mean() < found.take_up.low
    )  # left uncorrected, the contacted would look better than they are
    assert found.weights.max() <= BOUND
    assert found.overlap.sum() == len(took)


def test_where_nobody_comparable_was_left_alone_it_is_told():
    lot = np.random.default_rng(3)
    x = np.concatenate([lot.normal(0, 1, 2000), lot.normal(9, 0.1, 500)])
    contacted = np.concatenate([lot.random(2000) < 0.3, np.full(500, True)])
    found = organic(contacted, lot.random(2500) < 0.1, x[:, None])
    assert found.beyond == pytest.approx(500 / contacted.sum(), abs=0.05)
    assert not found.kept[2000:].any()


def test_too_few_people_to_compare_are_unknown_and_not_zero():
    contacted = np.array([True] * 5 + [False] * 100)
    assert isinstance(organic(contacted, contacted, np.zeros((105, 1))), Inconclusive)


def test_the_doubly_robust_effect_by_hand():
    z = np.array([True, True, False, False])
    y = np.array([True, False, False, False])
    found = randomised(z, y, np.full(4, 0.5), np.zeros((4, 0)))
    assert found.value == pytest.approx(0.5)


def test_an_effect_of_the_contacted_is_that_of_the_lot_over_the_share_contacted():
    lot = np.random.default_rng(4)
    assigned = lot.random(40_000) < 0.7
    contacted = assigned & (lot.random(40_000) < 0.5)
    took = lot.random(40_000) < np.where(contacted, 0.12, 0.02)
    chance, nothing = np.full(40_000, 0.7), np.zeros((40_000, 0))
    found = of_the_contacted(assigned, contacted, took, chance, nothing)
    assert found.low < 0.1 < found.high
    assert of_the_contacted(assigned, np.zeros(40_000, bool), took, chance, nothing) is None


def test_what_is_assumed_leaves_out_who_would_have_ordered_anyway():
    process = Estimate(value=0.02, low=0.01, high=0.03, n=9, method="")
    alone = Estimate(value=0.1, low=0.05, high=0.2, n=9, method="")
    assert assumed(process, alone).value == pytest.approx(0.018)
    assert assumed(process, None).value == 0.02


@pytest.mark.prove
def test_intervals_of_adjusted_and_randomised_effects_hold_the_truth():
    held = {"adjusted": 0, "organic": 0, "randomised": 0}
    for seed in range(200):
        contacted, took, x, alone = people(seed, n=6000)
        found = organic(contacted, took, x)
        held["organic"] += found.take_up.low <= alone[found.kept].mean() <= found.take_up.high
        made = adjusted(contacted, took, found)
        held["adjusted"] += made.low <= 0.05 * (1 - alone[found.kept]).mean() <= made.high
        contacted, took, x, alone = people(seed + 1000, n=6000, aimed=0.0)
        made = randomised(contacted, took, np.full(6000, expit(-1)), x)
        held["randomised"] += made.low <= 0.05 * (1 - alone).mean() <= made.high
    assert all(0.91 <= one / 200 <= 0.985 for one in held.values()), held
