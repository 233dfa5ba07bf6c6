"""How long an audience is counted: 1 M subscribers x 100 variables in one wide Parquet partition, on DuckDB.

    .venv/bin/python -m bench.audiences

Prints the median and the greatest of 20 counts after one warm-up and the processor time of one, in milliseconds: table opened
once (as while a rule is typed), and opened anew for every count. The bar is 50 ms for the median of either.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.measuring import kept
from telewave.audiences.language import parse_rule
from telewave.audiences.usecases import count
from telewave.features.catalogue import VARIABLES
from telewave.features.model import VariableKind
from telewave.features.usecases import WIDE, open_wide
from telewave.features.wide import WIDE_SCHEMA
from telewave.platform.database import Database
from telewave.platform.engine import DuckDBEngine
from telewave.platform.warehouse import Warehouse
from telewave.records.contracts import CONTRACTS

SUBSCRIBERS, ORDERS, BATCH, RUNS, BAR_MS = 1_000_000, 30_000, 100_000, 20, 50.0
AS_OF = date(2026, 7, 1)
CODES = {
    "payment": ("prepaid", "postpaid"),
    "segment": ("public", "enterprise"),
    "gender": ("female", "male"),
}
RULES = {
    "one comparison": "age < 30",
    "five tests": "age between 18 and 30 and payment = 'postpaid' and has_mobile = true and arpu > 1 and district in ('a', 'b')",
    "half of the base, or": "calls_3m > 1 or data_mb_3m > 1 or tenure_months is null or district starts with 'c'",
    "with an event": "age < 40 and not event orders where offer = 'phone' within 30 days",
}


def main() -> bool:
    """Make the table, count, print; whether every median keeps the bar."""
    verdicts = []
    with tempfile.TemporaryDirectory() as folder:
        warehouse = Warehouse(Path(folder) / "warehouse", DuckDBEngine(4))
        database = Database(f"sqlite:///{folder}/operations.sqlite")
        database.migrate()
        _wide(warehouse)
        _orders(warehouse)
        opened = open_wide(warehouse, AS_OF)
        print(
            f"audience count: {SUBSCRIBERS:,} subscribers x {len(VARIABLES)} variables, bar {BAR_MS:.0f} ms"
        )
        for name, text in RULES.items():
            rule = parse_rule(text)
            found = count(warehouse, database, rule, opened)
            told = _timed(lambda rule=rule: count(warehouse, database, rule, opened))  # type: ignore[misc]
            anew = _timed(lambda rule=rule: count(warehouse, database, rule, open_wide(warehouse, AS_OF)))  # type: ignore[misc]
            print(f"  {name}: {found:,} members")
            for way, (median, remark) in (("opened once", told), ("opened anew", anew)):
                verdicts.append(kept(f"{way}, median ms", median, BAR_MS, remark))
        warehouse.engine.close()
        database.close()
    return all(verdicts)


def _timed(counting: Callable[[], int]) -> tuple[float, str]:
    counting()
    taken, used = [], time.process_time()
    for _ in range(RUNS):
        start = time.perf_counter()
        counting()
        taken.append((time.perf_counter() - start) * 1_000)
    processor = (time.process_time() - used) * 1_000 / RUNS
    return statistics.median(taken), f"greatest {max(taken):.1f} ms, processor {processor:.1f} ms"


def _wide(warehouse: Warehouse) -> None:
    rng = np.random.default_rng(1)
    aside = warehouse.root.with_name("made.parquet")
    with pq.ParquetWriter(aside, WIDE_SCHEMA) as out:
        for start in range(0, SUBSCRIBERS, BATCH):
            key = pa.array(np.arange(start, start + BATCH, dtype=np.int32))
            columns = [key, *(_column(rng, v.name, v.kind) for v in VARIABLES)]
            out.write_table(pa.table(columns, schema=WIDE_SCHEMA))
    with warehouse.change(WIDE) as change:  # written by the engine, as wide tables are
        file = change.new_file(AS_OF.isoformat())
        warehouse.engine.write(warehouse.engine.read([aside], WIDE_SCHEMA), file)
        change.set(AS_OF.isoformat(), {file: "bench"})


def _column(rng: np.random.Generator, name: str, kind: VariableKind) -> pa.Array:
    absent = rng.random(BATCH) < 0.05
    match kind:
        case VariableKind.CATEGORY:
            return pa.array(
                rng.choice(CODES.get(name, ("a", "b", "c", "d")), BATCH), pa.string(), mask=absent
            )
        case VariableKind.FLAG:
            return pa.array(rng.random(BATCH) < 0.6, mask=absent)
        case VariableKind.DATE:
            return pa.array(rng.integers(18_000, 20_000, BATCH).astype(np.int32), pa.date32(), mask=absent)
        case VariableKind.NUMBER:
            values = (
                rng.integers(16, 75, BATCH).astype(float) if name == "age" else rng.lognormal(0, 1, BATCH)
            )
            return pa.array(values, mask=absent)


def _orders(warehouse: Warehouse) -> None:
    rng = np.random.default_rng(2)
    schema = CONTRACTS["orders"].schema
    with warehouse.change("orders") as change:
        for day in range(1, 31):
            key, rows = f"2026-06-{day:02d}", ORDERS // 30
            file = change.new_file(key)
            columns = {
                "subscriber": rng.choice(SUBSCRIBERS, rows, replace=False).astype(np.int32),
                "ordered_at": [datetime(2026, 6, day, 12)] * rows,  # noqa: DTZ001 - local wall time
                "offer": rng.choice(["phone", "tv"], rows),
                "kind": ["device_only"] * rows,
                "channel": ["hall"] * rows,
            }
            pq.write_table(pa.table(columns, schema=schema), file)
            change.set(key, {file: "bench"})


if __name__ == "__main__":
    sys.exit(not main())
