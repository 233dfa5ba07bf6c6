"""Whether those who share out a day's successes among themselves are equally good: a test martingale. Pure.

Within a cell, a day and a target group, each success is one's with the chance q = his expected successes over all; so
neither the level of the cell nor a good day matters. Against one whose odds of a success are r times the others', the
likelihood ratio of a cell with t successes, s of them his, is

    r^s / (1 - q + r q)^t

and its product over cells, averaged over r, is a test martingale: where he is as good as the others, it reaches 1 /
alpha with a chance of at most alpha, however often one looks (Ville 1939).
"""

from __future__ import annotations

from typing import Any

import numpy as np

Array = Any
RATIOS = np.arange(3, 9) / 10
"""Of those who are worse; those who are better have their inverse."""


def evidence(won: Array, hoped: Array, ratios: Array) -> Array:
    """The martingale after each day, shape (agents, days), of successes `won` and expected `hoped`, shape
    (agents, days, groups), against agents whose odds are these `ratios`.
    """
    totals = hoped.sum(axis=0)
    share = hoped / np.where(totals > 0, totals, 1.0)
    logs = np.empty((len(ratios), *won.shape[:2]))
    for k, ratio in enumerate(ratios):
        cell = won * np.log(ratio) - won.sum(axis=0) * np.log1p((ratio - 1) * share)
        logs[k] = np.cumsum(cell.sum(axis=2), axis=1)
    most = logs.max(axis=0)
    return np.exp(np.minimum(most + np.log(np.exp(logs - most).mean(axis=0)), 700.0))
