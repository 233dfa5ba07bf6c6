"""How many contacts a subscriber and a household may still have, where a campaign's earlier phases had some. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from telewave.allocation.model import NOTHING, Choices

Integers = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Had:
    """Contacts of the campaign that were made or are still to be made in phases that have begun, one entry each:
    subscriber, place of the offer among the campaign's (negative: none of them), and of the household (negative:
    unknown; None: households are not limited).
    """

    subscriber: Integers
    offer: Integers
    household: Integers | None = None

    def of_subscribers(self, subscriber: Integers) -> Integers:
        """How many each has had, shape as `subscriber`."""
        return _times(self.subscriber, subscriber)

    def of_households(self, household: Integers) -> Integers:
        """How many each one's household has had, shape as `household`; 0 where it is not known."""
        mine = np.zeros(0, np.int64) if self.household is None else self.household[self.household >= 0]
        return _times(mine, household)


def _times(had: Integers, asked: Integers) -> Integers:
    known, counts = np.unique(had, return_counts=True)
    if not len(known):
        return np.zeros(len(asked), np.int64)
    place = np.minimum(np.searchsorted(known, asked), len(known) - 1)
    return np.where(known[place] == asked, counts[place], 0).astype(np.int64)


def fitting(choice: Choices, values: NDArray[np.float32], key: Integers, left: Integers) -> Choices:
    """The choice, shape (n, most), with at most `left` contacts of each `key`, both shape (n,), the most valuable
    first. `values`: of the options, shape (n, m). Rows with a negative key are apart.

    >>> one = np.array([[0, 1], [0, NOTHING]], np.int16)
    >>> fitting(one, np.array([[2.0, 3.0], [1.0, 0.0]], np.float32), np.array([7, 7]), np.array([1, 1])).tolist()
    [[1, -1], [-1, -1]]
    """
    choice = choice.copy()
    row, touch = np.nonzero(choice != NOTHING)
    worth = values[row, choice[row, touch]]
    mine = np.where(key < 0, -1 - np.arange(len(key)), key)[row]
    order = np.lexsort((-worth, mine))
    ordered = mine[order]
    fresh = np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]
    place = np.arange(len(ordered))
    turn = place - np.maximum.accumulate(np.where(fresh, place, 0))
    over = order[turn >= left[row][order]]
    choice[row[over], touch[over]] = NOTHING
    return np.take_along_axis(choice, np.argsort(choice == NOTHING, axis=1, kind="stable"), axis=1)
