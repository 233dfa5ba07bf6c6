"""Who is left alone and whose contacts are exchanged by lot, with the exact probability of what was done. Pure."""

from __future__ import annotations

from collections.abc import Callable
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
    hashes,
    held_out,
    stratified,
    uniform,
)
from telewave.kernel import Message

UNIVERSAL, HELD_OUT, CONTACTED = -2, -1, 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Experiment:
    """A comparison fixed before launch: who is left alone.

    `holdout` is the share held out of this campaign alone; `universal` is held out of all of them, first.
    `start` and `end` are the first and last day on which the campaign contacts anybody. Raises `ShareOutOfRange`.
    """

    name: str
    start: date
    end: date
    holdout: float
    universal: UniversalControl

    def __post_init__(self) -> None:
        if not 0 <= self.holdout < 1:
            raise ShareOutOfRange(share=self.holdout)

    def assign(self, subscribers: Numbers, strata: Numbers | None = None) -> npt.NDArray[np.int8]:
        """One code a subscriber: `UNIVERSAL`, `HELD_OUT` or `CONTACTED`.

        With `strata` (one code a subscriber) the holdout has exact sizes, counted among those outside the universal
        control. Raises what `held_out`, `stratified` and `UniversalControl.members` raise.
        """
        if strata is not None and len(strata) != len(subscribers):
            raise UnequalLists(subscribers=len(subscribers), others=len(strata), what=Message("strata"))
        open_to = ~self.universal.members(subscribers, self.start, self.end)
        codes = np.full(len(subscribers), UNIVERSAL, np.int8)
        if strata is None:
            held = held_out(self.name, subscribers[open_to], self.holdout)
        else:
            held = stratified(self.name, subscribers[open_to], strata[open_to], self.holdout)
        codes[open_to] = np.where(held, np.int8(HELD_OUT), np.int8(CONTACTED))
        return codes


@dataclass(frozen=True, slots=True)
class Explored:
    """What is done, one entry a subscriber. `option`: what the subscriber gets in the end. `propensity`: the exact
    probability, given the pairs, that this option was done, to be logged with the contact. `possible`: whose option
    could have been exchanged; `by_chance`: whose was.
    """

    option: npt.NDArray[np.int64]
    propensity: Uniforms
    possible: Flags
    by_chance: Flags


def pairs(experiment: str, subscribers: Numbers, strata: Numbers, chosen: Numbers) -> tuple[Numbers, Numbers]:
    """Positions of the first and the second of each pair of a stratum, with different options as
    far as there are; an odd one has no pair.

    In the order of options, then of hashes, the k-th of the first half of a stratum
    is paired with the k-th of the second half.
    """
    order = np.lexsort((hashes(experiment, subscribers, Purpose.PAIR), chosen, strata))
    codes = strata[order]
    starts = np.flatnonzero(np.concatenate([np.ones(min(len(codes), 1), bool), codes[1:] != codes[:-1]]))
    sizes = np.diff(np.append(starts, len(codes)))
    place, half = np.arange(len(codes)) - np.repeat(starts, sizes), np.repeat(sizes // 2, sizes)
    first = np.flatnonzero(place < half)
    return order[first], order[first + half[first]]


def explore(
    experiment: str,
    subscribers: Numbers,
    strata: Numbers,
    chosen: Numbers,
    fits: Callable[[Numbers, Numbers], Flags],
    share: float,
) -> Explored:
    """With probability `share` the two of a pair exchange their options, so that no
    option is used more or less than planned.

    `chosen`: the option of each subscriber, all of whom are contacted; `strata`: only subscribers of one stratum are
    paired. `fits(one, other)`: of positions of subscribers, whether these may exchange. Pairs that may not, and those
    with the same option, keep what they have for certain. Raises `ShareOutOfRange`, `UnequalLists`.
    """
    if not 0 <= share < 1:
        raise ShareOutOfRange(share=share)
    for others, what in ((chosen, Message("choices")), (strata, Message("strata"))):
        if len(others) != len(subscribers):
            raise UnequalLists(subscribers=len(subscribers), others=len(others), what=what)
    one, other = pairs(experiment, subscribers, strata, chosen)
    free = (chosen[one] != chosen[other]) & fits(one, other)
    return exchanged(
        chosen, one[free], other[free], uniform(experiment, subscribers[one[free]], Purpose.COIN), share
    )


def exchanged(chosen: Numbers, one: Numbers, other: Numbers, coin: Uniforms, share: float) -> Explored:
    """What a uniform number for each pair that may exchange leads to: P(exchanged) = `share`, P(kept) = 1 - `share`."""
    option = chosen.astype(np.int64)
    propensity = np.ones(len(chosen))
    possible, by_chance = np.zeros(len(chosen), np.bool_), np.zeros(len(chosen), np.bool_)
    if share:
        drawn = coin < share
        for mine, theirs in ((one, other), (other, one)):
            option[mine] = np.where(drawn, chosen[theirs], chosen[mine])
            propensity[mine] = np.where(drawn, share, 1 - share)
            possible[mine], by_chance[mine] = True, drawn
    return Explored(option, propensity, possible, by_chance)
