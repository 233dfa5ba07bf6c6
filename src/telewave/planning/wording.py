"""Amounts of a plan in words. Pure."""

from __future__ import annotations

from telewave.kernel import Message


def price_words(value: float, currency: str) -> Message:
    """A price, which may be a fraction of the smallest coin, with its currency."""
    text = f"{value:,.2f}" if value >= 0.1 else f"{value:.3g}"
    if currency == "CNY":
        return Message("{value} yuan", value=text)
    return Message("{value} {currency}", value=text, currency=currency)
