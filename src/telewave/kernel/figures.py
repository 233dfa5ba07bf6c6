"""Figures in tables: text that a person reads, and the number that it was made of."""

from __future__ import annotations

from typing import Any, Self

UNKNOWN = "–"


class Figure(str):
    """A number as it is shown, which still knows its `value`. What is unknown is shown as a dash and has the value None.

    >>> Figure(0.12345, ".1%"), Figure(0.12345, ".1%").value
    ('12.3%', 0.12345)
    >>> Figure(None, ",")
    '–'
    """

    __slots__ = ("value",)

    value: Any

    def __new__(cls, value: Any, shown: str = "", /, unit: str = "{}") -> Self:
        """`shown` is the format of the value; `unit` the text around it, with {} in its place."""
        text = UNKNOWN if value is None else unit.format(format(value, shown))
        made = super().__new__(cls, text)
        made.value = value
        return made
