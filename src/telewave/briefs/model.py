"""A campaign as its marketer states it: phases, channels, amounts, rules of contact; what is assumed is a field of its
own. Pure.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from functools import cached_property

from telewave.audiences.rule import Rule
from telewave.briefs.channel_steps import ChannelSteps
from telewave.briefs.pilot import Pilot
from telewave.customers.base import Cell
from telewave.funnel.willing import Through, Willing
from telewave.kernel import Label, Malformed, Money
from telewave.offers.economics import DEFAULT_ASSUMPTIONS, Assumptions
from telewave.offers.model import Offer
from telewave.scheduling.agent_time import AgentTime
from telewave.scheduling.working_days import ChannelCalendar, Phase, Timetable
from telewave.targeting.case import Case
from telewave.targeting.plan import Group

LOWEST_LEVER, HIGHEST_LEVER = 0.5, 2.0


class TwoCurrencies(Malformed):
    """The campaign counts in {one} and its offers in {other}. State the campaign's
    amounts in {other}, or use offers in {one}.
    """

    code = "two_currencies"


class LeverTooStrong(Malformed):
    """The lever {value:g} of {offer} is outside 0.5 to 2. A lever tilts the choice between offers; to
    leave an offer out, take it from `offers`.
    """

    code = "lever_too_strong"


class OneWayToChoose(Malformed):
    """How subscribers choose between offers is said in one way: by `price_elasticity`, or by `weights` of the terms.
    Write one of the two under `choice`.
    """

    code = "one_way_to_choose"


class NoChannelSells(Malformed):
    """No channel of the campaign sells the offer {offer}: it is sold through {sold}. Add that to a
    channel's `sells`, or leave the offer out.
    """

    code = "no_channel_sells"


class NeverOnSale(Malformed):
    """The campaign names the offer {offer}, which is on sale on no day of any phase. Take it out of
    `offers`, or extend its validity in the catalogue.
    """

    code = "never_on_sale"


@dataclass(frozen=True, slots=True)
class Effect:
    """What one contact does to the odds of taking. `odds_ratio`: a belief; `weight`: it counts as much as a pilot with
    so many contacted and as many held out. `offers`: effects that differ for single offers, by offer id.
    """

    odds_ratio: float
    weight: float
    pilot: Pilot | None = None
    offers: Mapping[str, Effect] = field(default_factory=dict)

    @property
    def expected(self) -> float:
        """The odds ratio to plan with: belief and pilot, their logarithms weighted by precision.

        log(expected) = (log(odds_ratio) / v0 + log(pilot) / v) / (1 / v0 + 1 / v), v the pilot's variance, v0 that of a
        pilot of the belief's weight. Few held out or few takers make the pilot imprecise, and the belief stands.
        """
        if self.pilot is None:
            return self.odds_ratio
        if not self.weight:
            return math.exp(self.pilot.log_odds_ratio)
        belief, pilot = 1 / self.pilot.variance_of(self.weight), 1 / self.pilot.variance
        total = belief * math.log(self.odds_ratio) + pilot * self.pilot.log_odds_ratio
        return math.exp(total / (belief + pilot))


class CausedOutOfOrder(Malformed):
    """The orders that a contact causes are chances between 0 and 1 that do not rise from core over normal to basic;
    they are {core:g}, {normal:g}, {basic:g}. Write them as core: 1.5 %, normal: 0.5 %, basic: 0.1 %.
    """

    code = "caused_out_of_order"


@dataclass(frozen=True, kw_only=True, slots=True)
class RestsOn:
    """What stands behind an effect that the campaign's file does not state: `contacts` on record, learnt as the
    `version` of a `funnel`, and what speaks for them; no funnel: the table of beliefs. `come`: believed share of those
    asked to come who do, where every contact on record is of one who was there; else 1. `lower`: counted is the lower
    end of what they show.
    """

    funnel: str = ""
    version: int = 0
    contacts: int = 0
    speaker: Label | None = None
    come: float = 1.0
    lower: bool = False


BELIEVED = RestsOn()


@dataclass(frozen=True, kw_only=True, slots=True)
class ByPerson:
    """That each person counts by what is on record of him: his log odds of being willing, once he hears of the offer,
    go `through` the channel; `times`: the share of those asked who come, and whatever an assumption is tried with.
    """

    through: Through
    times: float = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class OrdersCaused:
    """What one contact (an attempt, answered or not) does: the chance that it wins one who would not have ordered by
    himself, by appetite for the offer. `offers`: where it differs for single offers, by offer id. `rests_on`: None
    where the file states it. `by_person`: decides for those of whom enough is on record; None: of nobody.

    Raises `CausedOutOfOrder`.
    """

    core: float
    normal: float
    basic: float
    offers: Mapping[str, OrdersCaused] = field(default_factory=dict)
    rests_on: RestsOn | None = None
    by_person: ByPerson | None = None

    def __post_init__(self) -> None:
        if not 1 > self.core >= self.normal >= self.basic >= 0:
            raise CausedOutOfOrder(core=self.core, normal=self.normal, basic=self.basic)


ContactEffect = Effect | OrdersCaused
"""Told as odds, or as orders."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelUse:
    """A channel in the campaign. `sells`: the sales channels of the catalogue whose offers it proposes.
    `records`: the channel's code in the contacts that were recorded, for evidence. `cost`: of one contact.
    `consent`: who may be reached; None: everybody. `agents`: what its attempts take of agents' time; None: no agents.
    `steps`: what a funnel learnt of the steps of its contacts; None: nothing, the table of assumptions speaks.
    """

    id: str
    calendar: ChannelCalendar
    sells: tuple[str, ...]
    cost: Money
    effect: ContactEffect
    records: str | None = None
    consent: Rule | None = None
    agents: AgentTime | None = None
    steps: ChannelSteps | None = None

    @property
    def name(self) -> Label:
        """For people."""
        return self.calendar.name

    def may_sell(self, offer: Offer) -> bool:
        """Whether the offer is sold through one of the sales channels that this one proposes."""
        return bool(set(self.sells) & set(offer.channels))


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignPhase:
    """A stretch of the campaign: whom it addresses, how many contacts at most, how many takers a month it is to
    bring.
    """

    id: str
    days: Phase
    audience: Rule | None = None
    most_contacts: int | None = None
    goal: tuple[int, int] | None = None

    def all_days(self, offer: Offer) -> bool:
        """Whether the offer is on sale on all days of the phase."""
        return offer.on_sale(self.days.first) and offer.on_sale(self.days.last)

    def some_day(self, offer: Offer) -> bool:
        """Whether the offer is on sale on any day of the phase."""
        start, end = offer.valid.start, offer.valid.end
        return (start is None or start <= self.days.last) and (end is None or end >= self.days.first)


@dataclass(frozen=True, slots=True)
class Minimum:
    """At least `contacts` members of an audience (a community, a group) are contacted."""

    name: Label
    audience: Rule
    contacts: int


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be spent on contacts: in all, by phase, by channel. None and absent: no limit."""

    total: Money | None = None
    phases: Mapping[str, Money] = field(default_factory=dict)
    channels: Mapping[str, Money] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceRestsOn:
    """The choice model that was looked at, the orders that it was learnt from, and whether it is `used`: only where it
    foretold later orders well enough.
    """

    name: str
    version: int
    orders: int
    used: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """How subscribers are assumed to choose between offers, and what is assumed of organic take-up.

    `price_elasticity`: of two offers the dearer one by x % is taken (1 + x %)^-elasticity as often. `weights`, instead:
    what counts against an offer in a conditional logit, by term (`choice.terms`); `by_class`: likewise for single
    classes, where that was learnt. `organic_share`: share of past takers
    who would have come without any contact. `fatigue`: what a contact costs in goodwill. `levers`: a marketer's weights
    on offers in the choice, 0.5 to 2; what a contact is worth they leave as it is. `learnt`: name of a choice model
    that replaces the two where it is used; `rests_on`: what became of that, None before. `doubtful`,
    `doubtful_by_class`: terms whose learnt weight is not clearly different from 0. Raises `OneWayToChoose`,
    `LeverTooStrong`.
    """

    price_elasticity: float | None = None
    weights: Mapping[str, float] | None = None
    by_class: Mapping[Cell, Mapping[str, float]] = field(default_factory=dict)
    organic_share: float
    fatigue: Money
    levers: Mapping[str, float] = field(default_factory=dict)
    learnt: str = ""
    rests_on: ChoiceRestsOn | None = None
    doubtful: frozenset[str] = frozenset()
    doubtful_by_class: Mapping[Cell, frozenset[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if (self.price_elasticity is None) == (self.weights is None):
            raise OneWayToChoose
        for offer, value in self.levers.items():
            if not LOWEST_LEVER <= value <= HIGHEST_LEVER:
                raise LeverTooStrong(offer=offer, value=value)


@dataclass(frozen=True, slots=True)
class Holdout:
    """`campaign`: share of the base that is left alone so that the effect can be measured;
    None: as many as the expected effect needs.

    `explored`: share of the contacts whose options are exchanged by lot to learn from. `respects_others`: who is
    held out of another campaign that runs is not contacted, since that would spoil its measurement.
    `by_household`: all lines of a customer are drawn alike.
    """

    campaign: float | None = 0.05
    explored: float = 0.0
    respects_others: bool = True
    by_household: bool = False


@dataclass(frozen=True, kw_only=True)
class Brief:
    """A campaign file, checked. `device_stock`: devices that all offers share. `household_contacts`: of all lines of a
    customer at most; None: no limit. `economics`: what margins rest on. `funnel`: name
    under which is learnt what contacts do, where a channel does not state it; `willing`: what it knows of who is, to
    tell people apart (None: groups alone). `propose_dominated`: also offers that
    others leave never the best choice. `case`: to compare its groups with; nothing is planned by it. `matrix`: channels
    of each target group, best first: the policy that the allocation is compared with. Raises what `Timetable` raises.
    """

    id: str
    title: Label
    currency: str
    model: str
    offers: tuple[str, ...]
    catalogue: str
    first: date
    last: date
    phases: tuple[CampaignPhase, ...]
    channels: tuple[ChannelUse, ...]
    choice: Choice
    most_contacts: int = 1
    spacing_days: int = 7
    household_contacts: int | None = None
    holdout: Holdout = Holdout()
    budget: Budget = Budget()
    device_stock: int | None = None
    minimums: tuple[Minimum, ...] = ()
    matrix: Mapping[Group, tuple[str, ...]] = field(default_factory=dict)
    propose_dominated: bool = False
    case: Case | None = None
    economics: Assumptions = DEFAULT_ASSUMPTIONS
    funnel: str = ""
    willing: Willing | None = None

    def __post_init__(self) -> None:
        _ = self.timetable

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything that is planned by, in hexadecimal: two files that say the same have the same."""
        parts = (f"{one.name}={_told(getattr(self, one.name))}" for one in fields(self) if one.name != "case")
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    @cached_property
    def timetable(self) -> Timetable:
        """The days of phases and channels."""
        return Timetable(
            self.first,
            self.last,
            tuple(phase.days for phase in self.phases),
            tuple(channel.calendar for channel in self.channels),
        )


def _told(value: object) -> str:
    """The value's `repr`, but that the order of a set is that of its members: Python's own differs from run to run."""
    match value:
        case frozenset() if value:
            return f"frozenset({{{', '.join(sorted(map(repr, value)))}}})"
        case dict():
            return f"{{{', '.join(f'{_told(key)}: {_told(one)}' for key, one in value.items())}}}"
        case Choice():
            parts = (f"{one.name}={_told(getattr(value, one.name))}" for one in fields(value))
            return f"Choice({', '.join(parts)})"
        case _:
            return repr(value)


def scaled(brief: Brief, share: float) -> Brief:
    """The campaign on a base that is `share` of the one it was written for: amounts that count people or money shrink
    alike.

    Every limit stays at least 1, so that nothing is switched off by rounding.
    """

    def count(amount: int) -> int:
        return max(1, round(amount * share))

    def money(amount: Money) -> Money:
        return Money(count(amount.minor), amount.currency)

    def channel(use: ChannelUse) -> ChannelUse:
        days = use.calendar
        capacity = None if days.daily_capacity is None else count(days.daily_capacity)
        exceptions = {day: count(amount) if amount else 0 for day, amount in days.capacity_on.items()}
        agents = None if use.agents is None else use.agents.times(share)
        days = replace(days, daily_capacity=capacity, capacity_on=exceptions)
        return replace(use, calendar=days, agents=agents)

    def phase(one: CampaignPhase) -> CampaignPhase:
        goal = None if one.goal is None else (count(one.goal[0]), count(one.goal[1]))
        most = None if one.most_contacts is None else count(one.most_contacts)
        return replace(one, goal=goal, most_contacts=most)

    budget = brief.budget
    return replace(
        brief,
        phases=tuple(phase(one) for one in brief.phases),
        channels=tuple(channel(one) for one in brief.channels),
        budget=Budget(
            None if budget.total is None else money(budget.total),
            {name: money(amount) for name, amount in budget.phases.items()},
            {name: money(amount) for name, amount in budget.channels.items()},
        ),
        device_stock=None if brief.device_stock is None else count(brief.device_stock),
        minimums=tuple(replace(one, contacts=count(one.contacts)) for one in brief.minimums),
    )
