"""Features on the terminal: the catalogue, a wide table in summary, one subscriber."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from telewave.features.catalogue import GROUPS
from telewave.features.coverage import Coverage, remarks
from telewave.features.documentation import KINDS, UNITS, window
from telewave.features.model import Variable, WideTable
from telewave.features.summary import LEVELS, VariableSummary
from telewave.kernel import Figure, Message
from telewave.platform.terminal import Session, TableCell, Text

UNKNOWN = "-"


def show_catalogue(session: Session) -> None:
    """A table a group."""
    columns = (Message("Feature"), Message("Meaning"), Message("Unit"), Message("Window"))
    for title, features in GROUPS:
        rows = [(f.name, f.meaning, UNITS[f.unit], window(f)) for f in features]
        session.table(title, columns, rows)


def show_summary(
    session: Session, wide: WideTable, subscribers: int, summaries: Sequence[VariableSummary]
) -> None:
    """A line a feature: share known, mean, quantiles."""
    title = Message(
        "Wide table as of {as_of}: {rows} subscribers, {features} features.",
        as_of=wide.as_of,
        rows=subscribers,
        features=len(summaries),
    )
    levels = [Message("{share:.0%} are below", share=level) for level in LEVELS]
    columns = (
        Message("Feature"),
        Message("Label"),
        Message("Unit"),
        Message("Known"),
        Message("Mean"),
        *levels,
    )
    session.table(title, columns, [_summary_row(summary) for summary in summaries])


def show_row(session: Session, wide: WideTable, row: Mapping[str, object]) -> None:
    """A line a feature: the subscriber's value."""
    title = Message("Subscriber {subscriber} as of {as_of}", subscriber=row[wide.key], as_of=wide.as_of)
    columns = (Message("Feature"), Message("Label"), Message("Value"), Message("Unit"))
    rows = [(v.name, v.label, Figure(row[v.name], value_text(row[v.name])), _unit(v)) for v in wide.variables]
    session.table(title, columns, rows)


def show_coverage(session: Session, coverages: Iterable[Coverage], as_of: date) -> None:
    """What is missing or unknown, a sentence each."""
    for coverage in coverages:
        for remark in remarks(coverage, as_of):
            session.say(remark, style="yellow")


def value_text(value: object) -> Text:
    """A value as a person reads it; a dash for an unknown one."""
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return Message("yes") if value else Message("no")
    return f"{value:,.6g}" if isinstance(value, float) and abs(value) < 1e6 else _whole(value)


def _whole(value: object) -> str:
    return f"{value:,.0f}" if isinstance(value, float) else str(value)


def _summary_row(summary: VariableSummary) -> tuple[TableCell, ...]:
    quantiles: Sequence[float | None] = summary.quantiles or [None] * len(LEVELS)
    known = Figure.of(summary.known, ".1%", UNKNOWN)
    unit: Text = _unit(summary.variable)
    if summary.values is not None:
        unit = Message("{count} values", count=summary.values)
    elif not summary.variable.unit:
        unit = KINDS[summary.variable.kind.value]
    cells = (Figure(value, value_text(value)) for value in (summary.mean, *quantiles))
    return (summary.variable.name, summary.variable.label, unit, known, *cells)


def _unit(variable: Variable) -> Text:
    return UNITS.get(variable.unit, variable.unit)
