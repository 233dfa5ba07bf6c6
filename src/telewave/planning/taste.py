"""How often an offer is taken beside the one that suits a subscriber best of those open to him. Pure, on arrays.

By price: (dearness of the cheapest open offer / dearness of this one) ^ elasticity; dearness is what the device really
costs the customer at his monthly fee, plus one list price, so that gifts do not divide by zero.

By terms: exp(utility - that of the best open offer), the utility minus the weighted sum of the terms of `choice.terms`
(McFadden 1974: the odds of one offer against another in a conditional logit), weighted as the subscriber's class does
where that was learnt.

Offers are compared on the first day of each phase: what is not on sale then is not open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from telewave.briefs.model import Choice
from telewave.choice.terms import AMOUNTS, NEW_NUMBER, OWN_APPEAL, Term, chosen_singly, values
from telewave.customers.base import CELLS
from telewave.offers.curves import Minor, device_costs
from telewave.offers.economics import Sale, promotions_of
from telewave.offers.model import Offer

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.int64]
ON_THE_BASE = Sale(new_number=False)
"""Whoever takes a new number keeps no second line: what the old one earned is not earned again."""


def taste(
    fee_minor: Minor,
    open_offers: Flags,
    offers: Sequence[Offer],
    choice: Choice,
    day: date,
    cell: Places | None = None,
) -> Floats:
    """1 for the offer that suits each best of those open to him, 0 for those that are not, shape (n, offers).

    `fee_minor`: own fees a month, shape (n,); `day`: on which terms are compared; `cell`: of the base, by place, shape
    (n,); None: nobody's is known.
    """
    may = open_offers & np.array([offer.on_sale(day) for offer in offers], np.bool_)
    if choice.weights is None:
        return by_price(fee_minor, may, offers, choice.price_elasticity or 0.0)
    weights, which = [choice.weights], np.zeros(len(fee_minor), np.int64)
    if cell is not None:
        for one, own in choice.by_class.items():
            which[cell == CELLS.index(one)] = len(weights)
            weights.append(own)
    return by_terms(fee_minor, may, offers, weights, day, which)


def moments(offers: Sequence[Offer], days: Sequence[date]) -> tuple[tuple[date, ...], tuple[int, ...]]:
    """Days on which the offers compare differently, and for each of `days` the place of the one it is like: what is on
    sale and which promotions hold are the same.
    """
    seen: dict[str, int] = {}
    found: list[date] = []
    places: list[int] = []
    for day in days:
        sale = Sale(pieces=None, day=day)
        alike = repr([(offer.on_sale(day), promotions_of(offer, sale)) for offer in offers])
        if alike not in seen:
            seen[alike] = len(found)
            found.append(day)
        places.append(seen[alike])
    return tuple(found), tuple(places)


def by_price(fee_minor: Minor, open_offers: Flags, offers: Sequence[Offer], elasticity: float) -> Floats:
    """By what each offer costs the customer, shape (n, offers)."""
    dear = np.empty((len(fee_minor), len(offers)))
    for number, offer in enumerate(offers):
        anchor = (offer.terms.device.list_price or offer.terms.device.price).minor
        dear[:, number] = np.maximum(device_costs(offer, fee_minor, ON_THE_BASE) + anchor, 1)
    dear[~open_offers] = np.inf
    cheapest = dear.min(1, initial=np.inf, keepdims=True)
    with np.errstate(invalid="ignore"):
        relative = np.where(np.isfinite(dear), cheapest / dear, 0.0)
    return np.asarray(relative**elasticity)


def by_terms(
    fee_minor: Minor,
    open_offers: Flags,
    offers: Sequence[Offer],
    weights: Sequence[Mapping[str, float]],
    day: date,
    which: Places,
) -> Floats:
    """By what counts against each offer, a weight a unit of each term, shape (n, offers). `which`: of `weights`, by
    place, the ones of each subscriber, shape (n,).

    What is sold from several pieces on is bargained for by a group: nobody chooses it beside the others, so it is 0.
    """
    singly = chosen_singly(offers)
    single = np.array([offer in singly for offer in offers], np.bool_)
    if not len(fee_minor) or not single.any():
        return np.zeros(open_offers.shape)
    named = dict.fromkeys(one for mine in weights for one in mine if _has_or_not(one))
    terms = [*AMOUNTS, *(Term(one, NEW_NUMBER.name, NEW_NUMBER.unit) for one in named)]
    weight = np.array([[mine.get(term.id, 0.0) for term in terms] for mine in weights])
    appeal = np.array([[-mine.get(f"{OWN_APPEAL}{offer.id}", 0.0) for offer in singly] for mine in weights])
    utility = np.full(open_offers.shape, -np.inf)
    found = values(singly, terms, fee_minor.astype(np.int64), [day] * len(fee_minor))
    for place in np.unique(which):
        mine = which == place
        utility[np.ix_(mine, single)] = found[mine] @ -weight[place] + appeal[place]
    utility[~open_offers] = -np.inf
    best = utility.max(axis=1, initial=-np.inf, keepdims=True)
    with np.errstate(invalid="ignore"):
        return np.where(np.isfinite(utility), np.exp(utility - best), 0.0)


def _has_or_not(term: str) -> bool:
    """Whether the id is of a term that an offer has or has not: a kind, a channel, the need of a new number."""
    return not term.startswith(OWN_APPEAL) and term not in {one.id for one in AMOUNTS}
