"""A measured campaign as one HTML page that needs nothing else."""

from __future__ import annotations

import math
from datetime import timedelta

from telewave.kernel import Inconclusive, Message
from telewave.measurement.attribution import Rule
from telewave.measurement.effect import Effect
from telewave.measurement.in_short import SHORT_COLUMNS, short_rows
from telewave.measurement.model import Along, Measured
from telewave.measurement.next_steps import next_words
from telewave.measurement.split_words import (
    ARM_TITLE,
    HALL_COLUMNS,
    HALL_TITLE,
    SCRIPT_COLUMNS,
    hall_rows,
    script_rows,
    script_words,
)
from telewave.measurement.words import (
    ARM_COLUMNS,
    DAY_COLUMNS,
    PART_COLUMNS,
    RETURN_COLUMNS,
    arm_rows,
    causal_words,
    day_rows,
    draw_words,
    headline,
    move_words,
    part_name,
    part_rows,
    return_rows,
    stage_columns,
    stage_rows,
    warnings,
)
from telewave.platform.languages import Language, render
from telewave.platform.pages import ALONE, Place, rendered
from telewave.platform.pages.charts import (
    PALETTE,
    Bars,
    Option,
    Points,
    flat_bars,
    points_with_intervals,
)
from telewave.platform.pages.page_table import PageTable, page_table

LEAST_DAYS = 3
"""Days at the beginning that the picture leaves out: their intervals would flatten all others."""

MOST_POINTS = 16
"""Days in the picture: as many as a telephone has room for, evenly spaced back from the last."""


def measured_page(
    found: Measured,
    language: Language,
    *,
    simulated: bool = False,
    truth: Message | None = None,
    place: Place = ALONE,
) -> str:
    """The whole page in `language`; `truth`: a sentence on what was really so, of a simulated campaign.
    Raises `ChartLibraryMissing`.
    """
    short = short_rows(found)
    return rendered(
        "telewave.measurement",
        "measured.html",
        language,
        place=place,
        found=found,
        simulated=simulated,
        truth=truth,
        headline=headline(found),
        next_steps=next_words(found),
        short=page_table(Message("In short"), SHORT_COLUMNS, short, None, language) if short else None,
        warnings=warnings(found),
        draw=draw_words(found),
        how=how(),
        causal=causal_words(),
        move=move_words(found),
        arms=page_table(Message("The two arms as drawn"), ARM_COLUMNS, arm_rows(found), None, language),
        days=page_table(Message("The effect day by day"), DAY_COLUMNS, day_rows(found), None, language),
        chart=None if isinstance(found.orders, Inconclusive) else _chart(found, found.orders, language),
        words=render(_CHART, language),
        funnel_chart=_funnel_chart(found, language) if found.funnel[Along.CHANNEL] else None,
        funnel_words=render(_FUNNEL_CHART, language),
        parts=page_table(
            Message("The effect by target group"), PART_COLUMNS, part_rows(found), None, language
        )
        if found.parts
        else None,
        funnels=[_funnel(found, along, language) for along in Along if found.funnel[along]],
        halls=page_table(HALL_TITLE, HALL_COLUMNS, hall_rows(found), None, language) if found.halls else None,
        scripts=page_table(ARM_TITLE, SCRIPT_COLUMNS, script_rows(found), None, language)
        if found.scripts
        else None,
        script_words=script_words(found),
        returns=_return(found, Rule.SHAPLEY, language) if found.channels else None,
        others=[_return(found, rule, language) for rule in Rule if rule is not Rule.SHAPLEY],
        charts=True,
    )


def how() -> list[Message]:
    """How it is reckoned."""
    return [
        Message(
            "The intervals hold on all days together: whoever looks daily and stops when 0 is left out errs in at most "
            "5 % of campaigns. For that they are about half as wide again as intervals for one look."
        ),
        Message(
            "Everybody counts as drawn. A person's first order since the launch counts, and is given the margin "
            "that the plan reckons for its offer on average."
        ),
        Message(
            "Orders count from the day after they were recorded, up to 30 days after the campaign's last day."
        ),
    ]


_CHART = Message(
    "Orders that the campaign brings a day, so far, with intervals that hold on all days together"
)


def _chart(found: Measured, effect: Effect, language: Language) -> Option:
    """Orders brought a day on average since the launch: the interval narrows as days add up."""
    looks = effect.looks[min(LEAST_DAYS, len(effect.looks) - 1) :]
    looks = looks[:: -math.ceil(len(looks) / MOST_POINTS)][::-1]
    scaled = [one.estimate(effect.assigned + effect.held_out, effect.assigned / one.days) for one in looks]
    points = Points(
        name=render(Message("Orders a day"), language),
        interval_name=render(Message("95 % for all days together"), language),
        labels=[f"{found.first + timedelta(days=one.days - 1):%m-%d}" for one in looks],
        values=[round(one.value, 4) for one in scaled],
        lows=[round(one.low, 4) for one in scaled],
        highs=[round(one.high, 4) for one in scaled],
        joined=True,
    )
    names = (render(Message("Up to the end of"), language), render(Message("Orders a day"), language))
    return points_with_intervals(points, names, (0.0, render(Message("no effect"), language)))


_FUNNEL_CHART = Message("How many people came how far, by the channel that contacted them")


def _funnel_chart(found: Measured, language: Language) -> Option:
    """People at each stage, the channels with the most people beside one another."""
    parts = found.funnel[Along.CHANNEL]
    drawn = zip(parts, stage_rows(found, Along.CHANNEL), PALETTE, strict=False)
    series = [
        Bars(
            render(part_name(found, Along.CHANNEL, part), language),
            [float(one) if isinstance(one, int) else None for one in row[1:]],
            colour,
        )
        for part, row, colour in drawn
    ]
    labels = [render(one, language) for one in stage_columns(Along.CHANNEL)[1:]]
    return flat_bars(labels, series, "", written=True)


def _funnel(found: Measured, along: Along, language: Language) -> PageTable:
    title = Message("Funnel by: {split}", split=along.label)
    return page_table(title, stage_columns(along), stage_rows(found, along), None, language)


def _return(found: Measured, rule: Rule, language: Language) -> PageTable:
    title = Message("Return by channel, shared out by: {rule}", rule=rule.label)
    return page_table(title, RETURN_COLUMNS, return_rows(found, rule), None, language)
