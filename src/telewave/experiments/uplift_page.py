"""A study of uplift as one HTML page that needs nothing else."""

from __future__ import annotations

from telewave.experiments.uplift_report import depth_columns, depth_rows, ranking_columns, ranking_rows
from telewave.experiments.uplift_study import UpliftStudy
from telewave.experiments.uplift_words import (
    NAMES,
    beside_response,
    notes,
    put_off_words,
    verdict_words,
    whole_words,
)
from telewave.kernel import Message
from telewave.platform.languages import Language, render
from telewave.platform.pages import ALONE, Place, rendered
from telewave.platform.pages.charts import FAINT, PALETTE, Line, Option, lines
from telewave.platform.pages.page_table import page_table


def uplift_page(study: UpliftStudy, table: str, language: Language, place: Place = ALONE) -> str:
    """The whole page in `language`; `table`: what the experiment's table is called. Raises `ChartLibraryMissing`."""
    return rendered(
        "telewave.experiments",
        "uplift.html",
        language,
        place=place,
        study=study,
        table=table,
        whole=whole_words(study),
        verdict=verdict_words(study),
        response=beside_response(study),
        put_off=put_off_words(study),
        notes=notes(study),
        rankings=page_table(Message("Rankings"), ranking_columns(study), ranking_rows(study), None, language),
        depths=page_table(
            Message("What the top of the list brings"), depth_columns(), depth_rows(study), None, language
        ),
        chart=_chart(study, language),
        words=render(Message("Qini curves: what the best of each list bring, against as many drawn by lot"), language),
        charts=True,
    )  # fmt: skip


def _chart(study: UpliftStudy, language: Language) -> Option:
    scale = 100.0 if study.rate else 1.0
    drawn = [
        Line(
            render(NAMES[one.name], language).partition("(")[0].strip(),
            [(round(share * 100, 6), round(gain * scale, 6)) for share, gain in one.curve],
            colour,
        )
        for one, colour in zip(study.judged.rankings, PALETTE, strict=False)
    ]
    whole = round(study.judged.effect.value * scale, 6)
    lot = [(share * 100, round(share * whole, 6)) for share, _ in study.chosen.curve]
    drawn.append(Line(render(Message("By lot"), language), lot, FAINT, dashed=True))
    vertical = (
        Message("More of it for 100 on the list") if study.rate else Message("More of it for one on the list")
    )
    option = dict(
        lines(drawn, (render(Message("Contacted, % of the list"), language), render(vertical, language)))
    )
    option["grid"] = {**option["grid"], "top": 90}
    return option
