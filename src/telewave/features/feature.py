"""What a feature is, and the few forms that most features take."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import ibis.expr.types as ir

from telewave.features.folding import MONTHS
from telewave.features.model import Variable, VariableKind
from telewave.kernel import Label

Formula = Callable[[ir.Table], ir.Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One column of the wide table.

    `formula` is computed on the joined row of a subscriber: profile, holdings, device, and the
    folded measures `<measure>_1m` and `<measure>_3m`. `window` in calendar months before the as-of
    date, 0 for a state. `source`: a contract.
    """

    name: str
    label: Label
    meaning: Label
    unit: str
    kind: VariableKind
    window: int
    source: str
    formula: Formula

    @property
    def variable(self) -> Variable:
        """What everything above the features sees of it."""
        return Variable(
            name=self.name, label=self.label, kind=self.kind, unit=self.unit, meaning=self.meaning
        )


WINDOWS: dict[int, Label] = {
    1: Label(" in the last month", "(近一月)"),
    MONTHS: Label(" in three months", "(近三月)"),
}
NONE_IS_ZERO = Label("Zero when there are no records.", "无记录时为零。")
NONE_IS_UNKNOWN = Label("Unknown when there is nothing to divide by.", "分母为零时为空。")
COUNTED_TO_THE_EVE = Label(
    "Counted to the eve of the date. Unknown when it did not happen in three months.",
    "计至截止日前一天；近三个月未发生时为空。",
)


def total(
    name: str,
    measure: str,
    source: str,
    label: Label,
    unit: str,
    per: float = 1,
    meaning: Label | None = None,
) -> Iterator[Feature]:
    """A measure in units of `per`, in the last month and in three months."""
    for months, suffix in WINDOWS.items():
        column = f"{measure}_{months}m"
        yield Feature(
            name=f"{name}_{months}m",
            label=joined(label, suffix),
            meaning=sentence(meaning or label, NONE_IS_ZERO),
            unit=unit,
            kind=VariableKind.NUMBER,
            window=months,
            source=source,
            formula=lambda t, column=column: t[column] / per if per != 1 else t[column].cast("float64"),  # type: ignore[misc]
        )


def change(name: str, measure: str, source: str, label: Label, unit: str, per: float = 1) -> Feature:
    """The last month less the mean of the two months before it."""

    def formula(t: ir.Table) -> ir.Value:
        last, three = t[f"{measure}_1m"], t[f"{measure}_3m"]
        return (last - (three - last) / (MONTHS - 1)) / per

    return Feature(
        name=f"{name}_change",
        label=joined(label, Label(", change", "变化")),
        meaning=sentence(
            label,
            Label(
                "The last month less the mean of the two months before. Zero when there are no records.",
                "最近一月减去之前两个月的平均值。无记录时为零。",
            ),
        ),
        unit=unit,
        kind=VariableKind.NUMBER,
        window=MONTHS,
        source=source,
        formula=formula,
    )


def share(
    name: str,
    part: str,
    whole: str,
    source: str,
    label: Label,
    months: int = MONTHS,
    unit: str = "",
    meaning: Label | None = None,
) -> Feature:
    """One measure divided by another over the same window."""
    return Feature(
        name=f"{name}_{months}m",
        label=joined(label, WINDOWS[months]),
        meaning=sentence(meaning or label, NONE_IS_UNKNOWN),
        unit=unit,
        kind=VariableKind.NUMBER,
        window=months,
        source=source,
        formula=lambda t: t[f"{part}_{months}m"] / t[f"{whole}_{months}m"].nullif(0),
    )


def days_since(name: str, measure: str, source: str, label: Label) -> Feature:
    """Days from the last time it happened to the eve of the as-of date; unknown when not in three months."""
    return Feature(
        name=name,
        label=label,
        meaning=sentence(label, COUNTED_TO_THE_EVE),
        unit="days",
        kind=VariableKind.NUMBER,
        window=MONTHS,
        source=source,
        formula=lambda t: (t.as_of_day - 1 - t[f"{measure}_3m"]).cast("float64"),
    )


def state(
    name: str, label: Label, meaning: Label, kind: VariableKind, source: str, unit: str, formula: Formula
) -> Feature:
    """What is so on the eve of the as-of date."""
    return Feature(
        name=name,
        label=label,
        meaning=meaning,
        unit=unit,
        kind=kind,
        window=0,
        source=source,
        formula=formula,
    )


def joined(first: Label, second: Label) -> Label:
    """Two labels run together in each language."""
    return Label(first.en + second.en, first.zh + second.zh)


def sentence(first: Label, second: Label) -> Label:
    """A meaning and a remark after it."""
    return Label(f"{first.en.rstrip('.')}. {second.en}", f"{first.zh.rstrip('。')}。{second.zh}")
