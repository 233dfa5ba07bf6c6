"""A shift of calls, simulated: what a way of dialling does with agents' time, and how many customers meet silence.
Pure; chance is handed in.

Lines are answered with the shift's answer rate after half the ringing time on average (uniform), else given up when it
is over. Handling times are exponential. Who answers while no agent is free is abandoned at once.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np

from telewave.outbound.pacing import LIMIT, Floor, Mode, Tally, UnusablePace, lines_to_dial

LOOK = 15.0
"""Seconds for which an agent looks at a contact before he dials it himself."""
FREE, ANSWER, NOBODY, LOOKED = range(4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """`hours` of `agents`; `rate`: share of lines that are answered; seconds as in `Floor`."""

    agents: int
    rate: float
    handling: float
    ring: float = 20.0
    hours: float = 8.0

    def __post_init__(self) -> None:
        if self.agents < 1 or min(self.handling, self.ring, self.hours) <= 0:
            raise UnusablePace


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftDone:
    """`talked`: calls that found an agent; `occupancy`: share of the agents' time spent on them."""

    dialled: int
    talked: int
    abandoned: int
    occupancy: float

    @property
    def abandoned_share(self) -> float:
        """Of the calls that were answered."""
        return self.abandoned / max(1, self.talked + self.abandoned)


def shift_done(shift: Shift, mode: Mode, draw: np.random.Generator, limit: float = LIMIT) -> ShiftDone:
    """Run the shift; what is under way at its end counts with the time until then."""
    return _Run(shift, mode, draw, limit).done()


class _Run:
    def __init__(self, shift: Shift, mode: Mode, draw: np.random.Generator, limit: float) -> None:
        self.shift, self.mode, self.draw, self.limit = shift, mode, draw, limit
        self.end = shift.hours * 3600
        self.events: list[tuple[float, int, int]] = []
        self.free, self.busy, self.ringing, self.number = shift.agents, 0, 0, 0
        self.dialled = self.answered = self.abandoned = 0
        self.spent = 0.0

    def done(self) -> ShiftDone:
        self._dial(0.0)
        while self.events and self.events[0][0] < self.end:
            now, _, kind = heapq.heappop(self.events)
            self._happens(now, kind)
            self._dial(now)
        return ShiftDone(
            dialled=self.dialled,
            talked=self.answered - self.abandoned,
            abandoned=self.abandoned,
            occupancy=self.spent / (self.shift.agents * self.end),
        )

    def _at(self, time: float, kind: int) -> None:
        self.number += 1
        heapq.heappush(self.events, (time, self.number, kind))

    def _happens(self, now: float, kind: int) -> None:
        if kind == FREE:
            self.busy, self.free = self.busy - 1, self.free + 1
        elif kind == LOOKED:
            self._ring(now)
        else:
            self.ringing, self.dialled = self.ringing - 1, self.dialled + 1
            if self.mode is Mode.PREVIEW:
                self.free += 1  # the agent who waited for it
            if kind == ANSWER:
                self._answers(now)

    def _answers(self, now: float) -> None:
        self.answered += 1
        if not self.free:
            self.abandoned += 1
            return
        takes = float(self.draw.exponential(self.shift.handling))
        self.free, self.busy = self.free - 1, self.busy + 1
        self.spent += min(takes, self.end - now)
        self._at(now + takes, FREE)

    def _dial(self, now: float) -> None:
        if self.mode is Mode.PREVIEW:
            for _ in range(self.free):  # each is with his contact from now on
                self._at(now + LOOK, LOOKED)
            self.free = 0
            return
        floor = Floor(
            free=self.free,
            busy=self.busy,
            ringing=self.ringing,
            handling=self.shift.handling,
            ring=self.shift.ring,
        )
        so_far = Tally(self.dialled, self.answered, self.abandoned)
        for _ in range(lines_to_dial(floor, so_far, self.mode, self.limit)):
            self._ring(now)

    def _ring(self, now: float) -> None:
        self.ringing += 1
        if self.draw.random() < self.shift.rate:
            self._at(now + float(self.draw.random()) * self.shift.ring, ANSWER)
        else:
            self._at(now + self.shift.ring, NOBODY)
