"""A rehearsal as one HTML page that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from telewave.kernel import Message
from telewave.platform.languages import Language, render
from telewave.platform.pages import ALONE, Place, rendered
from telewave.platform.pages.charts import BLUE, Bars, Option, Points, flat_bars, points_with_intervals
from telewave.platform.pages.page_table import PageTable, page_table
from telewave.rehearsal.summary import Rehearsal, Rehearsed
from telewave.rehearsal.words import (
    CHANNEL_COLUMNS,
    DAY_COLUMNS,
    NOT_REAL,
    RESOURCE_COLUMNS,
    WAVE_COLUMNS,
    Row,
    channel_rows,
    day_rows,
    days_of,
    headline,
    how,
    resource_name,
    resource_rows,
    waiting,
    warnings,
    wave_rows,
)


def rehearsed_page(
    rehearsal: Rehearsal, language: Language, *, simulated: bool = False, place: Place = ALONE
) -> str:
    """The whole page in `language`. Raises `ChartLibraryMissing`."""
    found = rehearsal.found

    def table(title: Message, columns: Sequence[Message], rows: Sequence[Row]) -> PageTable:
        return page_table(title, columns, rows, None, language)

    return rendered(
        "telewave.rehearsal",
        "rehearsed.html",
        language,
        place=place,
        found=found,
        simulated=simulated,
        not_real=NOT_REAL,
        headline=headline(rehearsal),
        warnings=warnings(found),
        waiting=waiting(found),
        how=how(),
        chart=_volumes(found, language),
        words=render(_VOLUMES, language),
        busy=_busy(found, language),
        busy_words=render(_BUSY, language),
        charts=True,
        channels=table(Message("Volumes by channel"), CHANNEL_COLUMNS, channel_rows(found)),
        waves=table(Message("Volumes by wave"), WAVE_COLUMNS, wave_rows(found)),
        resources=table(Message("Who is busy"), RESOURCE_COLUMNS, resource_rows(found)),
        days=table(Message("Volumes by day"), DAY_COLUMNS, day_rows(found)),
    )


TAIL = 0.01
"""Of the fullest day's orders: last days with fewer are told by the table alone."""
_VOLUMES = Message("Active orders by day, with the range of 95 % of the runs")
_BUSY = Message("Share of their time that people are busy")


def _volumes(found: Rehearsed, language: Language) -> Option:
    drawn = np.flatnonzero(found.days[0] > TAIL * found.days[0].max())
    days = days_of(found)[: int(drawn.max(initial=0)) + 1]
    mean, low, high = ([round(float(one), 2) for one in row[: len(days)]] for row in found.days)
    points = Points(
        name=render(Message("Active orders"), language),
        interval_name=render(Message("95 % of runs"), language),
        labels=[f"{one:%m-%d}" for one in days],
        values=mean,
        lows=low,
        highs=high,
        joined=True,
    )
    return points_with_intervals(
        points, (render(Message("Day"), language), render(Message("Active orders"), language))
    )


def _busy(found: Rehearsed, language: Language) -> Option | None:
    known = [(one, one.busy) for one in found.resources if one.busy is not None]
    if not known:
        return None
    labels = [render(resource_name(found.script, one.name), language) for one, _ in known]
    bars = Bars(render(Message("Busy"), language), [round(100 * busy, 1) for _, busy in known], BLUE)
    return flat_bars(labels, [bars], "", " %")
