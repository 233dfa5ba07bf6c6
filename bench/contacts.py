"""Handing out a day of a million contacts: everything asked again, numbers revealed and recorded, the list written.

    .venv/bin/python -m bench.contacts [--small] [--database postgresql+psycopg://...]

A made-up home on SQLite, or on an empty database of a PostgreSQL on this machine: a base of 1.2 M with holders and outside numbers, a launched plan with all its contacts on one day, another campaign that
runs, recorded contacts, orders, consent by rule and by opting out, caps, quiet hours and pauses, households and a capacity that is too small. The bar is 20 s of processor time;
for letting the day go without a list 30 s on SQLite, and 20 s on PostgreSQL, where its server's are counted too.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq

from bench.measuring import kept, measured
from telewave.approvals.approval import Approve
from telewave.approvals.usecases import PlanFile, launch, step, submit
from telewave.audiences.language import parse_rule
from telewave.audiences.reading import to_json
from telewave.contacts.claiming import Errand
from telewave.contacts.handing_out import fell_out, hand_out, let_go
from telewave.contacts.ledger import Disposition
from telewave.contacts.plan_kind import ContactPlanKind
from telewave.contacts.policy import Cap, Policy, QuietHours
from telewave.contacts.policy_store import set_policy
from telewave.contacts.work_list import HEADERS, lines_of
from telewave.features.usecases import WIDE
from telewave.features.wide import WIDE_SCHEMA
from telewave.planning.document import KIND
from telewave.planning.plan_tables import AIMS, CLASSES, CONTACTS, CONTROL, PRICES, PlanRows, hashes_of
from telewave.planning.plans import keep
from telewave.platform.database import Database
from telewave.platform.engine import DuckDBEngine
from telewave.platform.lists import write_list
from telewave.platform.warehouse import Warehouse
from telewave.records import store
from telewave.records.contracts import CONTRACTS
from telewave.records.key_keeping import open_keys

CONTACTED, PEOPLE = 1_000_000, 1_200_000
NOW, AS_OF, DAY = datetime(2026, 6, 30, 9, tzinfo=UTC), date(2026, 7, 1), date(2026, 7, 8)
BAR_SQLITE_S, BAR_POSTGRESQL_S = 30.0, 20.0
BAR_S, MEMORY_BAR_GB, ENGINE_GB, PAGE = 20.0, 8.0, 2.0, 50_000
POLICY = Policy(
    caps=(Cap(2, 7), Cap(4, 30)), quiet=(QuietHours(21 * 60, 9 * 60),), pauses={Disposition.REFUSED: 30}
)
CONSENT = "age < 70 and not event contacts where disposition = 'refused' within 90 days"


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one hand-out. `list_s`: wall seconds of them for the list."""

    contacts: int
    fell_out: dict[str, int]
    list_s: float


def prepare(folder: Path, url: str | None, size: int) -> None:
    """The home."""
    warehouse, database = _open(folder, url)
    set_policy(database, POLICY, "Wang Wei", NOW)
    draw, people = np.random.default_rng(3), size * PEOPLE // CONTACTED
    everybody = np.arange(people)
    wide = {
        "subscriber": everybody,
        "age": draw.uniform(18, 72, people),
        "has_mobile": draw.random(people) < 0.99,
    }
    _put(warehouse, WIDE, AS_OF, _table(WIDE_SCHEMA, wide))
    holders = {
        "subscriber": everybody,
        "customer": everybody // 2,
        "activated_on": [date(2020, 1, 1)] * people,
    }
    _put(warehouse, "subscribers", date(2026, 6, 1), _table(CONTRACTS["subscribers"].schema, holders))
    for table, days, columns in (
        ("contacts", 60, {"channel": "sms", "offer": "other", "disposition": "opted_out"}),
        ("contacts", 2, {"channel": "sms", "offer": "other", "disposition": "delivered"}),
        ("orders", 3, {"offer": "handset"}),
    ):
        some = draw.choice(people, people // 100, replace=False)
        day = DAY - timedelta(days=days)
        times = [datetime(day.year, day.month, day.day, 10, tzinfo=UTC)] * len(some)
        rows = {"subscriber": some, "contacted_at": times, "ordered_at": times}
        rows |= {name: [text] * len(some) for name, text in columns.items()}
        _put(warehouse, table, day, _table(CONTRACTS[table].schema, rows))
    keys = open_keys(folder / "key", database)
    numbers = [f"139{n:08d}" for n in range(people)]
    pages = (
        [
            (n, keys.digest_of(numbers[n]), keys.sealed(n, numbers[n]))
            for n in range(at, min(at + PAGE, people))
        ]
        for at in range(0, people, PAGE)
    )
    store.add_identities(database, pages)
    for campaign, contacted in (
        ("spring", draw.permutation(people)[:size]),
        ("autumn", everybody[: size // 50]),
    ):
        _launched(warehouse, database, campaign, contacted, draw)
    warehouse.engine.close()
    database.close()


def _open(folder: Path, url: str | None) -> tuple[Warehouse, Database]:
    warehouse = Warehouse(folder / "warehouse", DuckDBEngine(ENGINE_GB, spill=folder / "spill"))
    database = Database(url or f"sqlite:///{folder}/operations.sqlite")
    database.migrate()
    return warehouse, database


def _table(schema: pa.Schema, columns: dict[str, Any]) -> pa.Table:
    size = len(columns["subscriber"])
    arrays = [
        pa.array(columns[one.name]).cast(one.type) if one.name in columns else pa.nulls(size, one.type)
        for one in schema
    ]
    return pa.table(arrays, schema=schema)


def _put(warehouse: Warehouse, table: str, day: date, rows: pa.Table) -> None:
    with warehouse.change(table) as change:
        file = change.new_file(day.isoformat())
        pq.write_table(rows, file, compression="zstd")
        change.set(day.isoformat(), {file: "bench"})


def _launched(
    warehouse: Warehouse, database: Database, campaign: str, contacted: np.ndarray, draw: np.random.Generator
) -> None:
    """A plan with these contacts, every one on the day, approved and launched."""
    size = len(contacted)
    texts = {"phase": "phase-1", "channel": "sms", "offer": "handset", "group": "core", "state": "planned"}
    columns: dict[str, Any] = {
        "subscriber": contacted,
        "touch": np.zeros(size, np.int8),
        **{name: pa.array([text] * size) for name, text in texts.items()},
        "day": pa.array([DAY] * size),
        "minute": draw.integers(540, 1200, size).astype(np.int16),
        **{name: draw.random(size) for name in ("probability", "gained", "expected_profit")},
        "propensity": np.ones(size),
        "by_chance": np.zeros(size, bool),
        "why": np.zeros(size, np.int8),
    }
    empty = {
        "control": CONTROL.empty_table(),
        "classes": CLASSES.empty_table(),
        "prices": PRICES.empty_table(),
        "aims": pa.table([pa.array(contacted)], schema=AIMS),
    }
    rows = PlanRows(contacts=_table(CONTACTS, columns), **empty)
    name = {"en": "Handset", "zh": "合约机"}
    channel = {
        "name": name, "records": "sms", "consent": to_json(parse_rule(CONSENT)), "hours": [[540, 1200]],
        "capacity": {DAY.isoformat(): int(size * 0.85)}, "cost_minor": 5,
    }  # fmt: skip
    offer = {"name": name, "stock": 10 * size, "script": {"core": [{"en": "Hello", "zh": "您好"}]}}
    content = {
        "kind": KIND, "format": 1, "campaign": campaign, "as_of": AS_OF.isoformat(), "from": "2026-07-02",
        "to": "2026-07-31", "spacing_days": 3, "household_contacts": 2, "respects_others": True,
        "channels": {"sms": channel}, "offers": {"handset": offer}, "phases": {"phase-1": name},
        "products": ["contract_phone"], "device_stock": None, "contacts": size, "expected_profit": 1.0,
    }  # fmt: skip
    plan = keep(warehouse, database, content | hashes_of(rows), rows, campaign=campaign, as_of=AS_OF, now=NOW)
    submit(database, campaign, "Li Na", NOW, PlanFile("plan.json", plan.document, ContactPlanKind.name))
    step(database, campaign, Approve("Wang Wei"), NOW)
    launch(database, campaign, "Li Na", NOW)


def released(folder: Path, url: str | None) -> tuple[dict[str, int], float]:
    """Let the day's contacts go: how many are not, by reason, and processor seconds of the database's server."""
    warehouse, database = _open(folder, url)
    before = _server_s(database)
    asked = let_go(warehouse, database, "spring", DAY, Errand(by="Zhao Min", now=NOW, what="release"))
    taken = _server_s(database) - before
    reasons = {one.value: n for one, n in fell_out(asked).items()}
    warehouse.engine.close()
    database.close()
    return reasons, taken


def _server_s(database: Database) -> float:
    """Processor seconds so far of the server behind the one connection; 0 for SQLite, which has none."""
    if database.engine.dialect.name != "postgresql":
        return 0.0
    with database.transaction() as connection:
        times = psutil.Process(
            int(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
        ).cpu_times()
    return times.user + times.system


def handed(folder: Path) -> Figures:
    """Hand out the day and write the list."""
    warehouse, database = _open(folder, None)
    found = hand_out(
        warehouse, database, open_keys(folder / "key", database), "spring", DAY, by="Zhao Min", now=NOW
    )
    start = time.monotonic()
    write_list(folder / "list.csv", [head.en for head in HEADERS], lines_of(found, "en"))
    taken = time.monotonic() - start
    warehouse.engine.close()
    database.close()
    return Figures(len(found.rows), {one.value: n for one, n in found.fell_out.items()}, taken)


def main() -> bool:
    """Hand out, print; whether both bars were kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a tenth of the contacts")
    parser.add_argument("--database", help="address of an empty database of PostgreSQL on this machine")
    given = parser.parse_args()
    size, url = CONTACTED // (10 if given.small else 1), given.database
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        measured(prepare, home, url, size)
        again = home if url else shutil.copytree(home, Path(folder) / "again")
        let_go_found = measured(released, again, url)
        reasons, server_s = let_go_found.result
        print(f"  {size:,} contacts of a day let go, but for {reasons}")
        remark = f"wall {let_go_found.wall_s:.1f} s, server {server_s:.1f} s of processor time"
        spent = let_go_found.cpu_s + server_s
        verdicts = [
            kept("processor s of the release", spent, BAR_POSTGRESQL_S if url else BAR_SQLITE_S, remark)
        ]
        if url:
            return all(verdicts)
        found = measured(handed, home)
        figures: Figures = found.result
        print(f"  {size:,} contacts of a day: {figures.contacts:,} handed out, fell out: {figures.fell_out}")
        remark = f"wall {found.wall_s:.1f} s, of it the list {figures.list_s:.1f} s"
        verdicts += [
            kept("processor s", found.cpu_s, BAR_S, remark),
            kept("memory GB", found.peak_gb, MEMORY_BAR_GB),
        ]
    return all(verdicts)


if __name__ == "__main__":
    sys.exit(not main())
