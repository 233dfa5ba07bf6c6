"""What a policy is to a person, in numbers: the terms by which policies are compared. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from telewave.choice.logit import Choices, Flags, Floats, Integers
from telewave.kernel import Label
from telewave.offers.curves import device_costs
from telewave.offers.economics import Sale, first_day, promotions_of
from telewave.offers.model import Catalogue, Customers, Kind, Offer

HUNDRED = 100_00
"""Minor units of the amounts that terms are counted in: a hundred of the currency."""
TEN = 10_00


@dataclass(frozen=True, slots=True)
class Term:
    """One term: a stable id, its name, and what its weight is of. `money`: minor units of one unit, 0 where the term is
    no amount.
    """

    id: str
    name: Label
    unit: Label
    money: int = 0


TRUE_COST = Term(
    "true_cost", Label("True cost of the device", "终端实际成本"), Label("100 more", "每多 100"), HUNDRED
)
DOWN = Term("down", Label("Money down on the first day", "首日付款"), Label("100 more", "每多 100"), HUNDRED)
MONTHS = Term("months", Label("Months bound", "合约期"), Label("12 months more", "每多 12 个月"))
MINIMUM = Term(
    "minimum",
    Label("Minimum spend above the own fee, a month", "最低消费高出本人月费的部分"),
    Label("10 more", "每多 10"),
    TEN,
)
NEW_NUMBER = Term("new_number", Label("A new number is needed", "须新入网"), Label("if so", "是"))
OWN_APPEAL = "offer:"
"""How the term of an offer's own appeal begins; its id follows."""
AMOUNTS = (TRUE_COST, DOWN, MONTHS, MINIMUM)
LEAST_SOLD = 0.95
"""Share of a channel's orders that must be of what the catalogue sells in it, for the channel to say what was at hand.
"""


def terms_for(catalogue: Catalogue, offers: Sequence[Offer], *, at_hand: bool = False) -> tuple[Term, ...]:
    """The terms by which the offers are compared: amounts first, then kinds and channels that some have and others
    have not.

    `at_hand`: people chose among what one channel sells. Then neither a kind nor a channel is a term: which of them is
    liked better across channels no choice tells, and a weight of its own would take away what the amounts tell there.
    """
    found = [*AMOUNTS, NEW_NUMBER]
    if at_hand:
        return tuple(found)
    found += [
        Term(f"kind:{kind.value}", kind.label, NEW_NUMBER.unit)
        for kind in Kind
        if kind is not Kind.DEVICE_ONLY
    ]
    found += [Term(f"channel:{one}", name, NEW_NUMBER.unit) for one, name in catalogue.channels.items()]
    return tuple(
        term for term in found if term in AMOUNTS or 0 < sum(_has(term, o) for o in offers) < len(offers)
    )


def values(
    offers: Sequence[Offer], terms: Sequence[Term], fee_minor: Integers, days: Sequence[date]
) -> Floats:
    """The terms of each offer for people with these own fees a month who choose on these days, (n, m, k); one piece.

    `fee_minor`: (n,), minor units, not negative.
    """
    found = np.zeros((len(fee_minor), len(offers), len(terms)))
    place = {term.id: index for index, term in enumerate(terms)}
    day_numbers = np.array([day.toordinal() for day in days], np.int64)
    for column, offer in enumerate(offers):
        for term in terms[len(AMOUNTS) :]:
            found[:, column, place[term.id]] = _has(term, offer)
        least = offer.terms.least_bill(1).minor
        found[:, column, place[MONTHS.id]] = offer.terms.contract_months / 12
        found[:, column, place[MINIMUM.id]] = np.maximum(least - fee_minor, 0) / TEN
        for sale, mask in _sales(offer, day_numbers):
            first = first_day(offer, sale)
            found[mask, column, place[DOWN.id]] = (first.device + first.deposit) / HUNDRED
            found[mask, column, place[TRUE_COST.id]] = device_costs(offer, fee_minor[mask], sale) / HUNDRED
    return found


def on_sale(offers: Sequence[Offer], days: Sequence[date]) -> Flags:
    """Which offers are valid on which day, (n, m)."""
    distinct = {day: [offer.on_sale(day) for offer in offers] for day in set(days)}
    return np.array([distinct[day] for day in days], np.bool_).reshape(len(days), len(offers))


def chosen_singly(offers: Sequence[Offer]) -> tuple[Offer, ...]:
    """Offers sold by the piece. What is sold from several pieces on is bargained for by a group, not chosen by a person
    beside the others.
    """
    return tuple(offer for offer in offers if offer.terms.least_pieces == 1)


def at_hand(offers: Sequence[Offer], channel: Sequence[str], taken: Integers) -> Flags:
    """Which offers the channel of each order sells, (n, m); all of them where that cannot be told: the channel is no
    sales channel of the catalogue, or some of its orders (`LEAST_SOLD`) are of what others sell. `taken`: (n,), by
    place.
    """
    names, place = np.unique(np.asarray(channel, dtype=np.str_), return_inverse=True)
    sold = np.array([[name in offer.channels for offer in offers] for name in names.tolist()], np.bool_)
    sold = sold.reshape(len(names), len(offers))
    own = sold[place, taken]
    share = np.bincount(place, own, len(names)) / np.maximum(np.bincount(place, minlength=len(names)), 1)
    sold[share < LEAST_SOLD] = True
    found: Flags = sold[place]
    return found


def own_appeal(offers: Sequence[Offer]) -> tuple[Term, ...]:
    """A term for each offer: what draws people to it that its terms do not tell."""
    return tuple(Term(f"{OWN_APPEAL}{offer.id}", offer.name, NEW_NUMBER.unit) for offer in offers)


def with_own_appeal(terms: Floats) -> Floats:
    """The terms and, behind them, one of each alternative, (n, m, k + m)."""
    n, m, _ = terms.shape
    return np.concatenate([terms, np.broadcast_to(np.eye(m), (n, m, m))], axis=2)


def identified(choices: Choices) -> tuple[tuple[int, ...], Mapping[int, tuple[int, ...]]]:
    """Terms whose weights the choices can tell, in order; and those that follow from earlier ones, with which these are
    (none: the term is the same of everything that was open).

    Two policies that differ in two terms always in the same way cannot tell which of them people minded.
    """
    gram = _gram(choices)
    scale = np.sqrt(np.diag(gram))
    biggest = np.abs(choices.terms).max((0, 1), initial=0.0) * np.sqrt(max(1, choices.open.sum()))
    kept: list[int] = []
    follow: dict[int, tuple[int, ...]] = {}
    for term in range(len(scale)):
        if scale[term] <= 1e-9 * max(biggest[term], 1e-300):
            follow[term] = ()
            continue
        unit = gram / np.outer(scale, scale).clip(1e-300)
        if kept:
            parts = np.linalg.lstsq(unit[np.ix_(kept, kept)], unit[kept, term], rcond=None)[0]
            if 1 - float(parts @ unit[kept, term]) < 1e-6:
                follow[term] = tuple(one for one, part in zip(kept, parts, strict=True) if abs(part) > 1e-3)
                continue
        kept.append(term)
    return tuple(kept), follow


def _gram(choices: Choices) -> Floats:
    """Sums of products of the terms, each less its mean among what was open to the person, (k, k)."""
    k = choices.terms.shape[2]
    found = np.zeros((k, k))
    for start in range(0, choices.size, 4_096):
        part = slice(start, start + 4_096)
        inside = choices.open[part][..., None]
        terms = np.where(inside, choices.terms[part], 0.0)
        middle = terms.sum(1, keepdims=True) / inside.sum(1, keepdims=True)
        flat = np.where(inside, terms - middle, 0.0).reshape(-1, k)
        found += flat.T @ flat
    return found


def _sales(offer: Offer, day_numbers: Integers) -> list[tuple[Sale, Flags]]:
    """A sale of one piece for each set of promotions that holds on some of the days, and the rows of those days."""
    held: dict[tuple[object, ...], list[int]] = {}
    for number in np.unique(day_numbers):
        sale = Sale(pieces=1, day=date.fromordinal(int(number)))
        held.setdefault(tuple(map(repr, promotions_of(offer, sale))), []).append(int(number))
    return [
        (Sale(pieces=1, day=date.fromordinal(numbers[0])), np.isin(day_numbers, numbers))
        for numbers in held.values()
    ]


def _has(term: Term, offer: Offer) -> bool:
    what, _, which = term.id.partition(":")
    if what == "kind":
        return offer.kind.value == which
    return which in offer.channels if what == "channel" else offer.customers is Customers.NEW
