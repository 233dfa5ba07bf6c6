"""Handed-out contacts as the list that a call centre, a hall or a gateway works through:
names instead of codes, in one language. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from telewave.contacts.reasons import FallsOut
from telewave.kernel import Label
from telewave.kernel.figures import Cell
from telewave.targeting.plan import Group

WINDOW_MINUTES = 120
"""A contact is made within two hours from its time of day, and never in quiet hours."""
APART = "\0"
"""Stands between two codes; in none of them."""
HEADERS = (
    Label("Number", "号码"),
    Label("Channel", "渠道"),
    Label("Offer", "业务"),
    Label("Phase", "阶段"),
    Label("Target group", "目标群"),
    Label("Day", "日期"),
    Label("From", "开始时间"),
    Label("To", "结束时间"),
    Label("What to say", "话术"),
    Label("Expected profit", "预期收益"),
    Label("Chance of taking", "办理概率"),
    Label("Contact", "接触编号"),
)


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class HandedOut:
    """The contacts of one day. `rows`: as `planning.plans.CONTACTS`, by time of day and falling profit;
    `numbers`: the outside number of each; `contacts`: its number in the ledger, by which results come back;
    `fell_out`: how many of the approved contacts of the day are not among them, by reason; `document`: of the plan;
    `with_agents`: contacts that agents make one at a time, which are on no list.
    """

    rows: pa.Table
    numbers: tuple[str, ...]
    contacts: tuple[int, ...]
    fell_out: Mapping[FallsOut, int]
    document: Mapping[str, Any]
    with_agents: int = 0


def lines_of(found: HandedOut, language: str) -> Iterator[tuple[Cell, ...]]:
    """A line a contact, cells as `HEADERS`. Each different text is made once, whatever number of lines it stands in."""
    rows, document = found.rows, found.document
    channels, offers = document["channels"], document["offers"]

    def script(offer_and_group: str) -> str:
        offer, group = offer_and_group.split(APART)
        return " ".join(line[language] for line in offers[offer]["script"].get(group, ()))

    def clock(place: int) -> Callable[[str], str]:
        def shown(channel_and_minute: str) -> str:
            channel, minute = channel_and_minute.split(APART)
            return _clock(window(int(minute), channels[channel]["hours"])[place])

        return shown

    grouped: Any = rows["group"]
    group = pc.fill_null(grouped, "")
    times = _joined(rows["channel"], rows["minute"].cast(pa.string()))
    return zip(
        found.numbers,
        _each(rows["channel"], lambda one: channels[one]["name"][language]),
        _each(rows["offer"], lambda one: offers[one]["name"][language]),
        _each(rows["phase"], lambda one: document["phases"].get(one, {}).get(language, one)),
        _each(group, lambda one: getattr(Group(one).label, language) if one else ""),
        _each(rows["day"], lambda one: one),
        _each(times, clock(0)),
        _each(times, clock(1)),
        _each(_joined(rows["offer"], group), script),
        np.round(rows["expected_profit"].to_numpy(), 2).tolist(),
        np.round(rows["probability"].to_numpy(), 4).tolist(),
        found.contacts,
        strict=True,
    )


def window(minute: int, hours: list[list[int]]) -> tuple[int, int]:
    """From which minute of the day to which a contact is made: two hours from its own, cut where the channel's hours
    end.

    >>> window(19 * 60, [[540, 1200]])
    (1140, 1200)
    """
    end = next((end for start, end in hours if start <= minute < end), minute + WINDOW_MINUTES)
    return minute, min(minute + WINDOW_MINUTES, end)


def _joined(one: Any, other: Any) -> Any:
    return pc.binary_join_element_wise(one, other, APART)


def _each(column: Any, of: Callable[[Any], Cell]) -> list[Cell]:
    """`of` of every entry, asked once of each that is different."""
    encoded = pa.chunked_array([column]) if isinstance(column, pa.Array) else column
    whole = encoded.combine_chunks().dictionary_encode()
    told = np.empty(len(whole.dictionary), object)
    told[:] = [of(one) for one in whole.dictionary.to_pylist()]
    answers: list[Cell] = told[whole.indices.to_numpy()].tolist()
    return answers


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
