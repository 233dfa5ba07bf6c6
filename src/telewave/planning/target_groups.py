"""The plan of the target groups as a campaign states it: the effects, costs and
margins are those of the campaign's own plan. Pure.

The file's `matrix` names each group's channels, best first; a group is reached through the first of them, and each
is proposed the offer that earns most with him through it, as the campaign's plan does (`planning.options`). With
sums over all n subscribers that have a score:

    response factor of basic   = sum(organic) / sum(probability)
    that of a group            = that of basic + sum(caused * taste) / sum(probability)
    cost of a contact          = the channel's cost + what a contact costs in goodwill
    capacity                   = contacts that the channel can make on all days of the campaign
    margin of a sale           = sum(caused * taste * margin) / sum(caused * taste), by core's channel
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from telewave.briefs.model import Brief, ChannelUse
from telewave.kernel import Conflict, Label, Malformed, Money
from telewave.offers.curves import margins
from telewave.offers.model import Offer
from telewave.planning.options import (
    Base,
    Chances,
    Floats,
    chances,
    options_of,
)
from telewave.planning.taste import ON_THE_BASE
from telewave.targeting.plan import Capacity, Contacts, FactorsOutOfOrder, Group, Plan, Treatment, Unlimited

NOT_CONTACTED = Label("Nobody is contacted", "不主动接触")
DIGITS = 4
"""Digits to which factors are rounded: they are assumptions."""


class NoMatrix(Malformed):
    """The campaign {campaign} states no `matrix`, so it does not say through which channels its target groups are
    reached. Add one with channels for core and for normal.
    """

    code = "no_matrix"


class MatrixOutOfOrder(Malformed):
    """In the `matrix` of the campaign {campaign} the first channel of normal, {normal}, does more than that of core,
    {core}. Put the channel with the stronger effect first for core.
    """

    code = "matrix_out_of_order"


class NothingToEarn(Conflict):
    """No offer of the campaign {campaign} earns anything with anybody who has a score, so that nobody is worth a
    contact. See what the offers earn: telewave offers check
    """

    code = "nothing_to_earn"


def group_plan(brief: Brief, offers: Sequence[Offer], base: Base) -> Plan:
    """Margin, costs, capacities and response factors of the campaign's target groups on `base`.

    Raises `NoMatrix`, `MatrixOutOfOrder`, `NothingToEarn`, and what `options_of` raises.
    """
    if not (brief.matrix.get(Group.CORE) and brief.matrix.get(Group.NORMAL)):
        raise NoMatrix(campaign=brief.id)
    chance = chances(base, brief, options_of(brief, offers))
    reached = {
        group: _reached(brief, _channel(brief, brief.matrix[group][0]), offers, base, chance)
        for group in (Group.CORE, Group.NORMAL)
    }
    core = reached[Group.CORE]
    if not core.caused.sum() or not base.probability.sum():
        raise NothingToEarn(campaign=brief.id)
    margin = Money(round(float(core.caused @ core.margin / core.caused.sum())), brief.currency)
    alone = _times(chance.organic, base)
    rich, normal = (
        _treatment(brief, group, alone + _times(one.caused, base)) for group, one in reached.items()
    )
    passive = (*(_channel(brief, one).name for one in brief.matrix.get(Group.BASIC, ())), NOT_CONTACTED)
    try:
        return Plan(margin, rich, normal, Treatment(passive, Money(0, brief.currency), Unlimited(), alone))
    except FactorsOutOfOrder as cause:
        first = {group.value: _channel(brief, brief.matrix[group][0]).name for group in reached}
        raise MatrixOutOfOrder(campaign=brief.id, **first) from cause


@dataclass(frozen=True, eq=False, slots=True)
class _Reached:
    """Everybody contacted through one channel with the offer that earns most: takers
    `caused` and `margin` in minor units, shape (n,).
    """

    caused: Floats
    margin: Floats


def _reached(
    brief: Brief,
    channel: ChannelUse,
    offers: Sequence[Offer],
    base: Base,
    chance: Chances,
) -> _Reached:
    gain = chance.gain[:, brief.channels.index(channel)]
    taken, margin = np.zeros(len(gain)), np.zeros(len(gain))
    for number, offer in enumerate(offers):
        if not channel.may_sell(offer):
            continue
        mine = margins(offer, base.fee_minor, brief.economics, ON_THE_BASE).astype(np.float64)
        often = np.where(base.open_offers[:, number], chance.taste[0, :, number], 0.0)
        better = often * mine > taken * margin
        taken, margin = np.where(better, often, taken), np.where(better, mine, margin)
    return _Reached(gain * taken, margin)


def _treatment(brief: Brief, group: Group, factor: float) -> Treatment:
    channels = [_channel(brief, one) for one in brief.matrix[group]]
    first = channels[0]
    cost = first.cost + brief.choice.fatigue
    return Treatment(
        tuple(one.name for one in channels), cost, _capacity(brief, first), round(factor, DIGITS)
    )


def _times(count: Floats, base: Base) -> float:
    """The sum of `count` as a multiple of the takers that the model expects, rounded as factors are."""
    return round(float(count.sum() / base.probability.sum()), DIGITS)


def _capacity(brief: Brief, channel: ChannelUse) -> Capacity:
    if channel.calendar.daily_capacity is None:
        return Unlimited()
    return Contacts(int(brief.timetable.capacity[brief.channels.index(channel)].sum()))


def _channel(brief: Brief, channel: str) -> ChannelUse:
    return next(one for one in brief.channels if one.id == channel)
