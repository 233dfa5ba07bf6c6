"""The parcels as one HTML page that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from telewave.fulfilment.model import Standing
from telewave.fulfilment.parcel import Parcel
from telewave.fulfilment.parcel_words import (
    LATE_COLUMNS,
    STAGES,
    funnel,
    late_rows,
    stage_columns,
    stage_rows,
)
from telewave.kernel import Message
from telewave.platform.languages import Language, render
from telewave.platform.pages import ALONE, Place, rendered
from telewave.platform.pages.charts import BLUE, Bars, flat_bars
from telewave.platform.pages.page_table import page_table

_CHART = Message("Parcels that have come so far")


def parcels_page(
    reached: Sequence[tuple[str, str, Standing, int]],
    stuck: Sequence[Parcel],
    now: datetime,
    language: Language,
    *,
    simulated: bool = False,
    place: Place = ALONE,
) -> str:
    """The whole page in `language`. Raises `ChartLibraryMissing`."""
    whole = funnel(reached, by="")
    counts = whole[0].counts if whole else (0,) * len(STAGES)
    labels = [render(stage.label, language) for stage in STAGES]
    bars = Bars(render(Message("Parcels"), language), list(counts), BLUE)
    return rendered(
        "telewave.fulfilment",
        "parcels.html",
        language,
        place=place,
        now=now,
        simulated=simulated,
        ordered=counts[0],
        closed=counts[-1],
        failed=whole[0].failed if whole else 0,
        stuck_count=len(stuck),
        tables=[
            page_table(
                Message("By area"),
                stage_columns(Message("Area")),
                stage_rows(funnel(reached, by="area")),
                None,
                language,
            ),
            page_table(
                Message("By courier"),
                stage_columns(Message("Courier")),
                stage_rows(funnel(reached, by="courier")),
                None,
                language,
            ),
        ],
        stuck=page_table(
            Message("Parcels whose time is over"),
            LATE_COLUMNS,
            late_rows(stuck, now, language),
            [5],
            language,
        ),
        chart=flat_bars(labels, [bars], "", written=True),
        words=render(_CHART, language),
        charts=True,
    )
