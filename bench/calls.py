"""A hundred agents on a queue of a hundred thousand calls, asking and telling one after the other.

    .venv/bin/python -m bench.calls [--small] [--database postgresql+psycopg://...]

The queue is as at noon: of the most valuable half three in five are over and two are to be tried later, so that whoever asks has to pass them. Timed apart: filling the queue (with the first `next` of a day), each `next`, each `done`.
Bars: 50 ms for a `next` at the 95th percentile; a hundred agents with calls of three minutes ask less than once a second.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import sqlalchemy as sa
from tests.contacts.test_handing_out import AS_OF, FIRST, kept, launched, put
from tests.outbound.calling import CHANNELS, TEN, call

from bench import measuring
from telewave.contacts.claiming import Errand
from telewave.contacts.handing_out import let_go
from telewave.features.usecases import WIDE
from telewave.features.wide import WIDE_SCHEMA
from telewave.outbound.dispositions import CallResult
from telewave.outbound.model import Given, Outcome
from telewave.outbound.recording import record_call
from telewave.outbound.reserving import next_call
from telewave.outbound.tables import call_queue
from telewave.platform.database import Database
from telewave.platform.engine import DuckDBEngine
from telewave.platform.warehouse import Warehouse

QUEUE, AGENTS, ROUNDS = 100_000, 100, 20
BAR_NEXT_MS, MEMORY_BAR_GB = 50.0, 2.0
RESULTS = {"no_answer": 0.45, "refused": 0.3, "willing": 0.15, "busy": 0.05, "hung_up": 0.05}


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds of filling, and of each `next` and `done`."""

    fill_s: float
    next_s: tuple[float, ...]
    done_s: tuple[float, ...]


def _open(folder: Path, url: str) -> tuple[Warehouse, Database]:
    database = Database(url)
    database.migrate()
    return Warehouse(folder / "warehouse", DuckDBEngine(2.0, 2)), database


def prepare(folder: Path, url: str, size: int) -> None:
    """A launched campaign of calls whose day is let go."""
    warehouse, database = _open(folder, url)
    put(warehouse, WIDE, AS_OF, [{"subscriber": n, "has_mobile": True} for n in range(size)], WIDE_SCHEMA)
    values = np.random.default_rng(2).gamma(2.0, 20.0, size)
    rows = [call(n, FIRST, minute=540 + n % 660, expected_profit=float(values[n])) for n in range(size)]
    launched(database, kept(warehouse, database, rows, channels=CHANNELS, spacing_days=0))
    let_go(warehouse, database, "spring", FIRST, Errand(by="Zhao Min", now=TEN, what="release"))
    warehouse.engine.close()
    database.close()


def called(folder: Path, url: str) -> Figures:
    """Fill, make it noon, and let the agents work."""
    warehouse, database = _open(folder, url)
    begun = time.perf_counter()
    next_call(warehouse, database, "spring", "A0", TEN)
    filled = time.perf_counter() - begun
    noon = TEN + timedelta(hours=2)
    _make_noon(database)
    draw, asking, telling = np.random.default_rng(3), [], []
    for turn in range(ROUNDS):
        now = noon + turn * timedelta(minutes=3)
        for agent in range(AGENTS):
            begun = time.perf_counter()
            given = next_call(warehouse, database, "spring", f"A{agent}", now)
            asking.append(time.perf_counter() - begun)
            assert isinstance(given, Given)
            result = CallResult(str(draw.choice(list(RESULTS), p=list(RESULTS.values()))))
            begun = time.perf_counter()
            record_call(database, given.row.contact, f"A{agent}", Outcome(result=result), now)
            telling.append(time.perf_counter() - begun)
    warehouse.engine.close()
    database.close()
    return Figures(filled, tuple(asking), tuple(telling))


def _make_noon(database: Database) -> None:
    row = call_queue.c
    with database.transaction() as connection:
        middle = connection.execute(sa.select(sa.func.avg(row.value))).scalar_one()
        best = (row.value > middle) & row.holder.is_(None)
        over, later = row.contact % 5 < 3, row.contact % 5 >= 3
        connection.execute(sa.update(call_queue).where(best, over).values(due_at=None, attempts=1))
        connection.execute(
            sa.update(call_queue).where(best, later).values(due_at=TEN + timedelta(hours=6), attempts=1)
        )


def main() -> bool:
    """Call, print; whether the bars were kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a tenth of the queue")
    parser.add_argument("--database", help="address of an empty database of PostgreSQL")
    given = parser.parse_args()
    size = QUEUE // (10 if given.small else 1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = given.database or f"sqlite:///{folder}/operations.sqlite"
        measuring.measured(prepare, folder, url, size)
        run = measuring.measured(called, folder, url)
    found: Figures = run.result
    both = np.array(found.next_s) + np.array(found.done_s)
    asked, told = (1000 * np.percentile(one, [50, 95]) for one in (found.next_s, found.done_s))
    print(f"  queue of {size:,} filled in {found.fill_s:.1f} s, {AGENTS} agents, {len(both):,} calls")
    print(f"  {1 / both.mean():,.0f} calls a second; next: median {asked[0]:.1f} ms; done: median {told[0]:.1f}, 95 % {told[1]:.1f} ms")  # fmt: skip
    print(f"  processor time of this process {1000 * run.cpu_s / len(both):.1f} ms a call, with the filling")
    return all(
        [
            measuring.kept("ms of a next, 95th percentile", float(asked[1]), BAR_NEXT_MS),
            measuring.kept("memory GB", run.peak_gb, MEMORY_BAR_GB),
        ]
    )


if __name__ == "__main__":
    sys.exit(not main())
