"""Contacts and orders drawn with known chances of every step, and the groups of a model, in a warehouse."""

from datetime import date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from scipy.special import expit
from tests.features.conftest import Town

from telewave.funnel.counting import DRAWN
from telewave.targeting.usecases import GROUPS

AS_OF, SINCE = date(2026, 7, 1), date(2026, 4, 1)
GROUP_NAMES = ("core", "normal", "basic")
REACHED, LISTENS, ORDERED = 0.55, 0.7, 0.6
WILLING = {"core": 0.2, "normal": 0.1, "basic": 0.03}


def drawn(seed, people=3000, organic=0.02, aimed=1.0):
    """Records of people of whom the likelier are called oftener (`aimed`); also who was called, and each one's chances.

    A person who would order by himself does so on a day of the window; a call wins some of the others.
    """
    lot = np.random.default_rng(seed)
    score = lot.normal(-3, 0.8, people)
    order = np.argsort(-score, kind="stable")
    group = np.empty(people, dtype=int)
    group[order] = np.repeat([0, 1, 2], [people // 5, 2 * people // 5, people - 3 * people // 5])
    called = lot.random(people) < expit(aimed * (score + 3))
    alone = np.minimum(0.9, organic * np.exp(0.6 * (score + 3)))
    contacts, orders = [], []
    for k in range(people):
        own = lot.random() < alone[k]
        day = int(lot.integers(0, 90))
        if own:
            orders.append(order_row(k, SINCE + timedelta(days=day)))
        if not called[k]:
            continue
        when = SINCE + timedelta(days=int(lot.integers(0, 70)))
        said, won = call(lot, GROUP_NAMES[group[k]])
        reference = f"o{k}" if won and not own else None
        contacts.append(contact_row(k, when, said, reference))
        if reference:
            orders.append(order_row(k, when + timedelta(days=2), reference))
    return {"contacts": contacts, "orders": orders}, score, group, called, alone


def call(lot, group):
    """The outcome of a call, and whether it won an order."""
    if lot.random() >= REACHED:
        return "no_answer", False
    if lot.random() >= LISTENS:
        return "hung_up", False
    if lot.random() >= WILLING[group]:
        return "refused", False
    return "willing", lot.random() < ORDERED


def contact_row(who, day, disposition, reference=None, channel="outbound_call", offer="phone", **more):
    row = {"subscriber": who, "contacted_at": datetime(day.year, day.month, day.day, 10), "channel": channel}
    return row | {"offer": offer, "disposition": disposition, "reference": reference} | more


def order_row(who, day, reference=None, offer="phone"):
    row = {"subscriber": who, "ordered_at": datetime(day.year, day.month, day.day, 15), "offer": offer}
    return row | {"kind": "device_only", "channel": "hall", "reference": reference}


def put_groups(warehouse, score, group, model="m", as_of=SINCE, subscriber=None):
    """The groups of `model` as the use case of grouping leaves them."""
    columns = {
        "subscriber": np.arange(len(score), dtype=np.int32) if subscriber is None else subscriber,
        "group": np.array(GROUP_NAMES)[group],
        "probability": expit(score),
        "expected_value_minor": np.zeros(len(score), dtype=np.int64),
        "rank": np.arange(1, len(score) + 1, dtype=np.int32),
    }
    with warehouse.change(f"groups.{model}") as change:
        file = change.new_file(as_of.isoformat())
        pq.write_table(pa.table({name: pa.array(c) for name, c in columns.items()}, schema=GROUPS), file)
        change.set(as_of.isoformat(), {file: f"{model}/1"})


def put_draw(warehouse, subscribers, held, share, campaign="c", as_of=SINCE):
    """The draw of a campaign's holdout as planning leaves it."""
    columns = [pa.array(subscribers), pa.array(np.full(len(subscribers), share)), pa.array(held)]
    with warehouse.change(f"drawn.{campaign}") as change:
        file = change.new_file(as_of.isoformat())
        pq.write_table(pa.table(columns, schema=DRAWN), file)
        change.set(as_of.isoformat(), {file: campaign})


def town_with(folder, engine, records, score=None, group=None):
    town = Town(folder, engine).put(records)
    if score is not None:
        put_groups(town.warehouse, score, group)
    return town.warehouse
