"""Arms of an experiment, and the share of choices left to chance with their logged probabilities. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from telewave.experiments.holdout import (
    Flags,
    Numbers,
    Purpose,
    ShareOutOfRange,
    UnequalLists,
    Uniforms,
    UniversalControl,
    held_out,
    stratified,
    uniform,
)
from telewave.kernel import Label, Malformed, Message

UNIVERSAL, HELD_OUT = -2, -1
NOBODY = -1
BLOCK = 65_536


class SharesNotWhole(Malformed):
    """The arms' shares sum to {total:g}. Make them sum to 1, each above 0."""


class SameArm(Malformed):
    """Two arms are called {name}. Give each arm a name of its own."""


class IneligibleChoice(Malformed):
    """The plan gives subscriber {number} option {option}, for which the subscriber is not eligible. Correct the plan or the eligibility."""


@dataclass(frozen=True, slots=True)
class Arm:
    """One of the ways that an experiment compares; `share` of those who are not held out."""

    label: Label
    share: float


@dataclass(frozen=True, slots=True)
class Experiment:
    """A comparison fixed before launch: who is left alone, and how the others are split.

    `holdout` is the share held out of this campaign alone; `universal` is held out of all of them, first.
    `start` and `end` are the first and last day on which the campaign contacts anybody. No arms: one, everybody else.
    Raises `SharesNotWhole`, `SameArm`, `ShareOutOfRange`.
    """

    name: str
    start: date
    end: date
    holdout: float
    universal: UniversalControl
    arms: tuple[Arm, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.holdout < 1:
            raise ShareOutOfRange(share=self.holdout)
        if self.arms:
            edges([arm.share for arm in self.arms])
        names = [arm.label.en for arm in self.arms]
        for name in names:
            if names.count(name) > 1:
                raise SameArm(name=name)

    def assign(self, subscribers: Numbers, strata: Numbers | None = None) -> npt.NDArray[np.int16]:
        """One code a subscriber: `UNIVERSAL`, `HELD_OUT`, or the index of the arm.

        With `strata` (one code a subscriber) the holdout has exact sizes, counted among those outside the universal control.
        Raises what `held_out`, `stratified` and `UniversalControl.members` raise.
        """
        if strata is not None and len(strata) != len(subscribers):
            raise UnequalLists(subscribers=len(subscribers), others=len(strata), what=Message("strata"))
        open_to = ~self.universal.members(subscribers, self.start, self.end)
        codes = np.full(len(subscribers), UNIVERSAL, np.int16)
        codes[open_to] = self._within(subscribers[open_to], None if strata is None else strata[open_to])
        return codes

    def _within(self, subscribers: Numbers, strata: Numbers | None) -> npt.NDArray[np.int16]:
        if strata is None:
            held = held_out(self.name, subscribers, self.holdout)
        else:
            held = stratified(self.name, subscribers, strata, self.holdout)
        arms = split(self.name, subscribers, [arm.share for arm in self.arms] or [1.0])
        return np.where(held, np.int16(HELD_OUT), arms)


def edges(shares: Sequence[float]) -> Uniforms:
    """Where each arm ends in [0, 1]; the last ends at exactly 1. Raises `SharesNotWhole`."""
    total = float(np.sum(shares))
    if not len(shares) or min(shares) <= 0 or abs(total - 1) > 1e-9:
        raise SharesNotWhole(total=total)
    ends = np.cumsum(np.asarray(shares, np.float64))
    ends[-1] = 1.0
    return ends


def split(experiment: str, subscribers: Numbers, shares: Sequence[float]) -> npt.NDArray[np.int16]:
    """The index of each subscriber's arm, drawn with probabilities `shares`, independently of the holdout's draw."""
    drawn = uniform(experiment, subscribers, Purpose.ARM)
    return np.searchsorted(edges(shares), drawn, side="right").astype(np.int16)


@dataclass(frozen=True, slots=True)
class Explored:
    """What is done, one entry a subscriber. `option`: index, or `NOBODY` for no contact. `propensity`: the exact probability
    that this option was done, to be logged with the contact. `by_chance`: the option came from the draw, not from the plan.
    """

    option: npt.NDArray[np.int32]
    propensity: Uniforms
    by_chance: Flags


def explore(
    experiment: str, subscribers: Numbers, chosen: Numbers, eligible: Flags, epsilon: float
) -> Explored:
    """With probability `epsilon` an option is drawn at random among those the subscriber may have, else the plan's is done.

    `chosen`: the plan's option of each subscriber, `NOBODY` for none; `eligible`: shape (subscribers, options). Whom the plan
    leaves alone is left alone, with probability 1: exploring does not use capacity that the plan did not give out.
    Raises `ShareOutOfRange`, `IneligibleChoice`, `UnequalLists`.
    """
    if not 0 <= epsilon < 1:
        raise ShareOutOfRange(share=epsilon)
    for others, what in ((chosen, Message("choices")), (eligible, Message("rows of eligible options"))):
        if len(others) != len(subscribers):
            raise UnequalLists(subscribers=len(subscribers), others=len(others), what=what)
    coin = uniform(experiment, subscribers, Purpose.COIN)
    pick = uniform(experiment, subscribers, Purpose.OPTION)
    blocks = [slice(start, start + BLOCK) for start in range(0, max(len(subscribers), 1), BLOCK)]
    for block in blocks:
        _check_choices(subscribers[block], chosen[block], eligible[block])
    parts = [drawn(chosen[b], eligible[b], epsilon, coin[b], pick[b]) for b in blocks]
    return Explored(
        np.concatenate([part.option for part in parts]),
        np.concatenate([part.propensity for part in parts]),
        np.concatenate([part.by_chance for part in parts]),
    )


def drawn(chosen: Numbers, eligible: Flags, epsilon: float, coin: Uniforms, pick: Uniforms) -> Explored:
    """The choice that two uniform numbers a subscriber lead to, and its probability over all such numbers.

    P(option) = epsilon / (number of eligible options) + (1 - epsilon) [option is the plan's].
    """
    possible = eligible.sum(axis=1, dtype=np.int64)
    touched = chosen != NOBODY
    by_chance = touched & (coin < epsilon)
    rank = np.minimum((pick * possible).astype(np.int64), possible - 1)  # which of the eligible ones, from 0
    at_random = (np.cumsum(eligible, axis=1, dtype=np.int32) > rank[:, None]).argmax(axis=1)
    option = np.where(by_chance, at_random, chosen).astype(np.int32)
    share = epsilon / np.maximum(possible, 1)
    propensity = np.where(touched, share + (1 - epsilon) * (option == chosen), 1.0)
    return Explored(option, propensity, by_chance)


def _check_choices(subscribers: Numbers, chosen: Numbers, eligible: Flags) -> None:
    outside = (chosen < NOBODY) | (chosen >= eligible.shape[1])
    known = np.where(outside | (chosen == NOBODY), 0, chosen)
    allowed = (
        eligible[np.arange(len(chosen)), known] if eligible.shape[1] else np.zeros(len(chosen), np.bool_)
    )
    wrong = np.flatnonzero(outside | ((chosen != NOBODY) & ~allowed))
    if wrong.size:
        raise IneligibleChoice(number=int(subscribers[wrong[0]]), option=int(chosen[wrong[0]]))
