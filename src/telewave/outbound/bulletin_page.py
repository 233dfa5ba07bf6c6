"""A day's bulletin as one HTML page that needs nothing else."""

from __future__ import annotations

from telewave.kernel import Label, Message
from telewave.outbound import bulletin_words as words
from telewave.outbound.bulletin import Bulletin
from telewave.platform.languages import Language
from telewave.platform.pages import ALONE, Place, rendered
from telewave.platform.pages.page_table import page_table


def bulletin_page(
    found: Bulletin, language: Language, *, simulated: bool = False, place: Place = ALONE
) -> str:
    """The whole page in `language`."""
    return rendered(
        "telewave.outbound",
        "bulletin.html",
        language,
        place=place,
        found=found,
        simulated=simulated,
        in_short=words.in_short(found),
        tomorrow=words.tomorrow(found),
        how=words.how(found),
        tables=[
            page_table(caption, columns, rows, None, language)
            for caption, columns, rows in tables_of(found)
            if rows
        ],
    )


def tables_of(found: Bulletin) -> list[tuple[Message, tuple[Message | Label, ...], list[words.Row]]]:
    """Caption, columns and rows of each table."""
    return [
        (Message("The day beside those before it"), words.DAY_COLUMNS, words.day_rows(found)),
        (Message("By agent"), words.agent_columns(found), words.agent_rows(found)),
        (Message("By hour"), words.HOUR_COLUMNS, words.hour_rows(found)),
    ]
