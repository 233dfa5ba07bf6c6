"""Sufficient statistics add up, and keep their digits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telewave.experiments.moments import Moments, unit_totals

PARTS = st.lists(st.integers(0, 40), min_size=1, max_size=5)


@given(PARTS, st.integers(0, 1000))
def test_parts_add_up_to_the_whole(sizes, seed):
    draw = np.random.default_rng(seed)
    parts = [draw.normal(1e6, 3, (n, 3)) for n in sizes]
    summed = sum((Moments.of(part) for part in parts), Moments.of(np.empty((0, 3))))
    whole = Moments.of(np.concatenate(parts))
    assert summed.units == whole.units
    np.testing.assert_allclose(summed.mean, whole.mean)
    np.testing.assert_allclose(summed.cross, whole.cross, rtol=1e-6, atol=1e-6)


def test_large_amounts_lose_no_digits():
    values = 1e9 + np.array([1.0, 2.0, 3.0, 4.0])
    made = Moments.of(unit_totals(values, np.zeros(4), None)).level()
    assert made.variance == pytest.approx(values.var(ddof=1) / 4, rel=1e-6)


def test_a_household_is_a_unit_and_its_rows_count():
    made = Moments.of(unit_totals(np.array([1.0, 0, 1, 1]), np.zeros(4), np.array([7, 7, 3, 9])))
    assert (made.units, made.rows, made.level().value) == (3, 4.0, 0.75)
    assert made.level().clustered


def test_shares_of_households_that_are_all_alike_are_worth_as_many_rows_as_households():
    house = np.repeat(np.arange(500), 4)
    same = (np.arange(500) % 10 == 0)[house].astype(float)
    made = Moments.of(unit_totals(same, np.zeros(2000), house)).level()
    assert made.independent_rows() == pytest.approx(500, rel=0.01)
