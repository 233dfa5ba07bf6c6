"""A measured experiment on the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from telewave.experiments.effect_words import (
    adjusted_words,
    conclusions,
    difference_figure,
    level_figure,
    lift_figure,
    notes,
    ratio_words,
)
from telewave.experiments.effects import Comparison, Finding, Kind
from telewave.experiments.measuring import Adjusted, Measured, Measurement
from telewave.kernel import Message
from telewave.platform.terminal import Session, TableCell, Text

STYLES = {Finding.RAISES: "green", Finding.LOWERS: "red", Finding.NOTHING: "yellow"}


def show_measurement(session: Session, measurement: Measurement) -> None:
    """The check of the draw, a table for each outcome, what it says, and how to read it."""
    session.say(ratio_words(measurement))
    for warning in measurement.warnings:
        session.say(warning, style="yellow")
    for outcome in measurement.outcomes:
        show_outcome(session, measurement, outcome)
    for note in notes(measurement):
        session.say(note)
    ratio = measurement.ratio
    session.attach(
        "sample_ratio",
        {
            "arms": list(ratio.arms),
            "counts": list(ratio.counts),
            "expected": list(ratio.shares),
            "p_value": ratio.chance,
        },
    )


def show_outcome(session: Session, measurement: Measurement, outcome: Measured) -> None:
    """Its comparisons, adjusted too where they are, and a sentence on each."""
    title = Message("Outcome {outcome}", outcome=outcome.name)
    session.table(title, columns(measurement, outcome.kind), rows(measurement, outcome, outcome.comparisons))
    if isinstance(outcome.adjusted, Adjusted):
        title = Message(
            "Outcome {outcome}, adjusted by {before}", outcome=outcome.name, before=measurement.before
        )
        adjusted = rows(measurement, outcome, outcome.adjusted.comparisons)
        session.table(title, columns(measurement, outcome.kind), adjusted)
    if (said := adjusted_words(outcome, measurement.before)) is not None:
        session.say(said, style="" if isinstance(outcome.adjusted, Adjusted) else "yellow")
    for warning in outcome.warnings:
        session.say(warning, style="yellow")
    for one, sentence in zip(outcome.deciding, conclusions(measurement, outcome), strict=True):
        session.say(sentence, style=STYLES[one.finding])


def columns(measurement: Measurement, kind: Kind) -> list[Text]:
    """Headings of an outcome's table; the column for all arms together only where there are several."""
    rate = kind is Kind.RATE
    heads: list[Text] = [
        Message("Arm"),
        Message("Rows"),
        Message("Share with it") if rate else Message("Mean"),
    ]
    heads.append(Message("Difference in points (95 %)") if rate else Message("Difference (95 %)"))
    if len(measurement.arms) > 2:
        heads.append(Message("For all arms together"))
    return [*heads, Message("Lift (95 %)")]


def rows(
    measurement: Measurement, outcome: Measured, comparisons: Sequence[Comparison]
) -> list[list[TableCell]]:
    """The control, then each arm against it."""
    several, kind = len(measurement.arms) > 2, outcome.kind
    control = Message("{arm} (control)", arm=measurement.arms[0])
    blank: list[TableCell] = [""] * (3 if several else 2)
    found: list[list[TableCell]] = [
        [control, outcome.rows[0], level_figure(comparisons[0].control, kind), *blank]
    ]
    for count, one in zip(outcome.rows[1:], comparisons, strict=True):
        together = [difference_figure(one.together, kind)] if several else []
        difference = difference_figure(one.difference, kind)
        found.append(
            [one.arm, count, level_figure(one.treated, kind), difference, *together, lift_figure(one.lift)]
        )
    return found
