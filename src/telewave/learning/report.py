"""A comparison on the terminal."""

from __future__ import annotations

from telewave.kernel import Message
from telewave.learning.document import to_json
from telewave.learning.usecases import Compared, History
from telewave.learning.words import (
    CHANGE_COLUMNS,
    SCORE_COLUMNS,
    USE_COLUMNS,
    VERSION_COLUMNS,
    change_rows,
    headline,
    score_rows,
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
    if rows := change_rows(found.champion, found.challenger):
        session.table(Message("What changed"), CHANGE_COLUMNS, rows)
    session.attach("refit", to_json(found.refit))


def show_history(session: Session, found: History) -> None:
    """All versions with their states, and who put which to use."""
    rows = version_rows(found.versions, found.refits, found.uses, found.used)
    session.table(Message("Versions of the funnel {name}", name=found.name), VERSION_COLUMNS, rows)
    if found.uses:
        session.table(Message("What was put to use"), USE_COLUMNS, use_rows(found.uses))
