"""Caps and pauses count what is on record beside the ledger, and a contact that stands in both once. On both databases."""

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from tests.contacts.test_handing_out import FIRST, contact, kept, launched, put, warehouse
from tests.contacts.test_ledger_rows import ERRAND, NOW, asked, planned, standing

from telewave.contacts.claiming import claim_batch
from telewave.contacts.handing_out import let_go
from telewave.contacts.ledger import Disposition
from telewave.contacts.on_record import PolicyChanged, recent_contacts
from telewave.contacts.policy import Cap, Policy
from telewave.contacts.policy_store import set_policy

__all__ = ["warehouse"]


def made(warehouse, days_before, *contacts):
    day = FIRST - timedelta(days=days_before)
    rows = [{"subscriber": n, "channel": "sms", "contacted_at": datetime.combine(day, time(10)), "disposition": what} for n, what in contacts]  # fmt: skip
    put(warehouse, "contacts", day, rows)


def test_who_was_contacted_by_others_is_capped_and_left_in_peace(warehouse, database):
    policy = Policy(caps=(Cap(2, 7),), pauses={Disposition.REFUSED: 30})
    set_policy(database, policy, "Wang Wei", NOW)
    made(warehouse, 6, (0, "delivered"), (1, "delivered"))
    made(warehouse, 3, (0, "delivered"), (3, "delivered"), (3, "delivered"))
    made(warehouse, 7, (1, "delivered"))
    made(warehouse, 30, (2, "refused"))
    made(warehouse, 31, (4, "refused"))
    plan = kept(warehouse, database, [contact(n) for n in range(5)], spacing_days=0)
    launched(database, plan)
    let_go(warehouse, database, "spring", FIRST, ERRAND)
    assert standing(database, plan) == {
        0: ("planned", "capped"), 1: ("released", None), 2: ("planned", "paused"), 3: ("planned", "capped"), 4: ("released", None),
    }  # fmt: skip


def test_a_contact_that_stands_in_the_ledger_and_on_record_counts_once(warehouse, database):
    set_policy(database, Policy(caps=(Cap(2, 7),)), "Wang Wei", NOW)
    before = FIRST - timedelta(days=2)
    rows = [contact(0, before), contact(0, FIRST, touch=1)]
    plan = kept(warehouse, database, rows, spacing_days=0)
    launched(database, plan)
    let_go(warehouse, database, "spring", before, ERRAND)
    made(warehouse, 2, (0, "delivered"))
    let_go(warehouse, database, "spring", FIRST, ERRAND)
    assert standing(database, plan) == {0: ("released", None)}


def test_a_policy_that_is_changed_meanwhile_lets_nobody_through_by_the_old_one(warehouse, database):
    plan = planned(database)
    mine = replace(asked(database, plan, [0]), warehouse=warehouse)
    on_record = recent_contacts(mine, Policy())
    set_policy(database, Policy(caps=(Cap(2, 7),)), "Wang Wei", NOW)
    with pytest.raises(PolicyChanged):
        claim_batch(mine, ERRAND, {}, on_record)
    assert standing(database, plan) == {}
