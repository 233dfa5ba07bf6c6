"""Commands of `records` on what was read: quarantine, tables."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from telewave.kernel import Label, Message, Missing
from telewave.platform.languages import Language
from telewave.platform.terminal import Session, TableCell, spoken
from telewave.records.reasons import LABELS, Reason


class NothingQuarantined(Missing):
    """Nothing of {table} is in quarantine. See `telewave quarantine` for what is."""

    code = "nothing_quarantined"


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command("quarantine", help=spoken("Show the rows that were refused, and export them."))(
        quarantine_command
    )
    app.command("tables", help=spoken("Show what the warehouse holds."))(tables_command)


def quarantine_command(
    context: typer.Context,
    table: Annotated[str | None, typer.Argument(help=spoken("Table whose refused rows to show."))] = None,
    export: Annotated[
        Path | None, typer.Option(help=spoken("CSV file to write the refused rows to."))
    ] = None,
) -> None:
    """List refused rows by delivery and reason, or export them."""
    from telewave.records.quarantine import nothing_refused, quarantined_tables

    session: Session = context.obj
    tables = [table] if table else quarantined_tables(session.warehouse)
    if table and table not in quarantined_tables(session.warehouse):
        raise NothingQuarantined(table=table)
    if not tables:
        session.say(nothing_refused("*"))
    for name in tables:
        _list_refused(session, name)
    if export is not None:
        rows = _export(session, tables, export)
        session.say(Message("{rows} refused rows written to {file}", rows=f"{rows:,}", file=str(export)))


def _list_refused(session: Session, table: str) -> None:
    import ibis

    from telewave.records.ingest_report import column_name, table_name
    from telewave.records.quarantine import refused_rows

    rows = refused_rows(session.warehouse, table)
    told = "what_to_do_zh" if session.language == "zh" else "what_to_do"
    grouped = rows.group_by("delivery", "reason", "column").agg(
        rows=rows.count(), first=rows.row.min(), example=rows[told].argmin(rows.row)
    )
    found = session.warehouse.engine.fetch(grouped.order_by("delivery", ibis.desc("rows"))).to_pylist()
    session.table(
        Message("Refused rows of {table}", table=table_name(table)),
        [
            Message("Delivery"),
            Message("Reason"),
            Message("Column"),
            Message("Rows"),
            Message("First row"),
            Message("What to do, for example"),
        ],
        [
            [
                r["delivery"],
                LABELS[Reason(r["reason"])],
                column_name(table, r["column"]),
                r["rows"],
                r["first"],
                r["example"],
            ]
            for r in found
        ],
    )


def _export(session: Session, tables: Sequence[str], target: Path) -> int:
    from telewave.records.quarantine import refused_rows

    total = 0
    with target.open(
        "w", newline="", encoding="utf-8-sig"
    ) as out:  # the mark makes spreadsheets read it right
        writer = csv.writer(out)
        writer.writerow(_export_header(session.language))
        told = "what_to_do_zh" if session.language == "zh" else "what_to_do"
        for table in tables:
            relation = refused_rows(session.warehouse, table).order_by("delivery", "row")
            wanted = relation.select("delivery", "row", "reason", "column", "value", told, "raw")
            for batch in session.warehouse.engine.fetch(wanted).to_batches(10_000):
                writer.writerows((table, *row.values()) for row in batch.to_pylist())
                total += batch.num_rows
    return total


def _export_header(language: Language) -> list[str]:
    if language == "zh":
        return ["表", "交付文件", "行号", "原因", "列", "值", "处理办法", "原始行"]
    return ["table", "delivery", "row", "reason", "column", "value", "what to do", "raw row"]


def tables_command(context: typer.Context) -> None:
    """What the warehouse holds."""
    from telewave.records.contracts import CONTRACTS
    from telewave.records.ingest_report import span, table_name

    session: Session = context.obj
    lines: list[list[TableCell]] = []
    for table in session.warehouse.tables():
        manifest = session.warehouse.manifest(table)
        origins = [file.origin for files in manifest.partitions.values() for file in files]
        delivered = table in CONTRACTS or table.startswith("samples.")  # others are made, not delivered
        latest = max(origins, default="") if delivered else ""
        title = Label(**manifest.facts["title"]) if "title" in manifest.facts else table_name(table)
        lines.append([title, table, span(sorted(manifest.partitions)), manifest.rows, latest])
    session.table(
        Message("The warehouse"),
        [
            Message("Table"),
            Message("Name"),
            Message("Partitions"),
            Message("Rows"),
            Message("Latest delivery"),
        ],
        lines,
    )
