"""What a campaign earned in a table of a few lines. Pure."""

from __future__ import annotations

import math

from telewave.kernel import Estimate, Figure, Inconclusive, Message
from telewave.measurement.effect import Effect
from telewave.measurement.model import Measured
from telewave.measurement.words import back_for_each, money, money_estimate, money_figure, span
from telewave.platform.answer import TableCell, Text

SHORT_COLUMNS: tuple[Text, ...] = (Message("In short"), Message("Measured (95 %)"))


def short_rows(found: Measured) -> list[list[TableCell]]:
    """Orders, lift, margin, cost, cost of an order, and what comes back; none where there is no comparison."""
    orders, margin = found.orders, found.margin
    if isinstance(orders, Inconclusive) or isinstance(margin, Inconclusive):
        return []
    return [
        [Message("Orders brought"), Figure(orders.total, span(found))],
        [Message("Of what would have come without it"), _lift(orders)],
        [Message("Margin of these orders"), money_estimate(margin.total, found)],
        [Message("Cost of the contacts made"), money_figure(found.cost, found)],
        [Message("Cost of an order brought"), _acquired(found)],
        [
            Message("Back for each unit of money spent"),
            back_for_each(margin.total, found.cost) if found.cost else None,
        ],
    ]


def _lift(orders: Effect) -> TableCell:
    """The difference over the rate of the held out; the interval is the difference's, as if that rate were known, and
    ends at -100 %: a campaign cannot take away more orders than would have come.
    """
    last = orders.last
    if not last.held_out:
        return None
    parts = [last.difference, last.difference - last.reach, last.difference + last.reach]
    value, low, high = (part / last.held_out for part in parts)
    low = max(low, -1.0)
    found = Estimate(
        value=value, low=low, high=high, n=orders.assigned + orders.held_out, method=orders.total.method
    )
    words = Message("{value} ({low} to {high})", value=_signed(value), low=_signed(low), high=_signed(high))
    return Figure(found, words)


def _signed(share: float) -> str:
    return f"{share:+.0%}"


def _acquired(found: Measured) -> TableCell:
    acquired = found.cost_to_acquire
    if isinstance(acquired, Inconclusive):
        return None
    high = Message("no limit") if math.isinf(acquired.high) else money(acquired.high, found)
    words = Message(
        "{value} ({low} to {high})",
        value=money(acquired.value, found),
        low=money(acquired.low, found),
        high=high,
    )
    cell = money_figure(acquired.value, found)
    return Figure(acquired if math.isfinite(acquired.high) else cell.value, words)
