"""The tables of a plan: their columns, their days, and the hashes of what they hold. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from telewave.planning.canonical import content_hash

EPOCH = date(1970, 1, 1).toordinal()

_COLUMNS: list[tuple[str, pa.DataType]] = [
    ("subscriber", pa.int64()),
    ("touch", pa.int8()),
    ("phase", pa.string()),
    ("channel", pa.string()),
    ("offer", pa.string()),
    ("group", pa.string()),
    ("day", pa.date32()),
    ("minute", pa.int16()),
    ("probability", pa.float64()),
    ("gained", pa.float64()),
    ("expected_profit", pa.float64()),
    ("propensity", pa.float64()),
    ("by_chance", pa.bool_()),
    ("why", pa.int8()),
    ("state", pa.string()),
]
CONTACTS = pa.schema(_COLUMNS)
"""`minute`: of the local day, null without a day. `why`: code of
`scheduling.waves.Why`, 0 with a day. `state`: a `ContactState`.
"""
_CONTROL: list[tuple[str, pa.DataType]] = [("subscriber", pa.int64()), ("control", pa.string())]
CONTROL = pa.schema(_CONTROL)
_CLASSES: list[tuple[str, pa.DataType]] = [("subscriber", pa.int64()), ("class", pa.int16())]
CLASSES = pa.schema(_CLASSES)
"""Class of each subscriber who could be contacted, by which the prices of the limits speak."""
_PRICES: list[tuple[str, pa.DataType]] = [
    ("class", pa.int16()),
    ("offer", pa.string()),
    ("channel", pa.string()),
    ("phase", pa.string()),
    ("price", pa.float64()),
]
PRICES = pa.schema(_PRICES)
"""What an option uses of the limits with a subscriber of a class, at their prices, in major units."""
_AIMS: list[tuple[str, pa.DataType]] = [("subscriber", pa.int64())]
AIMS = pa.schema(_AIMS)
"""Whom the plan would contact, held out or not (`aims`)."""
KEYS = {"contacts": ["subscriber", "touch"], "control": ["subscriber"], "aims": ["subscriber"]}


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanRows:
    """The tables of a plan: `contacts` as `CONTACTS`, `control` as `CONTROL`,
    `classes` as `CLASSES`, `prices` as `PRICES`, `aims` as `AIMS`.
    """

    contacts: pa.Table
    control: pa.Table
    classes: pa.Table
    prices: pa.Table
    aims: pa.Table


def hashes_of(rows: PlanRows) -> dict[str, str]:
    """What a document says of its rows."""
    return {
        "rows_sha256": content_hash(rows.contacts, KEYS["contacts"]),
        "control_sha256": content_hash(rows.control, KEYS["control"]),
        "aims_sha256": content_hash(rows.aims, KEYS["aims"]),
    }


def ordinals(days: pa.ChunkedArray[Any]) -> NDArray[np.int64]:
    """Days as ordinals."""
    return days.cast(pa.date32()).cast(pa.int32()).to_numpy().astype(np.int64) + EPOCH
