"""A measured experiment as one HTML page that needs nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from telewave.experiments.effect_report import columns, rows
from telewave.experiments.effect_words import adjusted_words, conclusions, notes, ratio_words
from telewave.experiments.effects import Kind
from telewave.experiments.measuring import Adjusted, Measured, Measurement
from telewave.kernel import Message
from telewave.platform.answer import TableCell
from telewave.platform.languages import Language, render
from telewave.platform.pages import ALONE, Place, rendered
from telewave.platform.pages.charts import Option, Points, points_with_intervals
from telewave.platform.pages.page_table import PageTable, page_table


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomePart:
    """What the page shows of one outcome. `chart`: options of the picture of the intervals; `words`: what that
    shows.
    """

    name: str
    sentences: list[Message]
    warnings: tuple[Message, ...]
    adjusted: Message | None
    tables: list[PageTable]
    chart: Option
    words: str


def effects_page(measurement: Measurement, table: str, language: Language, place: Place = ALONE) -> str:
    """The whole page in `language`; `table`: what the experiment's table is called. Raises `ChartLibraryMissing`."""
    return rendered(
        "telewave.experiments",
        "effects.html",
        language,
        place=place,
        measurement=measurement,
        table=table,
        parts=[_part(measurement, one, language) for one in measurement.outcomes],
        ratio=ratio_words(measurement),
        notes=notes(measurement),
        charts=True,
    )


def _part(measurement: Measurement, outcome: Measured, language: Language) -> OutcomePart:
    tables = [
        _drawn(measurement, outcome, Message("Outcome {outcome}", outcome=outcome.name), False, language)
    ]
    if isinstance(outcome.adjusted, Adjusted):
        title = Message(
            "Outcome {outcome}, adjusted by {before}", outcome=outcome.name, before=measurement.before
        )
        tables.append(_drawn(measurement, outcome, title, True, language))
    words = Message(
        "Difference from {control} in {outcome}, an interval an arm",
        control=measurement.arms[0],
        outcome=outcome.name,
    )
    return OutcomePart(
        name=outcome.name,
        sentences=conclusions(measurement, outcome),
        warnings=outcome.warnings,
        adjusted=adjusted_words(outcome, measurement.before),
        tables=tables,
        chart=_chart(measurement, outcome, language),
        words=render(words, language),
    )


def _drawn(
    measurement: Measurement, outcome: Measured, title: Message, adjusted: bool, language: Language
) -> PageTable:
    comparisons = outcome.deciding if adjusted else outcome.comparisons
    cells: list[list[TableCell]] = rows(measurement, outcome, comparisons)
    return page_table(title, columns(measurement, outcome.kind), cells, None, language)


def _chart(measurement: Measurement, outcome: Measured, language: Language) -> Option:
    rate = outcome.kind is Kind.RATE
    scale = 100.0 if rate else 1.0
    found = [one.together for one in outcome.deciding]
    points = Points(
        name=render(Message("Difference"), language),
        interval_name=render(
            Message("95 % interval") if len(found) == 1 else Message("95 % interval for all arms together"),
            language,
        ),
        labels=[one.arm for one in outcome.deciding],
        values=[round(one.value * scale, 6) for one in found],
        lows=[round(one.low * scale, 6) for one in found],
        highs=[round(one.high * scale, 6) for one in found],
        joined=False,
    )  # fmt: skip
    axis = Message("Difference in points") if rate else Message("Difference a row")
    against = render(Message("like {control}", control=measurement.arms[0]), language)
    return points_with_intervals(
        points, (render(Message("Arm"), language), render(axis, language)), (0.0, against)
    )
