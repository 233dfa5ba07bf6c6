"""What a command answers as one JSON object: tables, sentences, an error. A cell that is a `Figure` is given as its number.

`{"sentences": [...], "tables": [{"title": ..., "columns": [{"key": ..., "title": ...}], "rows": [{key: cell}]}]}`, and
what a command attaches under a name of its own. Keys come from the English headings and are the same in every language.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from telewave.kernel import Figure, Label, Message, TelewaveError
from telewave.platform.languages import Language, render

Text = Message | Label | str


class Answer:
    """The object as it grows."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._sentences: list[str] = []
        self._tables: list[dict[str, Any]] = []
        self._more: dict[str, Any] = {}

    def say(self, text: Text) -> None:
        """Add a sentence."""
        self._sentences.append(render(text, self._language))

    def table(self, title: Text, columns: Sequence[Text], rows: Sequence[Sequence[Text]]) -> None:
        """Add a table; its rows are objects by the keys of the columns."""
        keys = keys_of(columns)
        heads = [render(column, self._language) for column in columns]
        self._tables.append(
            {
                "title": render(title, self._language),
                "columns": [{"key": k, "title": h} for k, h in zip(keys, heads, strict=True)],
                "rows": [dict(zip(keys, map(self._cell, row), strict=False)) for row in rows],
            }
        )

    def attach(self, name: str, value: Any) -> None:
        """Add a value of JSON under a name of its own."""
        self._more[name] = value

    def refuse(self, error: TelewaveError) -> None:
        """Add the error that ended the command."""
        self._more["error"] = {
            "code": error.code,
            "status": error.status,
            "message": render(error.message, self._language),
        }

    def text(self) -> str:
        """The object, with a line end."""
        whole = {"sentences": self._sentences, "tables": self._tables, **self._more}
        return json.dumps(whole, ensure_ascii=False, indent=2, default=_plain) + "\n"

    def _cell(self, cell: Text) -> Any:
        return _plain(cell.value) if isinstance(cell, Figure) else render(cell, self._language)


def keys_of(columns: Sequence[Text]) -> list[str]:
    """A key for each column: its English heading in small letters, numbered where two would be the same.

    >>> keys_of(["", "Rows read", "Rows read"])
    ['column_1', 'rows_read', 'rows_read_3']
    """
    keys: list[str] = []
    for number, column in enumerate(columns, start=1):
        key = re.sub(r"\W+", "_", render(column, "en").lower()).strip("_") or f"column_{number}"
        keys.append(key if key not in keys else f"{key}_{number}")
    return keys


def _plain(value: Any) -> Any:
    """A number that JSON can hold, null where there is none, or text."""
    if isinstance(value, date):
        return value.isoformat()
    if hasattr(value, "item"):
        value = value.item()  # a number of numpy's
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, (int, float, str)) or value is None else str(value)
