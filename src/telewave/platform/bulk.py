"""Many rows into a table of the operations database at once, COPY on PostgreSQL, one prepared statement on SQLite; and
many out of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa


def load_rows(
    connection: sa.Connection, table: sa.Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Add `rows`, entries as `columns` in the driver's own types: days as text, instants not at all."""
    names = ", ".join(columns)
    if connection.dialect.name == "postgresql":
        cursor = connection.connection.cursor()
        with cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.close()
        return
    if given := list(rows):
        places = ", ".join("?" * len(columns))
        connection.exec_driver_sql(f"INSERT INTO {table.name} ({names}) VALUES ({places})", given)  # noqa: S608 - names of our own


def plain_rows(result: sa.CursorResult[Any]) -> Iterator[tuple[Any, ...]]:
    """The rows as the driver gives them, for numbers, text and bytes: SQLAlchemy's own are made one by one, which takes
    longer than the question where there are a million.
    """
    rows: Any = result.cursor
    return iter(rows)
