"""What a measured campaign calls for, and how many to hold out so that one can tell."""

from dataclasses import replace

import numpy as np
import pytest
from tests.measurement.launched import FIRST, LAST

from telewave.kernel import Inconclusive, Label, Message
from telewave.measurement.effect import (
    NOT_YET,
    Drawn,
    expected_variance,
    holdout_that_tells,
    measured,
)
from telewave.measurement.in_short import short_rows
from telewave.measurement.model import Assigned, Compared, Measured
from telewave.measurement.next_steps import next_words
from telewave.measurement.returns import cost_to_acquire
from telewave.platform.languages import LANGUAGES, render


def campaign(took, cost, n=2_000, margin=100.0, expected=50.0):
    """`took`: how many of the assigned and of the held out, `n` each, ordered."""
    held = np.repeat([False, True], n)
    ordered = np.full(2 * n, NOT_YET)
    ordered[: took[0]] = np.arange(took[0]) % 20
    ordered[n : n + took[1]] = np.arange(took[1]) % 20
    drawn = Drawn(held=held, chance=np.full(2 * n, np.nan), ordered=ordered, margin=margin * (ordered >= 0))
    variance = expected_variance(sum(took) / (2 * n), (n, n))
    orders = measured(drawn, (ordered >= 0).astype(float), 30, variance, 1.0)
    draw = Assigned(
        assigned=n, held_out=n, of=Compared.NOT_KEPT, aside=0, beside=0, share=0.5, chance=1, universal=0,
        contaminated=0, unscored=0,
    )  # fmt: skip
    return Measured(
        campaign="spring", title=Label("Spring", "春季"), plan="0", currency="CNY", first=FIRST, last=LAST,
        as_of=LAST, draw=draw, orders=orders, margin=measured(drawn, drawn.margin, 30, variance * margin**2, margin),
        took=took, parts=(), funnel={}, channels=(), unspoken=0, move=Inconclusive(Message("In short")), cost=cost,
        cost_to_acquire=cost_to_acquire(cost, orders), expected=expected, names={},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("took", "cost", "said"),
    [
        ((200, 50), 1_000.0, "Go on: even at the low end"),
        ((200, 50), 12_000.0, "Go on, and keep the holdout"),
        ((200, 50), 50_000.0, "Do not go on as it is"),
        ((55, 50), 1_000.0, "Neither raise nor cut its budget"),
    ],
)
def test_the_decision_follows_from_the_interval_and_the_cost(took, cost, said):
    found = campaign(took, cost)
    assert render(next_words(found)[0], "en").startswith(said)
    for language in LANGUAGES:
        assert all(render(one, language) for one in next_words(found))
    assert len(short_rows(found)) == 6


def test_without_a_comparison_the_next_campaign_is_to_hold_out_some():
    none = Inconclusive(Message("In short"))
    found = replace(campaign((200, 50), 1.0), orders=none, margin=none)
    assert "Hold out a part by lot" in render(next_words(found)[0], "en")
    assert short_rows(found) == []


def test_the_share_to_hold_out_is_the_smallest_with_which_the_plans_orders_would_show():
    share, times = holdout_that_tells(0.02, 40_000, 300)
    assert (0.05 < share < 0.5, times) == (True, 1)
    assert holdout_that_tells(0.02, 40_000, 600)[0] < share
    half, more = holdout_that_tells(0.02, 40_000, 30)
    assert (half, more > 1) == (0.5, True)
    assert holdout_that_tells(0.02, 40_000, 0) is None
