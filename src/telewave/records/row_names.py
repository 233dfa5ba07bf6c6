"""What the rows of a list are called outside: a subscriber by the outside number, a
row of an outside table by its key or its place.

Numbers and keys name people, so they are revealed, to a person, and recorded; a place in a file names nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from telewave.kernel import Conflict, Label
from telewave.platform.database import Database
from telewave.platform.warehouse import Warehouse
from telewave.records.revealing import NobodyReveals, reveal
from telewave.records.sealing import Keys

NUMBER, PLACE = Label("Number", "号码"), Label("Accepted row", "有效行序号")


class RowNamesNotKept(Conflict):
    """The outside table {samples} was brought in by an older version of Telewave, which did not keep how its rows are
    called. Give the table another name under `samples` in its mapping, ingest its file again, and score that table.
    """

    code = "row_names_not_kept"


@dataclass(frozen=True, slots=True)
class Naming:
    """The heading over the names of rows, and whether they name `people`."""

    heading: Label
    people: bool


def naming_of(warehouse: Warehouse, samples: str, by: str) -> Naming:
    """How the rows of the outside table `samples` (empty: the operator's own subscribers) are called.

    Raises `NobodyReveals` where they name people and nobody takes the list, `RowNamesNotKept`.
    """
    if not samples:
        naming = Naming(NUMBER, people=True)
    else:
        facts = warehouse.manifest(f"samples.{samples}").facts
        if "key" not in facts:
            raise RowNamesNotKept(samples=samples)
        key = facts["key"]
        naming = Naming(Label(key, key), people=True) if key else Naming(PLACE, people=False)
    if naming.people and not by.strip():
        raise NobodyReveals
    return naming


def names_of(
    naming: Naming,
    database: Database,
    keys: Keys,
    numbers: Sequence[int],
    *,
    by: str,
    purpose: str,
    now: datetime,
) -> list[str | int | None]:
    """The name of each row, in their order; None for one that has none. What names people is recorded as revealed to
    `by`.
    """
    if not naming.people:
        return [number + 1 for number in numbers]
    return list(reveal(database, keys, numbers, by=by, purpose=purpose, now=now))
