"""The log of deliveries beside the manifests: brought up to them, and what it knows that the warehouse lost."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

from telewave.platform.database import Database
from telewave.platform.warehouse import Warehouse
from telewave.records import store
from telewave.records.contracts import CONTRACTS


def lost_deliveries(warehouse: Warehouse, database: Database) -> list[tuple[str, str]]:
    """Table and name of the deliveries that are on record and that the warehouse does not have. Raises `ManifestSpoilt`, `ManifestLost`."""
    logged = {(entry.table, entry.name) for entry in store.latest_deliveries(database) if entry.accepted}
    present = {
        (table, name)
        for table in {table for table, _ in logged}
        for name in warehouse.manifest(table).facts.get("deliveries", {})
    }
    return sorted((table, name) for table, name in logged - present if table in CONTRACTS)


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
        table,
        name,
        _version(entry),
        date.fromisoformat(entry["ingested_on"]),
        entry["accepted"],
        entry["repaired"],
        {(reason, column): rows for reason, column, rows in entry["refused"]},
        days[0] if days else None,
        days[-1] if days else None,
    )
