"""The city is made in three passes: what level each cell's odds need, then the months, then the usage of every day.

Blocks of subscribers are made by separate processes from seeds of their own, so memory does not grow with the city and the
records do not depend on the number of processes. A file appears under its name when it is whole; `city.json` says
that all are there.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from telewave.kernel import Conflict, Message
from telewave.platform.progress import Progress
from telewave.simulation import months as m
from telewave.simulation.dirt import dirtied
from telewave.simulation.facts import OFFER, Base, OrderKind
from telewave.simulation.people import Array, People, people
from telewave.simulation.plan import CityPlan
from telewave.simulation.usage import records_of_day
from telewave.simulation.writing import (
    master_data,
    order_rows,
    write_rows,
    write_tables,
    write_truth,
)

MARKER = "city.json"


class FolderInUse(Conflict):
    """The folder {folder} holds something else than the city that was asked for. Name an empty folder, or remove it first."""


@dataclass(frozen=True, slots=True)
class City:
    """What was made: rows by table, and takers of the offer."""

    plan: CityPlan
    rows: dict[str, int]
    takers: int


def simulate(plan: CityPlan, folder: Path, progress: Progress) -> City:
    """Write the city's records to `<folder>/records/<table>/` in contract form and its truth to `<folder>/truth/`.

    A folder that already holds the finished city of the same plan is left as it is; an unfinished one is begun anew.
    Raises `FolderInUse` when the folder holds anything else.
    """
    if found := _finished(plan, folder):
        return found
    _prepare(folder)
    with ProcessPoolExecutor(plan.processes, mp_context=get_context("spawn")) as pool:
        levels = _levels(plan, pool, progress)
        rows = _made(plan, folder, levels, pool, progress)
    takers = rows["orders"]
    city = City(plan, rows, takers)
    marker = folder / MARKER
    aside = marker.with_suffix(".aside")
    aside.write_text(json.dumps({"plan": _plain(plan), "rows": rows, "takers": takers}, indent=1))
    aside.rename(marker)
    return city


def _plain(plan: CityPlan) -> dict[str, Any]:
    return {k: str(v) if isinstance(v, date) else v for k, v in asdict(plan).items() if k != "workers"}


def _finished(plan: CityPlan, folder: Path) -> City | None:
    try:
        found = json.loads((folder / MARKER).read_text())
    except FileNotFoundError:
        return None
    if found["plan"] != _plain(plan):
        raise FolderInUse(folder=folder)
    return City(plan, found["rows"], found["takers"])


def _prepare(folder: Path) -> None:
    """An empty folder, or one with the remains of a run that was killed."""
    if folder.exists() and any(p.name not in {"records", "truth"} for p in folder.iterdir()):
        raise FolderInUse(folder=folder)
    for part in ("records", "truth"):
        shutil.rmtree(folder / part, ignore_errors=True)
        (folder / part).mkdir(parents=True)


def _levels(plan: CityPlan, pool: ProcessPoolExecutor, progress: Progress) -> Array:
    """What the relative odds are multiplied with: shape (months_after, 2, CELLS); for the truth, and for its observable part.

    Month by month, since who has taken the offer in one month cannot in the next.
    """
    wanted = m.wanted(plan)
    levels = np.zeros((0, 2, m.CELLS))
    with progress.step(
        Message("Drawing the city's people"), total=plan.months_after * len(plan.blocks)
    ) as step:
        for number in range(plan.months_after):
            total = np.zeros((2, m.CELLS))
            for done in as_completed([pool.submit(_weigh, plan, block, levels) for block in plan.blocks]):
                total += done.result()
                step.advance()
            level = np.divide(wanted[number], total, out=np.zeros_like(total), where=total > 0)
            levels = np.concatenate([levels, level[None]])
    return levels


def _weigh(plan: CityPlan, block: range, levels: Array) -> Array:
    """Relative odds by cell in the month after those whose `levels` are known, each weighted with the chance to be still free."""
    crowd = people(block, plan.seed)
    free = np.ones(len(crowd))
    offered = plan.months[plan.months_before :]
    for (month, first, end), level in zip(offered, levels, strict=False):
        made = m.touches(plan, crowd, month, first, end)
        touched = m.chances(plan, crowd, month, made, end).touched
        free *= 1 - m.probabilities(crowd, touched, level[0]).sum(axis=0)
    month, first, end = offered[len(levels)]
    made = m.touches(plan, crowd, month, first, end)
    return m.sums(crowd, m.chances(plan, crowd, month, made, end), free)


def _made(
    plan: CityPlan, folder: Path, levels: Array, pool: ProcessPoolExecutor, progress: Progress
) -> dict[str, int]:
    counts: dict[str, int] = {}
    tasks = [pool.submit(_live, plan, folder, block, levels) for block in plan.blocks]
    tasks.append(pool.submit(_arrive, plan, folder, _newcomers(plan)))
    for done in _watched(tasks, Message("Living through the months"), progress):
        _add(counts, done)
    stretches = [plan.days[k : k + 5] for k in range(0, len(plan.days), 5)]
    blocks = [*plan.blocks, range(plan.subscribers, plan.subscribers + 1)]
    tasks = [pool.submit(_use, plan, folder, b.start, stretch) for b in blocks for stretch in stretches]
    for done in _watched(tasks, Message("Writing usage records"), progress):
        _add(counts, done)
    return dict(sorted(counts.items()))


def _watched(tasks: Iterable[Future[Any]], what: Message, progress: Progress) -> Iterator[Any]:
    tasks = list(tasks)
    with progress.step(what, total=len(tasks)) as step:
        for done in as_completed(tasks):
            yield done.result()
            step.advance()


def _add(counts: dict[str, int], more: dict[str, int]) -> None:
    for table, rows in more.items():
        counts[table] = counts.get(table, 0) + rows


def _live(plan: CityPlan, folder: Path, block: range, levels: Array) -> dict[str, int]:
    """All tables of one block but usage; returns rows by table."""
    crowd = people(block, plan.seed)
    counts = write_tables(folder, block.start, plan.eve, master_data(plan, crowd, plan.eve))
    took_in = np.full(len(crowd), 10_000)
    for month, first, end in plan.months:
        made = m.touches(plan, crowd, month, first, end)
        offer = OFFER if month > 0 else m.OTHER_OFFER
        tables = {
            "contacts": {
                "subscriber": crowd.subscriber[made.row],
                "contacted_at": made.at,
                "channel": made.channel,
                "offer": np.full(len(made.row), offer),
                "disposition": made.disposition,
            },
            "bills": m.bills(plan, crowd, month, first),
            "payments": m.payments(plan, crowd, month, first, end),
            "complaints": m.complaints(plan, crowd, month, first, end, made),
        }
        if month > 0:
            tables |= _taken(plan, folder, crowd, levels[month - 1], (month, first, end), made, took_in)
        _add(counts, write_tables(folder, block.start, first, tables))
    write_truth(folder, f"people-{block.start:09d}", crowd.table())
    return counts


def _taken(
    plan: CityPlan,
    folder: Path,
    crowd: People,
    levels: Array,
    when: tuple[int, date, date],
    made: m.Touches,
    took_in: Array,
) -> dict[str, dict[str, Array]]:
    """Draw who takes the offer in a month, note the truth of it, and say it in orders, devices and holdings."""
    month, first, end = when
    found = m.chances(plan, crowd, month, made, end)
    touched = m.probabilities(crowd, found.touched, levels[0])
    truth = {
        "subscriber": crowd.subscriber,
        "probability": touched.sum(axis=0),
        "organic": m.probabilities(crowd, found.organic, levels[0]).sum(axis=0),
        "observable": m.probabilities(crowd, found.observable, levels[1]).sum(axis=0),
    }
    draw = m.stream(plan, crowd, month, 6)
    u, free = draw.random(len(crowd)), took_in > month
    kind = np.where(u < touched[0], int(OrderKind.NEW_NUMBER), int(OrderKind.DEVICE_ONLY))
    rows = np.flatnonzero(free & (u < touched.sum(axis=0)))
    took_in[rows] = month
    write_rows(folder / "truth" / f"takeup-{first}-{crowd.subscriber[0]:09d}.parquet", truth)
    return order_rows(draw, crowd, rows, kind[rows], first, end)


def _newcomers(plan: CityPlan) -> Array:
    """How many come with the offer in each of its months."""
    return np.round(m.wanted(plan)[:, -1]).astype(int)


def _arrive(plan: CityPlan, folder: Path, by_month: Array) -> dict[str, int]:
    """Net-new subscribers: recorded, equipped and with an order on the day they come. One small block, however many."""
    crowd = _new_people(plan, by_month)
    counts: dict[str, int] = {}
    if not len(crowd):
        return counts
    arrival = np.repeat(np.arange(len(by_month)), by_month)
    for number, (_, first, end) in enumerate(plan.months[plan.months_before :]):
        rows = np.flatnonzero(arrival == number)
        draw = m.stream(plan, crowd, number + 1, 7)
        tables = order_rows(draw, crowd, rows, np.zeros(len(rows), int), first, end)
        day = m.day_of(tables["orders"]["ordered_at"]).astype("datetime64[D]")
        mine = people_at(crowd, rows)
        born = master_data(plan, mine, first, day)
        del born["devices"]
        born["holdings"] = {
            name: np.concatenate([values, tables["holdings"][name]])
            for name, values in born["holdings"].items()
        }
        _add(counts, write_tables(folder, plan.subscribers, first, tables | born))
        write_truth(folder, f"people-{plan.subscribers:09d}-{number}", mine.table())
    return counts


def _new_people(plan: CityPlan, by_month: Array) -> People:
    count = int(by_month.sum())
    numbers = range(plan.subscribers, plan.subscribers + count)
    return people(numbers, plan.seed, np.full(count, Base.NEW, dtype=np.int8))


def people_at(crowd: People, rows: Array) -> People:
    """Some of the people."""
    return People.of(crowd.table().take(rows))


def _use(plan: CityPlan, folder: Path, start: int, days: list[date]) -> dict[str, int]:
    """Usage of one block on some days; newcomers from the month after they came."""
    crowd, joined = _users(plan, start)
    rows = 0
    for day in days if len(crowd) else ():
        number = (day.year - plan.launch.year) * 12 + day.month - plan.launch.month + 1
        active = (crowd.churns_in > number + plan.months_before - 1) & (joined < number)
        tables = records_of_day(crowd, day, active, plan.records_per_day, plan.seed)
        rows += _usage_file(plan, folder / "records" / "usage", start, day, tables)
    return {"usage": rows}


_LAST: dict[tuple[CityPlan, int], tuple[People, Array]] = {}


def _users(plan: CityPlan, start: int) -> tuple[People, Array]:
    """The people of a block and the month after which they are there; the last block stays in the process's memory."""
    if (plan, start) not in _LAST:
        _LAST.clear()
        if start == plan.subscribers:
            by_month = _newcomers(plan)
            crowd = _new_people(plan, by_month)
            joined = np.repeat(np.arange(len(by_month)) + 1, by_month)
        else:
            block = next(b for b in plan.blocks if b.start == start)
            crowd = people(block, plan.seed)
            joined = np.full(len(crowd), -1_000)
        _LAST[plan, start] = crowd, joined
    return _LAST[plan, start]


def _usage_file(plan: CityPlan, folder: Path, start: int, day: date, tables: Iterator[Any]) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{day}.{start:09d}.parquet"
    aside = target.with_suffix(".aside")
    spoil: Callable[[Any], Any] = dirtied(plan.seed, day, start) if plan.dirty else lambda table: table
    rows, writer = 0, None
    for table in map(spoil, tables):
        writer = writer or _writer(aside, table.schema)
        writer.write_table(table)
        rows += table.num_rows
    if writer is not None:
        writer.close()
        aside.rename(target)
    return rows


def _writer(target: Path, schema: pa.Schema) -> pq.ParquetWriter:
    codes = [field.name for field in schema if pa.types.is_dictionary(field.type)]
    return pq.ParquetWriter(target, schema, compression="snappy", use_dictionary=cast("Any", codes))
