"""Figures in tables: what a person reads, and the value that it was made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Self, TypeAlias

from telewave.kernel.messages import Label, Message

UNKNOWN = "–"

Cell: TypeAlias = str | int | float | date | None
"""Of a list for a spreadsheet: numbers and days as such."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A `value` (a number, `Money`, an `Estimate`, a day; None: unknown) and how it is `shown`."""

    value: Any
    shown: Message | Label | str

    @classmethod
    def of(cls, value: Any, form: str, unknown: str = UNKNOWN) -> Self:
        """`value` in the format `form`; what is unknown is shown as `unknown`.

        >>> Figure.of(0.12345, ".1%").shown, Figure.of(None, ",").shown
        ('12.3%', '–')
        """
        return cls(value, unknown if value is None else format(value, form))
