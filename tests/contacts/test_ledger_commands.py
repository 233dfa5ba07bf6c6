"""The ledger's commands as people and scripts use them: a day released, results in, an objection, confirmation, the end."""

import json
from datetime import UTC, datetime
from io import StringIO
from types import SimpleNamespace

import pytest
from rich.console import Console
from tests.contacts.test_handing_out import FIRST, contact, kept, keys, launched, warehouse
from tests.json_answers import untyped, well_formed

from telewave.contacts import ledger_commands as told
from telewave.contacts.commands import write_contacts
from telewave.contacts.policy_file import load_policy
from telewave.contacts.results_file import WorkbookGiven, read_results
from telewave.platform.clock import Clock
from telewave.platform.home import Home
from telewave.platform.languages import LANGUAGES
from telewave.platform.lists import write_list
from telewave.platform.settings import load_settings
from telewave.platform.terminal import Session
from telewave.platform.yaml_files import YamlMistake

__all__ = ["keys", "warehouse"]
NOON = Clock("UTC", lambda: datetime(2026, 7, 8, 12, tzinfo=UTC))


class Desk:
    """Commands on one home; each answers with its object."""

    def __init__(self, folder, warehouse, database, language):
        self.folder, self.language, self.at = folder, language, NOON.now()
        self.settings = load_settings({"TELEWAVE_HOME": str(folder / "home")})
        self.home = Home.of(self.settings, warehouse, database, NOON)

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
        if command is write_contacts:
            command(session, *arguments)
        else:
            context = SimpleNamespace(obj=session)
            command(context, *arguments, **more)
        session.finish()
        answer = json.loads(console.file.getvalue())
        assert (well_formed(answer), untyped(answer)) == (True, [])
        return answer

    def file(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path


@pytest.fixture
def desk(tmp_path, warehouse, database):
    """Chinese on SQLite, English on PostgreSQL: what is said does not hang on where it is kept."""
    return Desk(tmp_path, warehouse, database, LANGUAGES[database.engine.dialect.name == "postgresql"])


def standing(desk):
    """State and outcome, with the number of contacts."""
    rows = desk.do(told.ledger_command, "spring")["tables"][0]["rows"]
    return {(row["state"], row["outcome_or_reason"]): row["contacts"] for row in rows}


def test_an_empty_ledger_says_what_to_do(desk, warehouse, database):
    launched(database, kept(warehouse, database, [contact(0)]))
    (said,) = desk.do(told.ledger_command, "spring")["sentences"]
    assert "telewave campaign release spring --day" in said


def test_a_campaign_from_release_to_its_end(desk, warehouse, database, keys):
    launched(database, kept(warehouse, database, [contact(n) for n in range(5)]))
    desk.do(told.policy_command, desk.file("policy.yaml", "caps:\n  - {most: 2, days: 7}\n"), by="Wang Wei")
    desk.do(told.exclude_command, desk.file("list.txt", "13900000004\n13999999999\n"), by="Li")
    answer = desk.do(told.release_command, "spring", by="Li", day=FIRST.isoformat())
    assert answer["tables"][0]["rows"] == [{"reason": "excluded", "contacts": 1}]
    desk.do(write_contacts, "spring", desk.folder / "calls.csv", FIRST, "Li")
    lines = (desk.folder / "calls.csv").read_text(encoding="utf-8-sig").splitlines()
    numbers = {line.split(",")[0]: line.split(",")[-1] for line in lines[1:]}
    assert len(numbers) == 4
    outcomes = zip(("refused", "reply", "delivered"), ("", "ＴＤ", ""), sorted(numbers), strict=False)
    text = "contact,outcome,text\n" + "".join(f"{numbers[n]},{what},{said}\n" for what, said, n in outcomes)
    desk.do(told.results_command, "spring", desk.file("results.csv", text), by="Li")
    desk.do(told.settle_command, "spring", before="2026-07-09", by="Li")
    assert standing(desk) == {
        ("answered", "refused"): 1, ("answered", "opted_out"): 1, ("delivered", ""): 1, ("unknown", ""): 1,
        ("withdrawn", "excluded"): 1,
    }  # fmt: skip
    for rows in (1, 0):
        desk.do(told.confirm_command, to=desk.folder / f"confirm{rows}.csv", by="Li")
        owed = (desk.folder / f"confirm{rows}.csv").read_text(encoding="utf-8-sig").splitlines()[1:]
        assert [line.split(",")[0] for line in owed] == ["13900000001"][:rows]
    desk.do(told.settle_command, "spring", before="2026-07-09", by="Li", close=True)
    assert {state for state, _ in standing(desk)} == {"closed", "withdrawn"}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("quiet: ['25:99-07:00']", 1), ("caps:\n  - {most: 2}", 2), ("pauses:\n  perhaps: 3", 2),
        ("caps:\n  - {most: 2, days: 0}", 2), ("quiet: ['21:00']", 1),
    ],
)  # fmt: skip
def test_a_broken_policy_is_refused_at_entry_with_its_line(tmp_path, text, line):
    file = tmp_path / "policy.yaml"
    file.write_text(text)
    with pytest.raises(YamlMistake, match=f"line {line}"):
        load_policy(file)


def test_a_workbook_is_refused_where_a_list_is_text(desk, database, keys):
    """Read as text, its lines would name nobody, and whoever stands on it would be contacted."""
    file = desk.folder / "do-not-call.xlsx"
    write_list(file, ["Number"], [["13900000004"]])
    with pytest.raises(WorkbookGiven):
        desk.do(told.exclude_command, file, by="Li")
    with pytest.raises(WorkbookGiven):
        read_results(file)
