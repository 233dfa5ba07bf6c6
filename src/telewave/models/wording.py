"""Values of variables as people read them: figures with units, categories, yes and no, stretches of high response.
Pure.
"""

from __future__ import annotations

import re
from decimal import Decimal

from telewave.features.code_labels import CODE_LABELS
from telewave.features.model import Variable, VariableKind
from telewave.kernel import Estimate, Label, Message
from telewave.models.model import ModelCard, ResponseCurve, Segment

MOST_CATEGORIES = 4
REST = "…"
UNITS = {
    "years": Label("years", "岁"),
    "months": Label("months", "月"),
    "days": Label("days", "天"),
    "min": Label("minutes", "分钟"),
    "s": Label("seconds", "秒"),
    "yuan": Label("yuan", "元"),
}
AFTER_A_NUMBER = {"months": Label("months", "个月")}
YES_OR_NO = {"true": Label("yes", "是"), "false": Label("no", "否")}
_SHARE = re.compile(r"_share(?:_\d+m)?$")


def is_share(variable: Variable) -> bool:
    """Whether the values are parts of one, which people read in per cent."""
    return bool(_SHARE.search(variable.name))


def figure(variable: Variable, value: float | None) -> str:
    """A value of `variable`, in per cent if it is a share."""
    if value is None or not is_share(variable):
        return plain(value)
    return f"{plain(value * 100)}%"


def plain(value: float | None) -> str:
    """A number for running text: whole from a hundred on, three digits below.

    >>> plain(1_200_560.0), plain(18.46), plain(0.00001)
    ('1,200,560', '18.5', '0.00001')
    """
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{Decimal(f'{value:.3g}'):f}"


def category(variable: Variable, code: str) -> Label:
    """A category's name for people; what has none stays as it is."""
    names = YES_OR_NO if variable.kind is VariableKind.FLAG else CODE_LABELS.get(variable.name, {})
    return names.get(code, Label(code, code))


def unit_of(variable: Variable) -> Label:
    """The unit of a variable for people; international ones such as MB, and an outside table's own, stay as they
    are.
    """
    unit = "%" if is_share(variable) else variable.unit
    return UNITS.get(unit, Label(unit, unit))


def with_unit(variable: Variable, value: float | None) -> Label:
    """A value of `variable` and its unit."""
    unit = AFTER_A_NUMBER.get(variable.unit, unit_of(variable))
    shown = figure(variable, value)
    if is_share(variable) or not variable.unit:
        return Label(shown, shown)
    return Label(f"{shown} {unit.en}", f"{shown} {unit.zh}")


def where_high(curve: ResponseCurve) -> Message | None:
    """The stretch or the categories of high response; None where nothing stands out."""
    high = [curve.bins[k] for k in curve.high_bins]
    if not high:
        return None
    names = [category(curve.variable, b.category) for b in high if b.category is not None]
    if names:
        more = [Label(REST, REST)] if len(names) > MOST_CATEGORIES else []
        return Message("{names}", names=[*names[:MOST_CATEGORIES], *more])
    known = [k for k, b in enumerate(curve.bins) if not b.missing]
    low, high_end = with_unit(curve.variable, high[0].low), with_unit(curve.variable, high[-1].high)
    if curve.high_bins[-1] == known[-1]:
        return Message("{low} and more", low=low)
    if curve.high_bins[0] == known[0]:
        return Message("less than {high}", high=high_end)
    return Message("{low} to {high}", low=figure(curve.variable, high[0].low), high=high_end)


def value_words(variable: Variable, value: str | float | None) -> Label | Message:
    """A single value of `variable` for people; None: unknown."""
    if value is None:
        return Message("unknown")
    return category(variable, value) if isinstance(value, str) else with_unit(variable, value)


def segment_words(segment: Segment, auc: float | None) -> Message:
    """A value that holds a large part of all takers; `auc`: of the ranking with it, None where not known."""
    told = {
        "variable": segment.variable.label,
        "value": value_words(segment.variable, segment.value),
        "takers": segment.takers,
        "rows": segment.rows,
        "rate": segment.rate.value,
    }
    if auc is None or segment.auc_without is None:
        return Message(
            "A segment of its own: {variable} is {value}. It holds {takers:.0%} of all takers among "
            "{rows:.1%} of the rows; {rate:.1%} of it take the offer.",
            **told,
        )
    return Message(
        "A segment of its own: {variable} is {value}. It holds {takers:.0%} of all takers among {rows:.1%} "
        "of the rows; {rate:.1%} of it take the offer. "
        "AUC without it: {without:.2f}, with it: {auc:.2f}.",
        **told,
        without=segment.auc_without,
        auc=auc,
    )


def segments_told(card: ModelCard) -> tuple[Message, ...]:
    """A sentence for each single value that holds a fifth of all takers."""
    auc = card.validation.refreshed.auc
    whole = auc.value if isinstance(auc, Estimate) else None
    return tuple(segment_words(segment, whole) for segment in card.segments)


def quoted(name: str) -> Label:
    """An identifier in running text: in quotation marks, as it is no word of either language."""
    return Label(f"“{name}”", f"“{name}”")


def with_names(text: Message, title: Label | None = None) -> Message:
    """`text` (a target, a data window) with the offer or outside table in it called `title`, or by its quoted
    identifier.
    """
    names = {key: title or quoted(str(text.values[key])) for key in ("offer", "name") if key in text.values}
    return Message(text.template, **text.values | names)
