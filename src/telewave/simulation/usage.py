"""Usage records of one block and day: bursts of calls, messages and data sessions, vectorised.

Per stream and subscriber a day has a Poisson number of bursts and each burst a geometric number of records (an
interrupted Poisson process, the two-state form of arXiv 1508.07503), gaps within a burst Weibull, or power law for
machines; durations are log-logistic a person, truncated at `LONGEST_S`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from telewave.records.contracts import USAGE
from telewave.simulation.facts import NOMINAL_RECORDS_PER_DAY
from telewave.simulation.people import COMMUNITY, Array, People, mixed_bits

LONGEST_S = 7_200
MACHINES_START_S = 8.5 * 3_600
DAY_S = 86_400
KINDS = tuple(USAGE.column("kind").codes)
DIRECTIONS = tuple(USAGE.column("direction").codes)
REACHES = tuple(USAGE.column("reach").codes)
ROAMINGS = tuple(USAGE.column("roaming").codes)
OUT, IN, NO_CODE = 0, 1, -1

EARLY_HOURS = (8, 4, 3, 2, 3, 8, 22, 46, 74, 92, 112, 106, 82, 70, 72, 76, 86, 108, 104, 84, 66, 46, 28, 14)
LATE_HOURS = (26, 14, 8, 4, 3, 4, 10, 24, 46, 70, 98, 96, 80, 70, 72, 76, 84, 106, 106, 96, 90, 82, 66, 46)
"""Relative activity by hour of early and late people; both have the calling peaks at 10-11 and 17-18."""


def _minutes(hours: tuple[int, ...]) -> Array:
    """The minute of the day for each of 65 536 equally likely numbers (inverse
    distribution, linear between the hours' middles).
    """
    middles = np.arange(-1, 25) * 60 + 30
    weights = np.interp(np.arange(1440), middles, [hours[-1], *hours, hours[0]])
    edges = np.concatenate([[0], np.cumsum(weights) / weights.sum()])
    return np.interp((np.arange(65_536) + 0.5) / 65_536, edges, np.arange(1441)).astype(np.float32)


MINUTE_OF_DAY = np.concatenate([_minutes(EARLY_HOURS), _minutes(LATE_HOURS)])


@dataclass(frozen=True, slots=True)
class Stream:
    """A kind of usage: its rate's attribute of `People`, mean records a burst, scale (s) of the gaps in a burst."""

    rate: str
    burst: float
    gap_s: float


CALLS = Stream("calls", 2.2, 420)
SMS = Stream("sms", 2.0, 150)
MMS = Stream("mms", 1.0, 60)
SESSIONS = Stream("sessions", 2.5, 1_500)
BROADBAND = Stream("broadband", 1.5, 5_400)


@dataclass(frozen=True, slots=True)
class Day:
    """Who is active on a day and how much the day is above or below the person's mean."""

    people: People
    day: date
    level: Array
    rng: np.random.Generator


def records_of_day(people: People, day: date, active: Array, density: float, seed: int) -> Iterator[pa.Table]:
    """The day's records of those who are `active`, one table a stream, in the contract's schema.

    `density`: wanted mean records a subscriber and day. The same arguments give the same records.
    """
    here = Day(people, day, _level(people, day, active, density, seed), _rng(seed, day, people, 1))
    yield _voice(here)
    yield _text(here, SMS, "sms")
    yield _text(here, MMS, "mms")
    yield _sessions(here, SESSIONS, "mobile_data", people.session_s, people.session_kb)
    yield _sessions(
        here, BROADBAND, "broadband_data", np.full(len(people), 3_600, np.float32), people.broadband_kb
    )


def _rng(seed: int, day: date, people: People, what: int) -> np.random.Generator:
    words = [seed, 3, what, day.toordinal(), int(people.subscriber[0])]
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(words)))


def _level(people: People, day: date, active: Array, density: float, seed: int) -> Array:
    """Month's drift of the person, weekly rhythm, and busy or quiet days."""
    monthly = _rng(seed, day.replace(day=1), people, 2).standard_normal(len(people), dtype=np.float32)
    daily = _rng(seed, day, people, 3).gamma(4.0, 0.25, len(people)).astype(np.float32)
    week = people.weekend if day.weekday() >= 5 else (7 - 2 * people.weekend) / 5
    scale = density / NOMINAL_RECORDS_PER_DAY
    return np.asarray(active * scale * np.exp(0.12 * monthly - 0.0072) * daily * np.clip(week, 0.2, 2.5))


def _events(here: Day, stream: Stream) -> tuple[Array, Array]:
    """Row of the subscriber in the block, and microseconds since 1970, of every record."""
    rng, people = here.rng, here.people
    rate = getattr(people, stream.rate) * here.level
    bursts = rng.poisson(rate / stream.burst)
    machine = people.machine if stream is CALLS else np.zeros(len(people), bool)
    bursts[machine] = rate[machine] > 0
    whose = np.repeat(np.arange(len(people), dtype=np.int32), bursts)
    minute = MINUTE_OF_DAY[rng.integers(0, 65_536, len(whose), dtype=np.int32) + 65_536 * people.owl[whose]]
    # In double precision, so that no two instants of a subscriber are equal.
    start = 60 * (minute + rng.random(len(whose)))
    if stream.burst == 1:
        return whose, _instants(here.day, start)
    size = rng.geometric(1 / stream.burst, len(whose))
    # A machine works through its list in one stretch, from the morning on.
    alone = np.flatnonzero(machine[whose])
    size[alone], start[alone] = 1 + rng.poisson(rate[whose[alone]]), MACHINES_START_S
    row, second = np.repeat(whose, size), np.repeat(start, size)
    first = np.zeros(len(row), dtype=bool)
    first[(np.cumsum(size) - size)] = True
    gaps = _gaps(rng, stream, people.machine[row], first)
    elapsed = np.cumsum(gaps)
    second = second + (elapsed - np.repeat(elapsed[first], size))
    return row, _instants(here.day, second)


def _gaps(rng: np.random.Generator, stream: Stream, machine: Array, first: Array) -> Array:
    """Weibull with shape 0.7 for people, Pareto with exponent 1.2 for machines; none before the first of a burst."""
    exponential = rng.standard_exponential(len(first), dtype=np.float32)
    gaps = stream.gap_s * exponential ** np.float32(1 / 0.7)
    robots = np.flatnonzero(machine)
    gaps[robots] = np.minimum(20 * np.exp(exponential[robots] / 1.2), 3_600)
    gaps[first] = 0
    return gaps.astype(np.float64)


def _instants(day: date, second: Array) -> Array:
    """Microseconds since 1970; a burst that passes midnight goes on at the day's beginning, so that the day stays
    whole.
    """
    midnight = (day - date(1970, 1, 1)).days * DAY_S * 1_000_000
    return midnight + (second * 1_000_000).astype(np.int64) % (DAY_S * 1_000_000)


def _voice(here: Day) -> pa.Table:
    people, rng = here.people, here.rng
    row, at = _events(here, CALLS)
    n = len(row)
    coin = rng.random((4, n), dtype=np.float32)
    direction = (coin[0] < people.called_share[row]).astype(np.int8)
    roaming = np.where(coin[1] < people.roaming[row], np.where(coin[2] < 0.08, 2, 1), 0).astype(np.int8)
    abroad = coin[3] < people.abroad[row]
    far = coin[2] < people.inter_provincial[row]
    reach = np.where(abroad, np.where(coin[1] < 0.5, 2, 3), far).astype(np.int8)
    duration = _log_logistic(rng, people.call_scale[row], people.call_shape[row])
    return _table(here, row, at, "voice", duration, None, direction, reach, roaming, _peers(here, row))


def _log_logistic(rng: np.random.Generator, scale: Array, shape: Array) -> Array:
    """Seconds: scale x (u / (1 - u))^(1/shape), at most `LONGEST_S`."""
    u = rng.random(len(scale), dtype=np.float32)
    odds = u / (1 - u + np.float32(1e-6))
    seconds = scale * np.exp(np.log(odds + np.float32(1e-6)) / shape)
    return np.clip(seconds, 1, LONGEST_S).astype(np.int64)


def _text(here: Day, stream: Stream, kind: str) -> pa.Table:
    row, at = _events(here, stream)
    n = len(row)
    direction = (here.rng.random(n, dtype=np.float32) < 0.55).astype(np.int8)
    zero = np.zeros(n, np.int8)
    return _table(here, row, at, kind, None, None, direction, zero, zero, _peers(here, row))


def _sessions(here: Day, stream: Stream, kind: str, length: Array, volume: Array) -> pa.Table:
    people, rng = here.people, here.rng
    row, at = _events(here, stream)
    n = len(row)
    noise = rng.standard_normal((2, n), dtype=np.float32)
    seconds = np.clip(length[row] * np.exp(0.8 * noise[0] - 0.32), 1, 6 * 3_600).astype(np.int64)
    kilobytes = np.clip(volume[row] * np.exp(0.7 * noise[1] - 0.245), 0, 3e9).astype(np.int64)
    away = (rng.random(n, dtype=np.float32) < people.roaming[row]).astype(np.int8)
    roaming = away if kind == "mobile_data" else np.zeros(n, np.int8)
    return _table(here, row, at, kind, seconds, kilobytes, None, None, roaming, None)


def _peers(here: Day, row: Array) -> Array:
    """The counterparty's number, hashed: acquaintances by rank, near ones oftenest; the nearest live in the
    community.
    """
    people, rng = here.people, here.rng
    u = rng.random(len(row), dtype=np.float32)
    rank = (people.peers[row] * u * u).astype(np.int64)
    subscriber = people.subscriber[row].astype(np.int64)
    home = subscriber // COMMUNITY * COMMUNITY
    neighbour = home + (subscriber - home + rank + 1) % COMMUNITY
    stranger = (subscriber << 20) + rank + (1 << 52)
    return mixed_bits(np.where(rank < 12, neighbour, stranger))


def _table(
    here: Day,
    row: Array,
    at: Array,
    kind: str,
    duration: Array | None,
    volume: Array | None,
    direction: Array | None,
    reach: Array | None,
    roaming: Array,
    peer: Array | None,
) -> pa.Table:
    n = len(row)
    zeros = np.zeros(n, np.int64)
    columns = [
        pa.array(here.people.subscriber[row]),
        pa.array(at).view(pa.timestamp("us")),
        coded(np.full(n, KINDS.index(kind), np.int8), KINDS),
        coded(direction, DIRECTIONS, n),
        coded(reach, REACHES, n),
        coded(roaming, ROAMINGS),
        pa.nulls(n, pa.int64()) if peer is None else pa.array(peer),
        pa.array(zeros if duration is None else duration),
        pa.array(zeros if volume is None else volume),
    ]
    return pa.Table.from_arrays(columns, names=USAGE.schema.names)


def coded(codes: Array | None, values: tuple[str, ...], n: int = 0) -> Any:
    """A dictionary column; no codes: `n` times unknown."""
    indices: Any = pa.nulls(n, pa.int8()) if codes is None else pa.array(codes)
    return pa.DictionaryArray.from_arrays(indices, pa.array(values))
