"""A learnt choice model: what moves each class, how it was judged, and what to tell people first. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import numpy as np

from telewave.choice.judging import Rule, Variances, better
from telewave.choice.logit import Floats
from telewave.choice.terms import TRUE_COST, Term
from telewave.customers.base import Cell
from telewave.kernel import Estimate, Inconclusive, Label, Message, Money

Z95 = 1.959964


class LeftOut(StrEnum):
    """Why an order says nothing of a choice."""

    NO_POLICY = "no_policy"
    UNKNOWN_POLICY = "unknown_policy"
    NO_WIDE_TABLE = "no_wide_table"
    NO_CLASS = "no_class"
    NO_FEE = "no_fee"
    SEVERAL_PIECES = "several_pieces"
    NOT_OPEN = "not_open"
    NO_CHOICE = "no_choice"

    @property
    def words(self) -> Message:
        """The reason for people."""
        return LEFT_OUT_WORDS[self]


LEFT_OUT_WORDS = {
    LeftOut.NO_POLICY: Message("no policy is named"),
    LeftOut.UNKNOWN_POLICY: Message("the policy is not in the catalogue"),
    LeftOut.NO_WIDE_TABLE: Message("no wide table lies shortly before, or the subscriber is not in it"),
    LeftOut.NO_CLASS: Message("payment or segment is not known"),
    LeftOut.NO_FEE: Message("the monthly fee is not known"),
    LeftOut.SEVERAL_PIECES: Message("the policy is sold from several pieces on"),
    LeftOut.NOT_OPEN: Message("by the catalogue the policy was not open to the subscriber that day"),
    LeftOut.NO_CHOICE: Message("no other policy was open"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyShare:
    """A policy among the judged orders: how many took it, and the share that the model had predicted. `appeal`: what
    draws people to it beyond its terms, in the scale of the weights; 0 where that is not learnt.
    """

    id: str
    name: Label
    seen: int
    predicted: float
    appeal: float
    points: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """What a class takes most by the model, among those who may have it: policy by place, its share, and the terms by
    place that speak for it, with how much each multiplies its odds beside the open policies' mean.
    """

    policy: int
    share: float
    terms: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassWeights:
    """What moves a class: `weights` (k,) and their `covariance` (k, k), from `n` orders of its own and those of all."""

    cell: Cell
    n: int
    weights: Floats
    covariance: Floats
    lead: Lead


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How the model did on orders that came after those it learnt from, `learnt` and `judged` many."""

    learnt: int
    judged: int
    cut: date
    bits: Mapping[Rule, Estimate]
    gains: Mapping[Rule, Estimate]
    variances: Variances
    error_rate: float

    @property
    def used(self) -> bool:
        """See `judging.better`."""
        return better(self.gains)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceModel:
    """A choice model with its name and version (0 until it is kept).

    `follow`: terms whose weight cannot be told, with the terms they follow from. `separated`: terms held by the prior
    alone. `left_out`: orders by why they say nothing.
    """

    name: str
    version: int
    learnt_at: datetime
    catalogue: Label
    currency: str
    first: date
    last: date
    terms: tuple[Term, ...]
    weights: tuple[Estimate, ...]
    classes: tuple[ClassWeights, ...]
    policies: tuple[PolicyShare, ...]
    verdict: Verdict
    follow: tuple[tuple[Term, tuple[Term, ...]], ...]
    separated: tuple[Term, ...]
    left_out: Mapping[LeftOut, int]
    unknown_policies: tuple[str, ...] = ()

    @property
    def orders(self) -> int:
        """How many choices it was learnt from."""
        return sum(one.n for one in self.classes)

    def place(self, term: Term) -> int:
        """Where the term stands among the terms; -1 where its weight is not told."""
        ids = [one.id for one in self.terms]
        return ids.index(term.id) if term.id in ids else -1


def weighs(model: ChoiceModel, one: ClassWeights, term: int) -> Estimate | Inconclusive:
    """What one unit of the term weighs as, in minor units of true cost: above 0 as bad as that much more, below 0 as
    good as that much less.

    The ratio of the weights with its interval by the delta method; said only where the weight of the true cost is below
    zero by three standard errors, since a ratio to what may be zero has no interval.
    """
    cost = model.place(TRUE_COST)
    if cost < 0:
        return Inconclusive(Message("the true cost cannot be told from other terms"))
    weight, below = float(one.weights[term]), float(one.weights[cost])
    if below > -3 * math.sqrt(float(one.covariance[cost, cost])):
        return Inconclusive(Message("the true cost moves the class too little to measure by"))
    ratio = weight / below
    variance = one.covariance[term, term] - 2 * ratio * one.covariance[term, cost]
    variance += ratio**2 * one.covariance[cost, cost]
    error = 0.0 if term == cost else math.sqrt(max(0.0, float(variance))) / abs(below)
    unit = TRUE_COST.money
    return Estimate(
        value=ratio * unit,
        low=(ratio - Z95 * error) * unit,
        high=(ratio + Z95 * error) * unit,
        n=one.n,
        method="delta method",
    )


def as_money(minor: float, currency: str) -> Money:
    """Minor units, rounded to whole major ones: weights are known no better."""
    return Money(round(minor / 100) * 100, currency)


def doubtful(model: ChoiceModel, one: ClassWeights | None = None) -> frozenset[str]:
    """Ids of the terms whose weight, common or of the class, is not clearly different from 0: its 95 % interval reaches
    it, or the prior alone holds it.
    """
    if one is None:
        unclear = [weight.low <= 0 <= weight.high for weight in model.weights]
    else:
        errors = np.sqrt(np.diag(one.covariance))
        unclear = [bool(flag) for flag in np.abs(one.weights) <= Z95 * errors]
    known = {term.id for term, flag in zip(model.terms, unclear, strict=True) if flag}
    return frozenset(known | {term.id for term in model.separated})
