"""What a plan expects of the calls on its list: the chance that somebody who answers is willing. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from telewave.funnel.steps import CHANNELS, Family

Array = Any
LEAST = 1e-4
"""A plan that expects nothing of somebody does not know that he never will."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Listed:
    """The planned calls, one entry each by `subscriber`, shape (n,), the first of a subscriber who has several: target
    `group` and `expected` chance of being willing, given that he answers. `channels`: what calls are recorded as.
    """

    subscriber: Array
    group: Array
    expected: Array
    channels: tuple[str, ...]


def listed(document: Mapping[str, Any], rows: pa.Table) -> Listed:
    """The calls of a plan's document and rows (columns as planning's `CONTACTS`).

    A wave's willing over its reached is its mean; within it, contacts differ as what the plan gains by them.
    """
    calls = {
        name: one["records"]
        for name, one in document["channels"].items()
        if CHANNELS.get(one["records"]) is Family.CALL
    }
    told = {(one["phase"], one["channel"]): one for one in document.get("waves") or ()}
    channel = np.array(rows["channel"].to_pylist(), np.str_)
    mine = np.flatnonzero(np.isin(channel, list(calls)))
    phase, gained = np.array(rows["phase"].to_pylist(), np.str_), rows["gained"].to_numpy()
    expected = np.ones(len(channel))
    for key in {(str(phase[k]), str(channel[k])) for k in mine}:
        of_wave = (phase == key[0]) & (channel == key[1])
        mean = gained[of_wave].mean()
        share = _share(told[key]) if key in told else 1.0
        expected[of_wave] = share * (gained[of_wave] / mean if mean > 0 else 1.0)
    subscriber = np.asarray(rows["subscriber"].to_numpy(), np.int64)[mine]
    one, first = np.unique(subscriber, return_index=True)
    groups = np.array([name or "" for name in rows["group"].to_pylist()], np.str_)
    return Listed(
        subscriber=one,
        group=groups[mine][first],
        expected=np.maximum(expected[mine][first], LEAST),
        channels=tuple(sorted(set(calls.values()))),
    )


def _share(wave: Mapping[str, Any]) -> float:
    reached = wave["reached"][0] if wave["reached"] else 0.0
    return float(wave["willing"][0] / reached) if reached else 1.0
