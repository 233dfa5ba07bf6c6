"""Agents' calls killed at any statement: no contact is with two, each call is told once, and queue, calls and ledger say the same. On both databases."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from tests.contacts.test_ledger_rows import check_counts, check_log
from tests.dying import Mortals, spread
from tests.outbound.calling import TEN, call, campaign, keys, warehouse
from tests.proving import PROVING
from tests.snapshot import put_back, rows_now

from telewave.contacts.tables import contact_ledger
from telewave.outbound.dispositions import TABLE, CallResult
from telewave.outbound.model import Given, Outcome
from telewave.outbound.recording import record_call
from telewave.outbound.reserving import next_call
from telewave.outbound.tables import call_hours, call_queue, calls
from telewave.platform.database import Database
from telewave.platform.engine import DuckDBEngine
from telewave.platform.warehouse import Warehouse

__all__ = ["campaign", "keys", "warehouse"]
KILLS = 100 if PROVING else 3
"""For each of the two tests, on each database."""
PROGRAM = """
from tests.outbound.test_killed_while_calling import work
from tests.dying import serve
serve(work)
"""
PEOPLE = 6
SAYS = {0: "willing", 1: "ordered", 2: "no_answer", 3: "call_back", 4: "do_not_contact", 5: "refused"}
EVENT = {one.result.value: one.event for one in TABLE}


@pytest.fixture(scope="module")
def workers():
    """Two agents who work and die when told; started once for all tests."""
    with Mortals(PROGRAM) as one, Mortals(PROGRAM) as other:
        yield one, other


def work(folder, url, home, now, agent):
    """An agent's hour: ask, call, tell, until there is nobody."""
    warehouse, database = Warehouse(Path(home) / "warehouse", DuckDBEngine(1, 1)), Database(url)
    at = datetime.fromisoformat(now)
    while isinstance(given := next_call(warehouse, database, "spring", agent, at), Given):
        result = CallResult(SAYS[given.row.subscriber])
        more = {"call_back": at + timedelta(hours=1)} if result is CallResult.CALL_BACK else {}
        more |= {"offer": "handset", "reference": "R1"} if result is CallResult.ORDERED else {}
        record_call(database, given.row.contact, agent, Outcome(result=result, **more), at)
    warehouse.engine.close()
    database.close()


@pytest.fixture
def home(campaign, tmp_path):
    campaign.plan([call(n) for n in range(PEOPLE)])
    campaign.release()
    address = campaign.database.engine.url.render_as_string(hide_password=False)
    rows = rows_now(campaign.database)
    return SimpleNamespace(database=campaign.database, folder=tmp_path, address=address, rows=rows)


def run(worker, home, last, now=TEN, agent="A"):
    told = {"url": home.address, "home": home.folder, "now": now.isoformat(), "agent": agent}
    return worker.run(home.folder / "steps", last, **told)


def all_of(database, table):
    with database.transaction() as connection:
        return [dict(row) for row in connection.execute(sa.select(table)).mappings()]


def check(database, now=TEN):
    """One contact is with one agent, an agent has one; of each contact the ledger knows what its calls told; hours are counted as the calls say."""
    check_log(database)
    check_counts(database)
    queue, made = all_of(database, call_queue), all_of(database, calls)
    holders = [row["holder"] for row in queue if row["holder"] is not None]
    assert len(holders) == len(set(holders))
    open_calls = Counter(row["contact"] for row in made if row["result"] is None)
    for row in queue:
        assert row["holder"] is None or open_calls[row["contact"]] >= 1
    told = Counter(row["contact"] for row in made if row["result"] is not None)
    assert all(number == 1 for number in told.values()), "told once, though asked for again"
    known = {row["id"]: row for row in all_of(database, contact_ledger)}
    for row in made:
        said = row["result"] and getattr(EVENT[row["result"]], "disposition", None)
        assert said is None or known[row["contact"]]["disposition"] == said.value
    assert {row["contact"] for row in queue if row["attempts"]} == set(told)
    hours = {row["hour"]: row["made"] for row in all_of(database, call_hours)}
    assert sum(hours.values()) == sum(told.values())


def standing(database):
    ledger = {
        row["subscriber"]: (row["state"], row["disposition"]) for row in all_of(database, contact_ledger)
    }
    queue = {row["subscriber"]: (row["due_at"], row["due_for"], row["attempts"]) for row in all_of(database, call_queue)}  # fmt: skip
    return ledger, queue


def test_an_agent_who_is_killed_at_any_statement_goes_on_as_if_nothing_had_been(home, workers):
    steps = run(workers[0], home, 0)
    check(home.database)
    undisturbed, drawn, killed = standing(home.database), random.Random(2), 0
    assert {n: one[1] for n, one in undisturbed[0].items() if n != 3} == {
        0: "willing", 1: "ordered", 2: "no_answer", 4: "do_not_contact", 5: "refused",
    }  # fmt: skip
    for last in spread(steps, KILLS):
        put_back(home.database, home.rows)
        places = [last, drawn.randint(1, steps)]
        for place in places if PROVING else places[:1]:
            killed += run(workers[0], home, place) == -1
            check(home.database)
        assert run(workers[0], home, 0) > 0
        check(home.database)
        assert standing(home.database) == undisturbed, last
        if killed >= KILLS:
            break
    assert killed >= KILLS


def test_two_agents_who_are_killed_call_everybody_once(home, workers):
    drawn, killed = random.Random(4), 0

    def live(worker, lasts):
        ends = [run(workers[worker], home, last, agent="AB"[worker]) for last in lasts]
        assert ends[-1] > 0
        return ends.count(-1)

    with ThreadPoolExecutor(2) as pool:
        while killed < KILLS:
            put_back(home.database, home.rows)
            lives = [[*(drawn.randint(2, 90) for _ in range(2)), 0] for _ in workers]
            killed += sum(pool.map(live, range(2), lives))
            check(home.database)
            assert len(all_of(home.database, call_queue)) == PEOPLE
            made = all_of(home.database, calls)
            assert {row["contact"] for row in made if row["result"]} == {row["contact"] for row in all_of(home.database, call_queue)}  # fmt: skip
