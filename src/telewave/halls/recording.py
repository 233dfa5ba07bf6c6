"""What happened in halls, as records: read from reservations' logs and the ledger."""

from __future__ import annotations

from datetime import date, datetime, time, tzinfo

from telewave.contacts.beyond_plan import Occasion
from telewave.contacts.origins import offers_of
from telewave.contacts.out_store import answered_beyond_plan, contacts_named
from telewave.halls import store
from telewave.halls.hall_records import HallCounts, Recorded, recorded_visits
from telewave.platform.database import Database
from telewave.platform.warehouse import Warehouse


def happened(warehouse: Warehouse, database: Database, since: date, zone: tzinfo) -> list[Recorded]:
    """Visits, and offers to who came for something else, from the start of the day `since`; in order of time.

    Raises `PlanChanged`.
    """
    start = datetime.combine(since, time(), zone)
    with database.transaction() as connection:
        found = recorded_visits(store.arrivals(connection), start)
        shown = answered_beyond_plan(connection, Occasion.POP_UP.value, start)
        named = {
            number: origin
            for campaign in sorted({one.campaign for one in shown})
            for number, origin in contacts_named(
                connection, campaign, [one.contact for one in shown if one.campaign == campaign]
            ).items()
        }
    offers = offers_of(warehouse, database, named)
    found += [
        Recorded(
            subscriber=one.subscriber,
            at=one.at,
            offer=offers[one.contact][0],
            disposition=one.disposition,
            reference="",
        )
        for one in shown
        if one.disposition in TOLD
    ]
    return sorted(found, key=lambda one: (one.at, one.subscriber))


def by_hall(database: Database, campaign: str, before: datetime | None = None) -> list[HallCounts]:
    """Each hall with reservations of the campaign, by name, as it stood `before` an instant (None: now)."""
    with database.transaction() as connection:
        return store.by_hall(connection, campaign, before)


TOLD = ("ordered", "willing", "refused", "visited")
"""Dispositions that the contract of contacts knows; an objection to everything is the ledger's own affair."""
