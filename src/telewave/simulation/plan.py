"""What city to simulate. Pure."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date, timedelta

from telewave.kernel import Malformed
from telewave.kernel.periods import add_months, days
from telewave.simulation.assumptions import ASSUMPTIONS
from telewave.simulation.facts import CUSTOMERS

FEWEST, MOST = 1_000, 50_000_000
YEARS = range(2000, 2101)
BLOCK = 249_984
"""Subscribers that a process makes at a time: a multiple of 48, so that no community is cut."""


class UnusableCity(Malformed):
    """A city cannot have {name} = {value}. Give {wanted}."""

    code = "unusable_city"


@dataclass(frozen=True, kw_only=True, slots=True)
class CityPlan:
    """How many subscribers, for how long, how densely recorded.

    `launch`: first day of the offer's month 1, a first of a month. `records_per_day`: mean usage records a subscriber
    and day. `take_up`: how many times the reference case's takers there are (1 is the case itself; small cities need
    more to learn from). `dirty`: a few late, doubled and wrong rows, as real feeds have. `workers` 0: all processors.
    """

    subscribers: int
    seed: int = 1
    launch: date = date(2026, 4, 1)
    months_before: int = 3
    months_after: int = 3
    records_per_day: float = 8.0
    take_up: float = 1.0
    dirty: bool = False
    workers: int = 0

    def __post_init__(self) -> None:
        checks = (
            ("subscribers", self.subscribers, FEWEST <= self.subscribers <= MOST, f"{FEWEST} to {MOST}"),
            ("seed", self.seed, 0 <= self.seed < 2**63, "0 to 2^63 - 1"),
            (
                "launch",
                self.launch,
                self.launch.day == 1 and self.launch.year in YEARS,
                "YYYY-MM-01, 2000 to 2100",
            ),
            ("months_before", self.months_before, 0 <= self.months_before <= 24, "0 to 24"),
            ("months_after", self.months_after, 1 <= self.months_after <= 24, "1 to 24"),
            ("records_per_day", self.records_per_day, 0 < self.records_per_day <= 200, "0.1 to 200"),
            ("take_up", self.take_up, 0 < self.take_up <= 50, "0.01 to 50"),
            ("workers", self.workers, 0 <= self.workers <= 256, "0 to 256"),
        )
        for name, value, fits, wanted in checks:
            if not fits:
                raise UnusableCity(name=name, value=value, wanted=wanted)

    @property
    def start(self) -> date:
        """First day of records."""
        return add_months(self.launch, -self.months_before)

    @property
    def end(self) -> date:
        """The day after the last day of records."""
        return add_months(self.launch, self.months_after)

    @property
    def eve(self) -> date:
        """The day on which everybody who is there at the start was recorded."""
        return self.start - timedelta(1)

    @property
    def days(self) -> list[date]:
        """Every day of records."""
        return days(self.start, self.end)

    @property
    def months(self) -> list[tuple[int, date, date]]:
        """Number (1 is the launch month, 0 and less before it), first day, day after the last, of every month."""
        return [
            (k + 1, add_months(self.launch, k), add_months(self.launch, k + 1))
            for k in range(-self.months_before, self.months_after)
        ]

    @property
    def share(self) -> float:
        """This city in terms of the reference case, whose customers are those of the
        offer's month 3: who then has not left.
        """
        there = self.subscribers * (1 - ASSUMPTIONS["monthly_churn"]) ** (self.months_before + 2)
        return there / sum(CUSTOMERS.values())

    @property
    def blocks(self) -> list[range]:
        """Subscribers who are there at the start, in stretches that one process makes at a time."""
        edges = range(0, self.subscribers, BLOCK)
        return [range(low, min(low + BLOCK, self.subscribers)) for low in edges]

    @property
    def processes(self) -> int:
        """How many processes to use."""
        return self.workers or os.cpu_count() or 1
