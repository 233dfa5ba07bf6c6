"""What a channel's agents can do in a day, as attempts, and what attempts take of their time. Pure.

One rule both ways: an attempt takes the minutes that it takes at the group that is reached most, who take most time. So
no mixture of people overruns the agents, and whoever tells agents' time tells the time that the plan sets aside.
"""

from __future__ import annotations

from dataclasses import replace

from telewave.briefs.channel_steps import assumed_steps
from telewave.briefs.model import ChannelUse


def as_agents_allow(use: ChannelUse) -> ChannelUse:
    """The channel with the attempts a day that its agents' time allows; as it is where that is said in attempts.

    Whole attempts a day.
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


def agent_days(use: ChannelUse, attempts: float) -> float | None:
    """Agent-days to set aside for so many attempts; None: the channel has no agents."""
    return None if use.agents is None else use.agents.days(attempts, share_reached(use))
