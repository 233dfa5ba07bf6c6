"""From contacts that heard of an offer to who is willing, and whether later ones were foretold better so. Pure, on
arrays.

The weights are judged before they are used: learnt from the first third of the days, they foretell the second, and
learnt from both the last, beside what the levels of groups, learnt from the same records, foretell. Then they are
learnt from all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod

import numpy as np
from scipy.special import expit, logit

from telewave.funnel.assumptions import UNGROUPED, belief, chain_belief
from telewave.funnel.model import Cell, product
from telewave.funnel.persons import Flags, Floats, Heard, Integers, learnt
from telewave.funnel.pooling import Counts, pooled
from telewave.funnel.steps import Step
from telewave.funnel.willing import Foretold, Tenth, Through, Willing
from telewave.kernel import Estimate
from telewave.kernel.intervals import Z95, wilson

GROUPS = ("core", "normal", "basic")
FEWEST = 30
"""Willing people on record below which nobody is told apart; a third as many in the first third of the days, and after.
"""
CUTS = (1 / 3, 2 / 3)
"""Shares of the days from whose ends on is foretold."""
WILL = frozenset({Step.WILLING, Step.ANSWERED})
TENTHS = 10
ENDS = ("value", "low", "high")
METHOD = "later contacts"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recorded:
    """Contacts that heard of an offer, with the day of each from the window's first, its group's place (-1: none), and
    the number of its household. `channels`: their names by place, with the steps of the channel's records.
    """

    heard: Heard
    day: Floats
    group: Integers
    household: Integers
    channels: tuple[tuple[str, tuple[Step, ...]], ...]
    days: int


def who_is_willing(recorded: Recorded, cells: Sequence[Cell]) -> Willing | None:
    """What the records say; None where too few were willing, in all or in the first third of the days or after it."""
    willing, first = recorded.heard.willing, recorded.day < recorded.days * CUTS[0]
    if willing.sum() < FEWEST or min(willing[first].sum(), willing[~first].sum()) < FEWEST / 3:
        return None
    weights = learnt(recorded.heard, len(recorded.channels))
    people = weights.persons(recorded.heard.chance, recorded.heard.traits, recorded.heard.tired)
    found = Willing(weights=weights, channels=(), foretold=foretold(recorded))
    channels = tuple(
        _through(recorded, cells, place, found.lower_end(people, place))
        for place in range(len(recorded.channels))
    )
    return replace(found, channels=channels)


def _through(recorded: Recorded, cells: Sequence[Cell], place: int, lower: Floats) -> Through:
    name, covers = recorded.channels[place]
    mine = [one for one in cells if one.channel == name and one.attempts]
    heard = recorded.heard
    here = heard.channel == place
    anyway = prod(belief(name, "", one).chance for one in covers if one not in WILL | {Step.VISITED})
    blank = Through(
        channel=name, covers=covers,
        heard=_mean([_before(one, covers) for one in mine], mine),
        closes=_mean([_after(one, covers) for one in mine], mine),
        anyway=anyway, records=round(float(heard.weight[here].sum())), willing=int(heard.willing[here].sum()),
        levels=(0.0, 0.0, 0.0),
    )  # fmt: skip
    won = blank.won(lower, heard.chance)
    whole = np.average(won[here], weights=heard.weight[here]) if here.any() else 0.0
    levels = []
    for group in range(len(GROUPS)):
        some = here & (recorded.group == group)
        levels.append(
            float(np.average(won[some], weights=heard.weight[some])) if some.any() else float(whole)
        )
    core, normal, basic = np.minimum.accumulate(levels).tolist()
    return replace(blank, levels=(core, normal, basic))


def _before(cell: Cell, covers: tuple[Step, ...]) -> Estimate:
    place = [one.covers for one in cell.steps].index(covers)
    return product([one.estimate for one in cell.steps[:place]], cell.attempts)


def _after(cell: Cell, covers: tuple[Step, ...]) -> Estimate:
    place = [one.covers for one in cell.steps].index(covers)
    return product([one.estimate for one in cell.steps[place + 1 :]], cell.attempts)


def _mean(of: Sequence[Estimate], cells: Sequence[Cell]) -> Estimate:
    """Over cells by their attempts; ends likewise, which is wider than independent cells would be."""
    weights = np.array([one.attempts for one in cells], np.float64)
    value, low, high = (float(np.average([getattr(one, e) for one in of], weights=weights)) for e in ENDS)
    return Estimate(value=value, low=low, high=high, n=int(weights.sum()), method=of[0].method)


def foretold(recorded: Recorded) -> Foretold:
    """Contacts after the first third of the days, by the weights and by the groups' levels, both learnt from what came
    before: of the second third from the first, of the last from both.
    """
    judged = recorded.day >= recorded.days * CUTS[0]
    mine, theirs = np.zeros(len(recorded.day)), np.zeros(len(recorded.day))
    for cut, end in zip(CUTS, (*CUTS[1:], np.inf), strict=True):
        early = recorded.day < recorded.days * cut
        late = ~early & (recorded.day < recorded.days * end)
        mine[late] = _chances(recorded, early, late)
        theirs[late] = _levels(recorded, early)[recorded.heard.channel[late], recorded.group[late]]
    heard, household = recorded.heard.rows(judged), recorded.household[judged]
    loss, other = (_loss(heard.willing, one[judged]) for one in (mine, theirs))
    return Foretold(
        gain=_by_household((other - loss) * heard.weight, heard.weight, household),
        loss=float(np.average(other, weights=heard.weight)),
        households=len(np.unique(household)),
        tenths=_tenths(heard.willing, mine[judged], heard.weight),
    )


def _chances(recorded: Recorded, early: Flags, late: Flags) -> Floats:
    """Of the `late` contacts, by weights learnt from the `early` ones."""
    weights, heard = learnt(recorded.heard.rows(early), len(recorded.channels)), recorded.heard.rows(late)
    people = weights.persons(heard.chance, heard.traits, heard.tired)
    found = np.zeros(len(heard.willing))
    for place in range(len(recorded.channels)):
        here = heard.channel == place
        found[here] = expit(weights.log_odds(people[here], place)[0])
    return found


def _loss(took: Flags, chance: Floats) -> Floats:
    within = np.clip(chance, 1e-9, 1 - 1e-9)
    return np.where(took, -np.log(within), -np.log1p(-within))


def _levels(recorded: Recorded, early: Flags) -> Floats:
    """The chances of each channel and group as `funnel learn` pools them, shape (channels, groups + 1): the last of who
    is in none.
    """
    heard, found = recorded.heard, []
    score = logit(np.clip(heard.chance, 1e-9, 1 - 1e-9))
    group = np.where(recorded.group < 0, len(GROUPS), recorded.group)
    for place, (name, covers) in enumerate(recorded.channels):
        here = early & (heard.channel == place)
        weight = heard.weight[here]
        n = np.bincount(group[here], weight, len(GROUPS) + 1).astype(np.float64)
        yes = np.bincount(group[here], heard.willing[here], len(GROUPS) + 1).astype(np.float64)
        mean = np.bincount(group[here], weight * score[here], len(GROUPS) + 1) / np.maximum(n, 1)
        beliefs = [chain_belief(name, one, covers) for one in (*GROUPS, UNGROUPED)]
        if not n.sum():
            found.append(np.array([one.chance for one in beliefs]))
            continue
        known = np.flatnonzero(n)
        counts = Counts(cell=known, n=n[known], yes=yes[known], x=mean[known][:, None])
        found.append(pooled(counts, beliefs).chance)
    return np.array(found)


def _by_household(gain: Floats, weight: Floats, household: Integers) -> Estimate:
    """The mean a contact, with an interval by the spread of the households' sums."""
    _, whose = np.unique(household, return_inverse=True)
    summed, count = np.bincount(whose, gain), np.bincount(whose, weight)
    total = float(count.sum())
    mean = float(summed.sum() / total)
    error = float(np.sqrt(((summed - mean * count) ** 2).sum())) / total
    return Estimate(value=mean, low=mean - Z95 * error, high=mean + Z95 * error, n=len(gain), method=METHOD)


def _tenths(took: Flags, chance: Floats, weight: Floats) -> tuple[Tenth, ...]:
    """By foretold chance in tenths of the contacts."""
    order = np.argsort(chance, kind="stable")
    share = (np.cumsum(weight[order]) - weight[order] / 2) / weight.sum()
    place = np.empty(len(order), np.int64)
    place[order] = np.minimum((share * TENTHS).astype(np.int64), TENTHS - 1)
    found = []
    for tenth in np.unique(place):
        mine = place == tenth
        n = round(float(weight[mine].sum()))
        found.append(
            Tenth(
                foretold=float(np.average(chance[mine], weights=weight[mine])),
                seen=wilson(int(took[mine].sum()), max(n, int(took[mine].sum()))),
            )
        )
    return tuple(found)


def step_of_will(steps: Sequence[tuple[Step, ...]]) -> tuple[Step, ...] | None:
    """Of what a channel records, the step that tells who is willing; None where an order alone does."""
    return next((one for one in steps if WILL & set(one)), None)
