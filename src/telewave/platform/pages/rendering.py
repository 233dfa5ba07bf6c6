"""The one template environment: words in the reader's language, components, styles, and what a page is rendered
with.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from importlib.resources import files
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader, StrictUndefined
from markupsafe import Markup, escape

from telewave.kernel import Label, Message
from telewave.platform.languages import Language, joined, render
from telewave.platform.pages.charts import numbers_of
from telewave.platform.pages.library import chart_library
from telewave.platform.pages.places import ALONE, Place

OTHER: Mapping[Language, tuple[Language, str, str]] = {
    "zh": ("en", "en", "English"),
    "en": ("zh", "zh-CN", "中文"),
}
"""Of each language the other one, its tag, and its name in itself."""
WRITTEN = re.compile(r"`([^`]+)`")


def rendered(
    package: str,
    template: str,
    language: Language,
    *,
    filters: Mapping[str, Callable[..., Any]] | None = None,
    place: Place = ALONE,
    **values: Any,
) -> str:
    """The template of the package in `language`, whole. Templates find the words `t`, `told`,
    `sentences`, `count`, `people` and what `filters` adds.

    Raises `ChartLibraryMissing` where the page has charts.
    """
    environment = _environment(package, language)
    environment.filters |= filters or {}
    return environment.get_template(template).render(language=language, place=place, **values)


def _environment(package: str, language: Language) -> Environment:
    environment = Environment(
        loader=ChoiceLoader(
            [PackageLoader(package), PrefixLoader({"pages": PackageLoader("telewave.platform.pages")})]
        ),
        autoescape=True,
        undefined=StrictUndefined,
        lstrip_blocks=True,
    )

    def t(template: str, **filled: Any) -> str:
        return render(Message(template, **filled), language)

    def told(text: Message | Label | str) -> str:
        return with_code(render(text, language))

    def sentences(texts: Iterable[Message | Label | str]) -> str:
        return with_code(joined(texts, language))

    environment.globals |= {
        "t": t,
        "other": OTHER[language],
        "tag": OTHER[OTHER[language][0]][1],
        "style": partial(_asset, "page.css"),
        "script": partial(_asset, "page.js"),
        "library": lambda: Markup(chart_library()),  # noqa: S704 - the locked library, its end tags already broken up
    }
    environment.filters |= {
        "told": told,
        "sentences": sentences,
        "count": count,
        "people": people,
        "json": _json,
        "numbers": numbers_of,
        "as_number": lambda name: (name, "n"),
    }
    return environment


def with_code(text: str) -> str:
    """A sentence in which what is to be written exactly so, between backticks, stands as code.

    >>> with_code("Write `order: none` & <go on>.")
    Markup('Write <code>order: none</code> &amp; &lt;go on&gt;.')
    >>> with_code("Nothing < to write.")
    'Nothing < to write.'
    """
    if not WRITTEN.search(text):
        return text
    return Markup(WRITTEN.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped before


def count(value: float) -> str:
    """A number of things, whole."""
    return f"{value:,.0f}"


def people(value: float) -> str:
    """An expected number of people: one decimal below ten, whole from there on."""
    return f"{value:,.0f}" if abs(value) >= 9.95 else f"{value:.1f}"


def _json(value: Any) -> Markup:
    """JSON fit to stand inside a script element."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704 - no tag can begin in it


def _asset(name: str) -> Markup:
    text = (files("telewave.platform.pages") / "assets" / name).read_text(encoding="utf-8")
    return Markup(text)  # noqa: S704 - our own file
