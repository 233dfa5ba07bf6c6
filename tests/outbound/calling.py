"""A launched campaign of calls, and agents at work on it. Fixtures and steps that the tests of calls share."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from tests.contacts.test_handing_out import FIRST, contact, document, kept, keys, launched, warehouse

from telewave.contacts.claiming import Errand
from telewave.contacts.handing_out import let_go
from telewave.outbound.dispositions import CallResult
from telewave.outbound.model import Given, Outcome
from telewave.outbound.recording import record_call
from telewave.outbound.reserving import next_call
from telewave.outbound.tables import call_queue, calls

__all__ = ["campaign", "keys", "warehouse"]
TEN = datetime(2026, 7, 8, 10, tzinfo=UTC)
"""On the contacts' day, within the channel's hours (9 to 20)."""
CHANNELS = {"call": document([])["channels"]["sms"] | {"records": "outbound_call"}}


def call(number, day=FIRST, **more):
    """A planned call; the lower the number, the more it is worth."""
    return contact(number, day, **{"channel": "call"} | more)


class Campaign:
    """A campaign whose calls of the day are let go, with agents who ask for them and tell of them."""

    def __init__(self, warehouse, database):
        self.warehouse, self.database = warehouse, database

    def plan(self, rows, name="spring", **more):
        made = kept(
            self.warehouse,
            self.database,
            rows,
            campaign=name,
            **{"channels": CHANNELS, "spacing_days": 0} | more,
        )
        launched(self.database, made)
        return made

    def release(self, name="spring", day=FIRST, at=TEN):
        let_go(self.warehouse, self.database, name, day, Errand(by="Zhao Min", now=at, what="release"))

    def next(self, agent, at=TEN, name="spring"):
        return next_call(self.warehouse, self.database, name, agent, at)

    def whom(self, agent, at=TEN, name="spring"):
        """Number of the subscriber; None: nobody."""
        found = self.next(agent, at, name)
        return found.row.subscriber if isinstance(found, Given) else None

    def done(self, agent, subscriber, result, at=TEN, name="spring", **more):
        outcome = Outcome(result=CallResult(result), **more)
        return record_call(self.database, self.number(subscriber, name), agent, outcome, at)

    def number(self, subscriber, name="spring"):
        """The contact of the campaign's queue with this subscriber."""
        row = call_queue.c
        with self.database.transaction() as connection:
            query = sa.select(row.contact).where(row.subscriber == subscriber, row.campaign == name)
            return connection.execute(query).scalar_one()

    def calls(self):
        """All times somebody was given a contact, as rows."""
        with self.database.transaction() as connection:
            return connection.execute(sa.select(calls).order_by(calls.c.id)).mappings().all()


def later(**more):
    return TEN + timedelta(**more)


@pytest.fixture
def campaign(warehouse, database):
    return Campaign(warehouse, database)
