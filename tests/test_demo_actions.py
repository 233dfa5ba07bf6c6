"""The demo's action plan, killed at any step and run again: it is launched, and its owners have reported all they report in a run that was not cut short."""

import shutil

import pytest
from tests.campaign_desk import NOW, Desk
from tests.dying import Mortals, spread

from telewave.approvals.usecases import PlanFile, save_plan
from telewave.projects.action_file import template_text
from telewave.projects.store import reports
from telewave.projects.usecases import ActionPlanKind, plan_in_force

PREPARE = """
from datetime import date
from pathlib import Path
from telewave.briefs.campaign_file import load_campaign
from telewave.demo_actions import prepared
from tests.campaign_desk import Desk
from tests.dying import serve

BRIEF = load_campaign(Path("reference"))

def work(folder):
    desk = Desk(Path(folder) / "home")
    prepared(desk.session, BRIEF, date(2026, 6, 20), Path(folder), 0.01)
    desk.session.close()

serve(work)
"""


@pytest.fixture
def folder(tmp_path):
    """A home with the campaign in it, its action plan a draft."""
    desk = Desk(tmp_path / "begun" / "home")
    draft = PlanFile("actions.yaml", template_text().encode(), ActionPlanKind.name)
    save_plan(desk.session.database, "handset", draft, "Li", NOW)
    desk.session.close()
    return tmp_path / "begun"


def told(folder):
    """The action plan as it stands, whether it is launched, and every report of it."""
    desk = Desk(folder / "home")
    database = desk.session.database
    version, plan = plan_in_force(database, "handset")
    news = [one.news for one in reports(database, "handset")]
    desk.session.close()
    return version.number, plan, news


@pytest.fixture
def mortals():
    with Mortals(PREPARE) as serving:
        yield serving


def test_a_demo_that_was_cut_short_between_two_reports_owes_the_others_only(folder, tmp_path, mortals):
    """Killed after the launch: the reports of the rest were once lost for good."""
    whole = shutil.copytree(folder, tmp_path / "whole")
    steps = mortals.run(whole)
    wanted = told(whole)
    killed = shutil.copytree(folder, tmp_path / "killed")
    assert mortals.run(killed, steps * 3 // 4) == -1
    assert 0 < len(told(killed)[2]) < len(wanted[2])
    assert 0 < mortals.run(killed) < steps
    assert told(killed) == wanted


@pytest.mark.prove
def test_owners_report_what_they_owe_wherever_the_demo_was_cut_short(folder, tmp_path, mortals):
    whole = shutil.copytree(folder, tmp_path / "whole")
    steps = mortals.run(whole)
    wanted = told(whole)
    assert mortals.run(whole) < steps
    assert told(whole) == wanted, "run again, nothing is reported twice"
    for last in spread(steps, 60):
        killed = shutil.copytree(folder, tmp_path / "trials" / str(last))
        assert mortals.run(killed, last) == -1
        assert mortals.run(killed) > 0
        assert told(killed) == wanted, last
        shutil.rmtree(killed)
