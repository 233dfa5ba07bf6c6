"""The allocation of a campaign's options, with stocks kept contact by contact and a bound that counts them so too.
Pure.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from telewave.allocation.model import Allocation, Choices, Problem
from telewave.planning.options import Chances, Flags, Options
from telewave.planning.stocks import DUST, Stock, trimmed, use_of_choice


def allocated(
    problem: Problem, stocks: tuple[Stock, ...], chance: Chances, options: Options, counted: list[Flags]
) -> tuple[Allocation, Choices]:
    """The allocation, and the choice that keeps stocks exactly: where the means of classes promised too
    little use, once more with less, then trimmed.
    """
    from telewave.allocation.solve import allocate

    made = allocate(problem)
    amounts = np.array([stock.amount for stock in stocks])
    used = use_of_choice(made.choice, stocks, chance, options)
    if np.any(used > amounts + DUST):
        part = {
            s.name: min(1.0, a / u) if u > 0 else 1.0 for s, a, u in zip(stocks, amounts, used, strict=True)
        }
        tighter = [replace(one, amount=one.amount * part.get(one.name, 1.0)) for one in problem.limits]
        again = allocate(replace(problem, limits=tighter))
        limits = tuple(
            replace(one, limit=limit) for one, limit in zip(again.limits, problem.limits, strict=True)
        )
        made = replace(again, limits=limits)
    kept = np.any(counted, axis=0) if counted else np.zeros(problem.subscribers, bool)
    return made, trimmed(made.choice, stocks, chance, options, problem.values, kept)


def bound_of(
    problem: Problem, made: Allocation, stocks: tuple[Stock, ...], chance: Chances, options: Options
) -> float:
    """What no plan exceeds: the Lagrangian at the allocation's prices, stocks used by each subscriber's own gain.

    amounts . prices + sum over subscribers of the best `most` offers' value - priced use, where positive.
    """
    price, names = made.prices, [stock.name for stock in stocks]
    scarce = np.array([limit.name in names for limit in problem.limits], bool)
    if not np.any(price[scarce]):
        return (
            made.relaxed if scarce.any() else made.bound
        )  # whole contacts are proven for stocks by class alone
    by_class = np.einsum("r,rgj->gj", np.where(scarce, 0.0, price), problem.use)
    a_piece = price[scarce] @ np.array([stock.counted for stock in stocks], float)
    classes = class_codes(problem)
    best = np.zeros((problem.subscribers, problem.most))
    for offer in range(len(options.offers)):
        worth = np.full(problem.subscribers, -np.inf)
        for j in np.flatnonzero(options.offer_codes == offer):
            used = by_class[classes, j] + a_piece[j] * chance.gained(options.options[j])
            np.maximum(worth, problem.values[:, j] - used, out=worth)
        for place in range(problem.most):
            best[:, place], worth = np.maximum(best[:, place], worth), np.minimum(best[:, place], worth)
    return float(price @ problem.amounts + best.sum())


def class_codes(problem: Problem) -> NDArray[np.int64]:
    """The class of each subscriber, shape (n,)."""
    if problem.classes is None:
        return np.zeros(problem.subscribers, np.int64)
    return problem.classes.astype(np.int64)
