"""What a training did: the trained beside the others, before its day and from that day on. Pure.

Within each target group and each of the two times, the others' successes over what the plan expects of their people is
the level, which carries seasons and offers; the trained are expected to have as much of theirs. With S successes, E
expected ones of the trained, and O successes of the others, before (1) and after (2),

    change = (S2 / E2) / (S1 / E1),   log change +- z sqrt(1/S1 + 1/S2 + 1/O1 + 1/O2)

which is a difference of differences in logarithms. Whoever was chosen for having been low rises in part by himself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from telewave.kernel import Estimate, Inconclusive, Message
from telewave.kernel.intervals import Z95
from telewave.outbound.agents import Array, Calls

FEWEST = 10
"""Successes of the trained, and of the others, before and after, below which nothing is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """The trained in one of the two times: calls `reached`, `successes`, and those `expected` at the others' level;
    `others`: successes of the others in the same groups.
    """

    reached: int
    successes: int
    expected: float
    others: int

    @property
    def ratio(self) -> float | None:
        """Successes of the expected; None: nothing is expected."""
        return self.successes / self.expected if self.expected > 0 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """Before and after, and how many times as successful the trained became, against the others."""

    before: Term
    after: Term
    change: Estimate | Inconclusive


def trained(calls: Calls, agents: Array, day: int) -> Trained:
    """Compare. `agents`: whether each number of an agent was trained; `day`: the first that counts as after."""
    mine = agents[calls.agent]
    before, after = (_term(calls, mine, when) for when in (calls.day < day, calls.day >= day))
    return Trained(before=before, after=after, change=_change(before, after))


def _term(calls: Calls, mine: Array, when: Array) -> Term:
    groups = int(calls.group.max(initial=-1)) + 1

    def by_group(which: Array, weights: Array) -> Array:
        return np.bincount(calls.group[which], weights=weights[which].astype(float), minlength=groups)

    theirs = when & ~mine
    won, hoped = by_group(theirs, calls.success), by_group(theirs, calls.expected)
    known = hoped > 0
    level = np.where(known, won / np.where(known, hoped, 1.0), 0.0)
    counted = when & mine & known[calls.group]
    called = np.bincount(calls.group[counted], minlength=groups) > 0
    return Term(
        reached=int(counted.sum()),
        successes=int(calls.success[counted].sum()),
        expected=float((calls.expected[counted] * level[calls.group[counted]]).sum()),
        others=int(won[called].sum()),
    )


def _change(before: Term, after: Term) -> Estimate | Inconclusive:
    seen = (before.successes, after.successes, before.others, after.others)
    if min(seen) < FEWEST or before.ratio is None or after.ratio is None:
        return Inconclusive(
            Message(
                "Too few successes to tell: {trained} of the trained and {others} of the others on the smaller side, "
                "and at least {fewest} of each are needed before and after. Ask again later.",
                trained=min(seen[:2]),
                others=min(seen[2:]),
                fewest=FEWEST,
            )
        )
    value = after.ratio / before.ratio
    spread = math.exp(Z95 * math.sqrt(sum(1 / one for one in seen)))
    return Estimate(value=value, low=value / spread, high=value * spread, n=sum(seen), method="log ratio")
