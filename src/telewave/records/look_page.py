"""A look at a file as one HTML page that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from telewave.kernel import Message
from telewave.platform.languages import Language, render
from telewave.platform.pages import ALONE, Place, rendered
from telewave.platform.pages.charts import PALETTE, Bars, Option, standing_bars
from telewave.platform.pages.page_table import PageTable, page_table
from telewave.records.look import Look
from telewave.records.look_news import looked_at, news_of
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


def look_page(look: Look, language: Language, place: Place = ALONE, *, others: Sequence[Look] = ()) -> str:
    """The whole page in `language`; `others`: further files of the delivery. Raises `ChartLibraryMissing`."""
    news = [(other, news_of(look, other)) for other in others]
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
        columns=page_table(title(look), heads(), [cells(one) for one in look.columns], (2, 3), language),
        unknown=page_table(Message("What becomes unknown"), unknown, unknown_rows(look), (2,), language),
        chart=_chart(look, language),
        blocks=_blocks(look, language),
        others=[(looked_at(look, other, len(found)), found) for other, found in news],
        charts=True,
    )


def _blocks(look: Look, language: Language) -> PageTable | None:
    if look.takers is None or not look.takers.blocks:
        return None
    named = [row[:-1] for row in block_rows(look)]
    return page_table(Message("Takers by block"), block_heads(look)[:-1], named, (1, 2, 3), language)


def _chart(look: Look, language: Language) -> Option | None:
    if look.takers is None or not look.takers.blocks:
        return None
    names = [str(row[0]) for row in block_rows(look)]
    values = [round(100 * block.share, 3) for block in look.takers.blocks]
    axis = render(Message("Share of takers, %"), language)
    horizontal = render(block_heads(look)[0], language)
    return standing_bars(names, [Bars(axis, values, PALETTE[0])], (horizontal, axis), None)
