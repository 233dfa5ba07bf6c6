"""What each subscriber could be offered through which channel in which phase, and
what that is expected to earn. Pure, on arrays.

With p the model's calibrated probability of taking in its window, as things went, and
s the share of takers who come by themselves:

    odds(organic)    = odds(p) * r,       r such that the mean of organic over everybody = s * the mean of p
    caused           = (1 - organic) * q, q: the chance that a contact wins one without an intention (`appetite`)
                       or, where people are told apart, heard x closes x max(0, w - anyway x organic) with w each
                       one's chance of being willing (`funnel.willing`)
                       or, where the campaign states an odds ratio instead, contacted - organic with
    odds(contacted)  = odds(organic) * odds ratio of the channel
    taste(offer)     = how often it is taken beside the best open one (`taste`), on the phase's first day
    displaced        = organic * caused / (1 - organic) * what his choice gains by the offer (`choice.displacement`)
    earned           = caused * taste * margin + displaced
    value            = earned - cost of the contact - fatigue
    steered          = lever * earned - cost of the contact - fatigue

Steered values say what is chosen, values what it is worth. The odds ratio is the `Effect` of the channel, or of the
offer through it where that is stated: a belief until a randomised pilot was counted. Orders caused stand for attempts,
answered or not.

Displaced: who would have come by himself is steered to the offer as often as one without an intention is won for it;
a policy that draws him from a dearer one earns the difference, which may be below 0. What another open policy beats in
every term (`dominated`) nobody is proposed, unless the campaign says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from telewave.briefs.model import Brief, ContactEffect, NoChannelSells, OrdersCaused, TwoCurrencies
from telewave.choice.displacement import gains_of_each
from telewave.offers.curves import Minor, margins
from telewave.offers.model import Offer
from telewave.planning.appetite import Appetite, appetite_of, won
from telewave.planning.dominated import dominated
from telewave.planning.taste import ON_THE_BASE, moments, taste
from telewave.scheduling.working_days import uses
from telewave.targeting.incremental import caused, profit_caused

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Rows = NDArray[np.int64] | Flags | slice
"""Subscribers by position, by flag, or a stretch of them."""
LOWEST, HIGHEST = 1e-9, 1 - 1e-9
NOBODY = -1000.0
"""Log odds of what nobody does."""
BLOCK = 1 << 16
"""Subscribers whose values are worked out at a time, so that only results are held for millions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One (offer, channel, phase), by their numbers in `Options.offers` and in the
    campaign. `effect`: number in `Options.effects`; `moment`: in `Options.moments`.
    """

    offer: int
    channel: int
    phase: int
    effect: int
    moment: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """All that the campaign can propose. `effects`: those of the channels, then those stated for single offers.

    `moments`: days on which the offers compare differently; `moment_of_phase`: by place among them.
    """

    offers: tuple[Offer, ...]
    options: tuple[Option, ...]
    effects: tuple[ContactEffect, ...]
    moments: tuple[date, ...]
    moment_of_phase: tuple[int, ...]

    @property
    def offer_codes(self) -> NDArray[np.int64]:
        """Shape (m,)."""
        return np.array([option.offer for option in self.options], np.int64)

    @property
    def channel_codes(self) -> NDArray[np.int64]:
        """Shape (m,)."""
        return np.array([option.channel for option in self.options], np.int64)

    @property
    def phase_codes(self) -> NDArray[np.int64]:
        """Shape (m,)."""
        return np.array([option.phase for option in self.options], np.int64)

    @property
    def moment_codes(self) -> NDArray[np.int64]:
        """Shape (m,)."""
        return np.array(self.moment_of_phase, np.int64)[self.phase_codes]

    @property
    def effect_codes(self) -> NDArray[np.int64]:
        """Shape (m,)."""
        return np.array([option.effect for option in self.options], np.int64)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Base:
    """The subscribers a campaign may contact, n of them.

    `probability`: shape (n,), calibrated; `fee_minor`: own fees a month; `open_offers`: shape (n, offers), may have it;
    `reachable`: shape (n, channels), consent; `addressed`: shape (n, phases), in the phase's audience. `household`:
    shape (n,), number of the customer who holds the line, negative: unknown; None: everybody apart. `cell`: shape
    (n,), place among `customers.base.CELLS`, negative: unknown; None: of nobody known. `willing`: shape (n, channels),
    log odds of being willing as a plan counts them, NaN: unknown; None: nobody is told apart.
    """

    subscriber: NDArray[np.int64]
    probability: Floats
    fee_minor: Minor
    open_offers: Flags
    reachable: Flags
    addressed: Flags
    household: NDArray[np.int64] | None = None
    cell: NDArray[np.int64] | None = None
    willing: NDArray[np.float32] | None = None

    def rows(self, keep: Rows) -> Base:
        """The subscribers at `keep`."""
        return Base(
            subscriber=self.subscriber[keep],
            probability=self.probability[keep],
            fee_minor=self.fee_minor[keep],
            open_offers=self.open_offers[keep],
            reachable=self.reachable[keep],
            addressed=self.addressed[keep],
            household=None if self.household is None else self.household[keep],
            cell=None if self.cell is None else self.cell[keep],
            willing=None if self.willing is None else self.willing[keep],
        )


@dataclass(frozen=True, eq=False, slots=True)
class Gathered:
    """What the plan is made from. `members`: who counts for each minimum; `group`: number of the target group, -1:
    none.

    `without_score`: subscribers whom a phase addresses but the model has not scored.
    """

    base: Base
    members: tuple[Flags, ...]
    group: NDArray[np.int8] | None
    without_score: int


@dataclass(frozen=True, eq=False, slots=True)
class Chances:
    """Probabilities of taking: without any contact, shape (n,), and more by a contact, shape (n, effects); taste
    (moments, n, offers), and what is not proposed since another open offer beats it, shape likewise.
    """

    organic: Floats
    gain: Floats
    taste: Floats
    dominated: Flags

    def rows(self, keep: Rows) -> Chances:
        """Of the subscribers at `keep`."""
        return Chances(self.organic[keep], self.gain[keep], self.taste[:, keep], self.dominated[:, keep])

    def gained(self, option: Option) -> Floats:
        """What a contact with the option adds to everybody's probability, shape (n,)."""
        return np.asarray(self.gain[:, option.effect] * self.taste[option.moment, :, option.offer])

    def gained_at(self, options: Options, row: NDArray[np.int64], option: NDArray[np.int64]) -> Floats:
        """What a contact of each of `row` with each of `option` adds, shape as theirs."""
        effect, offer = options.effect_codes[option], options.offer_codes[option]
        return np.asarray(self.gain[row, effect] * self.taste[options.moment_codes[option], row, offer])

    def steered(self, row: Rows, effect: int | NDArray[np.int64]) -> Floats:
        """The chance that a contact of those at `row` meets one who would have come by himself and steers him, as often
        as it wins one without an intention, shape as `row`.
        """
        organic = self.organic[row]
        return np.asarray(self.gain[row, effect] * organic / np.maximum(1 - organic, LOWEST))


def options_of(brief: Brief, offers: Sequence[Offer]) -> Options:
    """Every offer through every channel that sells it, in every phase that the channel is used
    in and on all days of which it is on sale.

    Raises `NoChannelSells`, `TwoCurrencies`.
    """
    found: list[Option] = []
    effects = [channel.effect for channel in brief.channels]
    days, moment = moments(offers, [phase.days.first for phase in brief.phases])
    for number, offer in enumerate(offers):
        if offer.terms.currency != brief.currency:
            raise TwoCurrencies(one=brief.currency, other=offer.terms.currency)
        selling = [c for c, channel in enumerate(brief.channels) if channel.may_sell(offer)]
        if not selling:
            raise NoChannelSells(offer=offer.id, sold=", ".join(offer.channels))
        for c in selling:
            channel, effect = brief.channels[c], c
            if offer.id in channel.effect.offers:
                effect = len(effects)
                effects.append(channel.effect.offers[offer.id])
            found += [
                Option(offer=number, channel=c, phase=p, effect=effect, moment=moment[p])
                for p, phase in enumerate(brief.phases)
                if uses(channel.calendar, p) and phase.all_days(offer)
            ]
    return Options(
        offers=tuple(offers),
        options=tuple(found),
        effects=tuple(effects),
        moments=days,
        moment_of_phase=moment,
    )


def blocks(count: int, size: int) -> Iterator[slice]:
    """Stretches of at most `size` that cover `count`.

    >>> [(one.start, one.stop) for one in blocks(5, 2)]
    [(0, 2), (2, 4), (4, 5)]
    """
    return (slice(start, min(start + size, count)) for start in range(0, count, size))


def chances(
    base: Base,
    brief: Brief,
    made: Options,
    *,
    shift: float | None = None,
    appetite: Appetite | None = None,
    block: int = BLOCK,
) -> Chances:
    """Organic probability, what a contact adds by its effect, and how offers compare; the same for blocks of any size.

    `shift`: by how much the log odds of organic take-up are lower; `appetite`: where basic, normal and core stand.
    None: as `organic_shift` and `appetite_of` find them for this base.
    """
    points = appetite_of(base.probability) if appetite is None else appetite
    lower = organic_shift(base.probability, brief.choice.organic_share) if shift is None else shift
    size = len(base.subscriber)
    shape = (len(made.moments), size, len(made.offers))
    found = Chances(
        np.empty(size), np.empty((size, len(made.effects))), np.empty(shape), np.zeros(shape, np.bool_)
    )
    for stretch in blocks(size, block):
        part = base.rows(stretch)
        organic = _shifted(part.probability, lower)
        odds = logit(np.clip(organic, LOWEST, HIGHEST))
        found.organic[stretch] = organic
        for number, effect in enumerate(made.effects):
            if isinstance(effect, OrdersCaused):
                found.gain[stretch, number] = _caused(part, organic, points, effect, number)
            else:
                found.gain[stretch, number] = caused(expit(odds + np.log(effect.expected)), organic)
        for number, day in enumerate(made.moments):
            fee, may = part.fee_minor, part.open_offers
            found.taste[number, stretch] = taste(fee, may, made.offers, brief.choice, day, part.cell)
            if not brief.propose_dominated:
                found.dominated[number, stretch] = dominated(fee, may, made.offers, day)
    return found


def _caused(part: Base, organic: Floats, points: Appetite, effect: OrdersCaused, number: int) -> Floats:
    """By what is on record of each person where that tells, else by his chance between core, normal and basic."""
    by_group = (1 - organic) * won(part.probability, points, effect)
    if effect.by_person is None or part.willing is None:
        return by_group
    log_odds = part.willing[:, number].astype(np.float64)
    mine = effect.by_person.times * effect.by_person.through.won(log_odds, organic)
    return np.where(np.isfinite(log_odds), mine, by_group)


def organic_probability(probability: Floats, share: float) -> Floats:
    """Probability without contact: all odds lowered alike so that the mean is `share` of the mean of `probability`."""
    return _shifted(probability, organic_shift(probability, share))


def organic_shift(probability: Floats, share: float) -> float:
    """What is added to everybody's log odds so that the mean is `share` of the mean of
    `probability`: 0 or less, `NOBODY` for none at all.
    """
    from scipy.optimize import brentq

    if not len(probability) or share >= 1:
        return 0.0
    odds = logit(np.clip(probability, LOWEST, HIGHEST))
    some = odds[:: max(1, len(odds) // 200_000)]
    wanted = probability[:: max(1, len(odds) // 200_000)].mean() * share
    if wanted <= 0:
        return NOBODY
    return float(brentq(lambda shift: float(expit(some + shift).mean() - wanted), -40.0, 0.0))


def _shifted(probability: Floats, shift: float) -> Floats:
    if shift == 0:
        return np.asarray(probability)
    if shift == NOBODY:
        return np.zeros_like(probability)
    return np.asarray(expit(logit(np.clip(probability, LOWEST, HIGHEST)) + shift))


def values(
    base: Base,
    brief: Brief,
    made: Options,
    chance: Chances,
    *,
    block: int = BLOCK,
) -> NDArray[np.float32]:
    """Expected incremental profit of each option in major units, float32, shape (n, m); -inf: not eligible or not
    reachable.

    The same for blocks of any size.
    """
    result = np.empty((len(base.subscriber), len(made.options)), np.float32)
    for stretch in blocks(len(result), block):
        part, here = base.rows(stretch), chance.rows(stretch)
        earned = _margins(brief, made, part.fee_minor)
        drawn = [gains_of_each(taste, earned) for taste in here.taste]
        for j, option in enumerate(made.options):
            value = profit_caused(here.gained(option), earned[:, option.offer], _spent(brief, option))
            value = value + here.steered(slice(None), option.effect) * drawn[option.moment][:, option.offer]
            may = open_to(part, option) & ~here.dominated[option.moment, :, option.offer]
            result[stretch, j] = np.where(may, value, -np.inf)
    return result


def _margins(brief: Brief, made: Options, fee_minor: Minor) -> Floats:
    """In major units, shape (n, offers)."""
    earned = [margins(offer, fee_minor, brief.economics, ON_THE_BASE) / 100 for offer in made.offers]
    return np.stack(earned, 1) if earned else np.zeros((len(fee_minor), 0))


def values_at(
    base: Base,
    brief: Brief,
    made: Options,
    chance: Chances,
    row: NDArray[np.int64],
    option: NDArray[np.int64],
) -> NDArray[np.float32]:
    """What each of `option` is expected to earn with each of `row`, to whom it is open, shape as
    theirs: as `values` has it, without levers.
    """
    spent = np.array([_spent(brief, one) for one in made.options])
    result = np.empty(len(row), np.float32)
    for stretch in blocks(len(row), BLOCK):
        mine, which = row[stretch], option[stretch]
        offer, place = made.offer_codes[which], np.arange(len(mine))
        earned = _margins(brief, made, base.fee_minor[mine])
        drawn = gains_of_each(chance.taste[made.moment_codes[which], mine], earned)[place, offer]
        won_over = profit_caused(chance.gained_at(made, mine, which), earned[place, offer], 0.0)
        result[stretch] = won_over + chance.steered(mine, made.effect_codes[which]) * drawn - spent[which]
    return result


def steer(value: NDArray[np.float32], brief: Brief, made: Options) -> None:
    """Tilt the values (n, m) for the choice as the levers say, in place: of millions there is room for one copy."""
    for j, option in enumerate(made.options):
        lever = np.float32(brief.choice.levers.get(made.offers[option.offer].id, 1.0))
        if lever != 1:
            spent = np.float32(_spent(brief, option))
            value[:, j] = lever * (value[:, j] + spent) - spent


def _spent(brief: Brief, option: Option) -> float:
    return float((brief.channels[option.channel].cost + brief.choice.fatigue).major)


def open_to(base: Base, option: Option) -> Flags:
    """Who may get the option: offer open, channel reachable, phase addressed. Shape (n,)."""
    return np.asarray(
        base.open_offers[:, option.offer]
        & base.reachable[:, option.channel]
        & base.addressed[:, option.phase]
    )
