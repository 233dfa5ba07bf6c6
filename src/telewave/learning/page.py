"""A comparison as one HTML page that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from telewave.funnel.steps import CHANNEL_LABELS
from telewave.funnel.wording import covers_words
from telewave.kernel import Label, Message
from telewave.learning.funnel_words import SCORE_COLUMNS, score_rows
from telewave.learning.model import Judged, Sort
from telewave.learning.overview import OVERVIEW_COLUMNS, History, overview_headline, overview_rows
from telewave.learning.usecases import Compared
from telewave.learning.words import (
    USE_COLUMNS,
    VERSION_COLUMNS,
    headline,
    how,
    part_columns,
    part_rows,
    use_rows,
    version_rows,
)
from telewave.platform.answer import TableCell, Text
from telewave.platform.languages import Language, render
from telewave.platform.pages import ALONE, Place, rendered
from telewave.platform.pages.charts import BLUE, GREEN, ORANGE, Bars, Option, flat_bars
from telewave.platform.pages.page_table import PageTable, page_table

_CHART = Message(
    "Of later contacts that could take the step, per cent that did, and as each version predicted"
)


def compared_page(
    found: Compared, language: Language, *, simulated: bool = False, place: Place = ALONE
) -> str:
    """The whole page in `language`. Raises `ChartLibraryMissing`."""

    def table(
        title: Message, columns: Sequence[Text], rows: Sequence[Sequence[TableCell]]
    ) -> PageTable | None:
        return page_table(title, columns, rows, None, language) if rows else None

    judged = found.refit.judged
    return rendered(
        "telewave.learning",
        "compared.html",
        language,
        place=place,
        refit=found.refit,
        simulated=simulated,
        headline=headline(found.refit),
        how=how(found.refit.sort),
        chart=_chart(found, language) if judged.steps else None,
        words=render(_CHART, language),
        scores=table(*_scores(judged)),
        changes=table(Message("Before and now"), found.changes.columns, found.changes.rows),
        charts=True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """What the page says of one name."""

    id: str
    title: Message
    said: Sequence[Message]
    versions: PageTable
    uses: PageTable | None


def overview_page(
    found: Sequence[History], language: Language, *, simulated: bool = False, place: Place = ALONE
) -> str:
    """Everything that plans rest on, as one page in `language`."""
    title = Message("What plans rest on")
    return rendered(
        "telewave.learning",
        "overview.html",
        language,
        place=place,
        simulated=simulated,
        headline=overview_headline(found),
        all=page_table(title, OVERVIEW_COLUMNS, overview_rows(found), (2, 6), language) if found else None,
        parts=[_part(one, language) for one in found],
        how=how(Sort.FUNNEL)[1:3],
        charts=False,
    )


def _part(one: History, language: Language) -> _Part:
    versions = version_rows(one.versions, one.refits, one.uses, one.used)
    uses = page_table(Message("What was put to use"), USE_COLUMNS, use_rows(one.uses), (1,), language)
    return _Part(
        id=f"{one.sort.value}-{one.name}",
        title=Message("{kind} {name}", kind=one.sort.nouns.title, name=one.name),
        said=headline(one.last)[:-1] if one.last else (),
        versions=page_table(Message("All versions"), VERSION_COLUMNS, versions, (0, 1), language),
        uses=uses if one.uses else None,
    )


def _scores(judged: Judged) -> tuple[Message, Sequence[Text], Sequence[Sequence[TableCell]]]:
    """What is judged, in parts."""
    if judged.steps:
        return Message("The steps, as later contacts judge them"), SCORE_COLUMNS, score_rows(judged)
    return Message("As later records judge them"), part_columns(judged), part_rows(judged)


def _chart(found: Compared, language: Language) -> Option:
    steps = found.refit.judged.steps
    bars = [
        (Message("In use"), [one.champion for one in steps], ORANGE),
        (Message("Learnt anew"), [one.challenger for one in steps], BLUE),
        (Message("Really"), [one.took for one in steps], GREEN),
    ]
    names = [_name(CHANNEL_LABELS[one.channel], covers_words(one.covers)) for one in steps]
    return flat_bars(
        [render(name, language) for name in names],
        [
            Bars(render(name, language), [round(100 * one, 2) for one in values], colour)
            for name, values, colour in bars
        ],
        "",
        " %",
    )


def _name(channel: Label, step: Label) -> Label:
    return Label(f"{channel.en}: {step.en}", f"{channel.zh}：{step.zh}")
