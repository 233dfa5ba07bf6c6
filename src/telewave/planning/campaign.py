"""A campaign as its marketer states it: phases, channels, amounts, rules of contact; what is assumed is a field of its own. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from telewave.audiences.rule import Rule
from telewave.kernel import Label, Malformed, Money
from telewave.planning.working_days import ChannelCalendar, Phase, Timetable
from telewave.targeting.plan import Group

LOWEST_LEVER, HIGHEST_LEVER = 0.5, 2.0


class TwoCurrencies(Malformed):
    """The campaign counts in {one} and its offers in {other}. State the campaign's amounts in {other}, or use offers in {one}."""


class LeverTooStrong(Malformed):
    """The lever {value:g} of {offer} is outside 0.5 to 2. A lever tilts the choice between offers; to leave an offer out, take it from `offers`."""


class NoChannelSells(Malformed):
    """No channel of the campaign sells the offer {offer}: it is sold through {sold}. Add that to a channel's `sells`, or leave the offer out."""


class ImpossibleCounts(Malformed):
    """The pilot counts {takers} takers among {subscribers} subscribers. Takers cannot be more, and both groups need at least one subscriber."""


@dataclass(frozen=True, slots=True)
class Pilot:
    """What a randomised pilot of a channel counted: takers among those contacted and among those held out."""

    contacted: int
    takers: int
    held_out: int
    takers_held_out: int

    def __post_init__(self) -> None:
        for takers, size in ((self.takers, self.contacted), (self.takers_held_out, self.held_out)):
            if takers > size or size < 1:
                raise ImpossibleCounts(takers=takers, subscribers=size)

    @property
    def log_odds_ratio(self) -> float:
        """Log odds ratio with half a taker added to each cell (Haldane 1956, Anscombe 1956), so that it is always finite."""
        a, b = self.takers + 0.5, self.contacted - self.takers + 0.5
        c, d = self.takers_held_out + 0.5, self.held_out - self.takers_held_out + 0.5
        return math.log(a / b) - math.log(c / d)


@dataclass(frozen=True, slots=True)
class Effect:
    """What one contact does to the odds of taking. `odds_ratio`: a belief; `weight`: how many contacts of a pilot it outweighs."""

    odds_ratio: float
    weight: float
    pilot: Pilot | None = None

    @property
    def expected(self) -> float:
        """The odds ratio to plan with: belief and pilot, their logarithms weighted by contacts."""
        if self.pilot is None:
            return self.odds_ratio
        seen = self.pilot.contacted
        total = self.weight * math.log(self.odds_ratio) + seen * self.pilot.log_odds_ratio
        return math.exp(total / (self.weight + seen))


@dataclass(frozen=True, slots=True)
class ChannelUse:
    """A channel in the campaign. `sells`: the sales channels of the catalogue whose offers it proposes. `records`: the channel's
    code in the contacts that were recorded, for evidence. `cost`: of one contact. `consent`: who may be reached; None: everybody.
    """

    id: str
    calendar: ChannelCalendar
    sells: tuple[str, ...]
    cost: Money
    effect: Effect
    records: str | None = None
    consent: Rule | None = None

    @property
    def name(self) -> Label:
        """For people."""
        return self.calendar.name


@dataclass(frozen=True, slots=True)
class CampaignPhase:
    """A stretch of the campaign: whom it addresses, how many contacts at most, how many takers a month it is to bring."""

    id: str
    days: Phase
    audience: Rule | None = None
    most_contacts: int | None = None
    goal: tuple[int, int] | None = None


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


@dataclass(frozen=True, slots=True)
class Choice:
    """How subscribers are assumed to choose between offers, and what is assumed of organic take-up.

    `price_elasticity`: of two offers the dearer one by x % is taken (1 + x %)^-elasticity as often. `organic_share`: share of past
    takers who would have come without any contact. `fatigue`: what a contact costs in goodwill. `levers`: a marketer's
    weights on offers' values, 0.5 to 2.
    """

    price_elasticity: float
    organic_share: float
    fatigue: Money
    levers: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for offer, value in self.levers.items():
            if not LOWEST_LEVER <= value <= HIGHEST_LEVER:
                raise LeverTooStrong(offer=offer, value=value)


@dataclass(frozen=True, slots=True)
class Holdout:
    """Shares of the base that are left alone so that the effect can be measured, and contacted at random to learn from."""

    universal: float = 0.01
    campaign: float = 0.05
    explored: float = 0.0


@dataclass(frozen=True)
class Campaign:
    """A campaign file, checked. `device_stock`: devices that all offers share. `matrix`: channels
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
    holdout: Holdout = Holdout()
    budget: Budget = Budget()
    device_stock: int | None = None
    minimums: tuple[Minimum, ...] = ()
    matrix: Mapping[Group, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _ = self.timetable

    @cached_property
    def timetable(self) -> Timetable:
        """The days of phases and channels."""
        return Timetable(
            self.first,
            self.last,
            tuple(phase.days for phase in self.phases),
            tuple(channel.calendar for channel in self.channels),
        )


def scaled(campaign: Campaign, share: float) -> Campaign:
    """The campaign on a base that is `share` of the one it was written for: amounts that count people or money shrink alike.

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
        return replace(use, calendar=replace(days, daily_capacity=capacity, capacity_on=exceptions))

    def phase(one: CampaignPhase) -> CampaignPhase:
        goal = None if one.goal is None else (count(one.goal[0]), count(one.goal[1]))
        most = None if one.most_contacts is None else count(one.most_contacts)
        return replace(one, goal=goal, most_contacts=most)

    budget = campaign.budget
    return replace(
        campaign,
        phases=tuple(phase(one) for one in campaign.phases),
        channels=tuple(channel(one) for one in campaign.channels),
        budget=Budget(
            None if budget.total is None else money(budget.total),
            {name: money(amount) for name, amount in budget.phases.items()},
            {name: money(amount) for name, amount in budget.channels.items()},
        ),
        device_stock=None if campaign.device_stock is None else count(campaign.device_stock),
        minimums=tuple(replace(one, contacts=count(one.contacts)) for one in campaign.minimums),
    )
