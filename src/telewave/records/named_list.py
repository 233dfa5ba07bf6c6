"""Lists of rows under their outside names: the options that ask for one, and the one way in which it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from telewave.kernel import Label, Message
from telewave.kernel.figures import Cell
from telewave.platform.lists import write_list
from telewave.platform.terminal import Session, spoken

if TYPE_CHECKING:
    from telewave.records.row_names import Naming

ListFile = Annotated[
    Path | None, typer.Option("--to", help=spoken("Also write the rows as a list: .csv or .xlsx."))
]

Names: TypeAlias = Sequence[str | int | None]
"""What each row is called outside, in the rows' order; None for one that has no name there."""


def write_named_list(
    session: Session,
    path: Path,
    naming: Naming,
    numbers: Sequence[int],
    *,
    by: str,
    purpose: str,
    headers: Sequence[Label],
    lines: Callable[[Names], Iterable[Sequence[Cell]]],
) -> None:
    """Write the rows `numbers`: `lines` gives them for their names, `headers` are over all columns but the name's.

    Names that name people are recorded as revealed to `by` for `purpose`. Raises `FileNotWritten`, `SheetFull`.
    """
    from telewave.records.key_keeping import open_keys
    from telewave.records.row_names import names_of

    keys = open_keys(session.settings.keys, session.database, create=False)
    now = session.clock.now()
    names = names_of(naming, session.database, keys, numbers, by=by, purpose=purpose, now=now)
    write_list(path, [session.text(head) for head in (naming.heading, *headers)], lines(names))
    _say_written(session, path, names)


def _say_written(session: Session, path: Path, names: Names) -> None:
    """Where the list is; and how many are not on it, since nobody outside would know them."""
    named = sum(name is not None for name in names)
    session.say(Message("{rows:,} rows are in {path}.", rows=named, path=path))
    if lacking := len(names) - named:
        session.say(
            Message("{rows:,} have no number outside and are not on the list.", rows=lacking), style="yellow"
        )
