"""What a proposed policy earns, against hand-made markets."""

import numpy as np
import pytest

from telewave.choice.displacement import displaced, gains, gains_of_each


def test_a_policy_that_draws_from_a_dearer_one_earns_the_difference():
    utility, margin = np.zeros((1, 2)), np.array([[500.0, 200.0]])
    everything = np.ones((1, 2), bool)
    assert gains(utility, everything, margin, proposed=1)[0] == pytest.approx((500 + 200) / 2 - 500)


def test_beside_nothing_it_earns_what_it_wins_and_where_it_is_not_open_nothing():
    utility = np.zeros((3, 3))
    margin = np.tile([0.0, 300.0, 90.0], (3, 1))
    open_to = np.array([[True, False, True], [True, True, False], [False, False, True]])
    found = gains(utility, open_to, margin, proposed=2)
    np.testing.assert_allclose(found, [45.0, 0.0, 90.0])


def test_the_gains_of_each_policy_are_those_of_one_after_the_other():
    rng = np.random.default_rng(4)
    utility, may, margin = rng.normal(size=(30, 5)), rng.random((30, 5)) < 0.6, rng.normal(size=(30, 5))
    found = gains_of_each(np.where(may, np.exp(utility), 0.0), margin)
    several = may.sum(1) > 1
    for place in range(5):
        one = gains(utility, may, margin, place)
        np.testing.assert_allclose(found[several, place], one[several])
    assert not found[~several].any()


def test_what_the_proposed_gains_the_others_lose_in_proportion():
    rng = np.random.default_rng(1)
    utility, open_to = rng.normal(size=(50, 4)), rng.random((50, 4)) < 0.8
    open_to[:, :2] = True
    lost = displaced(utility, open_to, proposed=0)
    np.testing.assert_allclose(lost.sum(1), 1.0)
    assert (lost[:, 0] == 0).all()
    own = np.eye(4)[0]
    taken = gains(utility, open_to, np.tile(own, (50, 1)), proposed=0)
    for other in range(1, 4):
        change = gains(utility, open_to, np.tile(np.eye(4)[other], (50, 1)), proposed=0)
        np.testing.assert_allclose(change, -taken * lost[:, other], atol=1e-12)
