"""What attempts take of agents' time, and what agents' time allows of attempts."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telewave.scheduling.agent_time import AgentTime, UnusableAgentTime

minutes = st.floats(0.1, 30)


@given(minutes, minutes, minutes, st.floats(0.5, 24), st.floats(0, 500), st.floats(0, 1))
def test_attempts_fit_into_the_agents_day_and_one_more_does_not(talk, after, short, hours, agents, reached):
    time = AgentTime(talk=talk, after_call=after, not_reached=short, hours_a_day=hours)
    made, room = time.attempts(agents, reached), agents * hours * 60
    each = reached * (talk + after) + (1 - reached) * short
    assert made * each <= room + 1e-6 * max(1.0, each)
    assert (made + 1) * each >= room - 1e-6 * max(1.0, each)


@pytest.mark.parametrize(
    "wrong", [{"hours_a_day": 0}, {"hours_a_day": 25}, {"not_reached": 0}, {"talk": 0, "after_call": 0}]
)
def test_a_day_that_cannot_be_worked_is_refused(wrong):
    with pytest.raises(UnusableAgentTime):
        AgentTime(**wrong)


def test_a_share_of_the_agents_is_as_quick_as_all():
    whole = AgentTime(agents=100, agents_on={date(2026, 7, 3): 50})
    part = whole.times(0.01)
    assert (part.agents, part.agents_on[date(2026, 7, 3)]) == (1.0, 0.5)
    assert part.minutes(10, 4) == whole.minutes(10, 4)
    assert AgentTime().times(0.01) == AgentTime()
