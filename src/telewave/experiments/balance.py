"""Whether those held out are like those treated. Pure.

Standardised difference: (m1 - m0) / sqrt((s1^2 + s0^2) / 2), for a share s^2 = m (1 - m); beyond 0.1 in
size it is taken as an imbalance (Austin 2009, Statistics in Medicine 28). It does not grow with the
number of subscribers, as a significance test does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from telewave.experiments.holdout import Flags, Numbers, UnequalLists
from telewave.kernel import Inconclusive, Message

BAR = 0.1


@dataclass(frozen=True, slots=True)
class Balance:
    """One stratum's share of those held out and of those treated, and the standardised difference of the two."""

    stratum: int
    held_out: float
    treated: float
    difference: float

    @property
    def good(self) -> bool:
        """Whether the difference is below the bar."""
        return abs(self.difference) < BAR


def balance(strata: Numbers, held: Flags) -> tuple[Balance, ...] | Inconclusive:
    """A line for each stratum code. `held`: who is held out, all others counting as treated. Raises `UnequalLists`."""
    _same_length(strata, held)
    names, codes = np.unique(strata, return_inverse=True)
    n0, n1 = int(held.sum()), int((~held).sum())
    if not n0 or not n1:
        return _nobody(n0, n1)
    shares0 = np.bincount(codes[held], minlength=len(names)) / n0
    shares1 = np.bincount(codes[~held], minlength=len(names)) / n1
    return tuple(
        Balance(int(name), p0, p1, _standardised(p1 - p0, p0 * (1 - p0), p1 * (1 - p1)))
        for name, p0, p1 in zip(names.tolist(), shares0.tolist(), shares1.tolist(), strict=True)
    )


def standardised_difference(values: npt.NDArray[np.float64], held: Flags) -> float | Inconclusive:
    """That of a number such as age, treated less held out; unknown values (nan) are left out. Raises `UnequalLists`."""
    _same_length(values, held)
    known = ~np.isnan(values)
    held_out, treated = values[known & held], values[known & ~held]
    if not len(held_out) or not len(treated):
        return _nobody(len(held_out), len(treated))
    return _standardised(float(treated.mean() - held_out.mean()), float(held_out.var()), float(treated.var()))


def _standardised(difference: float, variance0: float, variance1: float) -> float:
    if not difference:
        return 0.0
    spread = math.sqrt((variance0 + variance1) / 2)
    return difference / spread if spread else math.copysign(math.inf, difference)


def _nobody(held_out: int, treated: int) -> Inconclusive:
    return Inconclusive(
        Message(
            "There are {held_out:,} held out and {treated:,} treated with known values: one side has "
            "nobody to compare.",
            held_out=held_out,
            treated=treated,
        )
    )


def _same_length(values: npt.NDArray[np.generic], held: Flags) -> None:
    if len(values) != len(held):
        raise UnequalLists(subscribers=len(held), others=len(values), what=Message("values"))
