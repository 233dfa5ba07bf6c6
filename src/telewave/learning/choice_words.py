"""What changed between two versions of a choice model. Pure."""

from __future__ import annotations

from telewave.choice.model import ChoiceModel
from telewave.kernel import Estimate, Figure, Message
from telewave.platform.answer import TableCell, Text

CHANGE_COLUMNS: tuple[Text, ...] = (
    Message("Term"),
    Message("Unit"),
    Message("In use (95 %)"),
    Message("Learnt anew (95 %)"),
)


def change_rows(champion: ChoiceModel, challenger: ChoiceModel) -> list[list[TableCell]]:
    """A row a term whose common weight both versions tell, of the log odds."""
    before = {term.id: weight for term, weight in zip(champion.terms, champion.weights, strict=True)}
    return [
        [term.name, term.unit, _figure(before[term.id]), _figure(weight)]
        for term, weight in zip(challenger.terms, challenger.weights, strict=True)
        if term.id in before
    ]


def _figure(one: Estimate) -> Figure:
    ends = Message(
        "{value} ({low} to {high})", value=f"{one.value:.3f}", low=f"{one.low:.3f}", high=f"{one.high:.3f}"
    )
    return Figure(one, ends)
