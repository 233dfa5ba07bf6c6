"""Whom the plan would contact, held out or not, read off by one rule. Pure.

Most of those drawn are left alone in either arm: they tell nothing of the campaign, and their orders only add chance to
the comparison. So both arms are read by the same rule, from what was known before the launch:

    aimed at:  max over the open options of (value - price of the limits it uses) > 0

Prices are those of the plan, by class of subscribers. They are common to all and hardly hang on who was drawn, so that
the lot still decides who of those aimed at is left alone; `measurement` checks their number by the draw's share, and
compares them alone. Elsewhere: predicted ghost ads (Johnson, Lewis and Nubbemeyer, "Ghost Ads", Journal of Marketing
Research 54(6), 2017).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from telewave.allocation.model import Allocation, Problem
from telewave.briefs.model import Brief
from telewave.planning.limits import Classes
from telewave.planning.options import BLOCK, Base, Chances, Flags, Floats, Options, blocks, steer, values

NEARLY = 1e-3
"""Major units below 0 that still count: like subscribers who share a scarce amount are all aimed at, though some of
them go without, and prices are found to some digits.
"""


def option_prices(problem: Problem, made: Allocation) -> Floats:
    """What an option uses of the limits with a subscriber of each class, at their prices, shape (G, m), major units."""
    use = problem.use
    if not len(use):
        return np.zeros(use.shape[1:])
    return np.asarray(np.einsum("r,rgj->gj", made.prices, use))


def aimed_at(value: NDArray[np.float32], code: NDArray[np.int64], price: Floats) -> Flags:
    """Who has an option that is worth its price. `value`: shape (n, m), -inf where not open; `code`: class of each,
    shape (n,); `price`: shape (G, m).

    >>> value = np.array([[2.0, -np.inf], [0.5, 0.2], [-np.inf, -np.inf]], np.float32)
    >>> aimed_at(value, np.array([0, 0, 0]), np.array([[1.0, 0.1]])).tolist()
    [True, True, False]
    """
    found = np.zeros(len(value), np.bool_)
    for stretch in blocks(len(value), BLOCK):
        found[stretch] = (value[stretch] - price[code[stretch]] > -NEARLY).any(1)
    return found


def aimed_of(
    brief: Brief,
    options: Options,
    base: Base,
    chance: Chances,
    members: Sequence[Flags],
    classes: Classes,
    price: Floats,
) -> Flags:
    """The same of subscribers who are no part of the allocation, shape (n,): their options are valued as everybody's.
    `members`: who counts for each minimum, shape (n,).
    """
    value = values(base, brief, options, chance)
    steer(value, brief, options)
    return aimed_at(value, classes.codes_of(base.probability, members), price)
