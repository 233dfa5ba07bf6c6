"""Many runs of one plan, summed up: volumes with intervals, how busy each resource is, what is the bottleneck. Pure.

Intervals are the 2.5 % and 97.5 % quantiles over the runs: what is unsure of the chances, the chance of single people,
and who happens to meet a queue.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from telewave.kernel import Estimate
from telewave.outbound.staffing import Calls, Target, fewest
from telewave.rehearsal.model import ASSUMED, Array, Load, Means, Run, Script, Stage

SERVED_SOON = Target(0.8, 600.0)
"""Of visitors in the busiest hour, by which the windows needed are told: 80 % within 10 minutes."""
MATTERS = 0.02
"""Share of jobs never done from which a resource is a bottleneck: for less, nobody hires."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A channel's agents, the halls' windows or the couriers. `busy`: share of their time, None: without limit;
    `busiest`: on their busiest day; shares of `jobs`: `lost`, `late`. `servers`: at work on a working day; `needed`: to
    lose none.
    """

    name: str
    jobs: Estimate
    busy: float | None
    busiest: float | None
    lost: float
    late: float
    servers: float | None
    needed: int

    @property
    def short(self) -> bool:
        """Whether jobs are never done for want of it."""
        return self.servers is not None and self.lost > MATTERS and self.needed > self.servers

    @property
    def idle(self) -> int:
        """Servers beyond those needed."""
        return 0 if self.servers is None else max(0, math.floor(self.servers) - self.needed)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Rehearsed:
    """What a plan is expected to bring with given means. `days`: orders active, shape (3, horizon): mean, low, high.
    `of_waves`: by phase and channel, `of_channels`: by channel, each stage. `wait_minutes`: mean of visitors served;
    `waiting_long`: share of them that waits more than 10 minutes, None: nobody comes, or no limit. `profits`: of each
    run. `even_at`: share of the believed orders at which the contacts' costs are earned back, None: never.
    """

    script: Script
    means: Means
    draws: int
    days: Array
    contacts: Array
    of_waves: Mapping[tuple[str, str], tuple[Estimate, ...]]
    of_channels: Mapping[str, tuple[Estimate, ...]]
    total: tuple[Estimate, ...]
    resources: tuple[Resource, ...]
    wait_minutes: float | None
    waiting_long: float | None
    earned: Estimate
    spent: Estimate
    profit: Estimate
    even_at: float | None
    even_day: int | None
    orders: Array
    profits: Array

    @property
    def bottleneck(self) -> Resource | None:
        """The resource for want of which most jobs are never done."""
        short = [one for one in self.resources if one.short]
        return max(short, key=lambda one: one.lost * one.jobs.value, default=None)


@dataclass(frozen=True, eq=False, slots=True)
class Rehearsal:
    """What the means bring, and beside it what the plan's own means bring, where others were asked for."""

    found: Rehearsed
    planned: Rehearsed | None = None


def summed_up(script: Script, means: Means, runs: Sequence[Run]) -> Rehearsed:
    """Sum up; at least two runs."""
    counts = np.stack([one.counts for one in runs])
    active = counts[:, :, :, Stage.ACTIVE].sum(axis=1)
    by_wave = counts.sum(axis=2)
    channels = np.array([one.channel for one in script.waves])
    earned, spent = (np.array([getattr(one, name) for one in runs]) for name in ("earned", "spent"))
    waits = np.concatenate([one.loads.waits for one in runs])
    limited = means.halls is not None and len(waits) > 0
    return Rehearsed(
        script=script,
        means=means,
        draws=len(runs),
        days=np.stack([active.mean(axis=0), *np.quantile(active, (0.025, 0.975), axis=0)]),
        contacts=counts[:, :, :, Stage.MADE].sum(axis=1).mean(axis=0),
        of_waves={(one.phase, one.channel): _stages(by_wave[:, k]) for k, one in enumerate(script.waves)},
        of_channels={
            str(name): _stages(by_wave[:, channels == name].sum(axis=1)) for name in np.unique(channels)
        },
        total=_stages(by_wave.sum(axis=1)),
        resources=_resources(script, means, runs),
        wait_minutes=float(waits.mean()) if limited else None,
        waiting_long=float((waits > SERVED_SOON.within / 60).mean()) if limited else None,
        earned=_estimate(earned),
        spent=_estimate(spent),
        profit=_estimate(earned - spent),
        even_at=float(spent.mean() / earned.mean()) if earned.mean() > 0 else None,
        even_day=_even_day(script, counts, earned),
        orders=active.sum(axis=1),
        profits=earned - spent,
    )


def _stages(counts: Array) -> tuple[Estimate, ...]:
    return tuple(_estimate(counts[:, stage]) for stage in Stage)


def _estimate(values: Array) -> Estimate:
    low, high = np.quantile(values, (0.025, 0.975))
    return Estimate(
        value=float(np.mean(values)), low=float(low), high=float(high), n=len(values), method="rehearsal"
    )


def _even_day(script: Script, counts: Array, earned: Array) -> int | None:
    """The day on which what was earned by then first exceeds what was spent by then and stays so, in the mean."""
    mean = counts.mean(axis=0)
    active, made = mean[:, :, Stage.ACTIVE], mean[:, :, Stage.MADE]
    if active.sum() <= 0:
        return None
    waves = len(script.waves)
    price = np.bincount(script.wave, weights=script.cost, minlength=waves) / np.maximum(
        1, np.bincount(script.wave, minlength=waves)
    )
    came = np.cumsum(active.sum(axis=0)) / active.sum() * earned.mean()
    left = np.flatnonzero(came - np.cumsum(price @ made) < 0)
    day = int(left[-1]) + 1 if len(left) else 0
    return day if day < script.horizon else None


def _resources(script: Script, means: Means, runs: Sequence[Run]) -> tuple[Resource, ...]:
    names = list(dict.fromkeys(name for one in runs for name in one.loads.of))
    return tuple(_resource(name, script, means, runs) for name in names)


def _resource(name: str, script: Script, means: Means, runs: Sequence[Run]) -> Resource:
    loads = [one.loads.of[name] for one in runs if name in one.loads.of]
    jobs = np.array([one.jobs for one in loads], np.float64)
    busy, there = (np.mean([getattr(one, key) for one in loads], axis=0) for key in ("busy", "there"))
    works = there > 0
    lost, late = (
        float(sum(getattr(one, k) for one in loads) / max(1.0, jobs.sum())) for k in ("lost", "late")
    )
    worked = works & (np.arange(len(busy)) <= np.flatnonzero(busy > 0).max(initial=0))
    servers = _servers(name, script, means)
    return Resource(
        name=name,
        jobs=_estimate(jobs),
        busy=min(1.0, float(busy[worked].sum() / there[worked].sum())) if worked.any() else None,
        busiest=min(1.0, float((busy[worked] / there[worked]).max())) if worked.any() else None,
        lost=lost,
        late=late,
        servers=servers,
        needed=_needed(name, script, means, loads, (busy, there)),
    )


def _servers(name: str, script: Script, means: Means) -> float | None:
    if name == "halls":
        return None if means.all_windows is None else float(means.all_windows)
    if name == "couriers":
        return None if means.all_couriers is None else float(means.all_couriers)
    agents = script.desks[name].agents
    return float(np.maximum(0.0, agents[agents > 0] + means.agents).mean()) if (agents > 0).any() else 0.0


def _needed(name: str, script: Script, means: Means, loads: Sequence[Load], sums: tuple[Array, Array]) -> int:
    """To lose none: agents by the minutes of all calls planned, windows by the busiest hour, couriers by the day."""
    peak, servers = float(np.quantile([one.peak for one in loads], 0.95)), _servers(name, script, means)
    if name == "halls":
        places = means.halls or 1
        an_hour = max(peak / places, 1e-6) * 60 / ASSUMED.window_minutes
        one_hall = fewest(Calls(calls=an_hour, minutes=60, handling=60 * ASSUMED.window_minutes), SERVED_SOON)
        return one_hall * places
    if name == "couriers":
        return max(1, math.ceil(peak - 1e-9))
    busy, there = (float(one.sum()) for one in sums)
    jobs, lost = (sum(getattr(one, key) for one in loads) for key in ("jobs", "lost"))
    if not servers or not there or lost == jobs:
        return _by_the_desk(name, script, jobs / len(loads))
    return max(1, math.ceil(servers * busy * jobs / (jobs - lost) / there - 1e-9))


def _by_the_desk(name: str, script: Script, jobs: float) -> int:
    """Agents for so many calls where no call was made that would tell how long they take."""
    desk, days = script.desks[name], int((script.desks[name].agents > 0).sum())
    met = max(one.met.value for one in script.waves if one.channel == name)
    minutes = met * (desk.talk + desk.after_call) + (1 - met) * desk.not_reached
    return max(1, math.ceil(jobs * minutes / (desk.minutes * max(1, days)) - 1e-9))
