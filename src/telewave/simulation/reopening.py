"""A finished city read again, to be lived on from its last day."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from telewave.kernel import Missing
from telewave.kernel.periods import add_months
from telewave.simulation.answering import Standing, Town
from telewave.simulation.city import MARKER, UnreadableCity
from telewave.simulation.facts import OFFER
from telewave.simulation.months import first_day
from telewave.simulation.people import Array
from telewave.simulation.plan import CityPlan
from telewave.simulation.process import forgotten
from telewave.simulation.truth import Truth
from telewave.simulation.writing import Rows, write_rows


class NoCity(Missing):
    """{folder} holds no finished simulated city. Name the folder that `telewave simulate FOLDER` wrote."""

    code = "no_city"


def plan_of(folder: Path) -> CityPlan:
    """The plan of the city in the folder. Raises `NoCity`, `UnreadableCity`."""
    marker = folder / MARKER
    try:
        told = json.loads(marker.read_text())["plan"]
        return CityPlan(**{**told, "launch": date.fromisoformat(told["launch"])})
    except (FileNotFoundError, NotADirectoryError) as cause:
        raise NoCity(folder=folder) from cause
    except (ValueError, KeyError, TypeError) as cause:
        raise UnreadableCity(file=marker) from cause


def reopened(folder: Path, seed: int | None = None) -> Town:
    """The city on the morning after its last day. `seed`: of what happens from then on; the city's own if not given.

    Raises `NoCity`, `UnreadableCity`.
    """
    plan = plan_of(folder)
    truth = Truth(folder)
    people = truth.people()
    month = truth.month(add_months(plan.end, -1))
    n = len(people)
    organic, new = np.zeros(n), np.zeros(n)
    place = np.searchsorted(people.subscriber, month.column("subscriber").to_numpy())
    organic[place] = month.column("organic").to_numpy()
    chance = month.column("probability").to_numpy()
    new[place] = np.divide(
        month.column("new_number").to_numpy(), chance, out=np.zeros(len(chance)), where=chance > 0
    )
    orders = _records(folder, "orders", ["subscriber", "offer"])
    took = orders.filter(pc.equal(orders["offer"], pa.scalar(OFFER)))["subscriber"].to_numpy()
    there = people.churns_in > plan.months_after + plan.months_before
    standing = Standing(
        people=people,
        organic=organic,
        new_number=new,
        free=there & ~np.isin(people.subscriber, took),
        tired=_tired(folder, plan, people.subscriber),
    )
    return Town(plan if seed is None else replace(plan, seed=seed), standing)


def write_day(folder: Path, day: date, tables: dict[str, Rows]) -> None:
    """Write a day's rows in the contracts' form to `<folder>/records/<table>/campaign-<day>.parquet`; none, no file."""
    for name, rows in tables.items():
        if len(rows["subscriber"]):
            target = folder / "records" / name / f"campaign-{day}.parquet"
            target.parent.mkdir(parents=True, exist_ok=True)
            write_rows(target, name, rows)


def _tired(folder: Path, plan: CityPlan, subscriber: Array) -> Array:
    """Touches not forgotten on the city's last day, one entry a person."""
    found = _records(folder, "contacts", ["subscriber", "contacted_at", "reached"])
    reached = found["reached"].to_numpy(zero_copy_only=False).astype(bool)
    rows = np.searchsorted(subscriber, found["subscriber"].to_numpy()[reached])
    day = found["contacted_at"].cast(pa.timestamp("us")).cast(pa.date32()).cast(pa.int32()).to_numpy()
    return np.bincount(rows, forgotten(first_day(plan.end) - day[reached]), len(subscriber))


def _records(folder: Path, table: str, columns: list[str]) -> pa.Table:
    files = sorted((folder / "records" / table).glob("*.parquet"))
    return pa.concat_tables([pq.read_table(file, columns=columns) for file in files])
