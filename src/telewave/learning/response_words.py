"""What changed between two versions of a response model. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from telewave.kernel import Figure, Message
from telewave.models.model import ModelCard
from telewave.platform.answer import TableCell, Text
from telewave.targeting.sentences import percent

MOST = 15
CHANGE_COLUMNS: tuple[Text, ...] = (
    Message("Variable"),
    Message("Share of what it explains, in use"),
    Message("Share of what it explains, learnt anew"),
)


def change_rows(champion: ModelCard, challenger: ModelCard) -> list[list[TableCell]]:
    """A row a variable, those that matter most to either first."""
    shares = [
        {one.variable.name: (one.variable.label, one.share) for one in card.contributions}
        for card in (champion, challenger)
    ]
    names = {**shares[1], **shares[0]}
    order = sorted(names, key=lambda name: (-max(one.get(name, ("", 0.0))[1] for one in shares), name))
    return [[names[name][0], *(_share(one, name) for one in shares)] for name in order[:MOST]]


def _share(shares: Mapping[str, tuple[Text, float]], name: str) -> TableCell:
    return Figure(shares[name][1], percent(shares[name][1])) if name in shares else None
