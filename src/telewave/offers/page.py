"""The consistency report as one HTML file that needs nothing else: no network, no server, no second file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from telewave.customers.base import BaseClass
from telewave.kernel import Label, Message, Money
from telewave.offers.bench import Bench, bench
from telewave.offers.classes import CUSTOMERS, Customer, Level, customers_named
from telewave.offers.matrix import MatrixCell
from telewave.offers.offer_words import promotion_words, terms_words, who
from telewave.offers.ranges import NOWHERE
from telewave.offers.report import (
    assumption_words,
    channels_of,
    cost_of,
    details,
    margin_of,
    overview,
    told,
    unplaced_words,
)
from telewave.offers.usecases import Checked
from telewave.offers.wording import fee
from telewave.offers.words import Words, listed
from telewave.platform.languages import Language, render
from telewave.platform.pages import ALONE, Place, rendered
from telewave.platform.pages.charts import PALETTE, Line, Option, lines
from telewave.targeting.sentences import amount

SHOWN: tuple[Customer, ...] = tuple(
    Customer(new, base, "postpaid", "public")
    for new, base in ((True, BaseClass.NONE), (False, BaseClass.MOBILE_AND_BROADBAND))
)
"""Customers whose choices are drawn: one from outside with a new number, one who keeps its number."""
HIGHEST_DRAWN = 300_00
NEAR, FAR = Money(200_00), Money(1_000_00)
"""A channel's best is near the row's best up to the one above it, far from the other on. Amounts, since costs can be zero or less."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One chart: the id of its place, what it shows in words, its options."""

    name: str
    heading: Words
    words: str
    option: Option


def consistency_page(checked: Checked, language: Language, place: Place = ALONE) -> str:
    """The whole page in `language`. Raises `ChartLibraryMissing`."""

    def say(text: Words) -> str:
        return render(text, language)

    return rendered(
        "telewave.offers",
        "consistency.html",
        language,
        filters=_filters(say),
        place=place,
        report=checked,
        charts=_charts(checked, say),
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
        "kinds": _kinds(checked),
        "unplaced": unplaced_words,
        "assumptions": assumption_words(checked.assumptions),
        "channels_of": partial(channels_of, checked.catalogue),
        "cost_of": partial(cost_of, day=checked.day),
        "margin_of": partial(margin_of, assumptions=checked.assumptions, day=checked.day),
        "lines_for": checked.catalogue.script,
        "near": NEAR,
        "far": FAR,
        "loss": lambda money: money.minor < 0,
    }


def _kinds(checked: Checked) -> list[tuple[Message, int, int]]:
    """Each kind of finding: its title, how many, and the number of the first."""
    titles = [finding.title for finding in checked.findings]
    return [(title, titles.count(title), titles.index(title) + 1) for title in dict.fromkeys(titles)]


def _filters(say: Callable[[Words], str]) -> dict[str, Any]:
    return {
        "value": lambda value: say(told(value)),
        "money": lambda value: say(amount(value)),
        "fee": lambda value: say(fee(value)),
        "customers": lambda value: say(customers_named(value)),
        "level": lambda value: say(level_words(value)),
        "names": lambda offers: say(listed([o.name for o in offers], " / ")),
        "groups": lambda groups: say(listed([g.label for g in sorted(groups)], " / ")),
        "details": lambda finding: [say(line) for line in details(finding)],
        "who": lambda offer: say(who(offer)),
        "terms": lambda offer: [
            say(w) for w in (*terms_words(offer.terms), *map(promotion_words, offer.promotions))
        ],
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


def shade(cell: MatrixCell) -> str:
    """The class of a cell's colour: how much more its best offer costs than the best of the row."""
    if cell.cost is None or cell.distance is None:
        return "part" if cell.partly else "none"
    if cell.distance.minor == 0:
        return "best"
    return "near" if cell.distance <= NEAR else "far" if cell.distance >= FAR else "between"


def _charts(checked: Checked, say: Callable[[Words], str]) -> Mapping[str, Drawn]:
    ground = bench(checked.catalogue, checked.market, checked.day)
    drawn = [
        _chart(f"choices-{index}", ground, customer, say)
        for index, customer in enumerate(SHOWN)
        if customer in CUSTOMERS and ground.choices(customer)
    ]
    return {chart.name: chart for chart in drawn}


def _chart(name: str, ground: Bench, customer: Customer, say: Callable[[Words], str]) -> Drawn:
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
    return Drawn(name, heading, words, option)


def currency_unit(currency: str) -> Words:
    """The word for the unit of a currency on an axis."""
    return Label("yuan", "元") if currency == "CNY" else currency
