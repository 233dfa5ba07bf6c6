"""The report's charts: options from the report's values, in the reader's language. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from telewave.features.model import Variable
from telewave.kernel import Estimate, Label, Message
from telewave.models.model import RankingQuality, ResponseBin, ResponseCurve
from telewave.models.wording import REST, category, is_share, unit_of
from telewave.platform.pages.charts import (
    BLUE,
    FAINT,
    GREEN,
    ORANGE,
    PURPLE,
    SKY,
    Bars,
    Line,
    Option,
    Points,
    flat_bars,
    lines,
    points_with_intervals,
    stacked_shares,
    standing_bars,
)
from telewave.targeting.bands import AGE, TENURE
from telewave.targeting.profiles import GroupProfile, name_of
from telewave.targeting.report import Reason, ReportContext
from telewave.targeting.sentences import percent

Say = Callable[[Message | Label | str], str]

BAND_COLOURS = (PURPLE, SKY, ORANGE, GREEN, BLUE, FAINT)


@dataclass(frozen=True, slots=True)
class Chart:
    """One drawing: the id of its place on the page, what it shows in words (for readers
    who cannot see it), its height in pixels.
    """

    name: str
    words: str
    option: Option
    height: int


def band_chart(context: ReportContext, variable: str, say: Say) -> Chart | None:
    """How a variable lies in each group, as shares of those whose value is known; None where the table lacks it."""
    shown: list[GroupProfile] = [s.profile for s in context.groups if s.profile.n] + [context.everybody]
    if variable not in context.everybody.bands:
        return None
    labels = [say(name_of(profile.group)) for profile in shown]
    series = [
        Bars(say(part.band.label), [_share(profile, variable, k) for profile in shown], BAND_COLOURS[k])
        for k, part in enumerate(context.everybody.bands[variable])
        if part.band
    ]
    words = {AGE: Message("Age by group, per cent"), TENURE: Message("Tenure by group, per cent")}[variable]
    return Chart(f"bands-{variable}", say(words), stacked_shares(labels, series), 90 + 44 * len(labels))


def _share(profile: GroupProfile, variable: str, band: int) -> float:
    return round(profile.bands[variable][band].share * 100, 1)


def reasons_chart(context: ReportContext, say: Say) -> Chart:
    """Contributions as bars, the case's own beside them."""
    reasons = context.reasons
    series = [Bars(say(Message("This model")), [_part(r) for r in reasons], BLUE)]
    if context.case and context.case.contributions:
        case = [round(r.case.share, 6) if r.case else None for r in reasons]
        series.append(Bars(say(context.case.name), case, ORANGE))
    words = say(Message("Contribution of each variable to the ranking"))
    labels = [say(r.label) for r in reasons]
    return Chart("reasons", words, flat_bars(labels, series, ""), 80 + 36 * len(reasons))


def _part(reason: Reason) -> float | None:
    return None if reason.part is None else round(reason.part.share, 6)


def response_chart(curve: ResponseCurve, say: Say) -> Chart:
    """Share of takers over the range of one variable, with intervals, the overall rate and the high-response
    interval.
    """
    points = Points(
        name=say(Message("Share of takers")),
        interval_name=say(Message("95% interval")),
        labels=bin_labels(curve, say),
        values=[_percent(b.rate.value) for b in curve.bins],
        lows=[_percent(b.rate.low) for b in curve.bins],
        highs=[_percent(b.rate.high) for b in curve.bins],
        marked=curve.high_bins,
        marked_name=say(Message("high response")),
        joined=not any(b.category is not None for b in curve.bins),
    )
    overall = say(Message("overall {rate}", rate=percent(curve.base_rate)))
    words = say(Message("Share of takers by {variable}", variable=curve.variable.label))
    unit = say(unit_of(curve.variable))
    option = points_with_intervals(
        points, (unit, say(Message("Share of takers"))), (_percent(curve.base_rate), overall), "%"
    )
    return Chart(f"curve-{curve.variable.name}", words, option, 340)


def bin_labels(curve: ResponseCurve, say: Say) -> list[str]:
    """The stretches or categories that bins cover, with as many decimals as it takes to tell their edges apart."""
    scale = 100 if is_share(curve.variable) else 1
    edges = sorted({edge * scale for b in curve.bins for edge in (b.low, b.high) if edge is not None})
    decimals = next((d for d in range(4) if len({round(edge, d) for edge in edges}) == len(edges)), 4)

    def shown(edge: float) -> str:
        return f"{edge * scale:,.{decimals}f}"

    return [_bin_label(curve.variable, b, shown, say) for b in curve.bins]


def _bin_label(variable: Variable, one: ResponseBin, shown: Callable[[float], str], say: Say) -> str:
    if one.category is not None:
        return say(Message("others") if one.category == REST else category(variable, one.category))
    if one.low is None or one.high is None:
        return say(Message("unknown"))
    low, high = shown(one.low), shown(one.high)
    if low == high:
        return low
    return f"{low}–{high}" if one.low >= 0 else say(Message("{low} to {high}", low=low, high=high))


def _percent(share: float) -> float:
    return round(share * 100, 4)


def gain_chart(context: ReportContext, say: Say) -> Chart:
    """Share of takers found against share of the list contacted."""
    series = [Line(say(Message("Refreshed")), _points(context.refreshed), BLUE)]
    if context.trained_once is not None:
        name = say(Message("Trained once"))
        series.append(Line(name, _points(context.trained_once), ORANGE))
    series.append(Line(say(Message("At random")), [(0.0, 0.0), (100.0, 100.0)], FAINT, dashed=True))
    names = (
        say(Message("Share of the list contacted, best first")),
        say(Message("Share of all takers found")),
    )
    words = say(Message("Takers found, by share of the list contacted"))
    return Chart("gain", words, lines(series, names, "%"), 380)


def _points(quality: RankingQuality) -> list[tuple[float, float]]:
    return [(round(x * 100, 2), round(y * 100, 2)) for x, y in quality.gain]


def lift_chart(context: ReportContext, say: Say) -> Chart:
    """Takers in each tenth of the list relative to the average."""
    labels = [str(k) for k in range(1, 11)]
    values = [round(lift, 3) for lift in context.refreshed.lift_by_tenth]
    names = (say(Message("Tenth of the list, the best first")), say(Message("Times the average")))
    option = standing_bars(labels, [Bars(names[1], values, BLUE)], names, (1, say(Message("average"))))
    return Chart(
        "lift", say(Message("Takers in each tenth of the list, relative to the average")), option, 340
    )


def calibration_chart(context: ReportContext, say: Say) -> Chart:
    """What was predicted beside what came, in stretches of the predicted probability."""
    bins = context.refreshed.calibration
    points = Points(
        name=say(Message("Took the offer")),
        interval_name=say(Message("95% interval")),
        labels=[str(k + 1) for k in range(len(bins))],
        values=[_percent(b.observed.value) for b in bins],
        lows=[_percent(b.observed.low) for b in bins],
        highs=[_percent(b.observed.high) for b in bins],
    )
    predicted = Bars(say(Message("Predicted")), [_percent(b.predicted) for b in bins], ORANGE)
    names = (
        say(Message("From the lowest to the highest predicted probability")),
        say(Message("Share of takers")),
    )
    option = points_with_intervals(points, names, None, "%", predicted)
    return Chart("calibration", say(Message("Predicted and actual share of takers")), option, 340)


def folds_chart(context: ReportContext, say: Say) -> Chart | None:
    """AUC of each period that could be judged; None below two."""
    told = [(period, q.auc) for period, _, q in context.folds if isinstance(q.auc, Estimate)]
    if len(told) < 2:
        return None
    points = Points(
        name="AUC",
        interval_name=say(Message("95% interval")),
        labels=[period for period, _ in told],
        values=_column(told, "value"),
        lows=_column(told, "low"),
        highs=_column(told, "high"),
    )
    names = ("", "AUC")
    option = points_with_intervals(points, names, (0.5, say(Message("at random"))))
    return Chart("folds", say(Message("AUC of each period not seen in training")), option, 340)


def _column(told: Sequence[tuple[str, Estimate]], name: str) -> list[float]:
    return [round(float(getattr(estimate, name)), 4) for _, estimate in told]
