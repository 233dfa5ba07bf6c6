"""Designs: the smallest holdout for the effect that matters, its price and its duration, or why there is none."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telewave.experiments.balance import Balance, balance, standardised_difference
from telewave.experiments.design import (
    Design,
    NobodyToCompare,
    NoDuration,
    NoEffectAsked,
    NoVolume,
    Question,
    design,
    with_holdout,
)
from telewave.experiments.holdout import ShareOutOfRange, UnequalLists, stratified
from telewave.experiments.power import Certainty, RateOutOfRange, power
from telewave.kernel import Inconclusive

CASE = {"subscribers": 778_092, "base_rate": 0.0019, "effect": 0.00095}


@given(
    st.integers(1_000, 2_000_000),
    st.floats(0.001, 0.2),
    st.floats(0.1, 2),
    st.integers(1, 4),
    st.sampled_from([None, 5_000, 80_000]),
    st.sampled_from([None, 3]),
)
@settings(max_examples=60)
def test_the_holdout_is_the_smallest_that_shows_the_effect(subscribers, rate, lift, arms, volume, months):
    months = months if volume else None
    question = Question(subscribers, rate, rate * lift, arms=arms, contacts_a_month=volume, months=months)
    made = design(question)
    if isinstance(made, Inconclusive):
        assert "needs" in str(made.reason) or "too few" in str(made.reason)
        return
    alpha = 0.05 / arms

    def reached(held_out):
        return power(rate, rate * (1 + lift), held_out, question.an_arm(held_out), alpha)

    assert made.power == pytest.approx(reached(made.held_out))
    assert reached(made.held_out) >= 0.8 - 1e-9
    assert made.smallest_effect <= question.effect * (1 + 1e-9)
    assert made.held_out + made.treated * arms <= subscribers
    assert made.held_out * rate >= 10 - 1e-6
    assert made.held_out == 1 or made.held_out - 1 < 10 / rate or reached(made.held_out - 1) < 0.8 + 1e-9
    if months:
        assert made.months <= months + 1e-9


def test_the_price_is_what_the_held_out_would_have_brought():
    made = design(Question(**CASE))
    assert made.forgone == pytest.approx(made.held_out * 0.00095)
    capped = design(Question(**CASE, contacts_a_month=50_000, months=6))
    assert capped.forgone == 0  # there was no time to treat those held out anyway
    assert (capped.treated, capped.months) == (300_000, 6.0)


def test_more_arms_need_a_larger_holdout():
    one, three = (design(Question(**CASE, arms=arms)) for arms in (1, 3))
    assert three.held_out > one.held_out


def test_a_base_too_small_says_what_it_would_show_and_how_many_it_takes():
    made = design(Question(20_000, 0.0019, 0.0019))
    assert isinstance(made, Inconclusive)
    assert "20,000 subscribers are too few" in str(made.reason)
    enough = design(Question(24_800, 0.0019, 0.0019))
    assert isinstance(enough, Design)
    tiny = design(Question(500, 0.0019, 0.0019))
    assert "needs 10 of them" in str(tiny.reason)


def test_a_given_holdout_shows_what_it_shows():
    made = with_holdout(Question(**CASE), 38_905)
    assert made.smallest_effect / 0.0019 == pytest.approx(0.37, abs=0.01)
    assert made.share == pytest.approx(0.05, abs=1e-4)


@pytest.mark.parametrize(
    ("changed", "error", "said"),
    [
        ({"base_rate": 0}, RateOutOfRange, "of 0 "),
        ({"effect": 0}, NoEffectAsked, "effect of 0 "),
        ({"effect": 0.9999}, NoEffectAsked, "0.9999"),
        ({"arms": 0}, NobodyToCompare, "0 arms"),
        ({"subscribers": 1}, NobodyToCompare, "1 subscribers"),
        ({"most": 1.0}, ShareOutOfRange, "share of 1"),
        ({"contacts_a_month": 0}, NoVolume, "0 contacts"),
        ({"months": 3}, NoDuration, "3 months"),
        ({"months": 0, "contacts_a_month": 5}, NoDuration, "0 months"),
    ],
)
def test_bad_input_is_refused_with_the_remedy(changed, error, said):
    with pytest.raises(error, match=said):
        Question(**(CASE | changed))


def test_a_stratified_holdout_is_balanced_and_a_chosen_one_is_not():
    numbers = np.arange(40_000)
    strata = numbers % 5
    held = stratified("x", numbers, strata, 0.05)
    assert all(line.good and abs(line.difference) < 1e-9 for line in balance(strata, held))
    chosen = balance(strata, (strata == 0) & (numbers % 2 == 0))
    assert not chosen[0].good
    age = np.where(numbers % 7 == 0, np.nan, numbers % 60 + 18.0)
    assert abs(standardised_difference(age, held)) < 0.1
    assert standardised_difference(age, age > 40) < -1


def test_the_standardised_difference_is_that_of_the_formula():
    held = np.array([True] * 4 + [False] * 4)
    strata = np.array([1, 0, 0, 0, 1, 1, 0, 0])
    expected = (0.5 - 0.25) / np.sqrt((0.25 + 0.1875) / 2)
    assert balance(strata, held)[1] == Balance(1, 0.25, 0.5, pytest.approx(expected))


def test_a_side_without_anybody_is_inconclusive():
    for held in (np.zeros(3, bool), np.ones(3, bool)):
        assert isinstance(balance(np.arange(3), held), Inconclusive)
        assert isinstance(standardised_difference(np.arange(3.0), held), Inconclusive)
    with pytest.raises(UnequalLists, match="2 values"):
        balance(np.arange(2), np.zeros(3, bool))


def test_simulated_campaigns_show_the_effect_as_often_as_designed():
    # 400 campaigns with holdouts drawn by their names: of those with the designed effect some 80 % show it.
    question = Question(40_000, 0.02, 0.008)
    made = design(question)
    chance, numbers = np.random.default_rng(3), np.arange(40_000)
    seen = 0
    for campaign in range(400):
        held = stratified(f"campaign {campaign}", numbers, np.zeros(40_000, int), made.share)
        takes = chance.random(40_000) < np.where(held, 0.02, 0.028)
        n0, n1 = held.sum(), (~held).sum()
        p0, p1, pooled = takes[held].mean(), takes[~held].mean(), takes.mean()
        seen += abs(p1 - p0) > 1.96 * np.sqrt(pooled * (1 - pooled) * (1 / n0 + 1 / n1))
    assert abs(seen / 400 - 0.8) < 0.07


def test_certainty_is_shared_among_comparisons():
    assert Certainty().among(4).alpha == 0.0125


@given(st.integers(2, 3_000), st.data())
def test_a_designed_number_is_held_out_exactly(subscribers, data):
    wanted = data.draw(st.integers(0, subscribers - 1))
    held = stratified("x", np.arange(subscribers), np.arange(subscribers) % 7, wanted / subscribers)
    assert held.sum() == wanted
