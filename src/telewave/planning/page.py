"""The plan as one HTML file that needs nothing else: no network, no server, no second file."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from telewave.forecasting.forecast import percent as chance_words
from telewave.kernel import Message
from telewave.planning.summary import Summary
from telewave.platform.charts import (
    BLUE,
    PALETTE,
    Bars,
    Option,
    chart_library,
    flat_bars,
    standing_bars,
)
from telewave.platform.languages import Language, render
from telewave.targeting.sentences import amount, percent


def plan_page(summary: Summary, language: Language, *, simulated: bool = False) -> str:
    """The whole page in `language`. Raises `ChartLibraryMissing`."""

    def told(text: Any) -> str:
        return render(text, language)

    def t(template: str, **values: Any) -> str:
        return render(Message(template, **values), language)

    environment = Environment(
        loader=PackageLoader("telewave.planning"),
        autoescape=True,
        undefined=StrictUndefined,
        lstrip_blocks=True,
    )
    environment.globals["t"] = t
    environment.filters |= {
        "told": told,
        "count": lambda value: f"{value:,.0f}",
        "people": lambda value: f"{value:,.0f}" if value >= 10 else f"{value:.1f}",
        "money": lambda value: told(amount(value)),
        "percent": percent,
        "chance": chance_words,
        "estimate": lambda value: f"{value.value:,.1f} ({value.low:,.0f}–{value.high:,.0f})",
        "json": _json,
    }
    return environment.get_template("plan.html").render(
        plan=summary,
        language=language,
        simulated=simulated,
        charts={"days": _days(summary, told), "ways": _ways(summary, told)},
        library=Markup(chart_library()),  # noqa: S704 - the locked library, its end tags already broken up
        script=Markup(_text("report.js")),  # noqa: S704 - our own file
        style=Markup(_text("report.css")),  # noqa: S704 - our own file
    )


def _days(summary: Summary, told: Any) -> Option:
    """Contacts a day, one stack of channels each."""
    series = [
        Bars(told(name), list(counts), PALETTE[k % len(PALETTE)])
        for k, (name, counts) in enumerate(zip(summary.channels, summary.by_day, strict=True))
        if any(counts)
    ]
    drawn = dict(standing_bars(summary.days, series, ("", told(Message("Contacts"))), None))
    drawn["series"] = [one | {"stack": "day"} for one in drawn["series"]]
    return drawn


def _ways(summary: Summary, told: Any) -> Option:
    labels = [told(way.name) for way in summary.ways]
    bars = Bars(told(Message("Expected profit")), [float(way.profit.major) for way in summary.ways], BLUE)
    return flat_bars(labels, [bars], "")


def _json(value: Any) -> Markup:
    """JSON fit to stand inside a script element."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704 - no tag can begin in it


def _text(name: str) -> str:
    return (files("telewave.targeting") / "templates" / name).read_text(encoding="utf-8")
