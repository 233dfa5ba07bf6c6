"""People left alone are watched as long as those contacted, from a day on which they had not ordered yet."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.proving import PROVING

from telewave.funnel.effect import adjusted
from telewave.funnel.landmarks import watched
from telewave.funnel.organic import organic


def town(seed, people=8_000, taken=0.3, effect=0.0):
    """A month in which many order, on any day; who has ordered is contacted no more. A contact wins `effect` of the others."""
    lot = np.random.default_rng(seed)
    ordered = np.where(lot.random(people) < taken, lot.integers(0, 90, people), np.nan)
    planned = np.where(lot.random(people) < 0.5, lot.integers(0, 60, people), np.nan)
    contacted = np.where(ordered < planned, np.nan, planned)
    won = (lot.random(people) < effect) & ~np.isnan(contacted)
    ordered = np.where(won & ~(ordered <= contacted + 2), contacted + 2, ordered)
    return np.arange(people), contacted, ordered


def compared(touched, took):
    found = organic(touched, took, np.zeros((len(took), 1)))
    return adjusted(touched, took, found)


@pytest.mark.parametrize("effect", [0.0, 0.05])
def test_an_effect_is_found_where_whoever_ordered_early_is_contacted_no_more(effect):
    """Three towns on average; of forty, `make prove` asks that the intervals hold it."""
    found = []
    for seed in range(40 if PROVING else 3):
        person, contacted, ordered = town(seed, effect=effect)
        seen = watched(person, contacted, ordered, name="x", days=30, end=90)
        found.append(compared(seen.contacted, seen.took))
        whole = compared(~np.isnan(contacted), ~np.isnan(ordered))
        assert whole.high < effect, "over the whole window contact looks harmful"
    truth = 0.9 * effect  # a tenth would have ordered in the thirty days by themselves
    assert np.mean([one.value for one in found]) == pytest.approx(truth, abs=0.008)
    if PROVING:
        assert np.mean([one.low <= truth <= one.high for one in found]) > 0.85


@given(st.lists(st.tuples(st.integers(-1, 40), st.integers(-1, 60)), max_size=40), st.integers(1, 30))
def test_nobody_is_watched_who_had_ordered_or_cannot_be_watched_to_the_end(pairs, days):
    contacted, ordered = (
        np.array([np.nan if one[k] < 0 else one[k] for one in pairs], float) for k in (0, 1)
    )
    seen = watched(np.arange(len(pairs)), contacted, ordered, name="x", days=days, end=50)
    touched = seen.place[seen.contacted]
    assert not (ordered[touched] < contacted[touched]).any()
    assert np.all(contacted[touched] + days <= 50)
    assert np.all((seen.took == 0) | (seen.took >= 1))
    assert not np.isnan(ordered[seen.place[seen.took > 0]]).any()
    assert np.all(np.bincount(seen.place, minlength=1) <= 2)
