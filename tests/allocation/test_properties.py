"""What holds for every allocation, whatever the problem."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.allocation.judge import INFEASIBLE, broken_rules, instance, named, relaxation
from tests.proving import examples

from telewave.allocation.choosing import BLOCK, Chooser
from telewave.allocation.dual import SCREENED_FROM, Dual
from telewave.allocation.model import NOTHING, MinimumsMissed, NoPlanExists, Problem, UnusableProblem
from telewave.allocation.prices import sampled
from telewave.allocation.rounding import first_come
from telewave.allocation.solve import allocate

seeds = st.integers(1_000, 10_000)


@settings(max_examples=examples(40))
@given(seeds, st.booleans(), st.booleans())
def test_no_plan_breaks_a_rule_or_earns_more_than_its_bound(seed, ties, minimum):
    problem = instance(seed, ties=ties, minimum=minimum)
    made = planned(problem)
    assert broken_rules(problem, made.choice) == []
    assert made.objective <= made.bound + 1e-6


def planned(problem):
    try:
        return allocate(problem)
    except NoPlanExists:
        assume(False)


@settings(max_examples=examples(25))
@given(seeds, st.booleans(), st.booleans())
def test_removing_a_limit_lowers_neither_the_objective_nor_the_bound(seed, ties, minimum):
    problem = instance(seed, ties=ties, minimum=minimum)
    before = planned(problem)
    for gone in range(len(problem.limits)):
        left = [limit for number, limit in enumerate(problem.limits) if number != gone]
        after = allocate(replace(problem, limits=left))
        assert after.objective >= before.objective - 1e-6
        assert after.bound >= before.bound - 1e-6


@settings(max_examples=examples(25))
@given(seeds, st.booleans())
def test_the_price_of_a_limit_lies_between_what_one_unit_looser_earns_and_one_unit_tighter_costs(
    seed, minimum
):
    problem = instance(seed, minimum=minimum)
    made = planned(problem)
    for number, used in enumerate(made.limits):
        loose = -1 if used.limit.least else 1
        looser, tighter = (bound_with(problem, number, change) for change in (loose, -loose))
        if looser is not None:
            assert looser - made.relaxed <= used.price + 1e-5
        if tighter is not None:
            assert used.price <= made.relaxed - tighter + 1e-5


def bound_with(problem, number, change):
    """The relaxation's optimum with so much more of a limit; None where there is no such plan."""
    limits = list(problem.limits)
    amount = limits[number].amount + change
    if amount < 0:
        return None
    limits[number] = replace(limits[number], amount=amount)
    truth = relaxation(replace(problem, limits=limits))
    return None if truth.status == INFEASIBLE else -truth.fun


@settings(max_examples=examples(20))
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
    return Problem(values=values, offer=np.array([0, 0, 1, 1, 2, 2]), limits=limits, most=most)


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
    problem = Problem(
        values=np.full((5, 2), -1, np.float32), offer=np.arange(2), limits=[named("calls", [1, 1], 10)]
    )
    made = allocate(problem)
    assert np.all(made.choice == NOTHING)
    assert (made.objective, made.bound, made.gap) == (0, 0, 0)


@pytest.mark.parametrize("shape", [(0, 3), (4, 0)])
def test_nobody_or_nothing_to_allocate_is_an_empty_plan(shape):
    problem = Problem(
        values=np.zeros(shape, np.float32),
        offer=np.arange(shape[1]),
        limits=[named("calls", np.ones(shape[1]), 3)],
    )
    assert allocate(problem).contacts == 0


def test_without_limits_everybody_gets_his_best():
    values = np.array([[1, 3, 2], [5, -1, 4]], np.float32)
    made = allocate(Problem(values=values, offer=np.array([0, 0, 1]), limits=[], most=2))
    assert made.choice.tolist() == [[1, 2], [0, 2]]


def test_a_minimum_that_nobody_is_eligible_for_is_refused_by_name():
    values = np.array([[1, -np.inf]], np.float32)
    problem = Problem(values=values, offer=np.arange(2), limits=[named("villages", [0, 1], 1, least=True)])
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
        allocate(Problem(values=values, offer=np.arange(2), limits=limits))
    text = str(refusal.value)
    assert "agents" in text
    assert "villages" in text
    assert "messages" not in text


@pytest.mark.parametrize("budget", [3e4, 1e6, 1e9])
@pytest.mark.parametrize("subscribers", [2_000, 60_000])
def test_a_minimum_beyond_a_capacity_is_refused_however_large_another_amount_is(budget, subscribers):
    limits = [
        named("agents", [1, 0], 500),
        named("villages", [1, 0], 1_000, least=True),
        named("budget", [3, 3], budget),
    ]
    with pytest.raises(NoPlanExists, match=r"agents.*villages"):
        allocate(Problem(values=np.ones((subscribers, 2), np.float32), offer=np.arange(2), limits=limits))


@pytest.mark.parametrize("subscribers", [2_000, 60_000])
def test_a_minimum_beyond_those_who_count_is_refused_by_name(subscribers):
    classes = (np.arange(subscribers) < 500).astype(np.uint16)
    use = np.array([[0, 0], [1, 1]])
    limits = [named("agents", [1, 0], 300), named("villages", use, 501, least=True)]
    draw = np.random.default_rng(1)
    values = draw.gamma(1, 1, (subscribers, 2)).astype(np.float32)
    with pytest.raises(NoPlanExists, match="villages"):
        allocate(
            Problem(values=values, offer=np.arange(2), limits=limits, most=1, classes=classes, class_count=2)
        )
    limits[1] = named("villages", use, 500, least=True)
    made = allocate(
        Problem(values=values, offer=np.arange(2), limits=limits, most=1, classes=classes, class_count=2)
    )
    assert made.limits[1].used == 500


@pytest.mark.parametrize(("subscribers", "refusal"), [(50, NoPlanExists), (20_000, MinimumsMissed)])
def test_minima_that_only_split_contacts_would_meet_are_refused_not_missed_in_silence(subscribers, refusal):
    values = np.ones((subscribers, 1), np.float32)
    limits = [named("phones", [2], 5), named("villages", [2], 5, least=True)]
    with pytest.raises(refusal, match="villages"):
        allocate(Problem(values=values, offer=np.arange(1), limits=limits))


def test_a_minimum_is_met_at_the_least_loss():
    values = np.array([[5, 4], [5, 1], [5, 3]], np.float32)
    problem = Problem(values=values, offer=np.array([0, 1]), limits=[named("second", [0, 1], 2, least=True)])
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
    usable = Problem(values=np.zeros((2, 2), np.float32), offer=np.arange(2), limits=[])
    with pytest.raises(UnusableProblem, match=sentence):
        replace(usable, **change)


@settings(max_examples=examples(5), deadline=None)
@given(seeds, st.integers(1, 2), st.booleans())
def test_a_pass_gives_the_same_to_the_bit_on_any_number_of_processors(seed, most, households):
    draw = np.random.default_rng(seed)
    size = 3 * BLOCK + 17
    values = draw.gamma(1.0, 1.0, (size, 4)).astype(np.float32) - np.float32(0.5)
    ends = np.arange(2, size + 2, 2).clip(max=size) if households else None
    problem = Problem(
        values=values,
        offer=np.array([0, 0, 1, 1]),
        limits=[],
        most=most,
        household_ends=ends,
        household_most=int(households),
    )
    price = draw.uniform(0, 1, (1, 4))
    first, *others = (
        Chooser(problem, 1e-3, threads).choose(price, near=0.01, gaps=True, choices=True)
        for threads in (1, 2, 3, 7)
    )
    for other in others:
        assert other.worth == first.worth
        for one in ("counts", "switches", "gaps", "choice"):
            assert np.array_equal(getattr(first, one), getattr(other, one))


@settings(max_examples=examples(25), deadline=None)
@given(seeds, st.integers(1, 40), st.booleans())
def test_whoever_comes_first_gets_the_same_whatever_number_is_asked_at_a_time(seed, block, ties):
    problem = instance(seed, ties=ties)
    order = np.random.default_rng(seed).permutation(problem.subscribers)
    found = [first_come(problem, order, lambda rows: problem.values[rows], size) for size in (10_000, block)]
    assert np.array_equal(*found)
