"""Agents' calls as people and scripts use them, in both languages."""

import json
from datetime import timedelta
from io import StringIO

import pytest
import typer
from rich.console import Console
from tests.contacts.test_handing_out import keys, warehouse
from tests.json_answers import untyped, well_formed
from tests.outbound.calling import TEN, Campaign, call
from typer.testing import CliRunner

from telewave.outbound.commands import register
from telewave.outbound.dispositions import TABLE, CallResult, UnknownDisposition, parse_result
from telewave.outbound.team_file import load_team
from telewave.outbound.timing import UnreadableTime
from telewave.platform.database import Database
from telewave.platform.home import Home
from telewave.platform.settings import load_settings
from telewave.platform.terminal import Session
from telewave.platform.yaml_files import YamlMistake

__all__ = ["keys", "warehouse"]
TEAM = """agents:
  - {id: A17, skills: [handsets], languages: [yue]}
  - id: A18
skills:
  handsets: {offers: [handset], groups: [core]}
languages:
  yue: district = 'south'
attempts: 3
busy_minutes: 20
"""


@pytest.fixture
def database(tmp_path, sqlite_template):
    made = Database(f"sqlite:///{tmp_path / 'operations.sqlite'}")
    made.migrate()
    yield made
    made.close()


class Desk:
    """Commands on one home, at ten o'clock of the contacts' day and later."""

    def __init__(self, folder, warehouse, database):
        self.at = TEN
        self.settings = load_settings({"TELEWAVE_HOME": str(folder / "home"), "TELEWAVE_TIMEZONE": "UTC"})
        self.home = Home.of(self.settings, warehouse, database)

    def do(self, *words, language="en", collect=True):
        session = Session(
            language=language,
            settings=self.settings,
            open_home=lambda: self.home,
            console=Console(file=StringIO(), width=250),
            instant=lambda: self.at,
        )
        if collect:
            session.collect()
        app = typer.Typer()
        register(app)
        app.callback()(lambda: None)
        done = CliRunner().invoke(app, ["outbound", *map(str, words)], obj=session)
        if done.exception:
            raise done.exception
        session.finish()
        text = session.console.file.getvalue()
        if not collect:
            return text
        answer = json.loads(text)
        assert (well_formed(answer), untyped(answer)) == (True, [])
        return answer


@pytest.fixture
def desk(tmp_path, warehouse, database):
    campaign = Campaign(warehouse, database)
    campaign.plan([call(n) for n in range(3)])
    campaign.release()
    return Desk(tmp_path, warehouse, database)


def test_a_call_from_next_to_done(desk, keys):
    given = desk.do("next", "spring", "--agent", "A17", "--number")["call"]
    assert (given["subscriber"], given["number"], given["held_already"]) == (0, "13900000000", False)
    assert given["until"] == "2026-07-08T10:10:00+00:00"
    assert desk.do("next", "spring", "--agent", "A17")["call"]["held_already"]
    told = desk.do("done", given["contact"], "--agent", "A17", "--disposition", "busy")["call"]
    assert told == {
        "contact": given["contact"],
        "disposition": "busy",
        "attempts": 1,
        "again_at": "2026-07-08T10:30:00+00:00",
    }
    desk.at += timedelta(minutes=30)
    again = desk.do("next", "spring", "--agent", "A18")
    assert again["call"]["contact"] == given["contact"]
    assert [row["disposition"] for row in again["tables"][0]["rows"]] == ["busy"]
    words = ("done", given["contact"], "--agent", "A18", "--disposition", "call back", "--call-back", "11:15")
    assert desk.do(*words)["call"]["again_at"] == "2026-07-08T11:15:00+00:00"


@pytest.mark.parametrize(("language", "says"), [("en", "Call subscriber 0"), ("zh", "请呼叫用户 0")])
def test_the_agent_reads_whom_to_call_why_and_what_to_say(desk, language, says):
    said = desk.do("next", "spring", "--agent", "A17", language=language, collect=False)
    assert says in said
    assert {"en": "=Hello", "zh": "您好"}[language] in said
    assert {"en": "3.3% are expected", "zh": "概率为 3.3%"}[language] in said
    for agent in ("A18", "A19", "A20"):
        said = desk.do("next", "spring", "--agent", agent, language=language, collect=False)
    assert {"en": "3 contacts are with other agents", "zh": "3 个客户正由其他坐席处理"}[language] in said


def test_a_team_is_read_whole_or_refused_with_its_line(desk, tmp_path):
    file = tmp_path / "team.yaml"
    file.write_text(TEAM)
    assert "2 agents" in desk.do("team", file, "--by", "Li")["sentences"][0]
    team = load_team(file)
    assert team.agents[0].has == {"handsets", "yue"}
    assert (team.rules.attempts, team.rules.soon) == (3, timedelta(minutes=20))
    assert desk.do("next", "spring", "--agent", "A17")["call"]["needs"] == ["handsets"]
    for wrong, line in (("yue]}", "yue, min]}"), ("id: A18", "id: A17"), ("attempts: 3", "attempts: 0")):
        file.write_text(TEAM.replace(wrong, line))
        with pytest.raises(YamlMistake):
            load_team(file)


def test_the_dispositions_are_listed_in_order_and_read_by_code_or_name(desk):
    rows = desk.do("dispositions")["tables"][0]["rows"]
    assert [row["disposition"] for row in rows] == list(CallResult)
    for one in TABLE:
        assert {parse_result(text) for text in (one.result.value, one.label.en, one.label.zh)} == {one.result}
    with pytest.raises(UnknownDisposition, match="not_made"):
        parse_result("gone")
    with pytest.raises(UnreadableTime):
        desk.do("done", 1, "--agent", "A", "--disposition", "call_back", "--call-back", "soon")
