"""Scripts as arms: which of them makes more of those who answer willing, corrected for many arms. Pure.

Calls that reached somebody are compared within each day and target group, each script beside all others together, by
the martingale of `whose_success`, of both sides half: its inverse is a p-value that may be looked at daily. Holm's
correction (1979) over the arms with enough calls keeps the chance of any wrong verdict in a campaign at 5 %, again at
whatever day one looks. Who chose the script matters: where it was not drawn by lot, a difference may be that of the
customers.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from telewave.kernel import Estimate, Label
from telewave.kernel.intervals import wilson
from telewave.measurement.sequence import holm
from telewave.measurement.whose_success import RATIOS, evidence

Array = Any
FEWEST_EXPECTED = 5.0
"""Willing that an arm lets expect at the others' level; with fewer nothing is told of it."""
WRONG = 0.05


class ArmVerdict(StrEnum):
    """What is known of a script."""

    BETTER = "better"
    WORSE = "worse"
    OPEN = "open"
    TOO_FEW = "too_few"

    @property
    def label(self) -> Label:
        """For people."""
        return _LABELS[self]


_LABELS = {
    ArmVerdict.BETTER: Label("better", "更好"),
    ArmVerdict.WORSE: Label("worse", "更差"),
    ArmVerdict.OPEN: Label("not to be told from chance", "与偶然无法区分"),
    ArmVerdict.TOO_FEW: Label("too few calls to tell", "外呼太少，尚不能判断"),
}


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class ArmCalls:
    """Calls that reached somebody, shape (n,): code of the `arm` and of the target `group`, `day` of the campaign, and
    whether he became `willing`.
    """

    arm: Array
    day: Array
    group: Array
    willing: Array


@dataclass(frozen=True, kw_only=True, slots=True)
class ArmFound:
    """One script: calls that `reached` somebody, of these `willing`, and how many were `expected` at the level of all
    scripts in the same days and groups. `chance`: p-value after Holm, of all days together; None: too few.
    """

    name: str
    reached: int
    willing: int
    expected: float
    share: Estimate
    chance: float | None
    verdict: ArmVerdict


def compared_arms(calls: ArmCalls, names: tuple[str, ...]) -> tuple[ArmFound, ...]:
    """Every arm with calls, the one with the greatest share first. `names`: by code."""
    days, groups = (int(one.max(initial=-1)) + 1 for one in (calls.day, calls.group))
    shape = (len(names), days, groups)
    place = np.ravel_multi_index((calls.arm, calls.day, calls.group), shape) if len(calls.arm) else calls.arm

    def summed(weights: Array) -> Array:
        return np.bincount(place, weights=weights, minlength=len(names) * days * groups).reshape(shape)

    done, won = summed(np.ones(len(calls.arm))), summed(calls.willing)
    cells = done.sum(axis=0)
    level = won.sum(axis=0) / np.where(cells > 0, cells, 1.0)
    expected = (done * level).sum(axis=(1, 2))
    reached, willing = done.sum(axis=(1, 2)), won.sum(axis=(1, 2))
    known = [k for k in range(len(names)) if reached[k] and expected[k] >= FEWEST_EXPECTED]
    known = known if len(known) > 1 else []
    chances = dict(zip(known, holm(_chances(won, done)[known].tolist()), strict=True)) if known else {}
    found = [
        ArmFound(
            name=names[k],
            reached=int(reached[k]),
            willing=int(willing[k]),
            expected=float(expected[k]),
            share=wilson(int(willing[k]), int(reached[k])),
            chance=chances.get(k),
            verdict=_verdict(chances.get(k), float(willing[k] - expected[k])),
        )
        for k in range(len(names))
        if reached[k]
    ]
    return tuple(sorted(found, key=lambda one: (-one.share.value, one.name)))


def _chances(won: Array, done: Array) -> Array:
    """The p-value of each arm that holds on all days together, before any correction, shape (arms,)."""
    if not won.shape[1]:
        return np.ones(won.shape[0])
    both = (evidence(won, done, RATIOS) + evidence(won, done, 1 / RATIOS)) / 2
    return np.minimum(1.0, 1 / both.max(axis=1))


def _verdict(chance: float | None, ahead: float) -> ArmVerdict:
    if chance is None:
        return ArmVerdict.TOO_FEW
    if chance > WRONG:
        return ArmVerdict.OPEN
    return ArmVerdict.BETTER if ahead > 0 else ArmVerdict.WORSE
