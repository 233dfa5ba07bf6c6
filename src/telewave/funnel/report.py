"""A learnt funnel on the terminal."""

from __future__ import annotations

from telewave.funnel.document import to_json
from telewave.funnel.model import Funnel
from telewave.funnel.willing_words import TENTH_COLUMNS, TRAIT_COLUMNS, tenth_rows, trait_rows, verdict_words
from telewave.funnel.wording import (
    COMBINED_COLUMNS,
    CONDITION_COLUMNS,
    EFFECT_COLUMNS,
    STEP_COLUMNS,
    combined_rows,
    condition_rows,
    decisions,
    effect_rows,
    step_rows,
    warnings,
)
from telewave.kernel import Message
from telewave.platform.terminal import Session


def show_funnel(session: Session, funnel: Funnel) -> None:
    """What it was learnt from, what to decide, effects, and every step; in JSON the whole document too."""
    question = funnel.question
    session.say(
        Message(
            "Learnt from {contacts} contacts from {since} to {as_of}; an order counts within {days} days.",
            contacts=f"{funnel.contacts:,}",
            since=question.since.isoformat(),
            as_of=question.as_of.isoformat(),
            days=question.days,
        )
    )
    for warning in warnings(funnel):
        session.say(warning, style="yellow")
    for sentence in decisions(funnel):
        session.say(sentence)
    session.table(Message("What a contact adds"), EFFECT_COLUMNS, effect_rows(funnel))
    if funnel.combined:
        session.table(Message("Contacted through several channels"), COMBINED_COLUMNS, combined_rows(funnel))
    if funnel.conditions:
        session.table(Message("By hour, agent and script"), CONDITION_COLUMNS, condition_rows(funnel))
    if funnel.willing:
        session.say(verdict_words(funnel.willing))
        session.table(Message("Foretold, and seen"), TENTH_COLUMNS, tenth_rows(funnel.willing))
        session.table(Message("What goes with being willing"), TRAIT_COLUMNS, trait_rows(funnel.willing))
    session.table(Message("The steps of a contact"), STEP_COLUMNS, step_rows(funnel))
    session.attach("funnel", to_json(funnel))
