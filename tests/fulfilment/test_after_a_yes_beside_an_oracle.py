"""Reservations, gifts and parcels in any order, beside an oracle in plain Python: lists, stocks, states, owners and the ledger say what it says, and what it refuses is refused. On both databases."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.halls.desk import desk_with
from tests.proving import examples
from tests.snapshot import put_back, rows_now

from telewave.contacts.settling import Told
from telewave.contacts.tables import contact_ledger
from telewave.fulfilment import store as parcel_store
from telewave.fulfilment import usecases as delivery
from telewave.fulfilment.model import (
    Accept,
    Arrive,
    Call,
    CallsUsedUp,
    Close,
    Fail,
    HandOver,
    MoveNotPossible,
    Nobody,
    Pack,
    Payment,
    Pick,
    Reason,
)
from telewave.fulfilment.parcel_file import Move, OrderLine
from telewave.halls import store
from telewave.halls import usecases as halls
from telewave.halls.appointments_file import Appointment
from telewave.halls.model import ReservationNotPossible, SecondCall, Visit
from telewave.halls.reservation import as_of
from telewave.kernel import Money

PEOPLE, FIRST, OPENED = 4, datetime(2026, 7, 8, 9, tzinfo=UTC), (0, 3)
"""The list is opened on Mondays and Thursdays."""
PRICE = Money(199_900, "CNY")
STRONGER = ("refused", "willing", "visited", "ordered", "do_not_contact")
OPEN = ("waiting", "at_window", "undecided")
WAY = {
    ("ordered", "pick"): "at_warehouse", ("at_warehouse", "pack"): "packed", ("packed", "hand_over"): "with_courier",
    ("with_courier", "arrive"): "at_substation", ("at_substation", "call"): "appointed",
    ("nobody_home", "call"): "appointed", ("appointed", "nobody"): "nobody_home", ("appointed", "accept"): "accepted",
    ("reconciled", "close"): "closed",
} | {
    (state, "fail"): "failed"
    for state in ("ordered", "at_warehouse", "packed", "with_courier", "at_substation", "appointed", "nobody_home")
}  # fmt: skip
MAKE = {
    "pick": lambda now: Pick(), "pack": lambda now: Pack(), "hand_over": lambda now: HandOver("Liu"),
    "arrive": lambda now: Arrive("East"), "call": lambda now: Call(now + timedelta(days=1)),
    "nobody": lambda now: Nobody(), "accept": lambda now: Accept(PRICE, Payment.CARD),
    "fail": lambda now: Fail(Reason.DAMAGED), "close": lambda now: Close(),
}  # fmt: skip
WHO = st.integers(0, PEOPLE - 1)
STEPS = st.one_of(
    st.tuples(st.just("book"), WHO),
    st.tuples(st.just("called"), WHO, st.sampled_from(["coming", "no_answer", "no_answer", "refused"])),
    st.tuples(st.just("come"), WHO, st.booleans()),
    st.tuples(st.just("finish"), WHO, st.sampled_from(["ordered", "undecided", "refused"])),
    st.tuples(st.just("count"), st.integers(0, 3)),
    st.tuples(st.just("wait"), st.sampled_from([1, 1, 2, 5, 29, 30])),
    st.tuples(st.just("take"), WHO),
    st.tuples(st.just("move"), WHO, st.sampled_from(sorted(MAKE))),
    st.tuples(st.just("on"), WHO),
    st.tuples(st.just("reconcile"), WHO),
)  # fmt: skip


class Refused(Exception):
    pass


class Oracle:
    """What is so, in dictionaries: `booked` and `sent` by person, `stock` of the one gift, `heard` by the ledger."""

    def __init__(self):
        self.now, self.booked, self.sent, self.heard, self.stock = FIRST, {}, {}, {}, None

    def today(self) -> date:
        return self.now.date()

    def stands(self, who):
        one = self.booked[who]
        return one.state in OPEN and self.today() < one.ends

    def hear(self, who, what):
        known = self.heard.get(who)
        self.heard[who] = what if known is None else max(known, what, key=STRONGER.index)

    def kept(self):
        return sum(one.gift and not one.given for who, one in self.booked.items() if self.stands(who))

    def opening(self):
        days = (self.today() + timedelta(days=n) for n in range(1, 8))
        return next(day for day in days if day.weekday() in OPENED)

    def book(self, who):
        if who not in self.booked:
            gift = self.stock is not None and self.stock > self.kept()
            ends = self.today() + timedelta(days=30)
            self.booked[who] = SimpleNamespace(
                state="waiting", calls=0, reached=False, due=self.opening(), ends=ends, gift=gift, given=False
            )
            self.hear(who, "willing")

    def called(self, who, outcome):
        one = self.booked.get(who)
        if one is None or one.state != "waiting" or not self.stands(who):
            raise Refused
        if outcome == "refused":
            self.end(one, "declined")
            self.hear(who, "refused")
            return
        one.calls += outcome == "no_answer"
        one.reached = one.reached or outcome == "coming"
        one.due = None if one.reached or one.calls >= 3 else self.opening()
        if outcome == "coming":
            self.hear(who, "willing")

    def end(self, one, state):
        one.state, one.due, one.gift = state, None, one.gift and one.given

    def come(self, who, with_number):
        one = self.booked.get(who)
        if one is None or one.state == "ordered" or not (with_number or self.stands(who)):
            raise Refused
        if not self.stands(who):
            one.gift = one.gift and one.given
        one.state, one.due, one.ends = "at_window", None, max(one.ends, self.today() + timedelta(days=1))
        if one.gift and not one.given:
            one.given = one.gift = self.stock > 0
            self.stock -= one.given
        self.hear(who, "visited")

    def finish(self, who, visit):
        one = self.booked.get(who)
        if one is None or one.state != "at_window":
            raise Refused
        one.state = {"refused": "declined"}.get(visit, visit)
        self.hear(who, {"undecided": "visited"}.get(visit, visit))

    def count(self, number):
        self.stock = number

    def wait(self, days):
        self.now += timedelta(days=days)

    def take(self, who):
        if who not in self.sent:
            self.sent[who] = SimpleNamespace(state="ordered", calls=0, since=None, told=set())
            self.hear(who, "ordered")

    def move(self, who, event):
        one = self.sent.get(who)
        if one is not None and (event, self.now) in one.told:
            return
        if one is None or (one.state, event) not in WAY:
            raise Refused
        if event == "call":
            if one.calls >= 9 or self.now - one.since > timedelta(days=3):
                raise Refused
            one.calls += 1
        if event == "arrive":
            one.since = self.now
        one.told.add((event, self.now))
        one.state = WAY[one.state, event]

    def on(self, who):
        """Whatever comes next on the way to the door."""
        one = self.sent.get(who)
        event = None if one is None else next((event for state, event in WAY if state == one.state and event != "fail"), None)  # fmt: skip
        if event is None:
            raise Refused
        self.move(who, event)

    def reconcile(self, who):
        one = self.sent.get(who)
        if one is not None and one.state == "accepted":
            one.state = "reconciled"


class Real:
    """The same by use cases."""

    def __init__(self, home):
        self.home, self.database = home, home.database

    def told(self, oracle):
        return Told(by="Li", now=oracle.now, file="told.csv")

    def one(self, who):
        with self.database.transaction() as connection:
            found = store.of_subscriber(connection, who)
        if not found:
            raise Refused
        return found[0]

    def book(self, told, who):
        given = [Appointment(self.home.contacts[who], "North", None)]
        halls.book(self.home.warehouse, self.database, "spring", given, told, "umbrella")

    def called(self, told, who, outcome):
        halls.second_call(self.database, self.one(who).serial, SecondCall(outcome), told)

    def come(self, told, who, with_number):
        whom = {"serial": self.one(who).serial} if with_number else {"subscriber": who}
        halls.receive(self.database, "North", told, **whom)

    def finish(self, told, who, visit):
        halls.finish(self.database, self.one(who).serial, Visit(visit), told)

    def count(self, told, number):
        halls.count_gift(self.database, "North", "umbrella", number, told)

    def take(self, told, who):
        line = OrderLine(line=2, contact=self.home.contacts[who], order=f"A{who}", area="East", price=PRICE)
        delivery.take_orders(self.home.warehouse, self.database, "spring", [line], told)

    def move(self, told, who, event):
        delivery.move(self.database, [Move(2, f"A{who}", MAKE[event](told.now), told.now)], told)

    def on(self, told, who):
        with self.database.transaction() as connection:
            found = parcel_store.by_order(connection, [f"A{who}"])
        states = [one.state.standing.value for one in found.values()]
        event = next((event for state, event in WAY if [state] == states and event != "fail"), None)
        if event is None:
            raise Refused
        self.move(told, who, event)

    def reconcile(self, told, who):
        line = delivery.StatementLine(line=2, order=f"A{who}", paid=PRICE, how=Payment.CARD)
        delivery.reconcile(self.database, [line], "Liu", told)


REFUSALS = (
    Refused, ReservationNotPossible, halls.NotExpected, MoveNotPossible, CallsUsedUp, delivery.NoSuchParcel,
)  # fmt: skip


@pytest.fixture
def home(tmp_path, warehouse, database, keys):
    _, contacts = desk_with(tmp_path, warehouse, database, PEOPLE)
    return SimpleNamespace(database=database, warehouse=warehouse, contacts=contacts, rows=rows_now(database))


def check(home, oracle):
    with home.database.transaction() as connection:
        row = contact_ledger.c
        heard = dict(connection.execute(sa.select(row.subscriber, row.disposition)).all())
        kept = {who: store.of_subscriber(connection, who) for who in range(PEOPLE)}
        sent = parcel_store.parcels_of(connection, parcel_store.Asked())
    assert heard == {who: oracle.heard.get(who) for who in range(PEOPLE)}
    today = oracle.today()
    for who, found in kept.items():
        mine = oracle.booked.get(who)
        assert [one.state.standing.value for one in found] == ([] if mine is None else [mine.state]) or (
            not oracle.stands(who) and found[0].state.standing.value == "lapsed"
        )
        for one in found:
            assert as_of(one, today).is_open is oracle.stands(who)
    _, expected = halls.listed(home.database, "North", today)
    standing = {who: one for who, one in oracle.booked.items() if oracle.stands(who)}
    assert {one.subscriber: one.due_on for one in expected} == {who: one.due for who, one in standing.items()}
    assert halls.all_halls(home.database, today)["North"][1] == len(standing)
    stock = {} if oracle.stock is None else {"umbrella": (oracle.stock, oracle.kept())}
    assert halls.gift_stock(home.database, "North", today) == stock
    assert Counter(one.state.standing.value for one in sent) == Counter(
        one.state for one in oracle.sent.values()
    )
    assert all((one.owner is None) is one.is_over and (one.due_at is None) is one.is_over for one in sent)


@settings(
    max_examples=examples(30),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, min_size=8, max_size=30))
def test_whatever_happens_after_a_yes_lists_stocks_states_and_ledger_say_what_an_oracle_says(home, steps):
    put_back(home.database, home.rows)
    oracle, real = Oracle(), Real(home)
    for what, *more in [("count", 1), ("book", 0), ("take", 1), *steps]:
        try:
            getattr(oracle, what)(*more)
            refused = False
        except Refused:
            refused = True
        if what != "wait":
            told = real.told(oracle)
            if refused:
                with pytest.raises(REFUSALS):
                    getattr(real, what)(told, *more)
            else:
                getattr(real, what)(told, *more)
        check(home, oracle)
