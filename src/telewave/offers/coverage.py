"""Whom the policies leave out: customers who can buy a device only, or nothing; policies that nobody can have. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from telewave.kernel import Inconclusive, Message, Money
from telewave.offers.bench import Bench, distinct
from telewave.offers.classes import CUSTOMERS, HIGHEST_FEE, Customer, Flags, groups_alike
from telewave.offers.coverage_findings import Gap, NobodyEligible, OnlyDeviceOnly
from telewave.offers.findings import Finding
from telewave.offers.model import Kind, Offer
from telewave.offers.ranges import GRID, fees_of
from telewave.offers.stakes import Stake, unknown_stake


def only_device_only(ground: Bench) -> list[Finding]:
    """Classes and fees at which, in an order of one piece, only the device alone is open with certainty."""
    found: dict[Customer, Flags] = {}
    served: list[Customer] = []
    for customer in CUSTOMERS:
        alone, bound = (
            _any(ground.open[customer][o.id] for o in ground.choices(customer) if is_alone(o) is wanted)
            for wanted in (True, False)
        )
        served += [customer] if bound.any() else []
        if (alone & ~bound).any():
            found[customer] = alone & ~bound
    return [
        _only_device_only(ground, group, found[group[0]], tuple(served))
        for group in groups_alike({c: flags.tobytes() for c, flags in found.items()})
    ]


def _only_device_only(
    ground: Bench, group: tuple[Customer, ...], flags: Flags, served: tuple[Customer, ...]
) -> OnlyDeviceOnly:
    offers = distinct(ground.choices(c) for c in group)
    partly = tuple(
        o for o in ground.offers
        if not is_alone(o) and o.terms.least_pieces == 1
        and any((ground.possible[c][o.id] & flags).any() for c in group)
    )  # fmt: skip
    at = _middle(ground, flags)
    cost = ground.best(offers, group[0])(GRID[[at]])
    currency = ground.catalogue.currency
    return OnlyDeviceOnly(
        offers=tuple(o for o in offers if is_alone(o)), partly=partly, fees=fees_of(flags, currency), served=served,
        cost=Money(int(cost[0]), currency), at=Money(at * 100, currency), customers=group,
        stake=unknown_stake(ground, group, flags),
    )  # fmt: skip


def is_alone(offer: Offer) -> bool:
    """Whether the offer is the device alone."""
    return offer.kind is Kind.DEVICE_ONLY


def gaps(ground: Bench) -> list[Finding]:
    """Classes and fees at which nothing is open in an order of one piece, not even to some."""
    single = [o for o in ground.offers if o.terms.least_pieces == 1]
    found = {c: ~_any(ground.possible[c][o.id] for o in single) for c in CUSTOMERS}
    missing = {c: flags.tobytes() for c, flags in found.items() if flags.any()}
    return [_gap(ground, group, found[group[0]], single) for group in groups_alike(missing)]


def _gap(ground: Bench, group: tuple[Customer, ...], flags: Flags, single: Sequence[Offer]) -> Gap:
    larger = tuple(
        o for o in ground.offers
        if o not in single and any((ground.possible[c][o.id] & flags).any() for c in group)
    )  # fmt: skip
    at = _middle(ground, flags)
    costs = {o: int(ground.price(o, group[0].new_number)(GRID[[at]])[0]) for o in single}
    nearest = min(costs, key=lambda o: costs[o], default=None)
    currency = ground.catalogue.currency
    cost = Money(costs[nearest] if nearest else 0, currency)
    return Gap(
        fees=fees_of(flags, currency), larger=larger, nearest=nearest, cost=cost, at=Money(at * 100, currency),
        customers=group, stake=unknown_stake(ground, group, flags)
    )  # fmt: skip


def _any(flags: Iterable[Flags]) -> Flags:
    return np.any([np.zeros(HIGHEST_FEE + 1, bool), *flags], axis=0)


def _middle(ground: Bench, flags: Flags) -> int:
    """The flagged whole fee nearest to that of middling use."""
    fees = np.flatnonzero(flags)
    levels = ground.market.levels
    typical = levels[len(levels) // 2].fee.minor // 100
    return int(fees[np.argmin(np.abs(fees - typical))])


def nobody_eligible(ground: Bench) -> list[Finding]:
    """Offers without a class, or without a subscriber where they were counted. Who brings a new number is not
    counted.
    """
    counted = ground.market.counted
    found: list[Finding] = []
    for offer in ground.offers:
        none_counted = counted is not None and counted.eligible.get(offer.id) == 0
        buyers = bool(ground.buyers[offer.id])
        if not buyers or none_counted:
            nothing = Inconclusive(Message("nobody can buy it"))
            found.append(NobodyEligible(offer, buyers, (), Stake(0, nothing, nothing)))
    return found
