"""The states of a contact, their ways, what replies mean, quiet hours and caps: pure rules, against their meaning written down a second time."""

from datetime import date
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telewave.contacts.ledger import (
    PLAIN,
    Answer,
    Answered,
    Attempt,
    Close,
    Closed,
    ContactNotPossible,
    Deliver,
    Delivered,
    Disposition,
    Planned,
    Release,
    Released,
    Standing,
    TimeOut,
    Unknown,
    Withdraw,
    Withdrawn,
    disposition_of,
    reason_of,
    standing_of,
    state_read,
    take,
)
from telewave.contacts.policy import Cap, Policy, PolicyBroken, QuietHours, policy_read, policy_text
from telewave.contacts.resting import NOTHING, Touches, capped
from telewave.contacts.stop_words import asks_to_stop

STATES = [
    *PLAIN.values(),
    *map(Answered, Disposition),
    Closed(None),
    *map(Closed, Disposition),
    Withdrawn("opted_out"),
]
FACTS = [Deliver(), TimeOut(), Withdraw("opted_out"), *map(Answer, Disposition)]


@pytest.mark.parametrize("state", STATES, ids=str)
def test_what_has_happened_is_taken_down_in_every_state_and_a_row_keeps_it(state):
    for event in FACTS:
        after = take(state, event)
        assert state_read(standing_of(after), disposition_of(after), reason_of(after)) == after
        assert take(after, event) == after  # told twice is told once


def test_only_what_is_planned_is_released_and_only_what_is_released_is_attempted():
    for event, only in ((Release(), Planned()), (Attempt(), Released())):
        assert take(only, event) != only
        for state in STATES:
            if state != only:
                with pytest.raises(ContactNotPossible):
                    take(state, event)


def test_nothing_leads_back_to_planned_or_released():
    for state in STATES:
        for event in FACTS:
            after = take(state, event)
            assert after == state or standing_of(after) not in (Standing.PLANNED, Standing.RELEASED)


def test_time_without_a_result_is_unknown_and_a_late_receipt_settles_it():
    unknown = take(Released(), TimeOut())
    assert unknown == Unknown()
    assert take(unknown, Deliver()) == Delivered()
    with pytest.raises(ContactNotPossible):
        take(unknown, Release())
    assert take(take(unknown, Close()), Answer(Disposition.ORDERED)) == Closed(Disposition.ORDERED)


def test_what_is_out_is_not_called_back_but_a_withdrawn_contact_that_was_made_counts():
    assert take(Released(), Withdraw("opted_out")) == Withdrawn("opted_out")
    assert take(Delivered(), Withdraw("opted_out")) == Delivered()
    assert take(Withdrawn("opted_out"), Answer(Disposition.REFUSED)) == Answered(Disposition.REFUSED)


@given(st.lists(st.sampled_from(list(Disposition)), min_size=1, max_size=4))
def test_in_whatever_order_results_come_the_strongest_stays_and_do_not_contact_absorbs_all(told):
    ends = set()
    for order in permutations(told):
        state = Released()
        for one in order:
            state = take(state, Answer(one))
        ends.add(state)
    assert len(ends) == 1
    if Disposition.DO_NOT_CONTACT in told:
        assert ends == {Answered(Disposition.DO_NOT_CONTACT)}


@pytest.mark.parametrize(
    ("text", "stops"),
    [
        ("Stop. Thank you", True), ("STOP 12345", True), ("t", True), ("ＴＤ", True), ("退订", True), ("请不要停", False),
        ("Stopover in Beijing?", False), ("I want it", False), ("不退订", False), ("请退订，谢谢", True), ("", False),
    ],
)  # fmt: skip
def test_a_reply_stops_or_does_not(text, stops):
    assert asks_to_stop(text) is stops


def test_quiet_hours_go_over_midnight():
    night, morning = Policy(quiet=(QuietHours(21 * 60, 7 * 60),)), Policy(quiet=(QuietHours(0, 8 * 60),))
    assert night.in_quiet_hours(np.array([30, 7 * 60, 20 * 60 + 59, 21 * 60])).tolist() == [
        True,
        False,
        False,
        True,
    ]
    assert morning.in_quiet_hours(np.array([21 * 60, 0, 479, 480])).tolist() == [False, True, True, False]


@pytest.mark.parametrize(
    "text",
    [
        "", "{}", '{"caps": [], "quiet": [[1559, 420]], "pauses": {}}', '{"caps": [[1]], "quiet": [], "pauses": {}}',
        '{"caps": [], "quiet": [], "pauses": {"unheard": 3}}',
    ],
)  # fmt: skip
def test_a_policy_that_cannot_be_understood_lets_nobody_through(text):
    with pytest.raises(PolicyBroken):
        policy_read(3, text)


def test_a_policy_is_kept_as_it_is():
    policy = Policy(
        version=2, caps=(Cap(2, 7),), quiet=(QuietHours(1260, 540),), pauses={Disposition.REFUSED: 30}
    )
    assert policy_read(2, policy_text(policy)) == policy


@given(
    st.integers(0, 3), st.integers(1, 5),
    st.lists(st.tuples(st.integers(0, 2), st.integers(-6, 6)), max_size=8),
)  # fmt: skip
def test_a_cap_holds_in_every_stretch_of_days(most, days, out):
    day = date(2026, 7, 8)
    subscribers = np.array([7, 8, 7])
    place, offsets = np.array(out, np.int64).reshape(-1, 2).T
    told = Touches(
        place=place, day=day.toordinal() + offsets, number=np.ones_like(place), disposition=np.full(len(out), None)
    )  # fmt: skip
    over = capped(Policy(caps=(Cap(most, days),)), day, subscribers, told, NOTHING)
    for row in range(3):
        offsets = [offset for place, offset in out if place == row] + [0] + [0] * (row == 2)
        fullest = max(
            sum(first <= offset < first + days for offset in offsets) for first in range(1 - days, 1)
        )
        assert over[row] == (fullest > most)
