"""Reading files about parcels: orders to deliver, what happened to parcels, a courier's statement. CSV, a line each."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from enum import StrEnum
from io import StringIO
from pathlib import Path
from typing import TypeVar

from telewave.contacts.results_file import text_of
from telewave.fulfilment.model import (
    Accept,
    Arrive,
    Call,
    Close,
    Event,
    Fail,
    HandOver,
    Nobody,
    Pack,
    Payment,
    Pick,
    Reason,
)
from telewave.fulfilment.reconciliation import StatementLine
from telewave.kernel import Malformed, Message, Money
from telewave.platform.files import shown_name

COLUMNS = {
    "contact": ("contact", "接触编号"),
    "order": ("order", "订单号"),
    "area": ("area", "片区"),
    "price": ("price", "应收金额"),
    "event": ("event", "事件"),
    "at": ("at", "时间"),
    "who": ("who", "配送员或分站"),
    "appointed": ("appointed", "预约上门时间"),
    "paid": ("paid", "实收金额"),
    "how": ("how", "付款方式"),
    "reason": ("reason", "失败原因"),
}
"""The columns that are read, by what they may be headed; any others are passed over."""
LONGEST = 120
AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?")
Read = TypeVar("Read")
Code = TypeVar("Code", bound=StrEnum)


class ParcelFileUnreadable(Malformed):
    """The file {file} cannot be read: it has no columns {lacking}. Head its columns {needed}."""

    code = "parcel_file_unreadable"


class ParcelLineUnreadable(Malformed):
    """{file}, line {line}: {told!r} is not {wanted}. Nothing was taken over. Correct the line."""

    code = "parcel_line_unreadable"


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderLine:
    """An order to deliver: the contact that brought it, its number outside, where to, and what to collect."""

    line: int
    contact: int
    order: str
    area: str
    price: Money


@dataclass(frozen=True, slots=True)
class Move:
    """What happened to the parcel of an order, and when."""

    line: int
    order: str
    event: Event
    at: datetime


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of a line, by the names of `COLUMNS`, and where they stand."""

    file: str
    line: int
    told: Mapping[str, str]

    def text(self, name: str) -> str:
        """A cell that has to be filled. Raises `ParcelLineUnreadable`."""
        value = self.told.get(name, "").strip()
        if not 0 < len(value) <= LONGEST:
            raise self.wrong(
                value, Message("a text of 1 to 120 characters in the column {column}", column=name)
            )
        return value

    def money(self, name: str) -> Money:
        """An exact amount. Raises `ParcelLineUnreadable`."""
        value = self.told.get(name, "").strip()
        if not AMOUNT.fullmatch(value):
            raise self.wrong(
                value, Message("an amount with at most two decimals in the column {column}", column=name)
            )
        return Money(int(Decimal(value).scaleb(2)))

    def instant(self, name: str, zone: tzinfo) -> datetime:
        """A time of the operator's clock. Raises `ParcelLineUnreadable`."""
        value = self.told.get(name, "").strip()
        try:
            found = datetime.fromisoformat(value)
        except ValueError as cause:
            wanted = Message("a time, such as 2026-07-08 09:30, in the column {column}", column=name)
            raise self.wrong(value, wanted) from cause
        return found if found.tzinfo is not None else found.replace(tzinfo=zone)

    def code(self, name: str, kind: type[Code]) -> Code:
        """One of a few words. Raises `ParcelLineUnreadable`."""
        value = self.told.get(name, "").strip().casefold()
        try:
            return kind(value)
        except ValueError as cause:
            wanted = Message("one of {known} in the column {column}", known=", ".join(kind), column=name)
            raise self.wrong(value, wanted) from cause

    def wrong(self, told: str, wanted: Message) -> ParcelLineUnreadable:
        """The error that says where, what stands there and what was wanted."""
        return ParcelLineUnreadable(file=self.file, line=self.line, told=told, wanted=wanted)


def read_orders(path: Path) -> tuple[OrderLine, ...]:
    """Columns contact, order, area, price. Raises `ParcelFileUnreadable`, `ParcelLineUnreadable`, `WorkbookGiven`."""
    return tuple(_order(one) for one in _lines(path, ("contact", "order", "area", "price")))


def read_moves(path: Path, zone: tzinfo) -> tuple[Move, ...]:
    """Columns order, event, at, and what the event needs. Raises as `read_orders`."""
    return tuple(
        Move(one.line, one.text("order"), event_of(one, zone), one.instant("at", zone))
        for one in _lines(path, ("order", "event", "at"))
    )


def read_statement(path: Path) -> tuple[StatementLine, ...]:
    """Columns order, paid, how. Raises as `read_orders`."""
    return tuple(
        StatementLine(one.line, one.text("order"), one.money("paid"), one.code("how", Payment))
        for one in _lines(path, ("order", "paid", "how"))
    )


EVENTS: dict[str, Callable[[Cells, tzinfo], Event]] = {
    "pick": lambda _cells, _zone: Pick(),
    "pack": lambda _cells, _zone: Pack(),
    "hand_over": lambda cells, _zone: HandOver(cells.text("who")),
    "arrive": lambda cells, _zone: Arrive(cells.text("who")),
    "call": lambda cells, zone: Call(
        cells.instant("appointed", zone) if cells.told.get("appointed", "").strip() else None
    ),
    "accept": lambda cells, _zone: Accept(cells.money("paid"), cells.code("how", Payment)),
    "nobody": lambda _cells, _zone: Nobody(),
    "refuse": lambda _cells, _zone: Fail(Reason.REFUSED),
    "fail": lambda cells, _zone: Fail(cells.code("reason", Reason)),
    "close": lambda _cells, _zone: Close(),
}
"""What people and couriers' files may say, with the cells that it needs."""


def event_of(cells: Cells, zone: tzinfo) -> Event:
    """The event of a line. Raises `ParcelLineUnreadable`."""
    told = cells.told.get("event", "").strip().casefold()
    if told not in EVENTS:
        raise cells.wrong(
            told, Message("one of {known} in the column {column}", known=", ".join(EVENTS), column="event")
        )
    return EVENTS[told](cells, zone)


def _order(cells: Cells) -> OrderLine:
    contact = cells.told.get("contact", "").strip()
    if not (contact.isascii() and contact.isdigit() and len(contact) <= 18):
        raise cells.wrong(contact, Message("the number of a contact"))
    return OrderLine(
        line=cells.line,
        contact=int(contact),
        order=cells.text("order"),
        area=cells.text("area"),
        price=cells.money("price"),
    )


def _lines(path: Path, needed: tuple[str, ...]) -> Iterator[Cells]:
    file = shown_name(path)
    lines = csv.reader(StringIO(text_of(path), newline=""))
    heads = [head.strip().casefold() for head in next(lines, [])]
    places = {name: heads.index(word) for name, words in COLUMNS.items() for word in words if word in heads}
    lacking = [name for name in needed if name not in places]
    if lacking:
        raise ParcelFileUnreadable(file=file, lacking=", ".join(lacking), needed=", ".join(needed))
    for line in lines:
        told = {name: line[place].strip() for name, place in places.items() if place < len(line)}
        if any(told.values()):
            yield Cells(file, lines.line_num, told)
