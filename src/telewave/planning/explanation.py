"""Why a subscriber is in the plan or out of it, and with which of the options. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

import numpy as np

from telewave.kernel import Label, Missing
from telewave.planning.allocating import class_codes
from telewave.planning.proposal import Proposal
from telewave.scheduling.spacing import NO_DAY
from telewave.scheduling.waves import Why

SHOWN = 8


class NotInTheBase(Missing):
    """The subscriber {number} has no score of the campaign's model. Score the wide table, or check the number."""


class Reason(StrEnum):
    """Why."""

    CHOSEN = "chosen"
    BY_CHANCE = "by_chance"
    UNIVERSAL = "universal_control"
    HELD_OUT = "held_out"
    NOTHING_OPEN = "nothing_open"
    EARNS_NOTHING = "earns_nothing"
    OTHERS_EARN_MORE = "others_earn_more"
    NOT_KEPT = "not_kept"

    @property
    def label(self) -> Label:
        """For people."""
        return REASONS[self]


REASONS: dict[Reason, Label] = {
    Reason.CHOSEN: Label("In the plan: the best use of the limits.", "入选：在现有资源下收益最高。"),
    Reason.BY_CHANCE: Label(
        "In the plan, with an option drawn at random to learn from.", "入选：为积累学习样本随机分配方案。"
    ),
    Reason.UNIVERSAL: Label("Left alone: in the control group of all campaigns.", "不接触：属于全局对照组。"),
    Reason.HELD_OUT: Label(
        "Left alone: held out of this campaign to measure its effect.",
        "不接触：本活动的对照组，用于衡量效果。",
    ),
    Reason.NOTHING_OPEN: Label(
        "Left out: no offer, channel and phase is open to this subscriber.",
        "未入选：没有可用的业务、渠道和阶段组合。",
    ),
    Reason.EARNS_NOTHING: Label(
        "Left out: every option costs more than it is expected to earn.",
        "未入选：所有方案的预期收益都低于成本。",
    ),
    Reason.OTHERS_EARN_MORE: Label(
        "Left out: others earn more with the same scarce capacity, budget or stock.",
        "未入选：同样的渠道能力、预算或库存用在其他客户身上收益更高。",
    ),
    Reason.NOT_KEPT: Label(
        "Not in the plan that is kept: the subscriber has ordered or refused since, or file and scores are others now.",
        "不在已保存的方案中：该用户之后已办理或拒绝，或者活动文件、评分已有变化。",
    ),
}


@dataclass(frozen=True, slots=True)
class Weighed:
    """One option of a subscriber, in major units: `value` less `price` of the limits it uses is its worth. `day`: when it is chosen.

    `ids`: of offer, channel and phase.
    """

    ids: tuple[str, str, str]
    offer: Label
    channel: Label
    phase: Label
    value: float
    price: float
    chosen: bool
    day: date | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Of one subscriber: the reason, what the model says, and the best options by worth, the chosen ones first. `undated`: why no day.

    `differs`: the plan that is kept is not the one that file and scores would give now, and options are weighed as of now.
    """

    subscriber: int
    reason: Reason
    probability: float | None
    options: tuple[Weighed, ...]
    undated: Why | None = None
    differs: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a subscriber: days of the contacts by ids of offer, channel and phase (None: no day), whether one is by chance, and
    the control group ("universal", "campaign"; None: in none).
    """

    days: Mapping[tuple[str, str, str], date | None]
    by_chance: bool
    control: str | None


def explain_kept(made: Proposal, kept: Kept, subscriber: int, *, differs: bool) -> Explanation:
    """Why `subscriber` is in the plan that is kept or out of it; `made`, the plan as file and scores give it now, weighs the options.

    Raises `NotInTheBase`.
    """
    now = explain(made, subscriber)
    if kept.control is not None:
        reason = Reason.UNIVERSAL if kept.control == "universal" else Reason.HELD_OUT
        return Explanation(subscriber, reason, None, (), differs=differs)
    options = sorted((_as_kept(one, kept) for one in now.options), key=lambda one: not one.chosen)
    reason = now.reason
    if kept.days:
        reason = Reason.BY_CHANCE if kept.by_chance else Reason.CHOSEN
    elif now.reason in (Reason.CHOSEN, Reason.BY_CHANCE, Reason.UNIVERSAL, Reason.HELD_OUT):
        reason = Reason.NOT_KEPT
    undated = now.undated if None in kept.days.values() else None
    return replace(now, reason=reason, options=tuple(options), undated=undated, differs=differs)


def _as_kept(one: Weighed, kept: Kept) -> Weighed:
    """The option with the day that it has in the plan that is kept."""
    return replace(one, chosen=one.ids in kept.days, day=kept.days.get(one.ids))


def explain(made: Proposal, subscriber: int) -> Explanation:
    """Why `subscriber` is in or out of `made`. Raises `NotInTheBase`."""
    at = int(np.searchsorted(made.everybody, subscriber))
    if at >= len(made.everybody) or made.everybody[at] != subscriber:
        raise NotInTheBase(number=subscriber)
    if made.universal[at]:
        return Explanation(subscriber, Reason.UNIVERSAL, None, ())
    if made.held[at]:
        return Explanation(subscriber, Reason.HELD_OUT, None, ())
    rows = np.flatnonzero(made.base.subscriber == subscriber)
    if not len(rows):
        return Explanation(subscriber, Reason.NOTHING_OPEN, None, ())
    return _of_row(made, int(rows[0]))


def _of_row(made: Proposal, row: int) -> Explanation:
    values = made.values[row].astype(np.float64)
    price = _prices(made, row)
    mine = np.flatnonzero(made.row == row)
    chosen = {int(made.option[k]): int(k) for k in mine}
    worth = np.where(np.isfinite(values), values - price, -np.inf)
    order = sorted(np.flatnonzero(np.isfinite(values)), key=lambda j: (j not in chosen, -worth[j]))
    options = tuple(_weighed(made, int(j), values, price, chosen) for j in order[:SHOWN])
    probability = float(made.base.probability[row])
    undated = next((Why(int(made.dated.why[k])) for k in mine if made.dated.day[k] == NO_DAY), None)
    return Explanation(
        int(made.base.subscriber[row]), _reason(made, row, values, mine), probability, options, undated
    )


def _reason(made: Proposal, row: int, values: np.ndarray, mine: np.ndarray) -> Reason:
    if len(mine):
        return Reason.BY_CHANCE if made.explored.by_chance[row] else Reason.CHOSEN
    if not np.isfinite(values).any():
        return Reason.NOTHING_OPEN
    return Reason.OTHERS_EARN_MORE if np.nanmax(values) > 0 else Reason.EARNS_NOTHING


def _prices(made: Proposal, row: int) -> np.ndarray:
    """What each option uses of the limits at their prices, shape (m,)."""
    problem = made.problem
    use = problem.use[:, int(class_codes(problem)[row])]
    return np.asarray(made.allocation.prices @ use if len(use) else np.zeros(problem.options))


def _weighed(
    made: Proposal, j: int, values: np.ndarray, price: np.ndarray, chosen: dict[int, int]
) -> Weighed:
    option = made.options.options[j]
    day = int(made.dated.day[chosen[j]]) if j in chosen else NO_DAY
    offer, channel = made.options.offers[option.offer], made.campaign.channels[option.channel]
    return Weighed(
        (str(offer.id), channel.id, made.campaign.phases[option.phase].id),
        offer.name,
        channel.name,
        made.campaign.phases[option.phase].days.name,
        float(values[j]),
        float(price[j]),
        j in chosen,
        date.fromordinal(day) if day != NO_DAY else None,
    )
