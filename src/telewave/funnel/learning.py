"""From counted records to the chances of every cell: which steps are told, pooled step by step. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from telewave.funnel.assumptions import Belief, chain_belief
from telewave.funnel.model import Cell, Source, StepChance
from telewave.funnel.pooling import Counts, pooled
from telewave.funnel.steps import Outcome, Step, Tracking, recorded, steps_of, told, tried
from telewave.kernel import Estimate

METHOD = "hierarchical logit"
COLD = ("outbound_call", "hall", "sms")
"""Channels that are shown also where they have no records: those that a campaign is most likely to use."""

Key = tuple[str, str]
"""A group and an offer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """`n` contacts of which the records tell the same: their `outcome`, `group`, `offer`, and mean `score` (the logit
    of the model's chance; 0 where there is no model).
    """

    outcome: Outcome
    group: str
    offer: str
    score: float
    n: int


def learnt_cells(records: Sequence[Alike], groups: Sequence[str]) -> tuple[Cell, ...]:
    """The cells of every channel with records, and of `COLD`; `groups` names those that may be planned for."""
    by_channel: dict[str, list[Alike]] = defaultdict(list)
    for one in records:
        by_channel[one.outcome.channel].append(one)
    channels = dict.fromkeys([*COLD, *sorted(by_channel)])
    return tuple(cell for channel in channels for cell in _channel(channel, by_channel[channel], groups))


def tells(records: Iterable[Alike]) -> bool:
    """Whether any record says anything of a step before the order, which its own table tells."""
    every = Tracking(opens=True, answers=True)
    return any(set(told(one.outcome, every)[:-1]) != {None} for one in records)


def _channel(channel: str, records: Sequence[Alike], groups: Sequence[str]) -> list[Cell]:
    offers = sorted({one.offer for one in records}) or [""]
    found = {one.group for one in records}
    keys = [(group, offer) for offer in offers for group in dict.fromkeys([*groups, *sorted(found)])]
    if not records:
        return [_believed(channel, key) for key in keys]
    tracking = Tracking.of({one.outcome.disposition for one in records})
    seen = [(one, told(one.outcome, tracking)) for one in records]
    steps = steps_of(channel)
    chain = chain_of([said for _, said in seen], steps)
    taken = [_step(channel, keys, seen, chain, place) for place in range(len(chain))]
    attempts = {key: sum(one.n for one in records if (one.group, one.offer) == key) for key in keys}
    return [
        Cell(channel=channel, group=key[0], offer=key[1], attempts=attempts[key],
             steps=tuple(found[key] for found in taken))
        for key in keys
    ]  # fmt: skip


def chain_of(said: Collection[tuple[bool | None, ...]], steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps that what was `said` records, and the order, which is the end of every funnel."""
    told_of = recorded(said, steps)
    return tuple(step for step in steps if step in told_of or step is steps[-1])


def covered(steps: Sequence[Step], chain: Sequence[Step], place: int) -> tuple[Step, ...]:
    """The steps that the one at `place` of the recorded `chain` stands for."""
    return tuple(steps[steps.index(chain[place - 1]) + 1 if place else 0 : steps.index(chain[place]) + 1])


def _step(
    channel: str,
    keys: Sequence[Key],
    seen: Sequence[tuple[Alike, tuple[bool | None, ...]]],
    chain: Sequence[Step],
    place: int,
) -> Mapping[Key, StepChance]:
    """The chance of one recorded step in each cell."""
    steps = steps_of(channel)
    covers = covered(steps, chain, place)
    beliefs = [chain_belief(channel, group, covers) for group, _ in keys]
    rows: dict[tuple[int, float], list[int]] = defaultdict(lambda: [0, 0])
    numbered = {key: k for k, key in enumerate(keys)}
    for one, said in seen:
        took = tried(said, steps, chain, chain[place])
        if took is not None:
            row = rows[numbered[one.group, one.offer], one.score]
            row[0] += one.n
            row[1] += one.n * took
    if not rows:
        return {key: _assumed(covers, belief) for key, belief in zip(keys, beliefs, strict=True)}
    made = pooled(_counts(rows), beliefs)
    return {
        key: StepChance(
            covers=covers,
            estimate=Estimate(
                value=float(made.chance[k]), low=float(made.low[k]), high=float(made.high[k]),
                n=int(made.records[k]), method=METHOD,
            ),
            belief=beliefs[k].estimate,
            source=Source.RECORDS if made.records[k] else Source.NEIGHBOURS,
        )
        for key, k in numbered.items()
    }  # fmt: skip


def _counts(rows: Mapping[tuple[int, float], Sequence[int]]) -> Counts:
    cell, score = np.array([key[0] for key in rows]), np.array([[key[1]] for key in rows])
    counted = np.array(list(rows.values()), dtype=np.float64)
    return Counts(cell=cell, n=counted[:, 0], yes=counted[:, 1], x=score)


def _believed(channel: str, key: Key) -> Cell:
    """A cell of a channel without records: the assumptions, step by step."""
    found = tuple(_assumed((step,), chain_belief(channel, key[0], (step,))) for step in steps_of(channel))
    return Cell(channel=channel, group=key[0], offer=key[1], attempts=0, steps=found)


def _assumed(covers: tuple[Step, ...], belief: Belief) -> StepChance:
    return StepChance(covers=covers, estimate=belief.estimate, belief=belief.estimate, source=Source.BELIEF)
