"""A database's rows as they were, put back: tests that kill begin each time where they began."""

import sqlalchemy as sa

from telewave.platform.database import metadata


def rows_now(database):
    """All rows of all tables."""
    with database.transaction() as connection:
        return {
            table.name: [dict(row) for row in connection.execute(sa.select(table)).mappings()]
            for table in metadata.sorted_tables
        }


def put_back(database, rows):
    """The tables hold these rows again, and no others."""
    with database.transaction() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(sa.delete(table))
        for table in metadata.sorted_tables:
            if rows[table.name]:
                connection.execute(sa.insert(table), rows[table.name])
