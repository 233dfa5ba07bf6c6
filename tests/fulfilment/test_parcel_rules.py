"""The rules of parcels beside an oracle in plain Python, whatever happens in whatever order: never without an owner and a due time, never beyond the limits of calls, never a cent lost."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.proving import examples

from telewave.fulfilment.model import (
    Accept,
    AppointmentTooFar,
    Arrive,
    Call,
    CallsUsedUp,
    Close,
    End,
    Fail,
    HandOver,
    MoveNotPossible,
    Nobody,
    Ordered,
    Pack,
    Payment,
    Pick,
    Reason,
    Reconcile,
    Standing,
)
from telewave.fulfilment.parcel import Parcel, detail_of, moved, state_read
from telewave.fulfilment.reconciliation import Difference, StatementLine, compare
from telewave.fulfilment.responsible import owner_and_due
from telewave.fulfilment.transitions import Place
from telewave.kernel import Money

START = datetime(2026, 7, 8, 9, tzinfo=UTC)
PRICE = Money(199_900)
OVER = {"closed", "ended"}
EVENTS = {
    "pick": Pick(), "pack": Pack(), "hand_over": HandOver("Liu"), "arrive": Arrive("East"), "accept": Accept(PRICE, Payment.CASH),
    "nobody": Nobody(), "fail": Fail(Reason.DAMAGED), "reconcile": Reconcile(), "close": Close(), "end": End(None),
}  # fmt: skip
WAY = {
    ("ordered", "pick"): "at_warehouse", ("at_warehouse", "pack"): "packed", ("packed", "hand_over"): "with_courier",
    ("with_courier", "arrive"): "at_substation", ("appointed", "accept"): "accepted", ("appointed", "nobody"): "nobody_home",
    ("accepted", "reconcile"): "reconciled", ("reconciled", "close"): "closed", ("failed", "end"): "ended",
} | {
    (state, "fail"): "failed"
    for state in ("ordered", "at_warehouse", "packed", "with_courier", "at_substation", "appointed", "nobody_home")
}  # fmt: skip
"""The oracle: the picture in the module's docstring, written down once more."""


def parcel(order="A1", price=PRICE):
    owner, due = owner_and_due(Ordered(), "North", "", START)
    return Parcel(
        serial=1, order=order, campaign="spring", contact=1, subscriber=1, offer="handset", area="North", price=price,
        state=Ordered(), courier="", owner=owner, due_at=due, last_at=START, sequence=1,
    )  # fmt: skip


class Parcels(RuleBasedStateMachine):
    """One parcel, and what an oracle knows of it: its state's name, its calls, and when it arrived at the substation."""

    @initialize()
    def begin(self):
        self.parcel, self.now = parcel(), START
        self.state, self.calls, self.since, self.steps = "ordered", 0, None, 1

    @rule(hours=st.integers(0, 30))
    def time_goes_by(self, hours):
        self.now += timedelta(hours=hours)

    @rule(name=st.sampled_from(sorted(EVENTS)))
    def happens(self, name):
        after = WAY.get((self.state, name))
        if after is None:
            with pytest.raises(MoveNotPossible):
                moved(self.parcel, EVENTS[name], self.now, Place("f", 1, "A1"))
            return
        self.took(EVENTS[name], after)
        if name == "arrive":
            self.since, self.calls = self.now, 0

    @precondition(lambda self: self.state in ("at_substation", "nobody_home"))
    @rule(hours=st.none() | st.integers(-2, 100))
    def called(self, hours):
        event = Call(None if hours is None else self.now + timedelta(hours=hours))
        if self.calls >= 9 or self.now - self.since > timedelta(days=3):
            with pytest.raises(CallsUsedUp):
                moved(self.parcel, event, self.now, Place())
        elif hours is not None and not 0 <= hours <= 72:
            with pytest.raises(AppointmentTooFar):
                moved(self.parcel, event, self.now, Place())
        else:
            self.took(event, self.state if hours is None else "appointed")
            self.calls += 1

    @precondition(lambda self: self.state not in ("at_substation", "nobody_home"))
    @rule()
    def a_call_at_any_other_time_is_refused(self):
        with pytest.raises(MoveNotPossible):
            moved(self.parcel, Call(), self.now, Place())

    def took(self, event, after):
        self.parcel = moved(self.parcel, event, self.now, Place())
        self.state = after
        self.steps += 1

    @invariant()
    def agrees_with_the_oracle(self):
        assert (self.parcel.state.standing.value, self.parcel.sequence) == (self.state, self.steps)
        assert getattr(self.parcel.state, "calls", self.calls) == self.calls <= 9

    @invariant()
    def has_an_owner_and_a_due_time_until_it_is_over(self):
        over = self.state in OVER
        assert (self.parcel.owner is None, self.parcel.due_at is None) == (over, over)
        assert over or self.parcel.due_at >= self.parcel.last_at

    @invariant()
    def comes_back_from_its_text(self):
        state = self.parcel.state
        assert state_read(state.standing.value, detail_of(state)) == state


TestParcels = Parcels.TestCase
TestParcels.settings = settings(max_examples=examples(60), stateful_step_count=40)

LINES = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 3).map(lambda n: (0, 1, 199_899, 199_900)[n]), st.sampled_from(Payment)),
    max_size=12,
)  # fmt: skip


def accepted(number, paid, courier):
    """A parcel that was paid at the door."""
    found = parcel(f"A{number}")
    way = (Pick(), Pack(), HandOver(courier), Arrive("East"), Call(START), Accept(Money(paid), Payment.CARD))
    for event in way:
        found = moved(found, event, START, Place())
    return found


BOOKS = [accepted(n, 199_900 if n % 3 else 199_800, "Liu" if n % 2 else "Sun") for n in range(6)]


@settings(max_examples=examples(150))
@given(LINES)
def test_whatever_a_statement_says_its_differences_add_up_to_the_cent(lines):
    statement = [StatementLine(k, f"A{n}", Money(minor), how) for k, (n, minor, how) in enumerate(lines)]
    known = {one.order: one for one in BOOKS}
    owed = [one for one in BOOKS if one.courier == "Liu"]
    found = compare(statement, known, "Liu", owed)
    assert found.told.minor == sum(line.paid.minor for line in statement)
    assert found.told - found.expected == Money(sum((one.told - one.expected).minor for one in found.differs))
    assert found.expected == Money(199_900 * len(owed))
    for order in found.equal:
        parcel = known[order]
        (line,) = [one for one in statement if one.order == order][:1]
        assert (line.paid, line.how, parcel.courier) == (parcel.price, parcel.state.how, "Liu")
        assert parcel.state.paid == parcel.price
    missing = {one.order for one in found.differs if one.kind is Difference.MISSING}
    assert missing == {one.order for one in owed} - {line.order for line in statement}
    assert len(found.equal) == len(set(found.equal))


def test_every_state_has_a_word_and_a_way_into_it():
    assert set(WAY.values()) | {"ordered", "appointed"} == set(Standing)
    assert all(state.label.zh for state in Standing)
