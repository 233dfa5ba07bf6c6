"""Made, launched, dated anew and handed out on small homes drawn at random: every rule of the campaign holds at every step."""

import tempfile
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import combinations
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contacts.test_handing_out import AS_OF, NOW, contact, handed, kept, launched, put
from tests.proving import PROVING

from telewave.briefs.campaign_file import load_campaign
from telewave.briefs.model import Budget, Holdout, scaled
from telewave.contacts.work_list import window
from telewave.features.usecases import WIDE, open_wide
from telewave.features.wide import WIDE_SCHEMA
from telewave.kernel import Money
from telewave.models.usecases import SCORES
from telewave.offers.catalogue_file import reference_case
from telewave.planning.model import GONE, ContactState
from telewave.planning.plans import contacts_of, control_of
from telewave.planning.redating import redate
from telewave.planning.usecases import make_plan
from telewave.platform.database import Database
from telewave.platform.engine import DuckDBEngine
from telewave.platform.progress import Silent
from telewave.platform.warehouse import Warehouse
from telewave.records import store
from telewave.records.key_keeping import open_keys

SIZE = 240
TODAY = AS_OF + timedelta(days=6)
LEFT = 11
"""Every so manieth line has left by `TODAY`."""


def drawn_home(folder, draw):
    """A warehouse with people, two to a customer, and their scores; and keys with everybody's number."""
    warehouse = Warehouse(folder / "warehouse", DuckDBEngine(1, 1))
    people = [
        {
            "subscriber": n, "arpu": float(draw.gamma(3, 30)), "payment": str(draw.choice(["prepaid", "postpaid"])),
            "segment": "public", "age": 30.0, "has_mobile": True, "has_broadband": bool(n % 3), "device_generation": "2g",
        }
        for n in range(SIZE)
    ]  # fmt: skip
    put(warehouse, WIDE, AS_OF, people, WIDE_SCHEMA)
    put(warehouse, WIDE, TODAY, [one for one in people if one["subscriber"] % LEFT], WIDE_SCHEMA)
    put(
        warehouse,
        "subscribers",
        date(2026, 6, 1),
        [{"subscriber": n, "customer": str(n // 2)} for n in range(SIZE)],
    )
    chance = draw.uniform(0.02, 0.5, SIZE)
    put(
        warehouse, "scores.contract_phone", AS_OF,
        [{"subscriber": n, "probability": float(chance[n])} for n in range(SIZE)], SCORES,
    )  # fmt: skip
    database = Database(f"sqlite:///{folder}/operations.sqlite")
    database.migrate()
    keys = open_keys(folder / "key", database)
    numbers = [f"1390000{n:04d}" for n in range(SIZE)]
    store.add_identities(
        database, [[(n, keys.digest_of(one), keys.sealed(n, one)) for n, one in enumerate(numbers)]]
    )
    return warehouse, database, keys


def drawn_brief(spacing, households, most, budget, share):
    brief = scaled(load_campaign(Path("reference")), share * SIZE / 100_000)
    return replace(
        brief, spacing_days=spacing, household_contacts=households, most_contacts=most, device_stock=None,
        budget=Budget(Money(budget)), holdout=Holdout(0.1, 0.0),
    )  # fmt: skip


def lines(table):
    return table.to_pylist()


def standing(rows):
    return [row for row in rows if row["state"] not in GONE and row["day"] is not None]


def too_near(rows, others, days, of):
    """Pairs of a contact still to be made and another touch, of one subscriber or household, nearer than `days`."""
    touches = {}
    for row in others:
        touches.setdefault(of(row["subscriber"]), []).append(row["day"])
    return [
        (row, day)
        for row in rows
        if row["state"] == ContactState.PLANNED
        for day in touches.get(of(row["subscriber"]), ())
        if abs((row["day"] - day).days) < days
    ]


def check_plan(rows, brief, left_alone, elsewhere, done_before=()):
    """Budget, capacity, control groups, hours and spacing of the rows of a plan."""
    channels = {one.id: one for one in brief.channels}
    assert sum(channels[row["channel"]].cost.minor for row in rows) <= brief.budget.total.minor
    assert left_alone.isdisjoint(row["subscriber"] for row in rows)
    dated = standing(rows)
    to_make = [row for row in dated if row["state"] == ContactState.PLANNED]
    counts = Counter((row["channel"], row["day"]) for row in to_make)
    for (channel, day), count in counts.items():
        assert count <= channels[channel].calendar.capacity(day)
    for row in to_make:
        assert row["minute"] in channels[row["channel"]].calendar.sending_minutes()
    whose = [lambda n: n] if brief.household_contacts is None else [lambda n: n, lambda n: n // 2]
    for of in whose:
        assert too_near(dated, [*elsewhere, *done_before], brief.spacing_days, of) == []
        check_own_spacing(dated, brief.spacing_days, of)


def check_own_spacing(dated, days, of):
    """Touches of one subscriber or household within the plan; what was done stands as it was."""
    own = {}
    for row in dated:
        own.setdefault(of(row["subscriber"]), []).append(row)
    for mine in own.values():
        for one, other in combinations(mine, 2):
            if ContactState.PLANNED in (one["state"], other["state"]):
                assert abs((one["day"] - other["day"]).days) >= days


def check_list(found, brief, day, forbidden):
    """What is handed out is within capacity and hours, and nobody of `forbidden` is in it."""
    rows = lines(found.rows)
    channels = {one.id: one for one in brief.channels}
    for name, one in channels.items():
        assert sum(row["channel"] == name for row in rows) <= one.calendar.capacity(day)
    assert forbidden.isdisjoint(row["subscriber"] for row in rows)
    assert found.numbers == tuple(f"1390000{row['subscriber']:04d}" for row in rows)
    for row in rows:
        hours = found.document["channels"][row["channel"]]["hours"]
        start, end = window(row["minute"], hours)
        assert any(first <= start < end <= last for first, last in hours)
        assert row["state"] == ContactState.PLANNED
        assert row["day"] == day


def carried_out(warehouse, draw, rows, brief, day):
    """Record some of `rows` as made on `day`, a few with an opting out; and orders of a few others. Who opted out of which channel, and who ordered."""
    records = {one.id: one.records or one.id for one in brief.channels}
    at, out, ordered, made = datetime.combine(day, time(10)), set(), set(), []
    for row in rows:
        what = draw.choice(["made", "opted_out", "ordered", "missed"], p=[0.5, 0.15, 0.15, 0.2])
        if what in ("made", "opted_out"):
            disposition = "opted_out" if what == "opted_out" else "refused"
            made.append(
                {"subscriber": row["subscriber"], "channel": records[row["channel"]], "contacted_at": at, "disposition": disposition}
            )  # fmt: skip
        if what == "opted_out":
            out.add(row["subscriber"])
        if what == "ordered":
            ordered.add(row["subscriber"])
    if made:
        put(warehouse, "contacts", day, made)
    orders = [{"subscriber": n, "offer": rows[0]["offer"], "ordered_at": at} for n in sorted(ordered)]
    if orders:
        put(warehouse, "orders", day, orders)
    return out, ordered, made


@settings(max_examples=40 if PROVING else 3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 1_000),
    spacing=st.integers(1, 5),
    households=st.sampled_from([None, 1, 2]),
    most=st.integers(1, 2),
    budget=st.integers(2_000, 60_000),
    share=st.floats(0.5, 4),
)
def test_making_redating_and_handing_out_keep_every_rule(seed, spacing, households, most, budget, share):
    draw = np.random.default_rng(seed)
    brief, offers = drawn_brief(spacing, households, most, budget, share), reference_case().offers
    with tempfile.TemporaryDirectory() as name:
        warehouse, database, keys = drawn_home(Path(name), draw)
        theirs = [
            contact(int(n), AS_OF + timedelta(days=int(draw.integers(3, 12))), minute=600)
            for n in draw.choice(SIZE, 20, replace=False)
        ]
        held = [{"subscriber": int(n), "control": "campaign"} for n in draw.choice(SIZE, 10, replace=False)]
        launched(database, kept(warehouse, database, theirs, campaign="other", control=held))

        plan = make_plan(
            warehouse, database, brief, offers, open_wide(warehouse, AS_OF), Silent(), now=NOW
        ).plan
        left_alone = set(control_of(warehouse, plan)["subscriber"].to_pylist())
        left_alone |= {one["subscriber"] for one in held}
        before = lines(contacts_of(warehouse, plan))
        check_plan(before, brief, left_alone, theirs)
        launched(database, plan)

        days = [AS_OF + timedelta(days=n) for n in range(6)]
        day = max(days, key=lambda one: sum(row["day"] == one for row in before))
        first = handed(warehouse, database, keys, day, name=brief.id)
        touched = {
            one["subscriber"] for one in theirs if 0 <= (day - one["day"]).days < spacing and one["day"] < day
        }
        check_list(first, brief, day, left_alone | touched)
        out, ordered, made = carried_out(warehouse, draw, lines(first.rows), brief, day)

        again = redate(warehouse, database, brief, AS_OF, TODAY, Silent(), now=NOW).plan
        assert lines(contacts_of(warehouse, plan)) == before
        after = lines(contacts_of(warehouse, again))
        key = [(row["subscriber"], row["touch"]) for row in before]
        assert sorted((row["subscriber"], row["touch"]) for row in after) == sorted(key)
        real = [{"subscriber": one["subscriber"], "day": day} for one in made]
        check_plan(after, brief, left_alone, theirs, real)
        assert all(row["day"] >= TODAY for row in standing(after) if row["state"] == ContactState.PLANNED)
        for row in after:
            if row["subscriber"] in ordered:
                assert row["state"] in (ContactState.ORDERED, ContactState.DONE)

        launched(database, again)
        records = {one.id: one.records or one.id for one in brief.channels}
        for later in range(4 if PROVING else 2):
            on = TODAY + timedelta(days=later)
            found = handed(warehouse, database, keys, on, name=brief.id)
            gone = {n for n in range(SIZE) if n % LEFT == 0}
            recent = {one["subscriber"] for one in made if (on - day).days < spacing}
            near = {one["subscriber"] for one in theirs if 0 < (on - one["day"]).days < spacing}
            check_list(found, brief, on, left_alone | gone | ordered | recent | near)
            assert not [row for row in lines(found.rows) if row["subscriber"] in out and records[row["channel"]] in
                        {one["channel"] for one in made if one["subscriber"] == row["subscriber"]}]  # fmt: skip
        warehouse.engine.close()
        database.close()
