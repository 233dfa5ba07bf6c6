"""One call at a time for an agent: who is next, what is held, what becomes of it. On both databases."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from tests.contacts.test_handing_out import AS_OF, FIRST, SECOND, contact, keys, put, warehouse
from tests.contacts.test_ledger_rows import rows_of
from tests.outbound.calling import CHANNELS, TEN, call, campaign, later

from telewave.approvals.approval import Pause
from telewave.approvals.usecases import NotRunning, step
from telewave.audiences.language import parse_rule
from telewave.contacts.handing_out import hand_out
from telewave.contacts.ledger import Disposition
from telewave.contacts.policy import Cap, Policy, QuietHours
from telewave.contacts.policy_store import set_policy
from telewave.contacts.settling import Told, exclude
from telewave.contacts.tables import contact_ledger
from telewave.features.wide import WIDE_SCHEMA
from telewave.outbound import store
from telewave.outbound.dispositions import ATTEMPTS, TABLE, CallResult, Effect
from telewave.outbound.model import Outcome
from telewave.outbound.recording import (
    NeverCalled,
    NoCallThen,
    NotGiven,
    NoTimeToCallBack,
    OptionsOfAnotherResult,
    OrderNumberTooLong,
    WhichOffer,
    record_call,
)
from telewave.outbound.reserving import CallsAreOver, NoCallsPlanned, NotCallingNow
from telewave.outbound.team import Agent, NoAgentNamed, NotOfTheTeam, Skill, Team

__all__ = ["campaign", "keys", "warehouse"]


def standing(campaign, subscriber):
    """State, disposition or reason, and agent in the ledger."""
    (row,) = rows_of(campaign.database, contact_ledger.c.subscriber == subscriber)
    return row["state"], row["disposition"] or row["reason"], row["agent"]


def released(campaign, people=range(4), **more):
    plan = campaign.plan([call(n, **more) for n in people])
    campaign.release()
    return plan


def test_the_most_valuable_come_first_and_two_agents_never_have_the_same(campaign):
    released(campaign)
    assert [campaign.whom(agent) for agent in ("A", "B", "C")] == [0, 1, 2]
    assert campaign.whom("A") == 0
    assert [campaign.whom(agent) for agent in ("D", "E")] == [3, None]
    assert campaign.next("E").left.held == 4


def test_agents_who_ask_at_once_get_different_contacts(campaign):
    released(campaign, range(10))
    assert campaign.whom("first") == 0
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(campaign.whom, [f"A{n % 8}" for n in range(24)]))
    held = {}
    for agent, subscriber in zip((f"A{n % 8}" for n in range(24)), found, strict=True):
        held.setdefault(agent, set()).add(subscriber)
    assert all(len(one) == 1 for one in held.values()), held
    assert len({next(iter(one)) for one in held.values()}) == 8


def test_when_the_time_runs_out_the_contact_goes_back_and_who_lost_it_may_still_tell(campaign):
    released(campaign, range(2))
    assert campaign.whom("A") == 0
    assert campaign.whom("B", later(minutes=9)) == 1
    assert campaign.whom("C", later(minutes=11)) == 0
    campaign.done("A", 0, "refused", later(minutes=12))
    assert standing(campaign, 0) == ("answered", "refused", "A")
    assert campaign.whom("C", later(minutes=12)) is None  # it is closed; C's time is over with it
    assert campaign.whom("A", later(minutes=30)) == 1
    with pytest.raises(NotGiven, match="outbound next spring --agent A"):
        campaign.done("A", 0, "willing", later(minutes=31))


def test_who_objects_between_release_and_call_is_not_given_to_anybody(campaign):
    released(campaign)
    exclude(campaign.database, [0], Told(by="Li", now=TEN))
    assert campaign.whom("A") == 1
    exclude(campaign.database, [1, 2], Told(by="Li", now=TEN))
    assert campaign.whom("A") == 3  # what A held was taken back


def test_an_objection_in_a_call_takes_the_customer_out_of_every_queue(campaign):
    released(campaign)
    campaign.plan([call(0, SECOND)], "autumn")
    campaign.release("autumn", SECOND)
    assert campaign.whom("A") == 0
    found = campaign.done("A", 0, "do_not_contact")
    assert (found.withdrawn, found.again_at) == (1, None)
    with pytest.raises(NotCallingNow):
        campaign.whom("B", datetime(2026, 7, 9, 8, tzinfo=TEN.tzinfo), "autumn")
    assert campaign.whom("B", later(days=1), "autumn") is None


def test_nobody_answers_then_the_contact_waits_and_its_tries_are_counted(campaign):
    released(campaign, [0])
    at, tries = TEN, []
    for _ in range(9):
        if campaign.whom("A", at) is None:
            break
        found = campaign.done("A", 0, "no_answer", at)
        tries.append(at)
        if found.again_at is None:
            break
        with suppress(NotCallingNow):
            assert campaign.whom("B", found.again_at - timedelta(minutes=1)) is None
        at = found.again_at
    assert [f"{one:%d %H:%M}" for one in tries] == ["08 10:00", "08 14:00", "08 18:00", "09 09:00"]
    assert standing(campaign, 0) == ("answered", "no_answer", "A")
    assert [one["result"] for one in campaign.calls()] == ["no_answer"] * 4


def test_a_call_back_is_the_first_thing_its_agent_gets_and_another_s_when_he_stays_away(campaign):
    released(campaign, range(6))
    assert campaign.whom("A") == 0
    found = campaign.done("A", 0, "call_back", call_back=later(hours=2))
    assert standing(campaign, 0) == ("attempted", None, "A")
    assert found.again_at == later(hours=2)
    assert campaign.whom("A", later(hours=1)) == 1
    campaign.done("A", 1, "refused", later(hours=1))
    assert campaign.whom("B", later(hours=2)) == 2
    assert campaign.whom("A", later(hours=2)) == 0
    campaign.done("A", 0, "call_back", later(hours=2), call_back=later(hours=3))
    assert campaign.whom("C", later(hours=3, minutes=29)) == 2  # B's time ran out
    assert campaign.whom("D", later(hours=3, minutes=30)) == 0


def test_a_call_back_needs_a_time_at_which_calls_are_made(campaign):
    released(campaign)
    campaign.whom("A")
    with pytest.raises(NoTimeToCallBack):
        campaign.done("A", 0, "call_back")
    for at in (later(hours=-1), later(hours=11), later(days=40)):
        with pytest.raises(NoCallThen):
            campaign.done("A", 0, "call_back", call_back=at)
    set_policy(campaign.database, Policy(quiet=(QuietHours(12 * 60, 14 * 60),)), "Wang Wei", TEN)
    with pytest.raises(NoCallThen, match="2026-07-08 14:00"):
        campaign.done("A", 0, "call_back", call_back=later(hours=3))


def test_an_order_in_the_call_is_noted_with_its_offer_and_number(campaign):
    released(campaign)
    campaign.whom("A")
    with pytest.raises(WhichOffer, match="handset"):
        campaign.done("A", 0, "ordered")
    with pytest.raises(OptionsOfAnotherResult, match="ordered"):
        campaign.done("A", 0, "willing", offer="handset")
    with pytest.raises(OrderNumberTooLong):
        campaign.done("A", 0, "ordered", offer="handset", reference="9" * 201)
    campaign.done("A", 0, "ordered", offer="handset", reference="R-7")
    (row,) = rows_of(campaign.database, contact_ledger.c.subscriber == 0)
    assert (row["disposition"], row["reference"], row["agent"]) == ("ordered", "R-7", "A")
    assert [(one["offer"], one["reference"]) for one in campaign.calls()] == [("handset", "R-7")]


def test_quiet_hours_closed_days_and_the_end_of_the_campaign_let_nobody_be_called(campaign):
    closed = CHANNELS["call"] | {"capacity": {FIRST.isoformat(): 9, SECOND.isoformat(): 0}}
    campaign.plan([call(n) for n in range(3)], channels={"call": closed})
    campaign.release()
    with pytest.raises(NotCallingNow, match="2026-07-10 09:00"):
        campaign.whom("A", later(hours=10))
    set_policy(campaign.database, Policy(quiet=(QuietHours(9 * 60, 11 * 60),)), "Wang Wei", TEN)
    with pytest.raises(NotCallingNow, match="2026-07-08 11:00"):
        campaign.whom("A")
    assert campaign.whom("A", later(hours=1)) == 0
    with pytest.raises(CallsAreOver, match="2026-07-31"):
        campaign.whom("A", datetime(2026, 7, 31, 20, tzinfo=TEN.tzinfo))


def test_a_pause_holds_back_until_it_ends(campaign):
    released(campaign, [0, 1])
    campaign.plan([call(0)], "autumn")
    campaign.release("autumn")
    assert campaign.whom("A", name="autumn") == 0
    campaign.done("A", 0, "refused", name="autumn")
    set_policy(campaign.database, Policy(pauses={Disposition.REFUSED: 3}), "Wang Wei", TEN)
    assert campaign.whom("B") == 1
    assert campaign.whom("C") is None
    assert [campaign.whom(agent, later(days=3)) for agent in ("B", "C")] == [1, None]
    assert campaign.whom("C", later(days=4)) == 0


def test_a_try_on_another_day_than_planned_counts_under_the_cap(campaign):
    released(campaign, [0])
    campaign.plan([call(0, SECOND)], "autumn")
    campaign.release("autumn", SECOND)
    campaign.whom("A")
    campaign.done("A", 0, "call_back", call_back=later(days=1))
    set_policy(campaign.database, Policy(caps=(Cap(1, 1),)), "Wang Wei", TEN)
    assert campaign.whom("A", later(days=1)) is None
    assert campaign.whom("A", later(days=2)) == 0


def test_agents_get_what_they_have_the_skill_and_the_language_for(campaign):
    put(campaign.warehouse, "wide", AS_OF, [{"subscriber": n, "has_mobile": True, "district": "south" if n < 2 else "north"} for n in range(6)], WIDE_SCHEMA)  # fmt: skip
    team = Team(
        agents=(Agent("Yue", frozenset({"yue"})), Agent("Core", frozenset({"core"})), Agent("Both", frozenset({"yue", "core"})), Agent("None")),
        skills={"core": Skill(groups=frozenset({"core"}))},
        languages={"yue": parse_rule("district = 'south'")},
    )  # fmt: skip
    store.set_team(campaign.database, team, "Wang Wei", TEN)
    campaign.plan([call(n, group="core" if n % 2 else "basic") for n in range(6)])
    campaign.release()
    assert campaign.whom("Yue") == 0
    assert campaign.whom("None") == 2
    assert campaign.whom("Core") == 3
    assert campaign.whom("Both") == 1
    with pytest.raises(NotOfTheTeam, match="Yue, Core, Both, None"):
        campaign.whom("Stranger")
    store.set_team(campaign.database, Team(agents=(Agent("Yue"),)), "Wang Wei", TEN)
    assert campaign.whom("Yue", later(minutes=10)) == 0


def test_an_agent_has_a_name(campaign):
    released(campaign)
    for name in (" ", "x" * 121):
        with pytest.raises(NoAgentNamed):
            campaign.whom(name)


def test_what_the_records_say_is_asked_again_on_the_next_day(campaign):
    released(campaign, [0, 1, 2])
    for subscriber in range(2):
        assert campaign.whom("A") == subscriber
        campaign.done("A", subscriber, "no_answer")
    order = {"subscriber": 0, "ordered_at": datetime(2026, 7, 8, 12), "offer": "handset", "kind": "device_only", "channel": "hall"}  # fmt: skip
    put(campaign.warehouse, "orders", FIRST, [order | {"subscriber": n} for n in (0, 2)])
    tomorrow = later(days=1)
    assert campaign.whom("A", tomorrow) == 1
    assert campaign.whom("B", tomorrow) is None
    assert standing(campaign, 2) == ("withdrawn", "ordered", None)
    assert standing(campaign, 0) == ("answered", "no_answer", "A")


def test_what_is_let_go_later_comes_into_the_queue(campaign):
    campaign.plan([call(0), call(1, SECOND)])
    campaign.release()
    assert campaign.whom("A") == 0
    assert campaign.whom("B") is None
    campaign.release(day=SECOND)
    assert campaign.whom("B") is None
    assert campaign.whom("B", later(days=1)) == 0
    assert campaign.whom("C", later(days=1)) == 1


def test_a_day_is_worked_through_by_a_list_or_by_agents_and_never_by_both(campaign, keys):
    campaign.plan([call(0), call(1), contact(2), call(3, SECOND)], channels=CHANNELS | {"sms": CHANNELS["call"] | {"records": "sms"}})  # fmt: skip
    campaign.release()
    assert campaign.whom("A") == 0
    listed = hand_out(campaign.warehouse, campaign.database, keys, "spring", FIRST, by="Li", now=TEN)
    assert (listed.rows["subscriber"].to_pylist(), listed.with_agents) == ([2], 2)
    listed = hand_out(campaign.warehouse, campaign.database, keys, "spring", SECOND, by="Li", now=TEN)
    assert (listed.rows["subscriber"].to_pylist(), listed.with_agents) == ([3], 0)
    assert [campaign.whom(agent, later(days=1)) for agent in ("A", "B", "C")] == [0, 1, None]


def test_a_paused_campaign_and_one_without_calls_give_nobody(campaign):
    released(campaign)
    campaign.plan([contact(0)], "texts", channels={"sms": CHANNELS["call"] | {"records": "sms"}})
    with pytest.raises(NoCallsPlanned):
        campaign.whom("A", name="texts")
    step(campaign.database, "spring", Pause("Wang Wei", "holiday"), TEN)
    with pytest.raises(NotRunning):
        campaign.whom("A")


def test_a_contact_that_was_not_called_is_given_to_the_next_and_counts_no_try(campaign):
    released(campaign, [0])
    campaign.whom("A")
    assert campaign.done("A", 0, "not_made").attempts == 0
    assert standing(campaign, 0) == ("released", None, None)
    assert campaign.whom("B") == 0
    with pytest.raises(NeverCalled):
        record_call(campaign.database, 10**6, "B", Outcome(result=CallResult.BUSY), TEN)


def test_a_plan_is_named_by_its_hash_too(campaign):
    plan = released(campaign)
    assert campaign.whom("A", name=plan.hash[:12]) == 0


def test_the_table_says_each_disposition_once_the_weakest_first():
    assert [one.result for one in TABLE] == list(CallResult)
    told = [one.event.disposition for one in TABLE if hasattr(one.event, "disposition") and one.reached]
    assert told == sorted(told, key=list(Disposition).index)
    assert CallResult.NOT_MADE not in ATTEMPTS
    assert {one.effect for one in TABLE} == set(Effect)
