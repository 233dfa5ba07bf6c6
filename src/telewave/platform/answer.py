"""What a command answers as one JSON object: tables with numbers as numbers,
sentences, an error; and cells as people read them.

`{"sentences": [...], "tables": [{"title": ..., "columns": [{"key": ..., "title": ...}], "rows": [{key: cell}]}]}`, and
what a command attaches under a name of its own. Keys come from the English headings and are the same in every language.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from telewave.kernel import Estimate, Figure, Inconclusive, Label, Message, Money, TelewaveError
from telewave.kernel.figures import UNKNOWN
from telewave.platform.languages import Language, render

Text = Message | Label | str
TableCell = Text | Figure | int | date | None
"""Of a table. A number, a day (or a moment, in the operator's time) and the unknown are handed
over as such; a `Figure` says how it is shown.
"""


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

    def table(self, title: Text, columns: Sequence[Text], rows: Sequence[Sequence[TableCell]]) -> None:
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
        return json.dumps(whole, ensure_ascii=False, indent=2, default=str) + "\n"

    def _cell(self, cell: TableCell) -> Any:
        return plain(cell.value if isinstance(cell, Figure) else cell, self._language)


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


def shown(cell: TableCell, language: Language) -> str:
    """A cell as a person reads it: thousands apart, days as year-month-day, a dash for what is unknown.

    >>> shown(1234, "en"), shown(date(2026, 7, 1), "en"), shown(None, "en")
    ('1,234', '2026-07-01', '–')
    """
    match cell:
        case None:
            return UNKNOWN
        case Figure():
            return render(cell.shown, language)
        case int():
            return f"{cell:,}"
        case datetime():
            return f"{cell:%Y-%m-%d %H:%M}"
        case date():
            return cell.isoformat()
        case _:
            return render(cell, language)


def plain(value: Any, language: Language) -> Any:
    """A value as JSON has it: numbers as numbers, days and moments in ISO 8601, null
    for what is unknown, other things as text.

    Money is an object of an exact decimal text and its currency, an estimate one of its value and interval.

    >>> plain(Money(12345), "en")
    {'amount': '123.45', 'currency': 'CNY'}
    """
    match value:
        case Message() | Label():
            return render(value, language)
        case Money():
            return {"amount": f"{value.major:.2f}", "currency": value.currency}
        case Estimate():
            return {name: plain(getattr(value, name), language) for name in ("value", "low", "high")}
        case Inconclusive():
            return {"value": None, "low": None, "high": None, "reason": render(value.reason, language)}
        case date():
            return value.isoformat()
        case dict():
            return {key: plain(one, language) for key, one in value.items()}
    if hasattr(value, "item"):
        value = value.item()  # a number of numpy's
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, (int, float, str)) or value is None else str(value)
