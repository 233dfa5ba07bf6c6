"""Parcels in tables, lists and the funnel: for people, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from telewave.fulfilment.model import Standing
from telewave.fulfilment.parcel import Parcel
from telewave.fulfilment.reconciliation import Compared
from telewave.fulfilment.responsible import Owner
from telewave.kernel import Figure, Label, Message, Money
from telewave.kernel.figures import Cell
from telewave.platform.answer import TableCell

COLUMNS = (
    Message("Order"),
    Message("State"),
    Message("Area"),
    Message("Waits for"),
    Message("Due"),
    Message("Courier"),
    Message("Price"),
)
LATE_COLUMNS = (
    Message("Waits for"),
    Message("Order"),
    Message("State"),
    Message("Area"),
    Message("Due"),
    Message("Hours late"),
)
DIFFERENCE_COLUMNS = (
    Message("Order"),
    Message("What differs"),
    Message("Expected"),
    Message("In the statement"),
    Message("Difference"),
)
HEADERS = (
    Label("Order", "订单号"),
    Label("Number", "号码"),
    Label("Area", "片区"),
    Label("State", "状态"),
    Label("Offer", "业务"),
    Label("Price", "应收金额"),
    Label("Courier", "配送员"),
    Label("Due", "时限"),
)
STAGES = (
    Standing.ORDERED,
    Standing.AT_WAREHOUSE,
    Standing.PACKED,
    Standing.WITH_COURIER,
    Standing.AT_SUBSTATION,
    Standing.APPOINTED,
    Standing.ACCEPTED,
    Standing.RECONCILED,
    Standing.CLOSED,
)
"""The funnel of parcels."""
TOLD_OF_A_PART = (
    Standing.ORDERED,
    Standing.PACKED,
    Standing.WITH_COURIER,
    Standing.APPOINTED,
    Standing.ACCEPTED,
    Standing.CLOSED,
)
"""Of the funnel, what a table has room for on paper."""
NOBODY = Message("nobody yet")


@dataclass(frozen=True, slots=True)
class Stages:
    """How many parcels of a part have been in each of `STAGES`, and how many have failed."""

    name: str
    counts: tuple[int, ...]
    failed: int


def funnel(reached: Sequence[tuple[str, str, Standing, int]], *, by: str) -> list[Stages]:
    """Of rows (area, courier, state, parcels): by "area" or "courier", or of all ("")."""
    counts: dict[str, dict[Standing, int]] = {}
    for area, courier, state, number in reached:
        name = {"area": area, "courier": courier}.get(by, "")
        part = counts.setdefault(name, {})
        part[state] = part.get(state, 0) + number
    return [
        Stages(name, tuple(part.get(stage, 0) for stage in STAGES), part.get(Standing.FAILED, 0))
        for name, part in sorted(counts.items())
    ]


def stage_columns(head: Message) -> tuple[Message | Label, ...]:
    """Headings of `stage_rows`."""
    return (head, *(stage.label for stage in TOLD_OF_A_PART), Standing.FAILED.label)


def stage_rows(found: Sequence[Stages]) -> list[list[TableCell]]:
    """A row a part."""
    places = [STAGES.index(stage) for stage in TOLD_OF_A_PART]
    return [[one.name or NOBODY, *(one.counts[place] for place in places), one.failed] for one in found]


def who(owner: Owner | None, language: str) -> str:
    """An owner in words."""
    if owner is None:
        return ""
    role: str = getattr(owner.role.label, language)
    return f"{role} {owner.name}".strip()


def rows_of(found: Sequence[Parcel], language: str) -> list[list[TableCell]]:
    """Cells as `COLUMNS`."""
    return [
        [
            one.order,
            Figure(one.state.standing.value, one.state.standing.label),
            one.area,
            who(one.owner, language),
            _due(one),
            one.courier,
            money(one.price),
        ]
        for one in found
    ]


def late_rows(found: Sequence[Parcel], now: datetime, language: str) -> list[list[TableCell]]:
    """Cells as `LATE_COLUMNS`."""
    return [
        [
            who(one.owner, language),
            one.order,
            Figure(one.state.standing.value, one.state.standing.label),
            one.area,
            _due(one),
            Figure.of(round((now - one.due_at).total_seconds() / 3600, 1), ",.1f") if one.due_at else "",
        ]
        for one in found
    ]


def difference_rows(found: Compared) -> list[list[TableCell]]:
    """Cells as `DIFFERENCE_COLUMNS`."""
    return [
        [
            one.order,
            Figure(one.kind.value, one.kind.label),
            money(one.expected),
            money(one.told),
            money(one.told - one.expected),
        ]
        for one in found.differs
    ]


def lines_of(
    found: Sequence[Parcel], numbers: Sequence[str | None], offers: Mapping[str, Label], language: str
) -> Iterator[tuple[Cell, ...]]:
    """Cells as `HEADERS`, a line a parcel."""
    for one, number in zip(found, numbers, strict=True):
        name = offers.get(one.offer)
        yield (
            one.order,
            number or "",
            one.area,
            getattr(one.state.standing.label, language),
            one.offer if name is None else getattr(name, language),
            float(one.price.major),
            one.courier,
            one.due_at.strftime("%Y-%m-%d %H:%M") if one.due_at else "",
        )


def money(amount: Money) -> Figure:
    """To the cent."""
    return Figure(amount, f"{amount.major:,.2f}")


def _due(one: Parcel) -> Figure | str:
    if one.due_at is None:
        return ""
    return Figure(one.due_at.isoformat(), one.due_at.strftime("%Y-%m-%d %H:%M"))
