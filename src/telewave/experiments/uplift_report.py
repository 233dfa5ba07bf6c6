"""A study of uplift on the terminal, and the headings of the list of whom to contact first."""

from __future__ import annotations

from telewave.experiments.uplift_study import UpliftStudy
from telewave.experiments.uplift_words import (
    NAMES,
    area_figure,
    beside_response,
    notes,
    put_off_words,
    relative_figure,
    share_figure,
    verdict_words,
    whole_words,
)
from telewave.kernel import Conflict, Figure, Label, Message
from telewave.platform.terminal import Session, TableCell, Text

HEADERS = (Label("Place", "名次"), Label("Expected effect", "预期增量"))


class NoTargetsByEffect(Conflict):
    """The list {path} was not written: this experiment does not show that choosing by effect is
    better than by lot, and than by response. Contact all if that pays, choose by lot, or rank by
    response with telewave train and telewave score.
    """

    code = "no_targets_by_effect"


def show_study(session: Session, study: UpliftStudy) -> None:
    """What contacting all did, the rankings, what follows."""
    session.say(whole_words(study))
    session.table(
        Message("Rankings of {rows:,} people", rows=study.rows), ranking_columns(study), ranking_rows(study)
    )
    if study.chosen.brought:
        session.table(Message("What the top of the list brings"), depth_columns(), depth_rows(study))
    session.say(verdict_words(study), style="green" if study.justified else "yellow")
    if study.justified:
        session.say(beside_response(study))
    session.say(put_off_words(study))
    for note in notes(study):
        session.say(note)


def ranking_columns(study: UpliftStudy) -> list[Text]:
    """Headings of the table of rankings."""
    area = (
        Message("More than by lot, points on average")
        if study.rate
        else Message("More than by lot, on average")
    )
    return [Message("Ranking"), Message("Relative Qini"), area]


def ranking_rows(study: UpliftStudy) -> list[list[TableCell]]:
    """The deciding learner first, then the others, response, and lot."""
    found: list[list[TableCell]] = [
        [
            Message("{name}, decides", name=NAMES[one.name]) if one is study.chosen else NAMES[one.name],
            relative_figure(one.relative),
            area_figure(one, study.rate),
        ]
        for one in study.judged.rankings
    ]
    return [*found, [Message("By lot"), Figure(0.0, "0"), Figure(0.0, "0")]]


def depth_columns() -> list[Text]:
    """Headings of the table of depths."""
    return [Message("Contacted"), Message("Brings of the whole effect"), Message("By lot")]


def depth_rows(study: UpliftStudy) -> list[list[TableCell]]:
    """A row a depth of the deciding list."""
    return [
        [Figure.of(depth, ".0%"), share_figure(share), Figure.of(depth, ".0%")]
        for depth, share in study.chosen.brought
    ]
