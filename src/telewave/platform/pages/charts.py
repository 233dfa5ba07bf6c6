"""Charts as data: pure functions that return ECharts options.

Options are plain JSON: no functions, so that a page needs no script of its own for each chart. Colours are Okabe and
Ito's, told apart by readers with any kind of colour vision, and in print by their lightness.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len

BLUE, ORANGE, GREEN, SKY, VERMILION, PURPLE = "#0072B2", "#E69F00", "#009E73", "#56B4E9", "#D55E00", "#CC79A7"
PALETTE = (BLUE, ORANGE, GREEN, SKY, VERMILION, PURPLE)
INK, FAINT, PALE = "#222222", "#8a8f98", "#dfe3e8"
WARNING_INK = "#a63c00"
"""Vermilion dark enough to be read as text."""

NARROW = 5.0
PHONE = 520
MOST_LEVEL, MOST_NAMED = 6, 16
FONTS = "PingFang SC, Microsoft YaHei, Noto Sans CJK SC, Noto Sans SC, Source Han Sans SC, system-ui, Arial, sans-serif"

Option = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Bars:
    """One series of bars; `values` has one entry a label, None where there is nothing to show."""

    name: str
    values: Sequence[float | None]
    colour: str


@dataclass(frozen=True, slots=True)
class Line:
    """One series of points (x, y); `dashed` for what is only there to compare with."""

    name: str
    points: Sequence[tuple[float, float]]
    colour: str
    dashed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """Values with their intervals, one a label. `marked`: indices of the labels that form a marked stretch; `joined`:
    neighbours are drawn connected, which categories are not.
    """

    name: str
    interval_name: str
    labels: Sequence[str]
    values: Sequence[float]
    lows: Sequence[float]
    highs: Sequence[float]
    marked: Sequence[int] = ()
    marked_name: str = ""
    joined: bool = True


def flat_bars(
    labels: Sequence[str], series: Sequence[Bars], axis: str, suffix: str = "", *, written: bool = False
) -> Option:
    """Horizontal bars, the first label on top; shapes: each series has one value a label. `written`: the value stands
    at the end of each bar, for those that are too short to be seen.
    """
    return _frame(series) | {
        "grid": _room(12 if len(series) == 1 and not axis else 58),
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}, "valueFormatter": suffix},
        "xAxis": _values(axis, suffix),
        "yAxis": _labels(labels)
        | {"inverse": True, "axisLabel": {"color": INK, "width": 230, "overflow": "break"}},
        "media": [
            {"query": {"maxWidth": PHONE}, "option": {"yAxis": {"axisLabel": {"width": 120}}}},
            {"option": {"yAxis": {"axisLabel": {"width": 230}}}},
        ],
        "series": [
            {
                "type": "bar",
                "name": s.name,
                "data": list(s.values),
                "itemStyle": {"color": s.colour},
                "barMaxWidth": 16,
            }
            | (
                {"label": {"show": True, "position": "right", "color": INK, "fontSize": 11}}
                if written
                else {}
            )
            for s in series
        ],
    }


def stacked_shares(labels: Sequence[str], series: Sequence[Bars]) -> Option:
    """One bar of 100 % a label, cut into the series; values in per cent."""
    return _frame(series) | {
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}, "valueFormatter": " %"},
        "xAxis": _values("", " %") | {"max": 100},
        "yAxis": _labels(labels) | {"inverse": True, "axisLabel": {"color": INK}},
        "series": [
            {
                "type": "bar",
                "stack": "all",
                "name": s.name,
                "data": [_labelled(value) for value in s.values],
                "itemStyle": {"color": s.colour, "borderColor": "#fff", "borderWidth": 1},
                "label": {"show": True, "formatter": "{c}", "color": _on(s.colour), "fontSize": 11},
                "labelLayout": {"hideOverlap": True},
                "barMaxWidth": 28,
            }
            for s in series
        ],
    }


def standing_bars(
    labels: Sequence[str], series: Sequence[Bars], names: tuple[str, str], reference: tuple[float, str] | None
) -> Option:
    """Vertical bars; `names` of the horizontal and vertical axis; `reference` draws a dashed line with its name."""
    drawn = [
        {
            "type": "bar",
            "name": s.name,
            "data": list(s.values),
            "itemStyle": {"color": s.colour},
            "barMaxWidth": 34,
        }
        for s in series
    ]
    if reference is not None:
        drawn[0]["markLine"] = _reference(*reference)
    return _frame(series) | {
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}, "valueFormatter": ""},
        "xAxis": _labels(labels, names[0]),
        "yAxis": _values(names[1], ""),
        "series": drawn,
    }


def lines(series: Sequence[Line], names: tuple[str, str], suffix: str = "") -> Option:
    """Lines over a common numeric axis; `names` of the horizontal and vertical axis."""
    return _frame(series) | {
        "tooltip": {"trigger": "axis", "valueFormatter": suffix},
        "xAxis": _values(names[0], suffix) | {"nameLocation": "middle", "nameGap": 28},
        "yAxis": _values(names[1], suffix),
        "series": [
            {
                "type": "line",
                "name": s.name,
                "data": [list(point) for point in s.points],
                "showSymbol": False,
                "itemStyle": {"color": s.colour},
                "lineStyle": {"color": s.colour, "width": 2, "type": "dashed" if s.dashed else "solid"},
            }
            for s in series
        ],
    }


def points_with_intervals(
    points: Points,
    names: tuple[str, str],
    reference: tuple[float, str] | None = None,
    suffix: str = "",
    beside: Bars | None = None,
) -> Option:
    """Dots with bars for their intervals; `reference` is a dashed line; `beside` further values to compare the dots
    with.
    """
    spans = [round(high - low, 6) for low, high in zip(points.lows, points.highs, strict=True)]
    floor = {"type": "bar", "stack": "interval", "silent": True, "data": list(points.lows), "barWidth": 10}
    floor["stackStrategy"] = "all"  # an interval may begin below 0 and end above it
    span = floor | {"name": points.interval_name, "data": spans, "itemStyle": {"color": SKY, "opacity": 0.75}}
    dots: dict[str, Any] = {
        "type": "line",
        "name": points.name,
        "data": list(points.values),
        "symbol": "circle",
        "symbolSize": 7,
        "itemStyle": {"color": BLUE},
        "lineStyle": {"color": BLUE, "width": 1 if points.joined else 0, "opacity": 0.5},
        "z": 3,
    }
    if reference is not None:
        dots["markLine"] = _reference(*reference, side="Start")
    if points.marked:
        span["markArea"] = _marked(
            points
        )  # a bar series: its areas cover whole bands, a line's only their middles
    drawn = [floor | {"itemStyle": {"color": "transparent"}}, span, dots]
    legend = [points.name, points.interval_name]
    if beside is not None:
        drawn.append(
            {"type": "line", "name": beside.name, "data": list(beside.values), "itemStyle": {"color": beside.colour},
             "lineStyle": {"type": "dashed", "color": beside.colour}, "symbol": "diamond", "symbolSize": 8, "z": 4}
        )  # fmt: skip
        legend.append(beside.name)
    return _frame(()) | {
        "legend": {"data": legend, "top": 0, "textStyle": {"color": INK}},
        "tooltip": {
            "trigger": "axis",
            "axisPointer": {"type": "shadow"},
            "intervals": True,
            "valueFormatter": suffix,
        },
        "xAxis": _labels(points.labels, names[0]) | _tilted(points.labels),
        # Room above the highest interval for the name of the marked stretch.
        "yAxis": _values(names[1], suffix) | {"boundaryGap": [0, "12%"]},
        "series": drawn,
    }


MOST_ROWS = 11
"""Rows of the table behind a chart: of a curve with more points as many, evenly picked, the first and the last among
them.
"""


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a chart draws, as a table: names of the columns (the first names the rows), and the cells of each row."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


def numbers_of(option: Option) -> Numbers:
    """The numbers that a chart of this module draws, for readers who would rather read them, or cannot see it."""
    axes = (option["xAxis"], option["yAxis"])
    named = next((axis for axis in axes if axis["type"] == "category"), None)
    suffix = option["tooltip"]["valueFormatter"]
    drawn = [one for one in option["series"] if "name" in one]
    if named is None:
        return _of_curves(drawn, axes[0]["name"], suffix)
    columns = [_column(one, axes) for one in drawn]
    cells = [[_written(_plain(value), suffix) for value in one["data"]] for one in drawn]
    if option["tooltip"].get("intervals"):
        lows, spans = option["series"][0]["data"], option["series"][1]["data"]
        ends = [
            f"{_written(low, '')}–{_written(low + span, suffix)}"
            for low, span in zip(lows, spans, strict=True)
        ]
        cells[0], cells[1] = cells[1], ends
        columns[0], columns[1] = columns[1], columns[0]
    return Numbers([named["name"], *columns], list(zip(named["data"], *cells, strict=True)))


def _column(one: Mapping[str, Any], axes: Sequence[Mapping[str, Any]]) -> str:
    """The series's name, or its axis's where it goes without."""
    return one["name"] or next(axis["name"] for axis in axes if axis["type"] == "value")


def _of_curves(drawn: Sequence[Mapping[str, Any]], name: str, suffix: str) -> Numbers:
    values = [{round(x, 6): y for x, y in one["data"]} for one in drawn]
    places = sorted(set().union(*values))
    step = max(1.0, (len(places) - 1) / (MOST_ROWS - 1))
    picked = dict.fromkeys(
        places[min(round(k * step), len(places) - 1)] for k in range(min(len(places), MOST_ROWS))
    )
    rows = [[_written(x, suffix), *(_written(one.get(x), suffix) for one in values)] for x in picked]
    return Numbers([name, *(one["name"] for one in drawn)], rows)


def _plain(value: Any) -> float | None:
    return value["value"] if isinstance(value, Mapping) else value


def _written(value: float | None, suffix: str) -> str:
    return "–" if value is None else f"{round(value, 4) + 0:,.10g}{suffix}"


def _tilted(labels: Sequence[str]) -> dict[str, Any]:
    """Many labels stand aslant, and the axis's name below the longest of them."""
    longest = max((cell_len(label) for label in labels), default=0)
    if len(labels) <= MOST_LEVEL or longest <= 2:
        return {}
    label = {"color": INK, "rotate": 40, "interval": 0, "hideOverlap": len(labels) > MOST_NAMED}
    return {"axisLabel": label, "nameGap": 24 + 4.6 * longest}


def _frame(series: Sequence[Bars | Line]) -> dict[str, Any]:
    # The space above the plot holds the legend and the name of the vertical axis.
    return {
        "animation": False,
        "color": list(PALETTE),
        "textStyle": {"fontFamily": FONTS},
        "grid": _room(58),
        "legend": {"show": len(series) > 1, "top": 0, "textStyle": {"color": INK}},
    }


def _room(above: int) -> dict[str, Any]:
    return {"left": 12, "right": 24, "top": above, "bottom": 34, "containLabel": True}


def _labelled(value: float | None) -> float | dict[str, Any] | None:
    """A part of a stacked bar; one too narrow for its number goes without."""
    return value if value is None or value >= NARROW else {"value": value, "label": {"show": False}}


def _values(name: str, suffix: str) -> dict[str, Any]:
    return {
        "type": "value",
        "name": name,
        "nameTextStyle": {"color": INK, "align": "left"},
        "axisLabel": {"formatter": "{value}" + suffix, "color": INK},
        "splitLine": {"lineStyle": {"color": PALE}},
    }


def _labels(labels: Sequence[str], name: str = "") -> dict[str, Any]:
    return {
        "type": "category",
        "data": list(labels),
        "name": name,
        "nameLocation": "middle",
        "nameGap": 28,
        "nameTextStyle": {"color": INK},
        "axisLabel": {"color": INK},
        "axisTick": {"show": False},
    }


def _reference(value: float, name: str, side: str = "End") -> dict[str, Any]:
    return {
        "silent": True,
        "symbol": "none",
        "lineStyle": {"color": VERMILION, "type": "dashed", "width": 1.5},
        "label": {"formatter": name, "position": f"inside{side}Top", "color": WARNING_INK},
        "data": [{"yAxis": value}],
    }


def _marked(points: Points) -> dict[str, Any]:
    """Neighbouring marked labels become one shaded stretch each."""
    stretches: list[list[int]] = []
    for k in sorted(points.marked):
        if stretches and k == stretches[-1][1] + 1:
            stretches[-1][1] = k
        else:
            stretches.append([k, k])
    return {
        "silent": True,
        "itemStyle": {"color": ORANGE, "opacity": 0.18},
        "label": {"color": INK, "position": "insideTop", "fontSize": 11},
        "data": [
            [{"name": points.marked_name if not i else "", "xAxis": start}, {"xAxis": end}]
            for i, (start, end) in enumerate(stretches)
        ],
    }


def _on(colour: str) -> str:
    """Black or white, whichever reads better on `colour` (relative luminance, WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return "#000" if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 else "#fff"
