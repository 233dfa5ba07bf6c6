"""A table of a page in its reader's words, as the template component `table` takes it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from telewave.platform.answer import TableCell, Text, shown
from telewave.platform.languages import Language, render


@dataclass(frozen=True, slots=True)
class PageTable:
    """`columns`: pairs of heading and kind ("n": numbers, on the right); `rows`: their cells."""

    caption: str
    columns: list[tuple[str, str]]
    rows: list[list[str]]


def page_table(
    caption: Text,
    columns: Sequence[Text],
    rows: Sequence[Sequence[TableCell]],
    numeric: Collection[int] | None,
    language: Language,
) -> PageTable:
    """Everything in `language`. `numeric`: places of the columns of numbers; None: all but the first."""
    right = range(1, len(columns)) if numeric is None else numeric
    named = [(render(head, language), "n" if place in right else "") for place, head in enumerate(columns)]
    return PageTable(
        render(caption, language), named, [[shown(cell, language) for cell in row] for row in rows]
    )
