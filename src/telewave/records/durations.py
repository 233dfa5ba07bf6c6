"""Durations as files write them: 00:03:25, 3分25秒, 1h3m. SQL expressions over a text, in whole seconds. Pure."""

from __future__ import annotations

CLOCKS = {
    "%H:%M:%S": "[0-9]{1,4}:[0-5][0-9]:[0-5][0-9]([.][0-9]+)?",
    "%M:%S": "[0-9]{1,5}:[0-5][0-9]",
    "%H:%M": "[0-9]{1,4}:[0-5][0-9]",
}
"""What a duration's format may be; the first is read without being said."""
HOURS, MINUTES, SECONDS = "小时|时|hours?|h", "分钟|分|min|m", "秒钟|秒|sec|s"
IN_UNITS = " *".join(f"(([0-9]{{1,7}}) *({unit}))?" for unit in (HOURS, MINUTES, SECONDS))


def seconds(text: str, formats: tuple[str, ...]) -> str:
    """The seconds of a duration that names its units or is written as a clock shows it; null for any other text."""
    clocks = "".join(
        f" WHEN regexp_full_match({text}, '{CLOCKS[form]}') THEN {_of_clock(text, form)}"
        for form in formats or ("%H:%M:%S",)
    )
    units = [
        f"coalesce(TRY_CAST(regexp_extract(lower({text}), '([0-9]+) *({unit})', 1) AS BIGINT), 0) * {worth}"
        for unit, worth in ((HOURS, 3600), (MINUTES, 60), (SECONDS, 1))
    ]
    named = f"{text} <> '' AND regexp_full_match(lower({text}), '{IN_UNITS}')"
    return f"CASE WHEN {named} THEN {' + '.join(units)}{clocks} END"


def _of_clock(text: str, form: str) -> str:
    worth = {"%H": 3600, "%M": 60, "%S": 1}
    parts = [
        f"CAST(round(CAST(split_part({text}, ':', {place}) AS DOUBLE)) AS BIGINT) * {worth[part]}"
        for place, part in enumerate(form.split(":"), 1)
    ]
    return " + ".join(parts)
