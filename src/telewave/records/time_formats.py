"""How files write dates and instants: formats of `strptime`, and names for what no such format can say. Pure."""

from __future__ import annotations

import re

from telewave.kernel import Message
from telewave.records.model import Column, Kind

EPOCH = {"epoch_s": 0, "epoch_ms": 3}
"""Seconds and milliseconds since 1970-01-01 in UTC: the name, and the decimal places to move the point."""
SERIALS = ("excel_1900", "excel_1904")
"""Days as a spreadsheet counts them, from 1900-01-01 as 1 or from 1904-01-01 as 0; the fraction is the time of day."""
NAMED = (*EPOCH, *SERIALS)
INSTANT_FORMATS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M:%S.%f",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M:%S.%f",
    "%Y/%m/%d %H:%M:%S",
    "%Y%m%d%H%M%S",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d %p %I:%M:%S",
    "%Y-%m-%d %p %I:%M:%S",
    "%Y-%m-%dT%H:%M:%S%z",
    "%Y-%m-%dT%H:%M:%S.%f%z",
    "%Y-%m-%d %H:%M:%S%z",
    "%Y-%m-%d %H:%M:%S.%f%z",
)
DATE_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y.%m.%d", "%Y年%m月%d日", *INSTANT_FORMATS)
WIDTHS = {"Y": 4, "y": 2, "m": 2, "d": 2, "j": 3, "H": 2, "I": 2, "M": 2, "S": 2}
"""Digits of the parts that are numbers of a fixed width where nothing stands between them."""
KNOWN_PARTS = frozenset("YymdjHIMSfpbBaAz%")
PARTS = re.compile(r"%(-?.)")
NOON = re.compile(r"\s*%p\s*")


def parts_of(form: str) -> tuple[str, ...]:
    """The letters of a format's parts.

    >>> parts_of("%Y%m%d %-H")
    ('Y', 'm', 'd', 'H')
    """
    return tuple(part.removeprefix("-") for part in PARTS.findall(form))


def digits_of(form: str) -> int | None:
    """How many digits a value has whose format is nothing but numbers side by side; None for another format.

    >>> digits_of("%Y%m%d%H%M%S"), digits_of("%Y-%m-%d")
    (14, None)
    """
    parts = parts_of(form)
    if PARTS.sub("", form) or "%-" in form or not all(part in WIDTHS for part in parts):
        return None
    return sum(WIDTHS[part] for part in parts)


def touching(form: str) -> str | None:
    """A regular expression for a format in which numbers touch but other signs stand too; None for one where none
    touch.

    >>> touching("%Y%m%d %H:%M")
    '[0-9]{4}[0-9]{2}[0-9]{2} .*'
    """
    if digits_of(form) is not None or not re.search(r"%[YymdjHIMS]%[YymdjHIMS]", form):
        return None
    shape, place = "", 0
    for run in re.finditer(r"(?:%[YymdjHIMS]){2,}", form):
        shape += _loose(form[place : run.start()])
        shape += "".join(f"[0-9]{{{WIDTHS[part]}}}" for part in parts_of(run.group()))
        place = run.end()
    return shape + _loose(form[place:])


def _loose(piece: str) -> str:
    """What stands between the touching numbers: literal as far as it is literal, anything from the first other part
    on.
    """
    literal, found, _ = piece.partition("%")
    return "".join(f"[{sign}]" if sign in ".+*?()|{}" else sign for sign in literal) + (".*" if found else "")


def at_midnight(form: str) -> tuple[str, ...]:
    """The formats of 24:00, the end of a day, in a format with hours; empty for another.

    >>> at_midnight("%Y-%m-%d %H:%M:%S")
    ('%Y-%m-%d 24:00:00',)
    """
    if "%H" not in form:
        return ()
    full = form.replace("%H", "24").replace("%M", "00").replace("%S", "00")
    return tuple(dict.fromkeys(full.replace("%f", zeros) for zeros in ("0", "000", "000000")))


def tells_hours(form: str) -> bool:
    """Whether the format has a time of day; one at midnight has it written out."""
    return bool({"H", "I"} & set(parts_of(form))) or "24" in form


def noon_apart(form: str) -> str:
    """The format with blanks around the word for the half of the day, as the values are made to have them.

    >>> noon_apart("%Y/%m/%d %p%I:%M")
    '%Y/%m/%d %p %I:%M'
    """
    return NOON.sub(" %p ", form).strip()


def mistake_in(form: str, column: Column | None) -> Message | None:
    """What is wrong with a declared format of `column` (None: of an outside table's date or order), or None."""
    if form in NAMED:
        return None
    parts = parts_of(form)
    unknown = next((part for part in parts if part not in KNOWN_PARTS), None)
    if unknown is not None or form.count("%") != len(parts) + parts.count("%"):
        return Message(
            "`{form}` has a part that cannot be read. Use {parts}, or one of {names}.",
            form=form,
            parts="%Y %y %m %d %j %H %I %M %S %f %p %b %B %a %A %z",
            names=", ".join(NAMED),
        )
    if not {"Y", "y"} & set(parts):
        return Message("`{form}` says no year. Add %Y where the file writes it.", form=form)
    if "I" in parts and "p" not in parts:
        return Message(
            "`{form}` reads the hour by twelve (%I) without saying which half of the day. Add %p where the "
            "file writes AM, PM, 上午 or 下午; else write %H.",
            form=form,
        )
    if "p" in parts and "I" not in parts:
        return Message("`{form}` has %p, so its hours count to twelve. Write %I in place of %H.", form=form)
    if column is not None and column.kind is Kind.INSTANT and not _tells_time(parts):
        return Message(
            "`{form}` has no time of day, and `{column}` needs one. Add %H:%M:%S where the file writes it; "
            "if another column holds it, join both.",
            form=form,
            column=column.name,
        )
    return None


def _tells_time(parts: tuple[str, ...]) -> bool:
    told = set(parts)
    dated = "j" in told or ("d" in told and bool({"m", "b", "B"} & told))
    return dated and bool({"H", "I"} & told)
