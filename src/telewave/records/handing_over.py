"""Numbers that go to another holder: the lines of each are kept beside the subscribers,
and rows are attached to the line of their day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from telewave.kernel import Conflict
from telewave.kernel.intervals import wilson
from telewave.platform.engine import exact
from telewave.records.contracts import SUBSCRIBERS
from telewave.records.destination import Destination
from telewave.records.holders import EVER, Line, Lines, Sighting, closings
from telewave.records.sql_text import literal


class ManyNewHolders(Conflict):
    """Of {known} numbers that were known, {changed} have another customer or a later day of activation than before,
    as if they had all been given to somebody else. Look whether customers were given new numbers: then leave
    `customer` out of the mapping. Nothing was changed.
    """

    code = "many_new_holders"


MANY = 0.1
"""No more of the known numbers than this share change hands between two deliveries."""
FEWEST_KNOWN = 20
"""Of fewer known numbers any share may change hands: it tells nothing about the file."""
LINES = "lines"
"""Fact of the table of subscribers: by the number first given, [number, since] of each
line of a number that has had several holders.
"""
WITHDRAWN = "withdrawn"
"""Fact of the table of subscribers: the numbers of lines that have no rows any more. They keep their
numbers, should a delivery tell of them again.
"""
LAST = date.max
Facts = dict[str, list[list[Any]]]


def prepare_lines(con: Any, facts: Facts) -> None:
    """The relation `of_line` (first, number, since, until): who had a number when, of numbers that had several
    holders.
    """
    con.execute(
        'CREATE OR REPLACE TEMP TABLE of_line ("first" INTEGER, number INTEGER, since DATE, until DATE)'
    )
    rows = [
        (int(first), number, since, until)
        for first, lines in facts.items()
        for (number, since), (_, until) in pairwise([*lines, [None, str(LAST)]])
    ]
    if rows:
        con.executemany("INSERT INTO of_line VALUES (?, ?, ?, ?)", rows)


def attach(con: Any, target: Destination, numbering: Any) -> None:
    """The relations `attached` (line, number): rows of `typed` about another holder than the one first
    numbered, and `ending`: lines that ended.

    Numbers with several holders, and those of which the file says another customer or day of activation than was known,
    are looked at one by one. Raises `ManyNewHolders`.
    """
    con.execute("CREATE OR REPLACE TEMP TABLE attached (line BIGINT, number INTEGER)")
    con.execute("CREATE OR REPLACE TEMP TABLE ending (number INTEGER, day DATE, ended_on DATE, why VARCHAR)")
    facts: Facts = dict(target.change.facts.get(LINES, {}))
    _sightings(con, target, facts)
    con.execute(f"CREATE OR REPLACE TEMP TABLE doubtful AS {_DOUBTFUL}")
    made = _told(con, facts)
    _refuse_many(con, made)
    given = _others_numbered(made, numbering)
    attached: list[tuple[int, int]] = []
    ending: list[tuple[int, date, date, str | None]] = []
    for first, (lines, told) in made.items():
        if len(lines) == 1 and lines[0].number is not None:
            facts.pop(str(first), None)
            continue
        numbered = [
            Line(one.number if one.number is not None else next(given), one.since, one.seen)
            for one in lines
            if one.seen or one.number == first
        ]
        numbers = {row: one.number or 0 for one in numbered for row in one.seen}
        attached += [(line, numbers[row]) for line, row in told]
        facts[str(first)] = [
            [one.number, str(one.since if place else EVER)] for place, one in enumerate(numbered)
        ]
        ending += [
            _end(one, after) for one, after in closings(numbered) if after.seen[0] in {row for _, row in told}
        ]
    for relation, rows in (("attached", attached), ("ending", ending)):
        if rows:
            con.executemany(f"INSERT INTO {relation} VALUES ({', '.join('?' * len(rows[0]))})", rows)  # noqa: S608 - ours
    target.change.facts[LINES] = facts
    target.change.facts[WITHDRAWN] = _without_rows(con, target, facts)
    prepare_lines(con, held(target.change.facts))


def _others_numbered(made: Mapping[int, tuple[list[Line], Any]], numbering: Any) -> Iterator[int]:
    """Numbers for the lines that have none, in their order: given in one go."""
    waiting = [first for first, (lines, _) in made.items() for one in lines if one.number is None]
    return iter(numbering.give_others(waiting))


def _without_rows(con: Any, target: Destination, facts: Facts) -> list[int]:
    """The lines that a replaced delivery told of, and none tells of any more. While a part is
    damaged it is not asked: nobody is withdrawn.
    """
    if not facts or not all(map(target.whole, target.change.partitions)):
        return []
    files = [exact(path) for day in target.change.partitions for path, _ in target.others(day)]
    told = f"(SELECT number AS subscriber FROM attached UNION SELECT subscriber FROM {_read(files)})"  # noqa: S608 - our own files
    if not files:
        told = "(SELECT number AS subscriber FROM attached)"
    later = [number for first, lines in facts.items() for number, _ in lines if str(number) != first]
    query = f"SELECT unnest(?::INTEGER[]) AS number EXCEPT SELECT subscriber FROM {told} ORDER BY number"  # noqa: S608 - our own files
    return [number for (number,) in con.execute(query, [later]).fetchall()]


def held(facts: Mapping[str, Any]) -> Facts:
    """The lines of the table of subscribers, by its facts, without those that were withdrawn."""
    withdrawn = set(facts.get(WITHDRAWN, ()))
    return {
        first: [line for line in lines if line[0] not in withdrawn]
        for first, lines in facts.get(LINES, {}).items()
    }


def _refuse_many(con: Any, made: Mapping[int, tuple[list[Line], list[tuple[int, Sighting]]]]) -> None:
    changed = sum(any(one.number is None for one in lines) for lines, _ in made.values())
    # Of everybody who is known, not of the file: one of changes alone is no sign.
    ((known,),) = con.execute("SELECT count(*) FROM known_subscriber").fetchall()
    if known >= FEWEST_KNOWN and changed and wilson(min(changed, known), known).low > MANY:
        raise ManyNewHolders(changed=f"{changed:,}", known=f"{known:,}")


def _end(one: Line, after: Line) -> tuple[int, date, date, str | None]:
    assert one.number is not None  # noqa: S101 - numbers were given
    told, last = after.seen[0], one.seen[-1]
    ended = max(after.since - timedelta(1), last.activated_on)
    return one.number, told.day, ended, "transferred" if told.activated_on == last.activated_on else None


def _sightings(con: Any, target: Destination, facts: Facts) -> None:
    """The relations `known_row` of earlier rows and `new_row` of this file's, both by the number first given."""
    con.execute(
        'CREATE OR REPLACE TEMP TABLE new_row AS SELECT line, identity.number AS "first", v_recorded_on AS day, '
        "v_customer AS customer, v_activated_on AS activated_on, v_ended_on AS ended_on "
        "FROM typed JOIN identity USING (digest) WHERE fault IS NULL"
    )
    prepare_lines(con, facts)
    files = [exact(path) for day in target.change.partitions for path, _ in target.others(day)]
    if not files:
        con.execute("CREATE OR REPLACE TEMP TABLE known_row AS SELECT *, line AS number FROM new_row LIMIT 0")
        return
    described = con.execute(f"DESCRIBE SELECT * FROM {_read(files)}").fetchall()  # noqa: S608 - our own files
    present = {name for (name, *_) in described}
    ended = "ended_on" if "ended_on" in present else "NULL::DATE"
    con.execute(
        'CREATE OR REPLACE TEMP TABLE known_row AS SELECT coalesce(of_line."first", subscriber) AS '  # noqa: S608 - our own files
        '"first", subscriber AS number, '
        f"recorded_on AS day, customer::VARCHAR AS customer, activated_on, {ended} AS ended_on FROM {_read(files)} "
        'LEFT JOIN (SELECT DISTINCT "first", number FROM of_line) AS of_line ON of_line.number = subscriber '
        'WHERE coalesce(of_line."first", subscriber) IN (SELECT "first" FROM new_row)'
    )


def _read(files: list[str]) -> str:
    return (
        f"read_parquet([{', '.join(map(literal, files))}], hive_partitioning = false, union_by_name = true)"
    )


_SAID = (
    'SELECT "first", customer, activated_on FROM new_row UNION ALL SELECT "first", customer, activated_on '
    "FROM known_row"
)
_DOUBTFUL = (
    f'SELECT "first" FROM ({_SAID}) SEMI JOIN new_row USING ("first") GROUP BY "first" HAVING '  # noqa: S608
    "count(DISTINCT ltrim(customer, '0')) > 1 "
    "OR min(activated_on) <> max(activated_on) "
    'UNION SELECT "first" FROM of_line SEMI JOIN new_row USING ("first")'
)


def _told(con: Any, facts: Facts) -> dict[int, tuple[list[Line], list[tuple[int, Sighting]]]]:
    """For each doubtful number its lines, those still to be numbered among them, and the rows of the file by line."""
    seen: dict[int, dict[int, list[Sighting]]] = defaultdict(lambda: defaultdict(list))
    said = 'day, customer, activated_on, ended_on FROM {} SEMI JOIN doubtful USING ("first") ORDER BY day, activated_on'
    query = f'SELECT "first", number, {said.format("known_row")}'
    for first, number, *rest in con.execute(query).fetchall():
        seen[first][number].append(_sighting(*rest))
    made: dict[int, tuple[Lines, list[tuple[int, Sighting]]]] = {}
    query = f'SELECT "first", line, {said.format("new_row")}, line'
    for first, line, *rest in con.execute(query).fetchall():
        known = facts.get(str(first), [[first, str(EVER)]])
        if first not in made:
            lines = [Line(n, date.fromisoformat(since), tuple(seen[first][n])) for n, since in known]
            made[first] = (Lines(lines), [])
        row = _sighting(*rest)
        made[first][0].tell(row)
        made[first][1].append((line, row))
    return {first: (one.lines, told) for first, (one, told) in made.items()}


def _sighting(day: date, customer: str | None, activated_on: date, ended_on: date | None) -> Sighting:
    return Sighting(day=day, customer=customer, activated_on=activated_on, ended_on=ended_on)


def write_ends(con: Any, target: Destination, delivery: str) -> None:
    """Say of the lines of `ending` that they ended, as of the day on which that was told: with the delivery that told
    it.
    """
    files = [exact(path) for of_day in target.change.partitions for path, _ in target.others(of_day)]
    said = {
        "recorded_on": "ending.day AS recorded_on",
        "customer": "customer::VARCHAR AS customer",
        "ended_on": "ending.ended_on AS ended_on",
        "end_reason": "ending.why AS end_reason",
    }
    columns = ", ".join(said.get(column.name, column.name) for column in SUBSCRIBERS.columns)
    for (day,) in con.execute("SELECT DISTINCT day::VARCHAR FROM ending").fetchall():
        file = target.change.new_file(day)
        con.execute(
            f"COPY (SELECT {columns} FROM {_read(files)} AS told JOIN ending ON told.subscriber = "  # noqa: S608 - names of our own
            "ending.number "
            f"WHERE ending.day = DATE '{day}' AND told.recorded_on < ending.day "
            "QUALIFY row_number() OVER (PARTITION BY told.subscriber ORDER BY told.recorded_on DESC) = 1) "
            f"TO {literal(str(file))} (FORMAT parquet, COMPRESSION zstd)"
        ).fetchall()
        target.add(day, file, delivery)
