"""Quarantine: refused rows, with where they stood, why they were refused and what to do. Identifiers are masked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from telewave.kernel import Label, Message
from telewave.platform.engine import exact
from telewave.platform.languages import render
from telewave.platform.warehouse import Warehouse
from telewave.records.check_plan import Plan
from telewave.records.destination import Destination
from telewave.records.faults import limit_of
from telewave.records.model import OUTSIDE
from telewave.records.reading import Raw
from telewave.records.reasons import Reason, remedy
from telewave.records.sql_text import literal

COLUMNS: dict[str, pa.DataType] = {
    "delivery": pa.string(),
    "row": pa.int64(),
    "reason": pa.string(),
    "column": pa.string(),
    "value": pa.string(),
    "what_to_do": pa.string(),
    "what_to_do_zh": pa.string(),
    "raw": pa.string(),
}
SCHEMA = pa.schema(COLUMNS)
LONGEST_VALUE = 200


def table_of(table: str) -> str:
    """The warehouse table that holds the refused rows of `table`."""
    return f"quarantine.{table}"


def masked(text: str) -> str:
    """SQL: `text` with all but its last four characters hidden; short ones wholly."""
    return f"CASE WHEN length({text}) > 4 THEN '****' || right({text}, 4) ELSE '****' END"


def write_refused(con: Any, plan: Plan, raw: Raw, delivery: str, target: Destination) -> Path | None:
    """Write the rows at fault of `judged`, and the lines that never became rows, to a file aside; None for none."""
    faults = con.execute("SELECT DISTINCT fault FROM judged WHERE fault IS NOT NULL").fetchall()
    if not faults and raw.spoilt_lines is None:
        return None
    sentences = [(fault, *_sentences(plan, fault)) for (fault,) in faults]
    sentences += [(f"{reason}:", *_of_lines(raw, reason)) for reason in raw.spoilt]
    con.execute("CREATE OR REPLACE TEMP TABLE sentence (fault VARCHAR, en VARCHAR, zh VARCHAR)")
    con.executemany("INSERT INTO sentence VALUES (?, ?, ?)", sentences)
    rows = [_refused_rows(plan, delivery)]
    rows += [_spoilt_lines(raw.spoilt_lines, delivery)] if raw.spoilt_lines else []
    path = target.folder() / "refused.parquet"
    con.execute(
        f"COPY (SELECT * FROM ({' UNION ALL '.join(rows)}) ORDER BY row) "
        f"TO {literal(str(path))} (FORMAT parquet, COMPRESSION zstd)"
    ).fetchall()
    return path


def _sentences(plan: Plan, fault: str) -> tuple[str, str]:
    """Both languages, with `{value}` left open for each row's own value."""
    reason, _, name = fault.partition(":")
    column = plan.contract.column(name) if name else plan.contract.columns[0]
    source = plan.sources.get(name)
    written = name if source is None or source.source is None else source.source
    label = column.label
    shown = (
        label
        if written in (label.en, label.zh)
        else Label(f"{label.en} ({written})", f"{label.zh}({written})")
    )
    message = remedy(Reason(reason), shown, _Open(), limit_of(plan, reason, column))
    return render(message, "en"), render(message, "zh")


def _of_lines(raw: Raw, reason: str) -> tuple[str, str]:
    """The same for lines that never became rows."""
    message = remedy(Reason(reason), "", _Open(), len(raw.header))
    return render(message, "en"), render(message, "zh")


class _Open:
    """Stands for a value that is filled in later, whatever conversion the sentence asks for."""

    def __format__(self, spec: str) -> str:
        return "{value}"

    def __repr__(self) -> str:
        return "'{value}'"


def _refused_rows(plan: Plan, delivery: str) -> str:
    """SELECT of the refused rows in the schema of quarantine."""
    values = []
    cells = []
    for column in plan.contract.columns:
        if column.name not in plan.places:
            continue
        cell = plan.written(column.name)
        if column.kind in OUTSIDE and not plan.native:
            cell = masked(cell)
        cells.append(f"{literal(column.name + '=')} || coalesce({cell}, '')")
        values.append(f"WHEN {literal(column.name)} THEN {cell}")
    value = (
        f"left(replace(CASE substring(fault, strpos(fault, ':') + 1) {' '.join(values)} END, chr(0), ''), "
        f"{LONGEST_VALUE})"
    )
    value = f"coalesce(other, {value}, '')"
    return f"""
        SELECT {literal(delivery)} AS delivery, line AS row, split_part(fault, ':', 1) AS reason,
               substring(fault, strpos(fault, ':') + 1) AS "column", {value} AS "value",
               replace(en, '{{value}}', {value}) AS what_to_do, replace(zh, '{{value}}', {value}) AS what_to_do_zh,
               concat_ws(' | ', {", ".join(cells)}) AS raw
        FROM (SELECT judged.*, raw.* EXCLUDE (line) FROM judged JOIN raw USING (line) WHERE fault IS NOT NULL)
        JOIN sentence USING (fault)
    """


def _spoilt_lines(file: Path, delivery: str) -> str:
    """SELECT of the lines that never became rows in the schema of quarantine."""
    return f"""
        SELECT {literal(delivery)}, line, reason, '', found, replace(en, '{{value}}', found),
        replace(zh, '{{value}}', found), text
        FROM read_parquet({literal(exact(file))}, hive_partitioning = false) JOIN sentence ON fault = reason || ':'
    """


def publish(target: Destination, files: dict[str, Path]) -> None:
    """Add the refused rows of deliveries to the table of quarantine, before the table itself is switched.

    Older versions stay until `prune`: the facts of the table say which file counts, so whichever moment a process
    dies at, quarantine and table tell of the same versions.
    """
    if not files:
        return
    with target.warehouse.change(table_of(target.table)) as change:
        for delivery, file in files.items():
            stored = change.new_file(_partition(delivery))
            file.replace(stored)
            change.add(_partition(delivery), stored, delivery)
            name = str(stored.relative_to(target.warehouse.root / table_of(target.table)))
            target.deliveries[delivery]["quarantine"] = name


def prune(warehouse: Warehouse, table: str) -> None:
    """Take out of quarantine what the table's present deliveries do not name.

    No other delivery of the table may come between: its refused rows are in quarantine before the table names them.
    """
    with warehouse.turn(table):
        named = _named(warehouse, table)
        held = warehouse.manifest(table_of(table)).partitions
        if all(file.path in named for files in held.values() for file in files):
            return
        folder = warehouse.root / table_of(table)
        with warehouse.change(table_of(table)) as change:
            for partition, files in list(change.partitions.items()):
                kept = {folder / file.path: file.origin for file in files if file.path in named}
                change.set(partition, kept)


def _named(warehouse: Warehouse, table: str) -> set[str]:
    facts = warehouse.manifest(table).facts.get("deliveries", {})
    return {entry["quarantine"] for entry in facts.values() if entry.get("quarantine")}


def _partition(delivery: str) -> str:
    """A folder name of its own for the delivery."""
    import hashlib

    return hashlib.sha256(delivery.encode()).hexdigest()[:16]


def refused_rows(warehouse: Warehouse, table: str) -> ir.Table:
    """The rows in quarantine of `table`, in the columns of `SCHEMA`."""
    named = _named(warehouse, table)
    held = warehouse.manifest(table_of(table)).partitions
    files = {key: [part for part in parts if part.path in named] for key, parts in held.items()}
    return warehouse.engine.read(warehouse.paths(table_of(table), files), SCHEMA)


def quarantined_tables(warehouse: Warehouse) -> list[str]:
    """Tables that have refused rows now."""
    return [
        name for name in warehouse.tables() if not name.startswith("quarantine.") and _named(warehouse, name)
    ]


def nothing_refused(table: str) -> Message:
    """What to say of a table without refused rows."""
    return Message("Nothing of {table} is in quarantine.", table=table)
