"""Simulated campaigns of agents whose lists differ: the plan's chances are right in proportion within a group, and wrong in level."""

import numpy as np

from telewave.outbound.agents import Calls

AGENTS, A_DAY = 20, 40
LEVELS = np.array([0.2, 0.08, 0.02])
"""Chance of the reached in core, normal and basic."""
BELIEVED = np.array([0.5, 1.0, 2.0])
"""What the plan believes of each group, in proportion to what is so."""


def campaign(seed, low=(), days=60, ratio=0.5):
    """Calls of 20 agents, 40 answered a day each; who is `low` has `ratio` of the others' chance."""
    draw = np.random.default_rng(seed)
    n = AGENTS * days * A_DAY
    agent, day = (
        np.tile(np.repeat(np.arange(AGENTS), A_DAY), days),
        np.repeat(np.arange(days), AGENTS * A_DAY),
    )
    lists = np.cumsum(draw.dirichlet([1.5, 1.5, 1.5], AGENTS), axis=1)
    group = (draw.random(n)[:, None] > lists[agent]).sum(axis=1).clip(0, 2)
    chance = LEVELS[group] * np.exp(draw.normal(-0.08, 0.4, n))
    good = np.ones(AGENTS)
    good[list(low)] = ratio
    success = draw.random(n) < np.minimum(0.9, chance * good[agent])
    return Calls(agent=agent, day=day, group=group, expected=chance * BELIEVED[group], success=success)


def raw_ranking(calls, many):
    """For each day, the agents with the fewest successes until then, all with as many calls: shape (many, days)."""
    won = np.zeros((AGENTS, calls.day.max() + 1))
    np.add.at(won, (calls.agent, calls.day), calls.success)
    return np.argsort(np.cumsum(won, axis=1), axis=0, kind="stable")[:many]
