"""Claims of 1,000 contacts in a ledger of 50 million, with every question of the policy asked of it.

    .venv/bin/python -m bench.ledger [--small] [--database postgresql+psycopg://...]

The ledger is made by SQL: 3.5 M subscribers, each with contacts on some days of two years, a tenth of them with an outcome, some with an objection, under caps, pauses and quiet hours. Then claims of 1,000 subscribers,
drawn anew each time, are timed one by one: the bar is 20 ms at the 95th percentile, on SQLite and on PostgreSQL. Their logs and the logs of what went before are not read by a claim, and only the former are written.
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

import numpy as np
import pyarrow as pa
import sqlalchemy as sa
from tests.contacts.test_ledger_rows import planned

from bench.measuring import kept, measured
from telewave.contacts.asking import Asked
from telewave.contacts.claiming import Errand, claim_batch
from telewave.contacts.ledger import Disposition
from telewave.contacts.policy import Cap, Policy, QuietHours
from telewave.contacts.policy_store import set_policy
from telewave.contacts.tables import contact_waves
from telewave.planning import store as plan_store
from telewave.planning.plan_tables import CONTACTS
from telewave.platform.database import Database

ROWS, SUBSCRIBERS, WAVES, CLAIMED, CLAIMS = 50_000_000, 3_500_000, 500, 1_000, 200
NOW, DAY = datetime(2026, 7, 7, 9, tzinfo=UTC), date(2026, 7, 8)
BAR_MS, MEMORY_BAR_GB = 20.0, 1.0
POLICY = Policy(
    caps=(Cap(2, 7), Cap(4, 30)), quiet=(QuietHours(21 * 60, 9 * 60),), pauses={Disposition.REFUSED: 30}
)
NUMBERS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {size}) SELECT i FROM n",
    "postgresql": "SELECT i FROM generate_series(0, {size} - 1) AS n(i)",
}
"""A statement's part that the two write differently."""
INDEX = "CREATE INDEX ix_contact_ledger_subscriber ON contact_ledger (subscriber, day)"


@dataclass(frozen=True, slots=True)
class Figures:
    """Milliseconds of each claim, and contacts that were let go."""

    ms: tuple[float, ...]
    released: int


def prepare(url: str, rows: int) -> None:
    """The ledger."""
    database = Database(url)
    database.migrate()
    set_policy(database, POLICY, "Wang Wei", NOW - timedelta(days=1000))
    plan = planned(database, "before")
    planned(database, "now")
    kind = database.engine.dialect.name
    size, first = rows // WAVES, DAY - timedelta(days=WAVES)
    with database.transaction() as connection:
        connection.exec_driver_sql("DROP INDEX ix_contact_ledger_subscriber")
        rows_of_waves = [
            {"id": n + 1, "plan": plan.hash, "campaign": "before", "phase": "phase-1", "day": first + timedelta(days=n + 1)}
            for n in range(WAVES)
        ]  # fmt: skip
        connection.execute(sa.insert(contact_waves), rows_of_waves)
    if kind == "postgresql":
        with database.transaction() as connection:
            connection.exec_driver_sql("SELECT setval('contact_waves_id_seq', 100000)")
    for wave in range(WAVES):
        _wave(database, wave, size, first)
    with database.transaction() as connection:
        connection.exec_driver_sql(INDEX)
    database.close()


def _wave(database: Database, wave: int, size: int, first: date) -> None:
    """A day's contacts, in the order of subscribers as the product enters them: every so many-th, from a place of its own."""
    kind = database.engine.dialect.name
    stride = SUBSCRIBERS // size
    text = (
        "INSERT INTO contact_ledger (wave, subscriber, channel, step, recorded_as, day, state, disposition, sequence, act) "
        f"SELECT {wave + 1}, i * {stride} + {wave * 7919 % stride}, 'sms', 0, 'sms', '{first + timedelta(days=wave + 1)}', "
        "CASE WHEN i % 10 = 0 THEN 'answered' ELSE 'unknown' END, CASE WHEN i % 20 = 0 THEN 'refused' WHEN i % 10 = 0 THEN 'willing' END, 2, 1 "
        f"FROM ({NUMBERS[kind].format(size=size)}) AS numbered"
    )
    with database.transaction() as connection:
        connection.execute(sa.text(text))
        connection.exec_driver_sql(
            f"INSERT INTO contact_counts (wave, channel, made) VALUES ({wave + 1}, 'sms', {size})"
        )


def claimed(url: str) -> Figures:
    """Time the claims."""
    database = Database(url)
    if database.engine.dialect.name == "postgresql":
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE contact_ledger")
    (plan,) = plan_store.plans_of(database, "now")
    errand, draw, spent = Errand(by="Zhao Min", now=NOW, what="release"), np.random.default_rng(5), []
    for _ in range(CLAIMS):
        rows = _rows(np.sort(draw.choice(SUBSCRIBERS, CLAIMED, replace=False)))
        asked = Asked(
            warehouse=None,  # type: ignore[arg-type] - a batch asks the ledger
            database=database,
            plan=plan,
            document=plan.content,
            rows=rows,
            day=DAY,
        )
        begun = time.perf_counter()
        claim_batch(asked, errand, {})
        spent.append(1000 * (time.perf_counter() - begun))
    with database.transaction() as connection:
        found = connection.exec_driver_sql("SELECT count(*) FROM contact_ledger WHERE state = 'released'")
        released = int(found.scalar_one())
    database.close()
    return Figures(tuple(spent), released)


def _rows(people: np.ndarray) -> pa.Table:
    size = len(people)
    columns = {
        "subscriber": people, "touch": np.zeros(size, np.int8), "phase": ["phase-1"] * size, "channel": ["sms"] * size,
        "offer": ["handset"] * size, "group": ["core"] * size, "state": ["planned"] * size, "day": [DAY] * size,
        "minute": np.full(size, 600, np.int16), "expected_profit": np.ones(size),
    }  # fmt: skip
    arrays = [
        pa.array(columns[one.name]).cast(one.type) if one.name in columns else pa.nulls(size, one.type)
        for one in CONTACTS
    ]
    return pa.table(arrays, schema=CONTACTS)


def main() -> bool:
    """Make the ledger, claim, print; whether the bars were kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a tenth of the ledger")
    parser.add_argument("--database", help="address of an empty database of PostgreSQL")
    given = parser.parse_args()
    rows = ROWS // (10 if given.small else 1)
    with tempfile.TemporaryDirectory() as folder:
        url = given.database or f"sqlite:///{folder}/operations.sqlite"
        made = measured(prepare, url, rows)
        disk = sum(one.stat().st_size for one in Path(folder).iterdir()) / 1e9
        print(f"  {rows:,} contacts made in {made.wall_s:,.0f} s, {disk:.1f} GB here, {shutil.disk_usage(folder).free / 1e9:.0f} GB free")  # fmt: skip
        run = measured(claimed, url)
    figures: Figures = run.result
    low, middle, high = np.percentile(figures.ms, [5, 50, 95])
    print(f"  {CLAIMS} claims of {CLAIMED:,}: {figures.released:,} contacts let go; ms: 5 % {low:.1f}, median {middle:.1f}, 95 % {high:.1f}")  # fmt: skip
    remark = f"processor {1000 * run.cpu_s / CLAIMS:.1f} ms each, of this process"
    return all(
        [
            kept("ms of a claim, 95th percentile", high, BAR_MS, remark),
            kept("memory GB", run.peak_gb, MEMORY_BAR_GB),
        ]
    )


if __name__ == "__main__":
    sys.exit(not main())
