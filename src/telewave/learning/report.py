"""A comparison on the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from telewave.kernel import Message
from telewave.learning.document import to_json
from telewave.learning.funnel_words import SCORE_COLUMNS, score_rows
from telewave.learning.overview import OVERVIEW_COLUMNS, History, overview_headline, overview_rows
from telewave.learning.usecases import Compared
from telewave.learning.words import (
    USE_COLUMNS,
    VERSION_COLUMNS,
    headline,
    part_columns,
    part_rows,
    use_rows,
    version_rows,
)
from telewave.platform.terminal import Session


def show_compared(session: Session, found: Compared) -> None:
    """The verdict, the steps as judged, what changed; in JSON the whole document too."""
    for place, sentence in enumerate(headline(found.refit)):
        session.say(sentence, style="" if place else "bold")
    if found.refit.judged.steps:
        session.table(
            Message("The steps, as later contacts judge them"), SCORE_COLUMNS, score_rows(found.refit.judged)
        )
    if found.refit.judged.parts:
        judged = found.refit.judged
        session.table(Message("As later records judge them"), part_columns(judged), part_rows(judged))
    if found.changes.rows:
        session.table(Message("What changed"), found.changes.columns, found.changes.rows)
    session.attach("refit", to_json(found.refit))


def show_overview(session: Session, found: Sequence[History]) -> None:
    """Everything that plans rest on, a row each."""
    session.say(overview_headline(found), style="bold")
    if found:
        session.table(Message("What plans rest on"), OVERVIEW_COLUMNS, overview_rows(found))


def show_history(session: Session, found: History) -> None:
    """All versions with their states, and who put which to use."""
    rows = version_rows(found.versions, found.refits, found.uses, found.used)
    session.table(
        Message("Versions of the {kind} {name}", kind=found.sort.nouns.kind, name=found.name),
        VERSION_COLUMNS,
        rows,
    )
    if found.uses:
        session.table(Message("What was put to use"), USE_COLUMNS, use_rows(found.uses))
