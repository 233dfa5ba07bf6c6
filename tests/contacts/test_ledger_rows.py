"""The ledger in the database: public faults of such systems as tests, and operations in any order beside an oracle in plain Python. On both databases."""

import hashlib
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contacts.test_handing_out import FIRST, SECOND, contact, document
from tests.proving import PROVING

from telewave.approvals.approval import Approve
from telewave.approvals.usecases import NotRunning, PlanFile, launch, step, submit
from telewave.audit.store import found as written_down
from telewave.contacts.asking import Asked
from telewave.contacts.claiming import Errand, claim_batch
from telewave.contacts.ledger import Disposition, Standing
from telewave.contacts.objection_store import objections_of
from telewave.contacts.policy import Cap, Policy, PolicyBroken, QuietHours
from telewave.contacts.policy_store import set_policy
from telewave.contacts.results_file import (
    NobodyNamed,
    ResultsUnreadable,
    UnknownOutcome,
    results_of,
)
from telewave.contacts.settling import (
    NobodyOfNumber,
    NoSuchContact,
    Told,
    exclude,
    settle_before,
    take_results,
)
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
from telewave.planning import store as plan_store
from telewave.planning.model import Plan
from telewave.planning.plan_tables import CONTACTS
from telewave.planning.plans import enter_states
from telewave.records.identities import UnknownSubscriber

NOW = datetime(2026, 7, 7, 9, tzinfo=UTC)
TOLD = Told(by="Zhao Min", now=NOW, file="results.csv")
ERRAND = Errand(by="Zhao Min", now=NOW, what="release")


def planned(database, campaign="spring", approved=True, **more):
    """A plan without rows in a warehouse, launched. What `claim_batch` needs of it."""
    content = document([], campaign=campaign, spacing_days=0, **more)
    text = json.dumps(content).encode()
    plan = Plan(hash=hashlib.sha256(text).hexdigest(), campaign=campaign, as_of=None, parent=None, state="made", made_at=NOW, document=text)  # fmt: skip
    plan_store.add(database, plan)
    if approved:
        submit(database, campaign, "Li Na", NOW, PlanFile("plan.json", text, "contacts"))
        step(database, campaign, Approve("Wang Wei"), NOW)
        launch(database, campaign, "Li Na", NOW)
    return plan


def asked(database, plan, people, day=FIRST, **more):
    rows = pa.Table.from_pylist([contact(n, day, **more) for n in people], schema=CONTACTS)
    return Asked(warehouse=None, database=database, plan=plan, document=plan.content, rows=rows, day=day)


def release(database, plan, people, day=FIRST, **more):
    claim_batch(asked(database, plan, people, day, **more), ERRAND, {})
    return standing(database, plan, day)


def rows_of(database, *conditions):
    query = (
        sa.select(contact_ledger, contact_waves.c.plan, contact_waves.c.campaign)
        .join_from(contact_ledger, contact_waves, contact_waves.c.id == contact_ledger.c.wave)
        .where(*conditions)
        .order_by(contact_ledger.c.id)
    )
    with database.transaction() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def standing(database, plan, day=FIRST):
    """State, with the reason or disposition, by subscriber."""
    rows = rows_of(database, contact_waves.c.plan == plan.hash, contact_waves.c.day == day)
    return {row["subscriber"]: (row["state"], row["disposition"] or row["reason"]) for row in rows}


def number_of(database, plan, subscriber, day=FIRST):
    (row,) = rows_of(
        database,
        contact_waves.c.plan == plan.hash,
        contact_ledger.c.subscriber == subscriber,
        contact_waves.c.day == day,
    )
    return row["id"]


def results(database, plan, lines, told=TOLD):
    """Lines: subscriber and outcome of contacts of the first day."""
    text = "contact,outcome\n" + "".join(f"{number_of(database, plan, n)},{what}\n" for n, what in lines)
    return take_results(database, plan.campaign, list(results_of(text, "results.csv")), told, int)


def test_released_twice_is_released_once_and_the_log_says_who_when_and_under_which_policy(database):
    plan = planned(database)
    set_policy(database, Policy(caps=(Cap(9, 9),)), "Wang Wei", NOW)
    assert release(database, plan, [0, 1]) == {0: ("released", None), 1: ("released", None)}
    assert release(database, plan, [0, 1]) == {0: ("released", None), 1: ("released", None)}
    query = sa.select(contact_log, contact_acts).join_from(contact_log, contact_acts, contact_acts.c.id == contact_log.c.act)  # fmt: skip
    with database.transaction() as connection:
        log = connection.execute(query.order_by(contact_log.c.contact)).mappings().all()
    assert [(one["from_state"], one["to_state"], one["sequence"]) for one in log] == [
        ("planned", "released", 1)
    ] * 2
    assert {(one["person"], one["what"], one["policy"], one["at"]) for one in log} == {
        ("Zhao Min", "release", 1, NOW)
    }


def test_who_objects_between_list_and_send_is_not_contacted_by_any_campaign_and_the_reason_is_kept(database):
    spring, autumn = planned(database), planned(database, "autumn")
    release(database, spring, [0, 1, 2])
    release(database, autumn, [0, 1, 2], SECOND)
    found = results(database, spring, [(0, "do_not_contact"), (1, "opted_out")])
    assert (found.objections, found.withdrawn) == (2, 2)
    assert standing(database, autumn, SECOND) == {
        0: ("withdrawn", "opted_out"), 1: ("withdrawn", "opted_out"), 2: ("released", None),
    }  # fmt: skip
    again = planned(
        database, "winter", channels={"sms": document([])["channels"]["sms"] | {"records": "email"}}
    )
    assert release(database, again, [0, 1, 2], SECOND) == {
        0: ("withdrawn", "opted_out"), 1: ("released", None), 2: ("released", None),
    }  # fmt: skip


def test_do_not_contact_is_not_lost_to_a_later_disposition(database):
    plan = planned(database)
    release(database, plan, [0])
    results(database, plan, [(0, "do_not_contact")])
    assert results(database, plan, [(0, "refused")]).nothing_new == 1
    assert standing(database, plan) == {0: ("answered", "do_not_contact")}
    assert [one.kind for one in objections_of(database, 0)] == ["do_not_contact"]


def test_a_late_receipt_settles_what_is_unknown_which_is_never_released_again(database):
    plan = planned(database)
    release(database, plan, [0])
    assert settle_before(database, "spring", SECOND, TOLD, close=False).moved == 1
    assert release(database, plan, [0]) == {0: ("unknown", None)}
    redated = planned(database, as_of="2026-07-09")
    assert release(database, redated, [0], date(2026, 7, 20)) == {0: ("withdrawn", "made_before")}
    results(database, plan, [(0, "delivered")])
    assert standing(database, plan) == {0: ("delivered", None)}
    assert settle_before(database, "spring", SECOND, TOLD, close=True).moved == 1
    assert standing(database, plan) == {0: ("closed", None)}


def test_a_contact_that_was_given_back_can_be_planned_again(database):
    plan = planned(database)
    release(database, plan, [0])
    results(database, plan, [(0, "not_made")])
    assert standing(database, plan) == {0: ("withdrawn", "given_back")}
    redated = planned(database, as_of="2026-07-09")
    assert release(database, redated, [0], date(2026, 7, 20)) == {0: ("released", None)}


def test_a_cap_counts_all_campaigns_and_channels_and_passes_with_its_days(database):
    set_policy(database, Policy(caps=(Cap(2, 7),)), "Wang Wei", NOW)
    journeys = [planned(database, name) for name in ("one", "two")]
    calls = planned(
        database, "calls", channels={"sms": document([])["channels"]["sms"] | {"records": "outbound_call"}}
    )
    release(database, journeys[0], [0], FIRST)
    release(database, journeys[1], [0], SECOND)
    third = SECOND + timedelta(days=1)
    assert release(database, calls, [0, 1], third) == {0: ("planned", "capped"), 1: ("released", None)}
    later = FIRST + timedelta(days=7)
    assert release(database, calls, [0], later) == {0: ("released", None)}


def test_two_workers_and_one_slot_left_make_one_contact(database):
    set_policy(database, Policy(caps=(Cap(1, 7),)), "Wang Wei", NOW)
    plans = [planned(database, name) for name in ("one", "two")]
    with ThreadPoolExecutor(2) as workers:
        found = list(workers.map(lambda plan: release(database, plan, [0, 1, 2]), plans))
    states = Counter(state for one in found for state, _ in one.values())
    assert len(rows_of(database, contact_ledger.c.state == "released")) == 3, states


def test_refused_is_left_in_peace_for_the_days_of_the_policy(database):
    set_policy(database, Policy(pauses={Disposition.REFUSED: 30}), "Wang Wei", NOW)
    one, two = planned(database, "one"), planned(database, "two")
    release(database, one, [0, 1])
    results(database, one, [(0, "refused"), (1, "no_answer")])
    assert release(database, two, [0, 1], SECOND) == {0: ("planned", "paused"), 1: ("released", None)}
    assert release(database, two, [0], FIRST + timedelta(days=31))[0] == ("released", None)


def test_quiet_hours_and_a_broken_policy_let_nobody_through(database):
    set_policy(database, Policy(quiet=(QuietHours(21 * 60, 7 * 60),)), "Wang Wei", NOW)
    plan = planned(database)
    assert release(database, plan, [0], minute=30) == {0: ("planned", "quiet_hours")}
    with database.transaction() as connection:
        broken = {
            "version": 2,
            "at": NOW,
            "person": "x",
            "content": '{"caps": [], "quiet": [["25:99"]], "pauses": {}}',
        }
        connection.execute(sa.insert(contact_policies), broken)
    with pytest.raises(PolicyBroken):
        release(database, plan, [0], SECOND)
    assert standing(database, plan, SECOND) == {}


def test_an_exclusion_list_takes_out_of_every_queue_and_stays(database):
    plan = planned(database)
    release(database, plan, [0, 1])
    assert exclude(database, [0, 5, 5], TOLD).withdrawn == 1
    assert standing(database, plan) == {0: ("withdrawn", "excluded"), 1: ("released", None)}
    assert exclude(database, [0], TOLD).objections == 0
    assert release(database, plan, [5], SECOND) == {5: ("withdrawn", "excluded")}


def test_a_new_holder_of_the_number_has_none_of_the_old_ones_history(database):
    """Whoever takes a number over is another subscriber; see who the records say it is."""
    set_policy(database, Policy(caps=(Cap(1, 7),)), "Wang Wei", NOW)
    plan = planned(database)
    release(database, plan, [0])
    results(database, plan, [(0, "do_not_contact")])
    assert release(database, plan, [100], SECOND) == {100: ("released", None)}


def test_the_channels_day_is_shared_by_all_batches_of_a_plan(database):
    channels = {"sms": document([])["channels"]["sms"] | {"capacity": {FIRST.isoformat(): 3}}}
    plan = planned(database, channels=channels)
    release(database, plan, [0, 1])
    assert Counter(release(database, plan, [2, 3, 4]).values()) == {
        ("released", None): 3, ("planned", "no_capacity"): 2,
    }  # fmt: skip
    exclude(database, [0], TOLD)
    assert standing(database, plan)[0] == ("withdrawn", "excluded")
    assert release(database, plan, [3, 4])[3] == ("released", None)


def test_nothing_is_released_of_a_plan_that_has_been_paused_meanwhile(database):
    plan = planned(database)
    with database.transaction() as connection:
        enter_states(connection, {plan.hash: "paused"})
    with pytest.raises(NotRunning):
        release(database, plan, [0])
    assert standing(database, plan) == {}


def test_a_file_of_results_is_taken_over_whole_or_not_at_all_and_twice_is_once(database):
    plan = planned(database)
    release(database, plan, [0, 1])
    text = f"contact,outcome\n{number_of(database, plan, 0)},refused\n999,refused\n"
    given_back = list(results_of(text, "r.csv"))
    with pytest.raises(NoSuchContact, match="line 3"):
        take_results(database, "spring", given_back, TOLD, int)
    assert standing(database, plan)[0] == ("released", None)
    lines = [(0, "attempted"), (0, "no_answer"), (1, "ordered")]
    assert results(database, plan, lines).moved == 2
    assert results(database, plan, lines).moved == 0
    assert standing(database, plan) == {0: ("answered", "no_answer"), 1: ("answered", "ordered")}


def test_a_reply_by_number_and_channel_is_an_objection_and_the_words_decide(database):
    planned(database)
    text = "号码,渠道,结果,内容\n7,sms,回复,退订\n8,sms,回复,请不要停\n"
    found = take_results(database, "spring", list(results_of(text, "replies.csv")), TOLD, int)
    assert found.objections == 1
    assert [(one.recorded_as, one.kind) for one in objections_of(database, 7)] == [("sms", "opted_out")]
    assert objections_of(database, 8) == []


def test_an_objection_of_a_number_that_nobody_has_is_refused_with_its_line_and_nothing_is_taken(database):
    def who_is(text):
        if text == "7":
            return 7
        raise UnknownSubscriber(subscriber=text)

    planned(database)
    text = "number,channel,outcome\n7,sms,opted_out\n13900009999,sms,opted_out\n"
    with pytest.raises(
        NobodyOfNumber, match=r"results.csv, line 3: nobody on record has the number 13900009999"
    ):
        take_results(database, "spring", list(results_of(text, "replies.csv")), TOLD, who_is)
    assert objections_of(database, 7) == []
    without = "\n".join(text.splitlines()[:2])
    assert (
        take_results(database, "spring", list(results_of(without, "replies.csv")), TOLD, who_is).objections
        == 1
    )
    take_results(database, "spring", list(results_of(without, "replies.csv")), TOLD, who_is)
    (entry,) = written_down(database, action="subscriber:objected")  # of what was taken, once
    assert (entry.person, entry.about, entry.facts["objections"]) == (TOLD.by, "spring", 1)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", ResultsUnreadable), ("contact\n1\n", ResultsUnreadable), ("number,outcome\n1,refused\n", ResultsUnreadable),
        ("contact,outcome\n1,perhaps\n", UnknownOutcome), ("contact,outcome\nx1,refused\n", NobodyNamed),
        ("number,channel,outcome\n1,,refused\n", NobodyNamed),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_understood_is_refused_with_the_line(text, error):
    with pytest.raises(error):
        list(results_of(text, "results.csv"))


OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("release"), st.integers(0, 1), st.integers(0, 2), st.sets(st.integers(0, 3), min_size=1)),
        st.tuples(
            st.just("result"), st.integers(0, 1), st.integers(0, 2), st.integers(0, 3),
            st.sampled_from(["attempted", "delivered", "not_made", "no_answer", "refused", "ordered", "opted_out", "do_not_contact"]),
        ),
        st.tuples(st.just("exclude"), st.integers(0, 3)),
        st.tuples(st.just("time out"), st.integers(0, 1), st.integers(0, 3)),
    ),
    max_size=14,
)  # fmt: skip


class Oracle:
    """The ledger as its meaning says it, one contact at a time. Two campaigns, three days, four subscribers, one channel, at most two contacts in two days."""

    strength = ("no_answer", "refused", "ordered", "opted_out", "do_not_contact")

    def __init__(self):
        self.rows, self.out_of_it = {}, {}

    def out(self, subscriber, day):
        return [
            d for (_, d, n), (state, _) in self.rows.items()
            if n == subscriber and abs(d - day) < 2 and state not in ("planned", "withdrawn")
        ]  # fmt: skip

    def release(self, campaign, day, people):
        for n in people:
            state, _ = self.rows.get((campaign, day, n), ("planned", None))
            if n in self.out_of_it and state in ("planned", "released"):
                self.rows[campaign, day, n] = ("withdrawn", self.out_of_it[n])
            elif state == "planned":
                days = [*self.out(n, day), day]
                full = max(sum(d in (first, first + 1) for d in days) for first in (day - 1, day)) > 2
                self.rows[campaign, day, n] = ("planned", "capped") if full else ("released", None)

    def result(self, campaign, day, n, what):
        state, told = self.rows[campaign, day, n]
        if what == "attempted":
            after = ("attempted", None) if state == "released" else (state, told)
        elif what == "not_made":
            after = ("withdrawn", "given_back") if state in ("planned", "released") else (state, told)
        elif what == "delivered":
            after = (state, told) if state == "answered" else ("delivered", None)
        else:
            both = [what, *([told] if state == "answered" else [])]
            after = ("answered", max(both, key=self.strength.index))
        self.rows[campaign, day, n] = after
        if what in ("opted_out", "do_not_contact"):
            self.object(n, "opted_out")

    def object(self, n, why):
        if self.out_of_it.get(n) != "excluded":
            self.out_of_it[n] = why
        for key, (state, _) in self.rows.items():
            if key[2] == n and state in ("planned", "released"):
                self.rows[key] = ("withdrawn", why)

    def time_out(self, campaign, day):
        for key, (state, _) in self.rows.items():
            if key[0] == campaign and key[1] < day and state in ("released", "attempted"):
                self.rows[key] = ("unknown", None)


@settings(
    max_examples=150 if PROVING else 12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(operations=OPERATIONS)
def test_whatever_is_done_in_whatever_order_the_ledger_stands_as_its_meaning_says(database, operations):
    with database.transaction() as connection:
        for table in (
            objections,
            contact_counts,
            contact_log,
            contact_ledger,
            contact_waves,
            contact_acts,
            contact_policies,
        ):
            connection.execute(sa.delete(table))
    set_policy(database, Policy(caps=(Cap(2, 2),)), "Wang Wei", NOW)
    plans = [planned(database, name) if not plan_store.plans_of(database, name) else plan_store.plans_of(database, name)[0] for name in ("one", "two")]  # fmt: skip
    oracle, days = Oracle(), [FIRST + timedelta(days=n) for n in range(4)]
    for what, *given_ in operations:
        if what == "release":
            campaign, day, people = given_
            release(database, plans[campaign], sorted(people), days[day])
            oracle.release(campaign, day, sorted(people))
        elif what == "result" and tuple(given_[:3]) in oracle.rows:
            campaign, day, n, outcome = given_
            text = f"contact,outcome\n{number_of(database, plans[campaign], n, days[day])},{outcome}\n"
            take_results(database, plans[campaign].campaign, list(results_of(text, "r.csv")), TOLD, int)
            oracle.result(campaign, day, n, outcome)
        elif what == "exclude":
            exclude(database, given_, TOLD)
            oracle.object(given_[0], "excluded")
            oracle.out_of_it[given_[0]] = "excluded"
        elif what == "time out":
            campaign, day = given_
            settle_before(database, plans[campaign].campaign, days[day], TOLD, close=False)
            oracle.time_out(campaign, day)
    found = {
        (["one", "two"].index(row["campaign"]), (row["day"] - FIRST).days, row["subscriber"]): (row["state"], row["disposition"] or row["reason"])
        for row in rows_of(database)
    }  # fmt: skip
    assert found == oracle.rows
    check_log(database)
    check_counts(database)


def check_log(database):
    """The log of each contact is a chain from planned to where it stands, without gaps."""
    with database.transaction() as connection:
        log = connection.execute(sa.select(contact_log).order_by(contact_log.c.contact, contact_log.c.sequence)).mappings().all()  # fmt: skip
    chains = {}
    for one in log:
        chain = chains.setdefault(one["contact"], [])
        assert one["from_state"] == (chain[-1]["to_state"] if chain else Standing.PLANNED)
        chain.append(one)
        assert one["sequence"] == len(chain)
    for row in rows_of(database):
        chain = chains.pop(row["id"], [])
        assert row["sequence"] == len(chain)
        assert row["state"] == (chain[-1]["to_state"] if chain else Standing.PLANNED)
    assert chains == {}


def check_counts(database):
    """What is kept of how many contacts of a wave are out is what counting them says."""
    counted = Counter((row["wave"], row["channel"]) for row in rows_of(database) if row["state"] in OUT)
    with database.transaction() as connection:
        kept = {
            (wave, channel): made
            for wave, channel, made in connection.execute(
                sa.select(contact_counts.c["wave", "channel", "made"])
            )
            if made
        }
    assert kept == counted
