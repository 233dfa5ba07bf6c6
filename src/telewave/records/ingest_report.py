"""What check and ingest say on the terminal: counts by table, repairs, refusals, and what is to be known of each
file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from telewave.kernel import Label, Message
from telewave.platform.terminal import Session, TableCell
from telewave.records.contracts import CONTRACTS
from telewave.records.reasons import LABELS, REPAIRS, Reason
from telewave.records.report import FileReport, IngestReport

SHOWN_FILES = 20


def show_ingested(session: Session, reports: Sequence[IngestReport]) -> None:
    """What was ingested, or would be: a table of all tables, then what is to be known of each, faults in red."""
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
        table_name(report.table),
        span(sorted(report.days)),
        report.read,
        report.accepted,
        report.repaired,
        report.rows_refused,
        unchanged,
    ]


def _show_repairs(session: Session, report: IngestReport) -> None:
    for repair in REPAIRS:
        rows = sum(file.repairs.get(repair.code, 0) for file in report.files)
        if rows:
            session.say(
                Message(
                    "{table}, repaired: {what} ({rows})",
                    table=table_name(report.table),
                    what=repair.label,
                    rows=f"{rows:,}",
                )
            )


def _show_refusals(session: Session, report: IngestReport) -> None:
    if not report.refused:
        return
    rows: list[list[TableCell]] = [
        [LABELS[Reason(reason)], column_name(report.table, column), count]
        for (reason, column), count in report.refused.items()
    ]
    session.table(
        Message("Refused rows of {table}", table=table_name(report.table)),
        [Message("Reason"), Message("Column"), Message("Rows")],
        rows,
    )
    if not report.dry:
        session.say(Message("See them with: telewave quarantine {table}", table=report.table))


def _show_notes(session: Session, file: FileReport) -> None:
    for note in _notes(file):
        session.say(note)


def _notes(file: FileReport) -> Iterator[Message]:
    """What a person should know of a file whose rows were read all the same."""
    name = file.file
    if file.ignored_columns:
        names = ", ".join(file.ignored_columns)
        yield Message("{file}: columns that are not used: {names}", file=name, names=names)
    if lines := file.blank:
        yield Message("{file}: {lines} empty lines passed over", file=name, lines=f"{lines:,}")
    if lines := file.headers:
        yield Message("{file}: {lines} repeated header rows passed over", file=name, lines=f"{lines:,}")
    if rows := file.joined:
        yield Message(
            "{file}: {rows} rows continue another one, and were joined with it.", file=name, rows=f"{rows:,}"
        )
    if lines := file.surplus:
        yield Message(
            "{file}: in {lines} lines, empty cells beyond the last column were left out",
            file=name,
            lines=f"{lines:,}",
        )
    if file.replaced:
        yield Message(
            "{file}: replaces {rows} rows of {days}",
            file=name,
            rows=f"{sum(file.replaced.values()):,}",
            days=span(sorted(file.replaced)) or table_name(file.table),
        )
    if file.unchanged:
        yield Message("{file}: delivered before with the same content, nothing to do", file=name)


def table_name(table: str) -> Label | str:
    """What people call `table`; its own name where it has no contract, as outside tables."""
    return CONTRACTS[table].label if table in CONTRACTS else table


def column_name(table: str, column: str) -> Label | str:
    """What people call `column` of `table`; its own name where the table has no contract."""
    return CONTRACTS[table].column(column).label if column and table in CONTRACTS else column


def span(days: Sequence[str]) -> str:
    """The first and the last of sorted `days`, as a reader sees them; nothing of what has no days."""
    if not days or days == ["all"]:
        return ""
    return days[0] if len(days) == 1 else f"{days[0]} – {days[-1]}"
