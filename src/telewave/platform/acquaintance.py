"""Warehouse and operations database know each other: both carry the id of their home (docs/adr/0024).

The database has it from its first schema on; the warehouse takes it over into `home.json` when the two first meet. A
database that was emptied or replaced has another one, and would number everybody anew: it is refused.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from telewave.kernel import Conflict
from telewave.platform.database import Database, metadata
from telewave.platform.files import make_private, own_folder, write_whole
from telewave.platform.warehouse import Warehouse

FILE = "home.json"

homes = sa.Table(
    "homes",
    metadata,
    sa.Column("only", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("id", sa.String(32), nullable=False),
)


class DatabaseOfAnotherHome(Conflict):
    """The warehouse {folder} and the operations database {address} do not belong together: the one is of home
    {wanted}, the other of {found}. Nothing was changed. Restore the database from the backup of that home, or
    correct TELEWAVE_DATABASE or TELEWAVE_HOME.
    """

    code = "database_of_another_home"


class DatabaseEmpty(Conflict):
    """The warehouse {folder} holds data, and the operations database {address} is new or was emptied:
    everybody would be numbered anew. Nothing was changed. Restore the database from the backup, or
    correct TELEWAVE_DATABASE or TELEWAVE_HOME.
    """

    code = "database_empty"


class HomeFileSpoilt(Conflict):
    """The file {file}, which says what home the warehouse belongs to, cannot be read. Restore it from the backup; or,
    if you are sure that warehouse and database belong together, remove it.
    """

    code = "home_file_spoilt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What the two say of themselves. `in_warehouse`, `in_database`: the home's id, None where there is none yet.

    `tables`: whether the warehouse holds any; `deliveries`: whether the database knows of any.
    """

    in_warehouse: str | None
    in_database: str | None
    tables: bool
    deliveries: bool


def belong_together(pair: Pair) -> bool | None:
    """Whether the two belong together; None: the database is empty beside a warehouse that holds data. Pure.

    Homes of earlier releases have no file: they are believed where the database knows deliveries.
    """
    if pair.in_warehouse is not None:
        return None if pair.in_database is None else pair.in_warehouse == pair.in_database
    return None if pair.tables and not pair.deliveries else True


def see_that_they_belong_together(warehouse: Warehouse, database: Database) -> None:
    """Refuse a database that is not this warehouse's; where they meet for the first time, write down that they did.

    Call it before `Database.begin`, which would fill an empty database, and again after it. Raises
    `DatabaseOfAnotherHome`, `DatabaseEmpty`, `HomeFileSpoilt`.
    """
    pair = compared(warehouse, database)
    if pair.in_warehouse is None and pair.in_database is not None:
        file = own_folder(warehouse.root) / FILE
        write_whole(file, json.dumps({"home": pair.in_database}))
        make_private(file)


def compared(warehouse: Warehouse, database: Database) -> Pair:
    """What the two say of themselves, if it agrees. Raises as `see_that_they_belong_together`."""
    pair = pair_of(warehouse, database)
    verdict = belong_together(pair)
    if verdict is None:
        raise DatabaseEmpty(folder=str(warehouse.root), address=database.address)
    if not verdict:
        raise DatabaseOfAnotherHome(
            folder=str(warehouse.root),
            address=database.address,
            wanted=pair.in_warehouse,
            found=pair.in_database,
        )
    return pair


def pair_of(warehouse: Warehouse, database: Database) -> Pair:
    """What the two say of themselves. Raises `HomeFileSpoilt`."""
    known, deliveries = _of_database(database)
    return Pair(
        in_warehouse=_of_warehouse(warehouse.root / FILE),
        in_database=known,
        tables=any(warehouse.root.glob("*/manifest.json")),
        deliveries=deliveries,
    )


def _of_warehouse(file: Path) -> str | None:
    try:
        found = json.loads(file.read_text("utf-8"))["home"]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as cause:
        raise HomeFileSpoilt(file=str(file)) from cause
    return str(found)


def _of_database(database: Database) -> tuple[str | None, bool]:
    with database.transaction() as connection:
        tables = set(sa.inspect(connection).get_table_names())
        known = connection.execute(sa.select(homes.c.id)).scalar() if homes.name in tables else None
        delivered = "deliveries" in tables and connection.execute(sa.text("SELECT 1 FROM deliveries LIMIT 1"))
        return known, bool(delivered and delivered.scalar())
