"""Whom a plan of the next phases leaves alone is whom the release would hold back that day. On both databases."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from itertools import count

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contacts.test_handing_out import FIRST, put, warehouse
from tests.contacts.test_ledger_rows import ERRAND, NOW, asked, planned, release, rows_of, standing
from tests.proving import examples

from telewave.contacts.claiming import claim_batch
from telewave.contacts.ledger import Disposition
from telewave.contacts.on_record import recent_contacts
from telewave.contacts.policy import Cap, Policy
from telewave.contacts.policy_store import policy_in_force, set_policy
from telewave.contacts.store import OUT
from telewave.contacts.tables import contact_ledger
from telewave.contacts.told_by_ledger import told_by_ledger

__all__ = ["warehouse"]

PEOPLE = 3
OUTCOMES = st.sampled_from([None, Disposition.REFUSED, Disposition.WILLING])
POLICIES = st.builds(
    Policy,
    caps=st.lists(st.builds(Cap, st.integers(1, 3), st.integers(2, 8)), min_size=1, max_size=2).map(tuple),
    pauses=st.dictionaries(st.sampled_from([Disposition.REFUSED, Disposition.WILLING]), st.integers(1, 6)),
)
IN_LEDGER = st.tuples(
    st.integers(0, PEOPLE - 1), st.integers(-7, 7), OUTCOMES, st.sampled_from([*OUT, "planned", "withdrawn"])
)
ON_RECORD = st.tuples(st.integers(0, PEOPLE - 1), st.integers(-7, -1), OUTCOMES)


def enter(database, wave, rows, first):
    entries = [
        {
            "wave": wave, "subscriber": first + n, "channel": "sms", "step": step, "recorded_as": "sms",
            "day": FIRST + timedelta(days=offset), "state": state, "reason": None, "sequence": 1, "act": 1,
            "disposition": None if outcome is None else outcome.value,
        }
        for step, (n, offset, outcome, state) in enumerate(rows)
    ]  # fmt: skip
    if entries:
        with database.writing() as connection:
            connection.execute(sa.insert(contact_ledger), entries)


def record(warehouse, rows, first):
    days = {}
    for n, offset, outcome in rows:
        days.setdefault(FIRST + timedelta(days=offset), []).append(
            (first + n, outcome.value if outcome else "delivered")
        )
    for day, told in days.items():
        at = datetime.combine(day, time(10))
        put(warehouse, "contacts", day, [
            {"subscriber": n, "channel": "sms", "contacted_at": at, "disposition": outcome} for n, outcome in told
        ])  # fmt: skip


def test_the_plan_of_the_next_phases_and_the_release_hold_the_same_people_back(warehouse, database):
    """Every example has people of its own, so that the ledger of those before is other people's."""
    release(database, planned(database, "autumn"), [10_000], minute=600)
    (wave,) = (row["wave"] for row in rows_of(database))
    plan, firsts = planned(database), count(0, PEOPLE)
    put(warehouse, "contacts", FIRST - timedelta(days=9), [])

    @settings(max_examples=examples(45), deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(POLICIES, st.lists(IN_LEDGER, min_size=5, max_size=12), st.lists(ON_RECORD, max_size=5))
    def agree(policy, ledger, records):
        first = next(firsts)
        mine = range(first, first + PEOPLE)
        enter(database, wave, ledger, first)
        record(warehouse, records, first)
        set_policy(database, policy, "Wang Wei", NOW)
        told = told_by_ledger(warehouse, database, "spring", {"phase-2": FIRST})
        batch = replace(asked(database, plan, mine, minute=600), warehouse=warehouse)
        with database.transaction() as connection:
            in_force = policy_in_force(connection)
        claim_batch(batch, ERRAND, {}, recent_contacts(batch, in_force))
        held = {n for n, (_, why) in standing(database, plan).items() if why in ("paused", "capped")}
        resting = {n for n in told.resting["phase-2"].tolist() if n in mine}
        assert (held & set(mine), told.closed) == (resting, False)

    agree()


def test_a_cap_of_no_contact_closes_the_plan_of_the_next_phases_as_it_does_the_release(warehouse, database):
    set_policy(database, Policy(caps=(Cap(0, 7),)), "Wang Wei", NOW)
    plan = planned(database)
    assert release(database, plan, [0]) == {0: ("planned", "capped")}
    assert told_by_ledger(warehouse, database, "spring", {"phase-2": FIRST}).closed
