"""Who is left alone, and exchanges by lot: nobody who is held out is contacted; logged probabilities are exact, so that learning is unbiased."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telewave.experiments.assignment import (
    CONTACTED,
    HELD_OUT,
    UNIVERSAL,
    Experiment,
    exchanged,
    explore,
    pairs,
)
from telewave.experiments.holdout import ShareOutOfRange, UnequalLists, UniversalControl


def experiment(name="handset", holdout=0.1, universal=0.02):
    return Experiment(
        name=name,
        start=date(2026, 7, 1),
        end=date(2026, 11, 30),
        holdout=holdout,
        universal=UniversalControl(universal),
    )


@given(
    st.text(min_size=1).filter(str.strip),
    st.floats(0, 0.9),
    st.floats(0, 0.9),
    st.integers(0, 10**6),
    st.booleans(),
)
def test_nobody_in_the_universal_control_is_ever_contacted_or_held_out(name, holdout, share, first, layered):
    numbers = np.arange(first, first + 500)
    made = experiment(name, holdout, share)
    codes = made.assign(numbers, numbers % 4 if layered else None)
    control = made.universal.members(numbers, made.start, made.end)
    assert np.array_equal(codes == UNIVERSAL, control)
    if layered:
        assert abs((codes == HELD_OUT).sum() - holdout * (~control).sum()) <= 0.5 + 1e-6


def test_everybody_is_left_alone_or_contacted_at_the_wanted_share():
    codes = experiment(universal=0).assign(np.arange(200_000))
    assert set(codes.tolist()) == {HELD_OUT, CONTACTED}
    assert abs((codes == HELD_OUT).mean() - 0.1) < 0.003


def always(one, other):
    return np.ones(len(one), bool)


@given(st.lists(st.integers(0, 3), max_size=60))
def test_each_is_in_one_pair_at_most_with_somebody_of_the_same_stratum_and_one_of_a_stratum_at_most_in_none(
    strata,
):
    strata = np.array(strata, int)
    chosen = np.arange(len(strata)) % 3
    one, other = pairs("x", np.arange(len(strata)), strata, chosen)
    assert len({*one.tolist(), *other.tolist()}) == 2 * len(one)
    assert np.array_equal(strata[one], strata[other])
    alone = np.setdiff1d(np.arange(len(strata)), np.concatenate([one, other]))
    assert np.array_equal(np.sort(strata[alone]), [k for k in range(4) if (strata == k).sum() % 2])


def test_pairs_have_different_options_wherever_no_option_is_that_of_more_than_half():
    chosen = np.array([0] * 5 + [1] * 3 + [2] * 2)
    one, other = pairs("x", np.arange(10), np.zeros(10, int), chosen)
    assert len(one) == 5
    assert np.all(chosen[one] != chosen[other])


def test_weighting_by_the_logged_probability_is_unbiased_by_enumeration():
    # Two pairs with the options 0, 1 and 2, 0: every pair of coins on a grid of 20, exact at a share of a quarter.
    share, coins = 0.25, 20
    chosen, one, other = np.array([0, 1, 2, 0, 3]), np.array([0, 2]), np.array([1, 3])
    grid = (np.arange(coins) + 0.5) / coins
    made = [exchanged(chosen, one, other, np.array([a, b]), share) for a in grid for b in grid]
    options = np.array([m.option for m in made])
    propensity = np.array([m.propensity for m in made])
    for person, mine in enumerate(([0, 1], [1, 0], [2, 0], [0, 2], [3])):
        for option in mine:
            done = options[:, person] == option
            assert propensity[done, person] == pytest.approx([done.mean()] * done.sum())
            assert (done / propensity[:, person]).mean() == pytest.approx(1)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3)), max_size=80), st.floats(0, 0.99))
def test_an_exchange_uses_every_option_in_every_stratum_as_often_as_planned(people, share):
    strata, chosen = np.array(people, int).reshape(-1, 2).T
    made = explore("x", np.arange(len(people)), strata, chosen, always, share)
    assert sorted(zip(strata, made.option, strict=True)) == sorted(zip(strata, chosen, strict=True))
    assert np.all(made.possible | (made.option == chosen))
    assert np.array_equal(made.by_chance, made.option != chosen)


def test_exchanges_are_made_at_the_wanted_share_among_pairs_that_may():
    numbers = np.arange(120_000)
    made = explore("x", numbers, numbers % 7, numbers % 3, lambda a, b: (a + b) % 5 != 0, 0.3)
    assert made.possible.any()
    assert abs(made.by_chance[made.possible].mean() - 0.3) < 0.01
    assert set(made.propensity[made.by_chance]) == {0.3}
    assert set(made.propensity[made.possible & ~made.by_chance]) == {0.7}
    assert set(made.propensity[~made.possible]) == {1.0}


def test_without_exploration_the_plan_is_done_for_certain():
    made = explore("x", np.arange(9), np.zeros(9, int), np.arange(9) % 3, always, 0.0)
    assert made.option.tolist() == (np.arange(9) % 3).tolist()
    assert set(made.propensity.tolist()) == {1.0}
    assert not made.possible.any()


def test_pairs_that_may_not_exchange_keep_what_they_have():
    made = explore(
        "x", np.arange(100), np.zeros(100, int), np.arange(100), lambda a, b: np.zeros(len(a), bool), 0.9
    )
    assert made.option.tolist() == list(range(100))


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: experiment(holdout=1), ShareOutOfRange, "share of 1"),
        (lambda: experiment().assign(np.arange(3), np.arange(2)), UnequalLists, "3 subscribers and 2"),
        (
            lambda: explore("x", np.array([5]), np.array([0, 1]), np.array([0]), always, 0.1),
            UnequalLists,
            "1 subscribers and 2",
        ),
        (
            lambda: explore("x", np.array([5]), np.array([0]), np.array([0]), always, 1.0),
            ShareOutOfRange,
            "share of 1",
        ),
    ],
)
def test_bad_input_is_refused_with_the_remedy(call, error, said):
    with pytest.raises(error, match=said):
        call()
