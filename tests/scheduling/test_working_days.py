"""When a channel works: weekdays, holidays, make-up days, quiet hours, phases, capacities, and what is refused."""

from datetime import date, time, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telewave.kernel import Label
from telewave.scheduling.working_days import (
    EVERY_DAY,
    UNLIMITED,
    CampaignDaysReversed,
    CapacityOnDayOff,
    CapacityOutsideCampaign,
    ChannelCalendar,
    HolidayAndWorkingDay,
    Hours,
    NegativeCapacity,
    NoContactHours,
    NoPhase,
    NoWorkingDay,
    Phase,
    PhaseDaysReversed,
    PhaseOutsideCampaign,
    PhasesOverlap,
    SendingInQuietHours,
    Timetable,
    UnknownWeekday,
    Workdays,
)

CALL = Label("Outbound call", "外呼")
ONE, TWO = Label("Phase 1", "第一阶段"), Label("Phase 2", "第二阶段")
MONDAY = date(2026, 9, 28)


def calls(**changes):
    return ChannelCalendar(**{"name": CALL, "workdays": Workdays(), "daily_capacity": 100, **changes})


def table(*channels, first=MONDAY, days=14, phases=None):
    last = first + timedelta(days=days - 1)
    return Timetable(first, last, phases or (Phase(ONE, first, last),), channels)


def test_the_national_holiday_is_not_worked_and_its_make_up_saturday_is():
    workdays = Workdays(
        holidays=frozenset(date(2026, 10, day) for day in range(1, 8)),
        make_up_days=frozenset({date(2026, 10, 10)}),
    )
    worked = [day for day in range(14) if workdays.works(MONDAY + timedelta(days=day))]
    assert worked == [0, 1, 2, 10, 11, 12]
    capacity = table(calls(workdays=workdays)).capacity
    assert np.flatnonzero(capacity[0]).tolist() == worked
    assert set(capacity[0].tolist()) == {0, 100}


def test_a_day_with_fewer_agents_has_its_own_capacity():
    capacity = table(calls(capacity_on={MONDAY + timedelta(days=1): 30})).capacity
    assert capacity[0, :3].tolist() == [100, 30, 100]


def test_a_channel_without_limit_works_on_its_days_only():
    capacity = table(calls(daily_capacity=None)).capacity
    assert capacity[0, 4:7].tolist() == [UNLIMITED, 0, 0]


def test_a_channel_has_no_capacity_in_phases_it_is_not_used_in_nor_between_phases():
    phases = (
        Phase(ONE, MONDAY, MONDAY + timedelta(days=2)),
        Phase(TWO, MONDAY + timedelta(days=5), MONDAY + timedelta(days=9)),
    )
    made = table(calls(workdays=EVERY_DAY), calls(workdays=EVERY_DAY, phases=frozenset({1})), phases=phases)
    assert made.phase_of_day.tolist() == [0, 0, 0, -1, -1, 1, 1, 1, 1, 1, -1, -1, -1, -1]
    assert (made.capacity[0] > 0).tolist() == (made.phase_of_day >= 0).tolist()
    assert (made.capacity[1] > 0).tolist() == (made.phase_of_day == 1).tolist()


def test_contacts_are_spread_over_what_quiet_hours_leave():
    lunch = Hours(time(12), time(14))
    channel = calls(quiet=(Hours(time(21), time(9)), lunch))
    assert channel.sending_minutes().tolist() == [*range(540, 720), *range(840, 1260)]
    assert len(calls(quiet=()).sending_minutes()) == 1440


def test_sending_hours_narrow_the_contact_hours():
    minutes = calls(sending=(Hours(time(10), time(11)),)).sending_minutes()
    assert minutes.tolist() == list(range(600, 660))


hours = st.builds(Hours, st.times(), st.times())


@given(st.lists(hours, max_size=3))
@settings(max_examples=60)
def test_every_minute_is_either_quiet_or_a_contact_minute(quiet):
    def within(minute, span):
        start, end = (t.hour * 60 + t.minute for t in (span.start, span.end))
        return start <= minute < end if start < end else minute >= start or minute < end

    expected = [m for m in range(1440) if not any(within(m, span) for span in quiet)]
    if not expected:
        with pytest.raises(NoContactHours):
            calls(quiet=tuple(quiet))
        return
    channel = calls(quiet=tuple(quiet))
    assert channel.sending_minutes().tolist() == expected


@pytest.mark.parametrize(
    ("error", "make", "words"),
    [
        (PhaseDaysReversed, lambda: Phase(ONE, MONDAY, MONDAY - timedelta(days=1)), "Exchange"),
        (CampaignDaysReversed, lambda: table(calls(), days=0, phases=(Phase(ONE, MONDAY, MONDAY),)), "ends on 2026-09-27"),
        (NoPhase, lambda: Timetable(MONDAY, MONDAY, (), (calls(),)), "at least one phase"),
        (
            PhaseOutsideCampaign,
            lambda: table(calls(), phases=(Phase(ONE, MONDAY, MONDAY + timedelta(days=14)),)),
            "2026-10-12",
        ),
        (
            PhasesOverlap,
            lambda: table(calls(), phases=(Phase(TWO, MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)), Phase(ONE, MONDAY, MONDAY + timedelta(days=1)))),
            "Phase 1 and Phase 2 both hold 2026-09-29",
        ),
        (UnknownWeekday, lambda: Workdays(frozenset({0})), "no weekday 0"),
        (HolidayAndWorkingDay, lambda: Workdays(holidays=frozenset({MONDAY}), make_up_days=frozenset({MONDAY})), "2026-09-28"),
        (NoWorkingDay, lambda: table(calls(), first=date(2026, 10, 3), days=2), "Outbound call has no working day in the phase Phase 1"),
        (NegativeCapacity, lambda: calls(daily_capacity=-1), "-1 contacts"),
        (NegativeCapacity, lambda: calls(capacity_on={MONDAY: -2}), "-2 contacts"),
        (CapacityOnDayOff, lambda: calls(capacity_on={date(2026, 10, 3): 5}), "2026-10-03"),
        (CapacityOutsideCampaign, lambda: table(calls(capacity_on={date(2025, 9, 29): 5})), "2025-09-29"),
        (SendingInQuietHours, lambda: calls(sending=(Hours(time(8, 30), time(10)),)), "30 minutes"),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused_with_place_and_remedy(error, make, words):
    with pytest.raises(error) as refused:
        make()
    assert words in str(refused.value)


def test_no_contacts_may_be_written_down_for_a_day_off():
    assert calls(capacity_on={date(2026, 10, 3): 0}).capacity(date(2026, 10, 3)) == 0


def test_a_channel_used_in_one_phase_needs_no_working_day_in_the_other():
    weekend = Phase(TWO, date(2026, 10, 3), date(2026, 10, 4))
    made = table(calls(phases=frozenset({0})), phases=(Phase(ONE, MONDAY, MONDAY), weekend))
    assert made.capacity.sum() == 100
