"""The same resources used without a plan, to compare with: everybody in a random order, and
the case's matrix of groups and channels. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from telewave.allocation.model import NOTHING, Choices, Problem, Values
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
    """Blanket contact (everybody in a random order, the strongest channel with
    room), the case's matrix, the allocation.

    All three propose through a channel the offer that earns most with the subscriber, so they differ in whom they
    contact how. `unlevered`: what the allocation would earn without the levers; None: there are none.
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
    earned: Callable[[Choices], Way],
    group: NDArray[np.int8] | None,
) -> Ways:
    """Blanket contact and the matrix, under the limits of the allocation; the plan itself is still
    missing. `earned`: a choice with what it earns.
    """
    by_lot = np.argsort(uniform(brief.id, base.subscriber, Purpose.LOT), kind="stable")
    strength = chance.gain[:, : len(brief.channels)].mean(0)
    everywhere = np.argsort(np.argsort(strength)).astype(np.float32) + 1
    blanket = first_come(
        problem, by_lot, lambda rows: _liked(options, problem, rows, np.tile(everywhere, (len(rows), 1)))
    )
    found = earned(blanket)
    if group is None or not brief.matrix:
        return Ways(found, None, found)
    order, weight = np.argsort(-base.probability, kind="stable"), _matrix(brief.matrix, brief)
    by_group = first_come(problem, order, lambda rows: _liked(options, problem, rows, weight[group[rows]]))
    return Ways(found, earned(by_group), found)


def _liked(
    options: Options, problem: Problem, rows: NDArray[np.int64], by_channel: NDArray[np.float32]
) -> Values:
    """What `rows` get without being weighed: the channel's weight (k, channels), 0
    for none; then the offer that earns most.
    """
    value = problem.values[rows]
    scale = np.float32(0.4 / (1.0 + max(abs(part) for part in problem.value_range)))
    weight = by_channel[:, options.channel_codes]
    open_ = (weight > 0) & np.isfinite(value)
    return np.where(open_, weight + scale * value, np.float32(-np.inf))


def _matrix(matrix: Mapping[Group, tuple[str, ...]], brief: Brief) -> NDArray[np.float32]:
    """Weight of each channel for the members of each target group and, last, of none; shape (groups + 1, channels)."""
    ids = [channel.id for channel in brief.channels]
    weight = np.zeros((len(GROUP_ORDER) + 1, len(ids)), np.float32)
    for number, one in enumerate(GROUP_ORDER):
        for place, channel in enumerate(matrix.get(one, ())):
            weight[number, ids.index(channel)] = 2.0 * (len(ids) - place)
    return weight


def way(choice: Choices, value_at: Callable[[NDArray[np.int64], NDArray[np.int64]], Values]) -> Way:
    """The choice, and what it earns. `value_at`: what subscribers' options earn."""
    row, touch = np.nonzero(choice != NOTHING)
    return Way(choice, float(value_at(row, choice[row, touch].astype(np.int64)).sum(dtype=np.float64)))
