"""The conditional logit against finite differences, closed forms and its own draws."""

import numpy as np
import pytest
from tests.choice.drawn import drawn

from telewave.choice import logit
from telewave.choice.logit import Choices, Prior, fit, shares, utilities


def log_posterior(choices, prior, common, added):
    """By its definition, in terms of spread 1."""
    scale = logit.spreads(choices)
    chance = shares(utilities(choices.terms / scale, choices.group, common + added), choices.open)
    told = np.log(chance[np.arange(choices.size), choices.taken]).sum()
    return told - (common**2 / prior.common).sum() / 2 - (added**2 / prior.by_class).sum() / 2


def test_at_the_weights_found_the_posterior_is_flat_in_every_direction_and_its_curvature_gives_the_errors():
    choices, _ = drawn(1, n=300, groups=2, spread=0.3)
    prior = Prior(common=np.full(3, 4.0), by_class=np.full(3, 0.2))
    found = fit(choices, prior)
    scale = found.scale
    start = np.concatenate([found.weights * scale, ((found.of_class - found.weights) * scale).ravel()])

    def value(theta):
        return log_posterior(choices, prior, theta[:3], theta[3:].reshape(2, 3))

    step, size = 1e-4, len(start)
    ways = np.eye(size) * step
    slopes = np.array([value(start + way) - value(start - way) for way in ways]) / (2 * step)
    assert np.abs(slopes).max() < 1e-3
    curve = np.array([[value(start + a + b) - value(start + a - b) - value(start - a + b) + value(start - a - b)
                       for b in ways] for a in ways]) / (4 * step**2)  # fmt: skip
    covariance = np.linalg.inv(-curve)
    np.testing.assert_allclose(found.errors * scale, np.sqrt(np.diag(covariance)[:3]), rtol=1e-3)
    both = np.hstack([np.eye(3), np.eye(3), np.zeros((3, 3))])
    np.testing.assert_allclose(
        found.covariance_of_class[0] * np.outer(scale, scale),
        both @ covariance @ both.T,
        rtol=2e-3,
        atol=1e-6,
    )


def test_constants_alone_give_the_shares_of_the_market():
    rng = np.random.default_rng(2)
    taken = rng.choice(3, 500, p=[0.6, 0.3, 0.1])
    constants = np.tile(np.vstack([np.zeros(2), np.eye(2)]), (500, 1, 1))
    choices = Choices(
        terms=constants, open=np.ones((500, 3), bool), taken=taken, group=np.zeros(500, int), groups=1
    )
    found = fit(choices, Prior(common=np.full(2, 1e12), by_class=np.zeros(2)))
    chance = shares(utilities(constants, choices.group, found.of_class), choices.open)[0]
    np.testing.assert_allclose(chance, np.bincount(taken) / 500, atol=1e-7)


def test_of_one_alternative_alone_nothing_is_learnt():
    alone = Choices(terms=np.ones((4, 1, 2)), open=np.ones((4, 1), bool), taken=np.zeros(4, int),
                    group=np.zeros(4, int), groups=1)  # fmt: skip
    found = fit(alone)
    assert (found.weights == 0).all()
    assert found.log_likelihood == 0


@pytest.mark.parametrize("scale", [1e-7, 1e6])
def test_units_change_nothing_but_the_unit_of_the_weight(scale):
    plain, scaled = (fit(drawn(3, n=400, scale=s)[0]) for s in (1.0, scale))
    np.testing.assert_allclose(scaled.weights * scale, plain.weights, rtol=1e-6)
    assert scaled.log_likelihood == pytest.approx(plain.log_likelihood)


def test_rows_in_blocks_give_the_same(monkeypatch):
    choices, _ = drawn(4, n=200, groups=3, spread=0.2)
    prior = Prior(common=np.full(3, 100.0), by_class=np.full(3, 0.1))
    whole = fit(choices, prior)
    monkeypatch.setattr(logit, "CELLS_AT_ONCE", 100)
    np.testing.assert_allclose(fit(choices, prior).of_class, whole.of_class, rtol=1e-9)


def test_a_term_that_tells_every_choice_is_called_separated_and_its_weight_stays_finite():
    choices, _ = drawn(5, n=300)
    first = np.where(choices.open, choices.terms[..., 0], -np.inf)
    certain = Choices(
        terms=choices.terms, open=choices.open, taken=first.argmax(1), group=choices.group, groups=1
    )
    found = fit(certain)
    assert found.separated == (0,)
    assert np.isfinite(found.weights).all()
    assert fit(choices).separated == ()


def test_what_was_taken_must_have_been_open():
    with pytest.raises(ValueError, match="open"):
        Choices(terms=np.ones((1, 2, 1)), open=np.array([[True, False]]), taken=np.array([1]),
                group=np.array([0]), groups=1)  # fmt: skip


def test_known_weights_are_found_within_their_errors():
    choices, of_class = drawn(6, n=3_000)
    found = fit(choices)
    assert (np.abs(found.weights - of_class[0]) < 3 * found.errors).all()
    assert (found.errors < 0.06).all()


def test_classes_borrow_from_each_other_where_they_have_few_choices():
    choices, _ = drawn(7, n=400, groups=20)
    prior = Prior(common=np.full(3, 100.0), by_class=np.full(3, 0.02))
    alone = Prior(common=np.full(3, 100.0), by_class=np.full(3, 100.0))
    truth = np.array([1.0, -0.5, 0.3])
    assert (
        np.abs(fit(choices, prior).of_class - truth).mean()
        < np.abs(fit(choices, alone).of_class - truth).mean() / 2
    )


@pytest.mark.prove
def test_intervals_cover_the_truth_as_often_as_they_say():
    """40 seeds with 6 draws each: 3 common weights of one class, and 24 of eight classes that differ as the prior says."""
    common, of_classes = [], []
    for seed in range(240):
        choices, truth = drawn(seed, n=800)
        found = fit(choices)
        common += list(np.abs(found.weights - truth[0]) < 1.96 * found.errors)
        choices, truth = drawn(1_000 + seed, n=2_400, groups=8, spread=0.4)
        prior = Prior(common=np.full(3, 100.0), by_class=(0.4 * logit.spreads(choices)) ** 2)
        found = fit(choices, prior)
        of_classes += list((np.abs(found.of_class - truth) < 1.96 * found.errors_of_class).ravel())
    assert 0.93 <= np.mean(common) <= 0.97  # of 720
    assert 0.93 <= np.mean(of_classes) <= 0.97  # of 5 760
