"""How many lines to dial now. Pure.

Preview: an agent looks at the contact and dials himself. Progressive: a machine dials one line for each free agent.
Predictive: it dials more, since not all answer; who answers while no agent is free is abandoned.

With f free and b busy agents, X ~ Binomial(n, p) of n ringing lines answer. Meanwhile, in the r seconds in which a line
rings, A = f + Binomial(b, 1 - exp(-r / h)) agents are free at some time, h the mean handling time (exponential). Beside
the day's answered calls S, abandoned ones L and the limit c, n is the most lines with

    L + R + E[(X - A)+] <= c (S + E[X])        and        E[(X - A)+] <= 2 c E[X],

never fewer than one for each free agent. R = 4 calls are charged in advance, since what is abandoned varies around what
is expected; so nothing is dialled ahead before 4 / c calls are answered. p is the upper end of the 95 % interval of the
day's answer rate (Wilson): dialled by the rate itself, every second day would be over, and by its lower end nearly all.

The usual limit is 3 % of the answered calls: 16 CFR 310.4(b)(4)(i), United States, per campaign over 30 days; Ofcom's
policy on persistent misuse (2016), United Kingdom, speaks of 3 % over 24 hours. Here it is kept over each day.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

import numpy as np

from telewave.kernel import Label, Malformed
from telewave.kernel.intervals import wilson_limits

LIMIT = 0.03
"""Share of the answered calls that may be abandoned."""
RESERVE = 4
BELIEVED = 0.5
"""The answer rate that is taken for the highest before any line was dialled."""
STEP = 0.01
"""Answer rates are taken upwards in these steps, so that few tables are made."""
MOST_AHEAD = 10
"""Lines for each agent at most."""
Array = Any


class Mode(StrEnum):
    """How calls are dialled."""

    PREVIEW = "preview"
    PROGRESSIVE = "progressive"
    PREDICTIVE = "predictive"

    @property
    def label(self) -> Label:
        """For people."""
        return _LABELS[self]


_LABELS = {
    Mode.PREVIEW: Label("preview: the agent dials", "预览：坐席自己拨号"),
    Mode.PROGRESSIVE: Label("progressive: a line for each free agent", "逐一：每名空闲坐席一路"),
    Mode.PREDICTIVE: Label("predictive: dialled ahead within the limit", "预测：在放弃率上限内提前拨号"),
}


class UnusablePace(Malformed):
    """Agents, handling time and ringing time must be more than 0, the limit of abandoned calls between 0 and 1. Correct
    them.
    """

    code = "unusable_pace"


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """Now: agents `free` and `busy`, lines `ringing`. `handling`: mean seconds of a call with its notes; `ring`:
    seconds until a line is answered or given up.
    """

    free: int
    busy: int
    ringing: int
    handling: float
    ring: float

    def __post_init__(self) -> None:
        if min(self.free, self.busy, self.ringing) < 0 or not (self.handling > 0 and self.ring > 0):
            raise UnusablePace


@dataclass(frozen=True, slots=True)
class Tally:
    """The day so far: lines `dialled` that have ended, of which `answered`, of which `abandoned`."""

    dialled: int = 0
    answered: int = 0
    abandoned: int = 0

    @property
    def highest_rate(self) -> float:
        """The upper end of the answer rate's 95 % interval, in steps."""
        if not self.dialled:
            return BELIEVED
        high = wilson_limits(self.answered / self.dialled, self.dialled)[1]
        return min(1.0, math.ceil(high / STEP) * STEP)


def lines_to_dial(floor: Floor, so_far: Tally, mode: Mode = Mode.PREDICTIVE, limit: float = LIMIT) -> int:
    """How many further lines to dial now.

    >>> floor = Floor(free=4, busy=16, ringing=0, handling=180, ring=20)
    >>> lines_to_dial(floor, Tally(), Mode.PREDICTIVE), lines_to_dial(floor, Tally(1000, 300, 0))
    (4, 12)
    """
    if not 0 <= limit <= 1:
        raise UnusablePace
    sure = max(0, floor.free - floor.ringing)
    if mode is not Mode.PREDICTIVE:
        return sure
    p = so_far.highest_rate
    excess = _excess(
        floor.free, floor.busy, round(1 - math.exp(-floor.ring / floor.handling), 6), round(p, 6)
    )
    answers = np.arange(len(excess)) * p
    of_day = so_far.abandoned + RESERVE + excess <= limit * (so_far.answered + answers)
    allowed = np.flatnonzero(of_day & (excess <= 2 * limit * answers))
    return max(sure, int(allowed[-1]) - floor.ringing if len(allowed) else 0)


@lru_cache(maxsize=4096)
def _excess(free: int, busy: int, ends: float, p: float) -> Array:
    """E[(X - A)+] by the number of lines, from none to the most."""
    most = MOST_AHEAD * (free + busy)
    over = np.maximum(np.arange(most + 1)[:, None] - free - np.arange(busy + 1)[None, :], 0)
    mean = over @ _binomial(busy, ends)
    answered, found = np.zeros(most + 1), np.empty(most + 1)
    answered[0] = 1.0
    for lines in range(most + 1):
        found[lines] = answered @ mean
        answered = (1 - p) * answered + p * np.concatenate([[0.0], answered[:-1]])
    return found


def _binomial(n: int, p: float) -> Array:
    """Chances of 0 ... n."""
    found = np.zeros(n + 1)
    found[0] = 1.0
    for _ in range(n):
        found = (1 - p) * found + p * np.concatenate([[0.0], found[:-1]])
    return found
