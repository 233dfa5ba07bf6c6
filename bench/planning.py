"""Planning a branch of 3.5 M subscribers x 78 options as `telewave plan make` does: from records in the warehouse to the plan kept under its hash.

    .venv/bin/python -m bench.planning [--small]

The reference case on a made-up base: wide table, scores and target groups are in the warehouse, the offers are the case's sixteen. Measured in a
process of its own, with the engine's memory included; the levers are the costliest case, for the plan is then allocated without them, too. Bars:
8 GB in all, ten minutes of processor time, and the gap to the proven bound. Where nothing is explored the gap's bar is the allocation's own
(`bench.allocation`). Where a share of the contacts, drawn by lot, exchange their options, that share comes on top: an exchanged contact loses at
most what it was worth, and those drawn are worth as much as the others on average.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.allocation import GAP_BAR
from bench.measuring import kept, measured, peak_gb
from telewave.briefs.campaign_file import load_campaign
from telewave.briefs.model import Brief, Holdout, scaled
from telewave.features.usecases import WIDE, open_wide
from telewave.features.wide import WIDE_SCHEMA
from telewave.kernel import Message
from telewave.models.usecases import SCORES
from telewave.offers.catalogue_file import reference_case
from telewave.planning.usecases import make_plan
from telewave.platform.database import Database
from telewave.platform.engine import DuckDBEngine
from telewave.platform.progress import Silent, Step
from telewave.platform.warehouse import Warehouse
from telewave.targeting.plan import DEFAULT_PLAN
from telewave.targeting.usecases import group

SUBSCRIBERS = 3_500_000
AS_OF, NOW = date(2026, 7, 1), datetime(2026, 7, 1, 9, tzinfo=UTC)
MEMORY_BAR_GB, PROCESSOR_BAR_S, EXPLORED = 8.0, 600.0, 0.01
ENGINE_GB = 2.0
STOCK = 200_000
"""Devices: enough for those who come by themselves and some more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """Of one plan. `steps`: name of each, with wall and processor seconds and the process's peak memory in GB after it."""

    options: int
    contacts: int
    gap: float
    steps: tuple[tuple[str, float, float, float], ...]


@dataclass(slots=True)
class _Watch(Silent):
    """Says nothing, and remembers how long each step took."""

    steps: list[tuple[str, float, float, float]] = field(default_factory=list)

    @contextmanager
    def step(self, title: Message, total: float | None = None) -> Iterator[Step]:
        """See `Progress.step`."""
        wall, cpu = time.monotonic(), time.process_time()
        with super(_Watch, self).step(title, total) as step:
            yield step
        self.steps.append((title.template, time.monotonic() - wall, time.process_time() - cpu, peak_gb()))


def prepare(folder: Path, subscribers: int) -> None:
    """A warehouse with wide table, scores and target groups of a made-up base."""
    warehouse = Warehouse(folder / "warehouse", DuckDBEngine(ENGINE_GB))
    draw = np.random.default_rng(7)
    number = pa.array(np.arange(subscribers, dtype=np.int32))
    made = {
        "subscriber": number,
        "arpu": pa.array(draw.gamma(3, 30, subscribers)),
        "payment": _drawn(draw, subscribers, {"prepaid": 0.5, "postpaid": 0.5}),
        "segment": _drawn(draw, subscribers, {"public": 0.85, "enterprise": 0.15}),
        "device_generation": _drawn(draw, subscribers, {"2g": 0.3, "4g": 0.4, "5g": 0.3}),
        "age": pa.array(draw.uniform(18, 80, subscribers)),
        "has_mobile": pa.array(draw.random(subscribers) < 0.9),
        "has_broadband": pa.array(draw.random(subscribers) < 0.66),
    }
    columns = [
        made[one.name].cast(one.type) if one.name in made else pa.nulls(subscribers, one.type)
        for one in WIDE_SCHEMA
    ]
    _put(warehouse, WIDE, pa.table(columns, schema=WIDE_SCHEMA))
    chance = np.clip(draw.lognormal(-4.6, 1.1, subscribers), 1e-6, 0.9)
    scored = [number.cast(SCORES.field("subscriber").type), pa.array(chance)]
    _put(warehouse, "scores.contract_phone", pa.table(scored, schema=SCORES))
    group(warehouse, "contract_phone", AS_OF, DEFAULT_PLAN, Silent())
    warehouse.engine.close()


def _drawn(draw: np.random.Generator, size: int, shares: dict[str, float]) -> pa.Array:
    codes = draw.choice(len(shares), size, p=list(shares.values())).astype(np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(list(shares))).cast(pa.string())


def _put(warehouse: Warehouse, table: str, rows: pa.Table) -> None:
    with warehouse.change(table) as change:
        file = change.new_file(AS_OF.isoformat())
        pq.write_table(rows, file, compression="zstd")
        change.set(AS_OF.isoformat(), {file: "bench"})


def brief_of(subscribers: int, kind: str) -> Brief:
    """The reference case, its amounts in proportion; `kind`: "unexplored", "plain", or "levers" with two offers steered."""
    whole = load_campaign(Path("reference"))
    whole = replace(whole, holdout=Holdout(0.05, EXPLORED * (kind != "unexplored")), device_stock=STOCK)
    part = scaled(whole, subscribers / SUBSCRIBERS)
    if kind != "levers":
        return part
    offers = [str(offer.id) for offer in reference_case().offers[:2]]
    return replace(part, choice=replace(part.choice, levers=dict.fromkeys(offers, 1.5)))


def planned(folder: Path, subscribers: int, kind: str) -> Figures:
    """Make and keep the plan."""
    warehouse = Warehouse(folder / "warehouse", DuckDBEngine(ENGINE_GB, spill=folder / "spill"))
    database = Database(f"sqlite:///{folder}/operations-{kind}.sqlite")
    database.migrate()
    watch = _Watch()
    wide, offers = open_wide(warehouse, AS_OF), reference_case().offers
    made = make_plan(warehouse, database, brief_of(subscribers, kind), offers, wide, watch, now=NOW)
    found = made.proposal
    warehouse.engine.close()
    database.close()
    return Figures(
        options=len(found.options.options),
        contacts=len(found.row),
        gap=found.gap,
        steps=tuple(watch.steps),
    )


def main() -> bool:
    """Plan in each way, print; whether every bar was kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a tenth of the subscribers")
    subscribers = SUBSCRIBERS // (10 if parser.parse_args().small else 1)
    verdicts = []
    with tempfile.TemporaryDirectory() as folder:
        measured(prepare, Path(folder), subscribers)
        for kind in ("unexplored", "plain", "levers"):
            found = measured(planned, Path(folder), subscribers, kind)
            figures: Figures = found.result
            print(f"  {subscribers:,} x {figures.options}, {kind}: {figures.contacts:,} contacts")
            for name, wall, cpu, peak in figures.steps:
                print(f"    {name:45} {wall:7.1f} s, processor {cpu:7.1f} s, {peak:5.2f} GB")
            verdicts += [
                kept("memory GB", found.peak_gb, MEMORY_BAR_GB),
                kept("processor s", found.cpu_s, PROCESSOR_BAR_S, f"wall {found.wall_s:.1f} s"),
                kept("gap in %", 100 * figures.gap, 100 * (GAP_BAR + EXPLORED * (kind != "unexplored"))),
            ]
    return all(verdicts)


if __name__ == "__main__":
    sys.exit(not main())
