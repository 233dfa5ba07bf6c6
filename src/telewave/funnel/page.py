"""A learnt funnel as one HTML page that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from telewave.funnel.assumptions import BELIEFS
from telewave.funnel.model import Cell, Effect, Funnel
from telewave.funnel.steps import CHANNEL_LABELS
from telewave.funnel.willing_words import TENTH_COLUMNS, TRAIT_COLUMNS, tenth_rows, trait_rows, verdict_words
from telewave.funnel.wording import (
    COMBINED_COLUMNS,
    CONDITION_COLUMNS,
    EFFECT_COLUMNS,
    STEP_COLUMNS,
    cell_words,
    combined_rows,
    condition_rows,
    decisions,
    effect_rows,
    group_words,
    overlap_words,
    ranked,
    step_rows,
    step_words,
    warnings,
)
from telewave.kernel import Label, Message
from telewave.platform.answer import TableCell, Text
from telewave.platform.languages import Language, render
from telewave.platform.pages import ALONE, Place, rendered
from telewave.platform.pages.charts import (
    BLUE,
    ORANGE,
    Bars,
    Option,
    Points,
    flat_bars,
    points_with_intervals,
    standing_bars,
)
from telewave.platform.pages.page_table import PageTable, page_table

MOST_DRAWN = 4
"""Cells whose funnel is drawn: those with the most attempts. Likewise effects whose overlap is drawn."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What it shows in words, its bars, and what is to be noticed."""

    words: str
    chart: Option
    note: str = ""


def funnel_page(funnel: Funnel, language: Language, place: Place = ALONE) -> str:
    """The whole page in `language`. Raises `ChartLibraryMissing`."""
    return rendered(
        "telewave.funnel",
        "funnel.html",
        language,
        place=place,
        funnel=funnel,
        decisions=decisions(funnel),
        warnings=warnings(funnel),
        effects=_table(Message("What a contact adds"), EFFECT_COLUMNS, effect_rows(funnel), language),
        conditions=_conditions(funnel, language),
        combined=_combined(funnel, language),
        willing=funnel.willing and verdict_words(funnel.willing),
        persons=_persons(funnel, language),
        effect_chart=_effects(funnel, language),
        overlaps=[_overlap(one, language) for one in _most_compared(funnel)],
        pictures=[_picture(cell, language) for cell in _most_used(funnel)],
        steps=_table(Message("The steps of a contact"), STEP_COLUMNS, step_rows(funnel), language),
        beliefs=len(BELIEFS),
        charts=True,
    )


def _combined(funnel: Funnel, language: Language) -> PageTable | None:
    title = Message("Contacted through several channels")
    return _table(title, COMBINED_COLUMNS, combined_rows(funnel), language) if funnel.combined else None


def _persons(funnel: Funnel, language: Language) -> list[PageTable]:
    """How well persons were told apart, and by what."""
    if funnel.willing is None:
        return []
    tenths, traits = tenth_rows(funnel.willing), trait_rows(funnel.willing)
    return [
        _table(Message("Foretold, and seen"), TENTH_COLUMNS, tenths, language),
        _table(Message("What goes with being willing"), TRAIT_COLUMNS, traits, language),
    ]


def _conditions(funnel: Funnel, language: Language) -> PageTable | None:
    title = Message("By hour, agent and script")
    return _table(title, CONDITION_COLUMNS, condition_rows(funnel), language) if funnel.conditions else None


def _most_used(funnel: Funnel) -> list[Cell]:
    """Cells with attempts, the most first; where there are none, those that are believed in."""
    used = [cell for cell in funnel.cells if cell.attempts] or funnel.cells
    return sorted(used, key=lambda cell: -cell.attempts)[:MOST_DRAWN]


def _picture(cell: Cell, language: Language) -> Picture:
    """Of 1,000 attempts how many come to each step, learnt beside believed."""
    words = Message("Of 1,000 attempts: {cell}", cell=cell_words(cell))
    names: list[Text] = [Message("Attempts"), *map(step_words, cell.steps)]
    return Picture(
        render(words, language),
        flat_bars(
            [render(name, language) for name in names],
            [
                Bars(
                    render(Message("Learnt"), language),
                    _left([one.estimate.value for one in cell.steps]),
                    BLUE,
                ),
                Bars(
                    render(Message("Believed"), language),
                    _left([one.belief.value for one in cell.steps]),
                    ORANGE,
                ),
            ],
            "",
        ),
    )


def _left(chances: Sequence[float]) -> list[float]:
    found = [1000.0]
    for one in chances:
        found.append(found[-1] * one)
    return [round(one, 2) for one in found]


def _most_compared(funnel: Funnel) -> list[Effect]:
    """Effects by comparison, those of the most people contacted first."""
    return sorted((one for one in funnel.effects if one.overlap), key=lambda one: -one.contacted)[:MOST_DRAWN]


def _overlap(one: Effect, language: Language) -> Picture:
    """Shares of the contacted and of those left alone by tenth of the chance of having been contacted."""
    words, *notes = [render(said, language) for said in overlap_words(one)]
    sides = zip(
        (Message("People contacted"), Message("People left alone")),
        one.overlap or (),
        (BLUE, ORANGE),
        strict=True,
    )
    bars = [Bars(render(name, language), _shares(counts), colour) for name, counts, colour in sides]
    names = (Message("Chance of having been contacted, %"), Message("Share of people, %"))
    labels = [f"{10 * tenth}–{10 * tenth + 10}" for tenth in range(10)]
    horizontal, vertical = (render(name, language) for name in names)
    note = {"en": " ", "zh": ""}[language].join(["", *notes])
    return Picture(words, standing_bars(labels, bars, (horizontal, vertical), None), note)


def _shares(counts: Sequence[int]) -> list[float]:
    """In per cent of all."""
    return [round(100 * one / sum(counts), 2) for one in counts]


def _effects(funnel: Funnel, language: Language) -> Option:
    found = ranked(funnel.effects)
    points = Points(
        name=render(Message("Orders added by 1,000 contacts"), language),
        interval_name=render(Message("95 % interval"), language),
        labels=[render(_name(one.channel, one.group), language) for one in found],
        values=[round(one.estimate.value * 1000, 3) for one in found],
        lows=[round(one.estimate.low * 1000, 3) for one in found],
        highs=[round(one.estimate.high * 1000, 3) for one in found],
        joined=False,
    )
    names = (render(Message("Channel and group"), language), render(Message("Orders"), language))
    return points_with_intervals(points, names, (0.0, render(Message("as if left alone"), language)))


def _name(channel: str, group: str) -> Label:
    one, other = CHANNEL_LABELS[channel], group_words(group)
    return Label(f"{one.en}, {other.en}", f"{one.zh}，{other.zh}")


def _table(
    title: Message, columns: Sequence[Text], rows: Sequence[Sequence[TableCell]], language: Language
) -> PageTable:
    return page_table(title, columns, rows, (), language)
