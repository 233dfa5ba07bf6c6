"""The proposal: who is held out, who gets what, when, and what that is expected to earn; beside doing it without a plan. Pure.

Order of decisions: control groups are taken out first; the others are allocated under all limits; a small share of the allocated
is given another option at random, with its probability logged; contacts are dated within their phase by value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from telewave.allocation.model import NOTHING, Allocation, Choices, Problem
from telewave.allocation.rounding import first_come
from telewave.allocation.solve import allocate
from telewave.experiments.arms import Explored, explore
from telewave.experiments.holdout import Purpose, UniversalControl, stratified, uniform
from telewave.kernel import Conflict, Message
from telewave.offers.economics import DEFAULT_ASSUMPTIONS, Assumptions
from telewave.offers.model import Offer
from telewave.planning.campaign import Campaign
from telewave.planning.limits import classes_of, limits_of, mean_by_class
from telewave.planning.options import (
    Base,
    Chances,
    Flags,
    Floats,
    Options,
    chances,
    expected_sales,
    options_of,
    values,
)
from telewave.planning.spacing import NO_DAY, Spacing
from telewave.planning.waves import Contacts, Dated, date_contacts
from telewave.targeting.plan import Group

STRATA = 10
GROUP_ORDER = tuple(Group)


class NobodyToContact(Conflict):
    """Nobody of {subscribers} subscribers may be contacted in the campaign {campaign}: {reason} Widen the audiences of its phases, its offers' eligibility or its channels' consent."""


@dataclass(frozen=True, eq=False, slots=True)
class Way:
    """One way to use the campaign's capacities, budgets and stocks. `profit`: expected, incremental, in major units."""

    choice: Choices
    profit: float

    @property
    def contacts(self) -> int:
        """Contacts in all."""
        return int(np.count_nonzero(self.choice != NOTHING))


@dataclass(frozen=True, eq=False, slots=True)
class Ways:
    """Blanket contact (everybody in a random order, the strongest channel with room), the case's matrix, the allocation.

    All three propose through a channel the offer that earns most with the subscriber, so they differ in whom they contact how.
    """

    blanket: Way
    matrix: Way | None
    plan: Way


@dataclass(frozen=True, eq=False, slots=True)
class Proposal:
    """Everything that was decided. Arrays are over the n subscribers who may be contacted, `base`; contacts over what was allocated.

    `universal`, `held`: shape of `everybody`, who is in a control group. `row`: the subscriber's row of each contact, `option` its
    option, `touch` 0 for the subscriber's most valuable contact. `organic`: takers whom each phase's audience is expected to bring by itself in the
    model's window.
    """

    campaign: Campaign
    everybody: NDArray[np.int64]
    universal: Flags
    held: Flags
    base: Base
    options: Options
    chance: Chances
    problem: Problem
    allocation: Allocation
    explored: Explored
    row: NDArray[np.int64]
    option: NDArray[np.int64]
    touch: NDArray[np.int64]
    contacts: Contacts
    dated: Dated
    ways: Ways
    organic: tuple[float, ...]

    @property
    def values(self) -> NDArray[np.float32]:
        """Expected incremental profit of each option, shape (n, m)."""
        return self.problem.values

    @property
    def takers(self) -> Floats:
        """Expected takers of each contact: organic and gained. Shape (contacts,)."""
        return np.asarray(self.contacts.probability)

    @property
    def profit(self) -> Floats:
        """Expected incremental profit of each contact in major units, shape (contacts,)."""
        return np.asarray(self.values[self.row, self.option], dtype=np.float64)


def propose(
    campaign: Campaign,
    offers: Sequence[Offer],
    everybody: Base,
    *,
    members: Sequence[Flags] = (),
    group: NDArray[np.int8] | None = None,
    assumptions: Assumptions = DEFAULT_ASSUMPTIONS,
) -> Proposal:
    """Plan `campaign` on `everybody`. `members`: who counts for each minimum, shape (n,); `group`: target group, by number, -1: none.

    Raises `NobodyToContact`, `NoPlanExists`, what `options_of` raises.
    """
    options = options_of(campaign, offers)
    universal, held = _control(campaign, everybody)
    keep = ~(universal | held) & everybody.open_offers.any(1) & everybody.addressed.any(1)
    keep &= everybody.reachable.any(1)
    if not keep.any():
        raise NobodyToContact(
            subscribers=len(everybody.subscriber), campaign=campaign.id, reason=_why_nobody(everybody)
        )
    base = _rows(everybody, keep)
    whole = chances(everybody, campaign, offers)
    organic = tuple(float(whole.organic[mine].sum()) for mine in everybody.addressed.T)
    chance = _chance_rows(whole, keep)
    value = values(base, campaign, options, chance, assumptions)
    problem = _problem(campaign, options, base, chance, value, [flags[keep] for flags in members])
    made = allocate(problem)
    explored = _explored(campaign, base, problem, made)
    choice = made.choice.copy()
    choice[:, 0] = explored.option
    row, touch = np.nonzero(choice != NOTHING)
    option = choice[row, touch].astype(np.int64)
    contacts = _contacts(base, options, chance, value, row, option, touch)
    dated = date_contacts(contacts, campaign.timetable, Spacing(campaign.spacing_days))
    ways = _ways(campaign, options, base, chance, problem, made, None if group is None else group[keep])
    return Proposal(
        campaign, everybody.subscriber, universal, held, base, options, chance, problem, made, explored,
        row, option, touch, contacts, dated, ways, organic,
    )  # fmt: skip


def _control(campaign: Campaign, everybody: Base) -> tuple[Flags, Flags]:
    """Who is in the universal control group, and who of the others is held out of this campaign, equally likely takers alike."""
    universal = np.zeros(len(everybody.subscriber), bool)
    if campaign.holdout.universal:
        control = UniversalControl(campaign.holdout.universal)
        universal = control.members(everybody.subscriber, campaign.first, campaign.last)
    held = np.zeros_like(universal)
    if campaign.holdout.campaign:
        ranks = np.argsort(np.argsort(everybody.probability, kind="stable"), kind="stable")
        strata = ranks * STRATA // max(len(ranks), 1)
        held = stratified(campaign.id, everybody.subscriber, strata, campaign.holdout.campaign) & ~universal
    return universal, held


def _why_nobody(base: Base) -> Message:
    if not len(base.subscriber):
        return Message("no subscriber has a score.")
    if not base.addressed.any():
        return Message("no phase's audience has members.")
    if not base.open_offers.any():
        return Message("no offer is open to anybody.")
    return Message("no channel reaches anybody.")


def _rows(base: Base, keep: Flags) -> Base:
    return Base(
        base.subscriber[keep], base.probability[keep], base.fee_minor[keep],
        base.open_offers[keep], base.reachable[keep], base.addressed[keep],
    )  # fmt: skip


def _chance_rows(chance: Chances, keep: Flags) -> Chances:
    return Chances(chance.organic[keep], chance.gain[keep], chance.taste[keep])


def _problem(
    campaign: Campaign,
    options: Options,
    base: Base,
    chance: Chances,
    value: NDArray[np.float32],
    members: list[Flags],
) -> Problem:
    classes = classes_of(base.probability, members)
    sales = mean_by_class(classes.code, classes.count, expected_sales(chance, options))
    limits = limits_of(campaign, options, classes, sales)
    return Problem(
        value, options.offer_codes, limits, campaign.most_contacts, classes.code, class_count=classes.count
    )


def _explored(campaign: Campaign, base: Base, problem: Problem, made: Allocation) -> Explored:
    """Some of the allocated get another option at random, among those whose limits have room whoever is drawn."""
    chosen = made.choice[:, 0].astype(np.int64)
    share = campaign.holdout.explored
    coins = uniform(campaign.id, base.subscriber, Purpose.COIN) if share else np.ones(len(chosen))
    most = float(((coins < share) & (chosen != NOTHING)).sum())
    room = np.array([max(x.limit.amount - x.used, 0.0) for x in made.limits])
    room[problem.least] = np.inf
    roomy = np.all(problem.use.max(1, initial=0.0) * most <= room[:, None], axis=0)
    eligible = np.isfinite(problem.values) & roomy
    taken = np.flatnonzero(chosen != NOTHING)
    eligible[taken, chosen[taken]] = True
    if problem.least.any():  # a random option might leave a minimum short
        eligible[:] = False
        eligible[taken, chosen[taken]] = True
    return explore(campaign.id, base.subscriber, chosen, eligible, share)


def _contacts(
    base: Base,
    options: Options,
    chance: Chances,
    value: NDArray[np.float32],
    row: NDArray[np.int64],
    option: NDArray[np.int64],
    touch: NDArray[np.int64],
) -> Contacts:
    channel, offer = options.channel_codes[option], options.offer_codes[option]
    taken = chance.organic[row] + chance.gain[row, channel] * chance.taste[row, offer]
    return Contacts(
        base.subscriber[row],
        channel,
        options.phase_codes[option],
        value[row, option].astype(np.float64),
        np.clip(taken, 0.0, 1.0),
        touch,
    )


def _ways(
    campaign: Campaign,
    options: Options,
    base: Base,
    chance: Chances,
    problem: Problem,
    made: Allocation,
    group: NDArray[np.int8] | None,
) -> Ways:
    by_lot = np.argsort(uniform(campaign.id, base.subscriber, Purpose.ARM), kind="stable")
    everywhere = np.argsort(np.argsort(chance.gain.mean(0))).astype(np.float32) + 1
    blanket = _liked(options, problem, np.tile(everywhere, (len(by_lot), 1)))
    found = _way(problem, first_come(replace(problem, values=blanket), by_lot))
    matrix = None
    if group is not None and campaign.matrix:
        order = np.argsort(-base.probability, kind="stable")
        liked = _liked(options, problem, _matrix(campaign.matrix, campaign, group))
        matrix = _way(problem, first_come(replace(problem, values=liked), order))
    return Ways(found, matrix, _way(problem, made.choice))


def _liked(options: Options, problem: Problem, by_channel: NDArray[np.float32]) -> NDArray[np.float32]:
    """What comes first without weighing subscribers: the channel's weight (n, channels), 0 for none; then the offer that earns most."""
    value = problem.values
    weight = by_channel[:, options.channel_codes]
    scale = np.float32(1.0 / (1.0 + max(abs(part) for part in problem.value_range)))
    liking = np.where((weight > 0) & np.isfinite(value), weight + 0.4 * value * scale, np.float32(-np.inf))
    return np.ascontiguousarray(liking, dtype=np.float32)


def _matrix(
    matrix: Mapping[Group, tuple[str, ...]], campaign: Campaign, group: NDArray[np.int8]
) -> NDArray[np.float32]:
    """Weight of each channel for each subscriber, shape (n, channels), by the rule of his target group."""
    ids = [channel.id for channel in campaign.channels]
    weight = np.zeros((len(GROUP_ORDER) + 1, len(ids)), np.float32)
    for number, one in enumerate(GROUP_ORDER):
        for place, channel in enumerate(matrix.get(one, ())):
            weight[number, ids.index(channel)] = 2.0 * (len(ids) - place)
    return weight[group]


def _way(problem: Problem, choice: Choices) -> Way:
    row, touch = np.nonzero(choice != NOTHING)
    return Way(choice, float(problem.values[row, choice[row, touch]].sum(dtype=np.float64)))


def undated(proposal: Proposal) -> int:
    """Contacts for which no day was left."""
    return int((proposal.dated.day == NO_DAY).sum())
