"""Entries of the audit log in rows that terminal and console show alike. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from telewave.audit.model import ACTIONS, Action, Entry
from telewave.kernel import Message
from telewave.platform.answer import TableCell

DIGITS = 12
"""Shown of a hash."""
AUDIT_TITLE = Message("Who did what, the newest first")
AUDIT_COLUMNS = (
    Message("Entry"),
    Message("When"),
    Message("Who"),
    Message("Did"),
    Message("About"),
    Message("Details"),
)
_KNOWN = {one.value for one in Action}


def audit_row(entry: Entry, local: Callable[[datetime], datetime]) -> tuple[TableCell, ...]:
    """A line of the log; `local`: an instant as local time."""
    did = ACTIONS[Action(entry.action)] if entry.action in _KNOWN else entry.action
    facts = [f"{name} {_short(value)}" for name, value in entry.facts.items() if value != ""]
    when = f"{local(entry.at):%Y-%m-%d %H:%M:%S}"
    return entry.sequence, when, entry.person, did, entry.about, ", ".join(facts)


def _short(value: str | int) -> str:
    text = str(value)
    return text[:DIGITS] if len(text) == 64 else text
