"""A rehearsal on the terminal, and for a script."""

from __future__ import annotations

from typing import Any

from telewave.kernel import Estimate, Message
from telewave.platform.terminal import Session
from telewave.rehearsal.model import Stage
from telewave.rehearsal.summary import Rehearsal, Rehearsed
from telewave.rehearsal.words import (
    CHANNEL_COLUMNS,
    NOT_REAL,
    RESOURCE_COLUMNS,
    WAVE_COLUMNS,
    channel_rows,
    days_of,
    headline,
    resource_rows,
    waiting,
    warnings,
    wave_rows,
)


def show_rehearsal(session: Session, rehearsal: Rehearsal) -> None:
    """What it brings and needs, warnings, channels, waves, resources; in JSON the days too."""
    found = rehearsal.found
    session.say(NOT_REAL, style="yellow")
    for k, sentence in enumerate(headline(rehearsal)):
        session.say(sentence, style="" if k else "bold")
    for warning in warnings(found):
        session.say(warning, style="yellow")
    session.table(Message("Volumes by channel"), CHANNEL_COLUMNS, channel_rows(found))
    session.table(Message("Volumes by wave"), WAVE_COLUMNS, wave_rows(found))
    session.table(Message("Who is busy"), RESOURCE_COLUMNS, resource_rows(found))
    for sentence in waiting(found):
        session.say(sentence)
    told = {"rehearsed": found, "as_planned": rehearsal.planned}
    session.attach("rehearsal", {name: one and object_of(one) for name, one in told.items()})


def object_of(found: Rehearsed) -> dict[str, Any]:
    """What a script is told."""
    short = found.bottleneck
    return {
        "campaign": found.script.campaign,
        "plan": found.script.plan,
        "draws": found.draws,
        "bottleneck": None if short is None else short.name,
        "active": _ends(found.total[Stage.ACTIVE]),
        "profit": _ends(found.profit),
        "spent": _ends(found.spent),
        "breaks_even_at": found.even_at,
        "days": [
            {
                "day": day.isoformat(),
                "contacts": float(found.contacts[k]),
                **dict(zip(("active", "low", "high"), (float(one) for one in found.days[:, k]), strict=True)),
            }
            for k, day in enumerate(days_of(found))
        ],
        "resources": {
            one.name: {
                "at_work": one.servers,
                "needed": one.needed,
                "busy": one.busy,
                "late": one.late,
                "never_done": one.lost,
            }
            for one in found.resources
        },
        "wait_minutes": found.wait_minutes,
    }


def _ends(one: Estimate) -> dict[str, float]:
    return {"value": one.value, "low": one.low, "high": one.high}
