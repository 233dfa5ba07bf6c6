"""Which channel orders are put down to, by four rules side by side. Pure.

None of them is causal: each shares out the orders of people who were contacted by rules, and who was contacted through
what was no chance. What the campaign brought at all is known from its holdout; shares only divide it.

- *Last touch*: the channel of the last contact before the order.
- *Position*: 40 % the first, 40 % the last, 20 % those between evenly; of two 50 % each.
- *Removal* (Anderl, Becker, von Wangenheim and Schumann 2016, IJRM 33(3)): paths are walks of a Markov chain of first
  order from the start over channels to order or none. How much fewer orders the chain makes when a channel leads
  to none, in proportion. The chain's chance to order equals orders / paths exactly, since the counts of its steps are
  those that flow in and out of each channel.
- *Shapley*: the value of a set of channels is the orders whose paths lie within it; each order is then shared evenly by
  the different channels of its path, exactly. Sums to the orders.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from telewave.kernel import Label

Floats = npt.NDArray[np.float64]
ENDS = 0.4
Path = tuple[str, ...]
Counted = Mapping[Path, tuple[int, int]]
"""How many people went each path (channels in order of contacts, at least one), and how many of them ordered."""


class Rule(StrEnum):
    """How orders are shared out."""

    LAST = "last"
    POSITION = "position"
    REMOVAL = "removal"
    SHAPLEY = "shapley"

    @property
    def label(self) -> Label:
        """For people."""
        return LABELS[self]


LABELS = {
    Rule.LAST: Label("Last touch", "末次触点"),
    Rule.POSITION: Label("First and last 40 % each", "首末各 40%"),
    Rule.REMOVAL: Label("Removal (Markov)", "移除法（马尔可夫）"),
    Rule.SHAPLEY: Label("Shapley", "沙普利值"),
}


def attributed(paths: Counted, rule: Rule) -> dict[str, float]:
    """Orders put down to each channel that stands on a path, by name; they sum to the orders of all paths."""
    match rule:
        case Rule.LAST:
            return _shared(paths, lambda path: {path[-1]: 1.0})
        case Rule.POSITION:
            return _shared(paths, _by_position)
        case Rule.REMOVAL:
            return _by_removal(paths)
        case Rule.SHAPLEY:
            return _shared(paths, _evenly)


def channels_of(paths: Counted) -> list[str]:
    """All channels that stand on a path, by name."""
    return sorted({channel for path in paths for channel in path})


def _shared(paths: Counted, weights: Callable[[Path], Mapping[str, float]]) -> dict[str, float]:
    found = dict.fromkeys(channels_of(paths), 0.0)
    for path, (_, orders) in paths.items():
        for channel, weight in weights(path).items():
            found[channel] += orders * weight
    return found


def _evenly(path: Path) -> dict[str, float]:
    return dict.fromkeys(path, 1 / len(set(path)))


def _by_position(path: Path) -> dict[str, float]:
    if len(path) <= 2:
        each = [1 / len(path)] * len(path)
    else:
        between = (1 - 2 * ENDS) / (len(path) - 2)
        each = [ENDS, *[between] * (len(path) - 2), ENDS]
    found = dict.fromkeys(path, 0.0)
    for channel, weight in zip(path, each, strict=True):
        found[channel] += weight
    return found


def _by_removal(paths: Counted) -> dict[str, float]:
    names = channels_of(paths)
    orders = sum(took for _, took in paths.values())
    start, steps, ends = _chain(paths, names)
    lost = []
    for k in range(len(names)):
        kept = np.arange(len(names)) != k
        lost.append(max(0.0, chance_to_order(start, steps, ends) - _without(start, steps, ends, kept)))
    whole = sum(lost)
    return {name: orders * one / whole if whole else 0.0 for name, one in zip(names, lost, strict=True)}


def _chain(paths: Counted, names: Sequence[str]) -> tuple[Floats, Floats, Floats]:
    """Chances of the chain's steps: from the start to each channel, shape (m,), from channel to channel, shape (m, m),
    and from each channel to an order, shape (m,).
    """
    place = {name: k for k, name in enumerate(names)}
    m = len(names)
    start, steps, ends, left = np.zeros(m), np.zeros((m, m)), np.zeros(m), np.zeros(m)
    for path, (people, took) in paths.items():
        start[place[path[0]]] += people
        for one, other in pairwise(path):
            steps[place[one], place[other]] += people
            left[place[one]] += people
        ends[place[path[-1]]] += took
        left[place[path[-1]]] += people
    return start / start.sum(), steps / left[:, None], ends / left


def conversion(paths: Counted) -> float:
    """The chain's chance to order, which is orders / people."""
    return chance_to_order(*_chain(paths, channels_of(paths)))


def chance_to_order(start: Floats, steps: Floats, ends: Floats) -> float:
    """Of a chain as `_chain`: visits v solve v = start + v steps; the chance is v times that of an order from there."""
    visits = np.linalg.solve(np.eye(len(start)) - steps.T, start)
    return float(visits @ ends)


def _without(start: Floats, steps: Floats, ends: Floats, kept: npt.NDArray[np.bool_]) -> float:
    return chance_to_order(start[kept], steps[np.ix_(kept, kept)], ends[kept]) if kept.any() else 0.0
