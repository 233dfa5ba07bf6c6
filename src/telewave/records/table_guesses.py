"""Which keys of a mapping beside its columns a file shows the use of: what tells its records apart, what the parts of
one have in common, money taken back, full snapshots. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from telewave.kernel import Message
from telewave.records.contracts import PAYMENTS, SUBSCRIBERS, USAGE
from telewave.records.first_rows import FirstRows
from telewave.records.mapping import GAP
from telewave.records.model import Contract
from telewave.records.snapshots import FULL
from telewave.records.vocabulary import FULL_WORDS, PART_WORDS, RECORD_WORDS, SNAPSHOT_WORDS

TELLING = 0.95
"""Share of a column's values that must differ for it to tell records apart."""
BELOW_ZERO = re.compile(r"[-−]\s*[\d.,]*[1-9][\d.,]*|\([\d.,]*[1-9][\d.,]*\)")


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyGuess:
    """One key beside `columns`, with its value and the reason; `source`: whether the value is a source column."""

    key: str
    value: str | int | bool
    remark: Message
    source: bool = False

    @property
    def gaps(self) -> int:
        """How many places of it are to be filled in."""
        return int(self.value == GAP)


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """What a guess knows so far: the `places` that feed columns of the contract, by column, and the `free` ones."""

    rows: FirstRows
    contract: Contract
    places: Mapping[str, int]
    free: Sequence[int]
    plain: Callable[[str], str]

    def named(self, words: Sequence[str]) -> list[int]:
        """Free places whose header is one of the words."""
        meant = {self.plain(word) for word in words}
        names = self.rows.names if self.rows.header else ()
        return [place for place in self.free if names and self.plain(names[place]) in meant]

    def source(self, place: int) -> str | int:
        """How a mapping names the source column."""
        name = self.rows.names[place]
        return name if self.rows.names.count(name) == 1 else place + 1

    def cells(self, *places: int) -> list[tuple[str, ...]]:
        """What stands in the places, of the rows in which none of them is blank."""
        found = [tuple(row[place].strip() for place in places) for row in self.rows.rows]
        return [row for row in found if all(row)]


def keys_shown(shown: Shown) -> tuple[KeyGuess, ...]:
    """The keys that the file shows the use of, each to be confirmed."""
    return (*_snapshot(shown), *_record_id(shown), *_continues(shown), *_reversals(shown))


def _record_id(shown: Shown) -> Iterator[KeyGuess]:
    found = shown.named(RECORD_WORDS) if shown.contract.events else []
    if len(found) != 1:
        return
    values = [value for (value,) in shown.cells(found[0])]
    if values and len(set(values)) >= TELLING * len(values):
        told = Message(
            "by its name; {different:,} of {values:,} values differ. Rows of one subscriber with equal numbers are one "
            "record: remove the line if that is not so",
            different=len(set(values)),
            values=len(values),
        )
        yield KeyGuess(key="record_id", value=shown.source(found[0]), remark=told, source=True)


def _continues(shown: Shown) -> Iterator[KeyGuess]:
    found, whose = shown.named(PART_WORDS), shown.places.get("subscriber")
    if shown.contract is not USAGE or len(found) != 1 or whose is None:
        return
    rows = shown.cells(whose, found[0])
    if parts := len(rows) - len(set(rows)):
        told = Message(
            "by its name; {parts:,} rows bear the number of another of the same subscriber, as parts of one call do. "
            "They become one record: remove the line if they are records of their own",
            parts=parts,
        )
        yield KeyGuess(key="continues", value=shown.source(found[0]), remark=told, source=True)


def _reversals(shown: Shown) -> Iterator[KeyGuess]:
    place = shown.places.get("amount_minor")
    if shown.contract is not PAYMENTS or place is None:
        return
    if below := sum(BELOW_ZERO.fullmatch(value) is not None for (value,) in shown.cells(place)):
        told = Message(
            "{below:,} amounts are below zero: payments taken back, which are none. Remove the line if they are "
            "mistakes",
            below=below,
        )
        yield KeyGuess(key="reversals", value=True, remark=told)


def _snapshot(shown: Shown) -> Iterator[KeyGuess]:
    """Told only by words, and only of a file of one day: that all rows are of one day is no sign of it alone."""
    if shown.contract.name not in FULL:
        return
    place = shown.places.get("recorded_on")
    days = set() if place is None else set(shown.cells(place))
    header = shown.rows.names[place] if place is not None and shown.rows.header else ""
    said = f"{shown.rows.file} {shown.rows.sheet} {header}".casefold()
    if len(days) > 1:
        return
    if word := _first_of(FULL_WORDS, said):
        told = _full(shown.contract, word)
        yield KeyGuess(key="snapshot", value="full", remark=told)
    elif word := _first_of(SNAPSHOT_WORDS, said):
        asked = Message(
            "it calls itself {word}: `full` if it names all that is there on its day, so that what is missing has "
            "ended; else remove the line",
            word=word,
        )
        yield KeyGuess(key="snapshot", value=GAP, remark=asked)


def _first_of(words: Sequence[str], said: str) -> str | None:
    """The first of the words that stands in the text, not as a part of another English word."""
    return next((word for word in words if re.search(rf"(?<![a-z]){word}(?![a-z])", said)), None)


def _full(contract: Contract, word: str) -> Message:
    if contract is SUBSCRIBERS:
        return Message(
            "it calls itself {word}: who is missing from a later one has left. Remove the line if it does not name "
            "everybody",
            word=word,
        )
    return Message(
        "it calls itself {word}: what is missing from a later one has ended. Remove the line if it does not name "
        "everything",
        word=word,
    )
