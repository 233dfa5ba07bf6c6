"""The hierarchical logit: against integration by brute force, and by what it finds again."""

import numpy as np
import pytest
from scipy.special import expit, logit
from scipy.stats import norm

from telewave.funnel.assumptions import BELIEFS, Belief, belief, chain_belief, whole_belief
from telewave.funnel.pooling import SCALE, SPREADS, Counts, pooled
from telewave.funnel.steps import CHANNELS, STEPS, Family, Step
from telewave.kernel import Label


def beliefs(chances, width=0.4):
    made = {"family": Family.CALL, "step": Step.WILLING, "reason": Label("", "")}
    return [Belief(group="", chance=c, low=c * (1 - width), high=c * (1 + width), **made) for c in chances]


def counts(cell, n, yes, x=None):
    x = np.zeros((len(cell), 0)) if x is None else np.asarray(x, dtype=float)[:, None]
    return Counts(cell=np.array(cell), n=np.array(n, float), yes=np.array(yes, float), x=x)


def integrated(yes, n, prior, common):
    """Mean and quantiles of both cells' chances, by a grid over a, u_1, u_2 and tau: nothing is taken as normal."""
    a = np.linspace(-9, 9, 241) * np.sqrt(common)
    z = np.linspace(-4.5, 4.5, 181)
    mass, chances = [], []
    for tau in SPREADS:
        weight = tau**2 * np.exp(-((tau / SCALE) ** 2) / 2)  # Rayleigh, on an even grid of log tau
        logits = [logit(m) + a[:, None] + tau * z for m in prior]
        likely = [
            k * np.log(expit(e)) + (m - k) * np.log(expit(-e)) - z**2 / 2
            for e, k, m in zip(logits, yes, n, strict=True)
        ]
        inside = [np.exp(one).sum(axis=1) for one in likely]
        mass.append(
            [
                weight * np.exp(-(a**2) / common / 2)[:, None] * np.exp(likely[c]) * inside[1 - c][:, None]
                for c in (0, 1)
            ]
        )
        chances.append([expit(one) for one in logits])
    found = []
    for c in (0, 1):
        value = np.concatenate([one[c].ravel() for one in chances])
        weight = np.concatenate([one[c].ravel() for one in mass])
        order = np.argsort(value)
        share = np.cumsum(weight[order]) / weight.sum()
        found.append(
            (
                value @ weight / weight.sum(),
                *(value[order][np.searchsorted(share, q)] for q in (0.025, 0.975)),
            )
        )
    return np.array(found)


@pytest.mark.parametrize(("yes", "n"), [((12, 30), (100, 150)), ((2, 9), (60, 400)), ((0, 3), (40, 50))])
def test_two_cells_agree_with_integration_by_brute_force(yes, n):
    prior = beliefs([0.1, 0.2])
    weakest = min(prior, key=lambda one: one.weight)
    common = 1 / (weakest.weight * weakest.chance * (1 - weakest.chance))
    made = pooled(counts([0, 1], n, yes), prior)
    expected = integrated(yes, n, [0.1, 0.2], common)
    found = np.column_stack([made.chance, made.low, made.high])
    assert found == pytest.approx(expected, rel=0.015)


def test_many_records_outweigh_any_belief_and_none_leave_it():
    made = pooled(counts([0], [100_000], [40_000]), beliefs([0.1]))
    assert made.chance[0] == pytest.approx(0.4, abs=0.01)
    empty = pooled(counts([0], [1e-9], [0]), beliefs([0.1]))
    assert empty.chance[0] == pytest.approx(0.1, rel=0.25)
    assert empty.low[0] < 0.1 < empty.high[0]


def test_a_cell_without_records_leans_on_the_others_and_is_less_sure():
    made = pooled(counts([0, 1, 2], [4000] * 3, [800, 820, 790]), beliefs([0.1] * 4))
    assert made.records.tolist() == [4000, 4000, 4000, 0]
    assert 0.15 < made.chance[3] < 0.25
    assert made.high[3] - made.low[3] > 2 * (made.high[0] - made.low[0])


def test_few_records_are_drawn_towards_the_cells_beside_them():
    made = pooled(counts([0, 1, 2, 3], [5000, 5000, 5000, 10], [500, 520, 480, 5]), beliefs([0.1] * 4))
    assert 0.1 < made.chance[3] < 0.3


def test_a_covariate_s_spread_does_not_move_the_cell_s_mean_chance():
    x = np.linspace(-2, 2, 20)
    chance = expit(-3 + 1.2 * x)
    n = np.full(20, 50_000.0)
    made = pooled(counts([0] * 20, n, n * chance, x), beliefs([0.1]))
    assert made.chance[0] == pytest.approx(chance.mean(), rel=0.02)


def recovered(world, seed, cells=12):
    """How many of a drawn world's cells lie within their intervals. The shift that its cells share is taken evenly from
    its distribution over the seeds, or forty draws of it would decide.
    """
    tau, base, most = WORLDS[world]
    lot = np.random.default_rng([world, seed])
    shift = 0.235 * norm.ppf((seed + 0.5) / SEEDS)
    prior = beliefs([base * (1 + 0.4 * (k % 3)) for k in range(cells)])
    truth = logit([one.chance for one in prior]) + shift + lot.normal(0, tau, cells)
    x = np.linspace(-1.5, 1.5, 8)
    cell = np.repeat(np.arange(cells), 8)
    n = np.repeat(lot.integers(1, most, cells), 8)
    p = expit(truth[:, None] + 0.5 * x)
    made = pooled(counts(cell, n, lot.binomial(n, p.ravel()), np.tile(x, cells)), prior)
    return ((made.low <= p.mean(axis=1)) & (p.mean(axis=1) <= made.high)).sum()


SEEDS = 40
WORLDS = [(0.3, 0.1, 50), (0.6, 0.1, 50), (0.5, 0.02, 200), (0.5, 0.4, 20)]
"""How much cells differ, how rare the step is, most records of a cell's eight rows."""


@pytest.mark.prove
def test_intervals_of_cells_hold_the_truth_as_often_as_they_say():
    found = [sum(recovered(k, seed) for seed in range(SEEDS)) / (SEEDS * 12) for k in range(len(WORLDS))]
    assert 0.93 <= min(found) <= max(found) <= 0.97, found


def test_beliefs_give_the_levels_of_the_case():
    assert 0.02 <= whole_belief("outbound_call", "core").chance / 0.5 <= 0.04
    assert 0.008 <= whole_belief("outbound_call", "normal").chance / 0.5 <= 0.015
    assert 0.001 <= whole_belief("outbound_call", "basic").chance / 0.5 <= 0.003
    assert 0.03 <= whole_belief("hall", "core").chance / belief("hall", "core", Step.VISITED).chance <= 0.06
    for group in ("core", "normal", "basic"):
        assert 0.0003 <= whole_belief("sms", group).chance <= 0.003


def test_every_step_of_every_channel_has_a_belief_within_its_range():
    for channel, family in CHANNELS.items():
        for group in ("core", "normal", "basic", "any", "unheard of"):
            for step in STEPS[family]:
                one = belief(channel, group, step)
                assert one.low < one.chance < one.high
    assert all(1 < one.weight <= 200 for one in BELIEFS)


def test_steps_not_recorded_are_believed_together():
    both = chain_belief("outbound_call", "core", (Step.LISTENS, Step.WILLING))
    assert both.chance == pytest.approx(0.06)
    assert both.low < both.chance < both.high
