"""The steps of a funnel as later contacts judge them, and what changed between two versions. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from telewave.funnel.model import Cell, Funnel
from telewave.funnel.steps import CHANNEL_LABELS
from telewave.funnel.wording import covers_words, figure, group_words, percent, step_words
from telewave.kernel import Figure, Label, Message
from telewave.learning.model import Judged, StepScore
from telewave.platform.answer import TableCell, Text


def most_telling(judged: Judged) -> Message:
    """The step that weighs most, in plain figures."""
    one = max(judged.steps, key=lambda step: abs(step.gain) * step.n)
    return Message(
        "It shows most at {channel}, {step}: {took} really did; the one in use had predicted {champion}, the one "
        "learnt anew {challenger}.",
        channel=CHANNEL_LABELS[one.channel],
        step=covers_words(one.covers),
        took=percent(one.took),
        champion=percent(one.champion),
        challenger=percent(one.challenger),
    )


SCORE_COLUMNS: tuple[Text, ...] = (
    Message("Channel"),
    Message("Step"),
    Message("Later contacts that could take it"),
    Message("Took it"),
    Message("Predicted by the one in use"),
    Message("Predicted by the one learnt anew"),
    Message("Brier, in use"),
    Message("Brier, learnt anew"),
    Message("Log loss less by"),
)


def score_rows(judged: Judged) -> list[list[TableCell]]:
    """A row a step that later contacts tell of."""
    return [_score(one) for one in judged.steps]


def _score(one: StepScore) -> list[TableCell]:
    return [
        CHANNEL_LABELS[one.channel],
        covers_words(one.covers),
        one.n,
        Figure(one.took, percent(one.took)),
        Figure(one.champion, percent(one.champion)),
        Figure(one.challenger, percent(one.challenger)),
        Figure(one.champion_brier, f"{one.champion_brier:.4f}"),
        Figure(one.challenger_brier, f"{one.challenger_brier:.4f}"),
        Figure(one.gain, f"{one.gain:+.4f}"),
    ]


CHANGE_COLUMNS: tuple[Text, ...] = (
    Message("Channel"),
    Message("Group"),
    Message("Offer"),
    Message("Step"),
    Message("In use (95 %)"),
    Message("Learnt anew (95 %)"),
    Message("Records before"),
    Message("Records now"),
)


def change_rows(champion: Funnel, challenger: Funnel) -> list[list[TableCell]]:
    """A row a step of every cell with contacts in either version, where both tell the same steps together."""
    before = {_key(one): one for one in champion.cells}
    pairs = [(before[_key(one)], one) for one in challenger.cells if _key(one) in before]
    return [row for was, now in pairs if was.attempts or now.attempts for row in _changes(was, now)]


def _key(cell: Cell) -> tuple[str, str, str]:
    return cell.channel, cell.group, cell.offer


def _changes(was: Cell, now: Cell) -> Iterator[list[TableCell]]:
    old = {one.covers: one for one in was.steps}
    for step in now.steps:
        if step.covers in old:
            yield [
                CHANNEL_LABELS[now.channel],
                group_words(now.group),
                now.offer or Label("any", "任意"),
                step_words(step),
                figure(old[step.covers].estimate),
                figure(step.estimate),
                old[step.covers].estimate.n,
                step.estimate.n,
            ]
