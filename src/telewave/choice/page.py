"""A choice model as one HTML page that needs nothing else."""

from __future__ import annotations

from telewave.choice.model import ChoiceModel
from telewave.choice.report import Told, exchange_table, judged_table, lead_table, share_table, weight_table
from telewave.choice.wording import decisions, notes, verdict_words
from telewave.kernel import Message
from telewave.platform.languages import Language, render
from telewave.platform.pages import ALONE, Place, rendered
from telewave.platform.pages.charts import BLUE, ORANGE, Bars, flat_bars
from telewave.platform.pages.page_table import PageTable, page_table


def choice_page(model: ChoiceModel, language: Language, place: Place = ALONE) -> str:
    """The whole page in `language`. Raises `ChartLibraryMissing`."""
    words = render(Message("Shares of the policies among later orders: foreseen and seen"), language)
    policies = sorted(
        (one for one in model.policies if one.seen or one.predicted >= 0.005), key=lambda one: -one.seen
    )
    total = model.verdict.judged
    picture = flat_bars(
        [render(one.name, language) for one in policies],
        [
            Bars(
                render(Message("Foreseen"), language),
                [round(100 * one.predicted, 1) for one in policies],
                BLUE,
            ),
            Bars(
                render(Message("Seen"), language),
                [round(100 * one.seen / total, 1) for one in policies],
                ORANGE,
            ),
        ],
        render(Message("Share of orders"), language),
        "%",
    )
    return rendered(
        "telewave.choice",
        "choice.html",
        language,
        place=place,
        model=model,
        verdict=verdict_words(model),
        decisions=decisions(model),
        notes=notes(model),
        words=words,
        picture=picture,
        height=90 + 44 * len(policies),
        judged=_table(judged_table(model), language),
        exchange=_table(exchange_table(model), language),
        lead=_table(lead_table(model), language),
        weights=_table(weight_table(model), language),
        shares=_table(share_table(model), language),
        charts=True,
    )


def _table(table: Told, language: Language) -> PageTable:
    return page_table(table.title, table.columns, table.rows, (), language)
