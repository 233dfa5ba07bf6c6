"""The report as one HTML file that needs nothing else: no network, no server, no second file."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from markupsafe import Markup

from telewave.kernel import Estimate, Inconclusive, Label, Message
from telewave.models.wording import figure, unit_of
from telewave.platform.languages import Language, render
from telewave.platform.pages import ALONE, Place, rendered
from telewave.targeting import charts
from telewave.targeting.bands import AGE, TENURE
from telewave.targeting.charts import Chart, bin_labels
from telewave.targeting.glossary import GLOSSARY
from telewave.targeting.profiles import name_of
from telewave.targeting.report import ReportContext
from telewave.targeting.resemblance import summary
from telewave.targeting.sentences import (
    amount,
    amounts,
    capacity_sentence,
    curve_sentence,
    cutoff_sentence,
    percent,
)

Text = Message | Label | str


def report_page(context: ReportContext, language: Language, place: Place = ALONE) -> str:
    """The whole page in `language`. Raises `ChartLibraryMissing`."""

    def say(text: Text) -> str:
        return render(text, language)

    return rendered(
        "telewave.targeting",
        "report.html",
        language,
        filters=_filters(language),
        place=place,
        report=context,
        charts=_charts(context, say),
        glossary=GLOSSARY,
        name_of=name_of,
        bin_labels=partial(bin_labels, say=say),
    )


def _filters(language: Language) -> dict[str, Any]:
    def told(text: Text) -> str:
        return render(text, language)

    return {
        "joined": partial(_joined, language),
        "percent": percent,
        "figure": lambda value, variable: figure(variable, value),
        "fewest": lambda value: f"{math.floor(value):,}",
        "most": lambda value: f"{math.ceil(value):,}",
        "money": lambda value: told(amount(value)),
        "moneys": lambda ends: told(amounts(*ends)),
        "capacity": lambda value: told(capacity_sentence(value)),
        "cutoff": lambda value, counted: told(cutoff_sentence(value, counted)),
        "summary": lambda value: told(summary(value)),
        "curve_words": lambda value: told(curve_sentence(value)),
        "unit": lambda value: told(unit_of(value)),
        "estimate": partial(_estimate, told),
    }


def _joined(language: Language, html: str) -> Markup:
    """Sentences one after the other: with spaces between them in English, without in Chinese."""
    text = " ".join(html.split())
    return Markup(re.sub(r"(?<=[。；：]) ", "", text) if language == "zh" else text)  # noqa: S704 - escaped where it was filled in


def _estimate(told: Any, value: Estimate | Inconclusive | None, in_percent: bool = False) -> str:
    match value:
        case None:
            return "–"
        case Inconclusive():
            return str(told(value.reason))
        case Estimate() if in_percent:
            return f"{percent(value.value)} ({percent(value.low)}–{percent(value.high)})"
        case Estimate():
            return f"{value.value:.3f} ({value.low:.3f}–{value.high:.3f})"


def _charts(context: ReportContext, say: Any) -> Mapping[str, Chart]:
    drawn = [
        charts.band_chart(context, AGE, say),
        charts.band_chart(context, TENURE, say),
        charts.reasons_chart(context, say),
        charts.gain_chart(context, say),
        charts.lift_chart(context, say),
        charts.calibration_chart(context, say),
        charts.folds_chart(context, say),
        *(charts.response_chart(curve, say) for curve in context.curves),
    ]
    return {chart.name: chart for chart in drawn if chart is not None}
