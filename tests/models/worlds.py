"""Tables to learn from whose truth is known."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from telewave.features.model import Variable, VariableKind
from telewave.kernel import Label, Message
from telewave.models.dataset import TrainingTable
from telewave.models.matrix import is_category
from telewave.models.response import TrainOptions
from telewave.models.training import train
from telewave.models.validation import Forward

NOW = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)


def variables_of(rows):
    kinds = [
        VariableKind.CATEGORY if is_category(field.type) else VariableKind.NUMBER for field in rows.schema
    ]
    return tuple(
        Variable(name=n, label=Label(n, n), kind=k) for n, k in zip(rows.column_names, kinds, strict=True)
    )


def table_of(rows, label, *, period=None, key=None, dated=False, **more):
    """A training table of `rows` (a dictionary or an Arrow table) with the outcomes `label`."""
    rows = pa.table(rows) if isinstance(rows, dict) else rows
    place = np.arange(len(label), dtype=np.int64)
    return TrainingTable(
        rows=rows,
        variables=variables_of(rows),
        label=np.asarray(label, dtype=bool),
        period=place if period is None else np.asarray(period, dtype=np.int64),
        key=place if key is None else np.asarray(key, dtype=np.int64),
        target=Message("the outcome of {name}", name="toy"),
        data_window=Message("{rows} rows of {name} in their order", rows=len(label), name="toy"),
        dated=dated,
        **more,
    )


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


@dataclass(frozen=True)
class World:
    """Rows whose chance of a yes is known: `strong` matters most, `weak` less, `colour` a little, `noise` not at all."""

    table: TrainingTable
    chance: np.ndarray


def world(n=4_000, seed=0, base=-1.5, **more):
    rng = np.random.default_rng(seed)
    strong, weak, noise = rng.standard_normal((3, n))
    colour = rng.choice(["red", "green", "blue"], n)
    unknown = rng.random(n) < 0.1
    chance = sigmoid(base + 1.2 * strong + 0.5 * weak + np.where(colour == "red", 0.4, 0.0))
    rows = {
        "strong": pa.array(strong),
        "weak": pa.array(weak, mask=unknown),
        "colour": pa.array(colour),
        "noise": pa.array(noise),
    }
    return World(table_of(rows, rng.random(n) < chance, **more), chance)


def quick(**more):
    """Options that train a small model in a moment."""
    chosen = {"iterations": 40, "depth": 3, "early_stopping": 0, "threads": 2, "half_lives": (0.0,)}
    chosen["forward"] = Forward(train_rows=2_000, step=500)
    return TrainOptions(**(chosen | more))


def fit(table, seed=1, name="toy", **more):
    return train(table, name=name, seed=seed, now=NOW, options=quick(**more))
