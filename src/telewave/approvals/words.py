"""The history of a campaign in rows that terminal and console show alike. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from telewave.approvals.approval import SHOWN_DIGITS
from telewave.approvals.model import Dossier, Entry
from telewave.kernel import Label, Message
from telewave.platform.answer import TableCell

HISTORY_COLUMNS = (
    Message("When"),
    Message("Who"),
    Message("Version"),
    Message("From"),
    Message("To"),
    Message("Hash"),
    Message("Reason or remark"),
)


def history_rows(dossier: Dossier, local: Callable[[datetime], datetime]) -> list[tuple[TableCell, ...]]:
    """A line for each step, oldest first; `local`: an instant as local time."""
    return [_row(entry, local) for entry in dossier.entries]


def _row(entry: Entry, local: Callable[[datetime], datetime]) -> tuple[TableCell, ...]:
    note: Message | Label | str = entry.note
    if entry.replaced_by is not None:
        note = Message("replaced by version {number}", number=entry.replaced_by)
    return (
        local(entry.at),
        entry.person,
        entry.number,
        None if entry.from_state is None else entry.from_state.label,
        entry.to_state.label,
        entry.digest[:SHOWN_DIGITS],
        note,
    )
