"""No history goes back in time: a clock a little behind is put up with, a clock of another day is told."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from telewave.kernel import Message
from telewave.kernel.history import ClockBehind, not_before

NAME = Message("the campaign {name}", name="spring")
SHANGHAI = timezone(timedelta(hours=8))
NOW = datetime(2026, 7, 2, 8, tzinfo=SHANGHAI)


def test_a_first_entry_and_a_later_one_are_of_now():
    assert not_before(None, NOW, NAME) == NOW
    assert not_before(NOW - timedelta(days=3), NOW, NAME) == NOW


def test_a_clock_that_is_behind_on_the_same_day_does_not_turn_the_order_round():
    last = datetime(2026, 7, 2, 0, 20, tzinfo=UTC)  # 8:20 on the operator's wall
    assert not_before(last, NOW, NAME) == last


def test_an_entry_of_an_earlier_day_of_the_operators_is_refused_with_both_times():
    last = datetime(2026, 7, 2, 16, tzinfo=UTC)  # the third of July on the operator's wall
    with pytest.raises(
        ClockBehind,
        match="2026-07-02 08:00, and the last entry of the campaign spring is of 2026-07-03 00:00",
    ):
        not_before(last, NOW, NAME)
