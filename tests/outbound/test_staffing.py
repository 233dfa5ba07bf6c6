"""How many agents a stream of calls needs, held to published figures and to other ways of reckoning."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from telewave.outbound.staffing import (
    Calls,
    NoAgents,
    Target,
    UnusableCalls,
    UnusablePatience,
    UnusableTarget,
    advice,
    around,
    fewest,
    staffed,
)

PUBLISHED = Calls(calls=100, minutes=30, handling=180)


def test_the_published_example():
    found = staffed(PUBLISHED, 14, 20)
    assert found.waits == pytest.approx(0.1741319, abs=5e-8)
    assert found.answered_within == pytest.approx(0.8883500, abs=5e-8)
    assert found.answer_seconds == pytest.approx(7.835937, abs=5e-7)
    assert (fewest(PUBLISHED, Target(0.8, 20)), found.occupancy) == (14, pytest.approx(10 / 14))


@pytest.mark.parametrize(("calls", "agents"), [(100, 11), (100, 30), (2e4, 2010), (1.9e5, 19_400)])
def test_who_waits_is_as_the_poisson_distribution_says_also_for_thousands(calls, agents):
    load = calls / 10
    at = math.exp(stats.poisson.logpmf(agents, load) - stats.poisson.logcdf(agents - 1, load))
    weight = at * agents / (agents - load)
    found = staffed(Calls(calls=calls, minutes=30, handling=180), agents)
    assert found.waits == pytest.approx(weight / (1 + weight), rel=1e-6)


def impatient(calls, agents, within):
    """By the wait of a caller who never gives up, whose density is an integral over patience (Zeltyn and Mandelbaum 2005)."""
    rate, service, theta = calls.erlangs / calls.handling, agents / calls.handling, 1 / calls.patience

    def shape(x):
        return rate * math.exp(rate * -math.expm1(-theta * x) / theta - service * x)

    def sums(value, end):
        return integrate.quad(lambda x: shape(x) * value(x), 0, end, limit=400, epsabs=0, epsrel=1e-10)[0]

    far = (rate / theta + 45) / service
    below = math.exp(
        stats.poisson.logcdf(agents - 1, calls.erlangs) - stats.poisson.logpmf(agents - 1, calls.erlangs)
    )
    whole = below + sums(lambda x: 1.0, far)
    stays = lambda x: math.exp(-theta * x)  # noqa: E731
    answered = below + sums(stays, far)
    return (
        1 - below / whole,
        (below + sums(stays, within)) / whole,
        sums(lambda x: x * stays(x), far) / answered,
        1 - answered / whole,
    )


@pytest.mark.parametrize("agents", [4, 9, 10, 14, 22])
@pytest.mark.parametrize("patience", [15, 120, 900])
def test_impatient_callers_are_reckoned_as_an_integral_says(agents, patience):
    calls = Calls(calls=100, minutes=30, handling=180, patience=patience)
    found = staffed(calls, agents, 20)
    told = (found.waits, found.answered_within, found.answer_seconds, found.abandoned)
    assert told == pytest.approx(impatient(calls, agents, 20), rel=1e-6, abs=1e-9)


def test_a_simulated_queue_agrees():
    """Callers one by one, with agents as times at which they are free."""
    calls, agents, n = Calls(calls=100, minutes=30, handling=180, patience=90), 9, 60_000
    draw = np.random.default_rng(1)
    at = np.cumsum(draw.exponential(18, n))
    takes, stays = draw.exponential(180, n), draw.exponential(90, n)
    free, waits = [0.0] * agents, np.full(n, np.nan)
    for k in range(n):
        one = min(range(agents), key=free.__getitem__)
        wait = max(0.0, free[one] - at[k])
        if wait <= stays[k]:
            waits[k], free[one] = wait, at[k] + wait + takes[k]
    found = staffed(calls, agents, 20)
    assert found.abandoned == pytest.approx(np.isnan(waits).mean(), abs=0.012)
    assert found.answered_within == pytest.approx((waits <= 20).mean(), abs=0.012)
    assert found.answer_seconds == pytest.approx(np.nanmean(waits), rel=0.06)


@given(
    load=st.floats(0.01, 300),
    agents=st.integers(1, 300),
    patience=st.none() | st.floats(1, 900),
    within=st.floats(0, 300),
)
def test_figures_are_shares_and_one_agent_more_never_harms(load, agents, patience, within):
    calls = Calls(calls=load, minutes=1, handling=60, patience=patience)
    one, more = staffed(calls, agents, within), staffed(calls, agents + 1, within)
    for found in (one, more):
        assert 0 <= found.answered_within <= 1
        assert 0 <= found.waits <= 1
        assert 0 <= found.abandoned <= 1
        assert 0 < found.occupancy <= 1
    assert more.answered_within >= one.answered_within - 1e-9
    assert more.abandoned <= one.abandoned + 1e-9


@given(load=st.floats(0.05, 400), patience=st.none() | st.floats(5, 600), level=st.floats(0.05, 0.99))
def test_the_fewest_meet_the_target_and_one_fewer_does_not(load, patience, level):
    calls = Calls(calls=load, minutes=1, handling=60, patience=patience)
    least = fewest(calls, Target(level, 20))
    assert staffed(calls, least, 20).answered_within >= level
    assert least == 1 or staffed(calls, least - 1, 20).answered_within < level


def test_great_patience_is_as_if_nobody_gave_up():
    endless = staffed(PUBLISHED, 14, 20)
    nearly = staffed(Calls(calls=100, minutes=30, handling=180, patience=3600), 14, 20)
    assert nearly.waits == pytest.approx(endless.waits, rel=0.03)


def test_a_queue_that_grows_without_end_has_no_mean_wait():
    few = staffed(PUBLISHED, 10)
    assert (few.grows, few.waits, few.answered_within, few.answer_seconds) == (True, 1.0, 0.0, None)
    assert [one.grows for one in around(PUBLISHED, 10, 20)] == [True] * 4 + [False] * 3
    assert [one.agents for one in around(PUBLISHED, 2, 20)] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(("agents", "says"), [(12, "2 too few"), (14, "are the fewest"), (16, "2 more than")])
def test_the_answer_leads_to_a_decision(agents, says):
    assert says in str(advice(staffed(PUBLISHED, agents), Target(), 14))


@pytest.mark.parametrize("bad", [0, -1, math.inf, math.nan])
def test_what_cannot_be_is_refused(bad):
    for parts in ((bad, 30, 180), (100, bad, 180), (100, 30, bad)):
        with pytest.raises(UnusableCalls):
            Calls(calls=parts[0], minutes=parts[1], handling=parts[2])
    with pytest.raises(UnusablePatience):
        Calls(calls=1, minutes=1, handling=1, patience=bad)
    with pytest.raises(UnusableTarget):
        Target(bad)
    with pytest.raises(NoAgents):
        staffed(PUBLISHED, 0)
