"""Contacts that exchange their options by lot to learn from, without any limit being used more. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from telewave.allocation.model import NOTHING, Choices, Problem
from telewave.briefs.model import Brief
from telewave.experiments.assignment import Explored, explore
from telewave.experiments.holdout import Numbers
from telewave.planning.allocating import class_codes
from telewave.planning.options import Base, Chances, Flags, Options
from telewave.planning.stocks import Stock, rises, use_of_choice


def explored(
    brief: Brief,
    base: Base,
    options: Options,
    chance: Chances,
    stocks: tuple[Stock, ...],
    problem: Problem,
    choice: Choices,
) -> tuple[Explored, Choices]:
    """Some pairs of the contacted, of one class of the limits, exchange their most
    valuable options by lot: no limit is used more.
    """
    taken = np.flatnonzero(choice[:, 0] != NOTHING)
    chosen = choice[taken, 0].astype(np.int64)
    classes = class_codes(problem)

    def may(rows: Numbers, option: Numbers) -> Flags:
        others = choice[rows, 1:]
        clash = (problem.offer[others] == problem.offer[option][:, None]) & (others != NOTHING)
        return np.asarray(np.isfinite(problem.values[rows, option]) & ~clash.any(1))

    def fits(one: Numbers, other: Numbers) -> Flags:
        ours, theirs = chosen[one], chosen[other]
        allowed = may(taken[one], theirs) & may(taken[other], ours)
        before = tuple(chance.gained_at(options, taken[who], chosen[who]) for who in (one, other))
        after = (
            chance.gained_at(options, taken[one], theirs),
            chance.gained_at(options, taken[other], ours),
        )
        more = rises(stocks, before, after, (ours, theirs)) * (allowed & (ours != theirs))
        used = use_of_choice(choice, stocks, chance, options)
        scarce = used + np.maximum(more, 0).sum(1) > np.array([stock.amount for stock in stocks])
        return np.asarray(allowed & np.all(more[scarce] <= 0, axis=0))

    made = explore(brief.id, base.subscriber[taken], classes[taken], chosen, fits, brief.holdout.explored)
    changed = choice.copy()
    changed[taken, 0] = made.option
    return _for_everybody(made, taken, changed), changed


def _for_everybody(made: Explored, taken: NDArray[np.int64], choice: Choices) -> Explored:
    """The same with an entry for each subscriber who may be contacted."""
    propensity = np.ones(len(choice))
    possible, by_chance = np.zeros(len(choice), bool), np.zeros(len(choice), bool)
    propensity[taken], possible[taken], by_chance[taken] = made.propensity, made.possible, made.by_chance
    return Explored(choice[:, 0].astype(np.int64), propensity, possible, by_chance)
