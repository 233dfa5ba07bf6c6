"""How one column's values are to be read: date formats, units, codes, what stands for nothing. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from telewave.kernel import Message
from telewave.records.checks import NO, YES
from telewave.records.mapping import GAP
from telewave.records.model import Column, Kind
from telewave.records.vocabulary import CODES, FOREVER, NOTHING, UNITS

HALF = "(?:上午|下午|AM|PM)"
OFFSET = r"(?:Z|[+-]\d{2}:?\d{2})"
FORMATS = {
    "%Y-%m-%d %H:%M:%S.%f": r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d{1,6}",
    "%Y-%m-%dT%H:%M:%S": r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}",
    "%Y-%m-%d %H:%M:%S": r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}",
    "%Y/%m/%d %H:%M:%S": r"\d{4}/\d{1,2}/\d{1,2} \d{1,2}:\d{2}:\d{2}",
    "%Y%m%d %H:%M:%S": r"\d{8} \d{2}:\d{2}:\d{2}",
    "%Y%m%d%H%M%S": r"\d{14}",
    "%Y-%m-%d %H:%M": r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}",
    "%Y/%m/%d %H:%M": r"\d{4}/\d{1,2}/\d{1,2} \d{1,2}:\d{2}",
    "%Y/%m/%d %p %I:%M:%S": rf"\d{{4}}/\d{{1,2}}/\d{{1,2}} ?{HALF} ?\d{{1,2}}:\d{{2}}:\d{{2}}",
    "%Y-%m-%d %p %I:%M:%S": rf"\d{{4}}-\d{{1,2}}-\d{{1,2}} ?{HALF} ?\d{{1,2}}:\d{{2}}:\d{{2}}",
    "%Y-%m-%dT%H:%M:%S%z": rf"\d{{4}}-\d{{2}}-\d{{2}}T\d{{2}}:\d{{2}}:\d{{2}}{OFFSET}",
    "%Y-%m-%dT%H:%M:%S.%f%z": rf"\d{{4}}-\d{{2}}-\d{{2}}T\d{{2}}:\d{{2}}:\d{{2}}\.\d{{1,6}}{OFFSET}",
    "%Y-%m-%d": r"\d{4}-\d{2}-\d{2}",
    "%Y/%m/%d": r"\d{4}/\d{1,2}/\d{1,2}",
    "%Y%m%d": r"\d{8}",
    "%Y.%m.%d": r"\d{4}\.\d{1,2}\.\d{1,2}",
    "%Y年%m月%d日": r"\d{4}年\d{1,2}月\d{1,2}日",
    "%d/%m/%Y": r"\d{1,2}/\d{1,2}/\d{4}",
    "%m/%d/%Y": r"\d{1,2}/\d{1,2}/\d{4}",
}
COUNTED = {
    "epoch_s": (r"\d{10}(\.\d+)?", 946_684_800, 2_051_222_400),
    "epoch_ms": (r"\d{13}", 946_684_800_000, 2_051_222_400_000),
    "excel_1900": (r"\d{5}(\.\d+)?", 36_526, 49_310),
}
"""What counts seconds or days instead of writing them, and the numbers of the years 2000 to 2034."""
CLOCKS = {"%H:%M:%S": r"\d{1,2}:\d{2}:\d{2}", "%H:%M": r"\d{1,2}:\d{2}", "%H%M%S": r"\d{6}"}
"""Times of day that stand in a column of their own."""
DURATION = re.compile(
    r"\d{1,4}:[0-5]\d:[0-5]\d|(\d+ *(小时|时|h))? *(\d+ *(分钟|分|min|m))? *(\d+ *(秒钟|秒|sec|s))?"
)
MONTHS = {
    "%Y%m": r"\d{6}",
    "%Y-%m": r"\d{4}-\d{2}",
    "%Y/%m": r"\d{4}/\d{2}",
    "%Y年%m月": r"\d{4}年\d{1,2}月",
}
NEARLY_ALL = 0.98
"""Share of the values that a format must read to be believed."""
SHOWN = 5
MOST_WORDS = 40
"""A column with more different values holds no codes."""
OWN_UNIT_NAMES = re.compile(r"_(kb|s|minor)$")


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """The mapping's keys beside `from`, remarks for the reader, and how many gaps the keys
    have. `certain`: the values alone told it.
    """

    keys: Mapping[str, Any] = field(default_factory=dict)
    remarks: tuple[Message, ...] = ()
    gaps: int = 0
    certain: bool = False

    def after(self, remark: Message) -> Reading:
        """The same with a remark before the others."""
        return replace(self, remarks=(remark, *self.remarks))


def read_values(values: list[str], column: Column, unit: str | None, header: str = "") -> Reading:
    """How the mapping must read these `values` of the column. `unit`: the one that the `header` names, if it does."""
    nothing = sorted({value for value in values if value in NOTHING})
    kept = [value for value in values if value not in NOTHING]
    reading = _read(kept, column, unit, header)
    missing = [*nothing, *reading.keys.get("missing", ())]
    return replace(reading, keys={**reading.keys, "missing": missing}) if missing else reading


def _read(values: list[str], column: Column, unit: str | None, header: str) -> Reading:
    match column.kind:
        case Kind.DATE | Kind.INSTANT:
            return _time(values, column)
        case Kind.MONEY | Kind.INTEGER:
            return _amount(values, column, unit, header)
        case Kind.CODE:
            return _codes(values, column)
        case Kind.FLAG:
            unknown = sorted({v for v in values if v.lower() not in (*YES, *NO)})
            return _unread(unknown) if unknown else Reading()
        case Kind.TEXT if column.name == "offer":
            words = sorted(set(values))[:SHOWN]
            asked = Message(
                "in words: {words}; `codes` translates them to the names that models and plans use",
                words=words,
            )
            return Reading(remarks=(asked,) if words else ())
        case _:
            return Reading()


def _unread(values: Iterable[str]) -> Reading:
    return Reading(remarks=(Message("cannot be read as they are: {values}", values=list(values)[:SHOWN]),))


def _time(values: list[str], column: Column) -> Reading:
    never = [] if column.required else sorted({v for v in values if v in FOREVER})
    kept = [value for value in values if value not in FOREVER] if never else values
    missing = {"missing": never} if never else {}
    if not kept:
        return Reading(keys=missing)
    distinct = sorted(set(kept))
    known = {**MONTHS, **FORMATS} if column.first_of_month else FORMATS
    fitting = [form for form, shape in known.items() if _fits(distinct, form, shape)]
    days_only = column.kind is Kind.INSTANT and bool(fitting) and not any(map(_has_clock, fitting))
    if len(fitting) == 1 and not days_only:
        return Reading(keys={"formats": fitting, **missing}, certain=_has_clock(fitting[0]))
    if not fitting and (counted := _counted(distinct)):
        told = Message(
            "counted, not written; {format}: is {value} the right day?",
            format=counted,
            value=_day(distinct[0], counted),
        )
        return Reading(keys={"formats": [counted], **missing}, remarks=(told,))
    asked = Message("how are these dates written: {values}?", values=distinct[:SHOWN])
    if days_only:
        asked = Message(
            "{values} are days without a time of day: which column holds it?", values=distinct[:SHOWN]
        )
    elif fitting:
        asked = Message(
            "{values} can be read as {formats}: which is it?", values=distinct[:SHOWN], formats=fitting
        )
    return Reading(keys={"formats": [GAP], **missing}, remarks=(asked,), gaps=1)


def clock_after_day(days: list[str], times: list[str]) -> str | None:
    """The format of days and times in two columns, joined by a blank; None where they are not such."""
    day = [
        form for form, shape in FORMATS.items() if not _has_clock(form) and days and _fits(days, form, shape)
    ]
    time = [form for form, shape in CLOCKS.items() if times and _fits(times, form, shape)]
    return f"{day[0]} {time[0]}" if len(day) == 1 and len(time) == 1 else None


def _counted(values: list[str]) -> str | None:
    """The name of what the values count, where all of them are numbers of these years."""
    for name, (shape, low, high) in COUNTED.items():
        if all(re.fullmatch(shape, value) and low <= float(value) <= high for value in values):
            return name
    return None


def _day(value: str, counted: str) -> str:
    """The day that a counted value means, by UTC."""
    if counted == "excel_1900":
        return str(date(1899, 12, 30) + timedelta(int(float(value))))
    return str(date(1970, 1, 1) + timedelta(seconds=float(value) / (1000 if counted == "epoch_ms" else 1)))


def _has_clock(form: str) -> bool:
    return "%H" in form or "%I" in form


def _fits(values: list[str], form: str, shape: str) -> bool:
    pattern = re.compile(shape)
    return sum(pattern.fullmatch(v) is not None and _is_time(v, form) for v in values) >= NEARLY_ALL * len(
        values
    )


def _is_time(value: str, form: str) -> bool:
    if "%p" in form:
        value = re.sub(r"\s*(下午|PM)\s*", " PM ", re.sub(r"\s*(上午|AM)\s*", " AM ", value))
    try:
        datetime.strptime(value, form)  # noqa: DTZ007 - only whether it can be read
    except ValueError:
        return False
    return True


def _amount(values: list[str], column: Column, unit: str | None, header: str) -> Reading:
    if column.unit not in UNITS:
        return Reading()
    if column.unit == "s" and values and all(":" in v or not v.isdecimal() for v in values):
        spoken = sum(DURATION.fullmatch(value) is not None for value in values)
        if spoken >= NEARLY_ALL * len(values):
            return Reading(remarks=(Message("written with their units, such as {value}", value=values[0]),))
        if all(re.fullmatch(r"\d+:[0-5]\d", value) for value in values):
            asked = Message("minutes and seconds (%M:%S), or hours and minutes (%H:%M)?")
            return Reading(keys={"formats": [GAP]}, remarks=(asked,), gaps=1)
    if unit is not None:
        factor = UNITS[column.unit][unit]
        return Reading(keys={"factor": factor} if factor else {})
    if header == column.name and OWN_UNIT_NAMES.search(header):
        return Reading()
    if column.kind is Kind.MONEY and any(
        re.fullmatch(r"[-+]?[\d,]*\.\d*[1-9]\d*", value) for value in values
    ):
        return Reading(keys={"factor": "100"}, remarks=(Message("its values have decimals, so yuan to fen"),))
    asked = Message("its unit is not said: write what turns it into {unit}, or 1", unit=column.unit)
    return Reading(keys={"factor": GAP}, remarks=(asked,), gaps=1)


def _codes(values: list[str], column: Column) -> Reading:
    distinct = sorted(set(values))
    if len(distinct) > MOST_WORDS:
        return Reading(
            keys={"codes": {GAP: GAP}},
            remarks=(
                Message(
                    "{count} different values; the codes are {codes}", count=len(distinct), codes=column.codes
                ),
            ),
            gaps=1,
        )
    words = {word: code for code in column.codes for word in CODES.get(column.name, {}).get(code, ())}
    meant = {value: words.get(value.lower(), GAP) for value in distinct if value.lower() not in column.codes}
    unknown = [value for value, code in meant.items() if code == GAP]
    asked = Message(
        "what do these mean: {values}? One of {codes}; a line left out refuses its rows",
        values=unknown[:SHOWN],
        codes=column.codes,
    )
    return Reading(
        keys={"codes": meant} if meant else {},
        remarks=(asked,) if unknown else (),
        gaps=len(unknown),
        certain=bool(distinct) and not unknown,
    )
