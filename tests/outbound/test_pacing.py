"""Lines dialled ahead: the share of abandoned calls stays within its limit, and agents talk more than with preview."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from tests.proving import some_of

from telewave.outbound.pacing import LIMIT, RESERVE, Floor, Mode, Tally, UnusablePace, lines_to_dial
from telewave.outbound.pacing_trial import Shift, shift_done

SHIFTS = [
    Shift(agents=8, rate=0.3, handling=120, hours=6),
    Shift(agents=20, rate=0.15, handling=180, hours=6),
    Shift(agents=20, rate=0.5, handling=180, hours=6),
    Shift(agents=5, rate=0.2, handling=240, hours=8),
]


def abandoned(shift, seeds):
    return [shift_done(shift, Mode.PREDICTIVE, np.random.default_rng(seed)).abandoned_share for seed in seeds]


@pytest.mark.parametrize("shift", some_of(SHIFTS, 1))
def test_abandoned_calls_stay_within_the_limit_and_agents_talk_more_than_with_preview(shift):
    ahead, sure, looked = (shift_done(shift, mode, np.random.default_rng(1)) for mode in reversed(Mode))
    assert ahead.abandoned_share <= LIMIT
    assert (sure.abandoned, looked.abandoned) == (0, 0)
    assert ahead.occupancy > 1.15 * looked.occupancy
    assert ahead.occupancy > sure.occupancy > looked.occupancy


@pytest.mark.prove
@pytest.mark.parametrize("shift", SHIFTS)
def test_over_many_days_none_has_more_abandoned_calls_than_allowed(shift):
    assert max(abandoned(shift, range(50))) <= LIMIT


@given(
    free=st.integers(0, 12), busy=st.integers(0, 12), ringing=st.integers(0, 30),
    dialled=st.integers(0, 2_000), rate=st.floats(0.05, 0.9), lost=st.integers(0, 40),
)  # fmt: skip
def test_what_is_dialled_keeps_the_day_within_the_limit_on_average(free, busy, ringing, dialled, rate, lost):
    floor = Floor(free=free, busy=busy, ringing=ringing, handling=180, ring=20)
    answered = int(dialled * rate)
    so_far = Tally(dialled, answered, min(lost, answered))
    lines = lines_to_dial(floor, so_far)
    assert lines >= max(0, free - ringing)
    if lines > max(0, free - ringing):
        n, p, ends = ringing + lines, so_far.highest_rate, 1 - np.exp(-20 / 180)
        x, more = np.arange(n + 1), np.arange(busy + 1)
        over = np.maximum(x[:, None] - free - more, 0)
        expected = stats.binom.pmf(x, n, p) @ over @ stats.binom.pmf(more, busy, ends)
        assert so_far.abandoned + RESERVE + expected <= LIMIT * (answered + n * p) + 1e-9


def test_nothing_is_dialled_ahead_before_it_can_be_afforded_and_the_less_the_more_answer():
    floor = Floor(free=5, busy=15, ringing=0, handling=180, ring=20)
    assert lines_to_dial(floor, Tally()) == 5
    assert lines_to_dial(floor, Tally(1000, 300, 9)) == 5
    by_rate = [lines_to_dial(floor, Tally(1000, answered, 0)) for answered in (200, 300, 500, 900)]
    assert by_rate == sorted(by_rate, reverse=True)
    assert by_rate[0] > 2 * by_rate[-1]
    assert lines_to_dial(floor, Tally(1000, 300, 0), Mode.PROGRESSIVE) == 5
    assert lines_to_dial(floor, Tally(1000, 300, 0), limit=0.0) == 5


def test_few_lines_known_are_dialled_as_if_more_would_answer():
    floor = Floor(free=5, busy=15, ringing=0, handling=180, ring=20)
    assert lines_to_dial(floor, Tally(600, 180, 0)) < lines_to_dial(floor, Tally(60_000, 18_000, 534))


def test_what_cannot_be_is_refused():
    for wrong in ({"free": -1}, {"handling": 0}, {"ring": -1}):
        with pytest.raises(UnusablePace):
            Floor(**{"free": 1, "busy": 1, "ringing": 0, "handling": 180, "ring": 20} | wrong)
    with pytest.raises(UnusablePace):
        Shift(agents=0, rate=0.3, handling=180)
    with pytest.raises(UnusablePace):
        lines_to_dial(Floor(free=1, busy=1, ringing=0, handling=9, ring=9), Tally(), limit=2)
