"""Commands of `records`: check, ingest, quarantine, tables."""

from __future__ import annotations

import csv
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from telewave.kernel import Label, Malformed, Message, Missing
from telewave.platform.files import STREAM
from telewave.platform.languages import Language
from telewave.platform.terminal import Session, TableCell, Text, spoken
from telewave.records.reasons import LABELS, REPAIRS, Reason
from telewave.records.report import FileReport, IngestReport

if TYPE_CHECKING:
    from telewave.records.mapping import Mapping

SHOWN_FILES = 20


class InputUnnamed(Malformed):
    """What comes from standard input has no name, and the name says which delivery it is. Add --name, for example --name calls-2026-07-01.csv."""

    code = "input_unnamed"


class NothingQuarantined(Missing):
    """Nothing of {table} is in quarantine. See `telewave quarantine` for what is."""

    code = "nothing_quarantined"


Paths = Annotated[
    list[Path],
    typer.Argument(help=spoken("Files to read, or one folder with tables in contract form.")),
]
MapFile = Annotated[
    Path | None,
    typer.Option("--map", help=spoken("Mapping file; without it the files must be in contract form.")),
]
Replace = Annotated[
    bool,
    typer.Option(
        "--replace",
        help=spoken("Let a file take the place of an earlier one of its name, even with fewer days."),
    ),
]

Fewer = Annotated[
    bool,
    typer.Option(
        "--fewer",
        help=spoken(
            "A full snapshot (`snapshot: full`) has far fewer entries than the one before, and that is meant."
        ),
    ),
]
NameOfInput = Annotated[
    str,
    typer.Option(
        "--name",
        help=spoken("Name of what comes from standard input (-), as a file's: it says which delivery it is."),
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command("check", help=spoken("Read files and say what ingest would do; nothing is changed."))(
        check_command
    )
    app.command("ingest", help=spoken("Bring files into the warehouse."))(ingest_command)
    app.command("quarantine", help=spoken("Show the rows that were refused, and export them."))(
        quarantine_command
    )
    app.command("tables", help=spoken("Show what the warehouse holds."))(tables_command)


def check_command(
    context: typer.Context,
    files: Paths,
    mapping: MapFile = None,
    replace: Replace = False,
    fewer: Fewer = False,
    name: NameOfInput = "",
    page: Annotated[
        Path | None,
        typer.Option("--report", help=spoken("HTML page to write what stands in the file to.")),
    ] = None,
) -> None:
    """Dry run, and a look at the first file; ends like `ingest`."""
    with given(files, name) as readable:
        _run(context.obj, readable, mapping, dry=True, replace=replace, fewer=fewer, page=page)


def ingest_command(
    context: typer.Context,
    files: Paths,
    mapping: MapFile = None,
    replace: Replace = False,
    fewer: Fewer = False,
    name: NameOfInput = "",
) -> None:
    """Ingest, and end with code 1 where a file could not be taken, or nothing of it was accepted."""
    with given(files, name) as readable:
        _run(context.obj, readable, mapping, dry=False, replace=replace, fewer=fewer)


@contextmanager
def given(files: Sequence[Path], name: str) -> Iterator[Sequence[Path]]:
    """The files to read; standard input among them is one of its own in a folder for its owner only, gone afterwards.

    Raises `InputUnnamed`.
    """
    if STREAM not in files:
        yield files
        return
    parts = [part for part in Path(name).parts if part not in ("/", "..")]
    if not parts:
        raise InputUnnamed
    with TemporaryDirectory() as folder:
        spooled = Path(folder).joinpath(*parts)  # in contract form the folder's name is the table's
        spooled.parent.mkdir(parents=True, exist_ok=True)
        with spooled.open("wb") as out:
            shutil.copyfileobj(sys.stdin.buffer, out)
        yield [spooled if file == STREAM else file for file in files]


def _run(
    session: Session,
    files: Sequence[Path],
    mapping: Path | None,
    *,
    dry: bool,
    replace: bool,
    fewer: bool,
    page: Path | None = None,
) -> None:
    reports = _reports(session, files, _mapping(mapping), dry=dry, replace=replace, fewer=fewer)
    _show(session, reports)
    if dry:
        from telewave.records.look_report import show_look_of

        show_look_of(session, reports, files, mapping, page)
    failed = sum(len(report.problems) + len(report.in_vain) for report in reports)
    if failed:
        every = sum(len(report.files) for report in reports)
        session.say(
            Message("Of {every} files, {failed} brought nothing in.", every=every, failed=failed), "bold red"
        )
        raise typer.Exit(1)


def _mapping(path: Path | None) -> Mapping:
    from telewave.records.mapping import NATIVE
    from telewave.records.mapping_file import load_mapping

    return NATIVE if path is None else load_mapping(path)


def _reports(
    session: Session, files: Sequence[Path], mapping: Mapping, *, dry: bool, replace: bool, fewer: bool
) -> tuple[IngestReport, ...]:
    from telewave.records.mapping import NATIVE
    from telewave.records.usecases import check, check_folder, ingest, ingest_folder

    stores, clock = (session.warehouse, session.database), session.clock
    if len(files) == 1 and files[0].is_dir() and mapping == NATIVE:
        folder_case = check_folder if dry else ingest_folder
        return folder_case(*stores, files[0], session.progress, clock.today(), replace=replace)
    case = check if dry else ingest
    read = case(
        *stores,
        mapping,
        files,
        session.progress,
        clock.today(),
        replace=replace,
        fewer=fewer,
        timezone=clock.timezone,
        key_file=session.settings.keys,
        country=session.settings.country,
    )
    return (read,)


def _show(session: Session, reports: Sequence[IngestReport]) -> None:
    title = Message("What ingest would do") if reports and reports[0].dry else Message("What was ingested")
    session.table(
        title,
        [
            Message("Table"),
            Message("Days"),
            Message("Rows read"),
            Message("Accepted"),
            Message("of these repaired"),
            Message("Refused"),
            Message("Files unchanged"),
        ],
        [_line(report) for report in reports],
    )
    for report in reports:
        for note in report.notes:
            session.say(note)
        _show_repairs(session, report)
        _show_refusals(session, report)
        for file in report.files[:SHOWN_FILES]:
            _show_notes(session, file)
        for file in report.problems:
            assert file.problem is not None  # noqa: S101
            session.say(Message("{file}: {problem}", file=file.file, problem=file.problem), "bold red")
        for file in report.in_vain:
            session.say(Message("{file}: not one row was accepted.", file=file.file), "bold red")


def _line(report: IngestReport) -> list[TableCell]:
    unchanged = sum(file.unchanged for file in report.files)
    return [
        _name(report.table),
        _span(sorted(report.days)),
        report.read,
        report.accepted,
        report.repaired,
        report.rows_refused,
        unchanged,
    ]


def _name(table: str) -> Text:
    from telewave.records.contracts import CONTRACTS

    return CONTRACTS[table].label if table in CONTRACTS else table


def _column(table: str, column: str) -> Text:
    from telewave.records.contracts import CONTRACTS

    return CONTRACTS[table].column(column).label if column and table in CONTRACTS else column


def _span(days: Sequence[str]) -> str:
    if not days or days == ["all"]:
        return ""
    return days[0] if len(days) == 1 else f"{days[0]} – {days[-1]}"


def _show_repairs(session: Session, report: IngestReport) -> None:
    for repair in REPAIRS:
        rows = sum(file.repairs.get(repair.code, 0) for file in report.files)
        if rows:
            session.say(
                Message(
                    "{table}, repaired: {what} ({rows})",
                    table=_name(report.table),
                    what=repair.label,
                    rows=f"{rows:,}",
                )
            )


def _show_refusals(session: Session, report: IngestReport) -> None:
    if not report.refused:
        return
    rows: list[list[TableCell]] = [
        [LABELS[Reason(reason)], _column(report.table, column), count]
        for (reason, column), count in report.refused.items()
    ]
    session.table(
        Message("Refused rows of {table}", table=_name(report.table)),
        [Message("Reason"), Message("Column"), Message("Rows")],
        rows,
    )
    if not report.dry:
        session.say(Message("See them with: telewave quarantine {table}", table=report.table))


def _show_notes(session: Session, file: FileReport) -> None:
    if file.ignored_columns:
        names = ", ".join(file.ignored_columns)
        session.say(Message("{file}: columns that are not used: {names}", file=file.file, names=names))
    if file.blank:
        session.say(
            Message("{file}: {lines} empty lines passed over", file=file.file, lines=f"{file.blank:,}")
        )
    if file.headers:
        session.say(
            Message(
                "{file}: {lines} repeated header rows passed over", file=file.file, lines=f"{file.headers:,}"
            )
        )
    if file.joined:
        session.say(
            Message(
                "{file}: {rows} rows continue another one, and were joined with it.",
                file=file.file,
                rows=f"{file.joined:,}",
            )
        )
    if file.surplus:
        session.say(
            Message(
                "{file}: in {lines} lines, empty cells beyond the last column were left out",
                file=file.file,
                lines=f"{file.surplus:,}",
            )
        )
    if file.replaced:
        session.say(
            Message(
                "{file}: replaces {rows} rows of {days}",
                file=file.file,
                rows=f"{sum(file.replaced.values()):,}",
                days=_span(sorted(file.replaced)) or _name(file.table),
            )
        )
    if file.unchanged:
        session.say(Message("{file}: delivered before with the same content, nothing to do", file=file.file))


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

    from telewave.records.quarantine import refused_rows

    rows = refused_rows(session.warehouse, table)
    told = "what_to_do_zh" if session.language == "zh" else "what_to_do"
    grouped = rows.group_by("delivery", "reason", "column").agg(
        rows=rows.count(), first=rows.row.min(), example=rows[told].argmin(rows.row)
    )
    found = session.warehouse.engine.fetch(grouped.order_by("delivery", ibis.desc("rows"))).to_pylist()
    session.table(
        Message("Refused rows of {table}", table=_name(table)),
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
                _column(table, r["column"]),
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

    session: Session = context.obj
    lines: list[list[TableCell]] = []
    for table in session.warehouse.tables():
        manifest = session.warehouse.manifest(table)
        origins = [file.origin for files in manifest.partitions.values() for file in files]
        delivered = table in CONTRACTS or table.startswith("samples.")  # others are made, not delivered
        latest = max(origins, default="") if delivered else ""
        title = Label(**manifest.facts["title"]) if "title" in manifest.facts else _name(table)
        lines.append([title, table, _span(sorted(manifest.partitions)), manifest.rows, latest])
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
