"""Sample sizes, held against published examples, an independent formula, and the exact distribution of the test."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import optimize, stats

from telewave.experiments.power import (
    Certainty,
    CertaintyOutOfRange,
    EmptyGroup,
    NoDifference,
    RateOutOfRange,
    least_held_out,
    minimal_effect,
    power,
    sizes,
)
from telewave.kernel import Inconclusive

rates = st.floats(0.0005, 0.6)


def test_the_examples_of_the_textbooks_come_out():
    # R's documentation of power.prop.test: n = 50, .50 against .75; and .50 against .75 at a power of 0.90.
    assert power(0.5, 0.75, 50, 50) == pytest.approx(0.7401659, abs=1e-7)
    assert sizes(0.5, 0.75, certainty=Certainty(0.9)) == (77, 77)
    assert sizes(0.5, 0.6) == (388, 388)


def independent_power(p0, p1, n0, n1, alpha):
    """The normal approximation written with scipy's distributions, in the other direction of reasoning."""
    pooled = (n0 * p0 + n1 * p1) / (n0 + n1)
    bar = stats.norm(0, np.sqrt(pooled * (1 - pooled) * (1 / n0 + 1 / n1))).isf(alpha / 2)
    return stats.norm(abs(p1 - p0), np.sqrt(p0 * (1 - p0) / n0 + p1 * (1 - p1) / n1)).sf(bar)


@given(rates, rates, st.integers(20, 10**6), st.integers(20, 10**6), st.sampled_from([0.01, 0.05, 0.1]))
def test_the_power_agrees_with_an_independent_computation(p0, p1, n0, n1, alpha):
    assert power(p0, p1, n0, n1, alpha) == pytest.approx(independent_power(p0, p1, n0, n1, alpha), abs=1e-9)


@given(rates, st.floats(1.1, 3), st.sampled_from([0.25, 1, 4, 19]), st.sampled_from([0.8, 0.9]))
def test_the_size_is_the_smallest_that_reaches_the_power(p0, lift, ratio, wanted):
    p1 = p0 * lift
    assume(p1 < 0.95)
    n0, n1 = sizes(p0, p1, ratio, Certainty(wanted))
    assert n1 == pytest.approx(n0 * ratio, abs=max(1, ratio))
    assert power(p0, p1, n0, math.ceil(n0 * ratio)) >= wanted - 1e-9
    if n0 > 2:
        assert power(p0, p1, n0 - 1, max(1, math.floor((n0 - 1) * ratio))) < wanted


@given(rates, st.integers(50, 10**6), st.integers(50, 10**6))
def test_the_minimal_effect_is_seen_with_the_wanted_power_and_no_smaller_one_is(p0, n0, n1):
    found = minimal_effect(p0, n0, n1)
    if isinstance(found, Inconclusive):
        assert n0 * p0 < 10
        return
    assert power(p0, p0 + found, n0, n1) == pytest.approx(0.8, abs=1e-6)
    root = optimize.brentq(lambda p: independent_power(p0, p, n0, n1, 0.05) - 0.8, p0 + 1e-12, 1 - 1e-9)
    assert found == pytest.approx(root - p0, rel=1e-6)


def exact_power(p0, p1, n0, n1, alpha=0.05):
    """The chance that the test rejects, summed over the binomial distributions of both groups; the tails beyond 1e-12 left out."""
    ends = [stats.binom(n, p).ppf([1e-12, 1 - 1e-12]).astype(int) for n, p in ((n0, p0), (n1, p1))]
    x0, x1 = (np.arange(low, high + 1) for low, high in ends)
    a, b = np.meshgrid(x0, x1, indexing="ij")
    pooled = (a + b) / (n0 + n1)
    spread = np.sqrt(pooled * (1 - pooled) * (1 / n0 + 1 / n1))
    seen = np.abs(b / n1 - a / n0) > stats.norm.isf(alpha / 2) * spread
    return float((np.outer(stats.binom.pmf(x0, n0, p0), stats.binom.pmf(x1, n1, p1)) * seen).sum())


@pytest.mark.parametrize(
    ("p0", "p1", "ratio"),
    [(0.0019, 0.0038, 1), (0.0019, 0.0038, 10), (0.02, 0.03, 1), (0.02, 0.03, 9), (0.1, 0.13, 4)],
)
def test_the_exact_power_and_false_alarms_are_near_the_nominal_ones(p0, p1, ratio):
    n0, n1 = sizes(p0, p1, ratio)
    assert n0 * p0 >= 10
    assert exact_power(p0, p1, n0, n1) == pytest.approx(0.8, abs=0.03)
    assert exact_power(p0, p0, n0, n1) == pytest.approx(0.05, abs=0.012)


def test_too_few_takers_are_inconclusive_and_it_says_how_many_it_takes():
    found = minimal_effect(0.0014, 5_000, 500_000)
    assert isinstance(found, Inconclusive)
    assert "7,143 held out" in str(found.reason)
    assert isinstance(minimal_effect(0.0014, least_held_out(0.0014), 500_000), float)


def test_groups_that_show_nothing_at_all_say_so():
    found = minimal_effect(0.9, 12, 2)
    assert isinstance(found, Inconclusive)
    assert "no effect at all" in str(found.reason)


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: sizes(0.0, 0.1), RateOutOfRange, "of 0 cannot"),
        (lambda: sizes(0.1, 1.0), RateOutOfRange, "of 1 cannot"),
        (lambda: sizes(0.1, 0.1), NoDifference, "0.1"),
        (lambda: power(0.1, 0.2, 0, 9), EmptyGroup, "0 held out and 9"),
        (lambda: minimal_effect(0.1, 9, 0), EmptyGroup, "9 held out and 0"),
        (lambda: Certainty(1.0), CertaintyOutOfRange, "power of 1"),
        (lambda: Certainty(0.8, 0.0), CertaintyOutOfRange, "rate of 0"),
    ],
)
def test_bad_input_is_refused_with_the_remedy(call, error, said):
    with pytest.raises(error, match=said):
        call()
