"""Reading a file of appointments: a CSV with a line for each willing customer, as agents give it back."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from io import StringIO
from pathlib import Path

from telewave.contacts.results_file import text_of
from telewave.kernel import Malformed
from telewave.platform.days import UnreadableDate, parse_day
from telewave.platform.files import shown_name

COLUMNS = {
    "contact": ("contact", "接触编号"),
    "hall": ("hall", "营业厅"),
    "day": ("day", "预约日期"),
}
"""The columns that are read, by what they may be headed; any others are passed over."""


class AppointmentsUnreadable(Malformed):
    """The file {file} holds no appointments: it has no columns {lacking}. Head its columns contact, hall and, where
    one was named, day.
    """

    code = "appointments_unreadable"


class AppointmentUnreadable(Malformed):
    """{file}, line {line}: a contact's number, a hall and, where there is one, a day (year-month-day) are needed, and
    {told!r} is not that. Nothing was taken over. Correct the line.
    """

    code = "appointment_unreadable"


@dataclass(frozen=True, slots=True)
class Appointment:
    """A willing customer's: the contact's number in the ledger, the hall, the day if he named one, the file's line."""

    contact: int
    hall: str
    visit_on: date | None
    line: int = 0


def read_appointments(path: Path) -> tuple[Appointment, ...]:
    """In their order. Raises `AppointmentsUnreadable`, `AppointmentUnreadable`, `WorkbookGiven`, `FileUnusable`."""
    file = shown_name(path)
    lines = csv.reader(StringIO(text_of(path), newline=""))
    heads = [head.strip().casefold() for head in next(lines, [])]
    places = {name: heads.index(word) for name, words in COLUMNS.items() for word in words if word in heads}
    lacking = [name for name in ("contact", "hall") if name not in places]
    if lacking:
        raise AppointmentsUnreadable(file=file, lacking=", ".join(lacking))
    found = []
    for line in lines:
        cells = {name: line[place].strip() for name, place in places.items() if place < len(line)}
        if any(cells.values()):
            found.append(_appointment(cells, file, lines.line_num))
    return tuple(found)


def _appointment(cells: dict[str, str], file: str, line: int) -> Appointment:
    contact, hall, day = (cells.get(name, "") for name in COLUMNS)
    told = f"{contact}, {hall}, {day}"
    if not (contact.isascii() and contact.isdigit() and len(contact) <= 18 and 0 < len(hall) <= 120):
        raise AppointmentUnreadable(file=file, line=line, told=told)
    try:
        return Appointment(int(contact), hall, parse_day(day) if day else None, line)
    except UnreadableDate as cause:
        raise AppointmentUnreadable(file=file, line=line, told=told) from cause
