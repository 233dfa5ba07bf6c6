"""Effects that a campaign leaves to be learnt, put in from a funnel; and how people choose, from a choice model. Pure.

What a funnel says of core, normal and basic is taken as it is where it falls from one to the next. Where chance has
turned them round, neighbours are averaged by the people behind them (pool adjacent violators, Ayer et al. 1955).

Where no lot decided, two figures tell of the same: the orders that went through the steps, and how much oftener the
contacted ordered than comparable people left alone. Each counts by its precision, since of some thousand contacts the
second is known ten times worse; and together they count no more than went through the steps: what exceeds that is
chance. Of these, as many are taken off as would have ordered in the same days by themselves, as comparable people left
alone did, and did so through the contact: heard of the offer, and ordered as often as others who are willing. Their
orders only come earlier, or follow a contact that did not need to be.

Of what remains a plan counts the lower end, as far below as the 95 % interval of the orders reaches. It chooses what
looks best, so that it meets the errors that flatter oftener than the others, and most where records are few. Where too
few contacts are on record to compare anybody (`assumed`), the figure is the belief rather than chance, and stands.

Where later contacts were foretold better by what is on record of each person than by his group (`funnel.willing`), and
no lot decided, persons count by that, and groups by what their people on record come to.

Contacts of halls and shops on record are mostly of people who were there: nobody is noted as not having come. Then one
who is asked to come is won as often only if he does, for which the lower end of what is believed stands.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from telewave.briefs.agent_capacity import as_agents_allow
from telewave.briefs.model import Brief, ByPerson, ChannelUse, ChoiceRestsOn, OrdersCaused, RestsOn
from telewave.choice.model import ChoiceModel, doubtful
from telewave.choice.terms import OWN_APPEAL
from telewave.funnel.assumptions import belief
from telewave.funnel.model import Effect, Funnel, Speaker
from telewave.funnel.steps import CHANNELS, Family, Step
from telewave.funnel.willing import Through
from telewave.kernel import Estimate
from telewave.planning.learnt_steps import learnt_steps
from telewave.targeting.plan import Group

HEARD = frozenset({Step.REACHED, Step.LISTENS, Step.VISITED, Step.DELIVERED, Step.SEEN})
"""Steps that come before somebody is willing."""


def with_learnt(brief: Brief, funnel: Funnel) -> Brief:
    """The campaign with each effect that its file does not state as the funnel has it; what neither tells stays a
    belief.
    """
    channels = tuple(_stepped(_learnt(one, funnel), funnel) for one in brief.channels)
    told_apart = any(isinstance(one.effect, OrdersCaused) and one.effect.by_person for one in channels)
    return replace(brief, channels=channels, willing=funnel.willing if told_apart else None)


def _stepped(channel: ChannelUse, funnel: Funnel) -> ChannelUse:
    """The channel with the steps that the funnel learnt, and as many attempts as its agents then manage."""
    steps = learnt_steps(funnel, channel.records) if channel.records else None
    return channel if steps is None else as_agents_allow(replace(channel, steps=steps))


def leaves_to_learn(brief: Brief) -> bool:
    """Whether any channel states no effect of its own."""
    return any(_is_open(channel) for channel in brief.channels)


def with_learnt_choice(brief: Brief, model: ChoiceModel) -> Brief:
    """The campaign with the weights, common and by class, and the own appeals of a choice model that is used; else as
    its file has it.
    """
    choice = brief.choice
    rests_on = ChoiceRestsOn(
        name=model.name, version=model.version, orders=model.orders, used=model.verdict.used
    )
    if not model.verdict.used:
        return replace(brief, choice=replace(choice, rests_on=rests_on))
    own = {f"{OWN_APPEAL}{one.id}": -one.appeal for one in model.policies if one.appeal}
    ids = [term.id for term in model.terms]

    def against(weights: Iterable[float]) -> dict[str, float]:
        return {term: -float(weight) for term, weight in zip(ids, weights, strict=True)} | own

    weights = against(one.value for one in model.weights)
    by_class = {one.cell: against(one.weights) for one in model.classes}
    learnt = replace(
        choice,
        price_elasticity=None,
        weights=weights,
        by_class=by_class,
        rests_on=rests_on,
        doubtful=doubtful(model),
        doubtful_by_class={one.cell: doubtful(model, one) for one in model.classes},
    )
    return replace(brief, choice=learnt)


def _learnt(channel: ChannelUse, funnel: Funnel) -> ChannelUse:
    effect, code = channel.effect, channel.records or channel.id
    if not isinstance(effect, OrdersCaused) or not _is_open(channel):
        return channel
    told = {one.group: one for one in funnel.effects if one.channel == code}
    found = [told.get(group.value) for group in Group]
    known = [one for one in found if one is not None]
    if len(known) < len(found) or all(one.speaker is Speaker.ASSUMED and not one.process.n for one in known):
        return channel
    come, through = _who_come(funnel, code), _through_persons(funnel, code, known)
    added = falling([_added(one, _through(funnel, one)) for one in known], [_people(one) for one in known])
    core, normal, basic = (come * one for one in (through.levels if through else added))
    least_sure = max((one.speaker for one in known), key=list(Speaker).index)
    rests_on = RestsOn(
        funnel=funnel.name,
        version=funnel.version or 0,
        contacts=sum(one.process.n for one in known),
        speaker=least_sure.label,
        come=come,
        lower=through is None and any(one.speaker is Speaker.ADJUSTED for one in known),
    )
    by_person = ByPerson(through=through, times=come) if through else None
    learnt = OrdersCaused(core=core, normal=normal, basic=basic, rests_on=rests_on, by_person=by_person)
    return replace(channel, effect=learnt)


def _through_persons(funnel: Funnel, code: str, known: Sequence[Effect]) -> Through | None:
    """How persons are told apart in the channel; None where they are not, or a lot decided of a group."""
    willing = funnel.willing
    if willing is None or not willing.used or any(one.speaker is Speaker.RANDOMISED for one in known):
        return None
    return next((one for one in willing.channels if one.channel == code), None)


def _is_open(channel: ChannelUse) -> bool:
    return isinstance(channel.effect, OrdersCaused) and channel.effect.rests_on is not None


def _added(effect: Effect, through: float) -> float:
    """Orders that a contact adds: where a lot decided as measured, by comparison the lower end. `through`:
    the chance that who would order anyway does so through the contact.
    """
    if effect.speaker is Speaker.RANDOMISED:
        return effect.estimate.value
    if effect.process.value <= 0:
        return 0.0
    anyway = min(effect.process.value, through * effect.organic.value) if effect.organic else 0.0
    process = replace(
        effect.process,
        value=effect.process.value - anyway,
        low=effect.process.low - anyway,
        high=effect.process.high - anyway,
    )
    found = min(_together(effect.estimate, process), process.value)
    if effect.speaker is Speaker.ASSUMED:
        return found
    return found * max(0.0, effect.process.low) / effect.process.value


def _through(funnel: Funnel, effect: Effect) -> float:
    """The chance that a contact hears of the offer and, being willing, orders through it; where it is not on record how
    many of the willing order, as believed.
    """
    cells = [one for one in funnel.cells if (one.channel, one.group) == (effect.channel, effect.group)]
    last = max(cells, key=lambda cell: cell.attempts).steps[-1] if cells else None
    if last is not None and last.covers == (Step.ORDERED,):
        return _heard(funnel, effect) * last.estimate.value
    return _heard(funnel, effect) * belief(effect.channel, effect.group, Step.ORDERED).chance


def _heard(funnel: Funnel, effect: Effect) -> float:
    """The chance that a contact of the effect's channel and group came as far as naming the offer; a step that is not
    on record as it is believed, but that visitors on record were there.
    """
    cells = [one for one in funnel.cells if (one.channel, one.group) == (effect.channel, effect.group)]
    chance = 1.0
    for step in max(cells, key=lambda cell: cell.attempts).steps if cells else ():
        before = [one for one in step.covers if one in HEARD]
        if len(before) == len(step.covers):
            chance *= step.estimate.value
        else:
            untold = (one for one in before if one is not Step.VISITED)
            chance *= math.prod(belief(effect.channel, effect.group, one).chance for one in untold)
    return chance


def _together(one: Estimate, other: Estimate) -> float:
    """The mean of two figures of one thing, weighted by precision."""
    spread, others = (one.high - one.low) ** 2, (other.high - other.low) ** 2
    if not spread + others:
        return (one.value + other.value) / 2
    return (one.value * others + other.value * spread) / (spread + others)


def _who_come(funnel: Funnel, code: str) -> float:
    """Of those whom the channel asks to come, the share that does: 1 where its own records tell who did not."""
    if CHANNELS.get(code) is not Family.VISIT:
        return 1.0
    untold = {one.covers for cell in funnel.cells if cell.channel == code for one in cell.steps[:1]}
    came_all = any(Step.VISITED in covers and len(covers) > 1 for covers in untold)
    return belief(code, "", Step.VISITED).low if came_all else 1.0


def _people(effect: Effect) -> float:
    return max(1.0, effect.contacted + effect.alone or effect.process.n)


def falling(values: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The values nearest to `values` by weighted squares that do not rise, none below 0.

    >>> falling([1.0, 2.0, 0.5], [1, 3, 1])
    [1.75, 1.75, 0.5]
    """
    pools: list[tuple[float, float, int]] = []
    for value, weight in zip(values, weights, strict=True):
        pools.append((value, weight, 1))
        while len(pools) > 1 and pools[-2][0] < pools[-1][0]:
            (one, a, m), (other, b, n) = pools[-2:]
            pools[-2:] = [((one * a + other * b) / (a + b), a + b, m + n)]
    return [max(0.0, value) for value, _, count in pools for _ in range(count)]
