"""The consistency report as one HTML file that needs nothing else: no network, no server, no second file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from telewave.customers.base import BaseClass
from telewave.kernel import Label, Message, Money
from telewave.offers.bench import Bench, bench
from telewave.offers.causes import causes
from telewave.offers.classes import CUSTOMERS, Customer, Level, customers_named
from telewave.offers.matrix import MatrixCell, MatrixRow
from telewave.offers.offer_words import who
from telewave.offers.ranges import NOWHERE
from telewave.offers.report import (
    assumption_words,
    channels_of,
    cost_of,
    margin_of,
    overview,
    told,
    unplaced_words,
)
from telewave.offers.usecases import Checked
from telewave.offers.wording import fee
from telewave.offers.words import Words
from telewave.platform.languages import Language, render
from telewave.platform.pages import ALONE, Place, rendered
from telewave.platform.pages.charts import PALETTE, Line, Option, lines
from telewave.targeting.sentences import amount

SHOWN: tuple[Customer, ...] = tuple(
    Customer(new_number=new, base=base, payment="postpaid", segment="public")
    for new, base in ((True, BaseClass.NONE), (False, BaseClass.MOBILE_AND_BROADBAND))
)
"""Customers whose choices are drawn: one from outside with a new number, one who keeps its number."""
HIGHEST_DRAWN = 300_00
NEAR, FAR = Money(200_00), Money(1_000_00)
"""A channel's best is near the row's best up to the one above it, far from the other
on. Amounts, since costs can be zero or less.
"""


@dataclass(frozen=True, slots=True)
class DrawnChart:
    """One chart: the id of its place, what it shows in words, its options."""

    name: str
    heading: Words
    words: str
    option: Option


def consistency_page(checked: Checked, language: Language, place: Place = ALONE) -> str:
    """The whole page in `language`. Raises `ChartLibraryMissing`."""

    def say(text: Words) -> str:
        return render(text, language)

    ground = bench(checked.catalogue, checked.market, checked.day)
    return rendered(
        "telewave.offers",
        "consistency.html",
        language,
        filters=_filters(say),
        place=place,
        report=checked,
        charts=_charts(ground, say),
        rows=shown_rows(checked),
        causes=causes(ground, checked.findings),
        ceiling=ground.ceiling,
        channel_columns=[(say(name), "") for _, name in checked.matrix.channels],
        level_columns=_level_columns(checked, say),
        **_words(checked),
    )


def _level_columns(checked: Checked, say: Callable[[Words], str]) -> list[tuple[str, str]]:
    """What a device costs and what it earns, at each level of use."""
    fees = [fee(level.fee) for level in checked.market.levels]
    return [
        *((say(Message("Device at {fee}", fee=one)), "n") for one in fees),
        *((say(Message("Margin at {fee}", fee=one)), "n") for one in fees),
    ]


def _words(checked: Checked) -> dict[str, Any]:
    return {
        "overview": overview(checked),
        "unplaced": unplaced_words,
        "assumptions": assumption_words(checked.assumptions),
        "channels_of": partial(channels_of, checked.catalogue),
        "cost_of": partial(cost_of, day=checked.day),
        "margin_of": partial(margin_of, assumptions=checked.assumptions, day=checked.day),
        "near": NEAR,
        "far": FAR,
        "loss": lambda money: money.minor < 0,
    }


def _filters(say: Callable[[Words], str]) -> dict[str, Any]:
    return {
        "value": lambda value: say(told(value)),
        "money": lambda value: say(amount(value)),
        "fee": lambda value: say(fee(value)),
        "customers": lambda value: say(customers_named(value)),
        "level": lambda value: say(level_words(value)),
        "best_names": best_names,
        "who": lambda offer: say(who(offer)),
        "shade": shade,
    }


def level_words(level: Level) -> Message:
    """The level with its bounds and the fee that stands for it."""
    if level.high is None:
        return Message(
            "{name} (from {low}; reckoned at {fee})",
            name=level.name,
            low=amount(level.low),
            fee=amount(level.fee),
        )
    if level.low.minor == 0:
        return Message(
            "{name} (below {high}; reckoned at {fee})",
            name=level.name,
            high=amount(level.high),
            fee=amount(level.fee),
        )
    return Message(
        "{name} ({low} to {high}; reckoned at {fee})",
        name=level.name,
        low=amount(level.low),
        high=amount(level.high),
        fee=amount(level.fee),
    )


def shown_rows(checked: Checked) -> list[MatrixRow]:
    """The matrix's rows, customers together of whom the same would be read; their sizes
    counted anew, since they may be the same people.
    """
    rows = checked.matrix.rows
    seen: dict[tuple[Customer, ...], list[object]] = {}
    for row in rows:
        cells: list[object] = [(cell.cost, cell.best, bool(cell.partly)) for cell in row.cells]
        seen.setdefault(row.customers, []).append(tuple(cells))
    alike: dict[tuple[object, ...], list[Customer]] = {}
    for customers, cells in seen.items():
        alike.setdefault((customers[0].new_number, *cells), []).extend(customers)
    return [
        replace(row, customers=tuple(found), size=checked.market.size(found, row.level.flags))
        for found in alike.values()
        for row in rows
        if row.customers[0] == found[0]
    ]


def best_names(row: MatrixRow) -> list[Words]:
    """The policies by which the device costs least in the row, each once."""
    found = [cell.best for cell in row.cells if cell.best and cell.distance and not cell.distance.minor]
    return list(dict.fromkeys(offer.name for offer in found))


def shade(cell: MatrixCell) -> str:
    """The class of a cell's colour: how much more its best offer costs than the best of the row."""
    if cell.cost is None or cell.distance is None:
        return "part" if cell.partly else "none"
    if cell.distance.minor == 0:
        return "best"
    return "near" if cell.distance <= NEAR else "far" if cell.distance >= FAR else "between"


def _charts(ground: Bench, say: Callable[[Words], str]) -> Mapping[str, DrawnChart]:
    drawn = [
        _chart(f"choices-{index}", ground, customer, say)
        for index, customer in enumerate(SHOWN)
        if customer in CUSTOMERS and ground.choices(customer)
    ]
    return {chart.name: chart for chart in drawn}


def _chart(name: str, ground: Bench, customer: Customer, say: Callable[[Words], str]) -> DrawnChart:
    """What the device really costs over the monthly fee, a line an offer, where it is open."""
    fees = np.arange(0, HIGHEST_DRAWN + 1, 5_00, dtype=np.int64)
    series = []
    for index, offer in enumerate(ground.choices(customer)):
        costs = ground.cost(offer, customer)(fees)
        points = [
            (f / 100, c / 100) for f, c in zip(fees.tolist(), costs.tolist(), strict=True) if c < NOWHERE
        ]
        colour = PALETTE[index % len(PALETTE)]
        series.append(Line(say(offer.name), points, colour, dashed=index >= len(PALETTE)))
    unit = say(currency_unit(ground.catalogue.currency))
    names = (
        say(Message("Monthly fee ({unit})", unit=unit)),
        say(Message("The device really costs ({unit})", unit=unit)),
    )
    option = dict(lines(series, names))
    option["legend"] = {**option["legend"], "type": "plain", "itemGap": 8}
    option["grid"] = {**option["grid"], "top": 60 + 20 * ((len(series) + 2) // 3)}
    heading = customers_named([customer])
    words = say(
        Message(
            "What the device really costs {customers} over the monthly fee, a line an offer",
            customers=heading,
        )
    )
    return DrawnChart(name, heading, words, option)


def currency_unit(currency: str) -> Words:
    """The word for the unit of a currency on an axis."""
    return Label("yuan", "元") if currency == "CNY" else currency
