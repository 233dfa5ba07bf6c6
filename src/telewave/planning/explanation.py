"""Why a subscriber is in the plan or out of it, and with which of the options: one
row of values beside the plan's prices. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from telewave.briefs.model import Brief
from telewave.kernel import Label, Message, Missing
from telewave.planning.model import GONE, ContactState
from telewave.planning.options import Base, Options
from telewave.scheduling.waves import Why

SHOWN = 8


class NotInTheBase(Missing):
    """The subscriber {number} has no score of the campaign's model. Score the wide table, or check the number."""

    code = "not_in_the_base"


class Reason(StrEnum):
    """Why."""

    CHOSEN = "chosen"
    BY_CHANCE = "by_chance"
    UNIVERSAL = "universal_control"
    HELD_OUT = "held_out"
    NOTHING_OPEN = "nothing_open"
    EARNS_NOTHING = "earns_nothing"
    OTHERS_EARN_MORE = "others_earn_more"
    ORDERED = "ordered"
    REFUSED = "refused"

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
        "未入选：同样的渠道容量、预算或库存用在其他客户身上收益更高。",
    ),
    Reason.ORDERED: Label(
        "Withdrawn from the plan: the subscriber has ordered since.", "已取消：该用户之后已办理。"
    ),
    Reason.REFUSED: Label(
        "Withdrawn from the plan: the subscriber does not consent any more.",
        "已取消：该用户不再同意接触。",
    ),
}
WITHDRAWN = {ContactState.ORDERED.value: Reason.ORDERED, ContactState.REFUSED.value: Reason.REFUSED}


@dataclass(frozen=True, kw_only=True, slots=True)
class Weighed:
    """One option of a subscriber, in major units: `value` less `price` of the limits it
    uses is its worth. `day`: when it is chosen.

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


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """Of one subscriber: the reason, what the model says, and the best options by worth, the
    chosen ones first. `undated`: why no day.

    `leaning`: what is on record of him, where the plan tells people apart. `plan`: hash of the plan that speaks;
    `brief_changed`: the campaign file is not the one that the plan was made from.
    """

    subscriber: int
    reason: Reason
    plan: str
    probability: float | None = None
    options: tuple[Weighed, ...] = ()
    undated: Why | None = None
    brief_changed: bool = False
    leaning: tuple[Message, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Kept:
    """What the plan keeps of a subscriber: rows of `contacts`, `control` and `classes`;
    and the `prices` of all classes (`PRICES`).
    """

    contacts: Sequence[Mapping[str, Any]]
    control: Sequence[Mapping[str, Any]]
    classes: Sequence[Mapping[str, Any]]
    prices: pa.Table
    plan: str
    brief_changed: bool


def explain(
    subscriber: int, brief: Brief, options: Options, base: Base, values: NDArray[np.float32], kept: Kept
) -> Explanation:
    """Why `subscriber` is in the plan or out of it. `base`: him alone, or nobody; `values`: shape (1, m) or (0, m).

    Raises `NotInTheBase`.
    """
    told: dict[str, Any] = {"subscriber": subscriber, "plan": kept.plan, "brief_changed": kept.brief_changed}
    if kept.control:
        universal = kept.control[0]["control"] == "universal"
        return Explanation(reason=Reason.UNIVERSAL if universal else Reason.HELD_OUT, **told)
    if not len(base.subscriber):
        raise NotInTheBase(number=subscriber)
    row = values[0].astype(np.float64)
    weighed = _weighed(brief, options, row, kept)
    undated = next((Why(one["why"]) for one in kept.contacts if one["why"]), None)
    return Explanation(
        reason=_reason(kept, row),
        probability=float(base.probability[0]),
        options=weighed[:SHOWN],
        undated=undated,
        **told,
    )


def _reason(kept: Kept, values: NDArray[np.float64]) -> Reason:
    standing = [one for one in kept.contacts if one["state"] not in {state.value for state in GONE}]
    if standing:
        return Reason.BY_CHANCE if any(one["by_chance"] for one in standing) else Reason.CHOSEN
    if kept.contacts:
        return WITHDRAWN[kept.contacts[0]["state"]]
    if not kept.classes or not np.isfinite(values).any():
        return Reason.NOTHING_OPEN
    return Reason.OTHERS_EARN_MORE if np.nanmax(values) > 0 else Reason.EARNS_NOTHING


def _weighed(brief: Brief, options: Options, values: NDArray[np.float64], kept: Kept) -> tuple[Weighed, ...]:
    """The options that are open, the chosen ones first, then by worth."""
    prices = _prices(kept)
    days = {(one["offer"], one["channel"], one["phase"]): one["day"] for one in kept.contacts}
    found = []
    for j in np.flatnonzero(np.isfinite(values)):
        option = options.options[j]
        offer, channel = options.offers[option.offer], brief.channels[option.channel]
        phase = brief.phases[option.phase]
        ids = (str(offer.id), channel.id, phase.id)
        found.append(
            Weighed(
                ids=ids,
                offer=offer.name,
                channel=channel.name,
                phase=phase.days.name,
                value=float(values[j]),
                price=prices.get(ids, 0.0),
                chosen=ids in days,
                day=days.get(ids),
            )
        )
    return tuple(sorted(found, key=lambda one: (not one.chosen, one.price - one.value)))


def _prices(kept: Kept) -> dict[tuple[str, str, str], float]:
    """What each option uses of the limits at their prices, for the subscriber's class."""
    if not kept.classes:
        return {}
    mine = kept.prices.filter(pc.equal(kept.prices["class"], kept.classes[0]["class"]))
    ids = zip(*(mine[name].to_pylist() for name in ("offer", "channel", "phase")), strict=True)
    return dict(zip(ids, mine["price"].to_pylist(), strict=True))
