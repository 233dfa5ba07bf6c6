"""By hour, earlier attempts, agent and script: which of them go with a channel's steps, from counted records. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from telewave.funnel.conditions import Differences, Tried, differences
from telewave.funnel.learning import Alike, chain_of, covered
from telewave.funnel.model import Condition, Factor, Level
from telewave.funnel.steps import Step, Tracking, steps_of, told, tried
from telewave.kernel import Estimate

FACTORS: Mapping[Step, tuple[Factor, ...]] = {
    Step.REACHED: (Factor.HOUR, Factor.EARLIER),
    Step.LISTENS: (Factor.AGENT, Factor.SCRIPT),
    Step.WILLING: (Factor.AGENT, Factor.SCRIPT),
}
"""What may decide each step beside who is contacted with what."""
MOST_EARLIER = 3
"""Earlier attempts from which they are counted together."""
FEWEST = 30
"""Records of a level below which nothing is told of it, and on the whole a step's below which nothing is fitted."""
METHOD = "logit with pooled levels"


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """When, by whom and how an attempt was made; "" where it was not told. `earlier`: attempts before it in the window,
    through the same channel.
    """

    hour: str
    earlier: str
    agent: str
    script: str


Made = tuple[Alike, Circumstances]


def conditions(records: Sequence[Made]) -> tuple[Condition, ...]:
    """Of every channel, step and factor that has at least two levels with records enough."""
    by_channel: dict[str, list[Made]] = defaultdict(list)
    for one in records:
        by_channel[one[0].outcome.channel].append(one)
    return tuple(
        found for channel in sorted(by_channel) for found in _of_channel(channel, by_channel[channel])
    )


def _of_channel(channel: str, records: Sequence[Made]) -> Iterator[Condition]:
    tracking, steps = Tracking.of({one.outcome.disposition for one, _ in records}), steps_of(channel)
    said = [told(one.outcome, tracking) for one, _ in records]
    chain = chain_of(said, steps)
    for place, step in enumerate(chain):
        covers = covered(steps, chain, place)
        factors = tuple(dict.fromkeys(factor for one in covers for factor in FACTORS.get(one, ())))
        took = [tried(one, steps, chain, step) for one in said]
        rows = [(*one, bool(t)) for one, t in zip(records, took, strict=True) if t is not None]
        yield from _of_step(channel, covers, factors, rows)


def _of_step(
    channel: str,
    covers: tuple[Step, ...],
    factors: Sequence[Factor],
    rows: Sequence[tuple[Alike, Circumstances, bool]],
) -> Iterator[Condition]:
    used = [factor for factor in factors if _varies(factor, rows)]
    known = [one for one in rows if all(_level(factor, one[1]) for factor in used)]
    if not used or not known or not all(_varies(factor, known) for factor in used):
        return
    names = [sorted({_level(factor, one[1]) for one in known}) for factor in used]
    for factor, levels, found in zip(used, names, differences(_counted(known, used, names)), strict=True):
        yield _told(channel, covers, factor, levels, found)


def _level(factor: Factor, at: Circumstances) -> str:
    return str(getattr(at, factor.value))


def _varies(factor: Factor, rows: Sequence[tuple[Alike, Circumstances, bool]]) -> bool:
    """Whether at least two of its levels have records enough."""
    counts: dict[str, int] = defaultdict(int)
    for one, at, _ in rows:
        counts[_level(factor, at)] += one.n
    return sum(n >= FEWEST for level, n in counts.items() if level) > 1


def _counted(
    rows: Sequence[tuple[Alike, Circumstances, bool]],
    factors: Sequence[Factor],
    names: Sequence[Sequence[str]],
) -> Tried:
    cells = {key: k for k, key in enumerate(sorted({(one.group, one.offer) for one, _, _ in rows}))}
    numbers = [{level: k for k, level in enumerate(levels)} for levels in names]
    counted: dict[tuple[int, float, tuple[int, ...]], list[int]] = defaultdict(lambda: [0, 0])
    for one, at, took in rows:
        levels = tuple(of[_level(factor, at)] for factor, of in zip(factors, numbers, strict=True))
        row = counted[cells[one.group, one.offer], one.score, levels]
        row[0] += one.n
        row[1] += one.n * took
    keys, n = list(counted), np.array(list(counted.values()), dtype=np.float64)
    return Tried(
        cell=np.array([key[0] for key in keys]),
        score=np.array([key[1] for key in keys]),
        n=n[:, 0],
        yes=n[:, 1],
        levels=np.array([key[2] for key in keys]).T,
    )


def _told(
    channel: str, covers: tuple[Step, ...], factor: Factor, names: Sequence[str], found: Differences
) -> Condition:
    levels = tuple(
        Level(
            name=name,
            estimate=Estimate(
                value=float(found.chance[k]), low=float(found.low[k]), high=float(found.high[k]),
                n=int(found.records[k]), method=METHOD,
            ),
        )
        for k, name in enumerate(names)
        if found.records[k] >= FEWEST
    )  # fmt: skip
    value, low, high = found.spread
    spread = Estimate(value=value, low=low, high=high, n=len(names), method=METHOD)
    return Condition(
        channel=channel, covers=covers, factor=factor, usual=found.usual, spread=spread, levels=levels
    )
