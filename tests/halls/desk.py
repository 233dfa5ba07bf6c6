"""A person at a hall's desk: commands on one home, each answered with its object."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from types import SimpleNamespace

from rich.console import Console
from tests.contacts.test_handing_out import FIRST, contact, document, kept, launched
from tests.json_answers import untyped, well_formed

from telewave.contacts.claiming import Errand
from telewave.contacts.handing_out import let_go
from telewave.contacts.standings import released_of
from telewave.halls import commands, desk_command
from telewave.platform.clock import Clock
from telewave.platform.home import Home
from telewave.platform.languages import LANGUAGES
from telewave.platform.settings import load_settings
from telewave.platform.terminal import Session


class Desk:
    """Commands of a home; `at`: the time. Chinese on SQLite, English on PostgreSQL."""

    def __init__(self, folder, warehouse, database):
        self.folder, self.warehouse, self.database = folder, warehouse, database
        self.language = LANGUAGES[database.engine.dialect.name == "postgresql"]
        self.at = datetime(2026, 7, 8, 9, tzinfo=UTC)
        self.settings = load_settings({"TELEWAVE_HOME": str(folder / "home"), "TELEWAVE_TIMEZONE": "UTC"})
        self.home = Home.of(self.settings, warehouse, database, Clock("UTC", lambda: self.at))

    def later(self, **time):
        self.at += timedelta(**time)

    def do(self, command, *arguments, **more):
        console = Console(file=StringIO(), width=200)
        session = Session(
            language=self.language,
            settings=self.settings,
            open_home=lambda: self.home,
            console=console,
            instant=lambda: self.at,
        )
        session.collect()
        command(SimpleNamespace(obj=session), *arguments, **more)
        session.finish()
        answer = json.loads(console.file.getvalue())
        assert (well_formed(answer), untyped(answer)) == (True, [])
        return answer

    def file(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path


def desk_with(folder, warehouse, database, people=5, **more):
    """A desk, the hall North entered, and the numbers of the released contacts by subscriber."""
    desk = Desk(folder, warehouse, database)
    launched(database, kept(warehouse, database, [contact(n) for n in range(people)], **more))
    let_go(warehouse, database, "spring", FIRST, Errand(by="Li", now=desk.at, what="release"))
    with database.transaction() as connection:
        plan = connection.exec_driver_sql("SELECT DISTINCT plan FROM contact_waves").scalar_one()
    contacts = {subscriber: number for number, subscriber, _ in released_of(database, plan, FIRST).tolist()}
    desk.do(commands.set_command, "North", caller="Wang Fang", days="mon,thu", by="Li")
    return desk, contacts


def booked(desk, contacts, people, gift="", hall="North"):
    """Reservation numbers of these people, by subscriber."""
    lines = "".join(f"{contacts[n]},{hall},\n" for n in people)
    file = desk.file("appointments.csv", "contact,hall,day\n" + lines)
    answer = desk.do(commands.book_command, "spring", file, by="Li", gift=gift)
    found = {row["contact"]: str(row["reservation"]) for row in answer["tables"][0]["rows"]}
    return {n: found[contacts[n]] for n in people if contacts[n] in found}


__all__ = ["Desk", "booked", "commands", "desk_command", "desk_with", "document"]
