"""The city lived on from its last day: it answers a campaign's contacts by its own process, and tells what they caused."""

from datetime import timedelta

import numpy as np
import pytest
from tests.proving import some_of
from tests.simulation.conftest import CITY

from telewave.kernel.periods import add_months
from telewave.measurement.effect import NOT_YET, Drawn, measured
from telewave.simulation.answering import Handed
from telewave.simulation.months import first_day
from telewave.simulation.process import CORE, of_the_case
from telewave.simulation.reopening import NoCity, plan_of, reopened
from telewave.simulation.truth import Truth

NOBODY = Handed.of([])


@pytest.fixture(scope="module")
def mobile(city):
    """Who can be called, by number."""
    people = Truth(city).people()
    return people.subscriber[people.mobile & (people.base < 2)]


def called(subscribers, channel="outbound_call"):
    return Handed.of([(number, int(number), channel, 15 * 60) for number in subscribers])


def test_a_folder_without_a_finished_city_is_refused(tmp_path, city):
    assert plan_of(city).subscribers == CITY.subscribers
    with pytest.raises(NoCity, match="holds no finished simulated city"):
        reopened(tmp_path)


def test_the_same_contacts_get_the_same_answers_and_without_any_nothing_is_caused(city, mobile):
    one, other, still = (reopened(city) for _ in range(3))
    days = [called(mobile[start::40]) for start in range(4)]
    told = [one.live(day) for day in days]
    again = [other.live(day) for day in days]
    assert [day.results for day in told] == [day.results for day in again]
    assert [len(day.results) for day in told] == [len(day.contact) for day in days]
    for _ in range(40):
        assert not still.live(NOBODY).results
    assert still.caused() == 0
    assert still.day == CITY.end + timedelta(40)


def test_calls_cause_as_many_orders_as_the_truth_says(city, mobile):
    """Everybody is called on the first day; what they cause in a month lies within four standard errors."""
    town = reopened(city)
    truth = Truth(city).contacted(add_months(CITY.end, -1), "outbound_call")
    free = town.free(mobile)
    lived = town.live(called(free))
    for _ in range(29):
        town.live(NOBODY)
    expected = truth.caused[free].sum()
    assert abs(town.caused() - expected) < 4 * np.sqrt(expected)
    outcomes = {outcome for _, outcome, _ in lived.results}
    assert {"no_answer", "hung_up", "refused", "willing", "opted_out"} <= outcomes
    assert all(reference for _, outcome, reference in lived.results if outcome == "willing")


def test_who_comes_had_promised_it_and_what_is_brought_was_ordered_or_is_refused_at_the_door(city, mobile):
    """Within five days all the mobile are called; three weeks on everybody who promised has come or will not."""
    town = reopened(city)
    said, orders, came, brought, agents = {}, {}, [], [], {}
    for day in range(26):
        handed = called(mobile[day::5]) if day < 5 else NOBODY
        lived = town.live(handed)
        said |= {contact: outcome for contact, outcome, _ in lived.results}
        agents |= lived.agents
        told = zip(lived.orders["reference"], lived.orders["channel"], strict=True)
        orders |= {str(reference): str(channel) for reference, channel in told}
        came += lived.came
        brought += lived.to_deliver
    assert {said[one.contact] for one in came} == {"willing"}
    assert len({one.contact for one in came}) == len(came) > 8
    assert 0 < sum(one.orders for one in came) < len(came)
    promised = sum(outcome == "willing" for outcome in said.values())
    assert 0.3 < len(came) / promised < 0.7
    for one in brought:
        assert (one.order in orders) == one.accepted
        assert said[one.contact] == "ordered"
        assert 1 <= one.days <= 4
    refused = sum(not one.accepted for one in brought)
    assert 0 < refused / len(brought) < 0.35  # 15 % are refused at the door
    assert set(agents) == set(said)
    assert set(agents.values()) == set(town.strengths()) == {"a1", "a2", "a3", "a4"}


def test_in_halls_only_those_who_come_within_thirty_days_have_a_result(city, mobile):
    town = reopened(city)
    some = mobile[:6_000]
    results = [len(town.live(called(some, "hall")).results)]
    results += [len(town.live(NOBODY).results) for _ in range(31)]
    assert 0.02 < sum(results) / len(some) < 0.08
    assert (results[0], results[31]) < (len(some) / 100, 1)


@pytest.mark.parametrize("seed", some_of(range(100), 2))
def test_the_measured_effect_covers_the_truth(city, mobile, seed, covered):
    """A fifth is held out by lot, the core group of the others is called over eight days; as measured on day 30."""
    draw = np.random.default_rng(seed)
    town = reopened(city, seed=seed)
    people = Truth(city).people()
    free = town.free(mobile)
    held = draw.random(len(free)) < 0.2
    core = (of_the_case(people) == CORE)[free]
    order = draw.permutation(free[~held & core])
    ordered = np.full(len(people), NOT_YET)
    for day in range(30):
        lived = town.live(called(order[day::8]) if day < 8 else NOBODY)
        ordered[lived.orders["subscriber"]] = day
    drawn = Drawn(
        held=held, chance=np.full(len(free), np.nan), ordered=ordered[free], margin=np.zeros(len(free))
    )
    took = (drawn.ordered >= 0).astype(float)
    rate = took.mean()
    variance = rate * (1 / held.sum() + 1 / (~held).sum())
    total = measured(drawn, took, 30, variance, 1.0).total
    covered.append(total.low <= town.caused() <= total.high)
    assert first_day(town.day) - first_day(CITY.end) == 30


@pytest.fixture(scope="module")
def covered():
    """Whether each interval held the truth; 95 % of intervals are to, less three standard errors of their number."""
    found: list[bool] = []
    yield found
    n = len(found)
    assert sum(found) >= 0.95 * n - 3 * np.sqrt(0.95 * 0.05 * n) - 0.5
