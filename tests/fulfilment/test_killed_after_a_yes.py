"""Reservations, arrivals, gifts, parcels and those who are approached again, killed at any statement and gone on with on another day: nobody is let go twice, no gift is handed over twice, and reservation, parcel and ledger say the same. On both databases."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from tests.contacts.test_ledger_rows import check_counts, check_log
from tests.dying import Mortals, spread
from tests.halls.desk import booked, desk_with
from tests.halls.test_offering import with_hall
from tests.proving import PROVING
from tests.snapshot import put_back, rows_now

from telewave.contacts.settling import Told
from telewave.contacts.tables import contact_ledger
from telewave.fulfilment.parcel_file import read_moves, read_orders, read_statement
from telewave.fulfilment.tables import parcel_log, parcels
from telewave.fulfilment.usecases import approach_again, move, reconcile, take_orders
from telewave.halls import store
from telewave.halls.appointments_file import read_appointments
from telewave.halls.model import Answer, SecondCall, Standing, Visit
from telewave.halls.offering import PopUp, answered, call_again, pop_up
from telewave.halls.tables import gifts, log, reservations
from telewave.halls.usecases import book, count_gift, finish, receive, second_call
from telewave.platform.database import Database
from telewave.platform.engine import DuckDBEngine
from telewave.platform.warehouse import Warehouse

KILLS = 100 if PROVING else 3
"""For each of the two tests, on each database."""
PROGRAM = """
from tests.fulfilment.test_killed_after_a_yes import work
from tests.dying import serve
serve(work)
"""
PEOPLE, NOW = 10, datetime(2026, 8, 10, 9, tzinfo=UTC)
LAPSED, ORDERED, FAILED, CANCELLED, PASSER = (7, 8), 4, 5, 6, 9
EVENTS = "order,event,at,who,appointed,paid,how,reason\n" + "".join(
    f"{line}\n"
    for line in (
        "A4,pick,2026-08-20 09:30,,,,,", "A4,pack,2026-08-20 10:00,,,,,", "A4,hand_over,2026-08-20 11:00,Liu,,,,",
        "A4,arrive,2026-08-20 13:00,East,,,,", "A4,call,2026-08-20 14:00,,2026-08-21 10:00,,,",
        "A4,accept,2026-08-21 10:10,,,1999.00,card,", "A5,fail,2026-08-21 10:00,,,,,damaged",
        "A6,fail,2026-08-21 10:00,,,,,cancelled",
    )
)  # fmt: skip


@pytest.fixture(scope="module")
def workers():
    """Two that do the work and die when told; started once for all tests."""
    with Mortals(PROGRAM) as one, Mortals(PROGRAM) as other:
        yield one, other


def work(folder, url, home, now, what):
    """What a person and his colleagues do, each thing unless it is done."""
    warehouse, database = Warehouse(Path(home) / "warehouse", DuckDBEngine(1, 1)), Database(url)
    told = Told(by="Li", now=datetime.fromisoformat(now), file="told.csv")
    stores, files = SimpleNamespace(warehouse=warehouse, database=database), Path(home)
    {"all": everything, "one": one_gift, "other": one_gift}[what](stores, files, told, what)
    warehouse.engine.close()
    database.close()


def everything(stores, files, told, _):
    warehouse, database = stores.warehouse, stores.database
    book(warehouse, database, "spring", read_appointments(files / "appointments.csv"), told, "umbrella")
    received(database, 0, told)
    for who, outcome in ((1, SecondCall.COMING), (2, SecondCall.REFUSED)):
        one = reservation(database, who)
        if one.state.standing is Standing.WAITING and not one.state.reached:
            second_call(database, one.serial, outcome, told)
    call_again(warehouse, database, "spring", told)
    shown = pop_up(warehouse, database, "North", PASSER, told)
    if isinstance(shown, PopUp):
        answered(database, "spring", shown.contact, Answer.ORDERED, told)
    take_orders(warehouse, database, "spring", read_orders(files / "orders.csv"), told)
    move(database, read_moves(files / "moves.csv", UTC), told)
    reconcile(database, read_statement(files / "statement.csv"), "Liu", told)
    approach_again(warehouse, database, "spring", told)


def received(database, who, told):
    one = reservation(database, who)
    if one.state.standing is Standing.WAITING:
        one = receive(database, "North", told, serial=one.serial).reservation
    if one.state.standing is Standing.AT_WINDOW:
        finish(database, one.serial, Visit.ORDERED, told)


def one_gift(stores, files, told, name):
    """Two desks book the same customers in another order, and each receives one."""
    file = files / f"{name}.csv"
    book(stores.warehouse, stores.database, "spring", read_appointments(file), told, "umbrella")
    received(stores.database, 0 if name == "one" else 1, told)


def reservation(database, subscriber):
    with database.transaction() as connection:
        return store.of_subscriber(connection, subscriber)[0]


@pytest.fixture
def home(tmp_path, warehouse, database, keys):
    """A desk with one gift, who booked a month ago, and files of what is to be done; `rows`: where each run begins."""
    desk, contacts = desk_with(tmp_path, warehouse, database, PEOPLE, **with_hall())
    booked(desk, contacts, LAPSED)
    count_gift(database, "North", "umbrella", 1, Told(by="Li", now=desk.at))
    for name, people in (("appointments", [0, 1, 2, 3]), ("one", [0, 1, 2]), ("other", [2, 1, 0])):
        lines = "".join(f"{contacts[n]},North,\n" for n in people)
        desk.file(f"{name}.csv", "contact,hall,day\n" + lines)
    lines = "".join(f"{contacts[n]},A{n},East,1999.00\n" for n in (ORDERED, FAILED, CANCELLED))
    desk.file("orders.csv", "contact,order,area,price\n" + lines)
    desk.file("moves.csv", EVENTS)
    desk.file("statement.csv", "order,paid,how\nA4,1999.00,card\n")
    address = database.engine.url.render_as_string(hide_password=False)
    return SimpleNamespace(
        database=database, folder=tmp_path, address=address, contacts=contacts, rows=rows_now(database)
    )


def run(worker, home, last, now, what="all"):
    return worker.run(
        home.folder / "steps", last, url=home.address, home=home.folder, now=now.isoformat(), what=what
    )


def all_of(database, table):
    with database.transaction() as connection:
        return [dict(row) for row in connection.execute(sa.select(table)).mappings()]


def check(database):
    """Every log leads to how its reservation or parcel stands; who was let go beyond the plan is noted where that came from, and the other way round; the ledger knows what they know; gifts are counted right."""
    check_log(database)
    check_counts(database)
    found = all_of(database, reservations)
    _logs_lead(found, all_of(database, log), "reservation")
    delivered = all_of(database, parcels)
    _logs_lead(delivered, all_of(database, parcel_log), "parcel")
    ledger = {row["id"]: row for row in all_of(database, contact_ledger)}
    shown = [row["state"] for row in ledger.values() if row["step"] >= 100 and row["subscriber"] == PASSER]
    assert "released" not in shown, "what is let go for him is shown to him"
    beyond = Counter(
        row["subscriber"] for row in ledger.values() if row["step"] >= 100 and row["subscriber"] != PASSER
    )
    assert all(number == 1 for number in beyond.values())
    approached = {row["subscriber"] for row in found if row["state"] == "called_again"}
    approached |= {
        row["subscriber"] for row in delivered if row["state"] == "ended" and row["subscriber"] != CANCELLED
    }
    assert set(beyond) == approached
    for row in found:
        assert ledger[row["contact"]]["disposition"] in SAYS[row["state"]], row
    assert all(ledger[row["contact"]]["disposition"] == "ordered" for row in delivered)
    (stock,) = all_of(database, gifts)
    assert stock["on_hand"] + sum(row["gift_given"] for row in found) == 1
    assert sum(row["gift"] is not None for row in found) <= 1


SAYS = {
    "waiting": {"willing"}, "at_window": {"visited"}, "ordered": {"ordered"}, "declined": {"refused", "willing"},
    "lapsed": {"willing"}, "called_again": {"willing"},
}  # fmt: skip


def _logs_lead(rows, lines, whose):
    for row in rows:
        mine = sorted((one for one in lines if one[whose] == row["id"]), key=lambda one: one["sequence"])
        assert [one["sequence"] for one in mine] == list(range(1, row["sequence"] + 1))
        assert all(a["to_state"] == b["from_state"] for a, b in pairwise(mine))
        assert mine[-1]["to_state"] == row["state"]


def standing(database):
    """How everything stands, whatever its number and day; who passes by may do so on two days, and be asked twice."""
    ledger = {
        (row["subscriber"], row["step"]): (row["state"], row["disposition"], row["reason"], row["reference"] is None)
        for row in all_of(database, contact_ledger) if row["subscriber"] != PASSER
    }  # fmt: skip
    booked = {row["subscriber"]: (row["state"], row["gift"]) for row in all_of(database, reservations)}
    sent = {row["order"]: row["state"] for row in all_of(database, parcels)}
    return ledger, booked, sent


def test_killed_at_any_statement_and_gone_on_with_on_another_day_it_ends_as_if_nothing_had_been(
    home, workers
):
    steps = run(workers[0], home, 0, NOW)
    check(home.database)
    undisturbed, drawn, killed = standing(home.database), random.Random(7), 0
    assert undisturbed[2] == {"A4": "reconciled", "A5": "ended", "A6": "ended"}
    assert {undisturbed[1][n][0] for n in LAPSED} == {"called_again"}
    for last in spread(steps, KILLS):
        put_back(home.database, home.rows)
        places = [(0, last), (1, drawn.randint(1, steps))]
        for days, place in places if PROVING else places[:1]:
            killed += run(workers[0], home, place, NOW + timedelta(days=days)) == -1
            check(home.database)
        assert run(workers[0], home, 0, NOW + timedelta(days=drawn.randint(1, 3))) > 0
        check(home.database)
        assert standing(home.database) == undisturbed, last
        if killed >= KILLS:
            break
    assert killed >= KILLS


def test_two_desks_that_are_killed_give_one_gift_once_and_one_reservation_to_each(home, workers):
    drawn, killed = random.Random(11), 0

    def live(worker, lasts):
        what = ("one", "other")[worker]
        ends = [run(workers[worker], home, last, NOW, what) for last in lasts]
        assert ends[-1] > 0
        return ends.count(-1)

    with ThreadPoolExecutor(2) as pool:
        while killed < KILLS:
            put_back(home.database, home.rows)
            lives = [[*(drawn.randint(2, 60) for _ in range(2)), 0] for _ in workers]
            killed += sum(pool.map(live, range(2), lives))
            check(home.database)
            found = [row for row in all_of(home.database, reservations) if row["subscriber"] in (0, 1, 2)]
            assert Counter(row["subscriber"] for row in found) == {0: 1, 1: 1, 2: 1}
            assert sum(row["gift"] is not None for row in found) == 1
