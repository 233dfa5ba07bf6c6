"""The demo's halls: who said yes on the phone gets a reservation, and who comes is received. Assembly only.

Halls are entered by the use case of `halls set`, reservations made by that of `halls book` from a file as agents give
it back, arrivals and what became of them noted by those of `halls arrive` and `halls outcome`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path

from telewave.city_answers import write_lines
from telewave.contacts.settling import Told
from telewave.demo_actions import PLANNER
from telewave.halls.appointments_file import read_appointments
from telewave.halls.model import Visit
from telewave.halls.usecases import NotExpected, all_halls, book, finish, receive, set_hall
from telewave.kernel import Label
from telewave.platform.database import Database
from telewave.platform.languages import LANGUAGES, Language, render
from telewave.platform.terminal import Session
from telewave.simulation.answering import Came
from telewave.simulation.people import DISTRICTS

CALLER, CLERK = Label("Chen, hall clerk", "营业厅小陈"), Label("Zhao, at the window", "窗口小赵")
LIST_DAYS = (0, 2, 4)
"""Days of the week on which the lists of second calls are opened."""
NAMES = {
    "centre": Label("Centre", "中心厅"),
    "north": Label("North", "城北厅"),
    "south": Label("South", "城南厅"),
    "east": Label("East", "城东厅"),
    "west": Label("West", "城西厅"),
    "county_a": Label("County A", "甲县厅"),
    "county_b": Label("County B", "乙县厅"),
    "county_c": Label("County C", "丙县厅"),
}
"""The hall of each district."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Halls:
    """The halls of a campaign; `language`: of their names."""

    session: Session
    campaign: str
    folder: Path
    language: Language

    def open(self) -> None:
        """Enter the halls, each with its second caller."""
        for district in DISTRICTS:
            set_hall(self.session.database, self._called(district), render(CALLER, self.language), LIST_DAYS)

    def book(self, day: date, willing: Sequence[tuple[int, str]], now: datetime) -> None:
        """Write the file of the day's appointments (contact, district), and take it in."""
        if not willing:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / f"appointments-{day}.csv"
        lines = [(contact, self._called(district), "") for contact, district in willing]
        write_lines(file, ("contact", "hall", "day"), lines)
        told = Told(by=render(PLANNER, self.language), now=now, file=file.name)
        book(self.session.warehouse, self.session.database, self.campaign, read_appointments(file), told)

    def receive(self, came: Sequence[tuple[Came, str]], zone: tzinfo) -> None:
        """Receive who comes, each in the hall of his district, and note what became of it. Who has no reservation, as
        one who objected to calls meanwhile, is served and not noted.
        """
        for one, district in came:
            told = Told(by=render(CLERK, self.language), now=instant_of(one.at, zone))
            hall = self._called(district)
            try:
                found = receive(self.session.database, hall, told, subscriber=one.subscriber)
            except NotExpected:
                continue
            outcome = Visit.ORDERED if one.orders else Visit.UNDECIDED
            finish(self.session.database, found.reservation.serial, outcome, told)

    def _called(self, district: str) -> str:
        return render(NAMES[district], self.language)


def names_in(database: Database, language: Language) -> Language:
    """The language of the names that are in use already; `language`, where none are."""
    known = all_halls(database, date.min)
    return next((one for one in LANGUAGES if render(NAMES["centre"], one) in known), language)


def instant_of(microseconds: int, zone: tzinfo) -> datetime:
    """An instant of the city, which tells local time since 1970."""
    wall = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    return wall.replace(tzinfo=zone)
