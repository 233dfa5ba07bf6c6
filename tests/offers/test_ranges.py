"""Break-evens of the reference case, by hand and by trying every single fen."""

from itertools import permutations

import numpy as np
import pytest

from telewave.kernel import Money
from telewave.offers.catalogue_file import reference_case
from telewave.offers.curves import device_costs
from telewave.offers.economics import Sale
from telewave.offers.ranges import SAME, cheaper, curve, never_worse, same

CASE = reference_case()
HIGHEST = 400_00


def between(one, other, pieces=1, new=True):
    left, right = (curve(CASE.offer(name), pieces, new) for name in (one, other))
    return [
        (s.low.minor / 100, None if s.high is None else s.high.minor / 100)
        for s in cheaper(left, right, "CNY")
    ]


def test_break_evens_computed_by_hand():
    # Shop 4 599 - 8.40 u (u from 49 on) against the outlet's 3 799 (u from 89 on): equal at 800 / 8.40 = 95.238.
    # Below 89 the outlet's is 5 935 - 24 u: equal at 1 336 / 15.60 = 85.641.
    # Shares are rounded down to whole fen 24 times, which moves both by up to 3 fen.
    (low, high), (start, end) = between("shop-credit-3100", "new-single-89-subsidy")
    assert (low, end) == (0, None)
    assert (high, start) == (pytest.approx(85.64, abs=0.03), pytest.approx(95.24, abs=0.03))
    # Web 4 850 against the outlet's bundle 8 335 - 24 u: equal at 3 485 / 24 = 145.208.
    assert between("web-device-4850", "new-bundle-189-subsidy") == [(0, 145.2)]
    # 4 999 - 14.40 u against web 3 650 (u from 89 on): 93.68, a little later since 30 % is rounded down to whole fen.
    assert between("new-credit-4999", "web-subsidy-3650")[-1] == (pytest.approx(93.70, abs=0.02), None)


def every_fen(one, other):
    fees = np.arange(0, HIGHEST + 1, dtype=np.int64)
    costs = [device_costs(CASE.offer(name), fees, Sale(pieces=1, new_number=True)) for name in (one, other)]
    gain = costs[1] - costs[0]
    below = gain > 0
    edges = np.flatnonzero(np.diff(np.concatenate([[0], below.astype(int), [0]])))
    return [
        (start / 100, None if end > HIGHEST else (end - 1) / 100)
        for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
        if gain[start:end].max() > SAME
    ]


def test_stretches_are_those_that_trying_every_fen_gives():
    single = [o.id for o in CASE.offers if o.terms.least_pieces == 1]
    for one, other in list(permutations(single, 2))[::7]:
        found = [s for s in between(one, other) if s[0] <= HIGHEST / 100]
        found = [(low, None if high is None or high > HIGHEST / 100 else high) for low, high in found]
        expected = every_fen(one, other)
        # Where parts of a fen make the difference flicker around zero, the ends may lie in the flicker.
        assert len(found) == len(expected), (one, other)
        for mine, true in zip(found, expected, strict=True):
            assert mine[0] == pytest.approx(true[0], abs=0.10), (one, other)
            assert (mine[1] is None) == (true[1] is None)
            assert mine[1] is None or mine[1] == pytest.approx(true[1], abs=0.10)


def test_the_largest_difference_is_named_with_its_fee():
    shop, web = (curve(CASE.offer(name), 1, False) for name in ("shop-credit-3100", "web-device-4850"))
    stretch = cheaper(web, shop, "CNY")[0]
    # At no own use the shop costs 4 699 + 24 x 49 - 100 - 23 x 17.15 = 5 380.55: the last return finds no bill.
    assert (stretch.low, stretch.at, stretch.most) == (Money(0), Money(0), Money(530_55))
    assert not never_worse(web, shop)
    assert same(web, web)
