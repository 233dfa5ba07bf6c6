"""How an action plan gets on is reported beside what was approved, on both databases; the approved bytes stay as they are."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.projects.test_action_file import BUDGET, READINESS, SMALL

from telewave.approvals.approval import Approve, NoPerson
from telewave.approvals.usecases import (
    PlanFile,
    launch,
    launched_plan,
    step,
    submit,
)
from telewave.kernel import Money
from telewave.projects import store
from telewave.projects.action_file import parse_action_plan
from telewave.projects.action_plan import Approved, Done, InWork, NotBegun, NotToBeApproved, obstacles
from telewave.projects.budget import NoSuchItem, OverCommitted, Overspent
from telewave.projects.progress_commands import FiledTooEarly, UnknownProgress, UnreadableAmount
from telewave.projects.readiness import MoreReadyThanThereAre
from telewave.projects.reports import (
    Committed,
    Counted,
    NoBudget,
    NoSuchCriterion,
    NoSuchDeliverable,
    Paid,
    Progressed,
    Report,
    reported,
)
from telewave.projects.store import ReportedMeanwhile
from telewave.projects.usecases import ActionPlanKind, NoActionPlan, plan_in_force, report

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
TEXT = SMALL + READINESS + BUDGET
FILE = PlanFile("actions.yaml", TEXT.encode())


@pytest.fixture
def running(database):
    """A database in which the campaign `handset` runs by the action plan `FILE`."""
    submit(database, "handset", "Li Na", NOW, FILE)
    step(database, "handset", Approve("Wang Wei"), NOW)
    launch(database, "handset", "Li Na", NOW)
    return database


def tell(database, news, by="Li Na"):
    return report(database, "handset", by, NOW, news)


def item(plan, key="gifts"):
    return next(one for one in plan.budget.items if one.key == key)


EVERY_KIND = [
    Progressed("survey", InWork()),
    Progressed("survey", Done(date(2026, 5, 18))),
    Progressed("route", Approved(date(2026, 6, 5), "manager", "MK-17")),
    Progressed("survey", NotBegun()),
    Counted("outlets", 41, 51),
    Committed("gifts", Money(100_00)),
    Paid("gifts", Money(50_50)),
]


def test_reports_are_read_together_with_the_plan_and_what_was_approved_stays(running):
    before = parse_action_plan(TEXT)
    for news in EVERY_KIND:
        tell(running, news)
    version, plan = plan_in_force(running, "handset")
    assert plan == reported(before, [Report(NOW, "Li Na", news) for news in EVERY_KIND])
    assert item(plan).committed == item(before).committed + Money(100_00)
    assert item(plan).spent == item(before).spent + Money(50_50)
    assert [(one.ready, one.of) for one in plan.criteria if one.key == "outlets"] == [(41, 51)]
    assert launched_plan(running, "handset") == (version, FILE.content)
    assert [(one.person, one.at, one.news) for one in store.reports(running, "handset")] == [
        ("Li Na", NOW, news) for news in EVERY_KIND
    ]


def test_what_was_reported_done_no_longer_stands_in_the_way(running):
    day = date(2026, 5, 30)
    late = {str(one) for one in obstacles(plan_in_force(running, "handset")[1], day)}
    tell(running, Progressed("survey", Done(date(2026, 5, 18))))
    assert {str(one) for one in obstacles(plan_in_force(running, "handset")[1], day)} < late


@pytest.mark.parametrize(
    ("news", "error", "said"),
    [
        (Progressed("servey", InWork()), NoSuchDeliverable, "survey, route"),
        (Progressed("survey", Approved(date(2026, 6, 5), "manager")), NotToBeApproved, "nobody to approve"),
        (Counted("outlet", 1, 2), NoSuchCriterion, "outlets"),
        (Counted("outlets", 52, 51), MoreReadyThanThereAre, "52"),
        (Committed("gift", Money(1)), NoSuchItem, "gifts"),
        (Committed("gifts", Money(10**9)), OverCommitted, "plan more"),
        (Paid("gifts", Money(10**9)), Overspent, "commit more"),
    ],
)
def test_what_the_plan_has_no_room_for_is_refused_and_not_kept(running, news, error, said):
    with pytest.raises(error, match=said):
        tell(running, news)
    assert store.reports(running, "handset") == ()


def test_the_next_version_must_have_room_for_what_was_spent(running):
    tell(running, Committed("gifts", Money(100_00)))
    smaller = PlanFile("actions.yaml", TEXT.replace("planned: 500.50,", "planned: 350,").encode())
    assert smaller != FILE
    with pytest.raises(OverCommitted, match="Gifts"):
        submit(running, "handset", "Li Na", NOW, smaller, ActionPlanKind().judge(running, "handset"))
    larger = PlanFile("actions.yaml", TEXT.replace("planned: 500.50,", "planned: 501,").encode())
    submit(running, "handset", "Li Na", NOW, larger, ActionPlanKind().judge(running, "handset"))
    assert plan_in_force(running, "handset")[0].number == 1  # approved counts before what is in review


def test_of_two_reports_at_once_one_is_told_to_look_again(running):
    first = Report(NOW, "Li Na", Committed("gifts", Money(1)))
    store.add_report(running, "handset", 0, first)
    with pytest.raises(ReportedMeanwhile):
        store.add_report(running, "handset", 0, first)
    assert len(store.reports(running, "handset")) == 1


def test_a_campaign_without_an_action_plan_or_a_report_without_a_name_is_refused(database):
    submit(database, "handset", "Li Na", NOW, PlanFile("note.txt", b"a note"))
    with pytest.raises(NoActionPlan, match="campaign template"):
        plan_in_force(database, "handset")
    with pytest.raises(NoPerson):
        tell(database, EVERY_KIND[0], by=" ")
    submit(database, "handset", "Li Na", NOW, PlanFile("actions.yaml", SMALL.encode()))
    with pytest.raises(NoBudget):
        tell(database, Committed("gifts", Money(1)))


moves = st.lists(
    st.tuples(
        st.sampled_from([Committed, Paid]), st.sampled_from(["gifts", "calls"]), st.integers(0, 40_000)
    ),
    max_size=12,
)


@given(moves)
def test_no_sequence_of_reports_spends_more_than_is_committed_or_commits_more_than_is_planned(steps):
    plan = parse_action_plan(TEXT)
    planned = plan.budget.in_total().planned
    for kind, key, minor in steps:
        try:
            plan = reported(plan, [Report(NOW, "Li Na", kind(key, Money(minor)))])
        except (OverCommitted, Overspent, NoSuchItem):
            continue
    for one in plan.budget.items:
        assert 0 <= one.spent.minor <= one.committed.minor <= one.planned.minor
    assert plan.budget.in_total().planned == planned


def test_the_commands_report_and_show_it(desk, tmp_path):
    file = tmp_path / "actions.yaml"
    file.write_text(TEXT)
    desk.run("submit", "handset", "--plan", file, "--by", "Li Na")
    desk.run("approve", "handset", "--by", "Wang Wei")
    said = desk.run("progress", "handset", "survey", "done", "--on", "2026-05-18", "--by", "Li Na")
    assert "Survey: done on 2026-05-18" in said
    told = desk.run(
        "progress",
        "handset",
        "route",
        "approved",
        "--on",
        "2026-06-05",
        "--filed",
        "MK-17",
        "--by",
        "Wang Wei",
    )
    assert "filed as MK-17" in told
    assert "41 of 51" in desk.run("ready", "handset", "outlets", "--ready", 41, "--of", 51, "--by", "Zhao")
    assert "committed" in desk.run("commit", "handset", "gifts", "100", "--by", "Zhao")
    assert "70.50 yuan spent" in desk.run("spend", "handset", "gifts", "50.50", "--by", "Zhao")
    page = tmp_path / "actions.html"
    shown = desk.run("actions", "--campaign", "handset", "--report", page)
    assert "Version 1 of the campaign handset" in shown
    assert "MK-17" in shown
    assert "MK-17" in page.read_text()
    with pytest.raises(UnknownProgress, match="ready"):
        desk.run("progress", "handset", "survey", "ready", "--by", "Li Na")
    with pytest.raises(FiledTooEarly):
        desk.run("progress", "handset", "survey", "done", "--filed", "x", "--by", "Li Na")
    for amount in ("1e9", "-3", "many", "3.001"):
        with pytest.raises(UnreadableAmount):
            desk.run("spend", "handset", "gifts", "--by", "Zhao", "--", amount)


def test_terminal_and_page_tell_how_the_campaign_stands_on_the_operators_days(desk, tmp_path):
    desk.session.instant = lambda: datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    file, page = tmp_path / "actions.yaml", tmp_path / "actions.html"
    file.write_text(TEXT)
    desk.run("submit", "handset", "--plan", file, "--by", "Li Na")
    desk.run("approve", "handset", "--by", "Wang Wei")
    shown = desk.run("actions", "--campaign", "handset", "--report", page)
    assert "Action plan, version 1: approved since 2026-07-02, by Wang Wei." in shown
    desk.run("launch", "handset", "--by", "Li Na")
    desk.run("actions", "--campaign", "handset", "--report", page)
    assert "Action plan, version 1: launched since 2026-07-02, by Li Na." in page.read_text()
