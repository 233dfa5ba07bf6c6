"""`telewave campaign ...` as a person calls it."""

from datetime import date

import pytest
from tests.campaign_desk import Desk
from tests.projects.test_action_file import SMALL

from telewave.approvals.approval import NotPossibleNow, NotWhatWasApproved, OwnPlan
from telewave.approvals.commands import NotAPlan, PlanFileUnreadable
from telewave.approvals.model import NoSuchCampaign, NoSuchVersion
from telewave.platform.files import FileNotWritten
from telewave.platform.yaml_files import YamlMistake
from telewave.projects.action_plan import ChangeRecordRewritten
from telewave.projects.launch_days import day_of, parse_offset
from telewave.scheduling.working_days import Workdays


@pytest.fixture
def plan(tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_bytes(SMALL.replace("\n", "\r\n").encode())
    return path


def test_a_plan_is_submitted_approved_launched_paused_and_stopped(desk, plan, tmp_path):
    assert "campaign submit" in desk.run("list")
    said = desk.run("submit", "handset", "--plan", plan, "--by", "Li Na")
    assert "handset, version 1 (plan.yaml, hash" in said
    assert "by a second person: telewave campaign approve handset" in said
    with pytest.raises(OwnPlan, match="Li Na"):
        desk.run("approve", "handset", "--by", "Li Na")
    assert "approved" in desk.run("approve", "handset", "--by", "Wang Wei", "--note", "as discussed")
    original = plan.read_bytes()
    plan.write_text(SMALL.replace("T-9 weeks", "T-10 weeks"))
    with pytest.raises(NotWhatWasApproved):
        desk.run("launch", "handset", "--by", "Li Na", "--plan", plan)
    assert "launched." in desk.run("launch", "handset", "--by", "Li Na")
    assert "paused." in desk.run("pause", "handset", "--by", "Zhao", "--reason", "no stock")
    assert "launched." in desk.run("launch", "handset", "--by", "Zhao")
    assert "Li Na" in desk.run("show", "handset")
    out = tmp_path / "new" / "kept.yaml"
    desk.run("show", "handset", "--out", out)
    assert out.read_bytes() == original
    assert "stopped." in desk.run("stop", "handset", "--by", "Zhao", "--reason", "goal reached")
    history = desk.run("history", "handset")
    for word in ("as discussed", "no stock", "goal reached", "in review", "Wang Wei"):
        assert word in history
    assert "2026-06-02 01:00" in history
    assert "handset" in desk.run("list")


def test_version_nought_is_no_version(desk, plan, tmp_path):
    desk.run("draft", "handset", "--plan", plan, "--by", "Li Na")
    with pytest.raises(NoSuchVersion, match="version 0"):
        desk.run("show", "handset", "--version", 0, "--out", tmp_path / "kept")


def test_an_edited_plan_replaces_the_draft_and_the_history_says_so(desk, plan):
    desk.run("draft", "handset", "--plan", plan, "--by", "Li Na")
    plan.write_text(SMALL.replace("T-9 weeks", "T-10 weeks"))
    assert "version 2" in desk.run("draft", "handset", "--plan", plan, "--by", "Li Na")
    assert "replaced by version 2" in desk.run("history", "handset")
    desk.run("submit", "handset", "--by", "Li Na")
    assert "draft." in desk.run("reject", "handset", "--by", "Wang Wei", "--reason", "too dear")


def test_everything_is_said_in_chinese_too(tmp_path, plan):
    desk = Desk(tmp_path / "home", "zh")
    said = desk.run("submit", "手机", "--plan", plan, "--by", "李娜")
    assert "审核中" in said
    desk.run("approve", "手机", "--by", "王伟")
    assert "已批准" in desk.run("show", "手机")
    assert "审核中" in desk.run("history", "手机")
    desk.session.close()


def test_what_cannot_be_done_says_why(desk, plan, tmp_path):
    with pytest.raises(NoSuchCampaign):
        desk.run("show", "none")
    with pytest.raises(PlanFileUnreadable, match="nothing"):
        desk.run("submit", "handset", "--plan", tmp_path / "nothing", "--by", "Li Na")
    desk.run("submit", "handset", "--plan", plan, "--by", "Li Na")
    with pytest.raises(NotPossibleNow, match="in review"):
        desk.run("launch", "handset", "--by", "Li Na")
    with pytest.raises(FileNotWritten):
        desk.run("show", "handset", "--out", plan / "under a file")


def test_an_action_plan_is_approved_and_launched_with_what_stands_in_the_way(desk, tmp_path):
    file = tmp_path / "actions.yaml"
    desk.run("template", file)
    file.write_text(file.read_text().replace("currency: CNY", "currency: CNY\nlaunch: 2024-07-01", 1))
    desk.run("submit", "handset", "--plan", file, "--by", "Li Na")
    said = desk.run("approve", "handset", "--by", "Wang Wei")
    assert "This is not as it should be" in said
    assert "Customer survey: not begun, due on 2024-05-20" in said
    assert "Customer survey" in desk.run("launch", "handset", "--by", "Li Na", "--plan", file)


def test_a_recorded_change_cannot_leave_a_campaigns_plan(desk, tmp_path):
    file = tmp_path / "actions.yaml"
    desk.run("template", file)
    text = file.read_text()
    change = "changes:\n  - {on: 2026-06-01, by: marketing, what: Gifts halved, why: Budget}\n"
    file.write_text(text.replace("changes: []\n", change))
    desk.run("submit", "handset", "--plan", file, "--by", "Li Na")
    file.write_text(text)
    with pytest.raises(ChangeRecordRewritten, match="Gifts halved"):
        desk.run("submit", "handset", "--plan", file, "--by", "Li Na")
    assert "version 2" not in desk.run("history", "handset")


def test_a_mistake_in_an_action_plan_is_told_when_it_is_handed_in_and_nothing_is_saved(desk, tmp_path):
    file = tmp_path / "actions.yaml"
    desk.run("template", file)
    text = file.read_text()
    file.write_text(text.replace("    owner: marketing", "    ownr: marketing", 1))
    with pytest.raises(YamlMistake, match="ownr"):
        desk.run("submit", "handset", "--plan", file, "--by", "Li Na")
    with pytest.raises(NoSuchCampaign):
        desk.run("show", "handset")


def test_a_file_that_is_no_plan_is_refused_and_the_change_record_stays(desk, tmp_path):
    file, note = tmp_path / "actions.yaml", tmp_path / "note.txt"
    desk.run("template", file)
    text = file.read_text()
    change = "changes:\n  - {on: 2026-06-01, by: marketing, what: Gifts halved, why: Budget}\n"
    file.write_text(text.replace("changes: []\n", change))
    note.write_text("a note")
    desk.run("draft", "handset", "--plan", file, "--by", "Li Na")
    with pytest.raises(NotAPlan, match=r"note\.txt"):
        desk.run("draft", "handset", "--plan", note, "--by", "Li Na")
    file.write_text(text)
    with pytest.raises(ChangeRecordRewritten, match="Gifts halved"):
        desk.run("draft", "handset", "--plan", file, "--by", "Li Na")


def test_no_launch_day_is_invented_for_a_plan_that_names_none(desk, tmp_path):
    file = tmp_path / "actions.yaml"
    desk.run("template", file)
    desk.run("submit", "handset", "--plan", file, "--by", "Li Na")
    assert "not begun" not in desk.run("approve", "handset", "--by", "Wang Wei")
    said = desk.run("launch", "handset", "--by", "Li Na")
    survey = day_of(parse_offset("T-6 weeks"), date(2026, 6, 2), Workdays())
    assert f"Customer survey: not begun, due on {survey}" in said
    assert "Review of the first month" not in said
