"""A campaign's ledger in rows that terminal and console show alike."""

from __future__ import annotations

from telewave.approvals.usecases import find
from telewave.contacts.ledger import Disposition, Standing
from telewave.contacts.reasons import FallsOut
from telewave.contacts.standings import standings
from telewave.kernel import Figure, Label, Message
from telewave.planning.plans import plan_called
from telewave.platform.answer import TableCell
from telewave.platform.database import Database

LEDGER_COLUMNS = (
    Message("Day"),
    Message("Channel"),
    Message("State"),
    Message("Outcome or reason"),
    Message("Contacts"),
)


def ledger_caption(name: str) -> Message:
    """What the table shows."""
    return Message("Contact ledger of the campaign {name}", name=name)


def ledger_rows(database: Database, name: str) -> list[tuple[TableCell, ...]]:
    """A line for each day, channel, state and what became of it. Raises `NoSuchCampaign`."""
    find(database, name)
    found = standings(database, name)
    plans = {digest: plan_called(database, digest).content for digest in {one["plan"] for one in found}}
    rows: list[tuple[TableCell, ...]] = []
    for one in found:
        state = Standing(one["state"])
        what = Disposition(one["disposition"]) if one["disposition"] else None
        why = FallsOut(one["reason"]) if one["reason"] else None
        meant = what or why
        told = Figure(meant.value, meant.label) if meant else ""
        channel = one["channel"]
        called = Figure(channel, Label(**plans[one["plan"]]["channels"][channel]["name"]))
        rows.append((one["day"], called, Figure(state.value, state.label), told, one["contacts"]))
    return rows
