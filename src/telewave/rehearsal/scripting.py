"""A plan's document and rows as what a rehearsal runs. Pure.

Of a wave the document tells people with their intervals at each step: chances are their ratios. How far all of them
may be off the same way is what the interval is wider than the chance of single people makes it (a binomial's variance,
of orders a Poisson's). A contact's chance of an order is its share of what its wave is expected to order.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from telewave.funnel.steps import CHANNELS, Family
from telewave.kernel import Label
from telewave.kernel.intervals import Z95
from telewave.planning.plan_tables import ordinals
from telewave.rehearsal.model import Array, Band, Desk, Script, Wave
from telewave.scheduling.agent_time import AgentTime

FOLLOW_UP = 30
"""Days after the plan's last within which visits and parcels still come."""


def script_of(document: Mapping[str, Any], rows: pa.Table, digest: str) -> Script:
    """The contacts with a day of the waves that have a funnel; columns of `rows` as planning's `CONTACTS`."""
    told = {(one["phase"], one["channel"]): one for one in document.get("waves") or ()}
    places = {key: k for k, key in enumerate(told)}
    standing = rows.filter(pc.is_valid(rows["day"])) if len(rows) else rows
    keys = zip(standing["phase"].to_pylist(), standing["channel"].to_pylist(), strict=True)
    wave = np.array([places.get(key, -1) for key in keys], np.int64)
    known = np.flatnonzero(wave >= 0)
    standing, wave = standing.take(pa.array(known, pa.int64())), wave[known]
    first, last = (date.fromisoformat(document[key]) for key in ("from", "to"))
    days = (last - first).days + 1
    day = ordinals(standing["day"]) - first.toordinal()
    order = np.argsort(day, kind="stable")
    standing, wave, day = standing.take(pa.array(order, pa.int64())), wave[order], day[order]
    waves = tuple(_wave(one, document["channels"][one["channel"]]) for one in told.values())
    spent = np.array([document["channels"][one.channel]["cost_minor"] / 100 for one in waves])
    cost = spent[wave] if waves else np.zeros(0)
    gained = standing["gained"].to_numpy()
    return Script(
        campaign=document["campaign"],
        title=Label(**document["title"]),
        plan=digest,
        currency=document["currency"],
        first=first,
        days=days,
        horizon=days + FOLLOW_UP,
        waves=waves,
        desks=_desks(document, waves, wave, day, days),
        names={
            **{code: Label(**name) for code, name in document["phases"].items()},
            **{code: Label(**one["name"]) for code, one in document["channels"].items()},
        },
        wave=wave,
        day=day,
        orders=_orders(list(told.values()), wave, gained),
        worth=_worth(standing["expected_profit"].to_numpy() + cost, gained),
        cost=cost,
        unknown=len(rows) - len(known),
    )


def _wave(told: Mapping[str, Any], channel: Mapping[str, Any]) -> Wave:
    family = CHANNELS[channel["records"]]
    attempts = told["attempts"]
    met = told["recalled"] if told["reached"] is None else told["reached"]
    willing, ordered = told["willing"], told["ordered"]
    met_off, orders_off = _off(met, attempts), _off(ordered, None)
    carried_off = math.sqrt(max(0.0, _off(willing, None) ** 2 - orders_off**2))
    return Wave(
        phase=told["phase"],
        channel=told["channel"],
        family=family,
        records=channel["records"],
        met=Band(value=_share(met[0], attempts), off=met_off),
        carried=Band(value=_share(ordered[0], willing[0]), off=carried_off),
        active=min(1.0, _share(told["activated"][0], ordered[0])),
        off=orders_off,
        caused=min(1.0, _share(told["caused"], ordered[0])),
    )


def _share(part: float, whole: float) -> float:
    return min(1.0, max(1e-9, part / whole)) if whole > 0 else 1e-9


def _off(ends: Sequence[float], of: float | None) -> float:
    """Standard deviation, in proportion, of what is unsure of all alike."""
    value, low, high = ends
    if value <= 0:
        return 0.0
    chance = value * (1 - min(1.0, value / of)) if of else value
    return math.sqrt(max(0.0, ((high - low) / (2 * Z95)) ** 2 - chance)) / value


def _orders(told: list[Any], wave: Array, gained: Array) -> Array:
    """Chance of an order of each contact: by what it gains, so that a wave's sum is what the document tells."""
    sums = np.bincount(wave, weights=gained, minlength=len(told))
    factor = np.array([one["ordered"][0] for one in told]) / np.where(sums > 0, sums, 1.0)
    even = np.array([_share(one["ordered"][0], one["attempts"]) for one in told])
    return np.minimum(1.0, np.where((sums > 0)[wave], gained * factor[wave], even[wave]))


def _worth(earned: Array, gained: Array) -> Array:
    """What an order that the contact causes earns."""
    whole = float(gained.sum())
    usual = float(earned.sum()) / whole if whole > 0 else 0.0
    return np.where(gained > 0, earned / np.where(gained > 0, gained, 1.0), usual)


def _desks(
    document: Mapping[str, Any], waves: Sequence[Wave], wave: Array, day: Array, days: int
) -> dict[str, Desk]:
    found = {}
    for name in sorted({one.channel for one in waves if one.family is Family.CALL}):
        mine = [k for k, one in enumerate(waves) if one.channel == name]
        planned = np.bincount(day[np.isin(wave, mine)], minlength=days)
        found[name] = _desk(document, name, max(waves[k].met.value for k in mine), planned)
    return found


def _desk(document: Mapping[str, Any], name: str, reached: float, planned: Array) -> Desk:
    """The agents that the document tells; else as many as its capacity, or its busiest day, asks at the usual times."""
    channel = document["channels"][name]
    told = channel.get("agents")
    first = date.fromisoformat(document["from"])
    dates = [date.fromordinal(first.toordinal() + k).isoformat() for k in range(len(planned))]
    capacity = channel["capacity"] or {}
    works = np.array([capacity.get(one, 1) > 0 for one in dates])
    minutes = {key: told[key] for key in ("talk", "after_call", "not_reached", "hours_a_day")} if told else {}
    time = AgentTime(**minutes)
    a_day = time.day_minutes / time.minutes(1.0, reached)
    if told and told["agents"] is not None:
        agents = np.array([told["on"].get(one, told["agents"]) for one in dates], np.float64)
    elif capacity:
        agents = np.array([capacity[one] / a_day for one in dates])
    else:
        agents = np.full(len(planned), float(planned.max(initial=0)) / a_day)
    return Desk(
        agents=np.where(works, agents, 0.0),
        opens=float(channel["hours"][0][0]),
        minutes=time.day_minutes,
        talk=time.talk,
        after_call=time.after_call,
        not_reached=time.not_reached,
        assumed=not (told and told["agents"] is not None),
    )
