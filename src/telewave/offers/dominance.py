"""Offers that others leave never the best choice, and the assumed terms that such a finding hangs on. Pure.

Those who bring a new number and those who keep theirs are judged apart, since promotions may tell them apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from telewave.kernel import Message, Money
from telewave.offers.bench import Bench
from telewave.offers.classes import Customer, Flags
from telewave.offers.model import AssumedTerm, Offer, OfferId
from telewave.offers.price_findings import Dominated, Hinge
from telewave.offers.ranges import (
    GRID,
    NOWHERE,
    SAME,
    Curve,
    cheaper,
    lowest,
    never_worse,
    same,
    saving,
    where,
)
from telewave.offers.stakes import stake
from telewave.offers.terms import MOST_MONTHS
from telewave.offers.wording import fee
from telewave.offers.words import Words

MOST_TRIED = 1_000_000
"""Amounts up to here, in minor units, are tried for an assumed one."""


@dataclass(frozen=True, slots=True)
class _Beaten:
    """One offer, and the others that beat it for `buyers`. `best`: of those; `rest`: of all that it competes with."""

    buyers: tuple[Customer, ...]
    own: Curve
    by: tuple[Offer, ...]
    best: Curve
    rest: Curve


def never_best(ground: Bench) -> dict[OfferId, tuple[Dominated, ...]]:
    """Of each offer that is never the best choice for anybody who may have it, why not."""
    found: dict[OfferId, list[Dominated]] = {}
    for one in dominated(ground):
        found.setdefault(one.offer.id, []).append(one)
    return {
        offer: tuple(why)
        for offer, why in found.items()
        if {buyer for one in why for buyer in one.customers} >= set(ground.buyers[offer])
    }


def dominated(ground: Bench) -> list[Dominated]:
    """Offers that another, or several others between them, never leave as the best choice."""
    found: list[Dominated] = []
    for offer in ground.offers:
        sides = [beaten for new in (False, True) if (beaten := _beaten(ground, offer, new))]
        if len(sides) == 2 and _alike(*sides):
            sides = [replace(sides[0], buyers=sides[0].buyers + sides[1].buyers)]
        found += [_finding(ground, offer, side) for side in sides]
    return found


def _alike(one: _Beaten, other: _Beaten) -> bool:
    return one.by == other.by and same(one.own, other.own) and same(one.rest, other.rest)


def _finding(ground: Bench, offer: Offer, beaten: _Beaten) -> Dominated:
    currency = ground.catalogue.currency
    saved = saving(beaten.best, beaten.own)
    gains = dict.fromkeys(beaten.buyers, lambda fees: np.maximum(saved(fees), 0))
    own = beaten.own(GRID)
    short = np.where(own < NOWHERE, own - beaten.rest(GRID), NOWHERE)
    nearest = int(np.argmin(short))
    return Dominated(
        offer=offer,
        by=beaten.by,
        stretches=cheaper(beaten.best, beaten.own, currency),
        change=Money((int(short[nearest]) + SAME) // 100 * 100 + 100, currency),
        at=Money(int(GRID[nearest]), currency),
        hinges=_hinges(ground, offer, beaten),
        customers=beaten.buyers,
        stake=stake(
            ground, gains, pieces=offer.terms.usual_pieces, costs=dict.fromkeys(beaten.buyers, beaten.own)
        ),
    )


def _beaten(ground: Bench, offer: Offer, new_number: bool) -> _Beaten | None:
    """By whom the offer is beaten among those with (or without) a new number; None: by nobody."""
    buyers = tuple(c for c in ground.buyers[offer.id] if c.new_number is new_number)
    if not buyers:
        return None
    pieces = offer.terms.usual_pieces
    open_ = np.any([ground.open[c][offer.id] for c in buyers], axis=0)
    own = where(ground.price(offer, new_number, pieces), open_)
    rivals = {
        rival: curve
        for rival, flags in _rivals(ground, offer, buyers).items()
        if not same(curve := where(ground.price(rival, new_number, pieces), flags & open_), own)
    }
    by = _beaten_by(rivals, own, open_)
    if not by:
        return None
    best, rest = lowest([rivals[rival] for rival in by]), lowest(list(rivals.values()))
    return _Beaten(buyers, own, by, best, rest)


def _rivals(ground: Bench, offer: Offer, buyers: tuple[Customer, ...]) -> Mapping[Offer, Flags]:
    """Other offers that bind no longer and are sold in the offer's usual order, with the fees
    at which whoever may have it may have them.
    """
    return {
        rival: np.all([ground.open[c][rival.id] | ~ground.open[c][offer.id] for c in buyers], axis=0)
        for rival in ground.offers
        if rival.id != offer.id
        and rival.terms.least_pieces <= offer.terms.usual_pieces
        and rival.terms.contract_months <= offer.terms.contract_months
    }


def _beaten_by(rivals: Mapping[Offer, Curve], own: Curve, open_: Flags) -> tuple[Offer, ...]:
    """The one rival that is never worse (the best on average of several), else those that together are; none if
    neither.
    """
    single = [rival for rival, one in rivals.items() if never_worse(one, own)]
    if single:
        return (min(single, key=lambda rival: int(rivals[rival](GRID)[open_].sum())),)
    if not rivals or not never_worse(lowest(list(rivals.values())), own):
        return ()
    first = set(np.argmin([one(GRID)[open_] for one in rivals.values()], axis=0).tolist())
    return tuple(rival for index, rival in enumerate(rivals) if index in first)


def _hinges(ground: Bench, offer: Offer, beaten: _Beaten) -> tuple[Hinge, ...]:
    """Of each assumed term of the offers concerned, up to which values the same offers beat it, all else as it is."""
    return tuple(
        _hinge(ground, offer, beaten, one, term) for one in (offer, *beaten.by) for term in one.assumed
    )


def _hinge(ground: Bench, offer: Offer, beaten: _Beaten, one: Offer, term: AssumedTerm) -> Hinge:
    present = _value(one, term)

    def holds(value: int) -> bool:
        changed = _with(one, term, value)
        offers = tuple(changed if o.id == one.id else o for o in (offer, *beaten.by))
        judged = changed if one.id == offer.id else offer
        return _beaten(replace(ground, offers=offers), judged, beaten.buyers[0].new_number) is not None

    step, most = (1, MOST_MONTHS) if term is AssumedTerm.CONTRACT_MONTHS else (100, MOST_TRIED)
    low = _farthest(holds, present, 0, step)
    high = _farthest(holds, present, max(present, most), step)

    def worded(value: int | None) -> Words | None:
        return None if value is None else _words(one, term, value)

    return Hinge(
        offer=one,
        term=term.words,
        value=_words(one, term, present),
        low=worded(low),
        high=worded(high),
    )


def _farthest(holds: Callable[[int], bool], start: int, end: int, step: int) -> int | None:
    """The last value (of whole steps) from `start` towards `end` for which it holds, by
    halving; None: it holds at the end as well.
    """
    if start == end or holds(end):
        return None
    near, far = 0, abs(end - start) // step
    sign = 1 if end > start else -1
    while far - near > 1:
        middle = (near + far) // 2
        if holds(start + sign * middle * step):
            near = middle
        else:
            far = middle
    return start + sign * near * step


def _value(offer: Offer, term: AssumedTerm) -> int:
    """The assumed value: months, or minor units."""
    match term:
        case AssumedTerm.CONTRACT_MONTHS:
            return offer.terms.contract_months
        case AssumedTerm.MINIMUM_SPEND:
            return offer.terms.minimum_spend.minor if offer.terms.minimum_spend else 0
        case AssumedTerm.DEVICE:
            return offer.terms.device.price.minor


def _with(offer: Offer, term: AssumedTerm, value: int) -> Offer:
    money = Money(value, offer.terms.currency)
    match term:
        case AssumedTerm.CONTRACT_MONTHS:
            terms = replace(offer.terms, contract_months=value)
        case AssumedTerm.MINIMUM_SPEND:
            terms = replace(offer.terms, minimum_spend=money)
        case AssumedTerm.DEVICE:
            terms = replace(offer.terms, device=replace(offer.terms.device, price=money, list_price=None))
    return replace(offer, terms=terms)


def _words(offer: Offer, term: AssumedTerm, value: int) -> Message:
    if term is AssumedTerm.CONTRACT_MONTHS:
        return Message("{months} months", months=value)
    return fee(Money(value, offer.terms.currency))
