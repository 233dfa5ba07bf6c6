"""The city is made in three passes: what level each cell's odds need, then the months, then the usage of every day.

Blocks of subscribers are made by separate processes from seeds of their own, so memory does not grow with the city and
the records do not depend on the number of processes. A file appears under its name when it is whole; `city.json` says
that all are there, `city.unfinished` that the folder is ours to begin anew.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from telewave.kernel import Conflict, Malformed, Message
from telewave.platform.files import write_whole
from telewave.platform.progress import Progress
from telewave.simulation import months as m
from telewave.simulation.dirt import dirtied
from telewave.simulation.facts import OFFER, Base, OrderKind
from telewave.simulation.levels import histogram, solved, wanted
from telewave.simulation.lives import Lived, Sale, State, lived, offered, prospects, standing_levels
from telewave.simulation.people import Array, People, people
from telewave.simulation.plan import CityPlan
from telewave.simulation.usage import records_of_day
from telewave.simulation.writing import (
    Rows,
    contact_rows,
    ended,
    handset_rows,
    joined,
    master_data,
    order_rows,
    write_tables,
    write_truth,
)

MARKER, UNFINISHED = "city.json", "city.unfinished"


class FolderInUse(Conflict):
    """The folder {folder} holds something else than the city that was asked for.
    Name an empty folder, or remove it first.
    """

    code = "folder_in_use"


class NotAFolder(Conflict):
    """{folder} is not a folder, or lies in something that is none. Name an empty folder, or one that does not exist
    yet.
    """

    code = "not_a_folder"


class UnreadableCity(Malformed):
    """The file {file}, which says what city the folder holds, cannot be read. Name
    another folder, or remove this one first.
    """

    code = "unreadable_city"


@dataclass(frozen=True, slots=True)
class City:
    """What was made: rows by table, and takers of the offer."""

    plan: CityPlan
    rows: dict[str, int]
    takers: int


def simulate(plan: CityPlan, folder: Path, progress: Progress) -> City:
    """Write the city's records to `<folder>/records/<table>/` in contract form and its truth to `<folder>/truth/`.

    A folder that already holds the finished city of the same plan is left as it is; an unfinished one is begun anew.
    Raises `FolderInUse` when the folder holds anything else, `NotAFolder`, `UnreadableCity`, `TooManyTakers`.
    """
    if found := _finished(plan, folder):
        return found
    _prepare(folder)
    with ProcessPoolExecutor(plan.processes, mp_context=get_context("spawn")) as pool:
        levels = _levels(plan, pool, progress)
        rows = _made(plan, folder, levels, pool, progress)
    takers = rows.pop("takers")
    marker = folder / UNFINISHED
    write_whole(marker, json.dumps({"plan": _plain(plan), "rows": rows, "takers": takers}, indent=1))
    marker.rename(folder / MARKER)
    return City(plan, rows, takers)


def _plain(plan: CityPlan) -> dict[str, Any]:
    return {k: str(v) if isinstance(v, date) else v for k, v in asdict(plan).items() if k != "workers"}


def _finished(plan: CityPlan, folder: Path) -> City | None:
    marker = folder / MARKER
    try:
        found = json.loads(marker.read_text())
        city = City(plan, found["rows"], found["takers"])
        same = found["plan"] == _plain(plan)
    except FileNotFoundError:
        return None
    except NotADirectoryError as cause:
        raise NotAFolder(folder=folder) from cause
    except (ValueError, KeyError, TypeError) as cause:
        raise UnreadableCity(file=marker) from cause
    if not same:
        raise FolderInUse(folder=folder)
    return city


def _prepare(folder: Path) -> None:
    """An empty folder, or one with the remains of a run that was killed: only what our own marker is beside is
    removed.
    """
    names = {path.name for path in folder.iterdir()} if folder.exists() else set()
    if names and not {UNFINISHED} <= names <= {UNFINISHED, "records", "truth"}:
        raise FolderInUse(folder=folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / UNFINISHED).touch()
    for part in ("records", "truth"):
        shutil.rmtree(folder / part, ignore_errors=True)
        (folder / part).mkdir()


def _levels(plan: CityPlan, pool: ProcessPoolExecutor, progress: Progress) -> Array:
    """What relative odds are multiplied with in each month, of the truth and of its observable
    part: shape (months, offers, 2, 2, GROUPS).

    Month by month, since who has taken the offer in one month cannot in the next.
    """
    wished = wanted(plan)
    levels = np.array([standing_levels()] * len(plan.months))
    with progress.step(
        Message("Drawing the city's people"), total=plan.months_after * len(plan.blocks)
    ) as step:
        for number in range(plan.months_before, len(plan.months)):
            found: Array = np.zeros(())
            for done in as_completed(
                [pool.submit(_weigh, plan, block, levels[:number]) for block in plan.blocks]
            ):
                found = found + done.result()
                step.advance()
            goal = wished[number - plan.months_before]
            levels[number, 0] = [solved(plan, part, goal) for part in found]
    return levels


def _weigh(plan: CityPlan, block: range, levels: Array) -> Array:
    """Histograms of relative odds, of the truth and of its observable part, in the
    month after those whose `levels` are known.
    """
    crowd = people(block, plan.seed)
    state = State.at_start(crowd)
    for when, level in zip(plan.months, levels, strict=False):
        state = lived(plan, crowd, when, state, level).after
    when = plan.months[len(levels)]
    ahead, free = prospects(plan, crowd, when, state), state.took_in[0] > when[0]
    none = np.zeros(len(crowd))
    parts = ((ahead.organic[0], ahead.won[0]), (ahead.observable[0], none))
    return np.array([histogram(crowd, relative, free, won) for relative, won in parts])


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
    """All tables of one block but usage; returns rows by table, and takers."""
    crowd = people(block, plan.seed)
    state = State.at_start(crowd)
    born = master_data(plan, crowd, plan.eve)
    counts = {"takers": 0} | write_tables(folder, block.start, plan.eve, born)
    for when, level in zip(plan.months, levels, strict=True):
        there = state.there(plan, when[0])
        made = lived(plan, crowd, when, state, level)
        tables = _recorded(plan, crowd, when, there, made, born["holdings"])
        _add(counts, write_tables(folder, block.start, when[1], tables))
        _add(counts, {"takers": len(made.sales[OFFER].row)})
        _write_chances(folder, crowd, when, made)
        state = made.after
    write_truth(folder, f"people-{block.start:09d}", replace(crowd, churns_in=state.churns_in).table())
    return counts


def _recorded(
    plan: CityPlan, crowd: People, when: m.When, there: Array, made: Lived, held: Rows
) -> dict[str, Rows]:
    """What a month leaves on record."""
    month, first, end = when
    draw = m.stream(plan, crowd, month, 10)
    about = offered(month)
    orders = {
        offer: order_rows(draw, crowd, offer, sale, made.contacts.at if offer == about else None)
        for offer, sale in made.sales.items()
    }
    handsets = handset_rows(crowd, made.sales[OFFER], orders[OFFER]["policy"])
    handsets["holdings"] = joined(
        handsets["holdings"], ended(held, crowd.subscriber[made.gone], end - timedelta(1))
    )
    return handsets | {
        "orders": joined(*orders.values()),
        "contacts": contact_rows(crowd, about, made.contacts, made.outcomes, made.dispositions),
        "bills": m.bills(plan, crowd, there, month, first),
        "payments": m.payments(plan, crowd, there, when),
        "complaints": m.complaints(plan, crowd, there, when, made.contacts.row[made.contacts.reached]),
    }


def _write_chances(folder: Path, crowd: People, when: m.When, made: Lived) -> None:
    """The truth of a month: of the handset from its launch on, of the other offer and of leaving in every month."""
    month, first, _ = when
    parts = {offer: sale.chances for offer, sale in made.sales.items() if month > 0 or offer != OFFER}
    for name, chances in (parts | {"leaving": made.churn}).items():
        columns = {"subscriber": crowd.subscriber} | chances
        table = pa.table({column: pa.array(values) for column, values in columns.items()})
        write_truth(folder, f"{name}-{first}-{crowd.subscriber[0]:09d}", table)


def _newcomers(plan: CityPlan) -> Array:
    """How many come with the offer in each of its months."""
    return np.round(wanted(plan)[:, -1]).astype(int)


def _arrive(plan: CityPlan, folder: Path, by_month: Array) -> dict[str, int]:
    """Net-new subscribers: recorded, equipped and with an order on the day they come. One small block, however many."""
    crowd = _new_people(plan, by_month)
    counts: dict[str, int] = {}
    if not len(crowd):
        return counts
    arrival = np.repeat(np.arange(len(by_month)), by_month)
    for number, (month, first, end) in enumerate(plan.months[plan.months_before :]):
        mine = people_at(crowd, np.flatnonzero(arrival == number))
        if not len(mine):
            continue
        draw = m.stream(plan, crowd, month, 7)
        at = m.instants(draw, len(mine), first, end)
        sale = _bought_on_arrival(at)
        orders = order_rows(draw, mine, OFFER, sale)
        bought = handset_rows(mine, sale, orders["policy"])
        born = master_data(plan, mine, first, m.day_of(at).astype("datetime64[D]"))
        tables = {
            "subscribers": born["subscribers"],
            "devices": bought["devices"],
            "holdings": joined(born["holdings"], bought["holdings"]),
            "orders": orders,
        }
        _add(counts, write_tables(folder, plan.subscribers, first, tables) | {"takers": len(mine)})
        write_truth(folder, f"people-{plan.subscribers:09d}-{number}", mine.table())
    return counts


def _bought_on_arrival(at: Array) -> Sale:
    """Everybody takes the offer with a new number when he comes, by himself."""
    n = len(at)
    kind = np.full(n, OrderKind.NEW_NUMBER)
    return Sale(row=np.arange(n), at=at, kind=kind, channel=np.full(n, ""), by=np.full(n, -1), chances={})


def _new_people(plan: CityPlan, by_month: Array) -> People:
    count = int(by_month.sum())
    numbers = range(plan.subscribers, plan.subscribers + count)
    return people(numbers, plan.seed, np.full(count, Base.NEW, dtype=np.int8))


def people_at(crowd: People, rows: Array) -> People:
    """Some of the people."""
    return People.of(crowd.table().take(rows))


def _use(plan: CityPlan, folder: Path, start: int, days: list[date]) -> dict[str, int]:
    """Usage of one block on some days; newcomers from the month after they came."""
    crowd, joined = _users(plan, folder, start)
    rows = 0
    for day in days if len(crowd) else ():
        number = (day.year - plan.launch.year) * 12 + day.month - plan.launch.month + 1
        active = (crowd.churns_in > number + plan.months_before - 1) & (joined < number)
        tables = records_of_day(crowd, day, active, plan.records_per_day, plan.seed)
        rows += _usage_file(plan, folder / "records" / "usage", start, day, tables)
    return {"usage": rows}


_LAST: dict[tuple[CityPlan, Path, int], tuple[People, Array]] = {}


def _users(plan: CityPlan, folder: Path, start: int) -> tuple[People, Array]:
    """The people of a block and the month after which they are there; the last block stays in the process's memory."""
    if (plan, folder, start) not in _LAST:
        _LAST.clear()
        if start == plan.subscribers:
            by_month = _newcomers(plan)
            crowd = _new_people(plan, by_month)
            joined = np.repeat(np.arange(len(by_month)) + 1, by_month)
        else:
            # As they were when all months had been lived: who has left is known.
            crowd = People.of(pq.read_table(folder / "truth" / f"people-{start:09d}.parquet"))
            joined = np.full(len(crowd), -1_000)
        _LAST[plan, folder, start] = crowd, joined
    return _LAST[plan, folder, start]


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
