"""Re-planning moves as little as necessary: held against every possible plan of small instances, and its promises in general."""

from datetime import date, timedelta
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telewave.kernel import Label
from telewave.scheduling.replanning import (
    Change,
    DoneLater,
    DoneWithoutDay,
    Progress,
    changes,
    replan,
)
from telewave.scheduling.spacing import NO_DAY, Spacing, Touches, UnequalColumns
from telewave.scheduling.waves import Contacts, Why, date_contacts
from telewave.scheduling.working_days import EVERY_DAY, ChannelCalendar, Phase, Timetable, Workdays

FIRST = date(2026, 9, 28)
NAME = Label("Channel", "渠道")
WEEK = frozenset(range(1, 8))


def on(index):
    return FIRST.toordinal() + index


def timetable(*channels, spans=((0, 5),)):
    """Channels given by their capacities of each day."""
    phases = tuple(Phase(NAME, FIRST + timedelta(a), FIRST + timedelta(b - 1)) for a, b in spans)
    rows = tuple(
        ChannelCalendar(
            name=NAME,
            workdays=EVERY_DAY,
            daily_capacity=0,
            capacity_on={
                FIRST + timedelta(d): n for a, b in spans for d, n in enumerate(capacities) if a <= d < b
            },
        )
        for capacities in channels
    )
    return Timetable(FIRST, FIRST + timedelta(spans[-1][1] - 1), phases, rows)


def contacts(subscriber, value, channel=None, phase=None, household=None):
    n = len(subscriber)
    return Contacts(
        subscriber=np.array(subscriber, np.int32),
        channel=np.array(channel if channel is not None else [0] * n, np.int8),
        phase=np.array(phase if phase is not None else [0] * n, np.int8),
        value=np.array(value, np.float64),
        probability=np.full(n, 0.1),
        household=None if household is None else np.array(household),
    )


def planned(*indices, done=None):
    day = np.array([NO_DAY if index is None else on(index) for index in indices], np.int32)
    return Progress(day, np.zeros(len(day), bool) if done is None else np.array(done, bool))


def indices(result):
    return [None if day == NO_DAY else day - FIRST.toordinal() for day in result.dated.day.tolist()]


def test_a_day_with_fewer_agents_gives_its_least_valuable_to_the_nearest_day_with_room():
    given = contacts(range(4), [4, 3, 2, 1])
    result = replan(given, planned(1, 1, 1, 1), timetable([0, 3, 0, 0, 1]), Spacing(), FIRST)
    assert indices(result) == [1, 1, 1, 4]
    assert result.change.tolist() == [0, 0, 0, Change.FULL]


def test_a_contact_whose_day_passed_is_made_later_and_others_stay():
    given = contacts(range(3), [3, 2, 1])
    result = replan(
        given, planned(0, 1, 2, done=[0, 1, 0]), timetable([1, 1, 1, 1, 1]), Spacing(), FIRST + timedelta(2)
    )
    assert indices(result) == [3, 1, 2]
    assert result.change.tolist() == [Change.PASSED, 0, 0]


def test_a_new_holiday_moves_its_contacts():
    table = Timetable(
        FIRST, FIRST + timedelta(4), (Phase(NAME, FIRST, FIRST + timedelta(4)),),
        (ChannelCalendar(name=NAME, workdays=Workdays(WEEK, holidays=frozenset({FIRST + timedelta(2)})), daily_capacity=2),),
    )  # fmt: skip
    result = replan(contacts([1, 2], [2, 1]), planned(2, 3), table, Spacing(), FIRST)
    assert indices(result)[1] == 3
    assert indices(result)[0] in {1, 3}
    assert result.change.tolist() == [Change.DAY_OFF, 0]


def test_the_contact_with_another_day_to_go_to_moves_even_if_it_is_worth_more():
    # Subscriber 7 was contacted on day 0 and may be contacted again from day 2 on: only the full day 2 has room for it.
    given = contacts([7, 7, 8], [9, 1, 5], channel=[1, 0, 0])
    progress = planned(0, 2, 2, done=[1, 0, 0])
    result = replan(given, progress, timetable([1, 1, 1, 0, 0], [1, 0, 0, 0, 0]), Spacing(2), FIRST)
    assert indices(result) == [0, 2, 1]


def test_when_days_are_lost_the_least_valuable_lose_theirs():
    given = contacts(range(4), [1, 4, 3, 2])
    result = replan(given, planned(0, 1, 2, 3), timetable([0, 0, 0, 0, 2]), Spacing(), FIRST)
    assert indices(result) == [None, 4, 4, None]
    assert result.dated.why.tolist() == [Why.NO_CAPACITY, 0, 0, Why.NO_CAPACITY]
    (count,) = changes(given, planned(0, 1, 2, 3), result)
    assert (count.change, count.contacts, count.undated, count.days_moved) == (Change.FULL, 4, 2, 5)


def test_contacts_no_longer_wanted_make_room_for_those_without_a_day():
    given = contacts(range(3), [3, 1, 2])
    progress = Progress(planned(0, None, None).day, np.zeros(3, bool), np.array([False, True, True]))
    result = replan(given, progress, timetable([1, 0, 0, 0, 0]), Spacing(), FIRST)
    assert indices(result) == [None, None, 0]
    assert result.change.tolist() == [Change.WITHDRAWN, 0, Change.FOUND]
    assert result.dated.why.tolist() == [Why.WITHDRAWN, Why.NO_CAPACITY, 0]


def test_a_touch_made_elsewhere_pushes_the_planned_one_away():
    elsewhere = Touches(np.array([5]), np.array([on(1)]))
    result = replan(
        contacts([5], [1]), planned(2), timetable([1] * 5), Spacing(3), FIRST + timedelta(2), elsewhere
    )
    assert indices(result) == [4]
    assert result.change.tolist() == [Change.TOO_NEAR]


def test_a_phase_that_is_over_says_so():
    table = timetable([1] * 5, spans=((0, 2), (2, 5)))
    result = replan(
        contacts([1, 2], [1, 1], phase=[0, 1]), planned(0, 2), table, Spacing(), FIRST + timedelta(3)
    )
    assert indices(result)[0] is None
    assert result.dated.why.tolist() == [Why.PHASE_OVER, 0]
    assert result.change.tolist() == [Change.PASSED, Change.PASSED]


def test_two_touches_of_a_person_that_must_both_move_stay_apart():
    given = contacts([1, 1], [2, 1])
    result = replan(given, planned(0, 1), timetable([0, 0, 2, 2, 2]), Spacing(2), FIRST)
    assert sorted(indices(result)) == [2, 4]


@pytest.mark.parametrize(
    ("error", "progress"),
    [
        (DoneWithoutDay, planned(None, done=[1])),
        (DoneLater, planned(3, done=[1])),
        (UnequalColumns, planned(0, 1)),
    ],
)
def test_progress_that_cannot_be_is_refused(error, progress):
    with pytest.raises(error):
        replan(contacts([1], [1]), progress, timetable([1] * 5), Spacing(), FIRST + timedelta(1))


def plainly_allowed(given, progress, table, spacing, today, days):
    """Whether the plan `days` (indices or None) breaks no rule."""
    counts = np.zeros(table.capacity.shape, int)
    for i, d in enumerate(days):
        if d is None:
            continue
        if not progress.done[i]:
            a, b = table.phase_spans[given.phase[i]]
            if not (max(a, today) <= d < b and table.working[given.channel[i], d]):
                return False
        counts[given.channel[i], d] += 1
        for j in range(i):
            if days[j] is None or (progress.done[i] and progress.done[j]):
                continue
            if given.subscriber[i] == given.subscriber[j] and abs(d - days[j]) < spacing.days:
                return False
            home = given.household is not None and given.household[i] == given.household[j] >= 0
            if home and abs(d - days[j]) < spacing.household_days:
                return False
    done = np.zeros_like(counts)
    for i in np.flatnonzero(progress.done):
        done[given.channel[i], days[i]] += 1
    return bool((counts <= np.maximum(table.capacity, done)).all())


@st.composite
def small_changes(draw):
    """Up to five planned contacts of different people, some of whom were contacted before, and capacities as they have become."""
    n, m = draw(st.integers(1, 5)), draw(st.integers(0, 3))
    day = [draw(st.integers(0, 4)) for _ in range(n)]
    spacing = Spacing(draw(st.integers(0, 3)))
    today = draw(st.integers(0, 2))
    whose = draw(st.lists(st.integers(0, n - 1), min_size=m, max_size=m, unique=True)) if m <= n else []
    before = [draw(st.integers(0, today)) for _ in whose]
    capacities = [draw(st.lists(st.integers(0, 2), min_size=5, max_size=5)) for _ in range(2)]
    channel = draw(st.lists(st.integers(0, 1), min_size=n + len(whose), max_size=n + len(whose)))
    value = draw(st.lists(st.integers(1, 9), min_size=n, max_size=n, unique=True))
    spans = draw(st.sampled_from([((0, 5),), ((0, 3), (3, 5))]))
    phase = [next(p for p, (a, b) in enumerate(spans) if a <= d < b) for d in day + before]
    given = contacts([*range(n), *whose], value + [1] * len(whose), channel, phase)
    return (
        given,
        planned(*day, *before, done=[0] * n + [1] * len(whose)),
        timetable(*capacities, spans=spans),
        spacing,
        today,
    )


def cost(given, progress, days):
    """In the documented order: moved, without a day, their value, days moved."""
    old = [None if d == NO_DAY else d - FIRST.toordinal() for d in progress.day.tolist()]
    pairs = [(a, b, v) for a, b, v in zip(old, days, given.value.tolist(), strict=True) if a is not None]
    return (
        sum(a != b for a, b, _ in pairs),
        sum(b is None for _, b, _ in pairs),
        sum(v for _, b, v in pairs if b is None),
        sum(abs(a - b) for a, b, _ in pairs if b is not None),
    )


@given(small_changes())
@settings(max_examples=120)
def test_no_possible_plan_moves_less(case):
    given, progress, table, spacing, today = case
    result = indices(replan(given, progress, table, spacing, FIRST + timedelta(today)))
    old = progress.day - FIRST.toordinal()
    assert plainly_allowed(given, progress, table, spacing, today, result)
    mine = cost(given, progress, result)
    choices = [[int(d)] if done else [None, *range(5)] for d, done in zip(old, progress.done, strict=True)]
    for days in product(*choices):
        if cost(given, progress, days) < mine:
            assert not plainly_allowed(given, progress, table, spacing, today, days), days


@st.composite
def plans(draw):
    """A plan made by the rule of waves, with several contacts a person, some without a day."""
    n = draw(st.integers(0, 16))
    few = lambda top: draw(st.lists(st.integers(0, top), min_size=n, max_size=n))  # noqa: E731
    given = contacts(few(6), few(4), few(1), few(1), [h - 2 for h in few(4)])
    spans = ((0, 4), (4, 8))
    capacities = [draw(st.lists(st.integers(0, 2), min_size=8, max_size=8)) for _ in range(2)]
    spacing = Spacing(draw(st.integers(0, 3)), draw(st.integers(0, 1)))
    day = date_contacts(given, timetable(*capacities, spans=spans), spacing).day
    return given, day, capacities, spans, spacing


def done_before(day, today):
    return (day != NO_DAY) & (day < on(today))


@given(plans(), st.integers(0, 8))
@settings(max_examples=100)
def test_without_a_change_nothing_moves(plan, today):
    given, day, capacities, spans, spacing = plan
    progress = Progress(day, done_before(day, today))
    result = replan(given, progress, timetable(*capacities, spans=spans), spacing, FIRST + timedelta(today))
    assert result.dated.day.tolist() == day.tolist()
    assert not result.change.any()


@given(plans(), st.integers(0, 8), st.lists(st.integers(0, 2), min_size=16, max_size=16))
@settings(max_examples=100)
def test_more_capacity_moves_only_what_had_no_day(plan, today, more):
    given, day, capacities, spans, spacing = plan
    grown = (np.array(capacities) + np.array(more).reshape(2, 8)).tolist()
    progress = Progress(day, done_before(day, today))
    result = replan(given, progress, timetable(*grown, spans=spans), spacing, FIRST + timedelta(today))
    assert (result.dated.day == day)[day != NO_DAY].all()
    assert set(result.change.tolist()) <= {Change.NONE, Change.FOUND}


@given(plans(), st.integers(0, 8), st.data())
@settings(max_examples=150)
def test_whatever_changes_the_done_is_kept_and_no_rule_is_broken(plan, today, data):
    given, day, _, spans, spacing = plan
    n = len(given)
    flags = lambda: np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)), bool)  # noqa: E731
    capacities = [data.draw(st.lists(st.integers(0, 2), min_size=8, max_size=8)) for _ in range(2)]
    table = timetable(*capacities, spans=spans)
    progress = Progress(day, done_before(day, today) & flags(), flags() | flags())
    wider = Spacing(spacing.days + data.draw(st.integers(0, 1)), spacing.household_days)
    result = replan(given, progress, table, wider, FIRST + timedelta(today))
    new = result.dated.day
    assert (new == day)[progress.done].all()
    assert (new[~progress.done & (new != NO_DAY)] >= on(today)).all()
    assert (new[~progress.done & ~progress.wanted] == NO_DAY).all()
    assert plainly_allowed(given, progress, table, wider, today, indices(result))
    assert ((new == NO_DAY) == (result.dated.why != Why.DATED)).all()
    moved = (new != day) & (day != NO_DAY)
    assert (result.change[moved] != Change.NONE).all()
    still = (new == day) & (result.change != Change.NONE)
    assert (result.change[still] == Change.WITHDRAWN).all()  # had no day, and is not wanted


@given(plans(), st.lists(st.integers(0, 2), min_size=16, max_size=16))
@settings(max_examples=100)
def test_exactly_as_many_leave_a_day_as_are_too_many(plan, capacities):
    given, day, _, spans, spacing = plan
    table = timetable(*np.array(capacities).reshape(2, 8).tolist(), spans=spans)
    result = replan(given, Progress(day, np.zeros(len(day), bool)), table, spacing, FIRST)
    counts = np.zeros((2, 8), int)
    for c, d in zip(given.channel, day, strict=True):
        if d != NO_DAY:
            counts[c, d - FIRST.toordinal()] += 1
    moved = (result.dated.day != day) & (day != NO_DAY)
    assert moved.sum() == np.maximum(counts - table.capacity, 0).sum()
