"""What a channel's agents can do in a day, as attempts: whole ones, by how many are reached. Pure."""

from __future__ import annotations

from dataclasses import replace

from telewave.briefs.channel_steps import assumed_steps
from telewave.briefs.model import ChannelUse
from telewave.scheduling.agent_time import AgentTime


def as_agents_allow(use: ChannelUse) -> ChannelUse:
    """The channel with the attempts a day that its agents' time allows; as it is where that is said in attempts.

    Counted by the chance of the group that is reached most, who take most time: no mixture of people overruns it.
    """
    if use.agents is None or use.agents.agents is None:
        return use
    agents, share = use.agents, share_reached(use)
    days = {day: agents.attempts(some, share) for day, some in agents.agents_on.items()}
    capacity = max(1, agents.attempts(use.agents.agents, share)) if use.agents.agents else 0
    return replace(use, calendar=replace(use.calendar, daily_capacity=capacity, capacity_on=days))


def share_reached(use: ChannelUse) -> float:
    """Of attempts through a channel with agents, those that are answered at most."""
    steps = use.steps or assumed_steps(use.records or use.id)
    return steps.reached.likeliest


def attempts_an_agent_day(use: ChannelUse, agents: AgentTime) -> int:
    """Attempts that one agent-day allows."""
    return agents.attempts(1.0, share_reached(use))
