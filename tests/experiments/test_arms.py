"""Arms and exploration: nobody who is held out is contacted; logged probabilities are exact, so that learning is unbiased."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telewave.experiments.arms import (
    HELD_OUT,
    NOBODY,
    UNIVERSAL,
    Arm,
    Experiment,
    IneligibleChoice,
    SameArm,
    SharesNotWhole,
    drawn,
    explore,
    split,
)
from telewave.experiments.holdout import ShareOutOfRange, UnequalLists, UniversalControl
from telewave.kernel import Label

CALL, TEXT = Arm(Label("Call", "外呼"), 0.25), Arm(Label("Text", "短信"), 0.75)


def experiment(name="handset", holdout=0.1, universal=0.02, arms=(CALL, TEXT)):
    return Experiment(name, date(2026, 7, 1), date(2026, 11, 30), holdout, UniversalControl(universal), arms)


@given(
    st.text(min_size=1).filter(str.strip),
    st.floats(0, 0.9),
    st.floats(0, 0.9),
    st.integers(0, 10**6),
    st.booleans(),
)
def test_nobody_in_the_universal_control_is_ever_in_an_arm_or_a_holdout(name, holdout, share, first, layered):
    numbers = np.arange(first, first + 500)
    made = experiment(name, holdout, share)
    codes = made.assign(numbers, numbers % 4 if layered else None)
    control = made.universal.members(numbers, made.start, made.end)
    assert np.array_equal(codes == UNIVERSAL, control)
    if layered:
        assert abs((codes == HELD_OUT).sum() - holdout * (~control).sum()) <= 0.5 + 1e-6


def test_arms_have_their_shares_and_do_not_hang_on_the_holdout():
    codes = experiment(universal=0).assign(np.arange(200_000))
    assert abs((codes == HELD_OUT).mean() - 0.1) < 0.003
    treated = codes[codes >= 0]
    assert abs((treated == 0).mean() - 0.25) < 0.005
    assert np.array_equal(split("handset", np.arange(200_000), [0.25, 0.75])[codes >= 0], treated)


def test_without_arms_everybody_not_held_out_is_in_one():
    assert set(experiment(arms=()).assign(np.arange(1000)).tolist()) == {UNIVERSAL, HELD_OUT, 0}


def test_weighting_by_the_logged_probability_is_unbiased_by_enumeration():
    # Every pair of draws on a grid fine enough to be exact: 20 coins at epsilon 1/4, 12 picks among 1, 2, 3 or 4 options.
    epsilon, coins, picks = 0.25, 20, 12
    reward = np.array([0.0, 3.0, 7.0, 1.0, 11.0])
    for eligible in ([1, 1, 1, 1, 0], [0, 1, 0, 1, 0], [0, 0, 1, 0, 0], [1, 0, 1, 0, 1]):
        mask = np.array(eligible, bool)
        for plans in np.flatnonzero(mask):
            coin = (np.repeat(np.arange(coins), picks) + 0.5) / coins
            pick = (np.tile(np.arange(picks), coins) + 0.5) / picks
            n = coins * picks
            made = drawn(np.full(n, plans), np.tile(mask, (n, 1)), epsilon, coin, pick)
            assert mask[made.option].all()
            for option in np.flatnonzero(mask):
                done = made.option == option
                assert made.propensity[done].tolist() == pytest.approx([done.mean()] * done.sum())
                assert (done * reward[option] / made.propensity).mean() == pytest.approx(reward[option])


def test_exploring_draws_evenly_at_the_wanted_share():
    numbers = np.arange(120_000)
    eligible = np.tile([True, False, True, True], (len(numbers), 1))
    made = explore("x", numbers, np.full(len(numbers), 2), eligible, 0.3)
    assert abs(made.by_chance.mean() - 0.3) < 0.007
    assert np.bincount(made.option[made.by_chance], minlength=4) == pytest.approx(
        [12_000, 0, 12_000, 12_000], abs=500
    )
    alone = explore("x", numbers[-1:], np.array([2]), eligible[:1], 0.3)
    assert (alone.option[0], alone.propensity[0]) == (made.option[-1], made.propensity[-1])


def test_whom_the_plan_leaves_alone_is_left_alone_for_certain():
    made = explore("x", np.arange(100), np.full(100, NOBODY), np.ones((100, 3), bool), 0.5)
    assert set(made.option.tolist()) == {NOBODY}
    assert set(made.propensity.tolist()) == {1.0}


def test_without_exploration_the_plan_is_done_for_certain():
    made = explore("x", np.arange(9), np.arange(9) % 3, np.ones((9, 3), bool), 0.0)
    assert made.option.tolist() == (np.arange(9) % 3).tolist()
    assert set(made.propensity.tolist()) == {1.0}


def test_an_empty_list_is_explored_into_an_empty_one():
    made = explore("x", np.arange(0), np.arange(0), np.ones((0, 3), bool), 0.1)
    assert len(made.option) == 0


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: split("x", np.arange(3), [0.5, 0.4]), SharesNotWhole, "0.9"),
        (lambda: split("x", np.arange(3), [1.0, 0.0]), SharesNotWhole, "above 0"),
        (lambda: experiment(arms=(CALL, Arm(CALL.label, 0.75))), SameArm, "Call"),
        (lambda: experiment(holdout=1), ShareOutOfRange, "share of 1"),
        (lambda: experiment().assign(np.arange(3), np.arange(2)), UnequalLists, "3 subscribers and 2"),
        (
            lambda: explore("x", np.array([5]), np.array([1]), np.array([[True, False]]), 0.1),
            IneligibleChoice,
            "subscriber 5 option 1",
        ),
        (
            lambda: explore("x", np.array([5]), np.array([2]), np.array([[True, False]]), 0.1),
            IneligibleChoice,
            "option 2",
        ),
        (
            lambda: explore("x", np.array([5]), np.array([0, 1]), np.ones((1, 2), bool), 0.1),
            UnequalLists,
            "1 subscribers and 2",
        ),
        (
            lambda: explore("x", np.array([5]), np.array([0]), np.ones((1, 2), bool), 1.0),
            ShareOutOfRange,
            "share of 1",
        ),
    ],
)
def test_bad_input_is_refused_with_the_remedy(call, error, said):
    with pytest.raises(error, match=said):
        call()
