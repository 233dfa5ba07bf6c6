"""The log of deliveries beside the manifests: brought up to them, and what it knows that the warehouse lost."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any

from telewave.platform.database import Database
from telewave.platform.warehouse import Warehouse
from telewave.records import store
from telewave.records.contracts import CONTRACTS, SUBSCRIBERS


def lost_deliveries(warehouse: Warehouse, database: Database) -> list[tuple[str, str]]:
    """Table and name of the deliveries that are on record and that the warehouse does not
    have. Raises `ManifestSpoilt`, `ManifestLost`.
    """
    logged = {(entry.table, entry.name) for entry in store.latest_deliveries(database) if entry.accepted}
    present = {
        (table, name)
        for table in {table for table, _ in logged}
        for name in warehouse.manifest(table).facts.get("deliveries", {})
    }
    return sorted((table, name) for table, name in logged - present if table in CONTRACTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbering:
    """What is left of who has which number. `next_known`: whether it is on record which number comes next; `lost`:
    numbers that were given, and of which the database no longer knows whose they are.
    """

    next_known: bool
    lost: int


def numbering_left(warehouse: Warehouse, database: Database) -> Numbering:
    """Compare the numbers that were given with those that the database knows. Raises `ManifestSpoilt`,
    `ManifestLost`.
    """
    following, after, known = store.given_and_known(database)
    seen = warehouse.manifest(SUBSCRIBERS.name).facts.get("next_number", 0)
    return Numbering(next_known=following is not None, lost=max(following or 0, after, seen) - known)


def reveals_without_names(database: Database) -> int:
    """How many reveals are on record of which it is no longer known whose numbers they were."""
    return store.reveals_without_names(database)


def log_what_is_in(warehouse: Warehouse, database: Database, table: str) -> None:
    """Bring the log up to the manifest: what a process killed between the two left out is added."""
    with warehouse.locked(table):  # two processes would log the same twice
        facts = warehouse.manifest(table).facts.get("deliveries", {})
        logged = store.latest_digests(database, table)
        behind = [
            _entry(table, name, entry) for name, entry in facts.items() if logged.get(name) != _version(entry)
        ]
        store.log(database, behind)


def _version(entry: dict[str, Any]) -> str:
    """What tells one outcome of a delivery from another."""
    text = f"{entry['digest']} {entry['accepted']} {entry['refused']}"
    return hashlib.sha256(text.encode()).hexdigest()


def _entry(table: str, name: str, entry: dict[str, Any]) -> store.Delivery:
    days = sorted(entry["days"])
    return store.Delivery(
        table=table,
        name=name,
        digest=_version(entry),
        ingested_on=date.fromisoformat(entry["ingested_on"]),
        accepted=entry["accepted"],
        repaired=entry["repaired"],
        refused={(reason, column): rows for reason, column, rows in entry["refused"]},
        first_day=days[0] if days else None,
        last_day=days[-1] if days else None,
    )
