"""A day's bulletin: its figures are those of the other pages, on the terminal, as an object and as a page in both languages."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import numpy as np
import pytest
import typer
from rich.console import Console
from tests.json_answers import untyped, well_formed
from tests.measurement.launched import (
    FIRST,
    called,
    contact,
    drawn,
    kept,
    launched,
    ordered,
    put_draw,
    put_events,
)
from tests.pages_in_browser import read
from typer.testing import CliRunner

from telewave.contacts.claiming import Errand
from telewave.contacts.handing_out import let_go
from telewave.contacts.results_file import results_of
from telewave.contacts.settling import Told, take_results
from telewave.measurement.gathering import RecordedContacts
from telewave.measurement.gathering import launched as measured_plan
from telewave.outbound.bulletin_words import NEWS, agent_columns, agent_rows
from telewave.outbound.bulletins import NoCallsThen, bulletin_of
from telewave.outbound.commands import register
from telewave.outbound.dispositions import CallResult
from telewave.outbound.model import Outcome
from telewave.outbound.recording import record_call
from telewave.outbound.reserving import next_call
from telewave.outbound.usecases import judge_agents
from telewave.platform.database import Database
from telewave.platform.engine import DuckDBEngine
from telewave.platform.home import Home
from telewave.platform.settings import load_settings
from telewave.platform.terminal import Session
from telewave.platform.warehouse import Warehouse

PEOPLE, DAY = 600, 9
"""Nine days on record, and a tenth of which agents told."""
ON = FIRST + timedelta(days=DAY)
TEN = datetime(ON.year, ON.month, ON.day, 10, tzinfo=UTC)


def records():
    """Forty calls a day by two agents; one in four reached is willing."""
    for n in range(40 * DAY):
        disposition = ("no_answer", "refused", "willing", "refused")[n % 4]
        yield called(n, n // 40, disposition=disposition, agent=f"A{n // 2 % 2}")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bulletin")
    warehouse, database = (
        Warehouse(folder / "warehouse", DuckDBEngine(1, 1)),
        Database(f"sqlite:///{folder}/o.sqlite"),
    )
    database.migrate()
    held, universal = drawn(PEOPLE)
    free = np.flatnonzero(~held & ~universal)
    rows = [contact(int(n), day=ON if k >= 300 else FIRST) for k, n in enumerate(free)]
    launched(database, kept(warehouse, database, rows, held, universal, spacing_days=0))
    put_draw(warehouse, held)
    put_events(warehouse, "contacts", records(), "contacted_at")
    put_events(warehouse, "orders", [ordered(5, 0), ordered(int(free[310]), DAY)], "ordered_at")
    let_go(warehouse, database, "spring", ON, Errand(by="Li", now=TEN, what="release"))
    agents_at_work(warehouse, database)
    settings = load_settings({"TELEWAVE_HOME": str(folder), "TELEWAVE_TIMEZONE": "UTC"})
    yield Home.of(settings, warehouse, database), settings
    database.close()
    warehouse.engine.close()


def agents_at_work(warehouse, database):
    """Thirty calls of one day: 10 nobody answers, 10 refuse, 6 are willing, 4 order; one more by a file without a time."""
    told = ["no_answer"] * 10 + ["refused"] * 10 + ["willing"] * 6 + ["ordered"] * 4
    for k, result in enumerate(told):
        at = TEN + timedelta(minutes=5 * k)
        given = next_call(warehouse, database, "spring", f"A{k % 2}", at)
        offer = "handset" if result == "ordered" else None
        record_call(
            database, given.row.contact, f"A{k % 2}", Outcome(result=CallResult(result), offer=offer), at
        )
    given = next_call(warehouse, database, "spring", "A9", at)
    file = f"contact,outcome,agent\n{given.row.contact},refused,A7\n"
    take_results(
        database, "spring", list(results_of(file, "day.csv")), Told(by="Li", now=at, file="day.csv"), int
    )


def test_a_day_of_records_has_the_figures_of_measurement_and_of_the_agents_page(home):
    (here, _), day = home, FIRST + timedelta(days=3)
    found = bulletin_of(here.warehouse, here.database, "spring", day, UTC)
    made = RecordedContacts(here.warehouse).made(
        measured_plan(here.warehouse, here.database, "spring"), day, day + timedelta(days=1)
    )
    assert (found.today.calls, found.today.reached, found.today.willing) == (
        40,
        made.reached.sum(),
        made.willing.sum(),
    )
    assert (found.before.calls, found.before.orders) == (120, 1)
    page = judge_agents(here.warehouse, here.database, "spring", day + timedelta(days=1), day)
    listed = {page.names[one.agent]: (one.reached, one.successes) for one in page.agents}
    on_list = {one.name: (one.counts.reached, one.counts.willing) for one in found.agents}
    assert sum(one[0] for one in listed.values()) + page.unlisted == sum(one[0] for one in on_list.values())
    assert (
        sum(one.counts.calls for one in found.agents) == sum(one.calls for one in found.hours.values()) == 40
    )


def test_news_of_agents_are_a_column_only_on_a_day_that_brings_some(home):
    here, _ = home
    found = bulletin_of(here.warehouse, here.database, "spring", FIRST + timedelta(days=3), UTC)
    for alarms in (0, 1):
        agents = tuple(replace(one, alarm=k < alarms) for k, one in enumerate(found.agents))
        day = replace(found, agents=agents)
        columns = agent_columns(day)
        assert (NEWS in columns) == bool(alarms)
        assert {len(row) for row in agent_rows(day)} == {len(columns)}


def test_what_agents_told_counts_before_any_record_comes_and_once_when_it_comes(home):
    here, _ = home
    found = bulletin_of(here.warehouse, here.database, "spring", ON, UTC)
    today = found.today
    assert (today.calls, today.reached, today.willing, today.orders) == (31, 21, 10, 5)
    assert {one.name: one.counts.calls for one in found.agents} == {"A0": 15, "A1": 15, "A7": 1}
    assert {hour: one.calls for hour, one in found.hours.items()} == {10: 12, 11: 12, 12: 6}
    assert (found.untimed, found.unnamed, found.coming.tries) == (1, 0, 10)
    judged = judge_agents(here.warehouse, here.database, "spring", ON + timedelta(days=1), ON)
    assert sum(one.reached for one in judged.agents) == 21
    with here.database.transaction() as connection:
        told = connection.exec_driver_sql(
            "SELECT q.subscriber, c.result, c.agent FROM calls c JOIN call_queue q USING (contact) WHERE c.result IS NOT NULL"
        ).all()
    put_events(
        here.warehouse,
        "contacts",
        [called(n, DAY, disposition=result) for n, result, _ in told],
        "contacted_at",
    )
    again = bulletin_of(here.warehouse, here.database, "spring", ON, UTC)
    assert again.today == today
    assert {one.name: one.counts.calls for one in again.agents} == {"A0": 15, "A1": 15, "A7": 1}


def test_a_day_outside_the_campaign_is_refused(home):
    here, _ = home
    with pytest.raises(NoCallsThen, match="2026-07-01"):
        bulletin_of(here.warehouse, here.database, "spring", date(2026, 6, 30), UTC)


@pytest.mark.browser
@pytest.mark.parametrize(("language", "says"), [("en", "What to do tomorrow"), ("zh", "明天该做什么")])
def test_the_bulletin_is_shown_written_and_handed_to_scripts(home, tmp_path, browser, language, says):
    here, settings = home
    page = tmp_path / "day.html"
    session = Session(
        language=language,
        settings=settings,
        open_home=lambda: here,
        console=Console(file=StringIO(), width=200),
    )
    session.collect()
    app = typer.Typer()
    register(app)
    app.callback()(lambda: None)
    done = CliRunner().invoke(
        app,
        ["outbound", "bulletin", "spring", "--day", str(FIRST + timedelta(days=3)), "--report", str(page)],
        obj=session,
    )
    if done.exception:
        raise done.exception
    session.finish()
    answer = json.loads(session.console.file.getvalue())
    assert (well_formed(answer), untyped(answer)) == (True, [])
    assert answer["tables"][0]["rows"][0]["calls"] == 40
    assert [len(table["rows"]) for table in answer["tables"]] == [2, 2, 1]
    text = re.sub(r"<[^>]+>", "", page.read_text())
    assert says in text
    assert answer["sentences"][0] in text
    assert read(browser, page.read_text(encoding="utf-8"), tmp_path, name=f"bulletin-{language}") == []
