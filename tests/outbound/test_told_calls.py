"""Calls told and calls on record are joined by arrays as plain loops join them."""

from datetime import timedelta

import numpy as np
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from tests.contacts.test_handing_out import FIRST, SECOND, keys, warehouse
from tests.outbound.calling import TEN, call, campaign

from telewave.contacts.results_file import results_of
from telewave.contacts.settling import Told, take_results
from telewave.contacts.tables import contact_ledger
from telewave.outbound.dispositions import ATTEMPTS, REACHED, WILLING, CallResult
from telewave.outbound.tables import call_queue, calls
from telewave.outbound.told_calls import ToldCalls, told_calls

__all__ = ["campaign", "keys", "warehouse"]
ROWS = st.lists(st.tuples(st.integers(0, 4), st.integers(730_000, 730_003), st.sampled_from(["", "A", "B"])))


def arrays(rows):
    columns = list(zip(*rows, strict=True)) if rows else [(), (), ()]
    return [np.array(one, kind) for one, kind in zip(columns, (np.int64, np.int64, np.str_), strict=True)]


def told_of(rows):
    subscriber, day, agent = arrays(rows)
    flags = np.arange(len(rows)) % 2 == 0
    return ToldCalls(
        subscriber=subscriber,
        day=day,
        agent=agent,
        hour=np.arange(len(rows)),
        reached=flags,
        willing=~flags,
        ordered=flags,
    )


@given(told=ROWS, recorded=ROWS)
def test_what_is_told_beside_records_and_who_told_it_is_found_as_by_plain_loops(told, recorded):
    calls_told = told_of(told)
    subscriber, day, agent = arrays(recorded)
    on_record = {(who, when) for who, when, _ in recorded}
    kept = [k for k, (who, when, _) in enumerate(told) if (who, when) not in on_record]
    assert calls_told.beside(subscriber, day).hour.tolist() == kept
    who = {(one, when): name for one, when, name in told}
    plain = [name or who.get((one, when), "") for one, when, name in recorded]
    assert calls_told.named(subscriber, day, agent).tolist() == plain


def plainly(database, first, end):
    """One row after the other: every try that an agent told, then what files told of other contacts."""
    with database.transaction() as connection:
        made = connection.execute(sa.select(calls).order_by(calls.c.id)).mappings().all()
        whose = dict(connection.execute(sa.select(call_queue.c.contact, call_queue.c.subscriber)).all())
        ledger = connection.execute(sa.select(contact_ledger).order_by(contact_ledger.c.id)).mappings().all()
    found = []
    for one in made:
        if one["result"] in [x.value for x in ATTEMPTS] and first <= one["day"] < end:
            result = CallResult(one["result"])
            tail = (result in REACHED, result in WILLING, result is CallResult.ORDERED)
            found.append((whose[one["contact"]], one["day"], one["hour"], one["agent"], *tail))
    called = {one["contact"] for one in made if one["result"]}
    for one in ledger:
        if one["disposition"] and one["id"] not in called and first <= one["day"] < end:
            said = one["disposition"]
            tail = (
                said not in ("no_answer", "bounced"),
                said in ("willing", "ordered", "visited"),
                said == "ordered",
            )
            found.append((one["subscriber"], one["day"], -1, one["agent"] or "", *tail))
    return found


def test_calls_of_agents_and_of_files_are_read_as_one_row_after_the_other(campaign):
    campaign.plan([call(n, FIRST if n < 6 else SECOND) for n in range(9)])
    campaign.release()
    campaign.release(day=SECOND)
    for subscriber, result in ((0, "refused"), (1, "ordered"), (2, "no_answer"), (3, "not_made")):
        assert campaign.whom("A") == subscriber
        more = {"offer": "handset"} if result == "ordered" else {}
        campaign.done("A", subscriber, result, **more)
        if result == "not_made":
            campaign.whom("A")
    with campaign.database.transaction() as connection:
        row = contact_ledger.c
        numbers = dict(connection.execute(sa.select(row.subscriber, row.id)).all())
    lines = f"{numbers[4]},willing,Liu\n{numbers[5]},no_answer,\n{numbers[6]},ordered,Liu\n"
    results = list(results_of("contact,outcome,agent\n" + lines, "results.csv"))
    take_results(campaign.database, "spring", results, Told(by="Li", now=TEN, file="results.csv"), int)
    for first, end in ((FIRST, SECOND), (FIRST, SECOND + timedelta(1)), (SECOND, SECOND)):
        found = told_calls(campaign.database, "spring", first, end)
        columns = [found.subscriber, found.day, found.hour, found.agent, found.reached, found.willing, found.ordered]  # fmt: skip
        plain = [(one[0], one[1].toordinal(), *one[2:]) for one in plainly(campaign.database, first, end)]
        assert list(zip(*(one.tolist() for one in columns), strict=True)) == plain
