"""Days counted from launch, progress, readiness, risks and the budget's limits."""

import itertools
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from telewave.kernel import Inconclusive, Label, Money
from telewave.kernel.money import CurrencyMismatch
from telewave.projects.action_plan import (
    ActionPlan,
    Approved,
    ApprovedByAnother,
    Change,
    ChangesOutOfOrder,
    CircleOfDeliverables,
    DaysReversed,
    Deliverable,
    Done,
    InWork,
    NotToBeApproved,
    OwnApproval,
    StartsTooEarly,
    Timing,
    UnknownDependency,
    UnknownPerson,
    find_circle,
    missing,
    obstacles,
    schedule,
)
from telewave.projects.budget import (
    Budget,
    Item,
    NegativeBudget,
    NoSuchItem,
    OverCommitted,
    Overspent,
    Phase,
    TotalOverPlanned,
    UnknownPhase,
)
from telewave.projects.launch_days import NoWorkingDays, Offset, Unit, day_of, parse_offset
from telewave.projects.readiness import Criterion, Lacking, MoreReadyThanThereAre, Reached, judge
from telewave.projects.risks import Risk, RiskOutOfRange, Severity, worst_first
from telewave.scheduling.working_days import Workdays

LAUNCH = date(2026, 7, 1)  # a Wednesday
USUAL = Workdays()
WORD = Label("x", "某")


def weeks(count):
    return Offset(count, Unit.WEEKS)


def deliverable(key="route", start=-5, due=-3, **more):
    return Deliverable(
        key=key, label=Label(key, key), owner="marketing", start=weeks(start), due=weeks(due), **more
    )


def plan_of(*deliverables, **more):
    people = {"marketing": Label("Marketing", "市场部"), "manager": Label("Manager", "总经理")}
    return ActionPlan(label=WORD, launch=LAUNCH, people=people, deliverables=deliverables, **more)


@pytest.mark.parametrize(
    ("offset", "day"),
    [
        ("T", date(2026, 7, 1)),
        ("T-3 weeks", date(2026, 6, 10)),
        ("T-2 周", date(2026, 6, 17)),
        ("T-1 working day", date(2026, 6, 30)),
        ("T-3 working days", date(2026, 6, 26)),
        ("T-5 个工作日", date(2026, 6, 24)),
        ("T+3 working days", date(2026, 7, 6)),
        ("T-4 days", date(2026, 6, 26)),  # the 27th is a Saturday
    ],
)
def test_days_are_counted_from_launch(offset, day):
    assert day_of(parse_offset(offset), LAUNCH, USUAL) == day


def test_holidays_and_make_up_days_count():
    feast = Workdays(holidays=frozenset({date(2026, 6, 29)}), make_up_days=frozenset({date(2026, 6, 28)}))
    assert day_of(parse_offset("T-2 working days"), LAUNCH, feast) == date(2026, 6, 28)
    assert day_of(parse_offset("T-2 days"), LAUNCH, feast) == date(2026, 6, 28)
    never = Workdays(weekdays=frozenset())
    with pytest.raises(NoWorkingDays):
        day_of(parse_offset("T-2 days"), LAUNCH, never)


@given(
    st.integers(-200, 200),
    st.integers(-200, 200),
    st.sampled_from(Unit),
    st.dates(date(2024, 1, 1), date(2030, 1, 1)),
)
def test_a_later_offset_is_never_an_earlier_day_and_every_deadline_is_a_working_day(one, other, unit, launch):
    first, last = sorted((one, other))
    days = [day_of(Offset(count, unit), launch, USUAL) for count in (first, last)]
    assume(USUAL.works(launch) or 0 not in (first, last))
    assert days[0] <= days[1]
    assert all(USUAL.works(day) for count, day in zip((first, last), days, strict=True) if count)


@given(st.integers(-260, 260), st.sampled_from(Unit))
def test_an_offset_is_read_back_as_it_is_shown(count, unit):
    shown = Offset(count, unit).label
    for text in (shown.en, shown.zh):
        again = parse_offset(text)
        assert (again.count, again.unit if count else unit) == (count, unit)


def timing(today, **more):
    return schedule(plan_of(deliverable(**more)), today)[0].timing


def test_a_deliverable_is_complete_only_when_approved_and_filed():
    at = date(2026, 6, 8)
    approval = {"approver": "manager"}
    assert deliverable(progress=Done(at)).complete(at)
    assert not deliverable(progress=Done(at)).complete(at - timedelta(1))
    assert not deliverable(progress=Done(at), **approval).complete(at)
    assert not deliverable(progress=Approved(at, "manager"), **approval).complete(at)
    filed = deliverable(progress=Approved(at, "manager", "MK-17"), **approval)
    assert filed.complete(at)
    assert not filed.complete(at - timedelta(1))
    said = [
        str(missing(deliverable(progress=progress, **approval)))
        for progress in (InWork(), Done(at), Approved(at, "manager"), Approved(at, "manager", "MK-17"))
    ]
    assert said == ["not finished", "not approved", "not filed", "nothing left to do"]


def test_progress_is_judged_by_the_day():
    start, due = date(2026, 5, 27), date(2026, 6, 10)
    assert timing(start) is Timing.AHEAD
    assert timing(start + timedelta(1)) is Timing.LATE_START
    assert timing(due, progress=InWork()) is Timing.RUNNING
    assert timing(due + timedelta(1), progress=InWork()) is Timing.OVERDUE
    assert timing(due + timedelta(1), progress=Done(due)) is Timing.COMPLETE


def criterion(ready=None, of=None, bar=Fraction(4, 5)):
    return Criterion(
        key="outlets",
        label=Label("Outlets", "门店"),
        owner="marketing",
        bar=bar,
        due=weeks(-2),
        remedy=Label("Hurry.", "赶紧。"),
        ready=ready,
        of=of,
    )


def test_what_is_late_or_not_ready_stands_in_the_way():
    plan = plan_of(deliverable(), criteria=(criterion(40, 51),))
    assert obstacles(plan, date(2026, 6, 10)) == ()
    assert [str(s) for s in obstacles(plan, date(2026, 6, 18))] == [
        "route: not begun, due on 2026-06-10. Owner: Marketing.",
        "Outlets: 1 more needed by 2026-06-17. Hurry. Owner: Marketing.",
    ]
    uncounted = replace(plan, criteria=(criterion(),))
    assert "not counted yet" in str(obstacles(uncounted, date(2026, 6, 18))[-1])
    ready = replace(plan, criteria=(criterion(41, 51),))
    assert len(obstacles(ready, date(2026, 6, 18))) == 1


@pytest.mark.parametrize(
    ("ready", "of", "bar", "judged"),
    [
        (41, 51, Fraction(4, 5), Reached(41, 51, 41)),
        (40, 51, Fraction(4, 5), Lacking(40, 51, 41)),
        (8, 10, Fraction(4, 5), Reached(8, 10, 8)),
        (99, 100, Fraction(1), Lacking(99, 100, 100)),
        (29, 100, Fraction("0.29"), Reached(29, 100, 29)),
    ],
)
def test_a_bar_is_a_whole_number_of_shops_or_people(ready, of, bar, judged):
    assert judge(criterion(ready, of, bar)) == judged


def test_what_was_not_counted_is_unknown_and_not_missed():
    for unknown in (criterion(), criterion(ready=3), criterion(0, 0)):
        assert isinstance(judge(unknown), Inconclusive)
    with pytest.raises(MoreReadyThanThereAre, match="only 3"):
        criterion(4, 3)


def test_risks_stand_worst_first():
    made = [
        Risk(key=k, label=WORD, likelihood=likelihood, effect=effect, measure=WORD, owner="marketing")
        for k, (likelihood, effect) in zip("abcd", [(1, 5), (5, 3), (3, 5), (2, 3)], strict=True)
    ]
    assert "".join(risk.key for risk in worst_first(made)) == "cbda"
    assert [risk.severity for risk in worst_first(made)] == [
        Severity.HIGH,
        Severity.HIGH,
        Severity.MEDIUM,
        Severity.LOW,
    ]
    with pytest.raises(RiskOutOfRange):
        Risk(key="e", label=WORD, likelihood=6, effect=1, measure=WORD, owner="marketing")


def budget():
    items = (
        Item(
            key="gifts",
            label=Label("Gifts", "礼品"),
            phase="first",
            planned=Money(500),
            committed=Money(300),
            spent=Money(100),
        ),
        Item(
            key="calls",
            label=Label("Calls", "外呼"),
            phase="first",
            planned=Money(100),
            committed=Money(0),
            spent=Money(0),
        ),
    )
    phases = (
        Phase("first", Label("First", "一"), Money(600)),
        Phase("second", Label("Second", "二"), Money(400)),
    )
    return Budget(Money(1000), phases, items)


def test_the_budget_adds_up_by_phase_and_in_total():
    made = budget()
    first = made.of_phase(made.phases[0])
    assert (first.limit, first.planned, first.committed, first.spent, first.left) == (
        Money(600), Money(600), Money(300), Money(100), Money(0),
    )  # fmt: skip
    assert made.in_total().left == Money(400)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["commit", "spend"]), st.sampled_from(["gifts", "calls"]), st.integers(0, 400)
        ),
        max_size=12,
    )
)
def test_no_sequence_of_commitments_and_payments_overspends(moves):
    made = budget()
    for move, item, minor in moves:
        before = made
        try:
            made = getattr(made, move)(item, Money(minor))
        except (OverCommitted, Overspent):
            assert made is before
    for item in made.items:
        assert 0 <= item.spent.minor <= item.committed.minor <= item.planned.minor
    assert made.in_total().planned == before.in_total().planned if moves else True


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: budget().spend("gifts", Money(201)), Overspent, "Gifts: 3.01 yuan would be spent, but only 3 yuan"),
        (lambda: budget().commit("gifts", Money(201)), OverCommitted, "plan more and have the plan approved"),
        (lambda: budget().commit("gits", Money(1)), NoSuchItem, "gifts, calls"),
        (lambda: budget().commit("gifts", Money(-1)), NegativeBudget, "-0.01"),
        (lambda: budget().commit("gifts", Money(1, "USD")), CurrencyMismatch, "USD"),
        (lambda: replace(budget(), total=Money(999)), TotalOverPlanned, "All phases together"),
        (lambda: replace(budget(), phases=()), UnknownPhase, "first"),
        (lambda: plan_of(deliverable(owner_is="x")), TypeError, "owner_is"),
        (lambda: plan_of(deliverable(approver="boss")), UnknownPerson, "boss"),
        (lambda: plan_of(deliverable(after=("none",))), UnknownDependency, "none"),
        (lambda: plan_of(deliverable(after=("route",))), CircleOfDeliverables, "route → route"),
        (lambda: plan_of(deliverable(start=-2)), DaysReversed, "Exchange"),
        (lambda: plan_of(deliverable(), deliverable("tools", -4, -2, after=("route",))), StartsTooEarly, "waits for route"),
        (lambda: deliverable(approver="marketing"), OwnApproval, "second person"),
        (lambda: deliverable(progress=Approved(LAUNCH, "manager")), NotToBeApproved, "nobody to approve"),
        (lambda: deliverable(approver="boss", progress=Approved(LAUNCH, "manager")), ApprovedByAnother, "boss"),
        (
            lambda: plan_of(changes=(Change(LAUNCH, "manager", "a", "b"), Change(LAUNCH - timedelta(1), "manager", "a", "b"))),
            ChangesOutOfOrder,
            "oldest first",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_with_the_remedy(call, error, said):
    with pytest.raises(error, match=said):
        call()


@given(st.dictionaries(st.integers(0, 8), st.lists(st.integers(0, 8), max_size=4), max_size=9))
def test_a_circle_is_found_exactly_where_there_is_one(after):
    circle = find_circle({key: list(dict.fromkeys(waits)) for key, waits in after.items()})
    if circle:
        assert circle[0] == circle[-1]
        assert all(b in after[a] for a, b in itertools.pairwise(circle))
    else:
        order = {}

        def depth(key):
            if key not in order:
                order[key] = 1 + max((depth(other) for other in after.get(key, ())), default=0)
            return order[key]

        assert all(depth(key) > depth(other) for key, waits in after.items() for other in waits)
