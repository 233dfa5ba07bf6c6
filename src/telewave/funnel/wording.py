"""What a learnt funnel says, in sentences and cells. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp

from telewave.funnel.assumptions import GROUP_LABELS, UNGROUPED
from telewave.funnel.circumstances import MOST_EARLIER
from telewave.funnel.model import (
    Cell,
    Combined,
    Condition,
    Effect,
    Factor,
    Funnel,
    Level,
    Source,
    Speaker,
    StepChance,
)
from telewave.funnel.steps import CHANNEL_LABELS, Step
from telewave.kernel import Estimate, Figure, Label, Message
from telewave.platform.answer import TableCell, Text

MOST_LEVELS = 5
"""Agents and scripts that are told at either end."""
BEYOND = 0.01
"""Share of the contacted without comparables from which it is told."""
ANY_OFFER = Label("any offer", "全部业务")


def group_words(group: str) -> Label:
    """The name of a group."""
    return GROUP_LABELS.get(group, GROUP_LABELS[UNGROUPED])


def percent(value: float) -> str:
    """A share with as many digits as it needs to be told from nothing.

    >>> percent(0.5), percent(0.0123), percent(0.00042)
    ('50.0%', '1.23%', '0.042%')
    """
    if abs(value) >= 0.1 or value == 0:
        return f"{value:.1%}"
    return f"{value:.2%}" if abs(value) >= 0.001 else f"{value:.3%}"


def figure(one: Estimate) -> Figure:
    """A share with its interval."""
    return Figure(one, f"{percent(one.value)} ({percent(one.low)} – {percent(one.high)})")


def range_words(one: Estimate) -> str:
    """A value with its range."""
    return f"{percent(one.value)} ({percent(one.low)} – {percent(one.high)})"


def step_words(one: StepChance) -> Label:
    """The step; steps before it that no record tells are named with it."""
    return covers_words(one.covers)


def covers_words(covers: Sequence[Step]) -> Label:
    """The steps that one stands for."""
    en, zh = (" + ".join(getattr(step.label, tongue) for step in covers) for tongue in ("en", "zh"))
    return Label(en, zh)


def cell_words(cell: Cell) -> Label:
    """Channel, group and offer of a cell."""
    channel, group, offer = CHANNEL_LABELS[cell.channel], group_words(cell.group), cell.offer
    named = Label(offer, offer) if offer else ANY_OFFER
    return Label(f"{channel.en} · {group.en} · {named.en}", f"{channel.zh} · {group.zh} · {named.zh}")


STEP_COLUMNS: tuple[Text, ...] = (
    Message("Channel"),
    Message("Group"),
    Message("Offer"),
    Message("Step"),
    Message("Chance (95 %)"),
    Message("Records"),
    Message("Rests on"),
    Message("Believed (range)"),
)


def step_rows(funnel: Funnel) -> list[list[TableCell]]:
    """A row a step of every cell."""
    return [
        [
            CHANNEL_LABELS[cell.channel],
            group_words(cell.group),
            cell.offer or ANY_OFFER,
            step_words(step),
            figure(step.estimate),
            step.estimate.n,
            step.source.label,
            figure(step.belief),
        ]
        for cell in funnel.cells
        for step in cell.steps
    ]


EFFECT_COLUMNS: tuple[Text, ...] = (
    Message("Channel"),
    Message("Group"),
    Message("Contacts"),
    Message("Orders through the steps, a contact"),
    Message("Would have come anyway"),
    Message("Added by a contact (95 %)"),
    Message("Who speaks"),
)


def effect_rows(funnel: Funnel) -> list[list[TableCell]]:
    """A row a channel and group, the greatest effect first."""
    return [
        [
            CHANNEL_LABELS[one.channel],
            group_words(one.group),
            one.process.n,
            figure(one.process),
            figure(one.organic) if one.organic else None,
            figure(one.estimate),
            one.speaker.label,
        ]
        for one in ranked(funnel.effects)
    ]


COMBINED_COLUMNS: tuple[Text, ...] = (
    Message("Channels"),
    Message("Group"),
    Message("People contacted"),
    Message("People left alone"),
    Message("Added from the second contact on (95 %)"),
    Message("If each did as by itself (95 %)"),
)


def combined_rows(funnel: Funnel) -> list[list[TableCell]]:
    """A row a pair of channels and a group, the most people first."""
    return [
        [
            channels_words(one),
            group_words(one.group),
            one.contacted,
            one.alone,
            figure(one.estimate),
            figure(one.apart) if one.apart else None,
        ]
        for one in sorted(funnel.combined, key=lambda one: -one.contacted)
    ]


def channels_words(one: Combined) -> Label:
    """Both channels of a combination."""
    first, second = (CHANNEL_LABELS[channel] for channel in one.channels)
    return Label(f"{first.en} + {second.en}", f"{first.zh} + {second.zh}")


CONDITION_COLUMNS: tuple[Text, ...] = (
    Message("Channel"),
    Message("Step"),
    Message("By"),
    Message("Which"),
    Message("Chance (95 %)"),
    Message("Records"),
    Message("On the whole"),
)


def condition_rows(funnel: Funnel) -> list[list[TableCell]]:
    """A row a level: of hours and attempts all in order, of agents and scripts the best and the weakest."""
    return [
        [
            CHANNEL_LABELS[one.channel],
            covers_words(one.covers),
            one.factor.label,
            level_words(one.factor, level.name),
            figure(level.estimate),
            level.estimate.n,
            percent(one.usual),
        ]
        for one in funnel.conditions
        for level in told_levels(one)
    ]


def told_levels(one: Condition) -> list[Level]:
    """All levels of an hour or number in order; of others the `MOST_LEVELS` best and weakest."""
    if one.factor in (Factor.HOUR, Factor.EARLIER):
        return list(one.levels)
    found = sorted(one.levels, key=lambda level: -level.estimate.value)
    return found if len(found) <= 2 * MOST_LEVELS else [*found[:MOST_LEVELS], *found[-MOST_LEVELS:]]


def level_words(factor: Factor, name: str) -> Text:
    """A level as people read it."""
    match factor:
        case Factor.HOUR:
            return f"{name}:00"
        case Factor.EARLIER:
            return f"{name}+" if int(name) == MOST_EARLIER else name
        case _:
            return name


def _conditions(funnel: Funnel) -> list[Message]:
    """The best hour, and how far agents and scripts differ, where it is shown."""
    found = []
    for one in funnel.conditions:
        best = max(one.levels, key=lambda level: level.estimate.low, default=None)
        if best is None or best.estimate.low <= one.usual:
            continue
        of = {"channel": CHANNEL_LABELS[one.channel], "step": covers_words(one.covers)}
        figures = {"chance": range_words(best.estimate), "usual": percent(one.usual)}
        records = f"{best.estimate.n:,}"
        if one.factor is Factor.HOUR:
            found.append(
                Message(
                    "{channel}: the best hour begins at {hour}. {step}: {chance}, {usual} on the whole "
                    "({records} records).",
                    hour=level_words(one.factor, best.name),
                    records=records,
                    **of,
                    **figures,
                )
            )
        elif one.factor is Factor.AGENT:
            found.append(
                Message(
                    "{channel}: agents differ beyond the lists they were given. {step}: with {agent} {chance}, {usual} "
                    "on the whole; one standard deviation among {n} agents multiplies the odds by {times:.2f} "
                    "({low:.2f} to {high:.2f}).",
                    agent=best.name,
                    n=one.spread.n,
                    times=exp(one.spread.value),
                    low=exp(one.spread.low),
                    high=exp(one.spread.high),
                    **of,
                    **figures,
                )
            )
        elif one.factor is Factor.SCRIPT:
            found.append(
                Message(
                    "{channel}: the script {script} does best. {step}: {chance}, {usual} on the whole "
                    "({records} records).",
                    script=best.name,
                    records=records,
                    **of,
                    **figures,
                )
            )
    return found


def ranked(effects: Sequence[Effect]) -> list[Effect]:
    """The greatest first."""
    return sorted(effects, key=lambda one: -one.estimate.value)


def overlap_words(one: Effect) -> list[Message]:
    """What the picture of an effect's overlap shows, and what lies beyond comparison; nothing where none was kept."""
    if one.overlap is None or one.beyond is None:
        return []
    contacted, alone = map(sum, one.overlap)
    found = Message(
        "{channel}, {group}: {contacted} people contacted beside {alone} left alone. They are comparable where both "
        "colours stand side by side.",
        channel=CHANNEL_LABELS[one.channel],
        group=group_words(one.group),
        contacted=f"{contacted:,}",
        alone=f"{alone:,}",
    )
    if not one.beyond:
        return [found, Message("Nobody of the contacted lies beyond comparison.")]
    beyond = Message(
        "{share} of the contacted lie beyond comparison: hardly anybody so likely to be contacted was left alone.",
        share=percent(one.beyond),
    )
    return [found, beyond]


def decisions(funnel: Funnel) -> list[Message]:
    """What to use, what not, and what to test first."""
    found = [_use(funnel)]
    harmful = [one for one in funnel.effects if one.speaker is not Speaker.ASSUMED and one.estimate.high < 0]
    found += [
        Message(
            "Do not use {channel} with the group {group}: comparable people left alone ordered oftener.",
            channel=CHANNEL_LABELS[one.channel],
            group=group_words(one.group),
        )
        for one in harmful
    ]
    return [*found, *_together(funnel), *_conditions(funnel), _test(funnel)]


def _together(funnel: Funnel) -> list[Message]:
    """Where contacting through both channels is shown to win less than the channels would apart."""
    return [
        Message(
            "Do not add up {channels} with the group {group}: of 1,000 people contacted through both, {value:.1f} more "
            "({low:.1f} to {high:.1f}) order from the second contact on, {apart:.1f} if each did as by itself.",
            channels=channels_words(one),
            group=group_words(one.group),
            value=one.estimate.value * 1000,
            low=one.estimate.low * 1000,
            high=one.estimate.high * 1000,
            apart=one.apart.value * 1000,
        )
        for one in funnel.combined
        if one.apart is not None and one.estimate.high < one.apart.value
    ]


def _use(funnel: Funnel) -> Message:
    proven = [
        one for one in ranked(funnel.effects) if one.speaker is not Speaker.ASSUMED and one.estimate.low > 0
    ]
    if proven:
        best = proven[0]
        return Message(
            "Use {channel} with the group {group} first: 1,000 contacts add {value:.1f} orders ({low:.1f} to "
            "{high:.1f}), {speaker}.",
            channel=CHANNEL_LABELS[best.channel],
            group=group_words(best.group),
            value=best.estimate.value * 1000,
            low=best.estimate.low * 1000,
            high=best.estimate.high * 1000,
            speaker=best.speaker.label,
        )
    best = ranked(funnel.effects)[0]
    return Message(
        "No channel is shown to add orders yet. The most is expected of {channel} with the group {group}: {value:.1f} "
        "orders ({low:.1f} to {high:.1f}) through its steps from 1,000 contacts, some of which would come anyway.",
        channel=CHANNEL_LABELS[best.channel],
        group=group_words(best.group),
        value=best.process.value * 1000,
        low=best.process.low * 1000,
        high=best.process.high * 1000,
    )


def _test(funnel: Funnel) -> Message:
    """The step whose interval moves its cell's orders most."""
    cell, step = max(
        ((cell, step) for cell in funnel.cells for step in cell.steps),
        key=lambda pair: (
            pair[0].ordered.value * (pair[1].estimate.high - pair[1].estimate.low) / pair[1].estimate.value
        ),
    )
    return Message(
        "Test first: {step} at {cell}. It lies between {low} and {high}, rests on {source}, {records} records, "
        "and moves the expected orders most.",
        step=step_words(step),
        cell=cell_words(cell),
        low=percent(step.estimate.low),
        high=percent(step.estimate.high),
        source=step.source.label,
        records=f"{step.estimate.n:,}",
    )


def warnings(funnel: Funnel) -> list[Message]:
    """What makes the figures doubtful."""
    found = []
    if not funnel.question.model:
        found.append(
            Message(
                "No model was named: contacts are not told apart by group, and not compared with people left "
                "alone. Name one with `--model`."
            )
        )
    found += [
        Message(
            "{channel}, {group}: {share:.0%} of the contacted have nobody comparable who was left alone; "
            "nothing is said of them.",
            channel=CHANNEL_LABELS[one.channel],
            group=group_words(one.group),
            share=one.beyond,
        )
        for one in funnel.effects
        if one.beyond is not None and one.beyond > BEYOND
    ]
    if all(cell.source is Source.BELIEF for cell in funnel.cells):
        found.append(Message("Every whole funnel still holds an assumption: none is learnt from end to end."))
    return found
