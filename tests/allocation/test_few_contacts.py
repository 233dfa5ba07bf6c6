"""Limits of a few contacts, of fractions or lumps: the best plan of whole contacts, proven, though the relaxation promises much more."""

import ctypes
import os
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.allocation.judge import broken_rules, instance, optimum
from tests.allocation.test_few import in_households
from tests.proving import examples, some_of

from telewave.allocation.choosing import Chooser
from telewave.allocation.dual import Dual
from telewave.allocation.model import NOTHING, counted
from telewave.allocation.narrowing import _most_contacts, narrowed
from telewave.allocation.quiet import quiet
from telewave.allocation.solve import allocate


def with_limits(problem, use, amount):
    """Each limit with another use (of its own, and by option) and amount (of its own)."""
    by_option = np.arange(problem.options)
    limits = [replace(x, use=use(x.use, by_option), amount=amount(x.amount)) for x in problem.limits]
    return replace(problem, limits=limits)


def lumpy(problem, lump=7.0, share=1.0):
    return with_limits(problem, lambda use, j: use * np.where(j % 2, lump, 1.0), lambda a: a * share + 0.37)


def fractional(problem):
    share = 5 / problem.subscribers
    return with_limits(problem, lambda use, j: use * 0.37 * (1 + j / 7), lambda a: a * share + 0.5)


def tiny(problem):
    rooms = iter(np.random.default_rng(3).integers(1, 8, len(problem.limits)))
    return with_limits(problem, lambda use, _: use, lambda _: float(next(rooms)))


def of_kind(kind, seed, subscribers):
    problem = instance(seed, subscribers=subscribers, ties=seed % 4 == 0, minimum=False)
    return {
        "lumpy": lumpy,
        "few lumps": lambda p: lumpy(p, 13.7, 0.01),
        "fractional": fractional,
        "tiny": tiny,
    }[kind](problem)


kinds = st.sampled_from(["lumpy", "few lumps", "fractional", "tiny"])


@settings(max_examples=examples(25), deadline=None)
@given(kinds, st.integers(1, 10_000), st.booleans())
def test_from_no_plan_and_any_prices_the_best_plan_is_found_and_proven(kind, seed, households):
    problem = of_kind(kind, seed, 50)
    if households:
        problem = in_households(problem, 1 + seed % 2, seed)
    prices = np.random.default_rng(seed).uniform(0, 1, len(problem.limits)) * (seed % 2)
    nothing = np.full((problem.subscribers, problem.most), NOTHING, np.int16)
    found = narrowed(problem, nothing, Dual(Chooser(problem)).at(prices), nodes=10_000)
    truth = -optimum(problem).fun
    assert broken_rules(problem, found.choice) == []
    assert found.bound == pytest.approx(truth, rel=1e-6, abs=1e-6)
    assert problem.values[
        np.nonzero(found.choice + 1)[0], found.choice[found.choice >= 0]
    ].sum() == pytest.approx(truth, rel=1e-6, abs=1e-6)


@settings(max_examples=examples(20), deadline=None)
@given(kinds, st.integers(1, 10_000))
def test_no_plan_has_more_contacts_in_limits_than_are_counted_on(kind, seed):
    problem = of_kind(kind, seed, 60)
    classes = problem.classes.astype(np.int64)
    counts = (problem.use > 0).any(0)
    most = _most_contacts(problem, counts, np.isfinite(problem.values), classes)
    greatest = replace(
        problem, values=np.where(np.isfinite(problem.values) & counts[classes], 1, -np.inf).astype(np.float32)
    )
    assert -optimum(greatest).fun <= most + 1e-6


@pytest.mark.parametrize("kind", ["lumpy", "few lumps", "fractional", "tiny"])
@pytest.mark.parametrize(
    "case",
    some_of([(500, 4), (2_000, 10), (500, 6), (500, 7), (500, 10), (2_000, 4), (2_000, 6), (2_000, 7), (10_000, 10),
             (10_000, 4), (10_000, 6), (10_000, 7)], 2),
)  # fmt: skip
def test_up_to_ten_thousand_are_planned_within_half_a_percent_of_what_whole_contacts_can_earn(kind, case):
    subscribers, seed = case
    problem = of_kind(kind, seed, subscribers)
    made = allocate(problem)
    assert broken_rules(problem, made.choice) == []
    assert -1e-9 <= made.gap < 5e-3
    assert made.bound <= made.relaxed
    if made.contacts <= 75:
        assert made.gap < 1e-6


def test_a_limit_of_a_few_units_is_kept_where_its_price_stands_at_the_edge_of_a_box():
    """A fine for excess that equals the price of the limit must not pass for a price."""
    problem = tiny(instance(10, subscribers=10_000, minimum=False))
    made = allocate(problem)
    assert np.all(counted(problem, made.choice) <= problem.amounts)


def test_lines_of_the_solver_are_kept_back_and_all_others_come_through(capfd):
    c = ctypes.CDLL(None)
    with quiet():
        c.printf(b"HighsMipSolverData::transformNewIntegerFeasibleSolution tmpSolver.run();\n")
        os.write(1, b"one\n")
        print("two")
    print("three")
    assert sorted(capfd.readouterr().out.split()) == ["one", "three", "two"]
