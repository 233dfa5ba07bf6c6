"""The allocation against the linear programme: the bound is its optimum, the plan keeps every rule and comes close."""

from dataclasses import replace

import numpy as np
import pytest
from tests.allocation.judge import INFEASIBLE, broken_rules, instance, relaxation

from telewave.allocation.model import NoPlanExists
from telewave.allocation.solve import allocate


def judged(problem):
    """Compare with HiGHS; the plan's gap to the relaxation's optimum, or None where no plan exists and both say so."""
    truth = relaxation(problem)
    if truth.status == INFEASIBLE:
        with pytest.raises(NoPlanExists, match="minimum"):
            allocate(problem)
        return None
    made = allocate(problem)
    assert made.bound == pytest.approx(-truth.fun, rel=1e-6, abs=1e-6)
    assert broken_rules(problem, made.choice) == []
    assert made.objective <= made.bound + 1e-6
    return (made.bound - made.objective) / max(made.bound, 1e-12)


@pytest.mark.parametrize("block", range(10))
def test_on_small_problems_the_bound_is_the_optimum_of_the_relaxation_and_the_plan_keeps_every_rule(block):
    gaps = [judged(instance(seed)) for seed in range(20 * block, 20 * block + 20)]
    assert sum(gap is not None for gap in gaps) >= 15


@pytest.mark.parametrize("seed", range(20))
def test_households_are_kept_to_their_limit_at_the_same_optimum(seed):
    problem = instance(seed)
    draw = np.random.default_rng(seed)
    n = problem.subscribers
    ends = np.unique(np.append(draw.integers(1, n + 1, max(1, n // 2)), n))
    judged(replace(problem, household_ends=ends, household_most=int(draw.integers(1, 3))))


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_from_ten_thousand_subscribers_on_the_plan_is_within_a_thousandth_of_the_optimum(seed, ties):
    problem = instance(seed, subscribers=10_000, ties=ties)
    made = allocate(problem)
    assert broken_rules(problem, made.choice) == []
    truth = -relaxation(problem).fun
    assert made.bound == pytest.approx(truth, rel=1e-6)
    assert truth - made.objective < 1e-3 * truth
