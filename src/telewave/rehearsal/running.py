"""One run of a plan: who is met, willing and orders, and when agents, halls and couriers have time for it. Pure.

    call     at the opening of its day, by the agent who is free first; not reached: again next day, if tries are left
    willing  on the phone or by message: a share comes to a hall some days later, the others order at once, by parcel
    invited  to a hall: comes some days later, in busy hours to a special window, in idle ones to any clerk. Whoever
             waits longer than his patience leaves, and does not order
    parcel   packed; a courier of its area makes an appointment, nine calls in three days at most, and brings it; who
             was not met is approached a second time

What chances are is drawn once a run and channel (all contacts are off the same way); who does what, by a number of his
own that is the same under other means: two rehearsals with the same seed differ by their means only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from telewave.funnel.steps import Family
from telewave.rehearsal.calling import called
from telewave.rehearsal.delivering import at_the_door
from telewave.rehearsal.model import ASSUMED, NEVER, Array, Assumed, Loads, Means, Run, Script, Stage
from telewave.rehearsal.places import in_halls
from telewave.rehearsal.queues import DAY

MOST = 0.98
NOON = 720.0


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Minds:
    """What each contact would do if the means allow: shape (n,), `met` (n, tries). `moods`: numbers in [0, 1) of his
    own, shape (4, n).
    """

    met: Array
    willing: Array
    orders: Array
    active: Array
    hall: Array
    comes: Array
    moods: Array


def run(script: Script, means: Means, draw: int, seed: int = 0, assumed: Assumed = ASSUMED) -> Run:
    """One run, the same for the same `seed` and `draw`."""
    minds = _minds(script, means, np.random.default_rng([seed, draw]), assumed)
    loads = Loads()
    made, met, count = _made(script, means, minds, loads)
    stages = _carried_on(script, means, minds, met, loads, assumed) | {Stage.MADE: made}
    caused = np.array([one.caused for one in script.waves])[script.wave]
    return Run(
        counts=_counted(script, stages),
        loads=loads,
        earned=float((script.worth * caused)[stages[Stage.ACTIVE] >= 0].sum()),
        spent=float((script.cost * count).sum()),
    )


def _minds(script: Script, means: Means, rng: np.random.Generator, assumed: Assumed) -> Minds:
    n = len(script.day)
    met, carried, active, off = (row[script.wave] for row in _chances(script, rng))
    own = rng.random((5, n), np.float32)
    moods = rng.random((4, n), np.float32)
    first = rng.random((n, 1), np.float32)
    more = rng.random((n, means.tries - 1), np.float32)
    wants = own[1] < carried
    return Minds(
        met=np.concatenate([first, more], axis=1) < met[:, None],
        willing=own[0] < np.minimum(1.0, means.orders * script.orders * off / (met * carried)),
        orders=wants,
        active=own[2] < active,
        hall=own[3] < assumed.to_hall,
        comes=wants | (own[4] < assumed.come_anyway),
        moods=moods,
    )


def _chances(script: Script, rng: np.random.Generator) -> Array:
    """Rows: met, carried, active, and the factor of how many order; one column a wave, alike within a channel."""
    channels = sorted({one.channel for one in script.waves})
    luck = rng.standard_normal((3, len(channels)))
    found = np.empty((4, len(script.waves)))
    for k, one in enumerate(script.waves):
        a, b, c = luck[:, channels.index(one.channel)]
        met = min(MOST, one.met.value * np.exp(one.met.off * a))
        carried = min(MOST, one.carried.value * np.exp(one.carried.off * b))
        found[:, k] = met, carried, one.active, np.exp(one.off * c)
    return found


def _made(script: Script, means: Means, minds: Minds, loads: Loads) -> tuple[Array, Array, Array]:
    """Minutes at which each contact is made first and meets its person (`NEVER`), and how often it was tried."""
    channel = np.array([one.channel for one in script.waves])[script.wave]
    left = np.isin(channel, list(means.without))
    at_noon = script.day * DAY + NOON
    made = np.where(left, NEVER, at_noon)
    met = np.where(minds.met[:, 0] & ~left, at_noon, NEVER)
    count = np.where(left, 0, 1)
    for name, desk in script.desks.items():
        mine = np.flatnonzero((channel == name) & ~left)
        if len(mine):
            found = called(
                script.day[mine], minds.met[mine], minds.moods[0][mine], desk, means.agents, script.horizon
            )
            made[mine], met[mine], count[mine] = found.first, found.met, found.count
            loads.add(name, found.load)
    return made, met, count


def _carried_on(
    script: Script, means: Means, minds: Minds, met: Array, loads: Loads, assumed: Assumed
) -> dict[Stage, Array]:
    """Minutes at which each contact takes each later stage (`NEVER`)."""
    family = np.array([one.family for one in script.waves])[script.wave]
    invited = np.array([one.records == "hall" for one in script.waves])[script.wave] & (met >= 0)
    remote = np.isin(family, [Family.CALL, Family.MESSAGE])
    willing = np.where(minds.willing & (met >= 0), met, NEVER)
    coming = np.flatnonzero(invited | (remote & (willing >= 0) & minds.hall & minds.comes))
    arrives, served, load = in_halls(
        met[coming], invited[coming], (minds.willing & minds.orders)[coming], minds.moods[:, coming],
        means, script.horizon, assumed,
    )  # fmt: skip
    loads.add("halls", load)
    loads.waits = np.concatenate([loads.waits, (served - arrives)[served >= 0]])
    ordered = np.where((willing >= 0) & minds.orders, willing, NEVER)
    message = (family == Family.MESSAGE) & (ordered >= 0)
    ordered[message] += np.floor(-np.log1p(-minds.moods[1][message]) * assumed.message_days) * DAY
    ordered[remote & minds.hall] = NEVER
    ordered[coming] = np.where((minds.willing & minds.orders)[coming], served, NEVER)
    theirs = np.flatnonzero(invited)
    of_theirs = np.isin(coming, theirs)
    met = met.copy()
    met[theirs], willing[theirs] = (
        arrives[of_theirs],
        np.where(minds.willing[theirs], served[of_theirs], NEVER),
    )
    active = np.where(minds.active, ordered, NEVER)
    parcel = np.flatnonzero((active >= 0) & remote & ~minds.hall)
    active[parcel], load = at_the_door(
        ordered[parcel], minds.moods[2:, parcel], means, script.horizon, assumed
    )
    loads.add("couriers", load)
    return {Stage.MET: met, Stage.WILLING: willing, Stage.ORDERED: ordered, Stage.ACTIVE: active}


def _counted(script: Script, stages: Mapping[Stage, Array]) -> Array:
    waves, days = len(script.waves), script.horizon
    found = np.zeros((waves, days, len(Stage)), np.int64)
    for stage, at in stages.items():
        day = (at // DAY).astype(np.int64)
        seen = (at >= 0) & (day < days)
        code = script.wave[seen] * days + day[seen]
        found[:, :, stage] = np.bincount(code, minlength=waves * days).reshape(waves, days)
    return found
