"""Groups: the assignment of greatest expected value, its cut-offs, its order."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telewave.kernel import Label, Money
from telewave.targeting.groups import ORDER, Limit, ProbabilityOutOfRange, grouping
from telewave.targeting.plan import (
    DEFAULT_PLAN,
    BasicIsLimited,
    Contacts,
    FactorsOutOfOrder,
    Group,
    MixedCurrencies,
    NegativeAmount,
    Plan,
    ShareOfBase,
    Treatment,
    Unlimited,
)


def plan(*, margin=100_00, costs=(3_00, 20, 0), factors=(1.0, 0.5, 0.2), capacities=(None, None)):
    core, normal = (Unlimited() if c is None else Contacts(c) for c in capacities)
    limits = (core, normal, Unlimited())
    treatments = [
        Treatment((Label("c", "c"),), Money(cost), limit, factor)
        for cost, limit, factor in zip(costs, limits, factors, strict=True)
    ]
    return Plan(Money(margin), *treatments)


def sizes(result):
    return tuple(result.cutoffs[group].size for group in Group)


def exact_value(p, group, chosen):
    treatment = chosen.treatment(group)
    gained = treatment.response_factor - chosen.basic.response_factor
    return p * gained * chosen.margin.minor - treatment.cost.minor


def brute_force(p, chosen):
    best = -np.inf
    capacity = {g: chosen.treatment(g).capacity.of(len(p)) for g in Group}
    for assignment in itertools.product(Group, repeat=len(p)):
        if all(assignment.count(g) <= capacity[g] for g in Group):
            best = max(best, sum(exact_value(q, g, chosen) for q, g in zip(p, assignment, strict=True)))
    return best


@st.composite
def plans(draw):
    factors = sorted(draw(st.tuples(*[st.sampled_from([0, 0.1, 0.3, 0.5, 0.8, 1.0])] * 3)), reverse=True)
    costs = draw(st.tuples(*[st.integers(0, 60)] * 3))
    capacities = draw(st.tuples(*[st.none() | st.integers(0, 6)] * 2))
    return plan(margin=draw(st.integers(0, 200)), costs=costs, factors=factors, capacities=capacities)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6), plans())
def test_no_assignment_within_the_capacities_is_worth_more(probabilities, chosen):
    p = np.array(probabilities)
    result = grouping(np.arange(len(p)), p, chosen)
    reached = sum(
        exact_value(q, ORDER[g], chosen) for q, g in zip(result.probability, result.group, strict=True)
    )
    assert reached == pytest.approx(brute_force(p, chosen), abs=1e-6)
    for group, size in zip(Group, sizes(result), strict=True):
        assert size <= chosen.treatment(group).capacity.of(len(p))


@given(st.lists(st.floats(0, 1), max_size=30), plans(), st.randoms())
def test_the_order_of_the_input_changes_nothing(probabilities, chosen, random):
    numbered = list(enumerate(probabilities))
    shuffled = numbered.copy()
    random.shuffle(shuffled)
    first, second = (
        grouping(
            np.array([n for n, _ in pairs], dtype=int), np.array([p for _, p in pairs], dtype=float), chosen
        )
        for pairs in (numbered, shuffled)
    )
    assert first.subscriber.tolist() == second.subscriber.tolist()
    assert first.group.tolist() == second.group.tolist()


def test_subscribers_of_equal_probability_are_ordered_by_their_number():
    result = grouping(np.array([9, 4, 7]), np.array([0.5, 0.5, 0.9]), plan(capacities=(2, None)))
    assert result.subscriber.tolist() == [7, 4, 9]
    assert result.group.tolist() == [0, 0, 1]


def test_a_group_that_its_capacity_ends_says_how_many_more_would_be_worth_it():
    cutoff = grouping(np.arange(10), np.linspace(1, 0.1, 10), plan(capacities=(3, None))).cutoffs[Group.CORE]
    assert (cutoff.limit, cutoff.size, cutoff.capacity) == (Limit.CAPACITY, 3, 3)
    assert cutoff.lowest == pytest.approx(0.8)
    assert cutoff.worthwhile == 10


def test_a_group_that_its_value_ends_names_the_break_even():
    cutoff = grouping(np.arange(10), np.linspace(0.1, 0.01, 10), plan()).cutoffs[Group.CORE]
    # (3.00 - 0.20) / ((1.0 - 0.5) * 100.00)
    assert cutoff.break_even == pytest.approx(0.056)
    assert (cutoff.limit, cutoff.size) == (Limit.VALUE, 5)
    assert cutoff.lowest == pytest.approx(0.06)


def test_without_room_in_normal_core_is_compared_with_basic():
    # Core over normal does not pay for these subscribers; core over basic does, and there is no normal to be had.
    result = grouping(np.arange(2), np.array([0.05, 0.05]), plan(capacities=(None, 0)))
    assert sizes(result) == (2, 0, 0)


def test_only_takers_who_would_not_come_by_themselves_are_earned_by_the_contact():
    result = grouping(np.arange(3), np.array([0.5, 0.02, 0.0001]), plan(capacities=(1, None)))
    # 0.8 and 0.3 of the probability beyond the 0.2 that come alone; who is not contacted earns nothing.
    assert result.value.tolist() == [40_00 - 3_00, 60 - 20, 0]


def test_nobody_scored_gives_empty_groups():
    assert sizes(grouping(np.array([], dtype=int), np.array([]), DEFAULT_PLAN)) == (0, 0, 0)


def test_a_capacity_may_be_a_share_of_the_base():
    assert ShareOfBase(0.05).of(1_000) == 50
    assert ShareOfBase(0.3).of(10) == 3


def test_probabilities_outside_nought_and_one_are_refused():
    with pytest.raises(ProbabilityOutOfRange) as refused:
        grouping(np.arange(2), np.array([0.5, np.nan]), DEFAULT_PLAN)
    assert refused.value.message.values == {"count": 1}


def test_a_plan_whose_poorer_treatment_realises_more_is_refused():
    with pytest.raises(FactorsOutOfOrder):
        plan(factors=(0.5, 0.6, 0.1))


def test_a_plan_that_limits_the_basic_group_is_refused():
    with pytest.raises(BasicIsLimited):
        replace(DEFAULT_PLAN, basic=replace(DEFAULT_PLAN.basic, capacity=Contacts(5)))


def test_a_plan_in_two_currencies_or_with_a_negative_cost_is_refused():
    with pytest.raises(MixedCurrencies):
        replace(DEFAULT_PLAN, margin=Money(1, "EUR"))
    with pytest.raises(NegativeAmount):
        replace(DEFAULT_PLAN, core=replace(DEFAULT_PLAN.core, cost=Money(-1)))
