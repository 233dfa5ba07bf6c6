"""What is measured of a campaign, as values. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from telewave.halls.hall_records import HallCounts
from telewave.kernel import Estimate, Inconclusive, Label
from telewave.measurement.attribution import Rule
from telewave.measurement.effect import Effect, Part
from telewave.measurement.script_arms import ArmFound


class Compared(StrEnum):
    """Of whom both arms are. `PLAN_MOVED_ON`: of all drawn, since the plan that ran contacts others than it aimed at
    when it was launched; `NOT_KEPT`: of all, since it is not known whom the plan aimed at.
    """

    AIMED_AT = "aimed_at"
    PLAN_MOVED_ON = "plan_moved_on"
    NOT_KEPT = "not_kept"


class Along(StrEnum):
    """By what a campaign's funnel is split."""

    WAVE = "wave"
    CHANNEL = "channel"
    GROUP = "group"
    OFFER = "offer"
    AGENT = "agent"
    SCRIPT = "script"
    WHERE = "where"

    @property
    def label(self) -> Label:
        """For people."""
        return ALONG[self]


ALONG = {
    Along.WAVE: Label("Wave", "波次"),
    Along.CHANNEL: Label("Channel", "渠道"),
    Along.GROUP: Label("Target group", "目标群"),
    Along.OFFER: Label("Offer", "业务"),
    Along.AGENT: Label("Agent", "坐席"),
    Along.SCRIPT: Label("Script", "话术"),
    Along.WHERE: Label("Where the order was made", "办理渠道"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Stages:
    """People of one part of the campaign at each stage. None: not known of this part. `name` "": no group, agent ...

    `target`: in the plan; `contacted`: with a contact on record since the launch; `reached`, `willing`: by what was
    recorded of it; `ordered`: on or after the day of their first contact; `activated`: of these.
    """

    name: str
    target: int | None
    contacted: int | None
    reached: int | None
    willing: int | None
    ordered: int
    activated: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelReturn:
    """One channel of the campaign. `cost`: of the contacts on record, `margin` and `orders`: of what the campaign
    brought, shared out by each rule (major units), with the interval of the whole.
    """

    channel: str
    contacts: int
    cost: float
    orders: Mapping[Rule, Estimate]
    margin: Mapping[Rule, Estimate]

    def back(self, rule: Rule) -> float | None:
        """What comes back for each unit spent; None: nothing was spent."""
        return self.margin[rule].value / self.cost if self.cost else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Move:
    """Budget to move: `amount` from one channel to another, and the margin that is expected to come of it."""

    source: str
    target: str
    amount: float
    gain: Estimate


@dataclass(frozen=True, kw_only=True, slots=True)
class Assigned:
    """How the draw came out, of those who are compared. `assigned`, `held_out`: people; `of`: whom is compared;
    `aside`: drawn, and not compared; `share`: drawn to be held out; `chance`: of a larger distance from it;
    `universal`: left alone by all campaigns, not counted; `contaminated`: held out and contacted; `unscored`: without
    a chance before launch; `beside`: contacted, of those assigned who are not compared.
    """

    assigned: int
    held_out: int
    of: Compared
    aside: int
    beside: int
    share: float
    chance: float
    universal: int
    contaminated: int
    unscored: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """What a campaign did from `first` to before `as_of`. `orders`, `margin`: the effects, or why there are none;
    `took`: people who ordered, of the assigned and of the held out; `parts`: by target group; `move`: or why not.
    `cost`: of the contacts made; `cost_to_acquire`: of one order that the campaign brought. `halls`: from reservation
    to order; `scripts`: as arms.
    """

    campaign: str
    title: Label
    plan: str
    currency: str
    first: date
    last: date
    as_of: date
    draw: Assigned
    orders: Effect | Inconclusive
    margin: Effect | Inconclusive
    took: tuple[int, int]
    parts: tuple[Part, ...]
    funnel: Mapping[Along, tuple[Stages, ...]]
    channels: tuple[ChannelReturn, ...]
    unspoken: int
    move: Move | Inconclusive
    cost: float
    cost_to_acquire: Estimate | Inconclusive
    expected: float
    names: Mapping[str, Label]
    halls: tuple[HallCounts, ...] = ()
    scripts: tuple[ArmFound, ...] = ()
