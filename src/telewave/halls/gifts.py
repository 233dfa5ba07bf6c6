"""Recall gifts: kept for who has a reservation, handed over when he comes, never more than there are. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from telewave.halls.reservation import Reservation

Stock = Mapping[str, tuple[int, int]]
"""Of each gift in a hall how many lie there, and how many of them are reserved."""


def free(stock: Stock, gift: str) -> int:
    """How many are neither handed over nor reserved; 0 where fewer lie there than were promised.

    >>> free({"umbrella": (5, 2)}, "umbrella"), free({"umbrella": (1, 2)}, "umbrella"), free({}, "umbrella")
    (3, 0, 0)
    """
    on_hand, reserved = stock.get(gift, (0, 0))
    return max(on_hand - reserved, 0)


def gift_to_keep(gift: str | None, stock: Stock) -> str | None:
    """The gift that a new reservation keeps, None where none is free."""
    return gift if gift is not None and free(stock, gift) > 0 else None


def given_out(after: Reservation, kept_in: str, stock: Stock) -> tuple[Reservation, str | None]:
    """The reservation of who has come, and the gift to hand over: the one kept for him, in another hall than
    `kept_in` one that is free there. A gift is handed over once.
    """
    gift = after.gift
    if gift is None or after.gift_given:
        return after, None
    on_hand = stock.get(gift, (0, 0))[0]
    there = on_hand > 0 if kept_in == after.hall else free(stock, gift) > 0
    return (replace(after, gift_given=True), gift) if there else (replace(after, gift=None), None)
