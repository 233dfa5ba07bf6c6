"""Which offers somebody would never be right to take, since another that is open to him is as good in every term and
better in one. Pure, on arrays.

The terms are those of `choice.terms` that every customer minds: what the device really costs him, money down, months
bound, minimum spend above his own fee, need of a new number. A kind or a channel is no term of this: one likes it,
another does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from telewave.choice.terms import AMOUNTS, NEW_NUMBER, chosen_singly, values
from telewave.offers.curves import Minor
from telewave.offers.model import Offer

Flags = NDArray[np.bool_]
SAME = 1e-9
"""Of a term: what differs by less is a rounding."""


def dominated(fee_minor: Minor, open_offers: Flags, offers: Sequence[Offer], day: date) -> Flags:
    """Which open offers are dominated by another open one on the day, shape (n, offers); what is sold in lots neither
    is nor dominates. `fee_minor`: own fees a month, shape (n,).
    """
    found = np.zeros(open_offers.shape, np.bool_)
    singly = [number for number, offer in enumerate(offers) if offer in chosen_singly(offers)]
    if not len(fee_minor) or not singly:
        return found
    terms = [*AMOUNTS, NEW_NUMBER]
    against = values(
        [offers[one] for one in singly], terms, fee_minor.astype(np.int64), [day] * len(fee_minor)
    )
    may = open_offers & np.array([offer.on_sale(day) for offer in offers], np.bool_)
    alike = np.ptp(against, axis=0) == 0
    for (a, one), (b, other) in permutations(enumerate(singly), 2):
        fixed = alike[a] & alike[b]
        if (against[0, b, fixed] > against[0, a, fixed] + SAME).any():
            continue
        less = against[:, a] - against[:, b]
        better = (less >= -SAME).all(1) & (less > SAME).any(1)
        found[:, one] |= better & may[:, one] & may[:, other]
    return found
