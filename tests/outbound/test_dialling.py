"""A batch for a dialler: reserved beside agents' contacts, written, and its results taken in whole or not at all; on both databases."""

import csv
import json
from datetime import timedelta
from io import StringIO

import pytest
import typer
from rich.console import Console
from tests.contacts.test_handing_out import keys, warehouse
from tests.contacts.test_ledger_rows import rows_of
from tests.json_answers import untyped, well_formed
from tests.outbound.calling import TEN, call, campaign, later
from typer.testing import CliRunner

from telewave.contacts.results_file import ResultsUnreadable
from telewave.contacts.tables import contact_ledger
from telewave.outbound import store
from telewave.outbound.commands import register
from telewave.outbound.dialler_file import CallResultUnreadable, FileDialler
from telewave.outbound.dialling import BatchSize, NotInABatch, dial, take_in
from telewave.outbound.recording import WhichOffer
from telewave.outbound.team import Agent, Skill, Team
from telewave.platform.home import Home
from telewave.platform.settings import load_settings
from telewave.platform.terminal import Session
from telewave.records.revealing import NobodyReveals

__all__ = ["campaign", "keys", "warehouse"]


class Kept:
    """A dialler that keeps what it took."""

    def take(self, batch):
        self.batch = batch

    def results(self):
        return ()


def dialled(campaign, keys, lines=10, at=TEN, has=(), by="Li"):
    """Subscribers of the batch."""
    dialler = Kept()
    dial(
        (campaign.warehouse, campaign.database, keys), "spring", dialler, lines=lines, has=has, by=by, now=at
    )
    return [one.subscriber for one in dialler.batch.lines]


def told(campaign, tmp_path, text, at=TEN):
    file = tmp_path / "results.csv"
    file.write_text(text, encoding="utf-8")
    dialler = FileDialler(out=None, back=file, language="en", now=at, local=lambda one: one)
    return take_in(campaign.database, "spring", dialler.results(), "Li", at)


def released(campaign, people=range(6)):
    campaign.plan([call(n) for n in people])
    campaign.release()


def test_a_dialler_and_agents_never_hold_the_same_contact_and_time_runs_out_for_both(campaign, keys):
    released(campaign)
    assert campaign.whom("A") == 0
    assert dialled(campaign, keys, 3) == [1, 2, 3]
    assert campaign.whom("B") == 4
    assert dialled(campaign, keys, 9) == [5]
    assert dialled(campaign, keys, 9, later(minutes=30)) == [0, 4]
    assert dialled(campaign, keys, 2, later(minutes=61)) == [1, 2]
    with pytest.raises(BatchSize):
        dialled(campaign, keys, 0)
    with pytest.raises(NobodyReveals):
        dialled(campaign, keys, 1, by=" ")


def test_results_go_to_the_ledger_with_who_spoke_and_are_tried_again_by_the_same_table(
    campaign, keys, tmp_path
):
    released(campaign)
    assert dialled(campaign, keys, 4) == [0, 1, 2, 3]
    n = {one: campaign.number(one) for one in range(6)}
    found = told(campaign, tmp_path, f"contact,disposition,agent,order\n{n[0]},busy,,\n{n[1]},有意向,A1,\n{n[2]},ordered,A2,handset\n{n[3]},do_not_contact,A1,\n")  # fmt: skip
    assert [one.again_at for one in found] == [later(minutes=30), None, None, None]
    rows = rows_of(campaign.database, contact_ledger.c.subscriber < 4)
    assert [(one["disposition"], one["agent"]) for one in rows] == [
        ("no_answer", None), ("willing", "A1"), ("ordered", "A2"), ("do_not_contact", "A1"),
    ]  # fmt: skip
    assert [(one["agent"], one["result"]) for one in campaign.calls()] == [
        ("", "busy"), ("A1", "willing"), ("A2", "ordered"), ("A1", "do_not_contact"),
    ]  # fmt: skip
    assert dialled(campaign, keys, 9, later(minutes=30)) == [0, 4, 5]
    found = told(
        campaign, tmp_path, f"contact,outcome,agent,call_back\n{n[4]},call_back,A3,16:00\n", later(minutes=31)
    )
    assert found[0].again_at == later(hours=6)
    assert campaign.whom("A3", later(hours=6)) == 4


def test_of_a_file_with_a_mistake_nothing_is_taken_over(campaign, keys, tmp_path):
    released(campaign)
    dialled(campaign, keys, 2)
    good = f"contact,disposition\n{campaign.number(0)},refused\n"
    wrong = {
        f"{campaign.number(5)},refused": NotInABatch,
        f"{campaign.number(0)},refused": NotInABatch,
        "99999,busy": NotInABatch,
        f"{campaign.number(1)},ordered": WhichOffer,
        f"{campaign.number(1)},gone": CallResultUnreadable,
        "x,busy": CallResultUnreadable,
    }
    for line, error in wrong.items():
        with pytest.raises(error):
            told(campaign, tmp_path, good + line + "\n")
    with pytest.raises(ResultsUnreadable):
        told(campaign, tmp_path, "number\n1\n")
    assert {one["result"] for one in campaign.calls()} == {None}
    assert len(told(campaign, tmp_path, good)) == 1


def test_a_dialler_gets_what_its_agents_can_serve(campaign, keys):
    team = Team(agents=(Agent("A", frozenset({"core"})),), skills={"core": Skill(groups=frozenset({"core"}))})
    store.set_team(campaign.database, team, "Wang Wei", TEN)
    campaign.plan([call(n, group="core" if n % 2 else "basic") for n in range(4)])
    campaign.release()
    assert dialled(campaign, keys) == [0, 2]
    assert dialled(campaign, keys, has={"core"}) == [1, 3]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_batch_by_commands(campaign, keys, tmp_path, language):
    released(campaign)
    settings = load_settings({"TELEWAVE_HOME": str(tmp_path / "home"), "TELEWAVE_TIMEZONE": "UTC"})
    home = Home.of(settings, campaign.warehouse, campaign.database)

    def do(*words):
        console = Console(file=StringIO(), width=200)
        session = Session(language=language, settings=settings, open_home=lambda: home, console=console, instant=lambda: TEN + timedelta(minutes=1))  # fmt: skip
        session.collect()
        app = typer.Typer()
        register(app)
        app.callback()(lambda: None)
        done = CliRunner().invoke(app, ["outbound", *map(str, words)], obj=session)
        if done.exception:
            raise done.exception
        session.finish()
        answer = json.loads(console.file.getvalue())
        assert (well_formed(answer), untyped(answer)) == (True, [])
        return answer

    batch = tmp_path / "batch.csv"
    answer = do("dial", "spring", "--lines", 2, "--to", batch, "--by", "Li")
    assert (answer["batch"]["lines"], answer["batch"]["until"]) == (2, "2026-07-08 11:01")
    heads, *lines = csv.reader(batch.read_text(encoding="utf-8-sig").splitlines())
    assert [line[1] for line in lines] == ["13900000000", "13900000001"]
    results = tmp_path / "back.csv"
    results.write_text(
        f"{heads[0]},disposition\n{lines[0][0]},no_answer\n{lines[1][0]},refused\n", encoding="utf-8"
    )
    answer = do("dialled", "spring", results, "--by", "Li")
    assert answer["tables"][0]["rows"] == [
        {"disposition": "no_answer", "calls": 1},
        {"disposition": "refused", "calls": 1},
    ]
