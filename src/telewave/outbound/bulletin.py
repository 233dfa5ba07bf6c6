"""A day of calls on one page: how many, by whom, at which hours, and what to do tomorrow. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from telewave.kernel import Estimate, Label
from telewave.kernel.intervals import wilson
from telewave.measurement.stages import Made, Taken
from telewave.outbound.agents import JudgedAgents, Verdict
from telewave.outbound.best_hour import HoursLearnt
from telewave.outbound.model import Coming

Array = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Calls, those that reached somebody, found somebody willing, and ended in an order that day."""

    calls: int
    reached: int
    willing: int
    orders: int

    @property
    def reached_share(self) -> Estimate | None:
        """Of the calls, with its interval; None without calls."""
        return wilson(self.reached, self.calls) if self.calls else None

    @property
    def willing_share(self) -> Estimate | None:
        """Of the reached, with its interval; None where nobody was reached."""
        return wilson(self.willing, self.reached) if self.reached else None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentDay:
    """An agent's day; `verdict` of the whole campaign so far, None where agents cannot be compared; `alarm`: it was
    known first on this day.
    """

    name: str
    counts: Counts
    verdict: Verdict | None
    alarm: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulletin:
    """The page. `before`: the campaign's days until then; `agents`: who made most calls first; `hours`: by local hour;
    `unnamed`, `untimed`: calls without an agent, without an hour; `planned`: calls of the next day in the plan.
    """

    campaign: str
    title: Label
    day: date
    today: Counts
    before: Counts
    agents: tuple[AgentDay, ...]
    hours: Mapping[int, Counts]
    unnamed: int
    untimed: int
    learnt: HoursLearnt
    coming: Coming
    planned: int
    judged: JudgedAgents | None


def ordered_calls(made: Made, taken: Taken) -> Array:
    """Which calls count as ended in an order, shape as `made`: of a person's day with an order told or on record, the
    last call.
    """
    place = taken.of(made.subscriber)
    on_record = (place >= 0) & (np.append(taken.day, -1)[place] == made.day)
    span = int(made.day.max(initial=0)) + 1
    keys = made.subscriber * span + made.day
    last = np.zeros(len(keys), np.bool_)
    _, first_of_reversed = np.unique(keys[::-1], return_index=True)
    last[len(keys) - 1 - first_of_reversed] = True
    groups = np.unique(keys, return_inverse=True)[1]
    so = np.bincount(groups, made.ordered | on_record, minlength=int(groups.max(initial=-1)) + 1) > 0
    return last & so[groups] if len(keys) else last


def counted(made: Made, orders: Array, which: Array) -> Counts:
    """Add up the calls of `which`."""
    return Counts(
        calls=int(which.sum()),
        reached=int(made.reached[which].sum()),
        willing=int(made.willing[which].sum()),
        orders=int(orders[which].sum()),
    )


def agent_days(made: Made, orders: Array, today: Array, judged: JudgedAgents | None) -> tuple[AgentDay, ...]:
    """Each agent's calls of `today`."""
    known = {} if judged is None else {judged.names[one.agent]: one for one in judged.agents}
    days = [
        AgentDay(
            name=name,
            counts=counted(made, orders, today & (made.agent == name)),
            verdict=known[name].verdict if name in known else None,
            alarm=_new(judged, known, name),
        )
        for name in sorted(set(made.agent[today].tolist()) - {""})
    ]
    return tuple(sorted(days, key=lambda one: (-one.counts.calls, one.name)))


def _new(judged: JudgedAgents | None, known: Mapping[str, Any], name: str) -> bool:
    if judged is None or name not in known or known[name].since is None:
        return False
    return known[name].since == (judged.as_of - judged.first).days - 1


def hour_counts(made: Made, orders: Array, today: Array) -> dict[int, Counts]:
    """By local hour, where it is known."""
    hours = sorted(set(made.hour[today].tolist()) - {-1})
    return {int(hour): counted(made, orders, today & (made.hour == hour)) for hour in hours}
