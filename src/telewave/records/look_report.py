"""A look at a file on the terminal, and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from telewave.kernel import Message, Missing
from telewave.platform.files import write_whole
from telewave.platform.terminal import Session
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
from telewave.records.report import IngestReport


class NothingToLookAt(Missing):
    """There is nothing to write to {page}: no file was read row by row. Files in contract form and those already
    ingested are not looked at; name a new file with its mapping, and see above what is wrong with it.
    """

    code = "nothing_to_look_at"


def show_look_of(
    session: Session,
    reports: Sequence[IngestReport],
    files: Sequence[Path],
    mapping: Path | None,
    page: Path | None,
) -> None:
    """What stands in the first file that was judged row by row, what else in the others, and how to go on. Raises
    `NothingToLookAt`.
    """
    looks = [look for report in reports for look in report.looks]
    look, others = next(iter(looks), None), looks[1:]
    if look is None:
        if page is not None:
            raise NothingToLookAt(page=page)
        return
    show_look(session, look)
    for other in others:
        show_news(session, look, other)
    session.attach("other_looks", [as_json(other) for other in others])
    if mapping is not None and not any(report.problems or report.in_vain for report in reports):
        show_next(session, files, mapping)
    if page is not None:
        from telewave.records.look_page import look_page

        write_whole(page, look_page(look, session.language, others=others))
        session.say(Message("The report is in {path}.", path=page))


def show_look(session: Session, look: Look) -> None:
    """Columns, takers by block, what becomes unknown, and what to decide."""
    session.table(title(look), heads(), [cells(one) for one in look.columns])
    for sentence in summary(look):
        session.say(sentence)
    if look.takers is not None and look.takers.blocks:
        session.table(Message("Takers of {file}", file=look.file), block_heads(look), block_rows(look))
    if unknown := unknown_rows(look):
        columns = [Message("Column"), Message("Word"), Message("Rows")]
        session.table(Message("What becomes unknown"), columns, unknown)
    found = decisions(look)
    if found:
        session.say(Message("To decide before you trust it:"), "bold")
    for number, sentence in enumerate(found, 1):
        session.say(Message("{number}. {sentence}", number=number, sentence=sentence))
    if not found:
        session.say(Message("Nothing stands out in {file}.", file=look.file))
    session.attach("look", as_json(look))


def show_news(session: Session, first: Look, other: Look) -> None:
    """What another file of the delivery shows beside that."""
    news = news_of(first, other)
    session.say(looked_at(first, other, len(news)), "bold" if news else "")
    for number, sentence in enumerate(news, 1):
        session.say(Message("{number}. {sentence}", number=number, sentence=sentence))


def show_next(session: Session, files: Sequence[Path], mapping: Path) -> None:
    """How the files are brought in, literally."""
    words = {"mapping": _quoted(mapping), "files": " ".join(map(_quoted, files))}
    session.say(Message("Then bring it in: telewave ingest --map {mapping} {files}", **words))


def _quoted(path: Path) -> str:
    import shlex

    return shlex.quote(str(path))


def as_json(value: Any) -> Any:
    """The same facts for a program: days as text."""
    return _plain(asdict(value))


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {key: _plain(one) for key, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
        case date():  # and datetime
            return value.isoformat()
        case _:
            return value
