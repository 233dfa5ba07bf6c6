"""What is believed of each step before any record: data, with range, reason and weight. No trustworthy source tells
these numbers; the operator's own records replace them as they come. Pure.

The weight of a belief is the number of records whose share would be as sure as its range:
w = m (1 - m) / ((high - low) / (2 * 1.96))^2, at most `MOST_WEIGHT`, so that some hundred records outweigh any belief.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from telewave.funnel.steps import CHANNELS, STEPS, Family, Step
from telewave.kernel import Estimate, Label
from telewave.kernel.intervals import Z95

MOST_WEIGHT = 200.0
UNGROUPED = "any"
"""The group of who is in none: no model was named, or it does not know him."""
GROUP_LABELS: Mapping[str, Label] = {
    "core": Label("Core", "核心目标群"),
    "normal": Label("Normal", "一般目标群"),
    "basic": Label("Basic", "基础目标群"),
    UNGROUPED: Label("Not grouped", "未分群"),
}
FAMILY_LABELS: Mapping[Family, Label] = {
    Family.CALL: Label("Call", "电话"),
    Family.VISIT: Label("Hall, shop or courier", "厅店或快递"),
    Family.MESSAGE: Label("Message", "消息"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """A step's believed `chance`, given the step before, with its range and why; `group`: "" for every group."""

    family: Family
    group: str
    step: Step
    chance: float
    low: float
    high: float
    reason: Label

    @property
    def weight(self) -> float:
        """In records; see the module's text.

        >>> round(belief("sms", "core", Step.SEEN).weight)
        23
        """
        spread = (self.high - self.low) / (2 * Z95)
        return min(MOST_WEIGHT, self.chance * (1 - self.chance) / spread**2)

    @property
    def estimate(self) -> Estimate:
        """The belief with its range, of no record."""
        return Estimate(value=self.chance, low=self.low, high=self.high, n=0, method="belief")


def _told(
    family: Family, step: Step, reason: Label, levels: Mapping[str, tuple[float, float, float]]
) -> list[Belief]:
    return [
        Belief(family=family, group=group, step=step, chance=chance, low=low, high=high, reason=reason)
        for group, (chance, low, high) in levels.items()
    ]


BELIEFS: Sequence[Belief] = (
    *_told(Family.CALL, Step.REACHED,
        Label(
            "Outbound lists of a branch are answered in 40 to 60 % of attempts.",
            "地市外呼名单的接通率一般为 40–60%。",
        ),
        {"": (0.5, 0.4, 0.6)}),
    *_told(Family.CALL, Step.LISTENS,
        Label("Of those who answer, some hang up before the offer is named.", "接通后，部分客户在讲到业务之前就挂机。"),
        {"": (0.6, 0.45, 0.75)}),
    *_told(Family.CALL, Step.WILLING,
        Label(
            "So set that of those reached 2-4 % (core), 0.8-1.5 % (normal), 0.1-0.3 % (basic) order; "
            "bank calls convert 11 %.",
            "据此设定：接通客户中办理的占比，核心 2–4%、一般 0.8–1.5%、基础 0.1–0.3%；银行外呼转化率为 11%。",
        ),
        {
            "core": (0.10, 0.067, 0.133),
            "normal": (0.037, 0.027, 0.05),
            "basic": (0.0067, 0.0033, 0.01),
            UNGROUPED: (0.02, 0.005, 0.06),
        }),
    *_told(Family.CALL, Step.ORDERED,
        Label(
            "About half of the willing carry it through, on the line or in a hall.",
            "有意向的客户约一半最终办理（电话中或到厅）。",
        ),
        {"": (0.5, 0.3, 0.7)}),
    *_told(Family.VISIT, Step.VISITED,
        Label("Of the targets, few come to a hall in a month by themselves.", "目标客户一个月内自行到厅的不多。"),
        {"": (0.08, 0.03, 0.15)}),
    *_told(Family.VISIT, Step.WILLING,
        Label(
            "So set that 3-6 % of the targets who come take it at the hall's pop-up.",
            "据此设定：到厅的目标客户经厅内弹窗推荐，3–6% 办理。",
        ),
        {
            "core": (0.085, 0.06, 0.11),
            "normal": (0.065, 0.043, 0.086),
            "basic": (0.043, 0.025, 0.06),
            UNGROUPED: (0.06, 0.03, 0.10),
        }),
    *_told(Family.VISIT, Step.ORDERED,
        Label("Who is willing at the counter mostly orders there.", "在柜台表示有意向的客户大多当场办理。"),
        {"": (0.7, 0.5, 0.85)}),
    *_told(Family.MESSAGE, Step.DELIVERED,
        Label("Numbers switched off and full boxes keep a few from it.", "关机、收件箱已满等使少数消息无法送达。"),
        {"": (0.96, 0.92, 0.99)}),
    *_told(Family.MESSAGE, Step.SEEN,
        Label("Less than half of operators' messages are looked at.", "运营商消息被查看的不到一半。"),
        {"": (0.4, 0.2, 0.6)}),
    *_told(Family.MESSAGE, Step.ANSWERED,
        Label("So set that 0.05-0.3 % of the messages lead to an order.", "据此设定：0.05–0.3% 的消息带来办理。"),
        {
            "core": (0.02, 0.008, 0.035),
            "normal": (0.01, 0.004, 0.02),
            "basic": (0.003, 0.001, 0.006),
            UNGROUPED: (0.01, 0.003, 0.026),
        }),
    *_told(Family.MESSAGE, Step.ORDERED,
        Label("Of those who click or reply, about a third order.", "点击或回复的客户约三分之一办理。"),
        {"": (0.3, 0.15, 0.5)}),
)  # fmt: skip


def belief(channel: str, group: str, step: Step) -> Belief:
    """What is believed of `step` for a contact of `group` through `channel`."""
    family = CHANNELS[channel]
    for one in BELIEFS:
        if one.family is family and one.step is step and one.group in ("", group):
            return one
    return belief(channel, UNGROUPED, step)


def chain_belief(channel: str, group: str, steps: Sequence[Step]) -> Belief:
    """What is believed of the last of `steps`, given the one before the first of them: the product of their chances.

    The relative spreads add up in squares. One step alone is its own belief.
    """
    found = [belief(channel, group, step) for step in steps]
    if len(found) == 1:
        return found[0]
    chance, spread = 1.0, 0.0
    for one in found:
        chance *= one.chance
        spread += ((one.high - one.low) / (2 * one.chance)) ** 2
    half = min(0.95, spread**0.5)
    return Belief(
        family=found[0].family,
        group=group,
        step=steps[-1],
        chance=chance,
        low=chance * (1 - half),
        high=min(0.999, chance * (1 + half)),
        reason=found[-1].reason,
    )


def whole_belief(channel: str, group: str) -> Belief:
    """What is believed of an attempt's chance of an order, through all steps of its channel."""
    return chain_belief(channel, group, STEPS[CHANNELS[channel]])
