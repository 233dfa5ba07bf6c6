"""What a rehearsal runs: a plan's contacts as arrays, what they meet, and what came of one run. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from typing import Any

import numpy as np

from telewave.funnel.steps import Family
from telewave.kernel import Label, Malformed

Array = Any
MOST_ORDERS = 5.0
MOST = 100_000
NEVER = -1.0
"""Instead of a minute: it does not happen."""


class UnusableMeans(Malformed):
    """A rehearsal cannot be run with {what}. Give 10 to 10,000 draws, 1 to 5 tries, above 0 % and at most 500 % of the
    orders, 1 or more halls, windows, couriers and areas, and 0 or more clerks; leave out what is not to be a limit, and
    say with --halls or --couriers of how many some are more or fewer.
    """

    code = "unusable_means"


class Stage(IntEnum):
    """How far a contact came; each counts on its own day."""

    MADE = 0
    MET = 1
    WILLING = 2
    ORDERED = 3
    ACTIVE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A chance as the plan believes it, and how far `off`: the standard deviation of its logarithm."""

    value: float
    off: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """One channel in one phase. `met`: reached, come or looked at, of attempts; `carried`: orders of the willing;
    `active`: of orders. `off`: of how many order. `caused`: of the orders through contacts, those that the plan counts.
    """

    phase: str
    channel: str
    family: Family
    records: str
    met: Band
    carried: Band
    active: float
    off: float
    caused: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The agents of a channel: on each day so many, shape (days,), fractions allowed, from `opens` on for `minutes` of
    work; minutes of `talk`, `after_call` and of a try that is `not_reached`. `assumed`: the plan does not tell them.
    """

    agents: Array
    opens: float
    minutes: float
    talk: float
    after_call: float
    not_reached: float
    assumed: bool = False


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Script:
    """A plan to rehearse; arrays have one entry a contact with a day, by day. `wave`: index into `waves`; `day`: days
    since `first`; `orders`: chance that the contact leads to an order; `worth`: what an active order earns, its
    contacts' cost not taken off; `cost`: of a contact, major units. `days`: of the plan; `horizon`: with what follows.
    `unknown`: contacts of the plan that are not run, without a day or of a channel whose steps nobody knows.
    """

    campaign: str
    title: Label
    plan: str
    currency: str
    first: date
    days: int
    horizon: int
    waves: tuple[Wave, ...]
    desks: Mapping[str, Desk]
    names: Mapping[str, Label]
    wave: Array
    day: Array
    orders: Array
    worth: Array
    cost: Array
    unknown: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """With what the plan is carried out. `agents`: so many more (or fewer) than planned on every working day; `tries`:
    calls of one person until he answers, on days of their own; `windows`: special ones in each of `halls`, and so many
    `clerks` in each take visitors in idle hours; `couriers`: of all, who keep to their `areas`. None: as many as it
    takes, and the rehearsal says how many. `more_windows`, `more_couriers`: of all, beyond these. `without`: channels
    that are left out; `orders`: so many times the orders that the plan believes, as where a promotion is left out.
    Raises `UnusableMeans`.
    """

    agents: int = 0
    tries: int = 1
    halls: int | None = None
    windows: int = 1
    more_windows: int = 0
    clerks: int = 0
    couriers: int | None = None
    more_couriers: int = 0
    areas: int = 1
    without: tuple[str, ...] = ()
    orders: float = 1.0

    def __post_init__(self) -> None:
        for name, least, most in (
            ("tries", 1, 5), ("halls", 1, MOST), ("windows", 1, MOST), ("couriers", 1, MOST), ("areas", 1, 10_000),
            ("clerks", 0, MOST),
        ):  # fmt: skip
            value = getattr(self, name)
            if value is not None and not least <= value <= most:
                raise UnusableMeans(what=f"{name} = {value}")
        for name, value, limit in (
            ("windows-more", self.more_windows, self.halls), ("couriers-more", self.more_couriers, self.couriers),
        ):  # fmt: skip
            if value and limit is None:
                raise UnusableMeans(what=f"--{name} {value}")
        if not 0 < self.orders <= MOST_ORDERS:
            raise UnusableMeans(what=f"orders = {self.orders:.0%}")

    def windows_of(self, hall: int) -> int:
        """Special windows of one hall: as even as can be. Only where `halls` are given."""
        return _share(self.all_windows or 0, self.halls or 1, hall)

    def couriers_of(self, area: int) -> int:
        """Couriers of one area: as even as can be. Only where `couriers` are given."""
        return _share(self.all_couriers or 0, self.areas, area)

    @property
    def all_windows(self) -> int | None:
        """Of all halls; None: no limit."""
        return None if self.halls is None else max(0, self.halls * self.windows + self.more_windows)

    @property
    def all_couriers(self) -> int | None:
        """Of all areas; None: no limit."""
        return None if self.couriers is None else max(0, self.couriers + self.more_couriers)

    @property
    def as_given(self) -> Means:
        """The same places and people without what is asked on top of them: the plan as it is."""
        return Means(
            halls=self.halls,
            windows=self.windows,
            clerks=self.clerks,
            couriers=self.couriers,
            areas=self.areas,
        )


def _share(total: int, places: int, place: int) -> int:
    return total // places + (place < total % places)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumed:
    """What no plan tells yet. Assumed, no operator's records; minutes and days."""

    to_hall: float = 0.6
    come_anyway: float = 0.3
    hall_days: float = 3.0
    hall_opens: float = 540.0
    hall_closes: float = 1080.0
    busy_share: float = 0.6
    busy: tuple[tuple[float, float], ...] = field(default=((600.0, 690.0), (930.0, 1020.0)))
    window_minutes: float = 20.0
    glance_minutes: float = 8.0
    patience: float = 30.0
    packing_days: int = 1
    courier_opens: float = 540.0
    courier_minutes: float = 480.0
    door_minutes: float = 25.0
    courier_call_minutes: float = 2.0
    answers: float = 0.37
    calls_a_day: int = 3
    calling_days: int = 3
    kept: float = 0.95
    again: float = 0.3
    again_days: int = 3
    message_days: float = 1.0


ASSUMED = Assumed()


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Load:
    """What a resource did in one run. `busy`, `there`: minutes by day, shape (horizon,), `there` 0: without limit.
    `jobs`: it was to do; `lost`: never done; `late`: begun on a later day than due. `peak`: servers busy at once at the
    busiest time of a day that only 1 of 20 exceeds.
    """

    busy: Array
    there: Array
    jobs: int
    lost: int
    late: int
    peak: float = 0.0


@dataclass(eq=False, slots=True)
class Loads:
    """Filled while a run goes on: each resource's load, and the minutes that visitors waited."""

    of: dict[str, Load] = field(default_factory=dict)
    waits: Array = field(default_factory=lambda: np.zeros(0))

    def add(self, name: str, load: Load) -> None:
        """A resource without jobs is none."""
        if load.jobs:
            self.of[name] = load


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Run:
    """What came of one run. `counts`: shape (waves, horizon, stages). `earned`, `spent`: major units."""

    counts: Array
    loads: Loads
    earned: float
    spent: float
