"""Agents, clocks and objections in any order beside an oracle in plain Python: nobody is given to two, each agent holds one at most, time runs out, and whoever must not be called is not."""

from datetime import timedelta
from itertools import count

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contacts.test_handing_out import AS_OF, put, warehouse
from tests.outbound.calling import TEN, call, campaign
from tests.proving import examples

from telewave.contacts.settling import Told, exclude
from telewave.features.usecases import WIDE
from telewave.features.wide import WIDE_SCHEMA
from telewave.outbound.model import Given
from telewave.outbound.recording import NotGiven
from telewave.outbound.tables import call_queue, calls

__all__ = ["campaign", "warehouse"]
PEOPLE = 5
HELD, GRACE = timedelta(minutes=10), timedelta(minutes=30)
LATEST, CLOSES, OPENS = TEN.replace(hour=18, minute=30), TEN.replace(hour=20), TEN.replace(day=9, hour=9)
CLOSING = ("refused", "willing", "hung_up")
AGENT = st.sampled_from("ABC")
STEPS = st.one_of(
    st.tuples(st.just("next"), AGENT),
    st.tuples(st.just("done"), AGENT, st.sampled_from([*CLOSING, "no_answer", "no_answer", "busy", "not_made", "call_back"])),
    st.tuples(st.just("wait"), st.sampled_from([1, 9, 11, 30, 60, 240])),
    st.tuples(st.just("exclude"), st.integers(0, PEOPLE - 1)),
)  # fmt: skip
RUNS = count()


class Oracle:
    """Who holds whom until when, who is never called again, who is due when and for whom; values fall with the number.
    `gives`: agent, person and whether he told what became of it, each time anybody was given somebody."""

    def __init__(self):
        self.now, self.held, self.gives = TEN, {}, []
        self.over, self.tries = set(), dict.fromkeys(range(PEOPLE), 0)
        self.due = dict.fromkeys(range(PEOPLE), (TEN, None))

    def next(self, agent):
        mine = self.held.pop(agent, None)
        if mine and mine[1] > self.now and mine[0] not in self.over:
            self.held[agent] = mine
            return mine[0]
        taken = {one for one, until in self.held.values() if until > self.now}
        free = [n for n in range(PEOPLE) if n not in self.over | taken and self.is_due(n, agent)]
        if not free:
            return None
        first = min(free, key=lambda n: ({agent: 0, None: 2}.get(self.due[n][1], 1), n))
        self.held = {a: one for a, one in self.held.items() if one[0] != first}
        self.held[agent] = (first, self.now + HELD)
        self.gives.append([agent, first, False])
        return first

    def is_due(self, n, agent):
        at, promised = self.due[n]
        return at is not None and at <= self.now and (promised in (None, agent) or at <= self.now - GRACE)

    def done(self, agent, n, result):
        mine = max(k for k, one in enumerate(self.gives) if one[:2] == [agent, n])
        self.gives[mine][2] = True
        self.tries[n] += result != "not_made"
        if self.held.get(agent, (None,))[0] == n:
            del self.held[agent]
        if result in CLOSING:
            self.over.add(n)
        if not any(one[1] == n and one[2] for one in self.gives[mine + 1 :]):
            self.due[n] = self.again(agent, n, result)

    def again(self, agent, n, result):
        if result == "call_back":
            return self.now + timedelta(hours=1), agent
        if result == "not_made":
            return self.now, None
        if result in CLOSING or self.tries[n] >= 4:
            return None, None
        at = self.now + timedelta(minutes=30 if result == "busy" else 240)
        return (at if at < CLOSES else OPENS), None


def tell(campaign, oracle, agent, result, run):
    """What the agent tells of whom he was given last."""
    mine = [one for one in oracle.gives if one[0] == agent]
    if not mine:
        return
    _, n, told = mine[-1]
    back = {"call_back": oracle.now + timedelta(hours=1)} if result == "call_back" else {}
    words = (f"{agent}{run}", number(n, run), result, oracle.now, f"c{run}")
    if told:
        with pytest.raises(NotGiven):
            campaign.done(*words, **back)
    else:
        campaign.done(*words, **back)
        oracle.done(agent, n, result)


def number(n, run):
    return run * PEOPLE + n


def check(campaign, oracle, run):
    """What the database says of holders and tries."""
    with campaign.database.transaction() as connection:
        rows = (
            connection.execute(sa.select(call_queue).where(call_queue.c.campaign == f"c{run}"))
            .mappings()
            .all()
        )
        given = connection.execute(sa.select(sa.func.count()).where(calls.c.campaign == f"c{run}")).scalar()
    held = {
        row["holder"][0]: (row["subscriber"] % PEOPLE, row["held_until"]) for row in rows if row["holder"]
    }
    assert {a: one for a, one in held.items() if one[1] > oracle.now} == {
        a: one for a, one in oracle.held.items() if one[1] > oracle.now
    }
    assert {row["subscriber"] % PEOPLE: row["attempts"] for row in rows} == (oracle.tries if rows else {})
    assert given == len(oracle.gives)


@settings(
    max_examples=examples(15),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, min_size=10, max_size=40))
def test_whatever_agents_do_in_whatever_order_each_contact_is_with_one_of_them(campaign, steps):
    run, oracle = next(RUNS), Oracle()
    people = [number(n, run) for n in range(PEOPLE)]
    put(campaign.warehouse, WIDE, AS_OF, [{"subscriber": n, "has_mobile": True} for n in people], WIDE_SCHEMA)
    campaign.plan([call(one, expected_profit=9.0 - n) for n, one in enumerate(people)], f"c{run}")
    campaign.release(f"c{run}")
    for what, who, *more in [("next", "A"), *steps]:
        if what == "wait":
            oracle.now = min(oracle.now + timedelta(minutes=who), LATEST)
        elif what == "exclude":
            exclude(campaign.database, [number(who, run)], Told(by="Li", now=oracle.now))
            oracle.over.add(who)
        elif what == "next":
            found = campaign.next(f"{who}{run}", oracle.now, f"c{run}")
            person = found.row.subscriber % PEOPLE if isinstance(found, Given) else None
            assert person == oracle.next(who)
        else:
            tell(campaign, oracle, who, more[0], run)
        check(campaign, oracle, run)
