"""How high the odds must be for the wanted number of takers. Pure.

Odds of a subscriber = level x relative odds; the level belongs to a cell that the reference case counts. Since chances
flatten where odds are high, levels are found on a histogram of the whole city's relative odds, not by dividing sums.
"""

from __future__ import annotations

import numpy as np

from telewave.kernel import Malformed
from telewave.simulation.facts import ENTERPRISE_DEVICES, HANDLED, PREPAID_DEVICES, Base, OrderKind
from telewave.simulation.people import Array, People
from telewave.simulation.plan import CityPlan
from telewave.simulation.volumes import takers

CELLS = 8
"""0 both, 1 mobile, 2 broadband (new numbers); 3, 4 both by public and enterprise, 5, 6 mobile by pay later and before
(devices alone); 7 net new."""
GROUPS = 5
"""Subscribers with the same cells: both by public and enterprise, mobile by pay later and before, broadband."""
CELL_OF = np.array([[0, 0, 1, 1, 2], [3, 4, 5, 6, 7]])
"""Cell of each kind of order and group. Nobody is in cell 7 before he comes, so its level is zero."""
EDGES = np.linspace(-20, 20, 801)
"""Of the bins of log relative odds; a twentieth is far finer than the curvature of the chance."""
ROUNDS, PRECISION, MOST, NEGLIGIBLE = 500, 1e-4, 1e12, 1e-3


class TooManyTakers(Malformed):
    """A take-up of {take_up} for {months} months wants more takers than there are subscribers to take the offer. Give a
    smaller take-up, or fewer months after the launch.
    """

    code = "too_many_takers"


def group_of(people: People) -> Array:
    """The group of each subscriber, shape (n,); -1: came with the offer."""
    return np.select(
        [people.base == Base.BOTH, people.base == Base.MOBILE, people.base == Base.BROADBAND],
        [people.enterprise.astype(int), 2 + people.prepaid, 4],
        default=-1,
    )


def wanted(plan: CityPlan) -> Array:
    """Takers wanted in each month of the offer and each cell, shape (months_after,
    CELLS), for this city's size and take-up.
    """
    case = takers(plan.months_after) * plan.share * plan.take_up
    new, device = OrderKind.NEW_NUMBER, OrderKind.DEVICE_ONLY
    enterprise = ENTERPRISE_DEVICES / HANDLED[Base.BOTH][device]
    prepaid = PREPAID_DEVICES / HANDLED[Base.MOBILE][device]
    both, mobile = case[:, Base.BOTH, device], case[:, Base.MOBILE, device]
    columns = [case[:, base, new] for base in (Base.BOTH, Base.MOBILE, Base.BROADBAND)]
    columns += [both * (1 - enterprise), both * enterprise, mobile * (1 - prepaid), mobile * prepaid]
    return np.column_stack([*columns, case[:, Base.NEW, new]])


def probabilities(people: People, relative: Array, level: Array) -> Array:
    """Chance of a new number and of a device alone, shape (2, n). `level`: by kind of order and group, shape (2,
    GROUPS).
    """
    group = group_of(people)
    odds = np.where(group >= 0, level[:, group] * relative, 0.0)
    return np.asarray(odds / (1 + odds.sum(axis=0)))


def histogram(people: People, relative: Array, free: Array, won: Array) -> Array:
    """Of those who are `free`, by group and bin, shape (3, GROUPS, bins): their number and the sum of their relative
    odds, both without the part that contacts win (`won`, the chance of each), and the sum of that part.
    """
    place = group_of(people) * (len(EDGES) + 1)
    size, left = GROUPS * (len(EDGES) + 1), 1 - won
    rows = np.flatnonzero(free & (relative > 0))
    bins = place[rows] + np.digitize(np.log(relative[rows]), EDGES)
    counted = [np.bincount(bins, weights, size) for weights in (left[rows], (left * relative)[rows])]
    mine = np.flatnonzero(free & (won > 0))
    counted.append(np.bincount(place[mine], won[mine], size))
    return np.array(counted).reshape(3, GROUPS, -1)


def solved(plan: CityPlan, found: Array, wished: Array) -> Array:
    """Levels by kind and group, shape (2, GROUPS), with `wished` takers in each cell
    (CELLS,) expected of the histogram `found`, those whom contacts win among them.

    A cell's level is raised by what its expectation falls short, until all agree. Where contacts alone win more than
    wished, which only happens in very small cities, nobody is left to take the offer by himself.
    Raises `TooManyTakers` where too few can take it.
    """
    count, total, won = found
    relative = np.divide(total, count, out=np.zeros_like(total), where=count > 0)
    level = wished / total.sum()
    level[-1] = 0.0
    for _ in range(ROUNDS):
        organic, gained = _expected(level, count, relative, won.sum(axis=1))
        expected = organic + gained
        ratio = np.divide(wished, expected, out=np.ones(CELLS), where=expected > 0)
        if ((np.abs(ratio - 1) < PRECISION) | ((ratio < 1) & (organic < NEGLIGIBLE * expected))).all():
            return np.asarray(level[CELL_OF])
        level = np.minimum(level * ratio, MOST)
    raise TooManyTakers(take_up=plan.take_up, months=plan.months_after)


def kinds(level: Array) -> Array:
    """The part of each kind of order in each group, shape (2, GROUPS); halves where nobody orders."""
    whole = level.sum(axis=0)
    return np.asarray(np.divide(level, whole, out=np.full(level.shape, 0.5), where=whole > 0))


def _expected(level: Array, count: Array, relative: Array, won: Array) -> tuple[Array, Array]:
    """Takers by themselves and won by contacts, by cell."""
    odds = level[CELL_OF][:, :, None] * relative
    taken = (count * odds / (1 + odds.sum(axis=0))).sum(axis=2)
    gained = kinds(level[CELL_OF]) * won
    organic, caused = (np.bincount(CELL_OF.ravel(), part.ravel(), CELLS) for part in (taken, gained))
    return organic, caused
