"""What is on record of each person of a base, and what it says of his being willing, for a plan that tells people
apart.

Traits as of the plan's day; touches as they will be left on the campaign's first, of those known by then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import ibis.expr.types as ir
import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from telewave.briefs.model import Brief, OrdersCaused
from telewave.funnel.hearing import numbers, tired_on, traits_of
from telewave.funnel.persons import Floats
from telewave.funnel.willing import SOBER, Willing
from telewave.funnel.willing_words import TRAIT_LABELS
from telewave.kernel import Message
from telewave.planning.options import BLOCK, Base, blocks
from telewave.platform.warehouse import Warehouse


@dataclass(frozen=True, slots=True, eq=False)
class Persons:
    """Of n people: the model's `chance`, `traits` by name (NaN: not on record), touches not forgotten; shapes (n,)."""

    chance: Floats
    traits: Mapping[str, Floats]
    tired: Floats

    def columns(self, willing: Willing, stretch: slice) -> Floats:
        """As `Weights.persons` has them, of a stretch of the people."""
        traits = {name: values[stretch] for name, values in self.traits.items()}
        return willing.weights.persons(self.chance[stretch], traits, self.tired[stretch])


def persons_of(warehouse: Warehouse, brief: Brief, relation: ir.Table, as_of: date, base: Base) -> Persons:
    """Everybody of `base`, whose wide table `relation` is as of `as_of`."""
    found = warehouse.engine.fetch(traits_of(relation).order_by("trait_of"))
    left = tired_on(warehouse, max(brief.first, as_of), as_of).sort_by("subscriber")
    placed = _aligned(found["trait_of"].to_numpy().astype(np.int64), base.subscriber)
    tired = _aligned(left["subscriber"].to_numpy().astype(np.int64), base.subscriber)
    names = [name for name in found.column_names if name != "trait_of"]
    traits = {name: placed(numbers(found, name), np.nan) for name in names}
    return Persons(base.probability, traits, tired(numbers(left, "tired"), 0.0))


def _aligned(known: NDArray[np.int64], asked: NDArray[np.int64]) -> Callable[[Floats, float], Floats]:
    """Values of those `known`, in rising order, as they belong to those `asked`; another where one is not known."""
    place = np.minimum(np.searchsorted(known, asked), max(0, len(known) - 1))
    there = known[place] == asked if len(known) else np.zeros(len(asked), np.bool_)

    def aligned(values: Floats, other: float) -> Floats:
        return np.where(there, values[place], other) if len(known) else np.full(len(asked), other)

    return aligned


def told_apart(brief: Brief, people: Persons) -> NDArray[np.float32]:
    """Everybody's log odds of being willing through each channel as a plan counts them, NaN where the channel does not
    tell people apart; shape (n, channels).
    """
    willing = brief.willing
    found = np.full((len(people.chance), len(brief.channels)), np.nan, np.float32)
    if willing is None:
        return found
    places = [place_of(brief, willing, number) for number in range(len(brief.channels))]
    for stretch in blocks(len(found), BLOCK):
        columns = people.columns(willing, stretch)
        for number, place in enumerate(places):
            if place is not None:
                found[stretch, number] = willing.lower_end(columns, place)
    return found


def place_of(brief: Brief, willing: Willing, number: int) -> int | None:
    """Of the brief's channel among those on record; None where it does not tell people apart."""
    effect = brief.channels[number].effect
    if not isinstance(effect, OrdersCaused) or effect.by_person is None:
        return None
    return willing.place(effect.by_person.through.channel)


def leaning_words(brief: Brief, people: Persons) -> Iterator[Message]:
    """Of one person: how likely he is to be willing through each channel, and what on record makes him so."""
    willing = brief.willing
    if willing is None:
        return
    columns = people.columns(willing, slice(0, 1))
    for number, channel in enumerate(brief.channels):
        place = place_of(brief, willing, number)
        if place is not None:
            middle, error = (float(one[0]) for one in willing.weights.log_odds(columns, place))
            yield Message(
                "{channel}: willing, once he hears of the offer, with a chance of {low:.2%} as the plan counts it, "
                "{middle:.2%} in the middle.",
                channel=channel.name,
                low=float(expit(middle - SOBER * error)),
                middle=float(expit(middle)),
            )
    terms = sorted(willing.weights.terms(columns[0]).items(), key=lambda one: -abs(one[1]))
    told = [
        Message("{what} x {odds:.2f}", what=TRAIT_LABELS[name], odds=float(np.exp(added)))
        for name, added in terms
    ]
    yield Message("What is on record of him multiplies these odds, beside the average: {terms}.", terms=told)
