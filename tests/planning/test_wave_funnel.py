"""The expected funnel of waves: its orders are the plan's, its people counted apart one by one, its sources told."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from tests.planning.test_appetite import telling_orders
from tests.planning.test_learnt_effects import funnel, told
from tests.planning.test_proposal import OFFERS, city

from telewave.briefs.campaign_file import load_campaign
from telewave.briefs.model import OrdersCaused
from telewave.funnel.assumptions import belief, whole_belief
from telewave.funnel.learning import Alike, learnt_cells
from telewave.funnel.steps import Family, Outcome, Step
from telewave.kernel import Money
from telewave.planning.appetite import appetite_of
from telewave.planning.document import document_of, plan_rows
from telewave.planning.learnt_effects import with_learnt
from telewave.planning.learnt_steps import learnt_steps
from telewave.planning.limit_worth import WORTH_TELLING, worth_of_more
from telewave.planning.limits import BUDGET_IN_ALL, capacity_name
from telewave.planning.options import Gathered
from telewave.planning.proposal import propose
from telewave.planning.scorer import Scorer
from telewave.planning.summary import summarised
from telewave.planning.wave_funnel import together, waves_of
from telewave.planning.wave_words import wave_sources, waves_of_rows
from telewave.platform.languages import render

GROUPS = ("core", "normal", "basic")


def calling():
    """The campaign of the proposals' tests with calls that are worth their price."""
    made, orders = telling_orders(), OrdersCaused(core=0.08, normal=0.03, basic=0.005)
    calls = replace(made.channels[0], effect=orders)
    return replace(made, channels=(calls, *made.channels[1:]))


@pytest.fixture(scope="module")
def planned():
    people = city()
    return propose(calling(), OFFERS, people.base, group=people.group), Gathered(
        people.base, (), people.group, 0
    )


def test_attempts_and_orders_caused_are_those_of_the_plan(planned):
    made, gathered = planned
    plan = summarised(made, gathered, Scorer())
    total = plan.waves[-1]
    assert total.attempts == int(made.made.sum()) == sum(row.contacts for row in plan.uses) - plan.undated
    assert total.caused == pytest.approx(plan.gained)
    uses = {(row.phase, row.channel): row for row in plan.uses}
    for one in plan.waves[:-1]:
        assert one.caused == pytest.approx(uses[one.phase, one.channel].gained)
    document = document_of(made, gathered, plan_rows(made, gathered), as_of=None, brief=made.campaign)
    assert sum(one["caused"] for one in document["waves"]) == pytest.approx(
        document["caused_by_the_contact"], abs=0.05
    )
    assert sum(one["attempts"] for one in document["waves"]) == document["contacts"] - document["without_day"]


def test_a_call_wave_is_what_counting_person_by_person_gives(planned):
    made, gathered = planned
    brief = made.campaign
    wave = next(one for one in waves_of(made, gathered) if one.steps.family is Family.CALL)
    number = next(k for k, one in enumerate(brief.channels) if one.id == wave.ids[1])
    phase = next(k for k, one in enumerate(brief.phases) if one.id == wave.ids[0])
    reached = belief("outbound_call", "core", Step.REACHED).chance
    carried = belief("outbound_call", "core", Step.ORDERED).chance
    attempts = orders = 0.0
    for k in np.flatnonzero(made.made):
        option = made.options.options[made.option[k]]
        if (option.channel, option.phase) != (number, phase):
            continue
        alone = made.chance.organic[made.row[k]]
        attempts += 1
        orders += made.gained[k] / (1 - alone)
    assert wave.attempts == attempts
    assert wave.reached.value == pytest.approx(reached * attempts)
    assert wave.ordered.value == pytest.approx(orders)
    assert wave.willing.value == pytest.approx(min(orders / carried, reached * attempts))
    agents = brief.channels[number].agents
    minutes = attempts * (reached * (agents.talk + agents.after_call) + (1 - reached) * agents.not_reached)
    assert wave.agent_days == pytest.approx(minutes / 60 / agents.hours_a_day)


def test_nobody_goes_further_without_having_come_so_far_and_intervals_hold_their_value(planned):
    waves = waves_of(*planned)
    for one in [*waves, together(waves)]:
        met = one.reached or one.recalled
        assert one.attempts >= met.value >= one.willing.value >= one.ordered.value >= one.caused
        assert one.ordered.value >= one.activated.value
        for part in (met, one.willing, one.ordered, one.activated):
            assert part.low <= part.value <= part.high


def cells(calls=400):
    """Records of calls: half are reached, a fifth of these willing, half of these order."""
    outcomes = {
        "no_answer": calls // 2,
        "refused": calls * 2 // 5,
        "willing": calls // 20,
        "ordered": calls // 20,
    }
    records = [
        Alike(
            outcome=Outcome(channel="outbound_call", disposition=name), group=group, offer="", score=0.0, n=n
        )
        for name, n in outcomes.items()
        for group in GROUPS
    ]
    return learnt_cells(records, GROUPS)


def test_steps_are_the_funnel_s_where_it_has_records_and_say_so():
    kept = replace(funnel(*(told(group, 0.02) for group in GROUPS)), cells=cells())
    steps = learnt_steps(kept, "outbound_call")
    assert steps.reached.levels[0].value == pytest.approx(0.5, abs=0.03)
    assert steps.reached.contacts == 1_200
    assert steps.carried.levels[1].value == pytest.approx(0.5, abs=0.1)
    assert learnt_steps(kept, "sms") is None
    people = city()
    brief = with_learnt(calling(), kept)
    made = propose(brief, OFFERS, people.base, group=people.group)
    waves = waves_of(made, Gathered(people.base, (), people.group, 0))
    said = [render(one, "en") for one in wave_sources(waves)]
    assert any("funnel spring, version 2: reached from 1,200 contacts on record" in one for one in said)
    assert any("table of assumptions" in one for one in said[:-1]) == any(
        one.steps.funnel is None for one in waves
    )


def test_agents_who_reach_more_make_fewer_attempts():
    brief = load_campaign("reference")
    before = brief.channels[0].calendar.daily_capacity
    assert before == 12_000
    after = with_learnt(brief, reaching(0.8, 0.8, 0.8)).channels[0].calendar.daily_capacity
    assert after == int(100 * 360 / (0.8 * 5 + 0.2))


def reaching(*shares, effects=()):
    """A funnel by whose records calls reach these shares of core, normal and basic."""
    by_group = dict(zip(GROUPS, shares, strict=True))
    kept = replace(funnel(*effects), cells=cells(2_000))
    changed = tuple(
        replace(
            cell,
            steps=(
                replace(
                    cell.steps[0],
                    estimate=replace(cell.steps[0].estimate, value=by_group[cell.group]),
                ),
                *cell.steps[1:],
            ),
        )
        for cell in kept.cells
    )
    return replace(kept, cells=changed)


@pytest.mark.parametrize("scarce", [False, True])
def test_every_output_tells_the_same_agent_days(scarce):
    people, brief = city(), with_learnt(calling(), reaching(0.7, 0.5, 0.3))
    use = brief.channels[0]
    if scarce:
        use = replace(use, calendar=replace(use.calendar, daily_capacity=2))
        brief = replace(brief, channels=(use, *brief.channels[1:]))
    made = propose(brief, OFFERS, people.base, group=people.group)
    gathered = Gathered(people.base, (), people.group, 0)
    an_attempt = (0.7 * 5 + 0.3) / 360
    rows = plan_rows(made, gathered)
    document = document_of(made, gathered, rows, as_of=None, brief=brief)
    waves = [one for one in waves_of(made, gathered) if one.ids[1] == use.id]
    standing = rows.contacts.filter(rows.contacts["day"].is_valid())
    said = [render(one, "en") for one in worth_of_more(made)]
    assert waves
    for wave in waves:
        phase = next(one for one in brief.phases if one.id == wave.ids[0])
        used = next(one for one in made.limits if one.limit.name == capacity_name(use, phase))
        assert used.used == wave.attempts
        assert wave.agent_days == pytest.approx(wave.attempts * an_attempt)
        for written in (document["waves"], waves_of_rows(document["waves"], standing)):
            mine = next(one for one in written if (one["phase"], one["channel"]) == wave.ids)
            assert mine["agent_days"] == pytest.approx(wave.agent_days, abs=0.006)
        mine = next(one for one in said if one.startswith(f"{use.name.en}, {phase.days.name.en}"))
        if used.price / an_attempt >= WORTH_TELLING:
            assert f"({1 / an_attempt:,.0f} attempts) earns {used.price / an_attempt:,.2f} yuan" in mine
        else:
            assert f"{wave.agent_days:,.1f} of {used.limit.amount * an_attempt:,.1f} agent-days" in mine


def test_what_earns_less_than_one_would_decide_about_is_not_told(planned):
    made, gathered = planned
    budget = Money(100_000_000, "CNY")
    brief = replace(made.campaign, budget=replace(made.campaign.budget, total=budget))
    rich = propose(brief, OFFERS, gathered.base, group=gathered.group)
    said = {}
    for price in (0.00119, 0.05):
        limits = tuple(
            replace(one, price=price if one.limit.name == BUDGET_IN_ALL else 0.0)
            for one in rich.allocation.limits
        )
        priced = replace(rich, allocation=replace(rich.allocation, limits=limits))
        row = next(one for one in summarised(priced, gathered, Scorer()).limits if one.name == BUDGET_IN_ALL)
        said[price] = [render(one, "en") for one in worth_of_more(priced) if "beyond itself" in str(one)]
        assert row.binding == (row.worth is not None) == bool(said[price])
    assert said[0.00119] == []
    assert said[0.05] == ["Budget in all: 100.00 yuan more earns 5.00 yuan beyond itself."]


def test_one_more_agent_day_earns_what_its_attempts_earn_at_the_kept_price(planned):
    made, _ = planned
    said = [render(one, "en") for one in worth_of_more(made)]
    use, phase = made.campaign.channels[0], made.campaign.phases[0]
    price = next(one.price for one in made.limits if one.limit.name == capacity_name(use, phase))
    mine = next(one for one in said if one.startswith(f"{use.name.en}, {phase.days.name.en}"))
    if price * 120 >= WORTH_TELLING:
        assert f"(120 attempts) earns {price * 120:,.2f} yuan more than it costs" in mine
    else:
        assert "another one would earn nothing" in mine


def test_dated_anew_the_waves_count_the_contacts_that_stand(planned):
    made, gathered = planned
    rows = plan_rows(made, gathered)
    document = document_of(made, gathered, rows, as_of=date(2026, 7, 1), brief=made.campaign)
    standing = rows.contacts.filter(rows.contacts["day"].is_valid())
    assert waves_of_rows(document["waves"], standing) == document["waves"] or all(
        one["caused"] == pytest.approx(other["caused"], abs=0.01) and one["attempts"] == other["attempts"]
        for one, other in zip(waves_of_rows(document["waves"], standing), document["waves"], strict=True)
    )
    half = waves_of_rows(document["waves"], standing.slice(0, len(standing) // 2))
    assert sum(one["attempts"] for one in half) == len(standing) // 2
    assert waves_of_rows(None, standing) == []


def test_the_table_s_range_is_the_width_of_a_stated_effect(planned):
    made, gathered = planned
    wave = next(one for one in waves_of(made, gathered) if one.steps.family is Family.CALL)
    ends = [whole_belief("outbound_call", group).estimate for group in GROUPS]
    least = min(one.low / one.value for one in ends)
    assert wave.ordered.down <= wave.ordered.value * (1 - least) + 1e-9
    assert appetite_of(gathered.base.probability)[0] < appetite_of(gathered.base.probability)[2]
