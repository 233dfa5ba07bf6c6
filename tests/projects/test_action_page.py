"""The action plan as people see it: picture and page in both languages, tables on the terminal."""

import re
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from tests.campaign_desk import Desk
from tests.page_text import text_of

from telewave.briefs.campaign_file import load_campaign
from telewave.platform.files import FileIsThere
from telewave.platform.languages import render
from telewave.projects.action_file import parse_action_plan, template_text
from telewave.projects.action_page import action_page
from telewave.projects.action_plan import schedule
from telewave.projects.gantt import NAMES, WIDTH, gantt, scale_of

LAUNCH, TODAY = date(2026, 7, 1), date(2026, 6, 12)
SVG = "{http://www.w3.org/2000/svg}"


def test_the_templates_phases_are_given_what_the_campaign_file_gives_to_contacts(plan):
    phases = sum(
        plan.budget.of_phase(one).limit.minor for one in plan.budget.phases if one.key != "preparation"
    )
    assert phases == load_campaign(Path("reference")).budget.total.minor


@pytest.fixture(scope="module")
def plan():
    return parse_action_plan(template_text(), launch=LAUNCH)


def picture(plan, language="en", today=TODAY):
    return gantt(plan, today, lambda text: render(text, language))


def test_the_picture_has_a_bar_for_each_deliverable_where_its_days_are(plan):
    drawn = ET.fromstring(picture(plan))  # noqa: S314 - our own drawing
    bars = [r for r in drawn.iter(f"{SVG}rect") if r.find(f"{SVG}title") is not None]
    rows = schedule(plan, TODAY)
    assert len(bars) == len(rows) == 17
    scale = scale_of(plan, rows)
    for bar, row in zip(bars, rows, strict=True):
        assert float(bar.get("x")) == scale.x(row.start)
        assert NAMES <= float(bar.get("x")) < float(bar.get("x")) + float(bar.get("width")) <= WIDTH
        assert f"{row.start} – {row.due}" in bar.find(f"{SVG}title").text
    assert len(list(drawn.iter(f"{SVG}polygon"))) == sum(
        one.approver is not None for one in plan.deliverables
    )


def test_today_is_drawn_only_where_it_is_in_the_picture(plan):
    assert ">today<" in picture(plan)
    assert ">today<" not in picture(plan, today=date(2027, 1, 1))


def test_names_cannot_break_out_of_the_picture_or_the_page():
    text = template_text().replace("Customer survey, zh", "'<script>alert(1)</script>', zh", 1)
    made = parse_action_plan(text, launch=LAUNCH)
    ET.fromstring(picture(made))  # noqa: S314 - our own drawing
    assert "<script>alert" not in action_page(made, TODAY, "en")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Readiness", "Risks, worst first", "520,000 yuan", "T-3 weeks (2026-06-10)", "template"]),
        ("zh", ["就绪情况", "风险清单", "520,000 元", "T-3 周(2026-06-10)", "内置模板"]),
    ],
)
def test_the_page_says_everything_and_needs_nothing_else(plan, language, words):
    page = action_page(plan, TODAY, language, assumed=True)
    assert all(word in page for word in words)
    assert set(re.findall(r"(?:src|href)=\"([^\"]*)\"", page)) == {"data:,"}
    assert not re.search(r"url\(|@import", page)


def test_the_page_is_chinese_throughout(plan):
    page = action_page(plan, TODAY, "zh", assumed=True)
    assert set(re.findall(r"[A-Za-z]{2,}", text_of(page))) == set()


def test_a_plan_without_the_optional_parts_has_a_page():
    small = parse_action_plan(
        "plan: x\nlaunch: 2026-07-01\npeople: {a: A}\n"
        "deliverables: {s: {name: S, owner: a, start: T-2 weeks, due: T-1 week, state: done 2026-06-01}}\n"
    )
    page = text_of(action_page(small, TODAY, "en"))
    assert "Nothing is overdue today." in page
    assert "Budget" not in page
    assert "template" not in page


def test_the_commands_show_the_plan_and_write_the_page(tmp_path):
    desk = Desk(tmp_path / "home")
    report, file = tmp_path / "new" / "plan.html", tmp_path / "plan.yaml"
    said = desk.run("actions", "--launch", "2026-07-01", "--today", "2026-06-12", "--report", report)
    assert "amounts are assumptions" in said
    assert "overdue" in said
    assert "Marketing route and strategy: not begun, due on 2026-06-10" in said
    assert "<svg" in report.read_text()
    desk.run("template", file)
    with pytest.raises(FileIsThere):
        desk.run("template", file)
    file.write_text(
        file.read_text().replace(
            "changes: []", "changes:\n  - {on: 2026-06-01, by: marketing, what: Gifts halved, why: Budget}"
        )
    )
    said = desk.run("actions", file, "--launch", "2026-07-01", "--today", "2026-04-01")
    assert "assumptions" not in said
    assert "Gifts halved" in said
    assert "Nothing is overdue today." in said
    desk.session.close()
