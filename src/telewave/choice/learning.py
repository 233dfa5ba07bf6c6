"""From orders and what was open to those who made them to a choice model. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from telewave.choice.judging import Dated, Judged, Variances, judged
from telewave.choice.logit import Choices, Fitted, Flags, Floats, Integers, fit, shares, utilities
from telewave.choice.model import Z95, ChoiceModel, ClassWeights, Lead, LeftOut, PolicyShare, Verdict
from telewave.choice.terms import AMOUNTS, TRUE_COST, identified, on_sale, terms_for, values
from telewave.choice.wording import left_out_words
from telewave.customers.base import Cell
from telewave.kernel import Conflict, Estimate
from telewave.offers.model import Catalogue, Offer

FEWEST_ORDERS = 200
SPEAKING_TERMS = 2


class TooFewChoices(Conflict):
    """Of {orders:,} orders with a policy {count:,} show a choice, and at least {least:,} are needed, of several days.
    {why} Ingest more months of orders, or build the wide tables of their months.
    """

    code = "too_few_choices"


class NoAlternatives(Conflict):
    """Of {orders:,} orders with a policy none had a second policy open to it, so nothing was chosen. Give the catalogue
    that was in force when they were made, with all its policies.
    """

    code = "no_alternatives"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Orders of policies sold by the piece. `offers`: the m alternatives; `taken`: (n,), by place among them;
    `eligible`: (n, m) by the catalogue's rules; `fee_minor`: (n,); `day`: (n,), as ordinal numbers; `cell`: (n,), by
    place among `cells`. `left_out`: orders that did not get so far. `at_hand`: (n, m), what the channel of each order
    sells; None: not known.
    """

    offers: tuple[Offer, ...]
    taken: Integers
    eligible: Flags
    fee_minor: Integers
    day: Integers
    subscriber: Integers
    cell: Integers
    cells: tuple[Cell, ...]
    left_out: Mapping[LeftOut, int]
    unknown_policies: tuple[str, ...] = ()
    at_hand: Flags | None = None

    @property
    def by_channel(self) -> bool:
        """Whether most people chose among what one channel sells."""
        return self.at_hand is not None and bool((~self.at_hand).any(1).mean() > 0.5)


def learn(taken: Taken, catalogue: Catalogue, name: str, learnt_at: datetime, seed: int) -> ChoiceModel:
    """The choice model of these orders. Raises `TooFewChoices`, `NoAlternatives`."""
    open_to, days = open_then(taken)
    rows, left_out = _usable(taken, open_to)
    all_terms = terms_for(catalogue, taken.offers, at_hand=taken.by_channel)
    whole = Choices(
        terms=values(
            taken.offers, all_terms, taken.fee_minor[rows], [days[row] for row in np.flatnonzero(rows)]
        ),
        open=open_to[rows],
        taken=taken.taken[rows],
        group=taken.cell[rows],
        groups=len(taken.cells),
    )
    kept, follow = identified(whole)
    terms = tuple(all_terms[place] for place in kept)
    choices = whole.with_terms(whole.terms[..., list(kept)])
    cost = [term.id for term in terms].index(TRUE_COST.id)
    dated = Dated(choices=choices, day=taken.day[rows], subscriber=taken.subscriber[rows], cost=cost)
    alike = sum(term in AMOUNTS for term in terms) if taken.by_channel else None
    found = judged(dated, seed, alike=alike)
    told = found.variances.told(choices)
    fitted = fit(told, found.variances.prior(len(terms), len(taken.offers)))
    return ChoiceModel(
        name=name,
        version=0,
        learnt_at=learnt_at,
        catalogue=catalogue.name,
        currency=catalogue.currency,
        first=date.fromordinal(int(dated.day.min())),
        last=date.fromordinal(int(dated.day.max())),
        terms=terms,
        weights=_estimates(fitted, len(terms), choices.size),
        classes=_classes(taken.cells, told, fitted, len(terms)),
        policies=_policies(taken.offers, found, fitted, len(terms)),
        verdict=_verdict(found),
        follow=tuple((all_terms[t], tuple(all_terms[one] for one in on)) for t, on in follow.items()),
        separated=tuple(terms[place] for place in fitted.separated if place < len(terms)),
        left_out=left_out,
        unknown_policies=taken.unknown_policies,
    )


def open_then(taken: Taken) -> tuple[Flags, list[date]]:
    """What was open to each taker, (n, m): eligible, on sale that day, and at hand where known; and the days."""
    days = [date.fromordinal(int(day)) for day in taken.day]
    open_to = taken.eligible & on_sale(taken.offers, days)
    return (open_to & taken.at_hand if taken.at_hand is not None and taken.by_channel else open_to), days


def chosen(taken: Taken, open_to: Flags) -> tuple[Flags, Flags]:
    """Which takers took what was open to them, and which had something else beside it, (n,) each."""
    was_open = (
        open_to[np.arange(len(taken.taken)), taken.taken] if len(taken.taken) else np.zeros(0, np.bool_)
    )
    return was_open, open_to.sum(1) > 1


def _usable(taken: Taken, open_to: Flags) -> tuple[Flags, Mapping[LeftOut, int]]:
    """Rows that show a choice, and why the others do not."""
    was_open, several = chosen(taken, open_to)
    rows: Flags = was_open & several
    left = Counter(taken.left_out)
    left[LeftOut.NOT_OPEN] += int((~was_open).sum())
    left[LeftOut.NO_CHOICE] += int((was_open & ~several).sum())
    left_out = {reason: left[reason] for reason in LeftOut if left[reason]}
    orders = len(rows) + sum(n for reason, n in taken.left_out.items() if reason is not LeftOut.NO_POLICY)
    if len(rows) and was_open.any() and not several[was_open].any():
        raise NoAlternatives(orders=orders)
    if int(rows.sum()) < FEWEST_ORDERS or len(np.unique(taken.day[rows])) < 2:
        raise TooFewChoices(
            orders=orders, count=int(rows.sum()), least=FEWEST_ORDERS, why=left_out_words(left_out)
        )
    return rows, left_out


def _estimates(fitted: Fitted, terms: int, n: int) -> tuple[Estimate, ...]:
    """The common weights with intervals."""
    return tuple(
        Estimate(value=float(w), low=float(w - Z95 * e), high=float(w + Z95 * e), n=n, method="Laplace")
        for w, e in zip(fitted.weights[:terms], fitted.errors[:terms], strict=True)
    )


def _classes(cells: Sequence[Cell], choices: Choices, fitted: Fitted, terms: int) -> tuple[ClassWeights, ...]:
    """Classes with orders, the most first."""
    order = sorted(np.flatnonzero(fitted.counts), key=lambda group: -int(fitted.counts[group]))
    return tuple(
        ClassWeights(
            cell=cells[int(group)],
            n=int(fitted.counts[group]),
            weights=fitted.of_class[group, :terms],
            covariance=fitted.covariance_of_class[group, :terms, :terms],
            lead=_lead(choices.of(choices.group == group), fitted.of_class, terms),
        )
        for group in order
    )


def _lead(mine: Choices, of_class: Floats, terms: int) -> Lead:
    """The policy taken most by the model among those who may have it, and the terms that speak for it."""
    utility = utilities(mine.terms, mine.group, of_class)
    chance = shares(utility, mine.open)
    policy = int(chance.sum(0).argmax())
    may = mine.of(mine.open[:, policy])
    inside = may.open[..., None]
    middle = np.where(inside, may.terms, 0.0).sum(1) / inside.sum(1)
    ahead = ((may.terms[:, policy] - middle).mean(0) * of_class[may.group[0]])[:terms]
    speaking = [int(term) for term in np.argsort(-ahead)[:SPEAKING_TERMS] if ahead[term] > 0]
    return Lead(
        policy=policy,
        share=float(chance[mine.open[:, policy], policy].mean()),
        terms=tuple((term, float(np.exp(ahead[term]))) for term in speaking),
    )


def _policies(offers: Sequence[Offer], found: Judged, fitted: Fitted, terms: int) -> tuple[PolicyShare, ...]:
    appeal = fitted.weights[terms:] if len(fitted.weights) > terms else np.zeros(len(offers))
    return tuple(
        PolicyShare(
            id=offer.id,
            name=offer.name,
            seen=int(found.seen[place]),
            predicted=float(found.predicted[place]),
            appeal=float(appeal[place]),
            points=tuple(point.benefit for point in offer.selling_points),
        )
        for place, offer in enumerate(offers)
    )


def _verdict(found: Judged) -> Verdict:
    return Verdict(
        learnt=found.learnt,
        judged=found.judged,
        cut=date.fromordinal(found.cut),
        bits=found.bits,
        gains=found.gains,
        variances=Variances(found.variances.by_class, found.variances.appeal),
        error_rate=found.error_rate,
    )
