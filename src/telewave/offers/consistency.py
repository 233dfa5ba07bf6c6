"""Finds what is wrong between the policies of a catalogue. Pure.

Compared is what the device really costs the customer (`economics`): true cost over the contract less the
own fees, so that contracts of different lengths can be compared. Channels are compared for each size of an
order from which on terms change, and only by offers that all of the customers compared may have. An offer
is compared with others at its own usual order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations, permutations

import numpy as np

from telewave.kernel import Inconclusive, Label, Money
from telewave.offers.bench import Bench, bench, distinct
from telewave.offers.classes import Customer, Flags, Market, groups_alike
from telewave.offers.coverage import gaps, nobody_eligible, only_device_only
from telewave.offers.coverage_findings import Choice, OverComplex
from telewave.offers.curves import Minor
from telewave.offers.dominance import dominated
from telewave.offers.findings import Finding
from telewave.offers.model import Catalogue, ChannelId, Kind, Offer
from telewave.offers.price_findings import Case, Contradiction, SameTerms, Undercut
from telewave.offers.ranges import GRID, NOWHERE, Curve, cheaper, lowest, same, saving
from telewave.offers.stakes import Stake, stake

MOST_POLICIES = 5


def findings(catalogue: Catalogue, market: Market, day: date | None = None) -> tuple[Finding, ...]:
    """Everything that is wrong, by kind, and within a kind by what is at stake: in all
    where that was counted, else in one sale.
    """
    return judged(bench(catalogue, market, day))


def judged(ground: Bench) -> tuple[Finding, ...]:
    """As `findings`, of a bench that is there already."""
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
    """Customers with more than `MOST_POLICIES` to choose from at some fee, together; those
    with conditions where their class has not.
    """
    many: dict[Customer, tuple[Offer, ...]] = {}
    gains: dict[Customer, Curve] = {}
    costs: dict[Customer, Curve] = {}
    for customer in ground.open:
        offers = ground.choices(customer)
        counts = np.sum([ground.open[customer][o.id] for o in offers], axis=0) if offers else np.zeros(1)
        at = int(np.argmax(counts))
        if counts[at] > MOST_POLICIES and customer.whole not in many:
            many[customer] = tuple(o for o in offers if ground.open[customer][o.id][at])
            curves = [ground.cost(o, customer) for o in many[customer]]
            gains[customer], costs[customer] = _spread(curves), _one_too_many(curves)
    if not many:
        return []
    choices = tuple(
        Choice(group, many[group[0]], _channels(ground, many[group[0]])) for group in groups_alike(many)
    )
    cheapest = {o for c in many for o in _best(ground, ground.choices(c), c, 1, np.ones(GRID.shape, bool))}
    idle = dict.fromkeys(o for offers in many.values() for o in offers if o not in cheapest)
    return [
        OverComplex(
            most=MOST_POLICIES,
            choices=choices,
            idle=tuple(idle),
            customers=tuple(many),
            stake=stake(ground, gains, costs=costs),
        )
    ]


def _spread(curves: Sequence[Curve]) -> Curve:
    """From the cheapest to the dearest of what is open."""

    def spread(fees: Minor) -> Minor:
        costs = np.array([one(fees) for one in curves])
        open_ = costs < NOWHERE
        dearest = np.max(np.where(open_, costs, -NOWHERE), axis=0)
        return np.where(open_.any(axis=0), dearest - costs.min(axis=0), 0)

    return spread


def _one_too_many(curves: Sequence[Curve]) -> Curve:
    """The cheapest policy beyond those that can be compared."""
    return lambda fees: np.sort(np.array([one(fees) for one in curves]), axis=0)[MOST_POLICIES]


def _channels(ground: Bench, offers: Sequence[Offer]) -> tuple[Label, ...]:
    named = dict.fromkeys(channel for offer in offers for channel in offer.channels)
    return tuple(ground.catalogue.channels[channel] for channel in named)


@dataclass(frozen=True, slots=True)
class _Pair:
    """What two channels offer the same customers in orders of one size, and the
    least that the device costs through each.
    """

    customers: tuple[Customer, ...]
    pieces: int
    left: tuple[Offer, ...]
    right: tuple[Offer, ...]
    near: Curve
    far: Curve


def contradictions(ground: Bench) -> list[Finding]:
    """The same kind of deal in two channels, different in cost at some use."""
    found: list[Finding] = []
    names = ground.catalogue.channels
    for kind in Kind:
        for one, other in combinations(names, 2):
            for pieces in ground.sizes:
                pairs = _pairs(ground, one, other, pieces, kind)
                cases = [
                    case
                    for pair in pairs
                    for case in (_case(ground, pair), _case(ground, _turned(pair)))
                    if case.stretches
                ]
                told = [pair for pair in pairs if any(case.customers == pair.customers for case in cases)]
                if cases:
                    gains = {c: _distance(saving(p.near, p.far)) for p in told for c in p.customers}
                    costs = {c: _dearer(p.near, p.far) for p in told for c in p.customers}
                    sides = (distinct(p.left for p in told), distinct(p.right for p in told))
                    shift, left = _levelled(told, ground.catalogue.currency)
                    found.append(
                        Contradiction(
                            kind=kind, channels=(names[one], names[other]), offers=sides, pieces=pieces,
                            cases=tuple(cases), shift=shift, left=left,
                            ceiling=ground.ceiling, customers=tuple(gains),
                            stake=stake(ground, gains, pieces=pieces, costs=costs),
                        )
                    )  # fmt: skip
    return found


def undercuts(ground: Bench) -> list[Finding]:
    """A channel below another where the best of the two are of different kinds; where
    they are of one kind it is a contradiction.
    """
    found: list[Finding] = []
    names = ground.catalogue.channels
    for cheap, dear in permutations(names, 2):
        for pieces in ground.sizes:
            pairs = [_of_two_kinds(ground, pair) for pair in _pairs(ground, cheap, dear, pieces)]
            told = [(pair, case) for pair in pairs if (case := _case(ground, pair)).stretches]
            if told:
                gains = {c: _gain(saving(p.near, p.far)) for p, _ in told for c in p.customers}
                costs = {c: _dearer(p.near, p.far) for p, _ in told for c in p.customers}
                at_stake = stake(ground, gains, pieces=pieces, costs=costs)
                cases = tuple(case for _, case in told)
                found.append(
                    Undercut(
                        cheap=names[cheap],
                        dear=names[dear],
                        pieces=pieces,
                        cases=cases,
                        ceiling=ground.ceiling,
                        customers=tuple(gains),
                        stake=at_stake,
                    )
                )
    return found


def _distance(saved: Curve) -> Curve:
    return lambda fees: np.abs(saved(fees))


def _dearer(near: Curve, far: Curve) -> Curve:
    return lambda fees: np.maximum(near(fees), far(fees))


def _gain(saved: Curve) -> Curve:
    return lambda fees: np.maximum(saved(fees), 0)


def _turned(pair: _Pair) -> _Pair:
    return _Pair(pair.customers, pair.pieces, pair.right, pair.left, pair.far, pair.near)


def _pairs(
    ground: Bench, one: ChannelId, other: ChannelId, pieces: int, kind: Kind | None = None
) -> list[_Pair]:
    """What the two channels offer in orders of `pieces`, customers with the same choice at the same costs together.

    Left out is what was told before: of an order in which nothing differs from the next smaller one, and of customers
    with conditions whose best through these channels is that of their whole class.
    """
    offered = {c: _offered(ground, c, one, other, pieces, kind) for c in ground.open}
    keys = {
        customer: (
            tuple(o.id for o in pair.left), tuple(o.id for o in pair.right),
            pair.near(GRID).tobytes(), pair.far(GRID).tobytes(),
        )
        for customer, pair in offered.items()
        if pair.left and pair.right and set(pair.left) != set(pair.right)
    }  # fmt: skip
    smaller = max((size for size in ground.sizes if size < pieces), default=0)
    fresh = {
        customer: key
        for customer, key in keys.items()
        if not (customer.conditions and keys.get(customer.whole, ())[2:] == key[2:])
        and not (smaller and _unchanged(offered[customer], _offered(ground, customer, one, other, smaller, kind)))
    }  # fmt: skip
    return [replace(offered[group[0]], customers=group) for group in groups_alike(fresh)]


def _offered(
    ground: Bench, customer: Customer, one: ChannelId, other: ChannelId, pieces: int, kind: Kind | None
) -> _Pair:
    left, right = (
        tuple(o for o in ground.choices(customer, channel, pieces) if kind in (None, o.kind))
        for channel in (one, other)
    )
    near, far = (ground.best(side, customer, pieces) for side in (left, right))
    return _Pair((customer,), pieces, left, right, near, far)


def _unchanged(pair: _Pair, before: _Pair) -> bool:
    return same(pair.near, before.near) and same(pair.far, before.far)


def _of_two_kinds(ground: Bench, pair: _Pair) -> _Pair:
    """The pair at the fees at which the cheapest of each side are different kinds of deal."""
    customer = pair.customers[0]

    def kinds(side: tuple[Offer, ...], fees: Minor) -> Minor:
        costs = [ground.cost(offer, customer, pair.pieces)(fees) for offer in side]
        return np.array([list(Kind).index(offer.kind) for offer in side])[np.argmin(costs, axis=0)]

    def far(fees: Minor) -> Minor:
        return np.where(kinds(pair.left, fees) == kinds(pair.right, fees), NOWHERE, pair.far(fees))

    return replace(pair, far=far)


def _case(ground: Bench, pair: _Pair) -> Case:
    """The stretches in which the left is cheaper, and the offers that are each side's best somewhere in them."""
    stretches = cheaper(pair.near, pair.far, ground.catalogue.currency)
    inside = np.zeros(GRID.shape, bool)
    for stretch in stretches:
        inside |= (stretch.low.minor <= GRID) & (True if stretch.high is None else stretch.high.minor >= GRID)
    cheap, dear = (
        _best(ground, side, pair.customers[0], pair.pieces, inside) for side in (pair.left, pair.right)
    )
    return Case(pair.customers, cheap, dear, stretches)


def _best(
    ground: Bench, offers: tuple[Offer, ...], customer: Customer, pieces: int, inside: Flags
) -> tuple[Offer, ...]:
    """The offers that are the cheapest at some fee where `inside` is true and one of them is open."""
    costs = np.array([ground.cost(offer, customer, pieces)(GRID)[inside] for offer in offers])
    if not costs.size:
        return offers
    first = set(np.argmin(costs, axis=0)[costs.min(axis=0) < NOWHERE].tolist())
    return tuple(offer for index, offer in enumerate(offers) if index in first)


def _levelled(pairs: Sequence[_Pair], currency: str) -> tuple[Money, Money]:
    """What the right side must become cheaper by to be nearest to the left, and the largest difference that then
    remains.
    """
    gaps = []
    for pair in pairs:
        near, far = pair.near(GRID), pair.far(GRID)
        gaps.append((far - near)[(near < NOWHERE) & (far < NOWHERE)])
    apart = np.concatenate(gaps)
    low, high = int(apart.min()), int(apart.max())
    return Money((low + high) // 2, currency), Money((high - low + 1) // 2, currency)


def same_terms(ground: Bench) -> list[Finding]:
    """Groups of offers with the same buyers, channels, contract, smallest order and cost at any use."""
    groups: list[list[Offer]] = []
    for offer in ground.offers:
        for group in groups:
            if _alike(ground, group[0], offer):
                group.append(offer)
                break
        else:
            groups.append([offer])
    nothing = Money(0, ground.catalogue.currency)
    return [
        SameTerms(
            tuple(group),
            buyers,
            Stake(ground.market.size(buyers, _served(ground, group[0])), nothing, nothing),
        )
        for group in groups
        if len(group) > 1 and (buyers := ground.buyers[group[0].id])
    ]


def _served(ground: Bench, offer: Offer) -> Flags:
    """The fees at which the device does not cost more by the offer than by itself."""
    curves = [ground.price(offer, customer.new_number) for customer in ground.buyers[offer.id]]
    flags: Flags = lowest(curves)(GRID) <= ground.ceiling.minor
    return flags


def _alike(ground: Bench, one: Offer, other: Offer) -> bool:
    buyers = ground.buyers[one.id]
    plain = [(set(o.channels), o.terms.contract_months, o.terms.least_pieces) for o in (one, other)]
    if plain[0] != plain[1] or set(buyers) != set(ground.buyers[other.id]):
        return False
    pieces = max(one.terms.usual_pieces, other.terms.usual_pieces)
    return all(same(ground.cost(one, c, pieces), ground.cost(other, c, pieces)) for c in buyers)
