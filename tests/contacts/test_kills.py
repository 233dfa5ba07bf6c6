"""Killed at any statement, resumed, done by two at once, the clock moved: no contact is lost, doubled, over a cap or a channel's capacity, or made against an objection. On both databases."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
import sqlalchemy as sa
from tests.contacts.test_handing_out import FIRST, SECOND, document
from tests.contacts.test_ledger_rows import (
    ERRAND,
    NOW,
    TOLD,
    asked,
    check_counts,
    check_log,
    planned,
    rows_of,
)
from tests.dying import Mortals, spread
from tests.proving import PROVING

from telewave.contacts.claiming import claim_batch
from telewave.contacts.policy import Cap, Policy
from telewave.contacts.policy_store import set_policy
from telewave.contacts.reasons import FallsOut
from telewave.contacts.results_file import results_of
from telewave.contacts.settling import exclude, settle_before, take_results
from telewave.contacts.store import OUT
from telewave.contacts.tables import (
    contact_acts,
    contact_counts,
    contact_ledger,
    contact_log,
    contact_policies,
    contact_waves,
    objections,
)
from telewave.kernel.history import ClockBehind
from telewave.planning import store as plan_store
from telewave.platform.database import Database

KILLS = 100 if PROVING else 5
"""For each of the two tests, on each database."""
PROGRAM = """
from tests.contacts.test_kills import work
from tests.dying import serve
serve(work)
"""
CAMPAIGNS, PEOPLE, BATCH, CAPACITY = ("spring", "autumn"), 8, 4, 3
UNWILLING, LISTED = 6, 7
OUTCOMES = {0: "refused", 1: "do_not_contact", 2: "ordered", 3: "attempted", 4: "opted_out", 5: "delivered"}


@pytest.fixture(scope="module")
def workers():
    """Two that do the work and die when told; started once for all tests."""
    with Mortals(PROGRAM) as one, Mortals(PROGRAM) as other:
        yield one, other


def work(folder, url, now, first):
    """All of both campaigns as one worker does it, `first` the one that he begins with: releases, results, time-out."""
    database, at = Database(url), datetime.fromisoformat(now)
    told, errand = replace(TOLD, now=at), replace(ERRAND, now=at)
    with suppress(ClockBehind):
        for campaign in CAMPAIGNS if first == CAMPAIGNS[0] else reversed(CAMPAIGNS):
            (plan,) = plan_store.plans_of(database, campaign)
            for day in (FIRST, SECOND):
                for start in range(0, PEOPLE, BATCH):
                    part = asked(database, plan, range(start, start + BATCH), day)
                    unwilling = np.asarray(part.subscriber == UNWILLING)
                    claim_batch(part, errand, {FallsOut.NO_CONSENT: unwilling})
            text = "contact,outcome\n" + "".join(
                f"{row['id']},{OUTCOMES[row['subscriber']]}\n" for row in made(database)
                if row["campaign"] == campaign and row["day"] == FIRST
            )  # fmt: skip
            take_results(database, campaign, list(results_of(text, "results.csv")), told, int)
            settle_before(database, campaign, SECOND, told, close=False)
    database.close()


def made(database):
    return [row for row in rows_of(database) if row["state"] in OUT]


def begin(database):
    """An empty ledger with a cap, and one who stands on the exclusion list."""
    with database.transaction() as connection:
        for table in (
            objections, contact_counts, contact_log, contact_ledger, contact_waves, contact_acts, contact_policies,
        ):  # fmt: skip
            connection.execute(sa.delete(table))
    set_policy(database, Policy(caps=(Cap(2, 2),)), "Wang Wei", NOW - timedelta(days=2))
    exclude(database, [LISTED], replace(TOLD, now=NOW - timedelta(days=2)))


def address(database):
    return database.engine.url.render_as_string(hide_password=False)


def check(database, capacity=None):
    """Nothing lost, nothing twice, no cap and no consent broken."""
    rows = rows_of(database)
    everything = {(name, day, n) for name in CAMPAIGNS for day in (FIRST, SECOND) for n in range(PEOPLE)}
    assert Counter((row["campaign"], row["day"], row["subscriber"]) for row in rows) == Counter(everything)
    out = [row for row in rows if row["state"] in OUT]
    assert all(count <= 2 for count in Counter(row["subscriber"] for row in out).values())
    assert {row["subscriber"] for row in out}.isdisjoint({UNWILLING, LISTED})
    by_day = Counter((row["campaign"], row["day"]) for row in out)
    assert capacity is None or all(count <= capacity for count in by_day.values())
    for row in rows:
        if row["state"] == "planned":
            full = row["reason"] == "no_capacity" and capacity is not None
            mine = sum(one["subscriber"] == row["subscriber"] for one in out)
            assert full or (row["reason"] == "capped" and mine == 2), row
    check_log(database)
    check_counts(database)
    _check_objections(database, rows)


def _check_objections(database, rows):
    """Each contact is let go at most once, and none after its subscriber's objection; each objection is kept."""
    with database.transaction() as connection:
        against = dict(connection.execute(sa.select(objections.c.subscriber, sa.func.min(objections.c.act)).group_by(objections.c.subscriber)).all())  # fmt: skip
        log = connection.execute(sa.select(contact_log)).mappings().all()
    of = {row["id"]: row for row in rows}
    for step in ("released", "attempted"):
        assert all(
            count == 1 for count in Counter(one["contact"] for one in log if one["to_state"] == step).values()
        )
    for one in log:
        subscriber = of[one["contact"]]["subscriber"]
        assert one["to_state"] != "released" or one["act"] < against.get(subscriber, one["act"] + 1)
    for row in rows:
        if row["disposition"] in ("opted_out", "do_not_contact"):
            assert row["subscriber"] in against
        assert row["subscriber"] not in against or row["state"] not in ("planned", "released")


def standing(database):
    return {
        (row["campaign"], row["day"], row["subscriber"]): (row["state"], row["disposition"], row["reason"])
        for row in rows_of(database)
    }


def test_killed_at_any_statement_and_resumed_it_ends_as_if_nothing_had_been(database, workers, tmp_path):
    for name in CAMPAIGNS:
        planned(database, name)

    def run(last, now):
        return workers[0].run(
            tmp_path / "files", last, url=address(database), now=now.isoformat(), first="spring"
        )

    begin(database)
    steps = run(0, NOW)
    check(database)
    undisturbed, killed, drawn = standing(database), 0, random.Random(3)
    places = spread(steps, KILLS)
    drawn.shuffle(places)
    for last in places:
        begin(database)
        killed += run(last, NOW) == -1
        if drawn.random() < 0.5:  # the clock is set back, which is refused or does no harm
            run(0, NOW - timedelta(days=1))
        killed += (
            run(drawn.randint(1, steps), NOW + timedelta(days=drawn.randrange(3))) == -1
        )  # on the way again
        run(0, NOW + timedelta(days=3))
        assert standing(database) == undisturbed, last
        check(database)
        if killed >= KILLS:
            break
    assert killed >= KILLS


def test_two_workers_who_are_killed_and_come_again_break_nothing(database, workers, tmp_path):
    sms = document([])["channels"]["sms"]
    room = {day.isoformat(): CAPACITY for day in (FIRST, SECOND)}
    for name in CAMPAIGNS:
        planned(database, name, channels={"sms": sms | {"capacity": room}})

    def live(worker, lasts):
        """Work until it is done, killed at each of these steps: how often it was."""
        told = {"url": address(database), "now": NOW.isoformat(), "first": CAMPAIGNS[worker]}
        ends = [workers[worker].run(tmp_path / "files", last, **told) for last in lasts]
        assert ends[-1] > 0
        return ends.count(-1)

    drawn, killed = random.Random(5), 0
    with ThreadPoolExecutor(2) as pool:
        while killed < KILLS:
            begin(database)
            lives = [[*(drawn.randint(2, 100) for _ in range(2)), 0] for _ in workers]
            killed += sum(pool.map(live, range(2), lives))
            check(database, CAPACITY)
