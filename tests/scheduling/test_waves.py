"""Contacts are dated by value, within capacity, on working days, with touches kept apart; compared with a plain loop."""

from dataclasses import replace
from datetime import date, time, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telewave.experiments.holdout import GOLDEN, NegativeSubscriber, mix
from telewave.kernel import Label
from telewave.scheduling.spacing import (
    NO_DAY,
    NegativeSpacing,
    Spacing,
    TooManyTouches,
    Touches,
    UnequalColumns,
)
from telewave.scheduling.waves import (
    Contacts,
    ProbabilityBeyondBounds,
    UnknownNumber,
    UnusableValue,
    Why,
    date_contacts,
    send_minutes,
)
from telewave.scheduling.working_days import EVERY_DAY, ChannelCalendar, Hours, Phase, Timetable, Workdays

FIRST = date(2026, 9, 28)
NAME = Label("Channel", "渠道")


def on(index):
    return FIRST.toordinal() + index


def timetable(*capacities, spans=((0, 4),), workdays=EVERY_DAY, **changes):
    """Channels with one capacity each, and phases given by the index of their first day and of the day after the last."""
    phases = tuple(
        Phase(Label(f"Phase {n + 1}", f"阶段{n + 1}"), FIRST + timedelta(a), FIRST + timedelta(b - 1))
        for n, (a, b) in enumerate(spans)
    )
    channels = tuple(
        ChannelCalendar(name=NAME, workdays=workdays, daily_capacity=capacity, **changes)
        for capacity in capacities
    )
    return Timetable(FIRST, FIRST + timedelta(spans[-1][1] - 1), phases, channels)


def contacts(subscriber, value, channel=None, phase=None, **more):
    n = len(subscriber)
    zeros = [0] * n
    return Contacts(
        subscriber=np.array(subscriber, np.int32),
        channel=np.array(channel or zeros, np.int8),
        phase=np.array(phase or zeros, np.int8),
        value=np.array(value, np.float32),
        probability=np.full(n, 0.25, np.float32),
        **{key: np.array(column) for key, column in more.items()},
    )


def indices(dated):
    return [None if day == NO_DAY else day - FIRST.toordinal() for day in dated.day.tolist()]


def test_the_most_valuable_come_first_and_no_day_takes_more_than_it_can():
    dated = date_contacts(contacts(range(5), [1, 5, 3, 4, 2]), timetable(2), Spacing())
    assert indices(dated) == [2, 0, 1, 0, 1]


def test_who_finds_no_room_stays_undated_with_the_reason():
    given = contacts(range(5), [1, 5, 3, 4, 2])
    dated = date_contacts(given, timetable(1), Spacing())
    assert indices(dated) == [None, 0, 2, 1, 3]
    assert dated.why.tolist() == [Why.NO_CAPACITY, 0, 0, 0, 0]


def test_equal_values_are_taken_in_the_order_of_a_hash_of_the_number():
    people = np.arange(100)
    dated = date_contacts(contacts(people, [7] * 100), timetable(25), Spacing())
    by_hash = people[np.argsort(mix(people.astype(np.uint64) + np.uint64(GOLDEN)))]
    assert sorted(np.flatnonzero(dated.day == on(0))) == sorted(by_hash[:25])


def test_nobody_is_contacted_on_a_day_off():
    table = timetable(1, spans=((0, 14),), workdays=Workdays(holidays=frozenset({date(2026, 10, 1)})))
    dated = date_contacts(contacts(range(6), [6, 5, 4, 3, 2, 1]), table, Spacing())
    assert indices(dated) == [0, 1, 2, 4, 7, 8]


def test_the_touch_of_lesser_value_moves_to_the_next_day_that_is_far_enough():
    both = contacts([7, 7], [5, 9], channel=[0, 1], touch=[1, 0])
    assert indices(date_contacts(both, timetable(9, 9), Spacing(3))) == [3, 0]
    assert indices(date_contacts(both, timetable(9, 9), Spacing(0))) == [0, 0]


def test_a_touch_that_no_day_is_far_enough_for_stays_undated():
    both = contacts([7, 7], [5, 9], channel=[0, 1])
    dated = date_contacts(both, timetable(9, 9), Spacing(4))
    assert dated.why.tolist() == [Why.SPACING, Why.DATED]


def test_touches_of_other_campaigns_count_for_spacing():
    elsewhere = Touches(np.array([1, 2]), np.array([on(1), on(-9)]))
    dated = date_contacts(contacts([1, 2], [1, 1]), timetable(9), Spacing(2), elsewhere)
    assert indices(dated) == [3, 0]


def test_a_household_is_not_contacted_twice_within_its_own_spacing():
    given = contacts([1, 2, 3, 4], [4, 3, 2, 1], household=[5, 5, -1, -1])
    assert indices(date_contacts(given, timetable(9), Spacing(3, household_days=2))) == [0, 2, 0, 0]


def test_a_contact_is_dated_in_its_own_phase():
    table = timetable(1, spans=((0, 2), (4, 6)))
    dated = date_contacts(contacts(range(4), [1, 2, 3, 4], phase=[1, 1, 0, 1]), table, Spacing())
    assert indices(dated) == [None, 5, 0, 4]


def test_a_channel_not_used_in_a_phase_says_so():
    table = timetable(1, spans=((0, 2), (2, 4)), phases=frozenset({1}))
    dated = date_contacts(contacts([1, 2], [1, 1], phase=[0, 1]), table, Spacing())
    assert dated.why.tolist() == [Why.NOT_USED, Why.DATED]


def test_the_contacts_of_a_day_are_spread_evenly_over_the_hours():
    given = contacts(range(6), [6, 5, 4, 3, 2, 1])
    table = timetable(4, sending=(Hours(time(9), time(10)), Hours(time(14), time(15))))
    minutes = send_minutes(given, date_contacts(given, table, Spacing()).day, table)
    assert minutes.tolist() == [540, 570, 840, 870, 540, 840]


def test_no_contacts_are_dated_and_sent_at_no_time():
    nobody = contacts([], [])
    dated = date_contacts(nobody, timetable(1), Spacing(3, 2))
    assert dated.day.shape == (0,)
    assert send_minutes(nobody, dated.day, timetable(1)).shape == (0,)


@pytest.mark.parametrize(
    ("error", "make"),
    [
        (UnequalColumns, lambda: contacts([1, 2], [1])),
        (UnequalColumns, lambda: Touches(np.zeros(2, int), np.zeros(1, int))),
        (NegativeSubscriber, lambda: contacts([-1], [1])),
        (UnusableValue, lambda: contacts([1], [np.nan])),
        (ProbabilityBeyondBounds, lambda: replace(contacts([1], [1]), probability=np.array([1.2]))),
        (NegativeSpacing, lambda: Spacing(-1)),
        (NegativeSpacing, lambda: Spacing(1, -1)),
        (UnknownNumber, lambda: date_contacts(contacts([1], [1], channel=[1]), timetable(1), Spacing())),
        (UnknownNumber, lambda: date_contacts(contacts([1], [1], phase=[-1]), timetable(1), Spacing())),
        (TooManyTouches, lambda: date_contacts(contacts(range(1001), [1] * 1001, household=[0] * 1001), timetable(1), Spacing(1, 1))),
    ],
)  # fmt: skip
def test_what_cannot_be_dated_is_refused(error, make):
    with pytest.raises(error):
        make()


@st.composite
def cases(draw):
    """A few contacts of fewer subscribers, so that touches collide, in two channels and two phases."""
    n = draw(st.integers(0, 14))
    few = lambda top: draw(st.lists(st.integers(0, top), min_size=n, max_size=n))  # noqa: E731
    given = contacts(few(5), few(3), few(1), few(1), touch=few(2), household=[h - 1 for h in few(3)])
    table = timetable(
        draw(st.integers(0, 3)), draw(st.integers(0, 2)), spans=((0, 5), (6, 10)), workdays=Workdays()
    )
    spacing = Spacing(draw(st.integers(0, 4)), draw(st.integers(0, 2)))
    m = draw(st.integers(0, 2))
    days = [on(draw(st.integers(-3, 9))) for _ in range(m)]
    people = [draw(st.integers(0, 5)) for _ in range(m)]
    return given, table, spacing, Touches(np.array(people, int), np.array(days, int))


def too_near(given, spacing, one, other, gap):
    same_person = given.subscriber[one] == given.subscriber[other]
    same_home = given.household[one] == given.household[other] >= 0
    return (same_person and gap < spacing.days) or (same_home and gap < spacing.household_days)


def plainly(given, table, spacing, elsewhere):
    """The documented rule, one contact after the other."""
    hashed = [int(mix(np.array([s], np.uint64) + np.uint64(GOLDEN))[0]) for s in given.subscriber.tolist()]
    key = lambda i: (-given.value[i], hashed[i], given.touch[i], given.channel[i], i)  # noqa: E731
    placed = {}
    for i in sorted(range(len(given)), key=key):
        phase, channel = table.phases[given.phase[i]], table.channels[given.channel[i]]
        for day in range(phase.first.toordinal(), phase.last.toordinal() + 1):
            made = sum(d == day and given.channel[j] == given.channel[i] for j, d in placed.items())
            if made >= channel.capacity(date.fromordinal(day)):
                continue
            apart = not any(too_near(given, spacing, i, j, abs(d - day)) for j, d in placed.items())
            abroad = zip(elsewhere.subscriber.tolist(), elsewhere.day.tolist(), strict=True)
            if apart and all(s != given.subscriber[i] or abs(d - day) >= spacing.days for s, d in abroad):
                placed[i] = day
                break
    return [placed.get(i, NO_DAY) for i in range(len(given))]


@given(cases())
@settings(max_examples=150)
def test_the_days_are_those_of_a_plain_loop(case):
    assert date_contacts(*case).day.tolist() == plainly(*case)


@given(cases())
@settings(max_examples=150)
def test_no_rule_is_broken_and_what_is_undated_fits_nowhere(case):
    given, table, spacing, _ = case
    dated = date_contacts(*case)
    counts = np.zeros(table.capacity.shape, int)
    rows = [i for i in range(len(given)) if dated.day[i] != NO_DAY]
    for i in rows:
        day = date.fromordinal(int(dated.day[i]))
        assert table.phases[given.phase[i]].first <= day <= table.phases[given.phase[i]].last
        assert table.channels[given.channel[i]].workdays.works(day)
        counts[given.channel[i], (day - table.first).days] += 1
        assert not any(
            too_near(given, spacing, i, j, abs(int(dated.day[i]) - int(dated.day[j]))) for j in rows if j != i
        )
    assert (counts <= table.capacity).all()
    assert ((dated.day == NO_DAY) == (dated.why != Why.DATED)).all()
    for i in set(range(len(given))) - set(rows):
        a, b = table.phase_spans[given.phase[i]]
        free = [d for d in range(a, b) if counts[given.channel[i], d] < table.capacity[given.channel[i], d]]
        assert dated.why[i] == Why.SPACING or not free


@given(cases())
@settings(max_examples=60)
def test_the_order_of_the_list_does_not_matter(case):
    given, table, spacing, elsewhere = case
    keys = list(
        zip(
            given.subscriber,
            given.channel,
            given.phase,
            given.value,
            given.touch,
            given.household,
            strict=True,
        )
    )
    turned = slice(None, None, -1)
    other = contacts(
        *(getattr(given, c)[turned].tolist() for c in ("subscriber", "value", "channel", "phase")),
        touch=given.touch[turned], household=given.household[turned],
    )  # fmt: skip
    one, two = (
        date_contacts(given, table, spacing, elsewhere),
        date_contacts(other, table, spacing, elsewhere),
    )
    if len({key[:3] + key[4:5] for key in keys}) == len(
        keys
    ):  # no two contacts are alike in all that decides
        assert one.day.tolist() == two.day[turned].tolist()
