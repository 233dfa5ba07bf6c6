"""The target groups on the terminal."""

from __future__ import annotations

from telewave.kernel import Figure, Message
from telewave.platform.terminal import Session, TableCell
from telewave.targeting.plan import Group
from telewave.targeting.sentences import ROWS, SUBSCRIBERS, capacity_sentence, cutoff_sentence, percent
from telewave.targeting.usecases import Grouped


def show_groups(session: Session, made: Grouped) -> None:
    """One line a group: size, probabilities, capacity, and where it ends."""
    outside = made.as_of is None
    columns = (
        Message("Group"),
        Message("Number of rows") if outside else Message("Subscribers"),
        Message("Probability"),
        Message("Capacity"),
        Message("Where it ends"),
    )
    rows: list[list[TableCell]] = []
    for name in Group:
        cutoff = made.cutoffs[name]
        lowest, highest = cutoff.lowest, cutoff.highest
        span = "–" if lowest is None or highest is None else f"{percent(lowest)}–{percent(highest)}"
        limit = capacity_sentence(made.plan.treatment(name).capacity)
        rows.append(
            [
                name.label,
                cutoff.size,
                Figure({"low": lowest, "high": highest}, span),
                limit,
                cutoff_sentence(cutoff, ROWS if outside else SUBSCRIBERS),
            ]
        )
    session.table(Message("Target groups"), columns, rows)
