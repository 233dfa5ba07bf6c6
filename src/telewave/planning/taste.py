"""How often an offer is taken beside the one that suits a subscriber best of those open to him. Pure, on arrays.

By price: (dearness of the cheapest open offer / dearness of this one) ^ elasticity; dearness is what the device really
costs the customer at his monthly fee, plus one list price, so that gifts do not divide by zero.

By terms: exp(utility - that of the best open offer), the utility minus the weighted sum of the terms of `choice.terms`
(McFadden 1974: the odds of one offer against another in a conditional logit).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from telewave.briefs.model import Choice
from telewave.choice.terms import AMOUNTS, NEW_NUMBER, OWN_APPEAL, Term, chosen_singly, values
from telewave.offers.curves import Minor, device_costs
from telewave.offers.economics import Sale
from telewave.offers.model import Offer

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
ON_THE_BASE = Sale(new_number=False)
"""Whoever takes a new number keeps no second line: what the old one earned is not earned again."""


def taste(fee_minor: Minor, open_offers: Flags, offers: Sequence[Offer], choice: Choice, day: date) -> Floats:
    """1 for the offer that suits each best of those open to him, 0 for those that are not, shape (n, offers).

    `fee_minor`: own fees a month, shape (n,); `day`: on which terms are compared.
    """
    if choice.weights is not None:
        return by_terms(fee_minor, open_offers, offers, choice.weights, day)
    return by_price(fee_minor, open_offers, offers, choice.price_elasticity or 0.0)


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
    fee_minor: Minor, open_offers: Flags, offers: Sequence[Offer], weights: Mapping[str, float], day: date
) -> Floats:
    """By what counts against each offer, a weight a unit of each term, shape (n, offers).

    What is sold from several pieces on is bargained for by a group: nobody chooses it beside the others, so it is 0.
    """
    single = np.array([offer in chosen_singly(offers) for offer in offers], np.bool_)
    terms = [*AMOUNTS, *(Term(one, NEW_NUMBER.name, NEW_NUMBER.unit) for one in weights if _has_or_not(one))]
    weight = np.array([weights.get(term.id, 0.0) for term in terms])
    if not len(fee_minor) or not len(offers):
        return np.zeros(open_offers.shape)
    utility = np.full(open_offers.shape, -np.inf)
    days, fees = [day] * len(fee_minor), fee_minor.astype(np.int64)
    appeal = np.array([-weights.get(f"{OWN_APPEAL}{offer.id}", 0.0) for offer in chosen_singly(offers)])
    utility[:, single] = values(chosen_singly(offers), terms, fees, days) @ -weight + appeal
    utility[~open_offers] = -np.inf
    best = utility.max(axis=1, initial=-np.inf, keepdims=True)
    with np.errstate(invalid="ignore"):
        return np.where(np.isfinite(utility), np.exp(utility - best), 0.0)


def _has_or_not(term: str) -> bool:
    """Whether the id is of a term that an offer has or has not: a kind, a channel, the need of a new number."""
    return not term.startswith(OWN_APPEAL) and term not in {one.id for one in AMOUNTS}
