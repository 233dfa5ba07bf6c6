"""The plan as one HTML file that needs nothing else: no network, no server, no second file."""

from __future__ import annotations

from typing import Any

from telewave.forecasting.forecast import percent as chance_words
from telewave.kernel import Label, Message
from telewave.planning.summary import Summary
from telewave.planning.wave_words import expected_words, wave_sources
from telewave.platform.languages import Language, render
from telewave.platform.pages import ALONE, Place, rendered
from telewave.platform.pages.charts import (
    BLUE,
    ORANGE,
    PALETTE,
    Bars,
    Option,
    flat_bars,
    standing_bars,
)
from telewave.targeting.sentences import amount, percent


def plan_page(summary: Summary, language: Language, *, simulated: bool = False, place: Place = ALONE) -> str:
    """The whole page in `language`. Raises `ChartLibraryMissing`."""

    def told(text: Any) -> str:
        return render(text, language)

    return rendered(
        "telewave.planning",
        "plan.html",
        language,
        filters={
            "money": lambda value: told(amount(value)),
            "percent": percent,
            "chance": chance_words,
            "step": lambda one: "–" if one is None else expected_words(one),
            "estimate": lambda value: f"{value.value:,.1f} ({value.low:,.0f}–{value.high:,.0f})",
        },
        place=place,
        plan=summary,
        simulated=simulated,
        charts={"days": _days(summary, told), "ways": _ways(summary, told), "swings": _swings(summary, told)},
        channels_used=_channels_used(summary),
        used=[row for row in summary.uses if row.contacts],
        unused=_unused(summary),
        wave_notes=[
            Message(
                "Intervals hold chance and what is unsure of the steps; – where the channel has no such step."
            ),
            *wave_sources(summary.waves),
        ],
        channel_columns=[(told(name), "n") for name in summary.channels],
    )


def _channels_used(summary: Summary) -> list[Label]:
    """Names of the channels with contacts, in the campaign's order."""
    used = {row.channel for row in summary.uses if row.contacts}
    return [name for name in summary.channels if name in used]


def _unused(summary: Summary) -> list[Message]:
    """Of each phase the channels with room and without contacts."""
    found: dict[Label, list[Label]] = {}
    for row in summary.uses:
        if not row.contacts:
            found.setdefault(row.phase, []).append(row.channel)
    return [
        Message("Without contacts in {phase}: {channels}.", phase=phase, channels=channels)
        for phase, channels in found.items()
    ]


def _days(summary: Summary, told: Any) -> Option:
    """Contacts a day, one stack of channels each."""
    series = [
        Bars(told(name), list(counts), PALETTE[k % len(PALETTE)])
        for k, (name, counts) in enumerate(zip(summary.channels, summary.by_day, strict=True))
        if any(counts)
    ]
    drawn = dict(standing_bars(summary.days, series, (told(Message("Day")), told(Message("Contacts"))), None))
    drawn["series"] = [one | {"stack": "day"} for one in drawn["series"]]
    return drawn


def _swings(summary: Summary, told: Any) -> Option:
    """How far each assumption moves the profit down and up: a tornado."""
    plan = float(summary.profit.major)
    ends = [
        Bars(told(Message("Worse")), [float(one.low.major) - plan for one in summary.swings], ORANGE),
        Bars(told(Message("Better")), [float(one.high.major) - plan for one in summary.swings], BLUE),
    ]
    drawn = dict(flat_bars([told(one.what) for one in summary.swings], ends, ""))
    drawn["series"] = [one | {"stack": "swing"} for one in drawn["series"]]
    return drawn


def _ways(summary: Summary, told: Any) -> Option:
    labels = [told(way.name) for way in summary.ways]
    bars = Bars(told(Message("Expected profit")), [float(way.profit.major) for way in summary.ways], BLUE)
    return flat_bars(labels, [bars], "")
