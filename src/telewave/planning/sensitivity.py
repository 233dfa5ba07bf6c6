"""How the plan's profit moves with each assumption, all others kept: what to test first (a tornado, Howard 1988). Pure.

The contacts stay those of the plan; only what they are expected to earn is worked out anew. Of very many contacts an
even part is looked at, and the sum raised in proportion.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from telewave.briefs.model import Brief, ChannelUse, ContactEffect, Effect, OrdersCaused
from telewave.kernel import Label, Message, Money
from telewave.planning.appetite import appetite_of
from telewave.planning.options import Gathered, chances, options_of, organic_shift, values_at
from telewave.planning.proposal import Proposal

MOST_LOOKED_AT = 100_000
LESS, MORE = 0.5, 1.5
DEVICE = 0.05
"""By what share a device may be cheaper or dearer."""
ORGANIC = 0.1
"""By how much the share of takers who would have come by themselves may be off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swing:
    """One assumption: what it is, what is tried, and the plan's profit at both ends; `low` is the lesser."""

    what: Label | Message
    tried: Message
    low: Money
    high: Money

    @property
    def width(self) -> int:
        """How far apart the ends are, in minor units."""
        return self.high.minor - self.low.minor


@dataclass(frozen=True, slots=True)
class _Try:
    what: Label | Message
    tried: Message
    ends: tuple[Brief, Brief]


def swings(made: Proposal, gathered: Gathered) -> tuple[Swing, ...]:
    """Every assumption that moves the profit, the one that moves it most first."""
    dated = np.flatnonzero(made.made)
    if not len(dated):
        return ()
    looked_at = dated[:: max(1, len(dated) // MOST_LOOKED_AT)]
    raised = len(dated) / len(looked_at)
    base, option = made.base.rows(made.row[looked_at]), made.option[looked_at]
    everybody = gathered.base.probability
    appetite = appetite_of(everybody)

    def profit(brief: Brief) -> int:
        shift = organic_shift(everybody, brief.choice.organic_share)
        options = options_of(brief, made.options.offers)
        chance = chances(base, brief, options, shift=shift, appetite=appetite)
        worth = values_at(base, brief, options, chance, np.arange(len(option)), option)
        return round(float(worth.sum(dtype=np.float64)) * raised * 100)

    found = []
    for one in _tries(made):
        low, high = sorted(profit(end) for end in one.ends)
        currency = made.campaign.currency
        found.append(
            Swing(what=one.what, tried=one.tried, low=Money(low, currency), high=Money(high, currency))
        )
    return tuple(sorted((one for one in found if one.width), key=lambda one: -one.width))


def _tries(made: Proposal) -> Iterator[_Try]:
    brief = made.campaign
    used = set(made.options.channel_codes[made.option].tolist())
    half = Message("half as much, or half as much again")
    for number, channel in enumerate(brief.channels):
        if number in used:
            what = Message("What a contact does: {channel}", channel=channel.name)
            yield _Try(what, half, _both(partial(_with_effect, brief, number)))
    yield _Try(Message("What counts against an offer"), half, _both(partial(_with_taste, brief)))
    yield _Try(
        Message("What a device costs the operator"),
        Message("5 % less, or 5 % more"),
        (_with_device(brief, 1 - DEVICE), _with_device(brief, 1 + DEVICE)),
    )
    if brief.economics.retained_bp:
        yield _Try(Message("What a contract retains"), half, _both(partial(_with_retained, brief)))
    yield _Try(
        Message("Who would have come by themselves"),
        Message("ten points fewer, or ten more"),
        (_with_organic(brief, -ORGANIC), _with_organic(brief, ORGANIC)),
    )


def _both(made: Callable[[float], Brief]) -> tuple[Brief, Brief]:
    return made(LESS), made(MORE)


def _with_effect(brief: Brief, number: int, by: float) -> Brief:
    def scaled(one: ChannelUse) -> ChannelUse:
        return replace(one, effect=_scaled(one.effect, by))

    channels = tuple(scaled(one) if n == number else one for n, one in enumerate(brief.channels))
    return replace(brief, channels=channels)


def _scaled(effect: ContactEffect, by: float) -> ContactEffect:
    """Orders caused, or the logarithm of the odds ratio, times `by`; of single offers too."""
    if isinstance(effect, OrdersCaused):
        told = {name: min(0.999, getattr(effect, name) * by) for name in ("core", "normal", "basic")}
        offers = {name: _orders(one, by) for name, one in effect.offers.items()}
        mine = effect.by_person and replace(effect.by_person, times=effect.by_person.times * by)
        return replace(effect, offers=offers, by_person=mine, **told)
    single = {name: _odds(one, by) for name, one in effect.offers.items()}
    return replace(_odds(effect, by), offers=single)


def _orders(effect: OrdersCaused, by: float) -> OrdersCaused:
    scaled = _scaled(effect, by)
    return scaled if isinstance(scaled, OrdersCaused) else effect


def _odds(effect: Effect, by: float) -> Effect:
    return replace(effect, odds_ratio=math.exp(by * math.log(effect.expected)), pilot=None)


def _with_taste(brief: Brief, by: float) -> Brief:
    choice = brief.choice
    if choice.weights is not None:
        by_class = {cell: _times(weights, by) for cell, weights in choice.by_class.items()}
        return replace(brief, choice=replace(choice, weights=_times(choice.weights, by), by_class=by_class))
    return replace(brief, choice=replace(choice, price_elasticity=(choice.price_elasticity or 0.0) * by))


def _times(weights: Mapping[str, float], by: float) -> dict[str, float]:
    return {term: weight * by for term, weight in weights.items()}


def _with_device(brief: Brief, by: float) -> Brief:
    cost = brief.economics.device_cost
    dearer = Money(round(cost.minor * by), cost.currency)
    return replace(brief, economics=replace(brief.economics, device_cost=dearer))


def _with_retained(brief: Brief, by: float) -> Brief:
    kept = min(10_000, round(brief.economics.retained_bp * by))
    return replace(brief, economics=replace(brief.economics, retained_bp=kept))


def _with_organic(brief: Brief, by: float) -> Brief:
    share = min(1.0, max(0.0, brief.choice.organic_share + by))
    return replace(brief, choice=replace(brief.choice, organic_share=share))
