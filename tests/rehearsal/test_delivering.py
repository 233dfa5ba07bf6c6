"""Couriers of a rehearsal: nine calls in three days, areas of their own, one second approach."""

import numpy as np
import pytest

from telewave.rehearsal.delivering import _tries, at_the_door
from telewave.rehearsal.model import ASSUMED, Means
from telewave.rehearsal.queues import DAY

N, DAYS = 40_000, 60
ONCE = (1 - (1 - ASSUMED.answers) ** 9) * ASSUMED.kept


def moods(n=N):
    return np.random.default_rng(1).random((2, n), np.float32)


def tries():
    return _tries(*moods().astype(float), ASSUMED)


def test_as_many_parcels_are_handed_over_as_the_chances_say():
    takes, _, handing = tries()
    first = np.cumsum(takes > 0, axis=1) <= ASSUMED.calling_days
    assert handing.sum(axis=1).max() == 1
    assert handing.any(axis=1).mean() == pytest.approx(ONCE + (1 - ONCE) * ASSUMED.again * ONCE, abs=0.004)
    assert (handing & first).any(axis=1).mean() > ONCE - 0.01


def test_nobody_is_called_more_than_nine_times_in_three_days_for_one_approach():
    takes, wait, _ = tries()
    calls = np.where(takes > ASSUMED.door_minutes, takes - ASSUMED.door_minutes, takes)
    calls /= ASSUMED.courier_call_minutes
    assert calls.max() == ASSUMED.calls_a_day
    pause = ASSUMED.again_days + ASSUMED.packing_days
    assert set(np.unique(wait)) == {0, 1, pause}
    assert (wait == pause).sum(axis=1).max() == 1, "no third approach"
    for row in np.flatnonzero((wait == pause).any(axis=1))[:200]:
        second = int(np.argmax(wait[row] == pause)) + 1
        for part in (calls[row, :second], calls[row, second:]):
            assert part.sum() <= 9
            assert (part > 0).sum() <= 3


def test_couriers_keep_to_their_areas():
    """Two areas with two couriers are two towns with one each."""
    luck = moods(400)
    ordered = np.sort(np.random.default_rng(2).integers(0, 5, 400)) * DAY + 700
    both, load = at_the_door(ordered, luck, Means(couriers=2, areas=2), DAYS, ASSUMED)
    assert load.jobs == 400
    for k in range(2):
        mine = (luck[1] * 2).astype(int) == k
        own = np.stack([luck[0][mine], luck[1][mine] * 2 - k])
        alone, _ = at_the_door(ordered[mine], own, Means(couriers=1), DAYS, ASSUMED)
        np.testing.assert_array_equal(alone, both[mine])


def test_an_area_without_couriers_is_never_served_and_the_load_says_so():
    luck = moods(1_000)
    at, load = at_the_door(np.full(1_000, 700.0), luck, Means(couriers=3, areas=4), DAYS, ASSUMED)
    forgotten = (luck[1] * 4).astype(int) == 3
    assert load.lost >= forgotten.sum()
    assert (at[forgotten] < 0).all()
