"""The report as one HTML file that needs nothing else: no network, no server, no second file."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from functools import partial
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from telewave.kernel import Estimate, Inconclusive, Label, Message
from telewave.models.wording import figure, unit_of
from telewave.platform.charts import chart_library
from telewave.platform.languages import Language, render
from telewave.targeting import charts
from telewave.targeting.case import AGE, TENURE
from telewave.targeting.charts import Chart, bin_labels
from telewave.targeting.glossary import GLOSSARY
from telewave.targeting.profiles import name_of
from telewave.targeting.report import ReportContext
from telewave.targeting.resemblance import DESCRIPTIONS, summary
from telewave.targeting.sentences import (
    amount,
    amounts,
    capacity_sentence,
    curve_sentence,
    cutoff_sentence,
    percent,
)

Text = Message | Label | str


def report_page(context: ReportContext, language: Language) -> str:
    """The whole page in `language`. Raises `ChartLibraryMissing`."""

    def say(text: Text) -> str:
        return render(text, language)

    environment = Environment(
        loader=PackageLoader("telewave.targeting"),
        autoescape=True,
        undefined=StrictUndefined,
        lstrip_blocks=True,
    )
    environment.globals |= _words(language)
    environment.filters |= _filters(language)
    return environment.get_template("report.html").render(
        report=context,
        language=language,
        charts=_charts(context, say),
        library=Markup(chart_library()),  # noqa: S704 - the locked library, its end tags already broken up
        script=Markup(_text("report.js")),  # noqa: S704 - our own file
        style=Markup(_text("report.css")),  # noqa: S704 - our own file
    )


def _words(language: Language) -> dict[str, Any]:
    def t(template: str, **values: Any) -> str:
        return render(Message(template, **values), language)

    return {
        "t": t,
        "glossary": GLOSSARY,
        "descriptions": DESCRIPTIONS,
        "name_of": name_of,
        "bin_labels": partial(bin_labels, say=lambda text: render(text, language)),
    }


def _filters(language: Language) -> dict[str, Any]:
    def told(text: Text) -> str:
        return render(text, language)

    return {
        "told": told,
        "joined": partial(_joined, language),
        "percent": percent,
        "figure": lambda value, variable: figure(variable, value),
        "count": lambda value: f"{value:,.0f}",
        "people": _people,
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
        "json": _json,
    }


def _joined(language: Language, html: str) -> Markup:
    """Sentences one after the other: with spaces between them in English, without in Chinese."""
    text = " ".join(html.split())
    return Markup(re.sub(r"(?<=[。；：]) ", "", text) if language == "zh" else text)  # noqa: S704 - escaped where it was filled in


def _people(value: float) -> str:
    """An expected number of people: one decimal below ten, whole from there on."""
    return f"{value:,.0f}" if value >= 9.95 else f"{value:.1f}"


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


def _json(value: Any) -> Markup:
    """JSON fit to stand inside a script element."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704 - no tag can begin in it


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


def _text(name: str) -> str:
    return (files("telewave.targeting") / "templates" / name).read_text(encoding="utf-8")
