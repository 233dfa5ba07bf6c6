"""What holds for every allocation, whatever the problem."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.allocation.judge import broken_rules, instance, named

from telewave.allocation.choosing import Chooser
from telewave.allocation.dual import SCREENED_FROM, Dual
from telewave.allocation.model import NOTHING, NoPlanExists, Problem, UnusableProblem
from telewave.allocation.solve import allocate, sampled

seeds = st.integers(1_000, 10_000)


@settings(max_examples=40, deadline=None)
@given(seeds, st.booleans())
def test_no_plan_breaks_a_rule(seed, ties):
    problem = instance(seed, ties=ties, minimum=False)
    assert broken_rules(problem, allocate(problem).choice) == []


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_removing_a_limit_never_lowers_the_bound(seed):
    problem = instance(seed, minimum=False)
    before = allocate(problem).bound
    for gone in range(len(problem.limits)):
        left = [limit for number, limit in enumerate(problem.limits) if number != gone]
        assert allocate(replace(problem, limits=left)).bound >= before - 1e-6


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_the_price_of_a_limit_lies_between_what_one_unit_more_earns_and_one_unit_less_costs(seed):
    problem = instance(seed, minimum=False)
    made = allocate(problem)
    for number, used in enumerate(made.limits):

        def bound(change, number=number):
            limits = list(problem.limits)
            amount = limits[number].amount + change
            limits[number] = replace(limits[number], amount=max(amount, 0))
            return allocate(replace(problem, limits=limits)).bound

        assert bound(+1) - made.bound <= used.price + 1e-5
        if problem.limits[number].amount >= 1:
            assert used.price <= made.bound - bound(-1) + 1e-5


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_the_same_problem_gives_the_same_plan(seed):
    first, second = allocate(instance(seed, minimum=False)), allocate(instance(seed, minimum=False))
    assert np.array_equal(first.choice, second.choice)
    assert np.array_equal(first.prices, second.prices)


def large(seed, subscribers=SCREENED_FROM + 10_000, most=2):
    draw = np.random.default_rng(seed)
    values = draw.gamma(1.0, 1.0, (subscribers, 6)).astype(np.float32) - np.float32(0.3)
    limits = [named(f"limit {j}", np.eye(6)[j], subscribers * 0.05) for j in range(6)]
    limits.append(named("in all", np.ones(6), subscribers * 0.25))
    return Problem(values, np.array([0, 0, 1, 1, 2, 2]), limits, most)


@pytest.mark.parametrize("most", [1, 2])
def test_looking_only_at_those_who_may_have_changed_gives_what_looking_at_all_gives(most):
    problem = large(3, most=most)
    screened = Dual(Chooser(problem))
    start = np.full(7, 0.8)
    screened.at(start)
    draw = np.random.default_rng(0)
    looked_at_all = 0
    for size in (1e-4, 1e-3, 5e-3, 2e-2, 0.3):
        prices = start + draw.uniform(-size, size, 7)
        before = screened.passes
        found, whole = screened.at(prices), Dual(Chooser(problem)).at(prices)
        assert found.value == pytest.approx(whole.value, rel=1e-9)
        assert np.allclose(found.slack, whole.slack)
        looked_at_all += screened.passes - before >= 1
    assert 0 < looked_at_all < 5


def test_a_large_plan_is_proven_within_a_twenty_thousandth():
    problem = large(1, subscribers=120_000)
    made = allocate(problem)
    assert broken_rules(problem, made.choice) == []
    assert -1e-9 <= made.gap < 5e-5


def test_a_sample_keeps_households_whole_and_limits_in_proportion():
    problem = replace(large(1, subscribers=9_000), household_ends=np.arange(3, 9_001, 3), household_most=2)
    part = sampled(problem, 300)
    assert part.subscribers == 900
    assert part.limits[0].amount == pytest.approx(problem.limits[0].amount / 10)
    rows = {row.tobytes() for row in problem.values}
    assert all(row.tobytes() in rows for row in part.values)
    assert np.array_equal(part.household_ends, np.arange(3, 901, 3))


def test_who_earns_nothing_is_left_alone():
    problem = Problem(np.full((5, 2), -1, np.float32), np.arange(2), [named("calls", [1, 1], 10)])
    made = allocate(problem)
    assert np.all(made.choice == NOTHING)
    assert (made.objective, made.bound, made.gap) == (0, 0, 0)


@pytest.mark.parametrize("shape", [(0, 3), (4, 0)])
def test_nobody_or_nothing_to_allocate_is_an_empty_plan(shape):
    problem = Problem(
        np.zeros(shape, np.float32), np.arange(shape[1]), [named("calls", np.ones(shape[1]), 3)]
    )
    assert allocate(problem).contacts == 0


def test_without_limits_everybody_gets_his_best():
    values = np.array([[1, 3, 2], [5, -1, 4]], np.float32)
    made = allocate(Problem(values, np.array([0, 0, 1]), [], most=2))
    assert made.choice.tolist() == [[1, 2], [0, 2]]


def test_a_minimum_that_nobody_is_eligible_for_is_refused_by_name():
    values = np.array([[1, -np.inf]], np.float32)
    problem = Problem(values, np.arange(2), [named("villages", [0, 1], 1, least=True)])
    with pytest.raises(NoPlanExists, match="villages"):
        allocate(problem)


def test_a_minimum_beyond_a_capacity_is_refused_naming_both_and_no_other():
    values = np.ones((50, 2), np.float32)
    limits = [
        named("agents", [1, 0], 5),
        named("villages", [1, 0], 10, least=True),
        named("messages", [0, 1], 5),
    ]
    with pytest.raises(NoPlanExists) as refusal:
        allocate(Problem(values, np.arange(2), limits))
    text = str(refusal.value)
    assert "agents" in text
    assert "villages" in text
    assert "messages" not in text


def test_a_minimum_is_met_at_the_least_loss():
    values = np.array([[5, 4], [5, 1], [5, 3]], np.float32)
    problem = Problem(values, np.array([0, 1]), [named("second", [0, 1], 2, least=True)])
    made = allocate(problem)
    assert made.choice[:, 0].tolist() == [1, 0, 1]
    assert made.objective == pytest.approx(12)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"values": np.zeros((2, 2))}, "float32"),
        ({"offer": np.arange(3)}, "offer code"),
        ({"most": 0}, "at least one contact"),
        ({"classes": np.zeros(5, np.uint16)}, "one class"),
        ({"limits": [named("x", [1, -1], 3)]}, "zero or more"),
        ({"limits": [named("x", [1, 1], -3)]}, "zero or more"),
        ({"limits": [named("x", [1], 3)]}, "one number an option"),
        ({"household_ends": np.array([2, 1])}, "must increase"),
    ],
)
def test_an_unusable_problem_is_refused_in_words(change, sentence):
    usable = Problem(np.zeros((2, 2), np.float32), np.arange(2), [])
    with pytest.raises(UnusableProblem, match=sentence):
        replace(usable, **change)
