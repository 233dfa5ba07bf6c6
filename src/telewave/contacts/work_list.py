"""Handed-out contacts as the list that a call centre, a hall or a gateway works through: names instead of codes, in one language. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from telewave.contacts.handing_out import HandedOut, window
from telewave.kernel import Label
from telewave.platform.lists import Cell
from telewave.targeting.plan import Group

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
)


def lines_of(found: HandedOut, language: str) -> Iterator[tuple[Cell, ...]]:
    """A line a contact, cells as `HEADERS`."""
    document = found.document
    names = {kind: {key: one[language] for key, one in document[kind].items()} for kind in ("phases",)}
    channels, offers = document["channels"], document["offers"]
    for number, row in zip(found.numbers, found.rows.to_pylist(), strict=True):
        channel, offer = channels[row["channel"]], offers[row["offer"]]
        start, end = window(row["minute"], channel["hours"])
        group = Group(row["group"]).label if row["group"] else None
        script = offer["script"].get(row["group"], ())
        yield (
            number,
            channel["name"][language],
            offer["name"][language],
            names["phases"].get(row["phase"], row["phase"]),
            "" if group is None else getattr(group, language),
            row["day"],
            _clock(start),
            _clock(end),
            " ".join(line[language] for line in script),
            round(row["expected_profit"], 2),
            round(row["probability"], 4),
        )


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
