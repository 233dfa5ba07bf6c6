"""Operations database of `records`: identities, and the log of deliveries that follows the warehouse."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from itertools import repeat
from typing import Any

import sqlalchemy as sa

from telewave.audit.model import Action, digest_of_numbers
from telewave.audit.store import write_down
from telewave.kernel import Conflict, Message
from telewave.kernel.history import ClockBehind, not_before
from telewave.platform.bulk import plain_rows
from telewave.platform.database import Database
from telewave.records.tables import deliveries, identities, numbering, refusals, revealed, reveals


class NumberingLost(Conflict):
    """The operations database no longer knows which subscriber number comes next: its table numbering was emptied.
    Nothing was changed. Restore the database from the backup.
    """

    code = "numbering_lost"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reveal:
    """Somebody saw outside identifiers: its number, when, who, and what for."""

    id: int
    at: datetime
    person: str
    purpose: str


class RevealedLater(Conflict):
    """This machine's clock says {now}, and numbers were last revealed on {last}: that record never goes back in time,
    and nothing was shown. Set the clock right and run this again; if the time of that last reveal is itself wrong,
    restore the operations database from a backup of before it.
    """

    code = "revealed_later"


PAGE = 50_000
MOST_ASKED = 10_000
"""Values in one statement: both databases take as many."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """One line of the log of deliveries."""

    table: str
    name: str
    digest: str
    ingested_on: date
    accepted: int
    repaired: int
    refused: Mapping[tuple[str, str], int]
    first_day: str | None
    last_day: str | None


def numbers_of(database: Database, digests: Sequence[str]) -> list[tuple[str, int]]:
    """Those of the digests that have a subscriber number, with it; at most `MOST_ASKED` are asked for at once."""
    query = sa.select(identities.c.digest, identities.c.number).where(identities.c.digest.in_(digests))
    with database.transaction() as connection:
        return [(row.digest, row.number) for row in connection.execute(query)]


def highest_number(database: Database) -> int:
    """The highest subscriber number given so far; -1 for none."""
    with database.transaction() as connection:
        found = connection.execute(sa.select(sa.func.max(identities.c.number))).scalar()
    return -1 if found is None else int(found)


@dataclass(frozen=True, slots=True)
class SealedWith:
    """What the database knows of the key: its id and check value (None: none is recorded), and any one sealed
    identity.
    """

    key_id: str | None
    key_check: str | None
    sample: tuple[int, str, bytes] | None


def sealed_with(database: Database) -> SealedWith:
    """Which key the identifiers are sealed with."""
    with database.transaction() as connection:
        row = connection.execute(sa.select(numbering.c.key_id, numbering.c.key_check)).one_or_none()
        any_one = connection.execute(sa.select(identities.alias("sample")).limit(1)).one_or_none()
    sample = None if any_one is None else (any_one.number, any_one.digest, bytes(any_one.sealed))
    key_id, key_check = (None, None) if row is None else (row.key_id, row.key_check)
    return SealedWith(key_id, key_check, sample)


def record_key(database: Database, key_id: str, key_check: str) -> None:
    """Remember the key that identifiers are sealed with from now on."""
    with database.transaction() as connection:
        connection.execute(sa.update(numbering).values(key_id=key_id, key_check=key_check))


def number_form(database: Database) -> str | None:
    """The form that the identities are digested in; None for that of the files that brought them."""
    with database.transaction() as connection:
        found: str | None = connection.execute(sa.select(numbering.c.number_form)).scalar()
    return found


def every_identity(database: Database) -> Iterator[tuple[int, str, bytes]]:
    """Number, digest and sealed identifier of everybody, in the order of their numbers."""
    query = sa.select(identities.c.number, identities.c.digest, identities.c.sealed).order_by("number")
    with database.transaction() as connection:
        for row in connection.execute(query, execution_options={"yield_per": PAGE}):
            yield row.number, row.digest, bytes(row.sealed)


def respell(database: Database, rows: Iterable[tuple[int, str, bytes]], form: str) -> None:
    """Give these identities (number, digest, sealed identifier) anew, and remember the form: all or nothing."""
    update = (
        sa.update(identities)
        .where(identities.c.number == sa.bindparam("of"))
        .values(digest=sa.bindparam("new_digest"), sealed=sa.bindparam("new_sealed"))
    )
    values = [{"of": number, "new_digest": digest, "new_sealed": sealed} for number, digest, sealed in rows]
    with database.writing() as connection:
        if values:
            connection.execute(update, values)
        connection.execute(sa.update(numbering).values(number_form=form))


def given_and_known(database: Database) -> tuple[int | None, int, int]:
    """The next number on record (None: the record was emptied), one more than the
    highest number known, and how many are known.
    """
    counted = sa.select(sa.func.coalesce(sa.func.max(identities.c.number), -1) + 1, sa.func.count())
    with database.transaction() as connection:
        following = connection.execute(sa.select(numbering.c.next_number)).scalar()
        after, known = connection.execute(counted.select_from(identities)).one()
    return following, int(after), int(known)


def reveals_without_names(database: Database) -> int:
    """How many reveals are on record of which it is no longer known whose numbers they were."""
    named = (
        sa.select(revealed.c.reveal, sa.func.count().label("known")).group_by(revealed.c.reveal).subquery()
    )
    query = (
        sa.select(sa.func.count())
        .select_from(reveals.outerjoin(named, reveals.c.id == named.c.reveal))
        .where(sa.func.coalesce(named.c.known, 0) != reveals.c.subscribers)
    )
    with database.transaction() as connection:
        return int(connection.execute(query).scalar_one())


class Giving:
    """A process's turn at giving numbers: from `next_number` on, and by nobody else
    until the turn ends. Raises `NumberingLost`.
    """

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        row = connection.execute(sa.select(numbering).with_for_update()).one_or_none()
        if row is None:
            raise NumberingLost
        self.next_number = int(row.next_number)
        self.key_check = row.key_check

    def given_from(self, number: int) -> Iterator[tuple[Sequence[str], Sequence[int]]]:
        """Digests and numbers of those who have numbers from `number` on, in pages."""
        query = sa.select(identities.c.digest, identities.c.number).where(identities.c.number >= number)
        for page in self._connection.execute(query, execution_options={"yield_per": PAGE}).partitions(PAGE):
            digests, numbers = zip(*page, strict=True)
            yield digests, numbers

    def add(self, pages: Iterable[Sequence[tuple[int, str, bytes]]]) -> None:
        """Store new identities (number, digest, sealed identifier); the next number comes after them."""
        highest = self.next_number - 1
        if self._connection.dialect.name == "postgresql":
            highest = max(highest, _copy(self._connection, identities, pages))
        else:
            for page in pages:
                values = [dict(zip(("number", "digest", "sealed"), row, strict=True)) for row in page]
                self._connection.execute(sa.insert(identities), values)
                highest = max(highest, *(number for number, _, _ in page))
        self.next_number = highest + 1
        self._connection.execute(sa.update(numbering).values(next_number=self.next_number))


@contextmanager
def giving(database: Database) -> Iterator[Giving]:
    """Take the turn at giving numbers: whoever else wants it waits. What is added is stored when the block ends
    well.
    """
    with database.writing() as connection:
        yield Giving(connection)


def add_identities(database: Database, pages: Iterable[Sequence[tuple[int, str, bytes]]]) -> None:
    """Store new identities (number, digest, sealed identifier), all or none."""
    with giving(database) as turn:
        turn.add(pages)


def _copy(connection: sa.Connection, table: sa.Table, pages: Iterable[Iterable[tuple[Any, ...]]]) -> int:
    """COPY of pages of rows into all columns of the table, in its order: twenty times as fast as INSERT.
    Returns the highest first entry, -1 for none.
    """
    highest = -1
    raw = connection.connection.cursor()
    columns = ", ".join(column.name for column in table.columns)
    with raw.copy(f"COPY {table.name} ({columns}) FROM STDIN") as copy:
        for page in pages:
            for row in page:
                copy.write_row(row)
                highest = max(highest, row[0])
    raw.close()
    return highest


def sealed_identifier(database: Database, number: int) -> bytes | None:
    """The sealed identifier of one subscriber."""
    query = sa.select(identities.c.sealed).where(identities.c.number == number)
    with database.transaction() as connection:
        return connection.execute(query).scalar()


def sealed_identifiers(database: Database, numbers: Sequence[int]) -> dict[int, bytes]:
    """The sealed identifiers of these subscribers, by number: asked for in their order, by
    stretches where most of a stretch is wanted.
    """
    wanted = sorted(set(map(int, numbers)))
    found: dict[int, bytes] = {}
    with database.transaction() as connection:
        for start in range(0, len(wanted), MOST_ASKED):
            page = wanted[start : start + MOST_ASKED]
            whole = 2 * len(page) > page[-1] - page[0]
            query = sa.select(identities.c.number, identities.c.sealed).where(
                identities.c.number.between(page[0], page[-1]) if whole else identities.c.number.in_(page)
            )
            rows: dict[int, bytes] = dict(plain_rows(connection.execute(query)))
            found |= {number: rows[number] for number in page if number in rows} if whole else rows
    return found


def record_reveal(
    database: Database, numbers: Sequence[int], *, by: str, purpose: str, now: datetime
) -> None:
    """Record who saw the outside identifiers of which subscribers, when and what for. Raises `RevealedLater`."""
    with database.transaction() as connection:
        at = _not_before_the_last(connection, now)
        row = {"at": at, "person": by, "purpose": purpose, "subscribers": len(numbers)}
        made = connection.execute(sa.insert(reveals).returning(reveals.c.id), row)
        key = int(made.scalar_one())
        rows = zip(repeat(key), numbers)
        if connection.dialect.name == "postgresql":
            _copy(connection, revealed, [rows])
        elif numbers:
            connection.exec_driver_sql("INSERT INTO revealed (reveal, number) VALUES (?, ?)", list(rows))
        write_down(
            connection,
            at=at,
            person=by,
            action=Action.REVEALED,
            about=purpose,
            facts={"reveal": key, "count": len(numbers), "numbers": digest_of_numbers(numbers)},
        )


def reveals_of(database: Database, subscriber: int) -> list[Reveal]:
    """Who saw his outside identifier, when and what for, the last first."""
    query = (
        sa.select(reveals.c.id, reveals.c.at, reveals.c.person, reveals.c.purpose)
        .join(revealed, revealed.c.reveal == reveals.c.id)
        .where(revealed.c.number == subscriber)
        .order_by(reveals.c.id.desc())
    )
    with database.transaction() as connection:
        return [Reveal(**row) for row in connection.execute(query).mappings()]


def revealed_apart(database: Database, told: Mapping[int, str]) -> list[int]:
    """Those of the reveals `told`, each with the digest of its subscribers, that no longer have them."""
    apart = []
    with database.transaction() as connection:
        for key, digest in told.items():
            numbers = connection.execute(
                sa.select(revealed.c.number).where(revealed.c.reveal == key)
            ).scalars()
            if digest_of_numbers(numbers) != digest:
                apart.append(key)
    return apart


def _not_before_the_last(connection: sa.Connection, now: datetime) -> datetime:
    last = connection.execute(sa.select(reveals.c.at).order_by(reveals.c.id.desc()).limit(1)).scalar()
    try:
        return not_before(last, now, Message("revealed numbers"))
    except ClockBehind as behind:
        raise RevealedLater(**{name: behind.message.values[name] for name in ("now", "last")}) from behind


def number_of_digest(database: Database, digest: str) -> int | None:
    """The subscriber whose identifier has this digest; None for none."""
    query = sa.select(identities.c.number).where(identities.c.digest == digest)
    with database.transaction() as connection:
        found: int | None = connection.execute(query).scalar()
    return found


def log(database: Database, entries: Sequence[Delivery]) -> None:
    """Append deliveries to the log, each with what it refused."""
    with database.transaction() as connection:
        for entry in entries:
            row = {
                "table_name": entry.table,
                "name": entry.name,
                "digest": entry.digest,
                "ingested_on": entry.ingested_on,
                "accepted": entry.accepted,
                "repaired": entry.repaired,
                "refused": sum(entry.refused.values()),
                "first_day": entry.first_day,
                "last_day": entry.last_day,
            }
            key = connection.execute(sa.insert(deliveries).values(row)).inserted_primary_key
            refused = [
                {"delivery_id": key[0], "reason": reason, "column_name": column, "rows": rows}  # type: ignore[index]
                for (reason, column), rows in entry.refused.items()
            ]
            if refused:
                connection.execute(sa.insert(refusals), refused)


def latest_digests(database: Database, table: str) -> dict[str, str]:
    """The digest last logged for each delivery of `table`."""
    last = (
        sa.select(sa.func.max(deliveries.c.id))
        .where(deliveries.c.table_name == table)
        .group_by(deliveries.c.name)
    )
    query = sa.select(deliveries.c.name, deliveries.c.digest).where(deliveries.c.id.in_(last))
    with database.transaction() as connection:
        return {row.name: row.digest for row in connection.execute(query)}


def latest_deliveries(database: Database, table: str | None = None) -> list[Delivery]:
    """The last line of the log for each delivery, oldest first."""
    last = sa.select(sa.func.max(deliveries.c.id)).group_by(deliveries.c.table_name, deliveries.c.name)
    query = sa.select(deliveries).where(deliveries.c.id.in_(last)).order_by(deliveries.c.id)
    if table is not None:
        query = query.where(deliveries.c.table_name == table)
    with database.transaction() as connection:
        rows = connection.execute(query).all()
        counted = _refused(connection, [row.id for row in rows])
    return [
        Delivery(
            table=row.table_name,
            name=row.name,
            digest=row.digest,
            ingested_on=row.ingested_on,
            accepted=row.accepted,
            repaired=row.repaired,
            refused=counted.get(row.id, {}),
            first_day=row.first_day,
            last_day=row.last_day,
        )
        for row in rows
    ]


def _refused(connection: sa.Connection, keys: Sequence[int]) -> dict[int, dict[tuple[str, str], int]]:
    counted: dict[int, dict[tuple[str, str], int]] = {}
    for start in range(0, len(keys), 500):
        query = sa.select(refusals).where(refusals.c.delivery_id.in_(keys[start : start + 500]))
        for row in connection.execute(query):
            counted.setdefault(row.delivery_id, {})[row.reason, row.column_name] = row.rows
    return counted
