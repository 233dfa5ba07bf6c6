"""The whole loop on a simulated city: released, answered by the city, results and orders taken in, measured."""

import json
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from shutil import copytree
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console
from tests.json_answers import untyped, well_formed
from tests.measurement.launched import contact, drawn, kept, launched, put_draw, put_scores
from tests.simulation.conftest import CITY, city

from telewave.city_answer_commands import dial_command, simulate_command
from telewave.city_answers import CityHasNoSuchDay, NotThisCity, answer
from telewave.city_dialler import CityDialler
from telewave.contacts import ledger_commands as ledger
from telewave.measurement.usecases import measure
from telewave.outbound.ports import Batch
from telewave.platform.clock import Clock
from telewave.platform.engine import DuckDBEngine
from telewave.platform.home import Home
from telewave.platform.progress import Silent
from telewave.platform.settings import load_settings
from telewave.platform.terminal import Session
from telewave.platform.warehouse import Warehouse
from telewave.records.usecases import ingest_folder
from telewave.simulation.reopening import NoCity, reopened

__all__ = ["city"]
FIRST = CITY.end
PEOPLE = 4_000
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


class Desk:
    """Commands in a home on the city's records, at noon of a day that goes by."""

    def __init__(self, folder, warehouse, database):
        self.day = FIRST
        self.settings = load_settings({"TELEWAVE_HOME": str(folder / "home")})
        self.clock = Clock("UTC", self.now)
        self.home = Home.of(self.settings, warehouse, database, self.clock)

    def now(self):
        return datetime(self.day.year, self.day.month, self.day.day, 12, tzinfo=UTC)

    def session(self, console):
        return Session(
            language="en",
            settings=self.settings,
            open_home=lambda: self.home,
            console=console,
            instant=self.now,
        )

    def do(self, command, *arguments, **more):
        console = Console(file=StringIO(), width=200)
        session = self.session(console)
        session.collect()
        command(SimpleNamespace(obj=session), *arguments, **more)
        session.finish()
        told = json.loads(console.file.getvalue())
        assert (well_formed(told), untyped(told)) == (True, [])
        return told


@pytest.fixture
def desk(tmp_path, database, city):
    """A launched campaign: of the first 4,000 people a quarter is held out, who is mobile of the others is called or
    sent a message on one of three days.
    """
    warehouse = Warehouse(tmp_path / "warehouse", DuckDBEngine(1, 1))
    copytree(city / "records" / "subscribers", tmp_path / "people" / "records" / "subscribers")
    ingest_folder(warehouse, database, tmp_path / "people", Silent(), FIRST)
    held, universal = drawn(PEOPLE)
    town = reopened(city)
    free = town.free(np.flatnonzero(~held & ~universal))
    rows = [contact(int(n), ("call", "sms")[n % 2], day=FIRST + timedelta(int(n) % 3)) for n in free if n % 5]
    put_draw(warehouse, held)
    put_scores(warehouse, np.full(PEOPLE, 0.02))
    launched(database, kept(warehouse, database, rows, held, universal))
    yield Desk(tmp_path, warehouse, database)
    warehouse.engine.close()


def test_a_campaign_runs_on_the_city_day_by_day_and_is_measured(desk, city, tmp_path):
    answers = tmp_path / "answers"
    for _ in range(3):
        desk.do(ledger.release_command, "spring", "Li", desk.day.isoformat())
        desk.day += timedelta(1)
        told = desk.do(simulate_command, "spring", city, desk.day.isoformat(), answers)
        assert f"campaign results spring {answers / 'results.csv'}" in " ".join(told["sentences"])
        desk.do(ledger.results_command, "spring", answers / "results.csv", "Li")
        ingest_folder(desk.home.warehouse, desk.home.database, answers, Silent(), desk.day)
    before = (answers / "results.csv").read_bytes()
    desk.day = FIRST + timedelta(20)
    told = desk.do(simulate_command, "spring", city, desk.day.isoformat(), answers)
    assert (answers / "results.csv").read_bytes() == before
    ingest_folder(desk.home.warehouse, desk.home.database, answers, Silent(), desk.day)
    again = desk.do(ledger.results_command, "spring", answers / "results.csv", "Li")
    assert "0 contacts changed their state" in " ".join(again["sentences"])
    found = measure(desk.home.warehouse, desk.home.database, "spring", desk.day)
    assert found.draw.contaminated == 0
    assert sum(one.contacts for one in found.channels) == len(before.decode().splitlines()) - 1
    orders = pa.concat_tables(pq.read_table(file) for file in (answers / "records" / "orders").iterdir())
    took = np.unique(orders["subscriber"].to_numpy())
    held, universal = drawn(PEOPLE)
    mine = took[took < PEOPLE]
    assert found.took == ((~held & ~universal)[mine].sum(), held[mine].sum())
    assert found.orders.total.low < found.orders.total.high


def test_a_city_that_is_none_and_a_day_that_is_over_are_refused(desk, city, tmp_path):
    session = desk.session(Console(file=StringIO()))
    with pytest.raises(NoCity):
        answer(session, "spring", tmp_path / "nothing", FIRST + timedelta(1), tmp_path / "out")
    with pytest.raises(CityHasNoSuchDay, match="lived on from 2026-07-01"):
        answer(session, "spring", city, FIRST, tmp_path / "out")


def test_people_of_another_home_are_not_answered_for(desk, city, tmp_path):
    with desk.home.warehouse.change("subscribers") as change:
        change.facts["numbering"] = "mapped"
    with pytest.raises(NotThisCity, match="do not come from the simulated city"):
        answer(desk.session(Console(file=StringIO())), "spring", city, date(2026, 7, 2), tmp_path / "out")


def test_the_city_is_a_dialler_like_any_other(desk, city):
    desk.now = lambda: datetime(2026, 7, 1, 4, tzinfo=UTC)  # noon in Shanghai
    desk.do(ledger.release_command, "spring", "Li", desk.day.isoformat())
    told = desk.do(dial_command, "spring", city, 200, "Li")
    counts = {row["disposition"]: row["calls"] for row in told["tables"][0]["rows"]}
    assert sum(counts.values()) == 200
    assert {"no_answer", "refused"} <= set(counts)
    rows = desk.do(ledger.ledger_command, "spring")["tables"][0]["rows"]
    answered = {one["outcome_or_reason"]: one["contacts"] for one in rows if one["state"] == "answered"}
    assert answered == counts
    with pytest.raises(CityHasNoSuchDay):
        CityDialler(city).take(Batch(number=1, campaign="spring", taken_at=desk.now() - timedelta(9), until=desk.now(), lines=()))  # fmt: skip
