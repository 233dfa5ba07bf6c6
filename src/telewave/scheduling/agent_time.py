"""What attempts take of agents' time, and how many attempts a day of agents allows. Pure.

    minutes of an attempt = reached * (talk + after_call) + (1 - reached) * not_reached

with `reached` the chance that an attempt is answered. An agent who is not reached by anybody is quick, one who talks
is slow: the same agents make fewer attempts at people who answer. The defaults are assumptions, no operator's records:
half reached, they come to 3 minutes an attempt and 120 attempts in a day of 6 productive hours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType

from telewave.kernel import Malformed

MOST_HOURS = 24


class UnusableAgentTime(Malformed):
    """Agents cannot work {hours:g} hours a day with {talk:g} minutes of talk, {after_call:g} after a call and
    {not_reached:g} for who is not reached. Give more than 0 and at most 24 hours, and more than 0 minutes for calls
    answered and not answered.
    """

    code = "unusable_agent_time"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentTime:
    """Minutes: `talk` with who is reached, `after_call` to note what became of it, `not_reached` of who is not.

    `hours_a_day`: at work on calls, of one agent. `agents`: on a working day, fractions allowed; None: it is said in
    attempts how much the channel can do. `agents_on`: other numbers on single days. Raises `UnusableAgentTime`.
    """

    talk: float = 4.0
    after_call: float = 1.0
    not_reached: float = 1.0
    hours_a_day: float = 6.0
    agents: float | None = None
    agents_on: Mapping[date, float] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        if not 0 < self.hours_a_day <= MOST_HOURS or min(self.talk + self.after_call, self.not_reached) <= 0:
            raise UnusableAgentTime(
                hours=self.hours_a_day,
                talk=self.talk,
                after_call=self.after_call,
                not_reached=self.not_reached,
            )

    @property
    def day_minutes(self) -> float:
        """Minutes of one agent-day."""
        return 60 * self.hours_a_day

    def times(self, share: float) -> AgentTime:
        """With so many times the agents, each as quick as before."""
        if self.agents is None:
            return self
        days = {day: agents * share for day, agents in self.agents_on.items()}
        return replace(self, agents=self.agents * share, agents_on=days)

    def minutes(self, attempts: float, reached: float) -> float:
        """Of `attempts`, of which `reached` are answered.

        >>> AgentTime().minutes(120, 60)
        360.0
        """
        return reached * (self.talk + self.after_call) + (attempts - reached) * self.not_reached

    def attempts(self, agents: float, share_reached: float) -> int:
        """Whole attempts that so many agents can make in a day.

        >>> AgentTime().attempts(2.5, 0.5), AgentTime().attempts(2.5, 0.6)
        (300, 264)
        """
        return int(agents / self.days(1.0, share_reached) + 1e-9)

    def days(self, attempts: float, share_reached: float) -> float:
        """Agent-days that so many attempts take, the other way round.

        >>> AgentTime().days(300, 0.5)
        2.5
        """
        return attempts * self.minutes(1.0, share_reached) / self.day_minutes
