"""Who is left alone so that the campaign's effect can be measured, and what else a plan respects beside its own file.
Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from telewave.briefs.model import Brief
from telewave.experiments.assignment import HELD_OUT, UNIVERSAL, Experiment
from telewave.experiments.design import Question, design
from telewave.experiments.holdout import Numbers, UniversalControl, held_out
from telewave.kernel import Inconclusive
from telewave.planning.options import Base, Flags
from telewave.planning.room import Had
from telewave.scheduling.spacing import Touches

STRATA = 10
LEAST_HELD_OUT, MOST_HELD_OUT = 0.01, 0.2


@dataclass(frozen=True, eq=False, slots=True)
class DrawnHoldout:
    """A campaign's holdout as it was drawn: which share, who took part in the draw, and who of
    them is held out; numbers of subscribers.
    """

    share: float
    everybody: Numbers
    held: Numbers


USUAL = UniversalControl(0.01)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Surroundings:
    """What a plan respects beside its own file. `window_days`: of the model's target; `universal`: the
    installation's control group; `drawn`: the campaign's holdout, once it was drawn; `elsewhere`: touches
    that are no part of the plan but count for spacing; `held_elsewhere`: who is held out of other campaigns
    that run, numbers of subscribers, each once. `had`: contacts of phases that have begun, which count for what a
    subscriber and a household may have; `since`: the first day whose sales are still to come, None: the campaign's.
    """

    window_days: int = 30
    universal: UniversalControl = USUAL
    drawn: DrawnHoldout | None = None
    elsewhere: Touches | None = None
    held_elsewhere: Numbers | None = None
    had: Had | None = None
    since: date | None = None

    def spoilt(self, subscriber: Numbers) -> Flags:
        """Who of `subscriber` is held out of another campaign that runs, so that a contact would spoil its
        measurement.
        """
        if self.held_elsewhere is None:
            return np.zeros(len(subscriber), np.bool_)
        return np.isin(subscriber, self.held_elsewhere)


ALONE = Surroundings()


def control_groups(brief: Brief, everybody: Base, surroundings: Surroundings) -> tuple[Flags, Flags]:
    """Who is in the universal control group, and who of the others is held out of
    this campaign, equally likely takers alike.

    A holdout that was drawn before stays, whatever the scores say now; whoever came since is drawn by the hash alone.
    """
    share = brief.holdout.campaign or 0.0
    if brief.holdout.by_household and everybody.household is not None:
        universal = surroundings.universal.members(everybody.subscriber, brief.first, brief.last)
        return universal, _by_household(brief, everybody, share) & ~universal
    experiment = Experiment(
        name=brief.id, start=brief.first, end=brief.last, holdout=share, universal=surroundings.universal
    )
    ranks = np.argsort(np.argsort(everybody.probability, kind="stable"), kind="stable")
    codes = experiment.assign(everybody.subscriber, ranks * STRATA // max(len(ranks), 1))
    universal = codes == UNIVERSAL
    drawn = surroundings.drawn
    if drawn is None:
        return universal, codes == HELD_OUT
    known = np.isin(everybody.subscriber, drawn.everybody)
    late = held_out(brief.id, everybody.subscriber, share)
    return universal, np.where(known, np.isin(everybody.subscriber, drawn.held), late) & ~universal


def _by_household(brief: Brief, everybody: Base, share: float) -> Flags:
    """All lines of a customer alike, by the hash of the customer; a line whose customer is not known by its own."""
    household = (
        everybody.household if everybody.household is not None else np.full(len(everybody.subscriber), -1)
    )
    known = household >= 0
    drawn = np.zeros(len(household), np.bool_)
    drawn[~known] = held_out(brief.id, everybody.subscriber[~known], share)
    customers, place = np.unique(household[known], return_inverse=True)
    drawn[known] = held_out(f"{brief.id}: customers", customers, share)[place]
    return drawn


def share_to_hold_out(subscribers: int, rate: float, effect: float, window_days: int) -> float:
    """The share that shows a rise by `effect` above `rate` in four of five cases, between 1 %
    and 20 %; 20 % too where no share shows it.
    """
    if not (0 < rate < 1 and 0 < effect < 1 - rate and subscribers > 1):
        return MOST_HELD_OUT
    found = design(Question(subscribers, rate, effect, window_days=window_days))
    if isinstance(found, Inconclusive):
        return MOST_HELD_OUT
    return min(max(found.held_out / subscribers, LEAST_HELD_OUT), MOST_HELD_OUT)
