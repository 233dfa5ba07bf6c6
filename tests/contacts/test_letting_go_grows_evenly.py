"""The work of letting contacts go grows with their number and no faster, counted in SQLite's own instructions, which no load changes."""

import numpy as np
import sqlalchemy as sa
from tests.contacts.test_handing_out import SECOND
from tests.contacts.test_ledger_rows import ERRAND, NOW, asked, check_counts, planned, standing

from telewave.contacts.claiming import claim_batch
from telewave.contacts.reasons import FallsOut
from telewave.contacts.settling import Told, settle_before
from telewave.platform.database import Database

COUNTED = 100
"""Instructions between two counts."""


def counting(database):
    """Instructions so far, in hundreds, of every statement from now on."""
    count = [0]

    def step():
        count[0] += 1
        return 0

    @sa.event.listens_for(database.engine, "checkout")
    def _begin(connection, *_):
        connection.set_progress_handler(step, COUNTED)

    return count


def test_a_batch_costs_the_same_however_many_contacts_went_before_it(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/operations.sqlite")
    database.migrate()
    plan, size, costs = planned(database), 150, []
    count = counting(database)
    for first in range(0, 10 * size, size):
        before = count[0]
        claim_batch(asked(database, plan, range(first, first + size), minute=600), ERRAND, {})
        costs.append(count[0] - before)
    assert max(costs[1:]) < 1.1 * min(costs[1:]), costs
    assert set(standing(database, plan).values()) == {("released", None)}
    database.close()


def test_time_is_up_for_many_in_as_many_statements_as_for_few(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/operations.sqlite")
    database.migrate()
    statements = []
    sa.event.listen(database.engine, "before_cursor_execute", lambda *given: statements.append(given[5]))
    told, counts = Told(by="Zhao Min", now=NOW), []
    for campaign, many in (("few", 10), ("many", 300)):
        claim_batch(asked(database, planned(database, campaign), range(many), minute=600), ERRAND, {})
        statements.clear()
        assert settle_before(database, campaign, SECOND, told, close=True).moved == 2 * many
        counts.append(len(statements))
        assert not any(statements), "a row for a statement"
    assert counts[0] == counts[1]
    database.close()


def test_a_ledger_of_an_earlier_version_is_counted_when_it_is_brought_to_the_newest_schema(database):
    plan = planned(database)
    claim_batch(asked(database, plan, range(3), minute=600), ERRAND, {})
    settle_before(database, "spring", SECOND, Told(by="Zhao Min", now=NOW), close=True)
    claim_batch(
        asked(database, plan, range(3, 5), minute=600), ERRAND, {FallsOut.NO_CONSENT: np.array([True, False])}
    )
    with database.transaction() as connection:
        connection.exec_driver_sql("DROP TABLE contact_counts")
        for later in (
            *(
                "calls",
                "call_hours",
                "call_queue",
                "call_lists",
                "call_teams",
                "jobs",
                "halls",
                "hall_reservations",
                "hall_log",
            ),
            *("hall_gifts", "parcels", "parcel_log", "audit_log", "audit_end"),
            *("sitting", "failed_sign_in", "person"),
        ):
            connection.exec_driver_sql(f"DROP TABLE {later}")
        connection.exec_driver_sql("ALTER TABLE contact_ledger DROP COLUMN agent")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0010_contact_ledger'")
    database.migrate()
    check_counts(database)
