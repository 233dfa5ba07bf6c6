"""What a file's columns probably are: by their headers, and by what stands in them.
Pure. What is not known is a gap, never invented.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from telewave.kernel import Message
from telewave.records.contracts import CONTRACTS
from telewave.records.first_rows import FirstRows
from telewave.records.mapping import GAP
from telewave.records.model import Column, Contract, Kind
from telewave.records.reading_guesses import Reading, clock_after_day, read_values
from telewave.records.table_guesses import KeyGuess, Shown, keys_shown
from telewave.records.vocabulary import FILE_WORDS, HEADERS, HEADERS_OF_TABLE, UNITS

MOBILE = re.compile(r"(\+?86)?1[3-9]\d{9}")
ALIKE = 0.95
"""Share of a column's values that must look alike for the column to be known by them."""
SOME = 1_000
"""Values that are tried as days and times."""
NAMED_WEIGHT = 2
"""A word in the name of the file, or of its sheet, speaks for a table as much as so many columns."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ColumnGuess:
    """What feeds one column of the contract. `source` None: nothing was found; two: a day and a time, to be joined.
    `reading`: the mapping's other keys, remarks and gaps.
    """

    column: Column
    source: str | int | tuple[str, ...] | None
    reading: Reading = field(default_factory=Reading)


@dataclass(frozen=True, kw_only=True, slots=True)
class Guess:
    """A proposal. `table` None: several fit, or none; `unused`: source columns that feed nothing; `keys`: what else the
    mapping is to say.
    """

    rows: FirstRows
    table: str | None
    columns: tuple[ColumnGuess, ...] = ()
    unused: tuple[str, ...] = ()
    keys: tuple[KeyGuess, ...] = ()

    @property
    def gaps(self) -> int:
        """How many places of the proposal are to be filled in before it can be used."""
        of_keys = sum(one.gaps for one in self.keys)
        return (self.table is None) + of_keys + sum(one.reading.gaps for one in self.columns)


def guess(rows: FirstRows, table: str | None = None) -> Guess:
    """Propose a mapping for a file that begins with `rows`; `table`: the one it feeds, where that is known."""
    table = table or likely_table(rows)
    if table is None:
        return Guess(rows=rows, table=None, unused=rows.names)
    contract = CONTRACTS[table]
    claims = _claims(rows, contract)
    columns = tuple(_column(rows, contract, column, claims) for column in contract.columns)
    used = {place for places in claims.values() for place in places}
    joined = {name for one in columns if isinstance(one.source, tuple) for name in one.source}
    free = [p for p, name in enumerate(rows.names) if p not in used and name not in joined]
    places = {name: found[0] for name, found in claims.items() if len(found) == 1}
    keys = keys_shown(Shown(rows=rows, contract=contract, places=places, free=free, plain=plain))
    taken = [one.value for one in keys if one.source]
    unused = tuple(rows.names[place] for place in free if not {rows.names[place], place + 1} & {*taken})
    return Guess(rows=rows, table=table, columns=columns, unused=unused, keys=keys)


def likely_table(rows: FirstRows) -> str | None:
    """The table whose columns the headers name best, less those it needs and lacks;
    None where no table or more than one does.

    A word in the name of the file, or of its sheet, counts as two columns.
    """
    scores = {name: _score(rows, contract) for name, contract in CONTRACTS.items()}
    best = max(scores.values())
    winners = [name for name, score in scores.items() if score == best]
    return winners[0] if best > 0 and len(winners) == 1 else None


def _score(rows: FirstRows, contract: Contract) -> int:
    called = (rows.sheet or rows.file).casefold()
    hint = NAMED_WEIGHT * any(word in called for word in FILE_WORDS[contract.name])
    named = {column.name for column in contract.columns if places_of(rows, contract, column)}
    if not rows.header:
        return hint
    lacking = sum(column.required and column.name not in named for column in contract.columns)
    return len(named) - lacking + hint if named else 0


def words_of(contract: Contract, column: Column) -> set[str]:
    """Every header, made plain, that means the column."""
    own = HEADERS_OF_TABLE.get((contract.name, column.name), HEADERS.get(column.name, ()))
    return {plain(word) for word in (column.name, column.label.en, column.label.zh, *own)}


def plain(header: str) -> str:
    """A header without its unit in brackets, blanks, underlines and width.

    >>> plain("金额（元）"), plain("Start_Time")
    ('金额', 'starttime')
    """
    text = unicodedata.normalize("NFKC", header).casefold()
    return re.sub(r"\([^)]*\)|\[[^\]]*\]|【[^】]*】|[\s_\-:/]", "", text)


def unit_of(header: str, column: Column) -> str | None:
    """The unit that the header names, in brackets or at its end, among those known for the column's; None: it names
    none.
    """
    text = unicodedata.normalize("NFKC", header).casefold()
    known = UNITS.get(column.unit, {})
    bracketed = [found.strip() for found in re.findall(r"[(\[【]([^)\]】]*)[)\]】]", text)]
    ending = [word for word in known if not word.isascii() and text.endswith(word)]
    ending += [word for word in known if word.isascii() and re.search(rf"(?<![a-z]){word}$", text)]
    return next((word for word in (*bracketed, *ending) if word in known), None)


def places_of(rows: FirstRows, contract: Contract, column: Column) -> list[int]:
    """The places of source columns whose header means the column."""
    words = words_of(contract, column)
    found = []
    for place, name in enumerate(rows.names if rows.header else ()):
        unit = unit_of(name, column) or ""
        shorter = plain(name).removesuffix(unit) if unit else plain(name)
        if plain(name) in words or shorter in words:
            found.append(place)
    return found


def _claims(rows: FirstRows, contract: Contract) -> dict[str, list[int]]:
    """Places by column: by header, else by content where only one place is left that fits and only one column asks for
    it.
    """
    claims = {column.name: places_of(rows, contract, column) for column in contract.columns}
    free = [p for p in range(len(rows.names)) if not any(p in places for places in claims.values())]
    wishes = {
        column.name: [place for place in free if _looks_like(rows.values(place), column)]
        for column in contract.columns
        if not claims[column.name]
    }
    asked = Counter(place for places in wishes.values() for place in places)
    alone = {name: places for name, places in wishes.items() if len(places) == 1 and asked[places[0]] == 1}
    return claims | alone


def _looks_like(values: list[str], column: Column) -> bool:
    """Whether nearly all values can only be such: a mobile number, an instant, a word for one of the column's codes."""
    match column.kind:
        case Kind.SUBSCRIBER | Kind.PEER:
            return _share(MOBILE.fullmatch(value) is not None for value in values) >= ALIKE
        case Kind.INSTANT | Kind.CODE:
            reading = read_values(values, column, None)
            return bool(values) and not reading.gaps and reading.certain
        case _:
            return False


def _share(hits: Iterable[bool]) -> float:
    listed = list(hits)
    return sum(listed) / len(listed) if listed else 0.0


def _column(rows: FirstRows, contract: Contract, column: Column, claims: dict[str, list[int]]) -> ColumnGuess:
    places = claims[column.name]
    if len(places) == 1 and column.kind is Kind.INSTANT and (clock := _clock_beside(rows, places[0], claims)):
        other, form = clock
        keys = {"combine": "join", "formats": [form]}
        told = Message("a day and a time, joined")
        both = (rows.names[places[0]], rows.names[other])
        return ColumnGuess(column=column, source=both, reading=Reading(keys=keys, remarks=(told,)))
    if len(places) == 1:
        name = rows.names[places[0]]
        reading = read_values(rows.values(places[0]), column, unit_of(name, column), name)
        by_name = places_of(rows, contract, column) == places
        told = Message("by its name") if by_name else Message("by its values")
        return ColumnGuess(column=column, source=_source(rows, places[0]), reading=reading.after(told))
    if places:
        names = [rows.names[place] for place in places]
        asked = Message("which of these is it: {names}?", names=names)
        return ColumnGuess(column=column, source=GAP, reading=Reading(remarks=(asked,), gaps=1))
    return _absent(rows, contract, column, claims)


def _clock_beside(rows: FirstRows, day: int, claims: dict[str, list[int]]) -> tuple[int, str] | None:
    """The one column not taken otherwise that holds the time of day to the days at `day`, and the format of both."""
    taken = {place for places in claims.values() for place in places}
    found = [
        (place, form)
        for place, name in enumerate(rows.names if rows.header else ())
        if place not in taken and rows.names.count(name) == 1
        if (form := clock_after_day(rows.values(day)[:SOME], rows.values(place)[:SOME]))
    ]
    return found[0] if len(found) == 1 else None


def _source(rows: FirstRows, place: int) -> str | int:
    """The header's name; the place from 1 where there is none, or where another column has the same name."""
    name = rows.names[place]
    return name if rows.header and rows.names.count(name) == 1 else place + 1


def _absent(rows: FirstRows, contract: Contract, column: Column, claims: dict[str, list[int]]) -> ColumnGuess:
    if not column.required:
        return ColumnGuess(column=column, source=None)
    months = [c for c in contract.columns if c.first_of_month and len(claims[c.name]) == 1]
    if column.kind is Kind.DATE and months and column.name == contract.dated_by:
        place = claims[months[0].name][0]
        month = read_values(rows.values(place), months[0], None)
        asked = Message("not in the file: how many days after the end of its month is a row known?")
        keys = {**month.keys, "days_after_month_end": GAP}
        return ColumnGuess(
            column=column, source=_source(rows, place), reading=Reading(keys=keys, remarks=(asked,), gaps=1)
        )
    asked = Message(
        "not found: name its column, or write `constant` in place of `from` if all rows have one value"
    )
    return ColumnGuess(column=column, source=GAP, reading=Reading(remarks=(asked,), gaps=1))
