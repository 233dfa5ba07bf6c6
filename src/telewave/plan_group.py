"""The commands `telewave plan`; what of a campaign went out, its contact ledger says. Assembly only."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from telewave.planning.commands import register_plan

if TYPE_CHECKING:
    import typer

    from telewave.platform.database import Database
    from telewave.scheduling.carried_out import LetGo


def let_go(database: Database, campaign: str, end: date) -> LetGo:
    """The contacts of the campaign that went out for days before `end`, by its ledger."""
    from telewave.contacts.out_store import steps_out

    return steps_out(database, campaign, end)


def register(app: typer.Typer) -> None:
    """Add the group of commands to `app`."""
    register_plan(app, let_go)
