"""Finds what is wrong between the policies of a catalogue. Pure.

Compared is what the device really costs the customer (`economics`): true cost over the contract less the own fees, so that contracts of
different lengths can be compared. Channels are compared for orders of one piece, and only by offers that all of a class may have. An offer
is compared with others at its own usual order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations, permutations

import numpy as np

from telewave.customers.base import Cell
from telewave.kernel import Inconclusive, Label, Message, Money
from telewave.offers.classes import (
    CUSTOMERS,
    Counted,
    Customer,
    Market,
    Openness,
    cells_of,
    groups_alike,
    openness,
)
from telewave.offers.curves import Minor
from telewave.offers.findings import (
    Case,
    Choice,
    Contradiction,
    Dominated,
    Finding,
    Gap,
    NobodyEligible,
    OnlyDeviceOnly,
    OverComplex,
    SameTerms,
    Stake,
    Undercut,
)
from telewave.offers.model import Catalogue, ChannelId, Kind, Offer, OfferId
from telewave.offers.ranges import GRID, SAME, Curve, cheaper, curve, lowest, never_worse, same

MOST_POLICIES = 5
TAKE_UP_BP = 100
"""Assumed share of the affected who buy, in basis points: 1 %, the reference case's share of mobile users with the device."""

Gains = Mapping[Customer, Curve]
"""Of each customer what is at stake in one sale, as a function of the monthly fee."""


@dataclass(frozen=True, slots=True)
class Bench:
    """Everything that the finders look at: the offers on sale, who may have them, the market."""

    catalogue: Catalogue
    offers: tuple[Offer, ...]
    market: Market
    open: Mapping[Customer, Mapping[OfferId, Openness]]

    def choices(self, customer: Customer, channel: ChannelId | None = None) -> tuple[Offer, ...]:
        """Offers that all of the class may have, in an order of one piece (through `channel`)."""
        return tuple(
            offer
            for offer in self.offers
            if self.open[customer][offer.id] is Openness.ALL
            and offer.terms.least_pieces == 1
            and (channel is None or channel in offer.channels)
        )

    def buyers(self, offer: Offer) -> tuple[Customer, ...]:
        """Classes of which at least some may have the offer."""
        return tuple(c for c in CUSTOMERS if self.open[c][offer.id] is not Openness.NONE)


def bench(catalogue: Catalogue, market: Market, day: date | None = None) -> Bench:
    """The catalogue as it stands on `day` (None: all of it) before the market."""
    offers = tuple(offer for offer in catalogue.offers if offer.on_sale(day))
    judged = {c: {offer.id: openness(offer, c) for offer in offers} for c in CUSTOMERS}
    return Bench(catalogue, offers, market, judged)


def findings(catalogue: Catalogue, market: Market, day: date | None = None) -> tuple[Finding, ...]:
    """Everything that is wrong, by kind, and within a kind by what is at stake in one sale."""
    ground = bench(catalogue, market, day)
    finders: tuple[Callable[[Bench], Sequence[Finding]], ...] = (
        over_complex,
        contradictions,
        undercuts,
        dominated,
        same_terms,
        only_device_only,
        gaps,
        nobody_eligible,
    )
    return tuple(finding for find in finders for finding in sorted(find(ground), key=_urgency))


def _urgency(finding: Finding) -> int:
    worth = finding.stake.total
    if isinstance(worth, Inconclusive):
        worth = finding.stake.a_sale
    return 0 if isinstance(worth, Inconclusive) else -worth.minor


def over_complex(ground: Bench) -> list[Finding]:
    """Classes with more than `MOST_POLICIES` to choose from, together."""
    many = {c: ground.choices(c) for c in CUSTOMERS if len(ground.choices(c)) > MOST_POLICIES}
    if not many:
        return []
    choices = tuple(
        Choice(group, many[group[0]], _channels(ground, many[group[0]])) for group in groups_alike(many)
    )
    gains: dict[Customer, Curve] = {}
    for customer, offers in many.items():
        curves = [_curve(offer, customer) for offer in offers]
        gains[customer] = _spread(curves)
    return [OverComplex(MOST_POLICIES, choices, tuple(many), stake(ground, gains))]


def _spread(curves: Sequence[Curve]) -> Curve:
    return lambda fees: (
        np.max([one(fees) for one in curves], axis=0) - np.min([one(fees) for one in curves], axis=0)
    )


def _channels(ground: Bench, offers: Sequence[Offer]) -> tuple[Label, ...]:
    named = dict.fromkeys(channel for offer in offers for channel in offer.channels)
    return tuple(ground.catalogue.channels[channel] for channel in named)


def contradictions(ground: Bench) -> list[Finding]:
    """The same kind of deal in two channels, different in cost at some use."""
    found: list[Finding] = []
    for kind in Kind:
        for one, other in combinations(ground.catalogue.channels, 2):
            cases, gains, sides = _compared(ground, one, other, kind, both_ways=True)
            if cases:
                names = ground.catalogue.channels[one], ground.catalogue.channels[other]
                found.append(Contradiction(kind, names, sides, cases, tuple(gains), stake(ground, gains)))
    return found


def undercuts(ground: Bench) -> list[Finding]:
    """A channel below another, whatever the kinds of deal; where each side has one and the same kind it is told as a contradiction."""
    found: list[Finding] = []
    for cheap, dear in permutations(ground.catalogue.channels, 2):
        cases, gains, _ = _compared(ground, cheap, dear, None, both_ways=False)
        if cases:
            names = ground.catalogue.channels
            found.append(Undercut(names[cheap], names[dear], cases, tuple(gains), stake(ground, gains)))
    return found


Sides = tuple[tuple[Offer, ...], tuple[Offer, ...]]


def _compared(
    ground: Bench, one: ChannelId, other: ChannelId, kind: Kind | None, both_ways: bool
) -> tuple[tuple[Case, ...], Gains, Sides]:
    """Cases in which channel `one` is cheaper than `other` (and, `both_ways`, the reverse), with what each customer gains by it."""
    sides = {c: _sides(ground, c, one, other, kind) for c in CUSTOMERS}
    cases: list[Case] = []
    gains: dict[Customer, Curve] = {}
    for group in groups_alike({c: side for c, side in sides.items() if side}):
        left, right = sides[group[0]] or ((), ())
        near, far = (lowest([_curve(o, group[0]) for o in side]) for side in (left, right))
        made = [_case(ground, group, left, right, near, far)]
        if both_ways:
            made.append(_case(ground, group, right, left, far, near))
        made = [case for case in made if case.stretches]
        cases += made
        if made:
            gains |= dict.fromkeys(group, _gain(near, far, both_ways))
    seen = [side for c in gains if (side := sides[c])]
    named = tuple(tuple(dict.fromkeys(o for side in seen for o in side[k])) for k in (0, 1))
    return tuple(cases), gains, (named[0], named[1])


def _sides(
    ground: Bench, customer: Customer, one: ChannelId, other: ChannelId, kind: Kind | None
) -> Sides | None:
    left, right = (ground.choices(customer, channel) for channel in (one, other))
    if kind is not None:
        left, right = (tuple(o for o in side if o.kind is kind) for side in (left, right))
    elif len({offer.kind for offer in (*left, *right)}) == 1:
        return None
    return (left, right) if left and right and set(left) != set(right) else None


def _case(
    ground: Bench,
    group: tuple[Customer, ...],
    left: tuple[Offer, ...],
    right: tuple[Offer, ...],
    cheap: Curve,
    dear: Curve,
) -> Case:
    """The stretches in which the left is cheaper, and the offers that are each side's best somewhere in them."""
    stretches = cheaper(cheap, dear, ground.catalogue.currency)
    inside = np.zeros(GRID.shape, bool)
    for stretch in stretches:
        inside |= (stretch.low.minor <= GRID) & (True if stretch.high is None else stretch.high.minor >= GRID)
    return Case(group, _best(left, group[0], inside), _best(right, group[0], inside), stretches)


def _best(offers: tuple[Offer, ...], customer: Customer, inside: np.ndarray) -> tuple[Offer, ...]:
    """The offers that are the cheapest at some fee where `inside` is true."""
    if not inside.any():
        return offers
    costs = np.array([_curve(offer, customer)(GRID)[inside] for offer in offers])
    first = set(np.argmin(costs, axis=0).tolist())
    return tuple(offer for index, offer in enumerate(offers) if index in first)


def _gain(left: Curve, right: Curve, both_ways: bool) -> Curve:
    if both_ways:
        return lambda fees: np.abs(right(fees) - left(fees))
    return lambda fees: np.maximum(right(fees) - left(fees), 0)


def dominated(ground: Bench) -> list[Finding]:
    """Offers that another, or several others between them, never leave as the best choice."""
    found: list[Finding] = []
    for offer in ground.offers:
        buyers = ground.buyers(offer)
        if not buyers:
            continue
        own = _curve(offer, buyers[0], offer.terms.usual_pieces)
        rivals = {o: c for o, c in _rivals(ground, offer, buyers) if not same(c, own)}
        beaten = _beaten_by(rivals, own)
        if not beaten:
            continue
        best = lowest([rivals[rival] for rival in beaten])
        stretches = cheaper(best, own, ground.catalogue.currency)
        gains = dict.fromkeys(buyers, _gain(best, own, both_ways=False))
        found.append(Dominated(offer, beaten, stretches, buyers, stake(ground, gains)))
    return found


def _rivals(ground: Bench, offer: Offer, buyers: Sequence[Customer]) -> list[tuple[Offer, Curve]]:
    """Other offers that everybody who may have `offer` may have in its usual order and that bind no longer, with their costs."""
    pieces = offer.terms.usual_pieces
    return [
        (rival, _curve(rival, buyers[0], pieces))
        for rival in ground.offers
        if rival is not offer
        and rival.terms.least_pieces <= pieces
        and rival.terms.contract_months <= offer.terms.contract_months
        and all(ground.open[c][rival.id] is Openness.ALL for c in buyers)
    ]


def _beaten_by(rivals: Mapping[Offer, Curve], own: Curve) -> tuple[Offer, ...]:
    """The one rival that is never worse (the best on average of several), else those that together are; none if neither."""
    single = [rival for rival, one in rivals.items() if never_worse(one, own)]
    if single:
        return (min(single, key=lambda rival: int(rivals[rival](GRID).sum())),)
    if not rivals or not never_worse(lowest(list(rivals.values())), own):
        return ()
    costs = np.array([one(GRID) for one in rivals.values()])
    order = np.argmin(costs, axis=0)
    winners = [rival for index, rival in enumerate(rivals) if (order == index).any()]
    return tuple(winners)


def same_terms(ground: Bench) -> list[Finding]:
    """Groups of offers with the same buyers, channels, smallest order and cost at any use."""
    groups: list[list[Offer]] = []
    for offer in ground.offers:
        for group in groups:
            if _alike(ground, group[0], offer):
                group.append(offer)
                break
        else:
            groups.append([offer])
    found: list[Finding] = []
    for group in groups:
        buyers = ground.buyers(group[0])
        if len(group) > 1 and buyers:
            nothing = Stake(
                ground.market.size(buyers),
                Money(0, ground.catalogue.currency),
                Money(0, ground.catalogue.currency),
            )
            found.append(SameTerms(tuple(group), buyers, nothing))
    return found


def _alike(ground: Bench, one: Offer, other: Offer) -> bool:
    buyers = ground.buyers(one)
    if not buyers or buyers != ground.buyers(other) or one.terms.least_pieces != other.terms.least_pieces:
        return False
    pieces = max(one.terms.usual_pieces, other.terms.usual_pieces)
    return same(_curve(one, buyers[0], pieces), _curve(other, buyers[0], pieces))


def only_device_only(ground: Bench) -> list[Finding]:
    """Classes to whom, in an order of one piece, only the device alone is open with certainty."""
    found = [c for c in CUSTOMERS if {o.kind for o in ground.choices(c)} == {Kind.DEVICE_ONLY}]
    if not found:
        return []
    offers = tuple(dict.fromkeys(o for c in found for o in ground.choices(c)))
    partly = tuple(
        o
        for o in ground.offers
        if o.kind is not Kind.DEVICE_ONLY and any(ground.open[c][o.id] is Openness.SOME for c in found)
    )
    return [OnlyDeviceOnly(offers, partly, tuple(found), _unknown(ground, found))]


def gaps(ground: Bench) -> list[Finding]:
    """Classes to whom nothing is open, not even in part."""
    found = [c for c in CUSTOMERS if all(o is Openness.NONE for o in ground.open[c].values())]
    return [Gap(tuple(found), _unknown(ground, found))] if found else []


def nobody_eligible(ground: Bench) -> list[Finding]:
    """Offers without a class, or without a subscriber where they were counted. Who brings a new number is not counted."""
    counted = ground.market.counted
    found: list[Finding] = []
    for offer in ground.offers:
        none_counted = counted is not None and counted.eligible.get(offer.id) == 0
        if not ground.buyers(offer) or none_counted:
            nothing = Inconclusive(Message("nobody can buy it"))
            found.append(NobodyEligible(offer, bool(ground.buyers(offer)), (), Stake(0, nothing, nothing)))
    return found


def _unknown(ground: Bench, customers: Sequence[Customer]) -> Stake:
    """What a policy for these customers would earn nobody knows before it is written."""
    reason = Inconclusive(Message("depends on the policy to be made"))
    return Stake(ground.market.size(customers), reason, reason)


def stake(ground: Bench, gains: Gains) -> Stake:
    """Who is affected and what is at stake: in one sale, and for all of them at the assumed take-up.

    Affected is who gains noticeably at its own fee. A subscriber who could come with several new lines counts once, with the mean of
    what they mean to it. Without counts a sale's stake is the mean over the levels of use at which there is one.
    """
    market, currency = ground.market, ground.catalogue.currency
    size = market.size(gains)
    if market.counted is None or isinstance(size, Inconclusive):
        reason = size if isinstance(size, Inconclusive) else Inconclusive(Message("not counted"))
        return Stake(reason, _at_levels(market, gains, currency), reason)
    affected, whole = _weighed(market.counted, gains)
    if not affected:
        nobody = Inconclusive(Message("nobody counted is in these stretches of use"))
        return Stake(0, nobody, Money(0, currency))
    total = Money(round(whole * TAKE_UP_BP / 10_000), currency)
    return Stake(affected, Money(round(whole / affected), currency), total)


def _at_levels(market: Market, gains: Gains, currency: str) -> Money | Inconclusive:
    """The mean of what is noticeably at stake at the levels' fees."""
    fees = np.array([level.fee.minor for level in market.levels], np.int64)
    values = np.concatenate([gain(fees) for gain in gains.values()])
    if not (values > SAME).any():
        return Inconclusive(Message("none of the three levels of use lies in these stretches"))
    return Money(round(float(values[values > SAME].mean())), currency)


def _weighed(counted: Counted, gains: Gains) -> tuple[int, float]:
    """Subscribers who gain noticeably, and the sum of what a sale to each means to it, in minor units."""
    drawn: dict[Cell, list[Minor]] = {}
    for customer, gain in gains.items():
        for cell in cells_of(customer):
            drawn.setdefault(cell, []).append(gain(GRID))
    means = {cell: np.mean(values, axis=0) for cell, values in drawn.items()}
    affected, whole = 0, 0.0
    for (cell, fee), count in counted.fees.items():
        worth = float(means[cell][fee]) if cell in means else 0.0
        if worth > SAME:
            affected += count
            whole += worth * count
    return affected, whole


def _curve(offer: Offer, customer: Customer, pieces: int = 1) -> Curve:
    return curve(offer, max(pieces, offer.terms.least_pieces), customer.new_number)
