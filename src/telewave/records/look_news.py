"""What the other files of a delivery show that the first does not: thirty files of a month say the same. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from telewave.kernel import Message
from telewave.platform.languages import render
from telewave.records.look import SORTS, Look
from telewave.records.look_words import decisions


def looked_at(first: Look, other: Look, news: int) -> Message:
    """How much of another file was looked at, and whether it showed anything new."""
    values = {"file": other.file, "looked": other.looked, "rows": other.rows, "first": first.file}
    if news:
        return Message(
            "{file} ({looked:,} of its {rows:,} rows looked at) shows what {first} does not:", **values
        )
    return Message(
        "{file} ({looked:,} of its {rows:,} rows looked at) shows nothing that {first} does not.", **values
    )


def news_of(first: Look, other: Look) -> list[Message]:
    """Columns that the other file alone has or lacks, those of another kind, and what else is to be decided; figures
    alone are no news.
    """
    said = {_gist(sentence, first) for sentence in decisions(first)}
    return [*_columns(first, other), *(one for one in decisions(other) if _gist(one, other) not in said)]


def _columns(first: Look, other: Look) -> Iterator[Message]:
    there, here = ({one.name: one for one in look.columns} for look in (first, other))
    for name, one in here.items():
        if name not in there:
            yield Message("Column {column} is in this file only.", column=name)
        elif one.sort is not there[name].sort and one.filled and there[name].filled:
            yield Message(
                "Column {column} holds: {kind}; in {first}: {other}.",
                column=name,
                kind=SORTS[one.sort],
                first=first.file,
                other=SORTS[there[name].sort],
            )
    for name in there:
        if name not in here:
            yield Message("Column {column} is not in this file.", column=name)


def _gist(sentence: Message, look: Look) -> str:
    """A sentence without its figures and the name of its file."""
    return re.sub(r"[<>]?\d[\d.,:% -]*", "#", render(sentence, "en").replace(look.file, ""))
