"""The terminal: one session a command, in the person's language; tables, sentences and errors, or one JSON object.

Each capability's `commands.py` registers functions on a Typer application; they receive the session as
`context.obj` and do nothing but read their arguments, call a use case and show its result.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from rich.cells import cell_len
from rich.console import Console

from telewave.kernel import Message, TelewaveError
from telewave.platform.answer import Answer, TableCell, Text, shown
from telewave.platform.clock import Clock, machine
from telewave.platform.languages import Language, UnknownLanguage, locale_language, parse_language, render
from telewave.platform.progress import Progress, Silent, Terminal
from telewave.platform.settings import Settings, load_settings

if TYPE_CHECKING:
    from telewave.platform.database import Database
    from telewave.platform.home import Home
    from telewave.platform.warehouse import Warehouse

__all__ = ["Session", "TableCell", "Text", "spoken", "startup_language"]

WARNING_COLOURS = ("red", "yellow")


@dataclass(kw_only=True)
class Session:
    """A person's language and console, and the home, which `open_home` opens at first need: `--help` opens nothing."""

    language: Language
    settings: Settings
    open_home: Callable[[], Home]
    console: Console = field(default_factory=Console)
    errors: Console = field(default_factory=lambda: Console(stderr=True))
    quiet: bool = False
    answer: Answer | None = None
    instant: Callable[[], datetime] = machine
    _home: Home | None = None

    @classmethod
    def speaking(cls, language: Language, console: Console) -> Session:
        """A session to say something with where no command runs; its settings are those of an empty environment."""

        def nothing() -> Home:
            raise NotImplementedError

        return cls(
            language=language, settings=load_settings({}), open_home=nothing, console=console, errors=console
        )

    @property
    def home(self) -> Home:
        """The home, opened when it is first asked for. Raises what `open_home` raises."""
        if self._home is None:
            self._home = self.open_home()
        return self._home

    @property
    def clock(self) -> Clock:
        """The clock of the operator's time zone."""
        return Clock(self.settings.timezone, self.instant)

    @property
    def warehouse(self) -> Warehouse:
        """The warehouse under the home folder."""
        return self.home.warehouse

    @property
    def database(self) -> Database:
        """The operations database, at the newest schema."""
        return self.home.database

    @property
    def progress(self) -> Progress:
        """Progress bars on this terminal; none where there is no terminal, or nobody wants to see any."""
        if self.quiet or self.answer is not None or not self.console.is_terminal:
            return Silent()
        return Terminal(self.console, self.language)

    def collect(self) -> None:
        """From here on nothing is printed: `finish` writes one JSON object."""
        self.answer = Answer(self.language)

    def make_way(self) -> None:
        """What is said goes where errors go, since standard output takes a file."""
        self.console = self.errors

    def finish(self) -> None:
        """Write what was collected, if it was."""
        if self.answer is not None:
            self.console.file.write(self.answer.text())
            self.console.file.flush()

    def attach(self, name: str, value: Any) -> bool:
        """Put a value of JSON into the object under a name of its own; False where there is no object."""
        if self.answer is not None:
            self.answer.attach(name, value)
        return self.answer is not None

    def write(self, name: str, text: str) -> None:
        """Print `text` as it stands, such as a file to begin one's own from; in the JSON object it stands under
        `name`.
        """
        if not self.attach(name, text):
            self.console.print(text, markup=False, highlight=False, soft_wrap=True, end="")

    def close(self) -> None:
        """Give back what was opened."""
        if self._home is not None:
            self._home.close()

    def text(self, text: Text) -> str:
        """`text` in the person's language."""
        return render(text, self.language)

    def say(self, text: Text, style: str = "") -> None:
        """Print one sentence; when quiet, only warnings."""
        if self.answer is not None:
            self.answer.say(text)
            return
        if self.quiet and not style.endswith(WARNING_COLOURS):
            return
        self.console.print(self.text(text), style=style or None, highlight=False, markup=False)

    def refuse(self, error: TelewaveError) -> None:
        """Print an error as a sentence with its code, where errors go."""
        if self.answer is not None:
            self.answer.refuse(error)
        line = f"{self.text(error.message)}  [{error.code}]"
        self.errors.print(line, style="bold red", highlight=False, markup=False)

    def table(self, title: Text, columns: Sequence[Text], rows: Sequence[Sequence[TableCell]]) -> None:
        """Print a table; columns whose every cell looks like a number are aligned right."""
        if self.answer is not None:
            self.answer.table(title, columns, rows)
            return
        from rich.table import Table

        table = Table(title=self.text(title), title_justify="left", header_style="bold")
        cells = [[shown(cell, self.language) for cell in row] for row in rows]
        heads = [self.text(column) for column in columns]
        contents = [[head, *(row[index] for row in cells)] for index, head in enumerate(heads)]
        for content, width in zip(contents, column_widths(contents, self.console.width), strict=True):
            numeric = bool(cells) and all(_numeric(cell) for cell in content[1:])
            justify: Literal["right", "left"] = "right" if numeric else "left"
            table.add_column(content[0], justify=justify, overflow="fold", width=width)
        for row in cells:
            table.add_row(*row)
        self.console.print(table, markup=False)


def column_widths(columns: Sequence[Sequence[str]], room: int) -> list[int]:
    """Widths, in terminal cells, of a bordered table's columns in `room` cells; each column is its heading and cells.

    What does not fit is broken between words: names and intervals stay whole as long as all of them fit.
    """
    wanted = [max(map(cell_len, column)) for column in columns]
    needed = [max(map(_longest_word, column)) for column in columns]
    room -= 3 * len(columns) + 1  # one border and two blanks a column, and the last border
    if sum(needed) > room:
        needed = [1] * len(columns)
    spare = room - sum(needed)
    widths = list(needed)
    while spare > 0 and widths != wanted:
        narrow = [index for index, width in enumerate(widths) if width < wanted[index]]
        for index in narrow[:spare]:
            widths[index] += 1
        spare -= len(narrow)
    return widths


def _longest_word(cell: str) -> int:
    # Chinese may break anywhere; four characters a line are still easy to read.
    widths = (
        len(word) if word.isascii() or _numeric(word) else min(8, cell_len(word)) for word in cell.split()
    )
    return max(widths, default=1)


def _numeric(cell: str) -> bool:
    return cell.strip(" %+-.,0123456789–~()[]") == ""


def startup_language() -> Language:
    """The language before arguments are parsed: --lang, then TELEWAVE_LANG, then the locale."""
    for index, word in enumerate(sys.argv):
        name = word.removeprefix("--lang=") if word.startswith("--lang=") else ""
        if word == "--lang" and index + 1 < len(sys.argv):
            name = sys.argv[index + 1]
        if name:
            return _parsed_or_locale(name)
    return _parsed_or_locale(os.environ.get("TELEWAVE_LANG", ""))


def _parsed_or_locale(name: str) -> Language:
    try:
        return parse_language(name) if name else locale_language()
    except UnknownLanguage:
        return locale_language()


def spoken(template: str) -> str:
    """Help texts: `template` in the language the process was started in."""
    return render(Message(template), startup_language())
