"""The same resources used without a plan, to compare with: everybody in a random order, and the case's matrix of groups and channels. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from telewave.allocation.model import NOTHING, Choices, Problem
from telewave.allocation.rounding import first_come
from telewave.briefs.model import Brief
from telewave.experiments.holdout import Purpose, uniform
from telewave.planning.options import Base, Chances, Options
from telewave.targeting.plan import Group

GROUP_ORDER = tuple(Group)


@dataclass(frozen=True, eq=False, slots=True)
class Way:
    """One way to use the campaign's capacities, budgets and stocks. `profit`: expected, incremental, in major units."""

    choice: Choices
    profit: float

    @property
    def contacts(self) -> int:
        """Contacts in all."""
        return int(np.count_nonzero(self.choice != NOTHING))


@dataclass(frozen=True, eq=False, slots=True)
class Ways:
    """Blanket contact (everybody in a random order, the strongest channel with room), the case's matrix, the allocation.

    All three propose through a channel the offer that earns most with the subscriber, so they differ in whom they contact how. `unlevered`:
    what the allocation would earn without the levers; None: there are none.
    """

    blanket: Way
    matrix: Way | None
    plan: Way
    unlevered: float | None = None


def ways_of(
    brief: Brief,
    options: Options,
    base: Base,
    chance: Chances,
    problem: Problem,
    value: NDArray[np.float32],
    group: NDArray[np.int8] | None,
) -> Ways:
    """Blanket contact and the matrix, under the limits of the allocation; the plan itself is still missing."""
    by_lot = np.argsort(uniform(brief.id, base.subscriber, Purpose.LOT), kind="stable")
    strength = chance.gain[:, : len(brief.channels)].mean(0)
    everywhere = np.argsort(np.argsort(strength)).astype(np.float32) + 1
    blanket = _liked(options, problem, np.tile(everywhere, (len(by_lot), 1)))
    found = way(value, first_come(replace(problem, values=blanket), by_lot))
    matrix = None
    if group is not None and brief.matrix:
        order = np.argsort(-base.probability, kind="stable")
        liked = _liked(options, problem, _matrix(brief.matrix, brief, group))
        matrix = way(value, first_come(replace(problem, values=liked), order))
    return Ways(found, matrix, found)


def _liked(options: Options, problem: Problem, by_channel: NDArray[np.float32]) -> NDArray[np.float32]:
    """What comes first without weighing subscribers: the channel's weight (n, channels), 0 for none; then the offer that earns most."""
    value = problem.values
    scale = np.float32(0.4 / (1.0 + max(abs(part) for part in problem.value_range)))
    liking = np.empty(value.shape, np.float32)
    for j, channel in enumerate(options.channel_codes):
        weight = by_channel[:, channel]
        open_ = (weight > 0) & np.isfinite(value[:, j])
        liking[:, j] = np.where(open_, weight + scale * value[:, j], np.float32(-np.inf))
    return liking


def _matrix(
    matrix: Mapping[Group, tuple[str, ...]], brief: Brief, group: NDArray[np.int8]
) -> NDArray[np.float32]:
    """Weight of each channel for each subscriber, shape (n, channels), by the rule of his target group."""
    ids = [channel.id for channel in brief.channels]
    weight = np.zeros((len(GROUP_ORDER) + 1, len(ids)), np.float32)
    for number, one in enumerate(GROUP_ORDER):
        for place, channel in enumerate(matrix.get(one, ())):
            weight[number, ids.index(channel)] = 2.0 * (len(ids) - place)
    return weight[group]


def way(value: NDArray[np.float32], choice: Choices) -> Way:
    """The choice, and what it earns by `value`."""
    row, touch = np.nonzero(choice != NOTHING)
    return Way(choice, float(value[row, choice[row, touch]].sum(dtype=np.float64)))
