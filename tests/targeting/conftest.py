"""A small base that a real model was trained on: wide table, scores, groups, in a warehouse of its own."""

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from telewave.features.catalogue import VARIABLES
from telewave.features.model import Variable, VariableKind, WideTable
from telewave.kernel import Label, Message
from telewave.models.dataset import TrainingTable, day_number
from telewave.models.response import TrainOptions
from telewave.models.target import Target
from telewave.models.training import train
from telewave.models.usecases import score
from telewave.models.validation import Forward
from telewave.platform.engine import DuckDBEngine
from telewave.platform.progress import Silent
from telewave.platform.warehouse import Warehouse

AS_OF = date(2026, 7, 1)
NAMES = (
    "age",
    "tenure_months",
    "payment",
    "called_home_min_3m",
    "data_min_3m",
    "calls_3m",
    "mms_out_3m",
    "data_mb_3m",
)
CITY = tuple(v for v in VARIABLES if v.name in NAMES)
ROWS_A_MONTH = 4_000


def people(rng, n):
    """Wide rows with the case's tendencies: the young and active respond, long tenure helps."""
    age = rng.integers(16, 75, n).astype(float)
    age[rng.random(n) < 0.03] = np.nan
    tenure = rng.gamma(2, 30, n).round()
    calls = rng.lognormal(4, 1, n).round()
    called = calls * rng.lognormal(0.3, 0.5, n)
    data_min = rng.lognormal(5, 1.2, n) * np.where(age < 40, 2, 0.7)
    columns = {
        "age": age,
        "tenure_months": tenure,
        "payment": rng.choice(["prepaid", "postpaid"], n, p=[0.3, 0.7]),
        "called_home_min_3m": called,
        "data_min_3m": data_min,
        "calls_3m": calls,
        "mms_out_3m": rng.poisson(0.5, n).astype(float),
        "data_mb_3m": data_min * rng.lognormal(0, 0.4, n),
    }
    odds = -3.9 + 0.8 * np.log1p(called / 100) + 0.4 * np.log1p(data_min / 100) + 0.006 * tenure
    odds += np.where((age >= 24) & (age <= 36), 0.7, 0.0)
    label = rng.random(n) < 1 / (1 + np.exp(-odds + 1.0))
    return pa.table({v.name: pa.array(columns[v.name], from_pandas=True) for v in CITY}), label


def city_table(seed=7):
    rng = np.random.default_rng(seed)
    months = [date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)]
    parts = [people(rng, ROWS_A_MONTH) for _ in months]
    return TrainingTable(
        rows=pa.concat_tables([rows for rows, _ in parts]),
        variables=CITY,
        label=np.concatenate([label for _, label in parts]),
        period=np.repeat([day_number(day) for day in months], ROWS_A_MONTH),
        key=np.tile(np.arange(ROWS_A_MONTH), len(months)),
        target=Target("handset", 30).sentence,
        data_window=Message(
            "as-of dates {first} to {last}, outcomes within {days} days",
            first="2026-02-01", last="2026-05-01", days=30,
        ),
        dated=True,
        horizon=30,
        offered=Target("handset", 30),
    )  # fmt: skip


def quick(**changes):
    return replace(TrainOptions(iterations=200, depth=3, learning_rate=0.1, threads=1), **changes)


@pytest.fixture(scope="session")
def fitted():
    """A model of the small city, trained for real."""
    return train(city_table(), name="handset", seed=1, now=datetime(2026, 6, 30, tzinfo=UTC), options=quick())


@pytest.fixture(scope="session")
def drifted():
    """A model of an outside table whose relation turns round in the middle, with a leaking variable: a reader must be warned."""
    rng = np.random.default_rng(3)
    n = 6_000
    x, z = rng.normal(size=n), rng.normal(size=n)
    turn = np.where(np.arange(n) < n // 2, 1.5, -1.5)
    label = rng.random(n) < 1 / (1 + np.exp(1.5 - turn * x))
    duration = np.where(label, rng.gamma(9, 60, n), rng.gamma(2, 60, n))
    kinds = {"index": x, "other": z, "duration": duration}
    labels = {
        "index": Label("Index", "指数"),
        "other": Label("Other", "其他"),
        "duration": Label("Length", "时长"),
    }
    table = TrainingTable(
        rows=pa.table(kinds),
        variables=tuple(Variable(name=name, label=labels[name], kind=VariableKind.NUMBER) for name in kinds),
        label=label,
        period=np.arange(n),
        key=np.arange(n),
        target=Message("the outcome of {name}", name="calls"),
        data_window=Message("{rows} rows of {name} in their order", rows=n, name="calls"),
        dated=False,
    )
    options = quick(forward=Forward(train_rows=3_000, step=500, window=1_000))
    return train(table, name="calls", seed=1, now=datetime(2026, 6, 30, tzinfo=UTC), options=options)


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory):
    return Warehouse(tmp_path_factory.mktemp("warehouse"), DuckDBEngine(1, 1))


@pytest.fixture(scope="session")
def wide(warehouse):
    """The wide table of the small city as of `AS_OF`."""
    rows, _ = people(np.random.default_rng(11), 8_000)
    rows = rows.append_column("subscriber", pa.array(np.arange(8_000, dtype=np.int32)))
    with warehouse.change("wide") as change:
        file = change.new_file(AS_OF.isoformat())
        pq.write_table(rows, file)
        change.set(AS_OF.isoformat(), {file: "test"})
    return WideTable(
        relation=warehouse.read("wide", rows.schema), key="subscriber", variables=CITY, as_of=AS_OF
    )


@pytest.fixture(scope="session")
def scored(warehouse, wide, fitted):
    """The small city scored by the model."""
    score(fitted, wide, warehouse, Silent())
    return fitted
