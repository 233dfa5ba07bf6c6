"""Sentences that a person will read, kept as values until the edge knows the person's language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


class Message:
    """A sentence with named places, translated only when shown.

    `template` is the English sentence in `str.format` form and doubles as the key of the language
    catalogues; `values` fill its places. A value may itself be a `Message` or a `Label`.

    >>> str(Message("{rows} rows accepted", rows=3))
    '3 rows accepted'
    """

    __slots__ = ("template", "values")

    def __init__(self, template: str, /, **values: Any) -> None:
        self.template = template
        self.values = values

    def __str__(self) -> str:
        return self.template.format(**self.values)

    def __repr__(self) -> str:
        return f"Message({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and (self.template, self.values) == (
            other.template,
            other.values,
        )

    def __hash__(self) -> int:
        return hash((self.template, tuple(sorted(self.values))))


@dataclass(frozen=True, slots=True)
class Label:
    """The name of a thing in both languages: for catalogues of things (features, tables, classes), not for
    sentences.
    """

    en: str
    zh: str

    def __str__(self) -> str:
        return self.en
