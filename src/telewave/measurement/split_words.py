"""Halls and scripts of a measured campaign in words. Pure."""

from __future__ import annotations

from telewave.kernel import Estimate, Figure, Message
from telewave.kernel.intervals import wilson
from telewave.measurement.model import Measured
from telewave.measurement.script_arms import WRONG, ArmVerdict
from telewave.platform.answer import TableCell
from telewave.targeting.sentences import percent

HALL_TITLE = Message("From reservation to order, by hall")
HALL_COLUMNS = (
    Message("Hall"),
    Message("Reservations"),
    Message("Came"),
    Message("Ordered there"),
    Message("Of the reservations came (95 %)"),
)
ARM_TITLE = Message("Scripts as arms")
SCRIPT_COLUMNS = (
    Message("Script"),
    Message("Reached"),
    Message("Willing"),
    Message("Expected at the level of all"),
    Message("Of the reached willing (95 %)"),
    Message("Chance of such a difference (Holm)"),
    Message("Verdict"),
)
FEWEST_RESERVATIONS = 10
"""With fewer no share of those who came is told."""
FEW = Message("too few to tell")


def hall_rows(found: Measured) -> list[list[TableCell]]:
    """A row a hall."""
    return [
        [
            one.hall,
            one.made,
            one.came,
            one.ordered,
            _interval(wilson(one.came, one.made)) if one.made >= FEWEST_RESERVATIONS else Figure(None, FEW),
        ]
        for one in found.halls
    ]


def script_rows(found: Measured) -> list[list[TableCell]]:
    """A row a script, the one with the greatest share first."""
    return [
        [
            one.name,
            one.reached,
            one.willing,
            Figure.of(one.expected, ",.1f"),
            _interval(one.share),
            Figure(one.chance, FEW if one.chance is None else percent(one.chance)),
            Figure(one.verdict.value, one.verdict.label),
        ]
        for one in found.scripts
    ]


def script_words(found: Measured) -> list[Message]:
    """Which script to use, and what that rests on; nothing where no call says its script."""
    if not found.scripts:
        return []
    better, worse = (
        [one.name for one in found.scripts if one.verdict is verdict]
        for verdict in (ArmVerdict.BETTER, ArmVerdict.WORSE)
    )
    told = []
    if better:
        told.append(
            Message(
                "Use {names} more: of those who answer, more become willing than with the others.",
                names=better,
            )
        )
    if worse:
        told.append(
            Message(
                "Use {names} less: of those who answer, fewer become willing than with the others.",
                names=worse,
            )
        )
    if not told:
        told.append(
            Message("No script is known to be better or worse than the others yet: let the lot choose on.")
        )
    return [*told, script_how()]


def script_how() -> Message:
    """What the verdicts promise."""
    return Message(
        "Scripts are compared within each day and target group; corrected by Holm for their number, a verdict is wrong "
        "in at most {share:.0%} of campaigns, however often one looks. Where the script was not drawn by lot, the "
        "difference may be that of the customers.",
        share=WRONG,
    )


def _interval(one: Estimate) -> Figure:
    return Figure(one, f"{one.value:.1%} ({one.low:.1%}–{one.high:.1%})")
