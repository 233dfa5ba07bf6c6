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


def two_channels(seed, people=30_000, calls=0.06, messages=0.04):
    """Some are called, some sent a message, some both, in either order, unless they have ordered by then."""
    lot = np.random.default_rng(seed)
    ordered = np.where(lot.random(people) < 0.2, lot.integers(0, 90, people), np.inf)
    first = np.where(lot.random(people) < 0.6, lot.integers(0, 50, people), np.inf)
    second = np.where(lot.random(people) < 0.4, first + lot.integers(1, 15, people), np.inf)
    by_call = lot.random(people) < 0.5
    for on, called in ((first, by_call), (second, ~by_call)):
        on[ordered < on] = np.inf
        won = (lot.random(people) < np.where(called, calls, messages)) & np.isfinite(on)
        ordered = np.where(won, np.minimum(ordered, on + 1), ordered)
    days = [np.where(np.isfinite(one), one, np.nan) for one in (first, second, ordered)]
    return np.arange(people), by_call, *days


def test_whom_another_channel_contacts_later_counts_for_the_first_until_then_and_no_order_twice():
    """Of three towns on average; leaving out those whom both contacted would flatter the first."""
    found, naive = [], []
    for seed in range(3):
        person, by_call, first, second, ordered = two_channels(seed)
        asked = {"name": "x", "days": 20, "end": 90}
        landmark = np.where(by_call, first, np.nan)
        calls = watched(person, first, ordered, also_on=second, landmark=landmark, **asked)
        both = watched(person, first, ordered, landmark=second, **asked)
        found.append([compared(one.contacted, one.took).value for one in (calls, both)])
        pure = np.isnan(second)
        left = watched(person[pure], first[pure], ordered[pure], landmark=landmark[pure], **asked)
        naive.append(compared(left.contacted, left.took).value)
    apart = 0.95  # a twentieth would have ordered in the twenty days by themselves
    assert np.mean(found, axis=0) == pytest.approx([0.06 * apart, 0.05 * apart], abs=0.006)
    assert np.mean(naive) > 0.06 * apart + 0.01


def test_who_stands_on_both_sides_counts_once_in_the_interval():
    """Whose outcomes go together on both sides: the difference is surer, and less sure where they go apart."""
    lot = np.random.default_rng(3)
    side, twice = np.arange(2000) < 1000, np.tile(np.arange(1000), 2)
    for same in (True, False):
        one = lot.random(1000) < 0.5
        took = np.concatenate([one, one if same else ~one]).astype(float)
        found = organic(side, took, np.zeros((2000, 1)))
        alone, clustered = adjusted(side, took, found), adjusted(side, took, found, twice)
        assert clustered.value == alone.value
        assert ((clustered.high - clustered.low) < (alone.high - alone.low)) is same
