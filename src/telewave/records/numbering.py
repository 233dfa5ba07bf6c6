"""Who is numbered: the subscribers that a run knows, the numbers it gives, and that they are given in one way in a
home.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from telewave.kernel import Conflict, Label, Message
from telewave.platform.database import Database
from telewave.platform.engine import exact, registered
from telewave.platform.warehouse import ManifestLost, ManifestSpoilt, Warehouse
from telewave.records import identities, store
from telewave.records.contracts import SUBSCRIBERS
from telewave.records.destination import Destination
from telewave.records.handing_over import held, prepare_lines
from telewave.records.mapping import Mapping, Native
from telewave.records.respelling import bring_up
from telewave.records.sealing import Keys

NUMBERING = {"native": Label("contract-form", "契约格式"), "mapped": Label("mapped", "映射")}


class NumbersMixed(Conflict):
    """The subscribers of this home were numbered by {present} files, and {given} files would give the same numbers to
    other people. Use another home folder (TELEWAVE_HOME) for these files.
    """

    code = "numbers_mixed"


class DatabaseBehind(Conflict):
    """The warehouse knows subscribers up to number {warehouse}, the operations database only up to {database}: it was
    emptied, or restored from an older backup than the warehouse. Nothing was changed. Restore both from backups of
    one day, or the database from a later one.
    """

    code = "database_behind"


@dataclass
class Coming:
    """Subscribers that a check of several tables would have brought in before the table at hand."""

    subscribers: pa.Table | None = None


@dataclass(kw_only=True)
class Numbers:
    """The numbers of one run, on its connection `con`: see `judging.Numbering`. `following`: the next one to give.
    `notes`: what became of identities of earlier releases.
    """

    con: Any
    keys: Keys
    database: Database
    following: int
    dry: bool
    notes: tuple[Message, ...] = ()

    def look_up(self) -> None:
        """See `judging.Numbering`."""
        identities.look_up(self.con, self.database)

    def give_numbers(self) -> int:
        """See `judging.Numbering`."""
        before = self.following
        self.following = identities.give_numbers(self.con, self.keys, self.database, before, dry=self.dry)
        return self.following - before

    def give_others(self, numbers: Sequence[int]) -> list[int]:
        """See `judging.Numbering`."""
        given = list(range(self.following, self.following + len(numbers)))
        if numbers and not self.dry:
            given = identities.add_holders(self.database, self.keys, numbers, self.following)
        self.following = max([self.following - 1, *given]) + 1
        return given


def numbers_for(
    con: Any,
    keys: Keys,
    database: Database,
    mapping: Mapping,
    target: Destination,
    coming: Coming,
    country: str,
) -> Numbers:
    """Put who is known into temporary relations of the connection. Raises
    `PartDamaged`, `DatabaseBehind`, `OtherCountry`.
    """
    highest = _known_subscribers(con, target, coming)
    notes: list[Message] = []
    if not isinstance(mapping, Native):
        identities.prepare(con, keys)
        notes = bring_up(con, database, keys, country, dry=target.dry)
        prepare_lines(con, lines_of(target.warehouse))
    numbered = store.highest_number(database)
    if highest > numbered and _numbering(target.warehouse) == "mapped":
        raise DatabaseBehind(warehouse=highest + 1, database=numbered + 1)
    return Numbers(
        con=con,
        keys=keys,
        database=database,
        following=max(highest, numbered) + 1,
        dry=target.dry,
        notes=tuple(notes),
    )


def one_numbering(target: Destination, mapping: Mapping) -> None:
    """Subscribers come either in contract form with their numbers, or with outside identifiers; never both in one home.

    Raises `NumbersMixed`.
    """
    if target.table != SUBSCRIBERS.name:
        return
    given = "native" if isinstance(mapping, Native) else "mapped"
    present = target.change.facts.setdefault("numbering", given)
    if present != given:
        raise NumbersMixed(present=NUMBERING[present], given=NUMBERING[given])


def remember_numbered(target: Destination, numbers: Numbers) -> None:
    """Let the warehouse know up to where its subscribers are numbered, so that every command can
    ask whether the database still knows them.
    """
    if target.table == SUBSCRIBERS.name and target.change.facts.get("numbering") == "mapped":
        before = target.change.facts.get("next_number", 0)
        target.change.facts["next_number"] = max(before, numbers.following)


def lines_of(warehouse: Warehouse) -> dict[str, Any]:
    """Who had the numbers that went to others; see `handing_over.held`. Raises `ManifestSpoilt`, `ManifestLost`."""
    return held(warehouse.manifest(SUBSCRIBERS.name).facts)


def see_that_everybody_is_known(warehouse: Warehouse, database: Database) -> None:
    """Refuse a database of this home that was emptied, or is older than the warehouse. Raises `DatabaseBehind`."""
    try:
        wanted = warehouse.manifest(SUBSCRIBERS.name).facts.get("next_number", 0)
    except (ManifestSpoilt, ManifestLost):  # told where the table is read
        return
    if wanted and wanted > (known := store.highest_number(database) + 1):
        raise DatabaseBehind(warehouse=wanted, database=known)


def subscribers_of(con: Any, target: Destination) -> pa.Table:
    """Everybody whom the change under way knows."""
    files = [exact(path) for day in target.change.partitions for path, _ in target.others(day)]
    if not files:
        return pa.table({"subscriber": pa.array([], pa.int32())})
    query = "SELECT DISTINCT subscriber FROM read_parquet(?, hive_partitioning = false)"
    found: pa.Table = con.sql(query, params=[files]).to_arrow_table()
    return found


def _known_subscribers(con: Any, target: Destination, coming: Coming) -> int:
    """Fill the relation `known_subscriber`; returns the highest of its numbers, -1 for none."""
    con.execute("CREATE OR REPLACE TEMP TABLE known_subscriber (subscriber INTEGER)")
    files = _files_of_subscribers(target)
    if files:
        con.execute(
            "INSERT INTO known_subscriber SELECT DISTINCT subscriber FROM read_parquet(?, hive_partitioning = false)",
            [files],
        )
    if coming.subscribers is not None:
        with registered(con, "coming", coming.subscribers):
            con.execute("INSERT INTO known_subscriber FROM coming EXCEPT FROM known_subscriber")
    return int(con.execute("SELECT coalesce(max(subscriber), -1) FROM known_subscriber").fetchall()[0][0])


def _files_of_subscribers(target: Destination) -> list[str]:
    """The files that say who is known; while subscribers themselves are brought in,
    those that can be read. Raises `PartDamaged`.
    """
    if target.table != SUBSCRIBERS.name:
        return [exact(file) for file in target.warehouse.files(SUBSCRIBERS.name)]
    return [exact(path) for day in target.before for path, _ in target.others(day)]


def _numbering(warehouse: Warehouse) -> str | None:
    found: str | None = warehouse.manifest(SUBSCRIBERS.name).facts.get("numbering")
    return found
