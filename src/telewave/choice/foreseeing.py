"""What a kept choice model foresees of orders that it was not learnt from. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from telewave.choice.learning import Taken, chosen, open_then
from telewave.choice.logit import Flags, Floats, Integers, shares, utilities
from telewave.choice.model import ChoiceModel
from telewave.choice.terms import terms_for, values
from telewave.customers.base import Cell
from telewave.offers.model import Catalogue


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shown:
    """Orders that show a choice, n of them among m policies: what was `open`, (n, m), and what was `taken`, (n,), by
    place among the `policies`; whose, on which `day` as a number, of which class by place among `cells`. `terms`:
    (n, m, k), of the ids `term_ids`.
    """

    policies: tuple[str, ...]
    term_ids: tuple[str, ...]
    terms: Floats
    open: Flags
    taken: Integers
    subscriber: Integers
    day: Integers
    cell: Integers
    cells: Sequence[Cell]


def shown(taken: Taken, catalogue: Catalogue) -> Shown:
    """The orders that show a choice, in all terms by which a model may compare."""
    open_to, days = open_then(taken)
    was_open, several = chosen(taken, open_to)
    rows = was_open & several
    terms = terms_for(catalogue, taken.offers)
    mine: list[date] = [days[row] for row in np.flatnonzero(rows)]
    return Shown(
        policies=tuple(offer.id for offer in taken.offers),
        term_ids=tuple(term.id for term in terms),
        terms=values(taken.offers, terms, taken.fee_minor[rows], mine),
        open=open_to[rows],
        taken=taken.taken[rows],
        subscriber=taken.subscriber[rows],
        day=taken.day[rows],
        cell=taken.cell[rows],
        cells=taken.cells,
    )


def foreseen(model: ChoiceModel, orders: Shown) -> Floats:
    """The chance that the model gives each policy, (n, m). Classes that it has not seen weigh as all together do; a
    policy that it has not seen is told by its terms alone; a term that does not differ here says nothing.
    """
    places = [orders.term_ids.index(term.id) if term.id in orders.term_ids else -1 for term in model.terms]
    told = [k for k, place in enumerate(places) if place >= 0]
    terms = orders.terms[..., [places[k] for k in told]]
    common = np.array([one.value for one in model.weights], np.float64)
    by_cell = {one.cell: one.weights for one in model.classes}
    of_class = np.array([by_cell.get(cell, common) for cell in orders.cells])[:, told]
    own = {one.id: one.appeal for one in model.policies}
    appeal = np.array([own.get(policy, 0.0) for policy in orders.policies])
    return shares(utilities(terms, orders.cell, of_class) + appeal, orders.open)
