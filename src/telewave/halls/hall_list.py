"""A hall's list, for people: as a table without outside numbers, or as a file with them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from telewave.halls.reservation import Hall, Reservation, calls_of
from telewave.halls.reservation_number import said
from telewave.kernel import Figure, Label, Message
from telewave.kernel.figures import Cell

COLUMNS = (
    Message("Reservation"),
    Message("State"),
    Message("Appointed day"),
    Message("Second call due"),
    Message("Second calls without answer"),
    Message("Recall gift"),
    Message("Lapses on"),
)
HEADERS = (
    Label("Reservation", "预约号"),
    Label("Number", "号码"),
    Label("State", "状态"),
    Label("Appointed day", "预约日期"),
    Label("Second call due", "二次呼叫日期"),
    Label("Second caller", "二次呼叫人"),
    Label("Offer", "业务"),
    Label("What to say", "话术"),
    Label("Recall gift", "到厅礼品"),
    Label("Lapses on", "失效日期"),
    Label("Campaign", "活动"),
)


def rows_of(found: Sequence[Reservation]) -> list[list[Figure | str | int]]:
    """Cells as `COLUMNS`."""
    return [
        [
            Figure(one.number, said(one.number)),
            Figure(one.state.standing.value, one.state.standing.label),
            "" if one.visit_on is None else Figure(one.visit_on, one.visit_on.isoformat()),
            "" if one.due_on is None else Figure(one.due_on, one.due_on.isoformat()),
            calls_of(one.state)[0],
            one.gift or "",
            Figure(one.ends_on, one.ends_on.isoformat()),
        ]
        for one in found
    ]


def lines_of(
    hall: Hall,
    found: Sequence[Reservation],
    numbers: Sequence[str | None],
    pitches: Mapping[tuple[str, str, str], tuple[Label, Sequence[Label]]],
    language: str,
) -> Iterator[tuple[Cell, ...]]:
    """Cells as `HEADERS`, a line for each. `pitches`: offer and script by plan, offer and target group."""
    for one, number in zip(found, numbers, strict=True):
        offer, script = pitches[one.plan, one.offer, one.target_group]
        yield (
            said(one.number),
            number or "",
            getattr(one.state.standing.label, language),
            one.visit_on,
            one.due_on,
            hall.caller,
            getattr(offer, language),
            " ".join(getattr(line, language) for line in script),
            one.gift or "",
            one.ends_on,
            one.campaign,
        )
