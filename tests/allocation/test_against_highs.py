"""The allocation against HiGHS: the same relaxation, a small plan the integer optimum and its bound too, a large one close to it."""

from dataclasses import replace

import numpy as np
import pytest
from tests.allocation.judge import INFEASIBLE, broken_rules, instance, named, optimum, relaxation
from tests.proving import some_of

from telewave.allocation.model import NoPlanExists
from telewave.allocation.solve import allocate


def judged(problem):
    """The plan against HiGHS: the same optimum, proven, the same relaxation, every rule kept. Whether a plan exists, as both must say."""
    relaxed, whole = relaxation(problem), optimum(problem)
    if INFEASIBLE in (relaxed.status, whole.status):
        with pytest.raises(NoPlanExists, match="minimum"):
            allocate(problem)
        return False
    made = allocate(problem)
    assert made.relaxed == pytest.approx(-relaxed.fun, rel=1e-6, abs=1e-6)
    assert made.bound == pytest.approx(-whole.fun, rel=1e-6, abs=1e-6)
    assert made.objective == pytest.approx(-whole.fun, rel=1e-6, abs=1e-6)
    assert broken_rules(problem, made.choice) == []
    assert made.objective <= made.bound + 1e-6
    return True


def with_class_minima(seed):
    """A problem whose minima each speak of one class, some of them with uses that whole contacts cannot meet exactly."""
    problem, draw = instance(seed, minimum=False), np.random.default_rng(seed)
    limits = list(problem.limits)
    for number in range(int(draw.integers(1, 4))):
        use = np.zeros((problem.class_count, problem.options))
        use[draw.integers(0, problem.class_count)] = draw.choice([1.0, 1.0, 2.5])
        amount = draw.integers(1, max(2, problem.subscribers // 4))
        limits.append(named(f"minimum {number}", use, amount, least=True))
    return replace(problem, limits=limits)


@pytest.mark.parametrize("block", some_of(range(10), 3))
def test_on_small_problems_the_plan_is_the_optimum_and_proven_to_be(block):
    exist = [judged(instance(seed, ties=seed % 5 == 4)) for seed in range(20 * block, 20 * block + 20)]
    assert sum(exist) >= 15


@pytest.mark.parametrize("block", some_of(range(5), 2))
def test_minima_of_classes_are_met_at_the_optimum_or_refused_by_name(block):
    exist = [judged(with_class_minima(seed)) for seed in range(5_000 + 20 * block, 5_020 + 20 * block)]
    assert sum(exist) >= 5


@pytest.mark.parametrize("seed", some_of(range(20), 6))
def test_households_are_kept_to_their_limit_at_the_same_optimum(seed):
    problem = instance(seed)
    draw = np.random.default_rng(seed)
    n = problem.subscribers
    ends = np.unique(np.append(draw.integers(1, n + 1, max(1, n // 2)), n))
    judged(replace(problem, household_ends=ends, household_most=int(draw.integers(1, 3))))


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("seed", some_of(range(6), 2))
def test_from_ten_thousand_subscribers_on_the_plan_is_within_a_thousandth_of_the_optimum(seed, ties):
    problem = instance(seed, subscribers=10_000, ties=ties)
    made = allocate(problem)
    assert broken_rules(problem, made.choice) == []
    truth = -relaxation(problem).fun
    assert made.relaxed == pytest.approx(truth, rel=1e-6)
    assert truth - made.objective < 1e-3 * truth


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("subscribers", [30_000, 60_000])
@pytest.mark.parametrize("seed", some_of([0, 7, 10, 18, 21], 1))
def test_beyond_what_is_computed_exactly_the_plan_is_proven_within_a_thousandth(seed, subscribers, ties):
    problem = instance(seed, subscribers=subscribers, ties=ties)
    try:
        made = allocate(problem)
    except NoPlanExists:
        assert problem.least.any()
        assert relaxation(problem).status == INFEASIBLE
        return
    assert broken_rules(problem, made.choice) == []
    assert -1e-9 <= made.gap < 1e-3


@pytest.mark.parametrize(("seed", "exists"), [(9, False), (13, True)])
def test_with_ties_and_a_minimum_thirty_thousand_are_judged_as_by_the_linear_programme(seed, exists):
    problem = instance(seed, subscribers=30_000, ties=True)
    truth = relaxation(problem)
    assert (truth.status != INFEASIBLE) is exists
    if exists:
        assert allocate(problem).relaxed == pytest.approx(-truth.fun, rel=1e-5)
    else:
        with pytest.raises(NoPlanExists, match="minimum"):
            allocate(problem)
