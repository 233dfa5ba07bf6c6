"""Takes the rows that are looked at out of a file that was judged in DuckDB: all of
a small one, else rows spread evenly over it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from telewave.records.cells import words_for_nothing
from telewave.records.check_plan import Plan, part
from telewave.records.contracts import CONTRACTS
from telewave.records.first_rows import beginning
from telewave.records.guessing import plain, words_of
from telewave.records.look import ColumnLook, Counted, Look, Sort, Takers
from telewave.records.looking import ColumnRows, compared, look_at, takers_of, telling
from telewave.records.mapping import SampleMapping, Source
from telewave.records.model import OUTSIDE, Column, Kind
from telewave.records.row_lines import BLANKS
from telewave.records.sql_text import literal, literals

MOST = 100_000
"""Rows that are looked at, of the first file."""
BEGINNING = 5_000
"""Rows by which columns that no mapping uses are known."""
SERVING = ("outcome", "sequence")


def rows_to_look_at(files: int) -> list[int]:
    """Of how many rows of each file of a delivery is looked at: many of the first, and about as many of all others
    together.

    >>> rows_to_look_at(1), rows_to_look_at(3), rows_to_look_at(200)[-1]
    ([100000], [100000, 50000, 50000], 5000)
    """
    others = max(BEGINNING, MOST // max(files - 1, 1))
    return [MOST, *[others] * (files - 1)]


def look_at_file(con: Any, plan: Plan, path: Path, most: int) -> Look:
    """What the file of a contract holds, by about `most` of its rows: of the relations `raw` and `judged`."""
    sample, rows = _sample(con, plan, (), most)
    taken = [_rows_of(con, plan, column, sample) for column in _columns(plan)]
    looks = compared([look_at(one) for one in taken], taken)
    unused, looked = _unused(plan, path)
    return Look(
        file=path.name,
        table=plan.contract.name,
        rows=rows,
        looked=sample.num_rows,
        columns=(*looks, *unused),
        unused_looked=looked,
    )


def look_at_outside_file(
    con: Any, plan: Plan, path: Path, mapping: SampleMapping, outcome: str, *, most: int
) -> Look:
    """The same of an outside table; `outcome`: SQL of the outcome of a row."""
    said = f"CASE WHEN fault IS NULL THEN ({outcome})::DOUBLE END AS takes"
    sample, rows = _sample(con, plan, (said,) if mapping.outcome else (), most)
    columns = _columns(plan)
    taken = [_rows_of(con, plan, column, sample) for column in columns]
    looks: Sequence[ColumnLook] = compared([look_at(one) for one in taken], taken)
    takers = None
    if mapping.outcome:
        outcomes = sample["takes"].to_numpy()
        looks = [telling(look, one, outcomes) for look, one in zip(looks, taken, strict=True)]
        takers = _takers(mapping, outcomes, sample)
    unused, looked = _unused(plan, path)
    asked = [c for c, look in zip(columns, looks, strict=True) if _says_something(look)]
    return Look(
        file=path.name,
        table=mapping.table,
        rows=rows,
        looked=sample.num_rows,
        columns=(*looks, *unused),
        takers=takers,
        repeated=_repeated(con, asked) if asked else None,
        asked=len(asked),
        outside=True,
        keyed=mapping.key is not None,
        ignored=mapping.ignored,
        described=tuple(one.source.column for one in mapping.variables),
        order_said=bool(mapping.said_of_order),
        unused_looked=looked,
    )


def _says_something(look: ColumnLook) -> bool:
    return look.sort is not Sort.IDENTIFIER and not look.nearly_unique


def _columns(plan: Plan) -> list[Column]:
    return [c for c in plan.contract.columns if c.name in plan.places and c.name not in SERVING]


def _sample(con: Any, plan: Plan, further: Sequence[str], most: int) -> tuple[pa.Table, int]:
    """Cleaned texts, typed values and line numbers of every so-many-th row by hash, in the
    order of the file; how many rows there are.
    """
    ((rows,),) = con.execute("SELECT count(*) FROM judged").fetchall()
    wanted = ["line", *further]
    for column in _columns(plan):
        wanted.append(part("k", column))
        if column.kind not in (*OUTSIDE, Kind.TEXT):
            wanted.append(part("v", column))
    if "sequence" in plan.places:
        wanted.append("v_sequence")
    some = f"WHERE hash(line) % {rows} < {most}" if rows > most else ""
    query = f"SELECT {', '.join(wanted)} FROM judged {some}"
    return con.sql(query).to_arrow_table().sort_by("line"), rows  # parts come in any order


def _rows_of(con: Any, plan: Plan, column: Column, sample: pa.Table) -> ColumnRows:
    source = plan.sources[column.name]
    typed = None if column.kind in (*OUTSIDE, Kind.TEXT) else sample[f"v_{column.name}"]
    return ColumnRows(
        name=_name(source, column),
        feeds=column.name,
        kind=column.kind,
        texts=sample[f"k_{column.name}"],
        values=typed,
        unit=column.unit,
        unknown=tuple(_unknown(con, plan, column, source)),
        required=column.required,
    )


def _name(source: Source, column: Column) -> str:
    return column.name if source.source is None else " + ".join(map(str, (source.source, *source.also)))


def _unknown(con: Any, plan: Plan, column: Column, source: Source) -> Iterator[Counted]:
    """Words of the whole file that become unknown, with their rows."""
    if column.name in plan.more or source.otherwise is not None:
        return
    words = words_for_nothing(column, source, plan.file)
    text = f"trim(c{plan.places[column.name] + 1}, {literal(BLANKS)})"
    longest = max(len(word.encode()) for word in ("", *words))
    counted = con.execute(
        f"SELECT text, count(*) FROM (SELECT {text} AS text FROM raw) WHERE strlen(text) <= {longest} "
        f"AND text IN ({literals(('', *words))}) GROUP BY 1 ORDER BY 2 DESC, 1"
    ).fetchall()
    for word, rows in counted:
        yield Counted(text=word, rows=rows)


def _takers(mapping: SampleMapping, outcomes: Any, sample: pa.Table) -> Takers:
    order, by = None, ""
    if isinstance(mapping.order, Source):
        order, by = _orderly(sample["v_sequence"].combine_chunks()), str(mapping.order.source)
    return takers_of(mapping.outcome or "", outcomes, sample["line"].combine_chunks(), order, by)


def _orderly(texts: Any) -> Any:
    """As whole numbers or numbers, where they are such: 10 comes after 9."""
    for kind in (pa.int64(), pa.float64()):
        try:
            return pc.cast(texts, kind)
        except pa.ArrowInvalid:
            continue
    return texts


def _repeated(con: Any, columns: Sequence[Column]) -> int:
    """Rows that repeat an earlier one in all these columns."""
    every = ", ".join(part("k", column) for column in columns)
    ((rows,),) = con.execute(f"SELECT count(*) - count(DISTINCT hash({every})) FROM judged").fetchall()
    return int(rows)


def _unused(plan: Plan, path: Path) -> tuple[list[ColumnLook], int]:
    """Columns of the file that no mapping uses, by its beginning."""
    if plan.native or len(plan.wanted()) == plan.width:
        return [], 0
    first = beginning(path, plan.file, BEGINNING)
    used = set(plan.wanted())
    places = [place for place, name in enumerate(first.names) if place not in used and name]
    looks = [_by_its_beginning(first.names[p], [row[p] for row in first.rows]) for p in places]
    return [replace(look, could_feed=_reads_like(plan, look.name)) for look in looks], len(first.rows)


def _reads_like(plan: Plan, name: str) -> str:
    """The column of the contract without a source that this one is called after; empty for none or several."""
    if plan.contract.name not in CONTRACTS:
        return ""
    found = [
        c.name
        for c in plan.contract.columns
        if c.name not in plan.sources and plain(name) in words_of(plan.contract, c)
    ]
    return found[0] if len(found) == 1 else ""


def _by_its_beginning(name: str, cells: Sequence[str]) -> ColumnLook:
    texts = pa.array([cell.strip(BLANKS) or None for cell in cells], pa.string())
    try:
        values = pc.cast(texts, pa.float64())
        kind = Kind.NUMBER if values.null_count < len(values) else Kind.TEXT
    except pa.ArrowInvalid:
        values, kind = _days(texts), Kind.DATE
        kind = Kind.TEXT if values is None else Kind.DATE
    told = kind is Kind.TEXT or _coded(texts)
    rows = ColumnRows(
        name=name, feeds="", kind=Kind.TEXT if told else kind, texts=texts, values=None if told else values
    )
    look = look_at(rows)
    empty = texts.null_count
    return replace(look, unknown=(Counted(text="", rows=empty),) if empty else ())


def _coded(texts: Any) -> bool:
    """Digits that are a name: with a zero in front, or as long as a telephone number."""
    return bool(pc.any(pc.match_substring_regex(texts, "^(0[0-9]+|[0-9]{11,})$")).as_py())


def _days(texts: Any) -> Any:
    for written in ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y-%m-%d %H:%M:%S"):
        try:
            return pc.strptime(texts, written, "s").cast(pa.date32(), safe=False)
        except pa.ArrowInvalid:
            continue
    return None
