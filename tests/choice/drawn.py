"""Choices drawn with known weights."""

import numpy as np

from telewave.choice.logit import Choices, shares, utilities


def drawn(seed, n=1_000, m=5, weights=(1.0, -0.5, 0.3), spread=0.0, groups=1, closed=0.3, scale=1.0):
    """Choices by the model itself, and the weights of each class; `spread`: standard deviation of what a class adds."""
    rng = np.random.default_rng(seed)
    k = len(weights)
    terms = rng.normal(size=(n, m, k))
    open_to = rng.random((n, m)) > closed
    open_to[:, 0] = True
    open_to[:, 1] = True
    group = rng.integers(0, groups, n)
    of_class = np.array(weights) + spread * rng.normal(size=(groups, k))
    taken = takers(rng, shares(utilities(terms, group, of_class), open_to))
    return Choices(terms=terms * scale, open=open_to, taken=taken, group=group, groups=groups), of_class


def takers(rng, chances):
    """One alternative a row, by its chances."""
    found = (chances.cumsum(1) < rng.random((len(chances), 1))).sum(1)
    return np.minimum(found, chances.shape[1] - 1).astype(np.int64)
