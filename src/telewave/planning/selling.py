"""What to say first to each target group of each offer in the plan, by what moves the choice of those who are contacted
with it. Pure.

The rival is, of the campaign's other offers, the one that suits most of them best among what is open to them; what each
term is worth is the mean of those to whom it is open, and what is told holds for all who are contacted. Where a price
elasticity stands for the choice, no weights tell anything: then the catalogue's points stand alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from telewave.briefs.model import Choice
from telewave.choice.selling import MOST_POINTS, TOLD, ahead, points, usual_rival
from telewave.choice.terms import chosen_singly, values
from telewave.customers.base import CELLS
from telewave.kernel import Message
from telewave.offers.model import Offer, SellingPoint
from telewave.planning.comparisons import GROUP_ORDER
from telewave.planning.options import Gathered
from telewave.planning.proposal import Proposal
from telewave.targeting.plan import Group

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
Points = Mapping[tuple[str, Group], tuple[SellingPoint, ...]]
"""What moves the choice, by offer and target group."""


def points_of_choice(made: Proposal, gathered: Gathered) -> Points:
    """The points that the weights of the campaign's choice tell, at most `MOST_POINTS` of each offer and group."""
    if made.campaign.choice.weights is None or gathered.group is None:
        return {}
    place = np.searchsorted(gathered.base.subscriber, made.base.subscriber[made.row])
    group, code = gathered.group[place], made.options.offer_codes[made.option]
    found = {}
    for offer in chosen_singly(made.options.offers):
        number = made.options.offers.index(offer)
        for which, one in enumerate(GROUP_ORDER):
            mine = np.flatnonzero((code == number) & (group == which))
            if len(mine) and (told := _points(made, mine, number, one)):
                found[str(offer.id), one] = told
    return found


def said_first(offer: Offer, group: Group, told: Points) -> tuple[SellingPoint, ...]:
    """What moves the group's choice, then what the catalogue says to it; as many as people listen to where anything is
    known to move it.
    """
    learnt, written = told.get((str(offer.id), group), ()), offer.points_for(group)
    return (*learnt, *written)[:MOST_POINTS] if learnt else written


def _points(made: Proposal, mine: Places, number: int, group: Group) -> tuple[SellingPoint, ...]:
    """Of the contacts at `mine`, all with the offer of this number."""
    rows, moment = made.row[mine], made.options.moment_codes[made.option[mine]]
    taste = made.chance.taste[moment, rows]
    rival = usual_rival(taste, number)
    if rival is None:
        return ()
    offer, other = made.options.offers[number], made.options.offers[rival]
    days = [made.options.moments[one] for one in moment]
    terms = values([offer, other], TOLD, made.base.fee_minor[rows].astype(np.int64), days)
    cell = None if made.base.cell is None else made.base.cell[rows]
    against = _against(made.campaign.choice, len(rows), cell)
    against[taste[:, rival] <= 0] = 0.0
    told = ahead(terms[:, 0], terms[:, 1], against)
    return points(told, offer, other, group, _evidence(made.campaign.choice))


def _against(choice: Choice, people: int, cell: Places | None) -> Floats:
    """What a unit of each told term counts against an offer for each person, 0 where that is doubtful; (people, k)."""
    found = np.tile(_row(choice.weights or {}, choice.doubtful), (people, 1))
    if cell is not None:
        for one, own in choice.by_class.items():
            found[cell == CELLS.index(one)] = _row(own, choice.doubtful_by_class.get(one, ()))
    return found


def _row(weights: Mapping[str, float], doubtful: Sequence[str] | frozenset[str]) -> Floats:
    return np.array([0.0 if term.id in doubtful else weights.get(term.id, 0.0) for term in TOLD])


def _evidence(choice: Choice) -> Message:
    if choice.rests_on is None or not choice.rests_on.used:
        return Message("By the weights that the campaign's file states.")
    return Message(
        "It moves this group's choice: learnt from {orders:,} orders (choice model {name}, version {version}).",
        orders=choice.rests_on.orders,
        name=choice.rests_on.name,
        version=choice.rests_on.version,
    )
