"""The action plan's file: the case's template as it is shipped, and every mistake with its line and the remedy."""

from datetime import date
from fractions import Fraction

import pytest

from telewave.kernel import Money
from telewave.platform.yaml_files import YamlMistake, YamlUnreadable
from telewave.projects.action_file import (
    keeps_changes,
    load_action_plan,
    parse_action_plan,
    template_text,
)
from telewave.projects.action_plan import Approved, ChangeRecordRewritten, Done, InWork, schedule
from telewave.projects.launch_days import day_of

LAUNCH = date(2026, 7, 1)
SMALL = """\
plan: {en: Handsets, zh: 终端}
launch: 2026-07-01
people:
  marketing: {en: Marketing, zh: 市场部}
  manager: {en: Manager, zh: 总经理}
deliverables:
  survey:
    name: Survey
    owner: marketing
    start: T-9 weeks
    due: T-6 weeks
  route:
    name: Route
    owner: marketing
    approver: manager
    start: T-5 weeks
    due: T-3 weeks
    after: [survey]
"""
READINESS = """\
readiness:
  outlets: {name: Outlets, owner: marketing, bar: 80 %, due: T-2 weeks, ready: 40, of: 51, remedy: Hurry.}
"""
RISKS = "risks:\n  stock: {name: Stock, likelihood: 3, effect: 5, measure: Watch., owner: marketing}\n"
BUDGET = """\
budget:
  total: 1000
  phases: {first: {name: First, limit: 600}, second: {name: Second, limit: 400}}
  items:
    gifts: {name: Gifts, phase: first, planned: 500.50, committed: 300, spent: 20}
"""
CHANGES = """\
changes:
  - {on: 2026-06-03, by: marketing, what: Launch moved, why: Devices are late}
  - {on: 2026-06-04, by: manager, what: Fewer gifts, why: Budget}
"""


def test_the_template_holds_the_deadlines_and_bars_of_the_case():
    plan = parse_action_plan(template_text(), launch=LAUNCH)
    due = {one.key: (LAUNCH - day_of(one.due, LAUNCH, plan.workdays)).days for one in plan.deliverables}
    assert {due[key] for key in ("route", "tools")} == {21}
    processes = ("call_process", "hall_process", "delivery_process")
    assert {due[key] for key in (*processes, "training", "outlets")} == {14}
    approvers = {one.key: one.approver for one in plan.deliverables}
    assert all(approvers[key] for key in ("route", "tools", *processes))
    assert {one.key: one.bar for one in plan.criteria} == {
        "own_outlets": Fraction(4, 5),
        "third_party_shops": Fraction(4, 5),
        "front_line": Fraction(1),
    }
    assert plan.budget is not None
    assert plan.budget.in_total().limit == Money(520_000_00)


@pytest.mark.parametrize("launch", [date(2026, 1, day) for day in range(1, 29)])
def test_the_template_can_be_launched_on_any_day(launch):
    assert len(schedule(parse_action_plan(template_text(), launch=launch), launch)) == 17


def test_a_file_is_read_with_all_its_parts(tmp_path):
    text = SMALL.replace(
        "after: [survey]", "state: approved 2026-06-05\n    filed: MK-17\n    after: [survey]"
    )
    text = text.replace("due: T-6 weeks", "due: T-6 weeks\n    state: done 2026-05-18")
    path = tmp_path / "plan.yaml"
    path.write_text(
        text + READINESS + RISKS + BUDGET + CHANGES + "holidays: [2026-06-10]\nmake_up_days: [2026-06-14]\n"
    )
    plan = load_action_plan(path)
    survey, route = plan.deliverables
    assert survey.progress == Done(date(2026, 5, 18))
    assert route.progress == Approved(date(2026, 6, 5), "manager", "MK-17")
    assert day_of(route.due, plan.launch, plan.workdays) == date(2026, 6, 9)  # the tenth is a holiday
    assert plan.criteria[0].bar == Fraction(4, 5)
    assert plan.budget.items[0].planned == Money(500_50)
    assert [change.what for change in plan.changes] == ["Launch moved", "Fewer gifts"]
    assert load_action_plan(path, date(2026, 8, 3)).launch == date(2026, 8, 3)


def test_work_that_was_begun_is_read():
    plan = parse_action_plan(SMALL.replace("due: T-6 weeks", "due: T-6 weeks\n    state: begun"))
    assert plan.deliverables[0].progress == InWork()


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("launch: 2026-07-01\n", "", 1, "give --launch"),
        ("start: T-9 weeks", "start: T-5 weeks", 8, "Exchange the two days"),
        ("start: T-9 weeks", "start: nine weeks before", 10, "T-3 weeks"),
        ("start: T-9 weeks", "start: T-9999 weeks", 10, "within 5 years"),
        ("launch: 2026-07-01", "launch: 0001-01-01", 8, "from 1900 to 2999"),
        ("launch: 2026-07-01", "launch: 9999-12-31", 8, "from 1900 to 2999"),
        ("start: T-5 weeks", "start: T-7 weeks", 13, "waits for Survey"),
        ("owner: marketing\n    start", "owner: marketting\n    start", 9, "Did you mean `marketing`"),
        ("approver: manager", "approver: marketing", 13, "second person"),
        ("after: [survey]", "after: [servey]", 18, "Did you mean `survey`"),
        ("due: T-6 weeks", "due: T-6 weeks\n    after: [route]", 8, "wait for each other: "),
        ("due: T-6 weeks", "due: T-6 weeks\n    after: [survey]", 8, "survey → survey"),
        ("after: [survey]", "state: ready", 18, "planned, begun, done"),
        ("after: [survey]", "state: done", 18, "is not a state"),
        ("after: [survey]", "state: done tomorrow", 18, "is not a day"),
        ("after: [survey]", "filed: MK-17", 18, "only what is approved is filed"),
        ("due: T-6 weeks", "due: T-6 weeks\n    state: approved 2026-06-01", 12, "Add `approver`"),
        ("deliverables:", "deliverables: {}\nx:", 6, "no deliverables"),
        ("plan:", "plans:", 1, "Did you mean `plan`"),
        ("    name: Survey\n", "", 8, "`name` is missing"),
    ],
)
def test_a_mistake_in_the_deliverables_names_its_line_and_the_remedy(old, new, line, said):
    text = SMALL.replace(old, new, 1)
    if "x:" in new:
        text = text[: text.index("x:")]
    with pytest.raises(YamlMistake, match=f"plan.yaml, line {line}: ") as refused:
        parse_action_plan(text, "plan.yaml")
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("part", "old", "new", "line", "said"),
    [
        (READINESS, "ready: 40", "ready: 52", 20, "only 51"),
        (READINESS, "bar: 80 %", "bar: 0", 20, "bar of 0%"),
        (READINESS, "bar: 80 %", "bar: 180 %", 20, "180 %"),
        (READINESS, "owner: marketing", "owner: nobody", 20, "nobody"),
        (RISKS, "likelihood: 3", "likelihood: 6", 20, "1 (low) to 5 (high)"),
        (RISKS, "effect: 5", "effect: 0", 20, "1 or more"),
        (RISKS, "measure: Watch., ", "", 20, "`measure` is missing"),
        (
            BUDGET,
            "planned: 500.50",
            "planned: 700",
            20,
            "First: its items come to 700 yuan, but the phase is given only 600 yuan",
        ),
        (BUDGET, "committed: 300", "committed: 501", 23, "501 yuan would be committed, but only 500.50 yuan"),
        (BUDGET, "spent: 20", "spent: 301", 23, "301 yuan would be spent, but only 300 yuan"),
        (
            BUDGET,
            "limit: 400",
            "limit: 401",
            20,
            "All phases together come to 1,001 yuan, but the total is only 1,000 yuan",
        ),
        (BUDGET, "phase: first", "phase: firts", 23, "Did you mean `first`"),
        (BUDGET, "limit: 400", "limit: 400 USD", 21, "another currency than the file, CNY"),
        (BUDGET, "planned: 500.50", "planned: -1", 23, "-1"),
        (BUDGET, "total: 1000", "total: 1e99999999", 20, "at most 15 digits"),
        (BUDGET, "total: 1000", "total: 1000000000000000000", 20, "at most 15 digits"),
        (CHANGES, "2026-06-04", "2026-06-02", 20, "oldest first"),
        (CHANGES, "by: manager", "by: boss", 21, "boss"),
        (CHANGES, "why: Budget", "why: ' '", 21, "`why` is empty"),
    ],
)
def test_a_mistake_in_the_other_parts_names_its_line_and_the_remedy(part, old, new, line, said):
    with pytest.raises(YamlMistake, match=f"line {line}: ") as refused:
        parse_action_plan(SMALL + part.replace(old, new, 1))
    assert said in str(refused.value)


def test_a_file_in_another_currency_is_in_that_currency_throughout():
    text = SMALL + "currency: USD\n" + BUDGET.replace("total: 1000", "total: 1000 USD")
    assert parse_action_plan(text).budget.total == Money(1000_00, "USD")


def test_a_holiday_that_is_also_worked_is_refused():
    with pytest.raises(YamlMistake, match="2026-06-10"):
        parse_action_plan(SMALL + "holidays: [2026-06-10]\nmake_up_days: [2026-06-10]\n")


def test_a_file_that_is_not_there_or_empty_is_said_so(tmp_path):
    with pytest.raises(YamlUnreadable, match=r"none\.yaml"):
        load_action_plan(tmp_path / "none.yaml")
    with pytest.raises(YamlMistake, match="line 1"):
        parse_action_plan("")


def test_a_recorded_change_stays_in_every_later_version():
    older, newer = (SMALL + CHANGES).encode(), (SMALL + CHANGES).encode()
    more = newer + b"  - {on: 2026-06-09, by: manager, what: More calls, why: Volume}\n"
    keeps_changes([older], newer)
    keeps_changes([older], more)
    keeps_changes([b"\xff any other file"], newer)
    keeps_changes([older], b"\xff any other file")
    for altered in (SMALL, SMALL + CHANGES.replace("Devices are late", "no reason")):
        with pytest.raises(ChangeRecordRewritten, match="Change 1 of the record"):
            keeps_changes([older], altered.encode())
    with pytest.raises(ChangeRecordRewritten, match="Change 3"):
        keeps_changes([more], older)
    without_launch = SMALL.replace("launch: 2026-07-01\n", "")
    with pytest.raises(ChangeRecordRewritten):
        keeps_changes([(without_launch + CHANGES).encode()], without_launch.encode())


def test_a_version_that_is_no_action_plan_does_not_end_the_change_record():
    older, other = (SMALL + CHANGES).encode(), b"a note"
    with pytest.raises(ChangeRecordRewritten, match="Change 1 of the record"):
        keeps_changes([other, older], SMALL.encode())
    keeps_changes([other], SMALL.encode())


@pytest.mark.parametrize("spoilt", ["ownr: marketing", "owner marketing", "owner: nobody", "owner: ["])
def test_an_action_plan_with_a_mistake_is_refused_not_taken_for_another_file(spoilt):
    with pytest.raises(YamlMistake, match="line"):
        keeps_changes([], SMALL.replace("owner: marketing", spoilt, 1).encode())


def test_one_person_under_two_keys_is_no_second_person():
    twice = SMALL.replace("manager: {en: Manager, zh: 总经理}", "manager: {en: marketing, zh: 总经理}")
    with pytest.raises(YamlMistake, match="both called"):
        parse_action_plan(twice)
