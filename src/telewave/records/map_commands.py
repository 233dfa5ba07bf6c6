"""Commands of `records` on mapping files: map guess."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from telewave.kernel import Message, Missing
from telewave.platform.command_line import NewFile
from telewave.platform.files import write_new
from telewave.platform.terminal import Session, spoken


class NoSuchTable(Missing):
    """There is no table {table}. Write one of {tables}."""

    code = "no_such_table"


File = Annotated[
    Path, typer.Argument(help=spoken("File to look at: delimited text, a workbook, a web page or Parquet."))
]
Sheet = Annotated[
    str,
    typer.Option(
        "--sheet", help=spoken("Of a workbook with several sheets, the name or number of one; none: each.")
    ),
]
Table = Annotated[str, typer.Option("--table", help=spoken("Table that the file feeds; none: found out."))]


def register(app: typer.Typer) -> None:
    """Add the group of commands to `app`."""
    group = typer.Typer(no_args_is_help=True)
    group.command("guess", help=spoken("Propose a mapping for a file, and say what is not known."))(
        guess_command
    )
    app.add_typer(group, name="map", help=spoken("Mapping files: propose one for a file."))


def guess_command(
    context: typer.Context, file: File, table: Table = "", sheet: Sheet = "", to: NewFile = None
) -> None:
    """The proposal, on the terminal or as a new file; one for each sheet of a workbook. Raises `NoSuchTable`,
    `NothingToGuessFrom` and what reading raises.
    """
    from telewave.records.contracts import CONTRACTS
    from telewave.records.first_rows import first_rows_of_each
    from telewave.records.guess_text import guess_text
    from telewave.records.guessing import guess

    session: Session = context.obj
    if table and table not in CONTRACTS:
        raise NoSuchTable(table=table, tables=list(CONTRACTS))
    found = [guess(rows, table or None) for rows in first_rows_of_each(file, sheet)]
    texts = [guess_text(one, session.text) for one in found]
    if to is None:
        session.write("mapping", "---\n".join(texts))
        return
    for one, text in zip(found, texts, strict=True):
        path = to if len(found) == 1 else _beside(to, one.rows.sheet)
        write_new(path, text)
        session.say(
            Message("The proposed mapping is in {path}; gaps to fill: {gaps}.", path=path, gaps=one.gaps)
        )


def _beside(to: Path, sheet: str) -> Path:
    """The file for one of several sheets."""
    word = re.sub(r"[^\w.-]+", "_", sheet)
    return to.with_stem(f"{to.stem}-{word}")
