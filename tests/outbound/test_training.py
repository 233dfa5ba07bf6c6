"""What a training did is told against the others, with an interval that holds what is so."""

from dataclasses import replace

import numpy as np
import pytest
from tests.outbound.campaigns_of_agents import AGENTS, campaign

from telewave.kernel import Estimate, Inconclusive
from telewave.outbound.training import trained

CHOSEN = np.arange(AGENTS) < 4
DAY = 30


def trained_campaign(seed, effect):
    """Four low agents; from day 30 on they have `effect` times the success, and everybody half of it, for the season."""
    calls = campaign(seed, low=range(4), ratio=0.4)
    draw = np.random.default_rng(seed + 500)
    after = calls.day >= DAY
    kept = np.where(after, np.where(CHOSEN[calls.agent], 0.5 * effect, 0.5), 1.0)
    return replace(calls, success=calls.success & (draw.random(len(kept)) < kept))


@pytest.mark.parametrize("effect", [1.0, 1.8, 0.5])
def test_the_interval_holds_the_truth_whatever_the_season_does(effect):
    found = [trained(trained_campaign(seed, effect), CHOSEN, DAY).change for seed in range(20)]
    assert all(isinstance(one, Estimate) for one in found)
    assert sum(one.low <= effect <= one.high for one in found) >= 17
    assert np.mean([np.log(one.value) for one in found]) == pytest.approx(np.log(effect), abs=0.07)


def test_too_few_successes_tell_nothing():
    calls = campaign(1, low=(0,), days=4)
    found = trained(calls, np.arange(AGENTS) == 0, 3)
    assert isinstance(found.change, Inconclusive)
    nobody = trained(calls, CHOSEN, 99)
    assert (nobody.after.reached, nobody.after.ratio) == (0, None)
    assert isinstance(nobody.change, Inconclusive)


def test_calls_of_groups_that_the_others_do_not_call_do_not_count():
    calls = campaign(2, low=(0,))
    others_call = (calls.agent == 0) | (calls.group != 2)
    some = type(calls)(**{name: getattr(calls, name)[others_call] for name in type(calls).__slots__})
    found = trained(some, np.arange(AGENTS) == 0, DAY)
    counted = (some.agent == 0) & (some.group != 2)
    assert found.before.reached + found.after.reached == counted.sum()
