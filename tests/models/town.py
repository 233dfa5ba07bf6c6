"""A warehouse with orders, wide tables of three variables, and an outside table, all small."""

from datetime import date, datetime, time, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from tests.models.worlds import sigmoid

from telewave.features.model import Variable, VariableKind, WideTable
from telewave.kernel import Label
from telewave.platform.warehouse import Warehouse
from telewave.records.contracts import ORDERS

FIELDS = [
    ("subscriber", pa.int32()),
    ("minutes", pa.float64()),
    ("tenure", pa.float64()),
    ("city", pa.string()),
]
SCHEMA = pa.schema(FIELDS)
VARIABLES = (
    Variable(name="minutes", label=Label("Minutes", "通话分钟"), kind=VariableKind.NUMBER, unit="min"),
    Variable(name="tenure", label=Label("Tenure", "在网时长"), kind=VariableKind.NUMBER, unit="months"),
    Variable(name="city", label=Label("City", "城市"), kind=VariableKind.CATEGORY),
)


class Town:
    """Puts rows into tables of a warehouse and opens them as wide tables."""

    def __init__(self, home, engine):
        self.warehouse = Warehouse(home, engine)

    def orders(self, *orders):
        """Orders as (subscriber, day or instant, offer), added to those of their days."""
        with self.warehouse.change("orders") as change:
            for subscriber, at, offer in orders:
                instant = at if isinstance(at, datetime) else datetime.combine(at, time(12))
                day = instant.date().isoformat()
                row = {
                    "subscriber": subscriber,
                    "ordered_at": instant,
                    "offer": offer,
                    "kind": "device_only",
                    "channel": "hall",
                }
                file = change.new_file(day)
                pq.write_table(pa.Table.from_pylist([row], ORDERS.schema), file)
                change.add(day, file, "test")
        return self

    def wide(self, as_of, rows):
        """The wide table as of a date: an Arrow table, or numbers of subscribers."""
        if not isinstance(rows, pa.Table):
            rows = pa.Table.from_pylist(
                [{"subscriber": s, "minutes": float(s), "tenure": 12.0, "city": "north"} for s in rows],
                SCHEMA,
            )
        with self.warehouse.change("wide_small") as change:
            file = change.new_file(as_of.isoformat())
            pq.write_table(rows, file)
            change.set(as_of.isoformat(), {file: "test"})
        return self

    def grow(self, dates, people=1_500, offer="phone", seed=0):
        """Wide tables as of `dates` and orders of about a tenth in the thirty days after each; minutes matter."""
        rng = np.random.default_rng(seed)
        taken = set()
        for as_of in dates:
            minutes = rng.gamma(2, 100, people)
            columns = [
                np.arange(people, dtype=np.int32),
                minutes,
                rng.uniform(1, 90, people),
                rng.choice(["n", "s"], people),
            ]
            self.wide(as_of, pa.table([pa.array(c) for c in columns], schema=SCHEMA))
            took = np.flatnonzero(rng.random(people) < sigmoid(minutes / 150 - 3.5))
            days = rng.integers(0, 30, people)
            self.orders(*[(int(s), as_of + timedelta(int(days[s])), offer) for s in took if s not in taken])
            taken |= set(took.tolist())
        return self

    def open(self, warehouse, as_of: date) -> WideTable:
        """The wide table as of a date, as training and scoring are given it."""
        relation = warehouse.read("wide_small", SCHEMA, lambda key: key == as_of.isoformat())
        return WideTable(relation=relation, key="subscriber", variables=VARIABLES, as_of=as_of)

    def samples(self, name, rows, columns, order=""):
        """An outside table of `rows` (with subscriber, sequence, outcome), described as its ingestion describes it."""
        with self.warehouse.change(f"samples.{name}") as change:
            file = change.new_file("all")
            pq.write_table(rows, file)
            change.set("all", {file: "test"})
            label = {"en": name, "zh": name}
            change.facts["title"] = label
            change.facts["order"] = order
            change.facts["columns"] = [
                {"name": n, "kind": k, "unit": "", "label": {"en": n, "zh": n}, "meaning": {"en": n, "zh": n}}
                | more
                for n, k, more in columns
            ]
        return self
