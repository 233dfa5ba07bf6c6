"""Outside identifiers become dense subscriber numbers, set-wise: a temporary DuckDB relation holds those of the files
at hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import pyarrow as pa

from telewave.kernel import Conflict, Missing
from telewave.platform.arrow import numbers_of, texts_of
from telewave.platform.database import Database
from telewave.platform.engine import registered
from telewave.platform.settings import COUNTRY
from telewave.records import store
from telewave.records.sealing import Keys
from telewave.records.telephone import Identifying, normal_form, number_plan

PAGE = 50_000
LONGEST_NUMBER = 10
"""Digits of a subscriber number: it is a 32-bit integer. A telephone number is longer."""
COLUMNS: dict[str, pa.DataType] = {"digest": pa.string(), "number": pa.int32()}
SCHEMA = pa.schema(COLUMNS)


class UnknownSubscriber(Missing):
    """Nobody was ingested under the number {subscriber}. Give it as the subscriber file has it,
    or the subscriber's number inside Telewave.
    """

    code = "unknown_subscriber"


class KeyOfAnotherRun(Conflict):
    """Another command has begun to number the subscribers of this home with another key file than the one of this
    command (key id {found}). Nothing was changed. Name one TELEWAVE_KEY_FILE for both, and run this again.
    """

    code = "key_of_another_run"


def prepare(con: Any, keys: Keys) -> None:
    """Make the temporary relations `identity` (digest, number) and `asked` (digest), both
    empty, and the variables of the keyed digest.
    """
    inner, outer = keys.pads()
    con.execute("SET VARIABLE inner_pad = ?::BLOB", [inner])
    con.execute("SET VARIABLE outer_pad = ?::BLOB", [outer])
    con.execute("CREATE OR REPLACE TEMP TABLE identity (digest VARCHAR, number INTEGER)")
    con.execute("CREATE OR REPLACE TEMP TABLE asked (digest VARCHAR)")


def look_up(con: Any, database: Database) -> None:
    """Add to `identity` whom the database knows of the digests in `typed`; those asked
    for before in this run are not asked again.
    """
    con.execute(
        "CREATE OR REPLACE TEMP TABLE asking AS SELECT DISTINCT digest FROM typed ANTI JOIN asked USING (digest) "
        "WHERE digest IS NOT NULL"
    )
    ((count,),) = con.execute("SELECT count(*) FROM asking").fetchall()
    for first in range(0, count, store.MOST_ASKED):
        rows = con.execute(
            "SELECT digest FROM asking WHERE rowid >= ? AND rowid < ?", [first, first + store.MOST_ASKED]
        )
        found = store.numbers_of(database, [digest for (digest,) in rows.fetchall()])
        if found:
            digests, numbers = zip(*found, strict=True)
            page = pa.Table.from_arrays([texts_of(digests), numbers_of(numbers)], schema=SCHEMA)
            with registered(con, "page", page):
                con.execute("INSERT INTO identity SELECT * FROM page")
    con.execute("INSERT INTO asked FROM asking")
    con.execute("DROP TABLE asking")


def give_numbers(con: Any, keys: Keys, database: Database, first: int, *, dry: bool) -> int:
    """Number the identifiers of the good rows of `typed` that have none, from `first` on or later;
    returns the next number. After `look_up`.

    Two runs at once share one sequence, and whom the other has numbered since `look_up` keeps that number.
    `dry`: only for the rest of this run; nothing is stored. Raises `KeyOfAnotherRun`.
    """
    con.execute(
        "CREATE OR REPLACE TEMP TABLE newcomer AS SELECT digest, any_value(k_subscriber) AS identifier, "
        "min(line) AS line "
        "FROM typed ANTI JOIN identity USING (digest) WHERE fault IS NULL GROUP BY digest"
    )
    if not con.execute("SELECT count(*) FROM newcomer").fetchall()[0][0]:
        return first
    following = _numbered(con, first) if dry else _given(con, keys, database, first)
    con.execute("INSERT INTO identity SELECT digest, number FROM numbered")
    con.execute("DROP TABLE newcomer")
    con.execute("DROP TABLE numbered")
    return following


def _given(con: Any, keys: Keys, database: Database, first: int) -> int:
    """The newcomers' numbers for good: those that another run gave since they were looked up, or the next ones."""
    with store.giving(database) as turn:
        if turn.key_check not in (None, keys.check):
            raise KeyOfAnotherRun(found=keys.id)
        if turn.next_number > first:
            for digests, numbers in turn.given_from(first):
                page = pa.Table.from_arrays([texts_of(digests), numbers_of(numbers)], schema=SCHEMA)
                with registered(con, "page", page):
                    con.execute("INSERT INTO identity SELECT * FROM page SEMI JOIN newcomer USING (digest)")
                    con.execute("DELETE FROM newcomer WHERE digest IN (SELECT digest FROM page)")
        following = _numbered(con, max(first, turn.next_number))
        turn.add(_sealed(con, keys))
    return following


def _numbered(con: Any, first: int) -> int:
    """The relation `numbered`: `newcomer` with numbers from `first` on, in the order of
    their lines; returns the number after them.
    """
    con.execute(
        "CREATE OR REPLACE TEMP TABLE numbered AS "
        "SELECT digest, identifier, (? + row_number() OVER (ORDER BY line) - 1)::INTEGER AS number FROM newcomer",
        [first],
    )
    count: int = con.execute("SELECT count(*) FROM numbered").fetchall()[0][0]
    return first + count


def _sealed(con: Any, keys: Keys) -> Iterator[list[tuple[int, str, bytes]]]:
    """The rows of `numbered` in pages, their identifiers sealed."""
    rows = con.execute("SELECT number, digest, identifier FROM numbered")
    while page := rows.fetchmany(PAGE):
        yield [(number, digest, keys.sealed(number, text)) for number, digest, text in page]


def add_holders(database: Database, keys: Keys, numbers: Sequence[int], first: int) -> list[int]:
    """Number further holders of the outside identifiers of `numbers`, from `first` on or later, all or none;
    returns the numbers given, in their order.
    """
    sealed, opened = store.sealed_identifiers(database, numbers), keys.opener()
    texts = [opened(number, sealed[number]) if number in sealed else "" for number in numbers]
    digests = _free_digests(database, keys, texts)
    with store.giving(database) as turn:
        start = max(first, turn.next_number)
        given = list(range(start, start + len(texts)))
        rows = zip(given, digests, texts, strict=True)
        turn.add([[(number, digest, keys.sealed(number, text)) for number, digest, text in rows]])
    return given


def _free_digests(database: Database, keys: Keys, texts: Sequence[str]) -> list[str]:
    """What the next holder of each identifier is digested by; one that comes twice has two."""
    found: dict[int, str] = {}
    holder = 2
    while len(found) < len(texts):
        asked = {p: keys.digest_of(_held(text, holder)) for p, text in enumerate(texts) if p not in found}
        pages = batched(asked.values(), store.MOST_ASKED)
        taken = {digest for page in pages for digest, _ in store.numbers_of(database, page)}
        for place, digest in asked.items():
            if digest not in taken:
                found[place] = digest
                taken.add(digest)
        holder += 1
    return [found[place] for place in range(len(texts))]


def batched(values: Iterable[str], size: int) -> Iterator[list[str]]:
    """The values in lists of at most `size`."""
    waiting = iter(values)
    while page := list(islice(waiting, size)):
        yield page


def _held(text: str, holder: int) -> str:
    """What the second, third ... holder of an identifier is digested by. No identifier has a line feed in it."""
    return f"{text}\n{holder}"


def identifier_of(database: Database, keys: Keys, number: int) -> str | None:
    """The outside identifier of subscriber `number`, for those who may see it; None if it has none."""
    sealed = store.sealed_identifier(database, number)
    return None if sealed is None else keys.opened(number, sealed)


def number_of(
    database: Database, keys: Keys, text: str, country: str = COUNTRY, *, lines: Mapping[str, Any]
) -> int:
    """The subscriber whom `text` names: the present holder of the outside number, however it is written,
    else the one of the number inside Telewave.

    `lines`: who had numbers that went to others, as the table of subscribers knows it. Raises `UnknownSubscriber`.
    """
    forms = [normal_form(text.strip(), number_plan(country), kind) for kind in Identifying]
    for form in dict.fromkeys([*forms, text.strip()]):
        found = store.number_of_digest(database, keys.digest_of(form))
        if found is not None:
            return int(lines[str(found)][-1][0]) if str(found) in lines else found
    if text.strip().isascii() and text.strip().isdigit() and len(text.strip()) <= LONGEST_NUMBER:
        return int(text)
    raise UnknownSubscriber(subscriber=text)
