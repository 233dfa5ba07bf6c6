"""Dates and instants as SQL expressions over a text: every format, moved to the operator's
wall, 24:00, half days, epochs, serials. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from telewave.records.mapping import Source
from telewave.records.sql_text import literal, literals
from telewave.records.time_formats import (
    DATE_FORMATS,
    EPOCH,
    INSTANT_FORMATS,
    NAMED,
    at_midnight,
    digits_of,
    noon_apart,
    tells_hours,
    touching,
)

FIRST_DAYS = {
    # A spreadsheet's 1900 has a 29 February, number 60, which no calendar has; from 61 on days are one fewer.
    "excel_1900": (
        "CASE WHEN {day} BETWEEN 1 AND 59 THEN DATE '1899-12-31' WHEN {day} BETWEEN 61 AND 2958465 THEN "
        "DATE '1899-12-30' END"
    ),
    "excel_1904": "CASE WHEN {day} BETWEEN 0 AND 2957003 THEN DATE '1904-01-01' END",
}


def calendar_date(text: str, source: Source, timezone: str) -> str:
    """A date in one of the formats, the day of the operator's wall at that instant where a time is given.

    The day so many days after the end of its month or before its month, where the source says so.
    """
    day = f"CAST({_read(text, source, source.formats or DATE_FORMATS, timezone)} AS DATE)"
    if source.days_after_month_end is not None:
        day = f"(last_day({day}) + {source.days_after_month_end})"
    elif source.days_before_month is not None:
        day = f"(date_trunc('month', {day})::DATE - {source.days_before_month})"
    return _or_default(day, text, source, "DATE")


def instant(text: str, source: Source, timezone: str) -> str:
    """The wall time of the operator's `timezone`, in one of the formats.

    What has an offset (%z) or counts from 1970 is moved there; what has neither is wall time of
    the source's time zone, by default the same.
    """
    read = _read(text, source, source.formats or INSTANT_FORMATS, timezone)
    return _or_default(read, text, source, "TIMESTAMP")


def _or_default(read: str, text: str, source: Source, kind: str) -> str:
    """The default is written as 2026-07-01, whatever the file's formats are."""
    if source.otherwise is None:
        return read
    default = literal(source.otherwise)
    return f"CASE WHEN {text} = {default} THEN {kind} {default} ELSE {read} END"


def _read(text: str, source: Source, formats: Sequence[str], timezone: str) -> str:
    """A TIMESTAMP: the first of the formats that reads the text, else 24:00 of one of them."""
    away = source.timezone not in ("", timezone)
    moved = f" AT TIME ZONE {literal(source.timezone)} AT TIME ZONE {literal(timezone)}" if away else ""
    readings = []
    for sort, group in groupby(formats, _sort):
        readings += _readings(text, sort, list(group), moved, timezone)
    for sort, group in groupby([late for form in formats for late in at_midnight(form)], _sort):
        late = _readings(text, sort, list(group), "", timezone)
        readings += [f"({reading} + INTERVAL 1 DAY){'' if sort == 'offset' else moved}" for reading in late]
    return f"coalesce({', '.join(readings)})" if len(readings) > 1 else readings[0]


def _sort(form: str) -> str:
    """What reads the format: neighbours of one sort are read together."""
    if form in NAMED:
        return form
    if "%z" in form:
        return "offset"
    if "%p" in form:
        return "half"
    if not tells_hours(form):
        return "day"  # a day is the same day on every wall
    return "touching" if digits_of(form) or touching(form) or "24" in form else "plain"


def _readings(text: str, sort: str, formats: list[str], moved: str, timezone: str) -> list[str]:
    match sort:
        case "day":
            return [_fixed_width(text, form) for form in formats]
        case "offset":
            zulu = f"CASE WHEN right({text}, 1) IN ('Z', 'z') THEN left({text}, -1) || '+00' ELSE {text} END"
            return [f"try_strptime({zulu}, [{literals(formats)}]) AT TIME ZONE {literal(timezone)}"]
        case "half":
            apart = [noon_apart(form) for form in formats]
            return [f"(try_strptime({_noon_apart(text)}, [{literals(apart)}]){moved})"]
        case "touching":
            return [_fixed_width(text, form) + moved for form in formats]
        case "plain":
            return [f"try_strptime({text}, [{literals(formats)}]){moved}"]
        case "excel_1900" | "excel_1904":
            return [_serial(text, sort) + moved]
        case _:
            return [_epoch(text, EPOCH[sort], timezone)]


def _noon_apart(text: str) -> str:
    """The text with the words for the halves of the day as AM and PM, blanks around."""
    forenoon = f"regexp_replace({text}, '\\s*(上午|a\\.?m\\.?)\\s*', ' AM ', 'i')"
    return f"trim(regexp_replace({forenoon}, '\\s*(下午|p\\.?m\\.?)\\s*', ' PM ', 'i'))"


def _fixed_width(text: str, form: str) -> str:
    """Numbers that touch are read only at their full width: 2026111 is no date, and could be two."""
    read = f"try_strptime({text}, {literal(form)})"
    width = digits_of(form)
    if width is None and "24" in form:  # 24:00 in digits alone: what reads it leaves digits for the day only
        width = _midnight_digits(form)
    if width is not None:
        return f"CASE WHEN strlen({text}) = {width} THEN {read} END"
    shape = touching(form)
    return f"CASE WHEN regexp_full_match({text}, {literal(shape)}) THEN {read} END" if shape else read


def _midnight_digits(form: str) -> int | None:
    head, _, tail = form.partition("24")
    width = digits_of(head)
    return None if width is None or (tail and not tail.isdecimal()) else width + 2 + len(tail)


def _serial(text: str, system: str) -> str:
    """The day and, from its fraction, the time to the second: a file shows too few decimals for more."""
    number = (
        f"CASE WHEN regexp_full_match({text}, '[0-9]{{1,7}}([.][0-9]+)?') THEN TRY_CAST({text} AS "
        "DECIMAL(27, 15)) END"
    )
    day = f"floor({number})"
    first = FIRST_DAYS[system].format(day=day)
    seconds = f"CAST(round(({number} - {day}) * 86400) AS INTEGER)"
    return f"(({first}) + CAST({day} AS INTEGER) + to_seconds({seconds}))"


def _epoch(text: str, places: int, timezone: str) -> str:
    """An instant counted from 1970; more than eleven digits of seconds would be milliseconds by mistake."""
    shape = f"-?[0-9]{{1,{11 + places}}}([.][0-9]+)?"
    number = f"CASE WHEN regexp_full_match({text}, '{shape}') THEN TRY_CAST({text} AS DECIMAL(27, 9)) END"
    micros = f"CAST(round({number} * {10 ** (6 - places)}) AS BIGINT)"
    return f"(make_timestamp({micros}) AT TIME ZONE 'UTC' AT TIME ZONE {literal(timezone)})"
