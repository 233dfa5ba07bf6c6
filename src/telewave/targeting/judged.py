"""How well the ranking did on periods that it had not seen: each measure with its meaning in plain words. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from telewave.kernel import Estimate, Inconclusive, Message
from telewave.models.model import ModelCard


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One measure of quality: its name, what it means in plain words, refreshed and trained once (None: not judged
    so).
    """

    name: Message | str
    meaning: Message
    refreshed: Estimate | Inconclusive
    trained_once: Estimate | Inconclusive | None
    in_percent: bool = False


def measures(card: ModelCard) -> tuple[Measure, ...]:
    """Every measure of quality with its meaning in plain words."""
    new, old = card.validation.refreshed, card.validation.trained_once
    return (
        Measure(
            name=Message("Takers in the best half of the list"),
            meaning=Message(
                "Share of all takers found when only the better half of the list is contacted. At random: 50%."
            ),
            refreshed=new.gain_best_half,
            trained_once=old.gain_best_half if old else None,
            in_percent=True,
        ),
        Measure(
            name=Message("Lift of the best tenth"),
            meaning=Message(
                "How many times as many takers the best tenth of the list holds as a random tenth. At random: 1."
            ),
            refreshed=new.lift_best_tenth,
            trained_once=old.lift_best_tenth if old else None,
        ),
        Measure(
            name="AUC",
            meaning=Message(
                "Chance that a taker stands higher in the list than a non-taker. At random: 0.5; perfect: 1."
            ),
            refreshed=new.auc,
            trained_once=old.auc if old else None,
        ),
        Measure(
            name=Message("Average precision"),
            meaning=Message(
                "Mean share of takers from the top of the list down to each taker. At random: the overall rate."
            ),
            refreshed=new.average_precision,
            trained_once=old.average_precision if old else None,
        ),
        Measure(
            name=Message("Brier score"),
            meaning=Message("Mean squared distance between probability and outcome. The smaller the better."),
            refreshed=new.brier,
            trained_once=old.brier if old else None,
        ),
    )
