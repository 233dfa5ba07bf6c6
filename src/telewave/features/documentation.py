"""The reference page of features, made from the catalogue itself."""

from __future__ import annotations

from telewave.features.catalogue import FEATURES, GROUPS
from telewave.features.feature import Feature
from telewave.kernel import Label, Message
from telewave.platform.languages import Language, render

UNITS: dict[str, Label] = {
    "": Label("", ""),
    "years": Label("years", "岁"),
    "months": Label("months", "月"),
    "days": Label("days", "天"),
    "min": Label("min", "分钟"),
    "s": Label("s", "秒"),
    "MB": Label("MB", "MB"),
    "yuan": Label("yuan", "元"),
}
KINDS: dict[str, Label] = {
    "number": Label("number", "数值"),
    "category": Label("category", "类别"),
    "flag": Label("yes or no", "是或否"),
    "date": Label("date", "日期"),
}
STATE, ONE_MONTH, MONTHS = Message("state"), Message("1 month"), Message("{count} months")
COLUMNS = (
    Message("Feature"),
    Message("Label"),
    Message("Meaning"),
    Message("Kind"),
    Message("Unit"),
    Message("Window"),
    Message("Source"),
)


def features_markdown(language: Language) -> str:
    """Every feature of the wide table, a table a group."""
    lines = [render(Message("# Features"), language), "", render(_introduction(), language)]
    head = [render(column, language) for column in COLUMNS]
    for title, features in GROUPS:
        lines += ["", f"## {render(title, language)}", "", _line(head), "|" + " --- |" * len(head)]
        lines += [_line(_row(feature, language)) for feature in features]
    return "\n".join(lines) + "\n"


def window(feature: Feature) -> Message:
    """How far back a feature looks, in words."""
    if feature.window == 0:
        return STATE
    return ONE_MONTH if feature.window == 1 else Message(MONTHS.template, count=feature.window)


def _introduction() -> Message:
    return Message(
        "The {count} columns of the wide table as of a date, one row a subscriber. A window is that many "
        "calendar months, "
        "which end on the eve of the date: as of 15 July, one month is 15 June to 14 July. A state is what is so on "
        "that eve. Nothing recorded on the date itself or later is in any of them. An unknown value is "
        "empty, never zero. "
        "A feature is unknown for everybody where the records of its source do not go back over its "
        "window: usage must begin by the window's "
        "first day, contacts and complaints by the end of its first month (so must usage for orders), and "
        "every month must have bills and payments. Days since something last happened are told all the "
        "same. "
        "A source that has never been delivered is unknown altogether.",
        count=len(FEATURES),
    )


def _row(feature: Feature, language: Language) -> list[str]:
    texts = (feature.label, feature.meaning, KINDS[feature.kind.value], UNITS[feature.unit], window(feature))
    return [f"`{feature.name}`", *(render(text, language) for text in texts), f"`{feature.source}`"]


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"
