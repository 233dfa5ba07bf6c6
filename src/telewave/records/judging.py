"""One file judged row by row in DuckDB: accepted rows to their days, refused rows to quarantine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from telewave.kernel import Malformed, Message
from telewave.platform.settings import COUNTRY
from telewave.records.absences import naming_of
from telewave.records.check_plan import Plan, part
from telewave.records.checks import RECORD, stored_columns, typed_query
from telewave.records.destination import Destination
from telewave.records.handing_over import attach, write_ends
from telewave.records.look_samples import look_at_file
from telewave.records.mapping import Source, TableMapping, sources_of
from telewave.records.model import Column, Contract
from telewave.records.quarantine import write_refused
from telewave.records.reading import Raw, header_of, read_raw
from telewave.records.repairs_done import REPAIR_BITS
from telewave.records.repetition import refuse_repetitions
from telewave.records.report import FileReport
from telewave.records.snapshots import Naming
from telewave.records.spelling import spell
from telewave.records.sql_text import literal


class ColumnsMissing(Malformed):
    """{file} has no column for {columns} of {table}. It has: {header}. Name the right column under `columns` in the
    mapping (`{first}: <its name>`), or give a `constant`.
    """

    code = "columns_missing"


class ColumnNotInFile(Malformed):
    """The mapping takes {column} from {source!r}, but {file} has no such column. It has: {header}. {hint}"""

    code = "column_not_in_file"


class AmbiguousColumn(Malformed):
    """{file} has {count} columns called {column}, at the places {places}. Rename all but one, or, for a table of a
    contract, name the right one by its place, for example `from: {first}`.
    """

    code = "ambiguous_column"


class Numbering(Protocol):
    """Subscriber numbers for the outside identifiers of the relation `typed`, by their column `digest`."""

    def look_up(self) -> None:
        """Put the numbers of those that are known into the relation `identity`."""

    def give_numbers(self) -> int:
        """Give numbers to the others in good rows; returns to how many. After `look_up`."""

    def give_others(self, numbers: Sequence[int]) -> list[int]:
        """A number for another holder of the outside identifier of each of `numbers`, all or none."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The outcome of one file, before it is reported. `quarantine`: file of refused rows,
    None for none; `naming`: of a full snapshot.
    """

    report: FileReport
    quarantine: Path | None
    naming: Naming | None = None


def compile_plan(
    path: Path,
    mapping: TableMapping,
    contract: Contract,
    today: date,
    timezone: str,
    *,
    native: bool,
    country: str = COUNTRY,
) -> Plan:
    """Match the file's header with the mapping.

    Raises `ColumnsMissing`, `ColumnNotInFile`, `AmbiguousColumn` or a reading error.
    """
    header = header_of(path, mapping.file)
    sources = sources_of(mapping, contract, header)
    missing = [
        c.name for c in contract.columns if c.required and c.name not in sources and not _spared(c, sources)
    ]
    shown = ", ".join(header)
    if missing:
        raise ColumnsMissing(
            file=path.name, columns=", ".join(missing), table=contract.name, header=shown, first=missing[0]
        )
    places = {
        name: place_of(source.source, name, header, path.name)
        for name, source in sources.items()
        if source.source is not None
    }
    more = {
        name: tuple(place_of(other, name, header, path.name) for other in source.also)
        for name, source in sources.items()
        if source.also
    }
    record_id = mapping.record_id
    return Plan(
        contract=contract,
        sources=sources,
        places=places,
        file=mapping.file,
        today=today,
        timezone=timezone,
        native=native,
        more=more,
        country=country,
        width=len(header),
        record_id=None if record_id is None else place_of(record_id, "record_id", header, path.name),
        repeats=(contract.repeats and record_id is None) if mapping.repeats is None else mapping.repeats,
        full=mapping.full,
        reversals=mapping.reversals,
        continues=None
        if mapping.continues is None
        else place_of(mapping.continues, "continues", header, path.name),
    )


def _spared(column: Column, sources: Mapping[str, Source]) -> bool:
    """Whether all rows are of kinds for which nothing is measured in the column."""
    kind = sources.get("kind")
    return kind is not None and kind.constant in column.spared


def place_of(source: str | int, column: str, header: tuple[str, ...], file: str) -> int:
    """The place from 0 of a source column. Raises `ColumnNotInFile`, with the nearest name, or `AmbiguousColumn`."""
    if isinstance(source, int) and str(source) not in header:
        if 1 <= source <= len(header):
            return source - 1
    elif str(source) in header:
        return _only_place(str(source), header, file)
    raise not_in_file(source, column, header, file)


def _only_place(name: str, header: tuple[str, ...], file: str) -> int:
    places = [place for place, found in enumerate(header) if found == name]
    if len(places) > 1:
        shown = ", ".join(str(place + 1) for place in places)
        raise AmbiguousColumn(file=file, count=len(places), column=name, places=shown, first=places[0] + 1)
    return places[0]


def not_in_file(source: str | int, column: str, header: tuple[str, ...], file: str) -> ColumnNotInFile:
    """The error for a source column that the file has not, with the nearest name."""
    import difflib

    near = difflib.get_close_matches(str(source), header, n=1)
    hint = Message("Did you mean {near!r}?", near=near[0]) if near else Message("Correct it in the mapping.")
    return ColumnNotInFile(column=column, source=source, file=file, header=", ".join(header), hint=hint)


def judge(
    con: Any,
    plan: Plan,
    path: Path,
    delivery: str,
    target: Destination,
    numbering: Numbering,
    *,
    look: int = 0,
) -> Judged:
    """Judge the file and add its good rows to `target`; only a table that refers to no other gives
    new numbers. `look`: of how many rows to say what stands in them.
    """
    raw = read_raw(con, path, plan.file, plan.wanted(), target.folder())
    con.execute(f"CREATE OR REPLACE TEMP TABLE typed AS {typed_query(spell(con, plan))}")
    if not plan.native:
        numbering.look_up()
        if not plan.contract.refers:
            numbering.give_numbers()
            attach(con, target, numbering)
    _place_subscribers(con, plan)
    joined = refuse_repetitions(con, plan, path, target)
    days = _write_days(con, plan, delivery, target)
    if not plan.native and not plan.contract.refers:
        write_ends(con, target, delivery)
    quarantine = write_refused(con, plan, raw, delivery, target)
    naming = naming_of(con, raw.rows, sum(raw.spoilt.values())) if plan.full else None
    report = report_of(con, plan, path, delivery, raw, days)
    report = replace(report, joined=joined)
    if look:
        report = replace(report, look=look_at_file(con, plan, path, look))
    return Judged(report, quarantine, naming)


def _place_subscribers(con: Any, plan: Plan) -> None:
    """The relation `judged`: `typed` with subscriber numbers, unknown ones at fault."""
    known, join = "v_subscriber", ""
    if not plan.native:
        known, join = "identity.number", "LEFT JOIN identity USING (digest)"
        known, join = _by_holder(con, plan, known, join)
    unknown = (
        f"WHEN {known} IS NULL OR {known} NOT IN (FROM known_subscriber) THEN 'unknown_subscriber:subscriber'"
    )
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE judged AS SELECT typed.* REPLACE ({known} AS v_subscriber, "
        f"CASE WHEN fault IS NOT NULL THEN fault {unknown if plan.contract.refers else ''} END AS fault), "
        f"NULL::VARCHAR AS other, 1::BIGINT AS nth FROM typed {join}"
    )
    con.execute("DROP TABLE typed")


def _by_holder(con: Any, plan: Plan, known: str, join: str) -> tuple[str, str]:
    """The same, with the line that held the number on the row's day, where numbers had several holders."""
    holders = "of_line" if plan.contract.refers else "attached"
    if not con.execute(f"SELECT count(*) FROM {holders}").fetchall()[0][0]:
        return known, join
    if not plan.contract.refers:
        return f"coalesce(attached.number, {known})", f"{join} LEFT JOIN attached USING (line)"
    day = f"CAST({part('v', plan.contract.column(plan.contract.dated_by))} AS DATE)"
    then = f'of_line."first" = {known} AND {day} >= of_line.since AND {day} < of_line.until'
    return f"coalesce(of_line.number, {known})", f"{join} LEFT JOIN of_line ON {then}"


def _write_days(con: Any, plan: Plan, delivery: str, target: Destination) -> dict[str, int]:
    """Accepted rows as one file a day and writing thread; returns the rows by day."""
    day = f"CAST(v_{plan.contract.dated_by} AS DATE)"
    counted = con.execute(
        f"SELECT {day}::VARCHAR, count(*) FROM judged WHERE fault IS NULL GROUP BY 1 ORDER BY 1"
    ).fetchall()
    columns = stored_columns(plan.contract) + (f", {RECORD}" if plan.record_id is not None else "")
    if len(counted) == 1:
        file = target.change.new_file(counted[0][0])
        copy_to(con, f"SELECT {columns} FROM judged WHERE fault IS NULL", file)
        target.add(counted[0][0], file, delivery)
    elif counted:
        folder = target.folder()
        query = f'SELECT {columns}, {day}::VARCHAR AS "_day" FROM judged WHERE fault IS NULL'
        copy_to(con, query, folder, ", PARTITION_BY (_day)")
        for file in sorted(folder.glob("_day=*/*.parquet")):
            target.add(file.parent.name.removeprefix("_day="), file, delivery)
    return dict(counted)


def copy_to(con: Any, query: str, target: Path, options: str = "") -> None:
    """Write the rows of `query` to `target`."""
    to = literal(str(target))
    con.execute(f"COPY ({query}) TO {to} (FORMAT parquet, COMPRESSION zstd{options})").fetchall()


def report_of(
    con: Any, plan: Plan, path: Path, delivery: str, raw: Raw, days: Mapping[str, int]
) -> FileReport:
    """What became of the rows of the relation `judged`, and of the lines that never became rows."""
    counts = ", ".join(f"count(*) FILTER (WHERE repairs & {bit} > 0)" for bit in REPAIR_BITS.values())
    repaired, *each = con.execute(
        f"SELECT count(*) FILTER (WHERE repairs > 0), {counts} FROM judged WHERE fault IS NULL"
    ).fetchall()[0]
    repairs = {name: rows for name, rows in zip(REPAIR_BITS, each, strict=True) if rows}
    if raw.byte_order_mark:
        repairs = {"byte_order_mark": 1, **repairs}
    faults = con.execute(
        "SELECT fault, count(*) FROM judged WHERE fault IS NOT NULL GROUP BY 1 ORDER BY 1"
    ).fetchall()
    refused = {(fault.partition(":")[0], fault.partition(":")[2]): rows for fault, rows in faults}
    refused |= {(reason, ""): lines for reason, lines in raw.spoilt.items()}
    used = set(plan.wanted())
    ignored = tuple(name for place, name in enumerate(raw.header) if place not in used)
    return FileReport(
        file=path.name,
        delivery=delivery,
        table=plan.contract.name,
        read=raw.rows,
        accepted=sum(days.values()),
        repaired=repaired,
        repairs=repairs,
        refused=refused,
        days=days,
        blank=raw.blank,
        headers=raw.headers,
        surplus=raw.surplus,
        ignored_columns=ignored,
    )
