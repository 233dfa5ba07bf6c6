"""Texts and names as SQL writes them. Pure."""

from __future__ import annotations

from collections.abc import Sequence


def literal(text: str) -> str:
    """`text` as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def literals(texts: Sequence[str]) -> str:
    """`texts` as the inside of an SQL list."""
    return ", ".join(literal(text) for text in texts)


def quoted(name: str) -> str:
    """`name` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
