"""Agents judged by the records of a campaign, shown on the terminal and on a page."""

import io
import json
import re
from datetime import date

import numpy as np
import pytest
import typer
from rich.console import Console
from tests.json_answers import untyped, well_formed
from tests.measurement.launched import called, contact, drawn, kept, put_events
from tests.pages_in_browser import read
from typer.testing import CliRunner

from telewave.outbound.commands import register
from telewave.outbound.usecases import NoAgentsToCompare, NoSuchAgent, judge_agents
from telewave.planning.plans import NoPlanYet
from telewave.platform.database import Database
from telewave.platform.engine import DuckDBEngine
from telewave.platform.home import Home
from telewave.platform.settings import load_settings
from telewave.platform.terminal import Session
from telewave.platform.warehouse import Warehouse

AS_OF = "2026-07-20"
PEOPLE = 3_000


def calls():
    """Three agents, the third with a quarter of the others' success; some calls of strangers, and by nobody named."""
    draw = np.random.default_rng(1)
    for n in range(PEOPLE):
        agent = n % 3
        willing = draw.random() < (0.4, 0.4, 0.1)[agent]
        yield called(n, n // 3 % 15, disposition="willing" if willing else "refused", agent=f"A{agent}")
    yield called(PEOPLE + 5, 1, agent="A1")
    yield called(3, 2)
    yield called(4, 2, disposition="no_answer", agent="A9")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("agents")
    warehouse, database = (
        Warehouse(folder / "warehouse", DuckDBEngine(1, 1)),
        Database(f"sqlite:///{folder / 'o.sqlite'}"),
    )
    database.migrate()
    held, universal = drawn(500)
    kept(warehouse, database, [contact(n) for n in range(PEOPLE)], held, universal)
    put_events(warehouse, "contacts", calls(), "contacted_at")
    settings = load_settings({"TELEWAVE_HOME": str(folder)})

    def session(language):
        console = Console(file=io.StringIO(), width=200)
        return Session(
            language=language,
            settings=settings,
            open_home=lambda: Home.of(settings, warehouse, database),
            console=console,
        )

    yield session
    database.close()
    warehouse.engine.close()


def asked(session, *words, command="agents"):
    app = typer.Typer()
    register(app)
    app.callback()(lambda: None)
    done = CliRunner().invoke(app, ["outbound", command, *map(str, words)], obj=session)
    if done.exception:
        raise done.exception
    return session.console.file.getvalue()


@pytest.mark.browser
@pytest.mark.parametrize(("language", "says"), [("en", "Coach A2"), ("zh", "请辅导 A2")])
def test_the_low_agent_is_named_on_the_terminal_and_the_page(made, tmp_path, browser, language, says):
    page = tmp_path / "agents.html"
    said = asked(made(language), "spring", "--as-of", AS_OF, "--report", page)
    assert says in said.replace("\n", "")
    assert says in re.sub(r"<[^>]+>", "", page.read_text())
    assert read(browser, page.read_text(encoding="utf-8"), tmp_path, name=f"agents-{language}") == []


def test_calls_of_strangers_and_of_nobody_named_are_counted_apart(made):
    home = made("en").home
    found = judge_agents(home.warehouse, home.database, "spring", date.fromisoformat(AS_OF))
    assert (found.unlisted, found.unnamed, found.names) == (1, 1, ("A0", "A1", "A2"))
    assert sum(one.reached for one in found.agents) == PEOPLE
    later = judge_agents(
        home.warehouse, home.database, "spring", date.fromisoformat(AS_OF), date(2026, 7, 11)
    )
    assert sum(one.reached for one in later.agents) == 990  # of the last 5 of 15 days


def test_the_object_has_figures_as_numbers(made):
    session = made("en")
    session.collect()
    asked(session, "spring", "--as-of", AS_OF)
    session.finish()
    answer = json.loads(session.console.file.getvalue())
    assert well_formed(answer)
    assert untyped(answer) == []
    assert answer["tables"][0]["rows"][0]["verdict"] == "low"


def test_who_has_nobody_to_compare_with_is_told_what_to_do(made):
    home = made("en").home
    with pytest.raises(NoPlanYet, match="telewave plan make"):
        judge_agents(home.warehouse, home.database, "nobody", date.fromisoformat(AS_OF))
    with pytest.raises(NoAgentsToCompare, match="telewave ingest"):
        judge_agents(home.warehouse, home.database, "spring", date(2026, 7, 1))


@pytest.mark.parametrize(("language", "says"), [("en", "cannot be told yet"), ("zh", "目前还看不出")])
def test_a_training_that_did_nothing_is_not_praised(made, language, says):
    words = ("spring", "--agent", "A2", "--on", "2026-07-08", "--as-of", AS_OF)
    assert says in asked(made(language), *words, command="training")
    session = made(language)
    session.collect()
    asked(session, *words, command="training")
    session.finish()
    answer = json.loads(session.console.file.getvalue())
    assert well_formed(answer)
    assert untyped(answer) == []
    with pytest.raises(NoSuchAgent, match="A0, A1, A2"):
        asked(
            made(language),
            "spring",
            "--agent",
            "A7",
            "--on",
            "2026-07-08",
            "--as-of",
            AS_OF,
            command="training",
        )
