"""Few subscribers, equal rows and options, households, limits of few or fractional units: exact prices, and plans close to them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.allocation.judge import broken_rules, instance, named, relaxation
from threadpoolctl import threadpool_limits

from telewave.allocation.choosing import Chooser
from telewave.allocation.columns import solved
from telewave.allocation.dual import Dual
from telewave.allocation.equality import equal_options, equal_rows
from telewave.allocation.finishing import whole
from telewave.allocation.model import Problem
from telewave.allocation.solve import allocate

seeds = st.integers(1, 10_000)


def in_households(problem, most, seed=0):
    """Households of one to seven in a row."""
    ends = np.cumsum(np.random.default_rng(seed).integers(1, 8, problem.subscribers))
    ends = np.append(ends[ends < problem.subscribers], problem.subscribers)
    return replace(problem, household_ends=ends, household_most=most)


def twice(problem):
    """Each option once more, with the same values and offer but other limits."""
    m = problem.options
    halves = [
        named(f"first {r}", np.hstack([limit.use, 0 * limit.use]), limit.amount // 3)
        for r, limit in enumerate(problem.limits)
    ]
    both = [
        replace(limit, use=np.hstack([limit.use, limit.use * np.resize([1.0, 2.0], m)]))
        for limit in problem.limits
    ]
    return replace(
        problem,
        values=np.ascontiguousarray(np.hstack([problem.values] * 2)),
        offer=np.tile(problem.offer, 2),
        limits=[*both, *halves],
    )


def kinds(seed):
    """A problem for two hundred with everything that is equal, or households."""
    problem = twice(instance(seed, subscribers=200, ties=seed % 2 == 0, minimum=False))
    return in_households(problem, 1 + seed % 3, seed) if seed % 3 == 0 else problem


@settings(max_examples=12, deadline=None)
@given(seeds)
def test_prices_by_columns_are_those_of_the_linear_programme_and_whole_contacts_keep_the_maxima(seed):
    problem = kinds(seed)
    found = solved(Dual(Chooser(problem)), np.zeros(len(problem.limits)))
    assert found.proven
    assert found.point.value == pytest.approx(-relaxation(problem).fun, rel=1e-8, abs=1e-8)
    choice, split = whole(problem, found)
    assert broken_rules(problem, choice) == []
    if not len(found.rows.first) < problem.subscribers:
        assert split.sum() <= 3 * len(problem.limits)


def test_equal_rows_are_of_one_class_and_equal_to_the_bit():
    problem = instance(1, subscribers=500, ties=True)
    rows = equal_rows(problem)
    assert rows.size.sum() == 500
    for row, first in enumerate(rows.first[rows.of]):
        assert problem.classes[row] == problem.classes[first]
        assert problem.values[row].tobytes() == problem.values[first].tobytes()
    assert len({(c, v.tobytes()) for c, v in zip(problem.classes, problem.values, strict=True)}) == len(
        rows.first
    )


def test_equal_options_are_one_where_a_subscriber_may_not_have_both():
    problem = replace(instance(1, subscribers=50), most=2, limits=[])
    values = np.ascontiguousarray(problem.values[:, [0, 1, 0, 1]])
    same = replace(problem, values=values, offer=np.array([0, 1, 0, 2]))
    assert equal_options(same).tolist() == [0, 1, 0, 3]
    assert equal_options(replace(same, most=1)).tolist() == [0, 1, 0, 1]


@pytest.mark.parametrize("most", [1, 2])
def test_ten_thousand_in_households_are_planned_within_a_two_thousandth(most):
    problem = in_households(instance(2 + most, subscribers=10_000, minimum=False), most)
    made = allocate(problem)
    assert broken_rules(problem, made.choice) == []
    assert -1e-9 <= made.gap < 5e-4


@pytest.mark.parametrize("subscribers", [2_000, 24_000])
def test_a_plan_is_the_same_on_one_processor_and_on_two(subscribers):
    problem = twice(instance(5, subscribers=subscribers, ties=True, minimum=False))
    plans = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            plans.append(allocate(problem))
    assert np.array_equal(plans[0].choice, plans[1].choice)
    assert np.array_equal(plans[0].prices, plans[1].prices)


def test_twenty_five_thousand_with_equal_rows_and_options_are_planned_within_a_contact():
    draw = np.random.default_rng(0)
    values = np.repeat(draw.gamma(1.0, 1.0, (25_000, 3)), 2, axis=1)
    values[::2] = values[:100][np.arange(12_500) % 100]
    limits = [named(f"room {j}", np.eye(6)[j], 300 * (j + 2)) for j in range(6)]
    limits.append(named("budget", [3, 1, 2, 2, 1, 3], 14_000))
    problem = Problem(values=values.astype(np.float32), offer=np.arange(6) // 2, limits=limits, most=2)
    made = allocate(problem)
    assert broken_rules(problem, made.choice) == []
    assert -1e-9 <= made.gap < 1 / made.contacts


@pytest.mark.prove
def test_lumpy_and_fractional_limits_of_thousands_are_planned_within_half_a_percent():
    problem = instance(4, subscribers=4_000, minimum=False)
    lump = np.where(np.arange(problem.options) % 2, 7.0, 1.0)
    lumpy = [replace(x, use=x.use * lump, amount=x.amount + 0.37) for x in problem.limits]
    made = allocate(replace(problem, limits=lumpy))
    assert broken_rules(replace(problem, limits=lumpy), made.choice) == []
    assert -1e-9 <= made.gap < 5e-3
