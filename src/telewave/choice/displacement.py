"""What proposing a policy earns: the whole of what people then take, less what they would have taken without it. Pure.

A policy that draws takers from dearer ones earns the difference only, however many take it.
"""

from __future__ import annotations

import numpy as np

from telewave.choice.logit import Flags, Floats, shares


def gains(utility: Floats, open_to: Flags, margin: Floats, proposed: int) -> Floats:
    """The expected margin that each person's choice gains by the proposed alternative being open to him, (n,).

    sum_j p_j(with it) v_j - sum_j p_j(without it) v_j, where p are the logit's shares of `utility` (n, m) among
    `open_to` (n, m) and v the `margin` (n, m), the same in both. 0 for those to whom it is not open; where nothing else
    is, all of its margin. Give "nothing" a column of its own, with margin 0, for people who need not take any.
    """
    may = open_to[:, proposed]
    without = open_to.copy()
    without[:, proposed] = False
    something = without.any(1)
    found = np.zeros(len(utility))
    found[may] = _expected(utility[may], open_to[may], margin[may])
    both = may & something
    found[both] -= _expected(utility[both], without[both], margin[both])
    return found


def gains_of_each(odds: Floats, margin: Floats) -> Floats:
    """`gains` of every alternative at once, as whoever would take another one anyway sees them, (n, m): 0 where nothing
    else is open, since he then takes this one anyway. `odds`: (n, m), exp(utility), 0 of what is not open.

    Under a logit the others lose in proportion, so p_j(with) = p_j(without) (1 - p), and the gain is
    p (v - sum_j p_j(without) v_j).
    """
    total, worth = odds.sum(1, keepdims=True), (odds * margin).sum(1, keepdims=True)
    others = total - odds
    something = (odds > 0) & (others > 1e-12 * total)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = odds / total * (margin - (worth - odds * margin) / others)
    return np.where(something, found, 0.0)


def displaced(utility: Floats, open_to: Flags, proposed: int) -> Floats:
    """The share of the proposed alternative's takers that each other one loses to it, (n, m); rows sum to 1 where
    another is open, to 0 where none is or the proposed is not. Under a logit in proportion to what each has without it.
    """
    without = open_to.copy()
    without[:, proposed] = False
    rows = open_to[:, proposed] & without.any(1)
    found = np.zeros(utility.shape)
    found[rows] = shares(utility[rows], without[rows])
    return found


def _expected(utility: Floats, open_to: Flags, margin: Floats) -> Floats:
    found: Floats = (shares(utility, open_to) * np.where(open_to, margin, 0.0)).sum(1)
    return found
