"""What a campaign's amounts mean to the allocation: its limits, each with a name that a marketer knows. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from telewave.allocation.model import Limit
from telewave.briefs.model import Brief, CampaignPhase, ChannelUse
from telewave.kernel import Label
from telewave.planning.options import Flags, Floats, Options
from telewave.planning.stocks import Stock
from telewave.scheduling.working_days import UNLIMITED

CHANCE_CLASSES = 24
BUDGET_IN_ALL = Label("Budget in all", "总预算")


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Classes:
    """Subscribers by how likely they are to take and by the minima that count them.

    `code`: of each, shape (n,); `counted[k]`: whether minimum k counts a class, shape (count,); `starts`: the least
    probability of each of `CHANCE_CLASSES`; `seen`: which of these, with bits of the minima, each class is.
    """

    code: NDArray[np.uint16]
    counted: tuple[Flags, ...]
    count: int
    starts: Floats
    seen: NDArray[np.int64]

    def codes_of(self, probability: Floats, members: Sequence[Flags]) -> NDArray[np.int64]:
        """The class of anybody, in the allocation or not, shape (n,); one that nobody in it has counts as the next."""
        chance = np.maximum(np.searchsorted(self.starts, probability, side="right") - 1, 0)
        place = np.searchsorted(self.seen, _with_members(chance, members))
        return np.asarray(np.minimum(place, max(len(self.seen) - 1, 0)))


def classes_of(probability: Floats, members: list[Flags]) -> Classes:
    """Classes of nearly equal expected sales, split by who counts for each minimum. `counted[k]`: shape (G,)."""
    chance = _by_total(probability)
    seen, dense = np.unique(_with_members(chance, members), return_inverse=True)
    bits = [(seen >> (len(members) - 1 - k)) & 1 == 1 for k in range(len(members))]
    return Classes(
        code=dense.astype(np.uint16),
        counted=tuple(bits),
        count=max(len(seen), 1),
        starts=_starts(chance, probability),
        seen=seen,
    )


def _with_members(chance: NDArray[np.int64], members: Sequence[Flags]) -> NDArray[np.int64]:
    """Class by chance, and a bit for each minimum, the first highest."""
    code = chance.astype(np.int64)
    for member in members:
        code = code * 2 + member
    return code


def _starts(chance: NDArray[np.int64], probability: Floats) -> Floats:
    """The least probability of each class by chance; of one without anybody that of the next, so that none falls in
    it.
    """
    least = np.full(CHANCE_CLASSES, np.inf)
    np.minimum.at(least, chance, probability)
    return np.asarray(np.minimum.accumulate(least[::-1])[::-1])


def _by_total(probability: Floats) -> NDArray[np.int64]:
    """Class of each subscriber such that each class has about the same sum of
    probabilities, the likeliest in the last.
    """
    order = np.argsort(probability, kind="stable")
    total = np.cumsum(probability[order])
    share = total / total[-1] if len(total) and total[-1] > 0 else np.zeros(len(total))
    found = np.empty(len(probability), np.int64)
    found[order] = np.minimum((share * CHANCE_CLASSES).astype(np.int64), CHANCE_CLASSES - 1)
    return found


def limits_of(
    brief: Brief, options: Options, classes: Classes, stocks: tuple[Stock, ...], sales: Floats
) -> list[Limit]:
    """All limits of a campaign, the stocks last but for the minima. `sales`: what a contact adds to
    expected sales by class and option, shape (G, m).
    """
    channel, phase = options.channel_codes, options.phase_codes
    found = [*_capacities(brief, channel, phase), *_budgets(brief, channel, phase)]
    for number, one in enumerate(brief.phases):
        if one.most_contacts is not None:
            name = Label(f"Contacts in {one.days.name.en}", f"{one.days.name.zh}接触量")
            found.append(Limit(name, (phase == number) * 1.0, one.most_contacts))
    found += [Limit(stock.name, sales * stock.counted, stock.amount) for stock in stocks]
    for minimum, counted in zip(brief.minimums, classes.counted, strict=True):
        use = counted[:, None] * np.ones((1, len(channel)))
        found.append(Limit(minimum.name, use, float(minimum.contacts), least=True))
    return found


def capacity_name(way: ChannelUse, phase: CampaignPhase) -> Label:
    """What the limit of a channel's capacity in a phase is called."""
    name = phase.days.name
    return Label(f"{way.name.en}, {name.en}", f"{way.name.zh}，{name.zh}")


def budget_names(brief: Brief) -> list[Label]:
    """What the limits of a campaign's budgets are called."""
    phases = [_budget_of(one.days.name) for one in brief.phases if one.id in brief.budget.phases]
    ways = [_budget_of(one.name) for one in brief.channels if one.id in brief.budget.channels]
    return [*phases, *ways, *([BUDGET_IN_ALL] if brief.budget.total is not None else [])]


def _budget_of(what: Label) -> Label:
    return Label(f"Budget of {what.en}", f"{what.zh}预算")


def _budgets(brief: Brief, channel: NDArray[np.int64], phase: NDArray[np.int64]) -> list[Limit]:
    """Costs of contacts in all, by phase, by channel."""
    spent = np.array([float(brief.channels[c].cost.major) for c in channel])
    budget, found = brief.budget, []
    for number, one in enumerate(brief.phases):
        if one.id in budget.phases:
            name = _budget_of(one.days.name)
            found.append(Limit(name, spent * (phase == number), float(budget.phases[one.id].major)))
    for number, way in enumerate(brief.channels):
        if way.id in budget.channels:
            name = _budget_of(way.name)
            found.append(Limit(name, spent * (channel == number), float(budget.channels[way.id].major)))
    if budget.total is not None:
        found.append(Limit(BUDGET_IN_ALL, spent, float(budget.total.major)))
    return found


def _capacities(brief: Brief, channel: NDArray[np.int64], phase: NDArray[np.int64]) -> list[Limit]:
    """Contacts of each channel in each phase: the sum of its days'."""
    table = brief.timetable
    found = []
    for c, way in enumerate(brief.channels):
        for p, one in enumerate(brief.phases):
            start, end = table.phase_spans[p]
            days = table.capacity[c, start:end]
            if way.calendar.daily_capacity is None or not np.any((channel == c) & (phase == p)):
                continue
            amount = float(np.minimum(days, UNLIMITED).sum())
            found.append(Limit(capacity_name(way, one), ((channel == c) & (phase == p)) * 1.0, amount))
    return found
