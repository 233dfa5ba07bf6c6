"""Hours, agents and scripts: what was drawn is found again beside lists that were not alike."""

import numpy as np
import pytest
from scipy.special import expit

from telewave.funnel.conditions import Tried, differences


def calls(seed, agents=30, spread=0.4, n=15_000):
    """Calls of which the better agents got the worse lists; also each agent's skill, and the chance of each call."""
    lot = np.random.default_rng(seed)
    skill = lot.normal(0, spread, agents)
    agent, script, cell = lot.integers(0, agents, n), lot.integers(0, 3, n), lot.integers(0, 3, n)
    score = lot.normal(0, 1, n) - 1.5 * skill[agent] / max(spread, 0.1)
    base = np.array([-2.0, -1.5, -1.0])[cell] + 0.8 * score + np.array([0.0, 0.3, -0.2])[script]
    yes = (lot.random(n) < expit(base + skill[agent])).astype(float)
    levels = np.stack([agent, script])
    return Tried(cell=cell, score=score, n=np.ones(n), yes=yes, levels=levels), skill, base


def test_agents_are_told_apart_beyond_the_lists_they_were_given():
    tried, skill, base = calls(1)
    agents, scripts = differences(tried)
    truth = np.array([expit(base + one).mean() for one in skill])
    held = (agents.low <= truth) & (truth <= agents.high)
    assert held.mean() >= 0.85
    naive = np.bincount(tried.levels[0], tried.yes) / np.bincount(tried.levels[0])
    assert np.corrcoef(agents.chance, truth)[0, 1] > 0.9
    assert np.corrcoef(naive, truth)[0, 1] < 0.5, "their lists hide it"
    assert agents.spread[1] < skill.std() < agents.spread[2]
    assert scripts.chance.argmax() == 1
    assert agents.records.sum() == scripts.records.sum() == len(base)


def test_levels_that_do_not_differ_are_drawn_together():
    agents = differences(calls(2, spread=0.0)[0])[0]
    assert agents.spread[0] < 0.15
    assert np.ptp(agents.chance) < 0.03
    assert agents.usual == pytest.approx(agents.records @ agents.chance / agents.records.sum(), abs=0.01)


def test_records_alike_may_be_counted_together():
    tried, _, _ = calls(3, agents=4, n=3000)
    half = Tried(cell=tried.cell, score=np.zeros(3000), n=tried.n, yes=tried.yes, levels=tried.levels)
    keys, place = np.unique(np.vstack([tried.cell, tried.levels]), axis=1, return_inverse=True)
    place = place.ravel()
    together = Tried(
        cell=keys[0], score=np.zeros(keys.shape[1]), n=np.bincount(place).astype(float),
        yes=np.bincount(place, tried.yes), levels=keys[1:],
    )  # fmt: skip
    for one, other in zip(differences(half), differences(together), strict=True):
        assert one.chance == pytest.approx(other.chance, abs=1e-6)


@pytest.mark.prove
def test_intervals_of_levels_hold_the_truth_as_often_as_they_say():
    held = []
    for seed in range(40):
        tried, skill, base = calls(seed, agents=12, n=4000)
        found = differences(tried)[0]
        truth = np.array([expit(base + one - skill[tried.levels[0]].mean()).mean() for one in skill])
        held.append(((found.low <= truth) & (truth <= found.high)).mean())
    assert 0.92 <= np.mean(held) <= 0.98, np.mean(held)
