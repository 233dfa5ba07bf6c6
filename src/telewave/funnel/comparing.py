"""What contacts add, by channel and group, and through several channels: who speaks, and beside whom. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from telewave.funnel.effect import adjusted, apart, assumed, of_the_contacted
from telewave.funnel.landmarks import watched
from telewave.funnel.model import Cell, Combined, Effect, Question, Speaker
from telewave.funnel.organic import Organic, organic
from telewave.kernel import Estimate, Inconclusive

Floats = NDArray[np.float64]

ONE_CHANNEL = 0.95
"""Share of the contacted that one channel alone must have reached for a lot to speak of it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class People:
    """The grouped subscribers who had not ordered the offer before the window. Shapes (people,); `score`: logit of the
    model's chance; `channel`: the one of his first contact, `also`: of his first through another one, "" none;
    `took`: ordered in the window; `contacted_on`, `also_on`, `ordered_on`: the day of these contacts and of the first
    order, from the window's first, NaN: none.
    `kept`: his chance of not being held out by the campaign's lot (NaN: not in the draw); `held`: whether he was.
    """

    person: NDArray[np.int64]
    group: NDArray[np.str_]
    score: NDArray[np.float64]
    channel: NDArray[np.str_]
    also: NDArray[np.str_]
    took: NDArray[np.bool_]
    contacted_on: NDArray[np.float64]
    also_on: NDArray[np.float64]
    ordered_on: NDArray[np.float64]
    kept: NDArray[np.float64]
    held: NDArray[np.bool_]


def compared_effects(cells: Sequence[Cell], everybody: People | None, question: Question) -> Iterator[Effect]:
    """One a channel and group: by lot where there was one, else by comparison, else assumed."""
    for channel, group in dict.fromkeys((cell.channel, cell.group) for cell in cells):
        process = _together([cell for cell in cells if (cell.channel, cell.group) == (channel, group)])
        if everybody is None or not process.n:
            yield _assumed(channel, group, process)
        else:
            yield _judged(everybody, question, channel, group, process)


def _assumed(channel: str, group: str, process: Estimate) -> Effect:
    return Effect(
        channel=channel, group=group, speaker=Speaker.ASSUMED, estimate=assumed(process, None), process=process,
        organic=None, contacted=process.n, alone=0, beyond=None,
    )  # fmt: skip


def _judged(everybody: People, question: Question, channel: str, group: str, process: Estimate) -> Effect:
    """By the surest of the three that can speak."""
    found, lot = _compared(everybody, question, channel, group), _by_lot(everybody, channel, group)
    if found is None and lot is None:
        return _assumed(channel, group, process)
    compared, alone, contacted = found or (None, None, process.n)
    return Effect(
        channel=channel,
        group=group,
        speaker=Speaker.RANDOMISED if lot else Speaker.ADJUSTED,
        estimate=lot or compared or assumed(process, None),
        process=process,
        organic=alone.take_up if alone else None,
        contacted=contacted,
        alone=alone.take_up.n if alone else 0,
        beyond=alone.beyond if alone and not lot else None,
        overlap=_sides(alone) if alone and not lot else None,
    )


def _sides(found: Organic) -> tuple[tuple[int, ...], tuple[int, ...]]:
    contacted, alone = found.overlap.tolist()
    return tuple(contacted), tuple(alone)


def _by_lot(everybody: People, channel: str, group: str) -> Estimate | None:
    """From the campaign's holdout, where the contacts of the group went through this channel."""
    chosen = (everybody.group == group) & (everybody.kept > 0) & (everybody.kept < 1)
    through, assigned = everybody.channel[chosen], ~everybody.held[chosen]
    contacted = through != ""
    alone = (through == channel) & np.isnan(everybody.also_on[chosen])
    if not contacted.any() or alone[contacted].mean() < ONE_CHANNEL:
        return None
    score = everybody.score[chosen][:, None]
    return of_the_contacted(assigned, contacted, everybody.took[chosen], everybody.kept[chosen], score)


def _together(cells: Sequence[Cell]) -> Estimate:
    """Orders a contact over the offers of a channel and group, weighted by their attempts; limits likewise, which is
    wider than independent cells would be.
    """
    weights = np.array([cell.attempts for cell in cells], dtype=np.float64)
    weights = weights / weights.sum() if weights.sum() else np.full(len(cells), 1 / len(cells))
    found = [cell.ordered for cell in cells]
    value, low, high = (
        float(weights @ [getattr(one, name) for one in found]) for name in ("value", "low", "high")
    )
    return Estimate(
        value=value, low=low, high=high, n=sum(cell.attempts for cell in cells), method=found[0].method
    )


def _compared(
    everybody: People, question: Question, channel: str, group: str
) -> tuple[Estimate, Organic, int] | None:
    """People of the group whose first contact was through this channel, until another one contacts them, beside those
    of it left alone, each watched as long.
    """
    mine = everybody.channel == channel
    return _beside_the_left_alone(
        everybody, question, group, f"{channel}/{group}",
        np.where(mine, everybody.contacted_on, np.nan), everybody.also_on,
    )  # fmt: skip


def _beside_the_left_alone(
    everybody: People, question: Question, group: str, name: str, landmark: Floats, also_on: Floats | None
) -> tuple[Estimate, Organic, int] | None:
    chosen = everybody.group == group
    seen = watched(
        everybody.person[chosen],
        everybody.contacted_on[chosen],
        everybody.ordered_on[chosen],
        name=name,
        days=question.days,
        end=(question.as_of - question.since).days,
        also_on=None if also_on is None else also_on[chosen],
        landmark=landmark[chosen],
    )
    contacted, took, score = seen.contacted, seen.took, everybody.score[chosen][seen.place]
    found = organic(contacted, took, np.column_stack([score, score**2]))
    if isinstance(found, Inconclusive):
        return None
    return adjusted(contacted, took, found, seen.place), found, int(contacted.sum())


def combined(everybody: People, effects: Sequence[Effect], question: Question) -> Iterator[Combined]:
    """One a pair of channels and a group in which enough people were contacted through both."""
    turned = everybody.channel > everybody.also
    first = np.where(turned, everybody.also, everybody.channel)
    second = np.where(turned, everybody.channel, everybody.also)
    both = ~np.isnan(everybody.also_on)
    alone = {(one.channel, one.group): one for one in effects if one.speaker is not Speaker.ASSUMED}
    for one, other in sorted(set(zip(first[both].tolist(), second[both].tolist(), strict=True))):
        mine = both & (first == one) & (second == other)
        landmark = np.where(mine, everybody.also_on, np.nan)
        for group in dict.fromkeys(effect.group for effect in effects):
            name = f"{one}+{other}/{group}"
            if (found := _beside_the_left_alone(everybody, question, group, name, landmark, None)) is None:
                continue
            known = [alone[of, group].estimate for of in (one, other) if (of, group) in alone]
            estimate, left, contacted = found
            yield Combined(
                channels=(one, other),
                group=group,
                estimate=estimate,
                apart=apart(*known) if len(known) == 2 else None,
                contacted=contacted,
                alone=left.take_up.n,
            )
