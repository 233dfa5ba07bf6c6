"""Agents judged: low is told from unlucky, however often one looks."""

import numpy as np
import pytest
from scipy import stats
from tests.outbound.campaigns_of_agents import A_DAY, AGENTS, campaign, raw_ranking

from telewave.measurement.whose_success import RATIOS, evidence
from telewave.outbound.agents import Calls, Verdict, judged

LOW = (0, 1)


def alarms(seeds, verdict=Verdict.LOW, **more):
    """Of campaigns, how many have an alarm about somebody who is as good as the others."""
    wrong = 0
    for seed in seeds:
        found = judged(campaign(seed, **more), AGENTS)
        wrong += any(one.verdict is verdict and one.agent not in more.get("low", ()) for one in found)
    return wrong


def found_after(seed):
    """Answered calls of each low agent until he is called low; infinite: he never is."""
    found = {one.agent: one for one in judged(campaign(seed, low=LOW), AGENTS)}
    return [found[one].reached_then if found[one].verdict is Verdict.LOW else np.inf for one in LOW]


def test_agents_alike_are_not_called_low_though_their_lists_differ():
    assert alarms(range(20)) <= 2
    assert alarms(range(10), Verdict.AHEAD) <= 1


@pytest.mark.prove
def test_over_two_hundred_campaigns_alarms_stay_within_their_rate():
    assert alarms(range(200)) <= 10
    assert alarms(range(200), Verdict.AHEAD) <= 10
    assert alarms(range(200), low=LOW) <= 10


def test_low_agents_are_found_and_nobody_else():
    calls = campaign(3, low=LOW)
    assert {one.agent for one in judged(calls, AGENTS) if one.verdict is Verdict.LOW} == {*LOW}
    assert max(found_after(3)) < 60 * A_DAY / 2


@pytest.mark.prove
def test_low_agents_are_found_in_half_the_calls_after_which_the_raw_ranking_still_names_others():
    days, seeds = 60, range(1000, 1100)
    after = [calls for seed in seeds for calls in found_after(seed)]
    assert np.quantile(after, 0.9) <= days * A_DAY / 2
    named = [set(raw_ranking(campaign(seed, low=LOW), len(LOW))[:, -1]) == {*LOW} for seed in seeds]
    assert np.mean(named) < 0.8


def test_a_hard_list_is_no_fault_and_an_easy_one_hides_none():
    """Agent 0 calls only who seldom agrees, agent 1 only who mostly does, at half the others' success; the others both."""
    draw = np.random.default_rng(5)
    n, many = 40_000, 8
    agent, day = draw.integers(0, many, n), np.sort(draw.integers(0, 30, n))
    group = np.where(agent == 0, 1, np.where(agent == 1, 0, draw.integers(0, 2, n)))
    chance = np.array([0.3, 0.03])[group]
    success = draw.random(n) < chance * np.where(agent == 1, 0.5, 1.0)
    calls = Calls(agent=agent, day=day, group=group, expected=chance, success=success)
    found = {one.agent: one for one in judged(calls, many)}
    assert found[0].raw == min(one.raw for one in found.values())
    assert (found[0].verdict, found[1].verdict) == (Verdict.OPEN, Verdict.LOW)
    assert found[0].ratio.low < 1 < found[0].ratio.high + 0.15
    assert found[1].ratio.high < 0.8


def test_few_calls_are_drawn_towards_the_others():
    calls = campaign(7, low=LOW, days=10)
    mine = np.ones(len(calls.agent), bool)
    mine[np.flatnonzero(calls.agent == 2)[20:]] = False
    few = Calls(**{name: getattr(calls, name)[mine] for name in Calls.__slots__})
    found = {one.agent: one for one in judged(few, AGENTS)}
    assert abs(found[2].ratio.value - 1) < abs(found[2].successes / found[2].expected - 1)
    width = {one: found[one].ratio.high - found[one].ratio.low for one in (2, 3)}
    assert width[2] > width[3]
    assert sum(one.expected for one in found.values()) == pytest.approx(
        sum(one.successes for one in found.values())
    )


def test_the_level_of_what_the_plan_believes_of_a_group_does_not_matter():
    calls = campaign(4, low=LOW, days=20)
    times = np.array([3.0, 0.2, 11.0])[calls.group]
    other = Calls(
        **{n: getattr(calls, n) for n in Calls.__slots__ if n != "expected"}, expected=calls.expected * times
    )
    for one, same in zip(judged(calls, AGENTS), judged(other, AGENTS), strict=True):
        assert (one.agent, one.verdict, one.since) == (same.agent, same.verdict, same.since)
        assert one.expected == pytest.approx(same.expected)
        assert one.evidence == pytest.approx(same.evidence)


def test_the_martingale_has_mean_one_where_all_are_alike():
    """Of 6 successes of a cell, agent 0, of whom a quarter is expected, has as many as a binomial says."""
    q, t = 0.25, 6
    his = np.arange(t + 1.0)
    mean = 0.0
    for k, chance in zip(his, stats.binom.pmf(his, t, q), strict=True):
        won, hoped = np.array([[[k]], [[t - k]]]), np.array([[[q]], [[1 - q]]])
        mean += chance * evidence(won, hoped, RATIOS)[0, 0]
    assert mean == pytest.approx(1.0)
