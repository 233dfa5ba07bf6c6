"""A small launched campaign with its draw and records."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from telewave.approvals.approval import Approve
from telewave.approvals.usecases import PlanFile, approve, launch, submit
from telewave.campaign_group import plan_kinds
from telewave.models.usecases import SCORES
from telewave.planning.document import KIND
from telewave.planning.plan_tables import AIMS, CLASSES, CONTACTS, CONTROL, PRICES, PlanRows, hashes_of
from telewave.planning.plans import keep
from telewave.planning.usecases import DRAWN
from telewave.records.contracts import CONTRACTS

NOW, AS_OF = datetime(2026, 6, 30, 9, tzinfo=UTC), date(2026, 7, 1)
FIRST, LAST = date(2026, 7, 1), date(2026, 7, 30)
SHARE, PEOPLE, UNIVERSAL = 0.25, 4_000, 40
CHANNELS = ("call", "sms")
COSTS = {"call": 500, "sms": 5}


def put(warehouse, table, partition, rows, schema=None):
    with warehouse.change(table) as change:
        file = change.new_file(str(partition))
        pq.write_table(pa.Table.from_pylist(list(rows), schema=schema or CONTRACTS[table].schema), file)
        change.set(str(partition), {file: "2026-07-01T00:00:00+00:00"})


def contact(number, channel="call", phase="phase-1", **more):
    return {
        "subscriber": number, "touch": 0, "phase": phase, "channel": channel, "offer": "handset", "group": "core",
        "day": FIRST, "minute": 600, "probability": 0.1, "gained": 0.02, "expected_profit": 1.0, "propensity": 1.0,
        "by_chance": False, "why": 0, "state": "planned", **more,
    }  # fmt: skip


def document(rows, **more):
    def channel(name):
        return {
            "name": {"en": name.title(), "zh": "渠道"}, "records": {"call": "outbound_call"}.get(name, name), "consent": None,
            "hours": [[540, 1200]], "capacity": None, "cost_minor": COSTS[name],
        }  # fmt: skip

    return {
        "kind": KIND, "format": 1, "campaign": "spring", "as_of": AS_OF.isoformat(), "from": FIRST.isoformat(),
        "to": LAST.isoformat(), "title": {"en": "Spring", "zh": "春季"}, "currency": "CNY", "model": "phone",
        "spacing_days": 3, "household_contacts": None, "respects_others": True,
        "channels": {one: channel(one) for one in CHANNELS},
        "offers": {"handset": {"name": {"en": "Handset", "zh": "合约机"}, "stock": None, "script": {}}},
        "phases": {"phase-1": {"en": "Wave 1", "zh": "一期"}, "phase-2": {"en": "Wave 2", "zh": "二期"}},
        "products": ["contract_phone"], "device_stock": None, "contacts": len(rows), "expected_profit": 1.0,
        "caused_by_the_contact": 12.0,
    } | more  # fmt: skip


def drawn(people=PEOPLE, share=SHARE, seed=1):
    """Who is held out and who is of the universal control: arrays by number."""
    draw = np.random.default_rng(seed)
    order = draw.permutation(people)
    universal, held = np.zeros(people, bool), np.zeros(people, bool)
    universal[order[:UNIVERSAL]] = True
    held[order[UNIVERSAL : UNIVERSAL + round(share * (people - UNIVERSAL))]] = True
    return held, universal


def put_draw(warehouse, held, share=SHARE, as_of=AS_OF, name="spring"):
    rows = [{"subscriber": n, "share": share, "held": bool(one)} for n, one in enumerate(held)]
    put(warehouse, f"drawn.{name}", as_of.isoformat(), rows, DRAWN)


def kept(warehouse, database, rows, held, universal, as_of=AS_OF, aims=(), **more):
    """A plan of these contacts, as it is kept. `aims`: whom it would contact, held out or not."""
    control = [
        {"subscriber": int(n), "control": "universal" if universal[n] else "campaign"}
        for n in np.flatnonzero(held | universal)
    ]
    tables = PlanRows(
        contacts=pa.Table.from_pylist(rows, schema=CONTACTS),
        control=pa.Table.from_pylist(control, schema=CONTROL),
        classes=CLASSES.empty_table(),
        prices=PRICES.empty_table(),
        aims=pa.table([pa.array(np.asarray(aims, np.int64))], schema=AIMS),
    )
    content = document(rows, **more) | hashes_of(tables)
    return keep(warehouse, database, content, tables, campaign="spring", as_of=as_of, now=NOW)


def launched(database, plan):
    file = PlanFile("plan.json", plan.document, "contacts")
    submit(database, plan.campaign, "Li Na", NOW, file)
    approve(database, plan.campaign, Approve("Wang Wei"), NOW, plan_kinds())
    launch(database, plan.campaign, "Li Na", NOW)


def at(day, hour=10):
    return datetime.combine(FIRST + timedelta(days=int(day)), datetime.min.time()) + timedelta(hours=hour)


def put_events(warehouse, table, rows, dated):
    """Rows by the day they are dated by."""
    days = {}
    for row in rows:
        days.setdefault(row[dated].date(), []).append(row)
    for day, mine in days.items():
        put(warehouse, table, day, mine)


def called(number, day=0, channel="outbound_call", disposition="refused", **more):
    return {
        "subscriber": number, "contacted_at": at(day), "channel": channel, "offer": "contract_phone",
        "disposition": disposition, **more,
    }  # fmt: skip


def ordered(number, day=1, **more):
    return {
        "subscriber": number, "ordered_at": at(day, 12), "offer": "contract_phone", "kind": "device_only",
        "channel": "hall", "policy": "handset", **more,
    }  # fmt: skip


def put_scores(warehouse, chances):
    rows = [{"subscriber": n, "probability": float(one)} for n, one in enumerate(chances)]
    put(
        warehouse,
        "scores.phone",
        AS_OF.isoformat(),
        rows,
        pa.schema([f for f in SCORES if f.name in ("subscriber", "probability")]),
    )
