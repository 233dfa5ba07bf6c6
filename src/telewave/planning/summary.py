"""What a plan comes to, in rows that terminal and page show alike. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from telewave.kernel import Label, Message, Money
from telewave.offers.model import Offer, SellingPoint
from telewave.planning.caveats import (
    alike,
    assumptions,
    contaminated,
    explored,
    left_out,
    measurable,
    undated,
)
from telewave.planning.comparisons import GROUP_ORDER
from telewave.planning.evidence import unproven
from telewave.planning.limit_worth import is_telling, worth_of_more
from telewave.planning.options import Gathered
from telewave.planning.proposal import Proposal
from telewave.planning.scorer import Scorer
from telewave.planning.selling import points_of_choice, said_first
from telewave.planning.sensitivity import Swing, swings
from telewave.planning.volumes import Volume, chance_of_all_goals, volumes
from telewave.planning.wave_funnel import Wave, together, waves_of
from telewave.planning.wording import price_words
from telewave.scheduling.spacing import NO_DAY
from telewave.scheduling.working_days import UNLIMITED
from telewave.targeting.plan import Group

BEST_OFFERS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class UseRow:
    """One channel in one phase. `gained`: takers that the contacts bring in addition;
    `capacity`: None where there is no limit.
    """

    phase: Label
    channel: Label
    contacts: int
    capacity: int | None
    takers: float
    gained: float
    cost: Money
    profit: Money


@dataclass(frozen=True, slots=True)
class OfferRow:
    """One offer in the plan."""

    offer: Offer
    contacts: int
    gained: float
    profit: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow:
    """One target group (None: everybody else): its size, contacts by channel, its offers
    with most contacts and what to say of them.
    """

    group: Group | None
    subscribers: int
    contacts: tuple[int, ...]
    offers: tuple[OfferRow, ...]
    points: tuple[SellingPoint, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRow:
    """A limit with what was used of it, what one unit more would earn in words (None: there is
    room left), and whether that is enough to be told.
    """

    name: Label
    used: float
    amount: float
    worth: Message | None
    binding: bool


@dataclass(frozen=True, slots=True)
class WayRow:
    """One way to use the same resources."""

    name: Label
    contacts: int
    profit: Money


@dataclass(frozen=True, kw_only=True, slots=True)
class Summary:
    """Everything on the page. Takers, costs and profit are of contacts with a day. `explored`: what is left to chance;
    `undated`: contacts without a day and why; `all_goals`: chance that all goals are reached; `alike`: whether held
    out and others are; `measurable`: what effect the holdout can show; `contaminated`: by whom the comparison is
    spoilt; `model`: what speaks against the model; `unproven`: that no record stands behind the plan; `idle`: offers
    that nobody may have; `left_out`: what is not proposed or not counted; `swings`: how the profit moves with each
    assumption; `waves`: how far contacts are expected to come, the last all together where there are several;
    `worth_of_more`: what more of each limit would earn.

    `days`: labels of the campaign's days; `by_day`: contacts by channel, shape (channels, days).
    """

    campaign: Label
    subscribers: int
    universal: int
    held: int
    explored: Message
    undated: int
    undated_why: tuple[Message, ...]
    without_score: int
    contacts: int
    contacted: int
    takers: float
    gained: float
    cost: Money
    profit: Money
    gap: float
    uses: tuple[UseRow, ...]
    offers: tuple[OfferRow, ...]
    groups: tuple[GroupRow, ...]
    limits: tuple[LimitRow, ...]
    ways: tuple[WayRow, ...]
    channels: tuple[Label, ...]
    days: tuple[str, ...]
    by_day: tuple[tuple[int, ...], ...]
    volumes: tuple[Volume, ...]
    all_goals: float | None
    alike: Message | None
    measurable: Message
    contaminated: tuple[Message, ...]
    model: tuple[Message | Label, ...]
    unproven: tuple[Message, ...]
    idle: tuple[Label, ...]
    left_out: tuple[Message, ...]
    assumptions: tuple[Message, ...]
    swings: tuple[Swing, ...]
    waves: tuple[Wave, ...]
    worth_of_more: tuple[Message, ...]

    @property
    def returned(self) -> Money | None:
        """What each unit of money spent on contacts brings back; None where nothing is spent."""
        if not self.cost.minor:
            return None
        return Money(round(100 * (self.profit.minor + self.cost.minor) / self.cost.minor), self.cost.currency)

    @property
    def unit(self) -> Money:
        """One unit of the campaign's currency."""
        return Money(100, self.cost.currency)


def summarised(
    made: Proposal, gathered: Gathered, scorer: Scorer, not_proposed: Sequence[Message] = ()
) -> Summary:
    """The rows of a plan. `scorer`: the model behind the scores; `not_proposed`: what
    of the catalogue the plan does not propose.
    """
    campaign = made.campaign
    channel = made.options.channel_codes[made.option]
    gained = made.gained
    costs = np.array([c.cost.minor for c in campaign.channels], np.int64)
    expected = volumes(made, scorer.rate_error)
    return Summary(
        campaign=campaign.title,
        subscribers=len(made.everybody),
        universal=int(made.universal.sum()),
        held=int(made.held.sum()),
        explored=explored(made),
        undated=int((~made.made).sum()),
        undated_why=tuple(undated(made)),
        without_score=gathered.without_score,
        contacts=len(made.row),
        contacted=len(np.unique(made.row)),
        takers=float(made.takers.sum()),
        gained=float(gained.sum()),
        cost=Money(int(costs[channel[made.made]].sum()), campaign.currency),
        profit=_money(made, made.profit.sum()),
        gap=made.gap,
        uses=tuple(_uses(made, gained)),
        offers=tuple(_offers(made, gained, np.ones(len(made.row), bool))),
        groups=tuple(_groups(made, gathered, gained)),
        limits=tuple(_limits(made)),
        ways=tuple(_ways(made)),
        channels=tuple(c.name for c in campaign.channels),
        days=tuple(f"{campaign.timetable.day(d):%m-%d}" for d in range(campaign.timetable.days)),
        by_day=_by_day(made),
        volumes=expected,
        all_goals=chance_of_all_goals(expected),
        alike=alike(made, gathered),
        measurable=measurable(made, float(gained.sum())),
        contaminated=tuple(contaminated(made)),
        model=scorer.cautions,
        unproven=unproven(made),
        idle=tuple(
            o.name
            for o, may in zip(made.options.offers, made.base.open_offers.T, strict=True)
            if not may.any()
        ),
        left_out=(*not_proposed, *left_out(made, gathered)),
        assumptions=tuple(assumptions(made)),
        swings=swings(made, gathered),
        waves=tuple(_waves(made, gathered)),
        worth_of_more=worth_of_more(made),
    )


def _waves(made: Proposal, gathered: Gathered) -> list[Wave]:
    waves = waves_of(made, gathered)
    total = together(waves)
    return [*waves, *([total] if total else [])]


def _money(made: Proposal, major: float) -> Money:
    return Money(round(float(major) * 100), made.campaign.currency)


def _uses(made: Proposal, gained: np.ndarray) -> list[UseRow]:
    campaign, table = made.campaign, made.campaign.timetable
    channel, phase = (codes[made.option] for codes in (made.options.channel_codes, made.options.phase_codes))
    found = []
    for p, one in enumerate(campaign.phases):
        for c, way in enumerate(campaign.channels):
            mine = (channel == c) & (phase == p)
            start, end = table.phase_spans[p]
            room = int(np.minimum(table.capacity[c, start:end], UNLIMITED).sum())
            if not room and not mine.any():
                continue
            found.append(
                UseRow(
                    phase=one.days.name,
                    channel=way.name,
                    contacts=int(mine.sum()),
                    capacity=None if way.calendar.daily_capacity is None else room,
                    takers=float(made.takers[mine].sum()),
                    gained=float(gained[mine].sum()),
                    cost=Money(int((mine & made.made).sum()) * way.cost.minor, campaign.currency),
                    profit=_money(made, made.profit[mine].sum()),
                )
            )
    return found


def _offers(made: Proposal, gained: np.ndarray, mine: np.ndarray) -> list[OfferRow]:
    code = made.options.offer_codes[made.option]
    rows = []
    for number, offer in enumerate(made.options.offers):
        these = mine & (code == number)
        if these.any():
            profit = _money(made, made.profit[these].sum())
            rows.append(OfferRow(offer, int(these.sum()), float(gained[these].sum()), profit))
    return sorted(rows, key=lambda row: -row.contacts)


def _groups(made: Proposal, gathered: Gathered, gained: np.ndarray) -> list[GroupRow]:
    if gathered.group is None:
        return []
    place = np.searchsorted(gathered.base.subscriber, made.base.subscriber)
    group = gathered.group[place][made.row]
    channel = made.options.channel_codes[made.option]
    told = points_of_choice(made, gathered)
    found = []
    for number, one in [*enumerate(GROUP_ORDER), (-1, None)]:
        mine = group == number
        size = int((gathered.group == number).sum())
        if not size:
            continue
        best = tuple(_offers(made, gained, mine)[:BEST_OFFERS])
        points = tuple(p for row in best for p in (said_first(row.offer, one, told) if one else ()))
        counts = np.bincount(channel[mine], minlength=len(made.campaign.channels))
        found.append(
            GroupRow(
                group=one,
                subscribers=size,
                contacts=tuple(int(n) for n in counts),
                offers=best,
                points=points,
            )
        )
    return found


def _limits(made: Proposal) -> list[LimitRow]:
    rows = []
    for used in sorted(made.limits, key=lambda u: -u.price):
        worth = None
        telling = is_telling(made, used)
        if telling:
            value = price_words(used.price, made.campaign.currency)
            worth = (
                Message("one less would earn {value} more", value=value)
                if used.limit.least
                else Message("one more would earn {value}", value=value)
            )
        elif used.used >= used.limit.amount - 1e-6:
            worth = Message("next to nothing")
        rows.append(
            LimitRow(
                name=used.limit.name,
                used=used.used,
                amount=used.limit.amount,
                worth=worth,
                binding=telling,
            )
        )
    return rows


def _ways(made: Proposal) -> list[WayRow]:
    ways = made.ways
    named = [(Label("Everybody, no plan", "不做筛选，普遍接触"), ways.blanket)]
    if ways.matrix is not None:
        named.append((Label("Channels matched to groups", "按客户分群匹配渠道"), ways.matrix))
    rows = [WayRow(name, way.contacts, _money(made, way.profit)) for name, way in named]
    # As it stands after some options were exchanged by lot: the same profit as the headline's.
    return [*rows, WayRow(Label("This plan", "本方案"), len(made.row), _money(made, made.profit.sum()))]


def _by_day(made: Proposal) -> tuple[tuple[int, ...], ...]:
    table = made.campaign.timetable
    day = made.dated.day.astype(np.int64)
    dated = day != NO_DAY
    index = day[dated] - table.first.toordinal()
    counts = np.zeros((len(made.campaign.channels), table.days), np.int64)
    np.add.at(counts, (made.contacts.channel[dated], index), 1)
    return tuple(tuple(int(n) for n in row) for row in counts)
