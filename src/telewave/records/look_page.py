"""A look at a file as one HTML page that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from telewave.kernel import Message
from telewave.platform.answer import TableCell, Text, shown
from telewave.platform.languages import Language, render
from telewave.platform.pages import ALONE, Place, rendered
from telewave.platform.pages.charts import PALETTE, Bars, Option, standing_bars
from telewave.records.look import Look
from telewave.records.look_words import (
    block_heads,
    block_rows,
    cells,
    decisions,
    heads,
    summary,
    title,
    unknown_rows,
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A table in the reader's words: `columns` as pairs of heading and kind, and its cells."""

    caption: str
    columns: list[tuple[str, str]]
    rows: list[list[str]]


def look_page(look: Look, language: Language, place: Place = ALONE) -> str:
    """The whole page in `language`. Raises `ChartLibraryMissing`."""
    unknown = [Message("Column"), Message("Word"), Message("Rows")]
    return rendered(
        "telewave.records",
        "look.html",
        language,
        place=place,
        look=look,
        title=title(look),
        summary=list(summary(look)),
        decisions=decisions(look),
        columns=_drawn(title(look), heads(), [cells(one) for one in look.columns], (2, 3), language),
        unknown=_drawn(Message("What becomes unknown"), unknown, unknown_rows(look), (2,), language),
        chart=_chart(look, language),
        blocks=_blocks(look, language),
        charts=True,
    )


def _blocks(look: Look, language: Language) -> Drawn | None:
    if look.takers is None or not look.takers.blocks:
        return None
    named = [row[:-1] for row in block_rows(look)]
    return _drawn(Message("Takers by block"), block_heads(look)[:-1], named, (1, 2, 3), language)


def _chart(look: Look, language: Language) -> Option | None:
    if look.takers is None or not look.takers.blocks:
        return None
    names = [str(row[0]) for row in block_rows(look)]
    values = [round(100 * block.share, 3) for block in look.takers.blocks]
    axis = render(Message("Share of takers, %"), language)
    horizontal = render(block_heads(look)[0], language)
    return standing_bars(names, [Bars(axis, values, PALETTE[0])], (horizontal, axis), None)


def _drawn(
    caption: Text,
    columns: Sequence[Text],
    rows: Sequence[Sequence[TableCell]],
    numeric: Sequence[int],
    language: Language,
) -> Drawn:
    named = [(render(head, language), "n" if place in numeric else "") for place, head in enumerate(columns)]
    return Drawn(render(caption, language), named, [[shown(cell, language) for cell in row] for row in rows])
